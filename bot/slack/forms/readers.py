"""The dialogs of readers: a question about a report, and a leader's word on a decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.domain.update import Verdict
from bot.flow.forms import AskForm, RulingForm, Said
from bot.flow.messages import DecisionRef, ItemRef
from bot.slack.blocks import Block, clip, metadata_of, modal, section
from bot.slack.card import item_of, item_value
from bot.slack.forms.fields import Fields, salt_of
from bot.slack.forms.filled import Filled
from bot.slack.forms.questions import Question
from bot.slack.ids import View
from bot.slack.post.decisions import LABEL_OF, decision_of, decision_value
from bot.slack.voice import one_line
from bot.slack.words import Words

_SALT = "reader"
_WHOLE = "*"  # the choice of the project as a whole; no milestone's key is written so
_MOST_CHOICES = 100  # Slack: options of one select
_OPTION, _CHOSEN = 70, 140  # Slack: 75 characters of an option's text, 150 of its value


def build_ask(form: AskForm, words: Words) -> Block:
    """The dialog for a question; it asks what it is about where there are several milestones."""
    fields = Fields(words, _SALT)
    about = Question("about", words.label("question-about"), "choice", required=True)
    question = Question("text", words.label("question"), "long text", required=True)
    lead = words.say("reader/ask.j2", project=one_line(form.project_name), quarter=form.quarter_label)
    choices = {_WHOLE: words.label("whole-project")} | {
        salt_of(key): clip(name, _OPTION) for key, name in form.milestones
    }
    return modal(
        words.label("ask-question"),
        [section(lead), *fields.ask(about, _WHOLE, choices=choices), *fields.ask(question)],
        callback_id=View.ASK_QUESTION,
        submit=words.label("send"),
        close=words.label("cancel"),
        metadata={"item": item_value(form.ref)},
    )


def asked_about(view: Mapping[str, Any]) -> ItemRef:
    """The report that the dialog was opened from."""
    return item_of(metadata_of(view)["item"])


def read_ask(view: Mapping[str, Any], form: AskForm, words: Words) -> tuple[ItemRef, str]:
    """What the question is about, and its words. Raises InvalidInput for blanks."""
    filled = Filled(view, words)
    chosen, text = filled.text("about"), filled.text("text") or ""
    filled.check()
    milestone = next((key for key, _ in form.milestones if salt_of(key) == chosen), "")
    return replace(form.ref, milestone=milestone), text


def build_ruling(form: RulingForm, words: Words) -> Block:
    """The dialog for a leader's word; a comment is asked for unless it is an approval."""
    fields = Fields(words, _SALT)
    is_approval = form.verdict is Verdict.APPROVED
    comment = Question("comment", words.label("comment"), "long text", required=not is_approval)
    option = Question("option", words.label("option"), "choice", required=True)
    choices = _options(form) if is_approval else {}
    lead = words.say(
        "reader/ruling.j2",
        project=one_line(form.report.project_name),
        quarter=form.report.quarter_label,
        what=one_line(form.decision.what, 900),
        verdict=form.verdict.value,
    )
    label = words.label(LABEL_OF[form.verdict])
    return modal(
        label,
        [section(lead), *fields.ask(option, choices=choices), *fields.ask(comment)],
        callback_id=View.RULING,
        submit=label,
        close=words.label("cancel"),
        metadata={"decision": decision_value(form.ref), "verdict": form.verdict.value},
    )


def read_ruling(view: Mapping[str, Any], words: Words) -> tuple[DecisionRef, Said]:
    """The decision, and a leader's word on it. Raises InvalidInput where a comment or an option is missing."""
    metadata = metadata_of(view)
    filled = Filled(view, words)
    said = Said(Verdict(metadata["verdict"]), filled.text("comment"), filled.text("option"))
    filled.check()
    return decision_of(metadata["decision"]), said


def _options(form: RulingForm) -> dict[str, str]:
    """Each option as it is kept, with what the select shows of it."""
    return {clip(option, _CHOSEN): clip(option, _OPTION) for option in form.decision.options[:_MOST_CHOICES]}
