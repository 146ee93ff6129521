"""What stood before: the statuses of earlier quarters, figures of money, risks, decisions, and what moved since."""

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from bot.domain.milestone_line import LineState
from bot.domain.movement import Movement, movement
from bot.domain.project import RagStatus
from bot.domain.quarter import Quarter
from bot.domain.report import EarnedValue, ResourcesBefore, StatusPoint
from bot.domain.reporting import build_report
from bot.domain.update import Decision, DecisionState, MilestoneUpdate, ProjectSummary, Rating, Resources
from tests.builders import Q1, Q2, Q3, Q4, a_milestone, a_project, a_risk, an_update, answers, facts
from tests.domain.test_build import COMPLETE, line_of, random_facts

TWO_YEARS = [Q3.shifted(-n) for n in range(9, -1, -1)]


def statuses(history: dict[Quarter, object], **values: object) -> list[tuple[Quarter, RagStatus]]:
    report = build_report(facts(history=history, **values))  # type: ignore[arg-type]
    return [(point.quarter, point.status) for point in report.status_history]


def test_the_history_has_at_most_eight_quarters_and_this_one_is_the_last() -> None:
    said = answers({"front-end": an_update(50, RagStatus.AT_RISK)})
    found = statuses(dict.fromkeys(TWO_YEARS, said))
    assert found == [(quarter, RagStatus.AT_RISK) for quarter in TWO_YEARS[-8:]]


def test_the_history_begins_with_the_first_quarter_that_anything_was_said_in() -> None:
    said = answers({"front-end": an_update()})
    assert statuses({}) == [(Q3, RagStatus.NOT_KNOWN)]
    assert statuses({Q4: said}) == [(Q3, RagStatus.NOT_KNOWN)]
    assert statuses({Q1: said, Q3: said}) == [
        (Q1, RagStatus.ON_TRACK),
        (Q2, RagStatus.NOT_KNOWN),
        (Q3, RagStatus.ON_TRACK),
    ]


def test_a_claim_leads_in_the_history_as_it_did_in_its_report_and_what_is_complete_stays_so() -> None:
    claimed = answers({"front-end": an_update()}, summary=ProjectSummary(status=RagStatus.OFF_TRACK))
    assert statuses({Q2: claimed})[0] == (Q2, RagStatus.OFF_TRACK)
    done = answers({"front-end": COMPLETE})
    assert statuses({Q1: done}) == [(quarter, RagStatus.COMPLETE) for quarter in (Q1, Q2, Q3)]


def test_what_was_excused_then_counts_in_no_quarter_s_status() -> None:
    project = a_project(a_milestone("a"), a_milestone("b"), a_milestone("c"))
    history = {Q2: answers({"a": an_update()})}
    excused = facts(project, history, excused_before={Q2: frozenset({"b", "c"})})
    assert build_report(excused).status.previous is RagStatus.ON_TRACK
    assert build_report(facts(project, history)).status.previous is RagStatus.NOT_KNOWN


@for_all(random_facts())
def test_the_history_ends_with_what_is_shown_and_each_point_is_what_its_own_report_shows(built: object) -> None:
    report = build_report(built)  # type: ignore[arg-type]
    *earlier, last = report.status_history
    assert last == StatusPoint(Q3, report.status.shown)
    for point in earlier:
        then = facts(built.project, built.history, quarter=point.quarter)  # type: ignore[attr-defined]
        assert point.status is build_report(then).status.shown
    if report.status.previous is not None:
        assert earlier[-1].status is report.status.previous


@for_all(random_facts())
def test_every_row_went_one_way_or_cannot_be_compared(built: object) -> None:
    report = build_report(built)  # type: ignore[arg-type]
    ways = [Movement.WORSE, Movement.BETTER, Movement.SAME, None]
    assert Counter(line.key for way in ways for line in report.moved(way)) == Counter(
        line.key for line in report.milestones
    )
    for line in report.milestones:
        differs = [line.percent_change, line.forecast_moved_days, line.known and line.status is not line.known.status]
        if line.movement is not None:
            assert any(differs) == (line.movement is not Movement.SAME)
        if line.state in (LineState.MISSING, LineState.EXCUSED, LineState.PAUSED, LineState.NEW, LineState.DROPPED):
            assert line.movement is None


MAY, JUNE, JULY = (date(2026, month, 4) for month in (5, 6, 7))
ON, RISK, OFF = RagStatus.ON_TRACK, RagStatus.AT_RISK, RagStatus.OFF_TRACK
DONE, IDLE = RagStatus.COMPLETE, RagStatus.NOT_STARTED


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (an_update(50, ON), an_update(60, ON), Movement.BETTER),
        (an_update(50, ON), an_update(50, ON), Movement.SAME),
        (an_update(50, ON), an_update(40, ON), Movement.WORSE),
        (an_update(50, ON), an_update(60, RISK), Movement.WORSE),  # the worst wins
        (an_update(50, OFF), an_update(60, RISK), Movement.BETTER),
        (an_update(50, OFF), an_update(40, RISK), Movement.WORSE),  # a better word hides no worse figure
        (an_update(50, OFF, forecast=JUNE), an_update(60, ON, forecast=JULY), Movement.WORSE),
        (an_update(90, ON, forecast=JUNE), an_update(100, DONE, forecast=JULY), Movement.BETTER),
        (an_update(0, IDLE), an_update(100, DONE), Movement.BETTER),
        (an_update(50, ON, forecast=JUNE), an_update(60, ON, forecast=JULY), Movement.WORSE),
        (an_update(50, ON, forecast=JUNE), an_update(50, ON, forecast=MAY), Movement.BETTER),
        (an_update(50, ON, forecast=JUNE), an_update(40, ON, forecast=MAY), Movement.WORSE),
        (an_update(0, IDLE), an_update(20, ON), Movement.BETTER),  # by the percentage
        (an_update(0, IDLE), an_update(0, ON), None),
        (an_update(None, IDLE), an_update(None, ON), None),
        (an_update(None, ON), an_update(None, ON), Movement.SAME),
        (an_update(50, None), an_update(None, ON), None),
        (an_update(50, None), an_update(50, ON), Movement.SAME),
        (COMPLETE, an_update(90, IDLE), Movement.WORSE),  # begun again
        (None, an_update(50, ON), None),
        (an_update(50, ON), None, None),  # a missing update is never the same
        (COMPLETE, None, Movement.SAME),
    ],
)
def test_where_a_milestone_went(
    before: MilestoneUpdate | None, now: MilestoneUpdate | None, expected: Movement | None
) -> None:
    said = {Q2: before, Q3: now}
    history = {quarter: answers({"front-end": update}) for quarter, update in said.items() if update}
    assert line_of(facts(history=history)).movement is expected


def test_what_is_not_known_went_nowhere() -> None:
    assert movement(RagStatus.NOT_KNOWN, RagStatus.NOT_KNOWN) is None
    assert movement(DONE, RagStatus.NOT_KNOWN) is None
    assert movement(RagStatus.NOT_KNOWN, DONE) is None
    assert movement(ON, None) is None


def test_a_missing_row_says_how_old_its_last_value_is() -> None:
    said = answers({"front-end": an_update()})
    ages = {q: line_of(facts(history={Q1: said}, quarter=q)).known_age_quarters for q in (Q1, Q2, Q3, Q4.next)}
    assert ages == {Q1: None, Q2: 1, Q3: 2, Q4.next: 4}


def test_a_risk_has_its_severity_before_and_is_listed_as_closed_once() -> None:
    history = {
        Q1: answers(risks=(a_risk("old"), a_risk("gone"))),
        Q2: answers(risks=(a_risk("old", impact=Rating.HIGH), a_risk("gone", is_open=False))),
        Q3: answers(risks=(a_risk("new"), a_risk("gone", is_open=False), a_risk("short", is_open=False))),
    }
    q2, q3 = ({risk.key: risk for risk in build_report(facts(history=history, quarter=q)).risks} for q in (Q2, Q3))
    assert (q2["old"].severity_before, q2["old"].severity, q2["gone"].is_open) == (4, 6, False)
    assert {key: (risk.is_open, risk.severity_before) for key, risk in q3.items()} == {
        "old": (True, 6),
        "new": (True, None),
        "short": (False, None),  # opened and closed within the quarter
    }


def test_an_open_decision_ages_and_a_settled_one_is_listed_once() -> None:
    taken = Decision("vendor", "Choose", state=DecisionState.WITHDRAWN)
    history = {Q1: answers(decisions=(Decision("vendor", "Choose"),)), Q3: answers(decisions=(taken,))}
    history[Q4] = answers(decisions=(taken,))
    found = {q: build_report(facts(history=history, quarter=q)).decisions for q in (Q1, Q2, Q3, Q4)}
    assert {q: [(d.age_quarters, d.state) for d in decisions] for q, decisions in found.items()} == {
        Q1: [(0, DecisionState.OPEN)],
        Q2: [(1, DecisionState.OPEN)],
        Q3: [(2, DecisionState.WITHDRAWN)],
        Q4: [],
    }


def test_money_is_compared_with_the_last_quarter_that_gave_a_figure_of_it() -> None:
    history = {
        Q1: answers(resources=Resources(actual_cost=Decimal(400), forecast_at_completion=Decimal(1_100))),
        Q2: answers(resources=Resources(staffing_actual=Decimal(3))),
        Q3: answers(resources=Resources(actual_cost=Decimal(640))),
    }
    project = a_project(budget_at_completion=Decimal(1_000), currency="USD")
    money = build_report(facts(project, history)).resources
    assert money is not None
    assert money.previous == ResourcesBefore(
        Q1, Decimal(1_000), Decimal(400), Decimal(1_100), percent_used=Decimal(40), percent_variance=Decimal(10)
    )
    assert money.previous_percent_variance == 10


def test_earned_value_is_judged_on_the_report_s_day_and_left_out_where_nothing_can_be_told() -> None:
    project = a_project(budget_at_completion=Decimal(1_000))
    spent = Resources(actual_cost=Decimal(625))
    history = {Q3: answers({"front-end": an_update(50)}, resources=spent)}
    report = build_report(facts(project, history))
    assert report.earned_value == EarnedValue(
        Decimal(1_000), Decimal(500), Decimal(625), Decimal("0.8"), Decimal("0.5")
    )
    day_before = ProjectSummary(report_date=date(2025, 9, 29))
    early = {Q3: answers({"front-end": an_update(50)}, resources=spent, summary=day_before)}
    figures = build_report(facts(project, early)).earned_value
    assert figures is not None
    assert (figures.planned_value, figures.schedule_performance_index) == (0, None)
    assert build_report(facts(history=history)).earned_value is None
    undated = a_project(a_milestone(baseline=None), budget_at_completion=Decimal(1_000))
    assert build_report(facts(undated, {Q3: answers(resources=spent)})).earned_value is None


@for_all(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5))
def test_no_project_is_on_track_by_silence(missing: int, excused: int, complete: int) -> None:
    keys = [f"m{n}" for n in range(missing + excused + complete)]
    done = dict.fromkeys(keys[missing + excused :], COMPLETE)
    built = facts(
        a_project(*map(a_milestone, keys)), {Q2: answers(done)}, excused=frozenset(keys[missing : missing + excused])
    )
    only_complete = complete and not missing and not excused
    if keys:
        assert build_report(built).status.by_rule is (RagStatus.COMPLETE if only_complete else RagStatus.NOT_KNOWN)
