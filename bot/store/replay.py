"""Replay: what stands of all that was said in a quarter, played in its order.

A later version takes its item's place, an answer settles the return of its milestone, and a manager's choice about a late
answer puts an earlier version back or the newest one in again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol, TypeVar

from bot.domain.update import LateChoice
from bot.store import codec

RETURN = "return"
_LATE = "late-"


class Said(Protocol):
    """One version of one item."""

    @property
    def kind(self) -> Any:
        """What it is: an answer of some kind, or a manager's remark about one."""

    @property
    def item_key(self) -> Any:
        """The item's key; empty for resources and the summary."""

    @property
    def version(self) -> Any:
        """1 for the first."""

    @property
    def body(self) -> Any:
        """The value as JSON."""


S = TypeVar("S", bound=Said)

Item = tuple[str, str]  # kind and key


def late(kind: str) -> str:
    """The kind of a choice about late answers of some kind."""
    return f"{_LATE}{kind}"


def standing(said: Iterable[S], *, with_left: bool = False) -> dict[Item, S]:
    """What stands of each item, in the order in which they were first given; `with_left`: late answers left out too."""
    found: dict[Item, S] = {}
    versions: dict[Item, list[S]] = {}
    for row in said:
        if row.kind.startswith(_LATE):
            if not with_left:
                _choose(found, versions, (row.kind.removeprefix(_LATE), row.item_key), row)
            continue
        item = (row.kind, row.item_key)
        versions.setdefault(item, []).append(row)
        found[item] = row
        if row.kind == "milestone" or (row.kind == RETURN and not row.body.get("comment")):
            found.pop((RETURN, row.item_key), None)
    return found


def _choose(found: dict[Item, S], versions: dict[Item, list[S]], item: Item, row: S) -> None:
    """Let the version of an item stand that a manager chose; none where there was none before it."""
    choice = codec.load(LateChoice, row.body)
    given = versions.get(item, [])
    if not choice.is_left:
        found[item] = given[-1]
    elif earlier := [version for version in given if version.version == choice.instead]:
        found[item] = earlier[0]
    else:
        found.pop(item, None)
