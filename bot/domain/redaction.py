"""Redaction: a text without the names of somebody who is to be forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

NOBODY = "Someone who left"  # what is printed where a name stood


@dataclass(frozen=True)
class Redaction:
    """Takes one person out of texts.

    `refs` (Slack id, e-mail, handle) mean nobody else and become `by`, the ref that stays; `names` and `words` become
    `NOBODY`. A name of one word may be any word: it goes only where it is the whole text, unless it is one of `words`.
    """

    by: str
    refs: frozenset[str]
    names: frozenset[str]
    words: frozenset[str] = frozenset()

    def __call__(self, value: Any) -> Any:
        """A text, or JSON with every text in it, redacted; anything else as it is."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, dict):
            return {key: self(item) for key, item in value.items()}
        return [self(item) for item in value] if isinstance(value, list) else value

    def leaves(self, value: Any) -> bool:
        """Whether a part of a name still stands in a text or in JSON: a first name, which may be somebody else's."""
        if isinstance(value, dict):
            return any(map(self.leaves, value.values()))
        if isinstance(value, list):
            return any(map(self.leaves, value))
        return isinstance(value, str) and bool(self._parts and self._parts.search(value))

    @property
    def parts(self) -> list[str]:
        """The single words of the names, which are left where they stand alone."""
        gone = {word.casefold() for word in self.words}
        found = {part.casefold(): part for name in sorted(self.names, reverse=True) for part in name.split()}
        return sorted(part for folded, part in found.items() if len(part) > 1 and folded not in gone)

    def _text(self, text: str) -> str:
        if text.strip().casefold() in self._whole:
            return NOBODY
        text = self._mentions.sub(NOBODY, text)
        for pattern, put in ((self._refs, self.by), (self._names, NOBODY)):
            text = pattern.sub(put, text) if pattern else text
        return text

    @cached_property
    def _whole(self) -> frozenset[str]:
        return frozenset(name.casefold() for name in self.names)

    @cached_property
    def _mentions(self) -> re.Pattern[str]:
        """The person as Slack writes a mention."""
        accounts = "|".join(map(re.escape, sorted(self.refs))) or "(?!)"
        return re.compile(rf"<@(?:{accounts})(?:\|[^>]*)?>")

    @cached_property
    def _refs(self) -> re.Pattern[str] | None:
        return _any_of(map(re.escape, self.refs), before=r"[\w.@+-]", after=r"[\w-]")

    @cached_property
    def _names(self) -> re.Pattern[str] | None:
        full = {name for name in self.names if len(name.split()) > 1} | self.words
        return _any_of((r"\s+".join(map(re.escape, name.split())) for name in full), before=r"\w", after=r"\w")

    @cached_property
    def _parts(self) -> re.Pattern[str] | None:
        return _any_of(map(re.escape, self.parts), before=r"\w", after=r"\w")


def _any_of(patterns: Iterable[str], *, before: str, after: str) -> re.Pattern[str] | None:
    """Any of some patterns as a word of its own, the longest first; None where there are none."""
    longest_first = sorted(patterns, key=len, reverse=True)
    if not longest_first:
        return None
    return re.compile(rf"(?<!{before})(?:{'|'.join(longest_first)})(?!{after})", re.IGNORECASE)
