"""The dialog in which one of several items is chosen, and with it what is added to its update."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.flow.messages import ItemRef, OwedItem
from bot.slack.blocks import Block, metadata_of, modal, section
from bot.slack.card import item_of, item_value
from bot.slack.forms.fields import Fields, focused
from bot.slack.forms.filled import Filled
from bot.slack.forms.questions import Question
from bot.slack.ids import View
from bot.slack.quoting import Addition
from bot.slack.words import Words

SALT = "pick"


@dataclass(frozen=True, slots=True)
class Picked:
    """The chosen item, what is to be added to it, and Slack's stamp of the shortcut that began it."""

    ref: ItemRef
    addition: Addition | None
    stamp: str


def build(items: Sequence[OwedItem], head: str, words: Words, *, stamp: str, addition: Addition | None = None) -> Block:
    """The choice among items, with the addition to be edited where there is one."""
    fields = Fields(words, SALT)
    offered = {item_value(item.ref): f"{item.title} · {item.project_name}" for item in items}
    which = Question("item", words.label("which-milestone"), "choice", required=True, choices=offered)
    note = Question("note", words.label("add-to-note"), "long text")
    evidence = Question("evidence", words.label("add-to-evidence"), "long text")
    blocks = [section(head), *fields.ask(which)]
    blocks += fields.ask(note, addition.note) if addition else []
    blocks += fields.ask(evidence, addition.evidence) if addition and addition.evidence else []
    return modal(
        words.label("add-to-update" if addition else "update"),
        focused(blocks),
        callback_id=View.PICK_ITEM,
        submit=words.label("continue"),
        close=words.label("cancel"),
        metadata={"stamp": stamp, "adds": addition is not None},
    )


def read(view: Mapping[str, Any], words: Words) -> Picked:
    """What was chosen. Raises InvalidInput where nothing was."""
    filled, metadata = Filled(view, words), metadata_of(view)
    chosen = filled.text("item")
    filled.check()
    addition = Addition(filled.text("note") or "", filled.lines("evidence")) if metadata["adds"] else None
    return Picked(item_of(chosen or ""), addition, metadata["stamp"])
