"""The resources and budget dialog."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from bot.domain.errors import InvalidInput
from bot.domain.rules import Problem
from bot.domain.update import Resources
from bot.flow.messages import ItemRef, ResourcesForm
from bot.locales import Locale, UnreadableNumber
from bot.slack.blocks import Block, modal, section
from bot.slack.forms import fields
from bot.slack.forms.milestone import form_metadata
from bot.slack.forms.questions import Question, Questions
from bot.slack.ids import View
from bot.slack.words import Words

_NUMBERS = ("number", "percent", "money")


def build(form: ResourcesForm, words: Words, questions: Questions) -> Block:
    """The dialog, its fields filled with what the form holds."""
    salt = _salt(form.ref)
    blocks = [section(words.say("dialogs/resources.j2", form=form))]
    for question in questions.of("resources"):
        blocks += fields.text_field(question, _shown(question, form), name=question.key, salt=salt)
    title = words.label("budget-title")
    if form.position:
        title = words.say_plain("dialogs/position.j2", position=form.position[0], total=form.position[1])
    return modal(
        title,
        blocks,
        callback_id=View.RESOURCES,
        submit=words.label("send"),
        close=words.label("cancel"),
        metadata=form_metadata(form.ref, form.queue, form.position, form.seen_version),
    )


def read(view: Mapping[str, Any], form: ResourcesForm, questions: Questions) -> Resources:
    """What came back. Raises InvalidInput with a sentence for each number that cannot be read, by block id."""
    salt = _salt(form.ref)
    before = form.resources or Resources()
    problems: dict[str, str] = {}
    numbers = {
        question.key: _number(view, question, form, salt, problems)
        for question in questions.of("resources")
        if question.kind in _NUMBERS
    }
    if problems:
        raise InvalidInput(problems)
    return Resources(
        **numbers,
        budget_note=fields.text_of(view, "budget_note", salt, before.budget_note),
        staffing_note=fields.text_of(view, "staffing_note", salt, before.staffing_note),
        vendors=fields.text_of(view, "vendors", salt, before.vendors),
        dependencies=fields.lines_of(fields.text_of(view, "dependencies", salt, "\n".join(before.dependencies))),
        more=before.more,
    )


def problem_sentences(problems: Sequence[Problem], form: ResourcesForm, words: Words) -> dict[str, str]:
    """Rule problems as sentences beside their fields."""
    locale = Locale(form.locale)
    return {
        fields.block_id(problem.at, _salt(form.ref)): words.say_plain(
            f"dialogs/problems/{problem.rule}.j2", locale=locale, **dict(problem.values)
        )
        for problem in problems
    }


def _shown(question: Question, form: ResourcesForm) -> str | None:
    resources = form.resources or Resources()
    value = getattr(resources, question.key, None)
    if question.key == "budget_at_completion":
        value = value if value is not None else form.project.budget_at_completion
    if question.kind in _NUMBERS:
        return fields.typed_number(value)
    return "\n".join(value) if isinstance(value, tuple) else value


def _number(
    view: Mapping[str, Any], question: Question, form: ResourcesForm, salt: str, problems: dict[str, str]
) -> Decimal | None:
    typed = fields.value_of(view, question.key, salt)
    if typed is None:
        return None
    locale = Locale(form.locale)
    try:
        if question.kind == "percent":
            return locale.read_percent(typed)
        return locale.read_number(typed, form.project.currency if question.kind == "money" else None)
    except UnreadableNumber as unreadable:
        problems[fields.block_id(question.key, salt)] = str(unreadable)
        return None


def _salt(ref: ItemRef) -> str:
    return fields.salt_of(ref.project, str(ref.quarter), "resources")
