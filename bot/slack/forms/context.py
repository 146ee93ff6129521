"""What an owner's dialog knows of itself, kept in the view: whose item, how far "Update all" is, and what comes next."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.domain.quarter import Quarter
from bot.flow.messages import ItemRef, MilestoneForm, ResourcesForm
from bot.slack.blocks import metadata_of
from bot.slack.words import Words

T = TypeVar("T")

METADATA_ROOM = 2700  # characters for the keys in a view's metadata; Slack: 3,000 for all of it


@dataclass(frozen=True, slots=True)
class Context:
    """What an owner's dialog knows of itself."""

    ref: ItemRef
    position: tuple[int, int] | None
    queue: tuple[ItemRef, ...]
    seen_version: int


def context_of(view: Mapping[str, Any]) -> Context:
    """What the dialog that came back knows of itself."""
    metadata = metadata_of(view)
    return Context(
        ref=_ref(metadata["ref"]),
        position=tuple(metadata["pos"]) if metadata.get("pos") else None,
        queue=tuple(map(_ref, metadata.get("queue", ()))),
        seen_version=metadata.get("seen", 0),
    )


def context_metadata(form: MilestoneForm | ResourcesForm) -> dict[str, object]:
    """The ids of a dialog. A queue too long for Slack is cut: what is left is asked when "Update all" is pressed again."""
    placed = {"pos": list(form.position)} if form.position else {}
    ref, *queue = fitting(map(_list, (form.ref, *form.queue)), METADATA_ROOM)
    return {"ref": ref, "queue": queue, "seen": form.seen_version, **placed}


def title_of(form: MilestoneForm | ResourcesForm, otherwise: str, words: Words) -> str:
    """The dialog's title: how far "Update all" is, else the one given."""
    if form.position is None:
        return otherwise
    return words.say_plain("dialogs/position.j2", position=form.position[0], total=form.position[1])


def fitting(items: Iterable[T], room: int) -> list[T]:
    """The first items whose JSON takes at most so many characters."""
    kept: list[T] = []
    for item in items:
        room -= len(json.dumps(item)) + 1
        if room < 0:
            break
        kept.append(item)
    return kept


def _list(ref: ItemRef) -> list[str]:
    return [ref.project, str(ref.quarter), ref.milestone]


def _ref(parts: Sequence[str]) -> ItemRef:
    return ItemRef(parts[0], Quarter.parse(parts[1]), parts[2])
