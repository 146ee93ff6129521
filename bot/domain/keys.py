"""Keys as people read them, where nothing but the key is known."""

from __future__ import annotations

import re


def in_words(key: str) -> str:
    """A key in words: ``training-material`` as ``Training material``; anything else stays as it is."""
    if not re.fullmatch(r"[^\W_]+(?:[-_][^\W_]+)*", key) or key != key.lower():
        return key
    words = re.sub("[-_]", " ", key)
    return words[:1].upper() + words[1:]


# What people, and their keyboards, put around a name of several words; one name may stand in apostrophes of its own.
_QUOTES = str.maketrans({**dict.fromkeys('"“”„«»`'), "‘": "'", "’": "'"})


def unquoted(text: str) -> str:
    """A text without quotation marks, on one line; apostrophes stay inside it."""
    return " ".join(text.translate(_QUOTES).split()).strip("'")


def folded(name: str) -> str:
    """A name or key as it is compared with what somebody types: without quotation marks, and capitals do not count."""
    return unquoted(name).casefold()
