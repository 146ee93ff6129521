"""A text as sentences, read in one go: what is quoted in it, links and Markdown's marks are left out."""

from __future__ import annotations

import re
from collections.abc import Iterator

_LINK = re.compile(r"https?://\S+|\(https?://\S+")
_END = re.compile(r" (?<=[.!?…;] )")  # the space first: the engine skips to it
_TURN = re.compile(r" [–—-]+ |,? ?\b(?:but|however|although|though|whereas)\b", re.IGNORECASE)
_BULLET = re.compile(r"[\s\-–•✅✓]+|\d+[.)]\s+")


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text, each gap in them one space; quoted lines (``> …``) are left out.

    The time is linear in the text's length: no pattern here can look at a character more than a few times.
    """
    for line in plain(text).splitlines():
        bare = " ".join(line.split())
        if bare and not bare.startswith(">"):
            for part in _END.split(bare.lstrip("#")):
                bullet = _BULLET.match(part)
                yield part[bullet.end() :] if bullet else part


def clauses(sentence: str) -> Iterator[str]:
    """The parts of a sentence on either side of a dash or a "but"."""
    return map(str.strip, _TURN.split(sentence))


def is_question(sentence: str) -> bool:
    """Whether it asks and so claims nothing."""
    return sentence.endswith("?")


def plain(text: str) -> str:
    """A text or name without links and Markdown's marks, with straight apostrophes."""
    linkless = _LINK.sub("[link]", text) if "://" in text else text
    return linkless.replace("*", "").replace("`", "").replace("’", "'")
