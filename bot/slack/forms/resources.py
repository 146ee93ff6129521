"""The resources and budget dialog."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from bot.domain.rules import mismatches
from bot.domain.update import Resources
from bot.flow.forms import ResourcesForm
from bot.locales import Locale
from bot.slack.blocks import Block, modal, section
from bot.slack.forms.context import context_metadata, steps, title_of
from bot.slack.forms.fields import Fields, focused, salt_of
from bot.slack.forms.filled import Filled
from bot.slack.forms.questions import Question, Questions
from bot.slack.ids import View
from bot.slack.words import Words


def build(form: ResourcesForm, words: Words, questions: Questions) -> Block:
    """The dialog, its fields filled with what the form holds."""
    fields = Fields(words, salt_of("resources", form.ref.project, str(form.ref.quarter)), is_drafted=True)
    given = _given(form)
    head = words.say("dialogs/resources.j2", form=form, locale=Locale(form.locale), differing=_differing(given))
    blocks = [section(head), *steps(form, words)]
    for question in questions.of("resources"):
        blocks += fields.ask(question, _value(question, given))
    return modal(
        title_of(form, words.label("budget-title"), words),
        focused(blocks),
        callback_id=View.RESOURCES,
        submit=words.label("send"),
        close=words.label("cancel"),
        metadata=context_metadata(form),
    )


def read(view: Mapping[str, Any], form: ResourcesForm, words: Words, questions: Questions) -> Resources:
    """What came back. Raises InvalidInput with a sentence for each number that cannot be read, by block id."""
    filled = Filled(view, words, form.locale)
    before = _given(form)
    resources = Resources(
        budget_at_completion=_money("budget_at_completion", filled, form),
        actual_cost=_money("actual_cost", filled, form),
        forecast_at_completion=_money("forecast_at_completion", filled, form),
        percent_used=filled.percent("percent_used", before.percent_used),
        percent_variance=filled.percent("percent_variance", before.percent_variance, least=None),
        budget_note=filled.text("budget_note", before.budget_note),
        staffing_planned=filled.amount("staffing_planned", before.staffing_planned),
        staffing_actual=filled.amount("staffing_actual", before.staffing_actual),
        staffing_note=filled.text("staffing_note", before.staffing_note),
        vendors=filled.text("vendors", before.vendors),
        dependencies=filled.lines("dependencies", before.dependencies),
        more=filled.more(questions.own("resources"), before.more),
    )
    filled.check()
    return resources


def _given(form: ResourcesForm) -> Resources:
    """What the dialog starts from: the answer there is, with the project's budget where none was given."""
    resources = form.resources or Resources()
    if resources.budget_at_completion is not None:
        return resources
    return replace(resources, budget_at_completion=form.project.budget_at_completion)


def _value(question: Question, given: Resources) -> object:
    return given.more.get(question.key) if question.is_own else getattr(given, question.key)


def _money(name: str, filled: Filled, form: ResourcesForm) -> Decimal | None:
    before: Decimal | None = getattr(_given(form), name)
    return filled.amount(name, before, currency=form.project.currency)


def _differing(given: Resources) -> list[tuple[str, object, object]]:
    """Percentages that disagree with the amounts beside them: which, as given, by the amounts (which win)."""
    return [(said.at, said.values["given"], said.values["by_amounts"]) for said in mismatches(given, None)]
