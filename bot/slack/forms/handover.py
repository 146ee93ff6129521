"""The dialog in which an owner hands a milestone over, or says that it is not theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.quarter import Quarter
from bot.flow.forms import HandoverForm
from bot.flow.messages import ItemRef
from bot.slack.blocks import Block, clip, metadata_of, modal, section
from bot.slack.forms.fields import Fields, salt_of
from bot.slack.forms.filled import Filled
from bot.slack.forms.questions import Question
from bot.slack.ids import View
from bot.slack.voice import one_line
from bot.slack.words import Words

_SALT = "handover"
_NAME = 40  # characters of a milestone's name beside its project's in an option; Slack: 75 for both


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What came back: to whom (a Slack id), or None where it is simply not theirs; `comment` may be empty."""

    ref: ItemRef
    person: str | None
    comment: str


def build(form: HandoverForm, words: Words) -> Block:
    """The dialog; it asks which milestone only where there are several."""
    fields = Fields(words, _SALT)
    choices = _choices(form) if len(form.milestones) > 1 else {}
    which = Question("milestone", words.label("which-milestone"), "choice", required=True)
    to_whom = Question("person", words.label("hand-over-to"), "person", hint=words.say_plain("handover/hint.j2"))
    comment = Question("comment", words.label("comment"), "long text")
    return modal(
        words.label("hand-over"),
        [
            section(_head(form, words)),
            *fields.ask(which, choices=choices),
            *fields.ask(to_whom),
            *fields.ask(comment),
        ],
        callback_id=View.HAND_OVER,
        submit=words.label("send"),
        close=words.label("cancel"),
        metadata={"quarter": str(form.quarter), "only": "" if choices else _mark(form.milestones[0][0])},
    )


def quarter_of(view: Mapping[str, Any]) -> Quarter:
    """The quarter that the dialog was opened in."""
    return Quarter.parse(metadata_of(view)["quarter"])


def read(view: Mapping[str, Any], form: HandoverForm, words: Words) -> HandedOver:
    """What came back. Raises InvalidInput for a milestone that is no longer this person's."""
    filled = Filled(view, words)
    chosen = metadata_of(view)["only"] or filled.text("milestone")
    ref = next((ref for ref, _, _ in form.milestones if _mark(ref) == chosen), None)
    if ref is None:
        filled.refuse_as("milestone" if filled.is_shown("milestone") else "person", "not-offered")
    filled.check()
    return HandedOver(ref or form.milestones[0][0], filled.text("person"), filled.text("comment") or "")


def _head(form: HandoverForm, words: Words) -> str:
    _, milestone, project = form.milestones[0] if len(form.milestones) == 1 else (None, "", "")
    return words.say(
        "handover/head.j2", milestone=one_line(milestone), project=one_line(project), quarter=form.quarter_label
    )


def _choices(form: HandoverForm) -> dict[str, str]:
    has_several = len({project for _, _, project in form.milestones}) > 1
    return {
        _mark(ref): f"{clip(name, _NAME)} · {project}" if has_several else name
        for ref, name, project in form.milestones
    }


def _mark(ref: ItemRef) -> str:
    """A short mark of a milestone: its keys may be longer than an option's value."""
    return salt_of(ref.project, ref.milestone)
