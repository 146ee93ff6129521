"""Answers after publication, as the review lists them: old → new, each to be taken into the next revision or left out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from bot.domain.attachment import Attachment
from bot.domain.update import Promise
from bot.flow.forms import LateChange, LateRef
from bot.slack.blocks import Block, actions, button, context, section
from bot.slack.ids import Action
from bot.slack.voice import Voice, listed, one_line
from bot.slack.words import Words

_MOST_CHANGES = 8  # two blocks each; as some are decided, others take their place
_MOST_FIELDS = 8
_MOST_NAMED = 5
_NAMES = {"recovery": "recovery plan", "forecast": "forecast date", "deliverables": "completed deliverables"}
_PIECE = 160  # characters of a text, old or new


def blocks(changes: Sequence[LateChange], revision: int, zone: str, voice: Voice) -> list[Block]:
    """The changes after the published `revision`; nothing where there are none."""
    if not changes:
        return []
    words, shown = voice.words, changes[:_MOST_CHANGES]
    undecided = [change for change in changes if change.is_left is None]
    head = words.say("review/late.j2", count=len(changes), undecided=len(undecided), revision=revision)
    take_all = button(words.label("late-take-all"), Action.LATE_TAKE_ALL) if undecided else None
    rest = len(changes) - len(shown)
    return [
        section(head, accessory=take_all),
        *(block for change in shown for block in _change(change, zone, voice)),
        *([context(words.say("review/late-rest.j2", unlisted=rest))] if rest else []),
    ]


def consequences(changes: Sequence[LateChange], words: Words) -> str:
    """What publishing does with them, in a sentence or two for the confirming view; empty where there are none."""
    named = {is_left: _names(changes, is_left=is_left) for is_left in (None, False, True)}
    if not changes:
        return ""
    return words.say("review/confirm-late.j2", undecided=named[None], taken=named[False], left=named[True])


def ref_value(ref: LateRef) -> str:
    """One version of an answer as the value of a button."""
    return json.dumps([ref.kind, ref.key, ref.version], separators=(",", ":"), ensure_ascii=False)


def ref_of(value: str) -> LateRef:
    """The version that `ref_value` wrote."""
    return LateRef(*json.loads(value))


def _names(changes: Sequence[LateChange], *, is_left: bool | None) -> str:
    return listed([one_line(change.title, 60) for change in changes if change.is_left is is_left], _MOST_NAMED)


def _change(change: LateChange, zone: str, voice: Voice) -> list[Block]:
    words, value = voice.words, ref_value(change.ref)
    text = words.say(
        "review/late-change.j2",
        title=one_line(change.title, 100),
        by=one_line(change.by, 60),
        day=voice.weekday(change.at, zone),
        time=voice.time(change.at, zone),
        is_new=change.is_new,
        is_confirmed=change.is_confirmed,
        lines=[_line(*difference, voice) for difference in change.changes[:_MOST_FIELDS]],
        unlisted=max(0, len(change.changes) - _MOST_FIELDS),
        state={None: "undecided", True: "left", False: "taken"}[change.is_left],
    )
    offered = {
        Action.LATE_TAKE: ("late-take", change.is_left is not False),
        Action.LATE_LEAVE: ("late-leave", not change.is_left),
    }
    return [
        section(text),
        actions(
            *(
                button(words.label(label), action, value=value, label=f"{words.label(label)}: {one_line(change.title)}")
                for action, (label, is_open) in offered.items()
                if is_open
            )
        ),
    ]


def _line(field: str, was: object, now: object, voice: Voice) -> tuple[str, str, str]:
    """A field's name in words, what was printed, and what was said since."""
    name = _NAMES.get(field, field.removeprefix("is_").replace("_", " "))
    is_percent = field.startswith("percent_")
    said = [
        voice.percent(value) if is_percent and isinstance(value, Decimal) else _said(value, voice)
        for value in (was, now)
    ]
    return name, said[0], said[1]


def _said(value: object, voice: Voice) -> str:
    """A field's value in a few words; a dash for none."""
    if value in (None, (), "", {}):
        return "–"
    match value:
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return voice.locale.number(value)
        case date():
            return voice.day(value)
        case Promise():
            return value.result.value
        case Attachment():
            return one_line(value.title or value.url, _PIECE)
        case Mapping():
            return one_line("; ".join(f"{key}: {_said(item, voice)}" for key, item in value.items()), _PIECE)
        case tuple():
            return one_line("; ".join(_said(item, voice) for item in value), _PIECE)
        case _:
            return one_line(str(value), _PIECE)
