"""The dialog in which an owner lets a colleague answer once, or takes that back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.quarter import Quarter
from bot.flow.forms import LendForm
from bot.flow.messages import ItemRef
from bot.slack.blocks import Block, button, clip, context, metadata_of, modal, section
from bot.slack.forms.fields import Fields, salt_of
from bot.slack.forms.filled import Filled
from bot.slack.forms.questions import Question
from bot.slack.ids import Action, View
from bot.slack.voice import one_line
from bot.slack.words import Words

_SALT = "lend"
_NAME = 40  # characters of an item's title beside its project's in an option; Slack: 75 for both
_MOST_WAITING = 20  # of the requests that wait; Slack: 100 blocks


@dataclass(frozen=True, slots=True)
class Asked:
    """What came back: who is to answer what (a Slack id); `comment` may be empty."""

    ref: ItemRef
    person: str
    comment: str


def build(form: LendForm, words: Words, *, taken_back: str = "") -> Block:
    """The dialog; it asks which item only where there are several. `taken_back` is what was just taken back."""
    blocks = [context(words.say("lend/taken-back.j2", item=one_line(taken_back)))] if taken_back else []
    for lent in form.lent[:_MOST_WAITING]:
        text = words.say("lend/waiting.j2", item=one_line(lent.title, 100), person=one_line(lent.colleague, 60))
        label = f"{words.label('take-back')}: {one_line(lent.title, 60)}"
        back = button(words.label("take-back"), Action.TAKE_BACK_LENT, value=str(lent.number), label=label)
        blocks.append(section(text, accessory=back))
    asked = _fields(form, words) if form.items else []
    return modal(
        words.label("lend-title"),
        [*blocks, *asked],
        callback_id=View.LEND,
        submit=words.label("send") if asked else None,
        close=words.label("cancel" if asked else "close"),
        metadata={"quarter": str(form.quarter), "only": _mark(form.items[0][0]) if len(form.items) == 1 else ""},
    )


def quarter_of(view: Mapping[str, Any]) -> Quarter:
    """The quarter that the dialog was opened in."""
    return Quarter.parse(metadata_of(view)["quarter"])


def read(view: Mapping[str, Any], form: LendForm, words: Words) -> Asked:
    """What came back. Raises InvalidInput for an item that cannot be let to anybody any more."""
    filled = Filled(view, words)
    chosen = metadata_of(view)["only"] or filled.text("item")
    ref = next((ref for ref, _, _ in form.items if _mark(ref) == chosen), None)
    person = filled.text("person")
    if ref is None:
        filled.refuse_as("item" if filled.is_shown("item") else "person", "not-offered")
    filled.check()
    return Asked(ref or form.items[0][0], person or "", filled.text("comment") or "")


def _fields(form: LendForm, words: Words) -> list[Block]:
    fields = Fields(words, _SALT)
    choices = _choices(form) if len(form.items) > 1 else {}
    _, item, project = form.items[0] if not choices else (None, "", "")
    head = words.say("lend/head.j2", item=one_line(item), project=one_line(project), quarter=form.quarter_label)
    which = Question("item", words.label("which-item"), "choice", required=True)
    to_whom = Question("person", words.label("lend-to"), "person", required=True)
    comment = Question("comment", words.label("comment"), "long text")
    return [section(head), *fields.ask(which, choices=choices), *fields.ask(to_whom), *fields.ask(comment)]


def _choices(form: LendForm) -> dict[str, str]:
    has_several = len({project for _, _, project in form.items}) > 1
    return {
        _mark(ref): f"{clip(title, _NAME)} · {project}" if has_several else title for ref, title, project in form.items
    }


def _mark(ref: ItemRef) -> str:
    """A short mark of an item: its keys may be longer than an option's value."""
    return salt_of(ref.project, ref.milestone)
