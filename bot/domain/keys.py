"""Keys as people read them, where nothing but the key is known."""

from __future__ import annotations

import re


def in_words(key: str) -> str:
    """A key in words: ``training-material`` as ``Training material``; anything else stays as it is."""
    if not re.fullmatch(r"[^\W_]+(?:[-_][^\W_]+)*", key) or key != key.lower():
        return key
    words = re.sub("[-_]", " ", key)
    return words[:1].upper() + words[1:]
