"""A company rewords, reorders, hides and adds questions: every dialog shows just these, and loses nothing it does not show."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pytest
from form_kit import (
    FULL,
    RISK,
    a_milestone_form,
    a_resources_form,
    a_review_form,
    a_risk_form,
    filled,
    names,
    open_milestone,
    open_resources,
    open_risk,
    open_summary,
    read_milestone,
    read_resources,
    read_risk,
    the_questions,
    the_words,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.project import RagStatus
from bot.domain.sections import Dialog
from bot.domain.update import ProjectSummary, Resources
from bot.slack.forms import summary
from bot.slack.forms.questions import Question, Questions

MORE = {"retired": "Nobody asks this any more."}
MONEY = Resources(Decimal(1000), Decimal(400), Decimal(1000), vendors="Daily call.", more=MORE)
SAID = ProjectSummary(status=RagStatus.OFF_TRACK, status_why="Late.", phase="Build", impact="Fewer calls.", more=MORE)
# What a rule points at and a company cannot take out, as the questions file says it.
STAYS = {
    Dialog.MILESTONE: {"percent_complete", "status", "recovery", "note"},
    Dialog.RISK: {"title", "challenge"},
    Dialog.RESOURCES: {"budget_note"},
    Dialog.SUMMARY: {"status", "status_why"},
}
View = Mapping[str, Any]


@dataclass(frozen=True)
class Form:
    """A dialog with an answer in it: how it opens, and how it is read."""

    answer: Any
    open: Callable[[Questions], dict[str, Any]]
    read: Callable[[View, Questions], Any]


def forms() -> dict[Dialog, Form]:
    milestone = a_milestone_form(replace(FULL, more=MORE))
    risk = a_risk_form(replace(RISK, more=MORE))
    money = a_resources_form(MONEY)
    review = a_review_form(SAID)
    return {
        Dialog.MILESTONE: Form(
            milestone.update,
            lambda asked: open_milestone(milestone, asked),
            lambda view, asked: read_milestone(view, milestone, asked).update,
        ),
        Dialog.RISK: Form(
            risk.risk,
            lambda asked: open_risk(risk, asked),
            lambda view, asked: read_risk(view, risk, questions=asked),
        ),
        Dialog.RESOURCES: Form(
            MONEY, lambda asked: open_resources(money, asked), lambda view, asked: read_resources(view, money, asked)
        ),
        Dialog.SUMMARY: Form(
            SAID,
            lambda asked: open_summary(review, asked),
            lambda view, asked: summary.read(view, review, the_words(), asked)[0],
        ),
    }


@st.composite
def rearranged(draw: st.DrawFn, dialog: Dialog) -> Questions:
    """Some of the questions and one of the company's own, in any order, in other words."""
    asked = the_questions().of(dialog)
    kept = [q for q in asked if q.key in STAYS[dialog] or draw(st.booleans())]
    own = Question("mood", "Mood", draw(st.sampled_from(("text", "long text"))), is_own=True)
    reworded = [replace(question, label=f"Our {question.label}"[:48]) for question in (*kept, own)]
    return Questions({**the_questions().dialogs, dialog: tuple(draw(st.permutations(reworded)))})


@pytest.mark.parametrize("dialog", Dialog)
@settings(deadline=None, max_examples=25)
@given(st.data())
def test_what_is_not_shown_stays_and_what_is_shown_comes_back(dialog: Dialog, data: st.DataObject) -> None:
    form, questions = forms()[dialog], data.draw(rearranged(dialog))
    view = form.open(questions)
    assert form.read(view, questions) == form.answer
    told = form.read(filled(view, {"more:mood": "Good"}), questions)
    assert told == replace(form.answer, more={**MORE, "mood": "Good"})
    labels = {question.name: question.label for question in questions.of(dialog)}
    shown = [name for name in names(view) if name in labels]
    assert shown == [name for name in labels if name in shown], "in the company's order"
    assert set(labels) - set(shown) <= {"recovery", "promised", "evidence", "files"}, "asked only when there is reason"
    words = [block["label"]["text"] for block in view["blocks"] if block["type"] == "input"]
    assert [labels[name] for name in shown] == [label for label in words if label in labels.values()]
