"""What an owner's dialog knows of itself, kept in the view: whose item, how far "Update all" is, and what comes next."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.domain.quarter import Quarter
from bot.flow.forms import MilestoneForm, ResourcesForm, Walk
from bot.flow.messages import ItemRef
from bot.slack.blocks import Block, actions, button, metadata_of
from bot.slack.ids import Action
from bot.slack.words import Words

T = TypeVar("T")

METADATA_ROOM = 2700  # characters for the keys in a view's metadata; Slack: 3,000 for all of it
_AHEAD_ROOM = 1800  # of them for what "Update all" opens next; the rest is for the way back


@dataclass(frozen=True, slots=True)
class Context:
    """What an owner's dialog knows of itself; `locale` is the one it was shown in, None for one that is to be built."""

    ref: ItemRef
    walk: Walk | None
    seen_version: int
    locale: str | None = None


def context_of(view: Mapping[str, Any]) -> Context:
    """What the dialog that came back knows of itself."""
    return context_in(metadata_of(view))


def context_in(metadata: Mapping[str, Any]) -> Context:
    """The same from a dialog's metadata alone."""
    return Context(
        ref=_ref(metadata["ref"]),
        walk=_walk(metadata) if metadata.get("pos") else None,
        seen_version=metadata.get("seen", 0),
        locale=metadata.get("locale"),
    )


def context_metadata(form: MilestoneForm | ResourcesForm) -> dict[str, object]:
    """The ids of a dialog, and those of the walk that lie nearest to it, as many as fit.

    Of a walk too long for Slack the rest is asked when "Update all" is pressed again.
    """
    known: dict[str, object] = {"ref": _list(form.ref), "seen": form.seen_version, "locale": form.locale}
    if form.walk is None:
        return known
    after = fitting((_beside(form.ref, ref) for ref in form.walk.after), _AHEAD_ROOM)
    room = METADATA_ROOM - len(json.dumps([known, after]))
    before = fitting((_beside(form.ref, ref) for ref in reversed(form.walk.before)), room)
    return known | {"pos": [form.walk.position, form.walk.total], "queue": after, "back": before[::-1]}


def steps(form: MilestoneForm | ResourcesForm, words: Words) -> list[Block]:
    """The buttons that lead to the neighbours of a dialog of "Update all", where it has any."""
    if form.walk is None:
        return []
    back = [button(words.label("back"), Action.STEP_BACK)] if form.walk.before else []
    skip = [button(words.label("skip"), Action.SKIP)] if form.walk.after else []
    return [actions(*back, *skip, block_id="steps")] if back or skip else []


def title_of(form: MilestoneForm | ResourcesForm, otherwise: str, words: Words) -> str:
    """The dialog's title: how far "Update all" is, else the one given."""
    if form.walk is None:
        return otherwise
    return words.say_plain("dialogs/position.j2", position=form.walk.position, total=form.walk.total)


def fitting(items: Iterable[T], room: int) -> list[T]:
    """The first items whose JSON takes at most so many characters."""
    kept: list[T] = []
    for item in items:
        room -= len(json.dumps(item)) + 1
        if room < 0:
            break
        kept.append(item)
    return kept


def _walk(metadata: Mapping[str, Any]) -> Walk:
    position, total = metadata["pos"]
    about = _ref(metadata["ref"])
    before, after = (tuple(_from(about, kept) for kept in metadata.get(name, ())) for name in ("back", "queue"))
    return Walk(position, total, before, after)


def _beside(about: ItemRef, ref: ItemRef) -> str | list[str]:
    """An item as it is kept in the dialog of another: by its key alone where both are of one project and quarter."""
    return ref.milestone if (ref.project, ref.quarter) == (about.project, about.quarter) else _list(ref)


def _from(about: ItemRef, kept: str | Sequence[str]) -> ItemRef:
    return ItemRef(about.project, about.quarter, kept) if isinstance(kept, str) else _ref(kept)


def _list(ref: ItemRef) -> list[str]:
    return [ref.project, str(ref.quarter), ref.milestone]


def _ref(parts: Sequence[str]) -> ItemRef:
    return ItemRef(parts[0], Quarter.parse(parts[1]), parts[2])
