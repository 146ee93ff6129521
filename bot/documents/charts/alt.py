"""A chart in words, as long as Slack lets the words beside an uploaded picture be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

LONGEST = 1000  # characters: Slack's limit for the alt_txt of an upload
_NAME = 60

T = TypeVar("T")


def fitting(say: Callable[[Sequence[T]], str], things: Sequence[T]) -> str:
    """What `say` says of as many of the things, from the first on, as fit."""
    for count in range(len(things), 0, -1):
        text = say(things[:count])
        if len(text) <= LONGEST:
            return text
    return say(())[:LONGEST]


def short(name: str) -> str:
    """A name on one line that leaves room for others."""
    whole = " ".join(name.split())
    return whole if len(whole) <= _NAME else f"{whole[: _NAME - 1].rstrip()}…"
