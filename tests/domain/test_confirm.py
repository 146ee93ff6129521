"""Which milestones "Nothing changed" confirms, and what it records."""

from datetime import date

import pytest

from bot.domain.confirm import confirmed_update, why_not_confirmed
from bot.domain.project import RagStatus
from bot.domain.quarter import Quarter
from bot.domain.update import MilestoneUpdate, Objective, ProjectSummary, Promise, PromiseResult, QuarterAnswers
from tests.builders import Q1, Q2, Q3, Q4, a_milestone, a_project, an_update, answers, facts

FINE = an_update(60, forecast=date(2025, 12, 1))
MILESTONE = a_milestone(baseline=date(2025, 12, 31))


def why_not(history: dict[Quarter, QuarterAnswers], quarter: Quarter = Q3) -> str | None:
    return why_not_confirmed(facts(a_project(MILESTONE), history, quarter=quarter), MILESTONE)


def test_a_milestone_with_a_last_value_in_order_is_confirmed() -> None:
    assert why_not({Q2: answers({"front-end": FINE})}) is None


def test_a_milestone_nobody_ever_spoke_of_is_not() -> None:
    assert why_not({Q2: answers({"back-end": FINE})}) == "nothing-known"


@pytest.mark.parametrize(
    ("update", "expected"),
    [
        (an_update(60, forecast=date(2025, 10, 1)), "forecast-passed"),  # yesterday
        (an_update(60, forecast=date(2025, 10, 2)), None),  # today
        (an_update(100, RagStatus.COMPLETE, forecast=date(2025, 6, 1)), None),
        (an_update(60, RagStatus.OFF_TRACK), "recovery-missing"),
        (an_update(60, RagStatus.OFF_TRACK, recovery="More people"), None),
        (an_update(60, forecast=date(2026, 2, 1)), "late-but-on-track"),
        (an_update(100, RagStatus.AT_RISK), "complete-at-risk"),
        (an_update(40, RagStatus.NOT_STARTED), "status-and-percent"),
    ],
)
def test_the_rules_of_the_dialog_hold_for_what_would_be_confirmed(
    update: MilestoneUpdate, expected: str | None
) -> None:
    assert why_not({Q2: answers({"front-end": update})}) == expected


def test_the_third_quarter_in_a_row_needs_a_word() -> None:
    once = {Q1: answers({"front-end": FINE}), Q2: answers({"front-end": FINE}, confirmed=True)}
    assert why_not(once) is None
    twice = {**once, Q3: answers({"front-end": FINE}, confirmed=True)}
    far = facts(a_project(MILESTONE), twice, quarter=Q4)
    assert why_not_confirmed(far, MILESTONE) == "confirmed-twice"
    in_between = {**twice, Q2: answers({"front-end": FINE})}
    assert why_not(in_between, Q4) is None


def test_an_objective_that_has_come_due_needs_a_word_unless_it_has_one() -> None:
    due = Objective("launch", "Launch", target="Q3 2025", milestone="front-end")
    elsewhere = Objective("other", "Other", target="Q3 2025", milestone="back-end")
    history = {Q2: answers({"front-end": FINE}, objectives=(due, elsewhere))}
    assert why_not(history) == "promise-due"
    answered = ProjectSummary(promised={"launch": Promise(PromiseResult.KEPT)})
    assert why_not({**history, Q3: answers(summary=answered)}) is None


def test_what_is_confirmed_are_the_figures_and_reasons_not_what_was_done_last_quarter() -> None:
    last = an_update(
        60,
        forecast=date(2025, 12, 1),
        note="As planned",
        deliverables=("Login",),
        promised={"launch": Promise(PromiseResult.KEPT)},
    )
    assert confirmed_update(last) == an_update(60, forecast=date(2025, 12, 1), note="As planned")
