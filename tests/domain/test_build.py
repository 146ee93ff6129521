"""A quarter's report from what people said: rows, coverage, what is carried, and what stood before."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from bot.domain.changes import PlanChange
from bot.domain.facts import ReportFacts
from bot.domain.milestone_line import Known, LineState, MilestoneLine
from bot.domain.movement import Movement
from bot.domain.project import Milestone, RagStatus
from bot.domain.quarter import Quarter
from bot.domain.reporting import build_report
from bot.domain.update import (
    Decision,
    DecisionState,
    Objective,
    ProjectSummary,
    Promise,
    PromiseResult,
    QuarterAnswers,
    Resources,
    RiskKind,
)
from tests.builders import (
    BOB,
    COMPANY,
    Q1,
    Q2,
    Q3,
    Q4,
    a_change,
    a_milestone,
    a_project,
    a_risk,
    an_update,
    answers,
    facts,
    given,
)


def loaded(day: date) -> PlanChange:
    """The project came with a first load on a day."""
    return a_change("added", None, "Portal", datetime.combine(day, time(12), tzinfo=UTC), milestone="")


COMPLETE = an_update(100, RagStatus.COMPLETE, forecast=date(2025, 6, 1))


def line_of(built: ReportFacts, key: str = "front-end") -> MilestoneLine:
    return next(line for line in build_report(built).milestones if line.key == key)


@pytest.mark.parametrize(
    ("milestone", "this_quarter", "before", "values", "state"),
    [
        ({}, answers({"front-end": an_update()}), None, {}, LineState.ANSWERED),
        ({}, answers({"front-end": an_update()}, confirmed=True), None, {}, LineState.CONFIRMED),
        ({}, None, None, {}, LineState.MISSING),
        ({}, None, None, {"excused": frozenset({"front-end"})}, LineState.EXCUSED),
        ({}, answers({"front-end": an_update()}), None, {"excused": frozenset({"front-end"})}, LineState.ANSWERED),
        ({}, None, None, {"is_paused": True}, LineState.PAUSED),
        ({}, None, COMPLETE, {}, LineState.COMPLETE),
        ({}, answers({"front-end": COMPLETE}), COMPLETE, {}, LineState.COMPLETE),
        ({}, answers({"front-end": an_update(90)}), COMPLETE, {}, LineState.ANSWERED),  # reopened
        ({}, answers({"front-end": COMPLETE}), None, {}, LineState.ANSWERED),  # completed this quarter: it was due
        ({"dropped_on": date(2025, 8, 1)}, answers({"front-end": an_update()}), None, {}, LineState.DROPPED),
        ({"dropped_on": date(2025, 10, 20)}, None, None, {}, LineState.MISSING),  # dropped after this window
        ({"live_from": date(2025, 9, 30)}, None, None, {}, LineState.MISSING),  # three working days before due
        ({"live_from": date(2025, 10, 1)}, None, None, {}, LineState.NEW),  # two
        ({"live_from": date(2025, 10, 1)}, answers({"front-end": an_update()}), None, {}, LineState.ANSWERED),
        ({"live_from": date(2025, 10, 4)}, answers({"front-end": an_update()}), None, {}, LineState.ANSWERED),  # late
        ({"live_from": date(2025, 9, 18)}, None, None, {}, LineState.MISSING),  # the day before the window opened
    ],
)
def test_why_a_milestone_s_row_reads_as_it_does(
    milestone: dict[str, object],
    this_quarter: QuarterAnswers | None,
    before: object,
    values: dict[str, object],
    state: LineState,
) -> None:
    history = {Q2: answers({"front-end": before})} if before else {}
    history |= {Q3: this_quarter} if this_quarter else {}
    assert line_of(facts(a_project(a_milestone(**milestone)), history, **values)).state is state


@pytest.mark.parametrize(
    "milestone", [{"dropped_on": date(2025, 6, 30)}, {"live_from": date(2025, 10, 4)}], ids=["dropped", "not yet there"]
)
def test_what_was_dropped_before_the_quarter_or_came_after_its_window_is_not_in_it(milestone: dict[str, date]) -> None:
    assert build_report(facts(a_project(a_milestone(**milestone)))).milestones == ()


def test_milestones_of_one_name_are_told_apart_by_their_keys_wherever_the_report_names_one() -> None:
    namesakes = [a_milestone(key, name="開発") for key in ("api", "app")]
    gone = a_milestone("web", name="Web", dropped_on=date(2024, 1, 1))
    plan = a_project(*namesakes, a_milestone("site", name="Web", live_from=date(2025, 8, 1)), gone)
    said = answers({"api": an_update()}, risks=(a_risk("late", milestone="app"),))
    report = build_report(facts(plan, {Q3: said}))
    assert [line.name for line in report.milestones] == ["開発 (api)", "開発 (app)", "Web"]
    assert [change.name for change in report.scope_changes] == ["Web"]
    assert report.risks[0].milestone == "開発 (app)"
    assert "開発 (api)" in [source.item for source in report.sources]


def test_a_missing_milestone_shows_the_last_known_value_with_its_quarter_and_no_figures_of_its_own() -> None:
    history = {
        Q1: answers({"front-end": an_update(30, RagStatus.AT_RISK, forecast=date(2025, 9, 15))}),
        Q2: answers({"back-end": an_update()}),
    }
    line = line_of(facts(history=history))
    assert line.known == Known(Q1, Decimal(30), RagStatus.AT_RISK, date(2025, 9, 15), slippage_days=-11)
    assert (line.percent_complete, line.status, line.forecast, line.slippage_days) == (None, None, None, None)
    assert line.unanswered_quarters == 2  # the project reported in Q2, this milestone did not


@pytest.mark.parametrize(
    ("plan", "values", "quarters"),
    [
        ({}, {}, 2),  # loaded before the second quarter was due, on 3 July, and nobody has ever answered
        ({}, {"trail": (loaded(date(2025, 7, 4)),)}, 1),
        ({}, {"trail": ()}, 1),
        ({"live_from": date(2025, 7, 1)}, {}, 1),
        ({}, {"excused_before": {Q2: frozenset({"front-end"})}}, 1),
        ({}, {"paused_before": frozenset({Q2})}, 1),
        ({}, {"history": {Q2: answers({"back-end": an_update()})}, "trail": ()}, 2),
        ({}, {"history": {Q1: answers({"front-end": an_update()})}}, 2),
        ({}, {"history": {Q2: answers({"front-end": an_update()})}}, 1),
        ({}, {"trail": (loaded(date(2024, 12, 1)),)}, 4),
    ],
)
def test_a_quarter_in_which_nobody_answered_counts_as_silent_where_the_milestone_was_asked_for(
    plan: dict[str, Any], values: dict[str, Any], quarters: int
) -> None:
    told = {"trail": (loaded(date(2025, 6, 2)),), **values}
    project = a_project(a_milestone(**plan), a_milestone("back-end"))
    assert line_of(facts(project, **told)).unanswered_quarters == quarters


def test_an_answer_is_compared_with_the_last_known_value() -> None:
    history = {
        Q2: answers({"front-end": an_update(60, forecast=date(2025, 9, 30))}),
        Q3: answers({"front-end": an_update(85, forecast=date(2025, 10, 3))}),
    }
    line = line_of(facts(history=history))
    assert (line.percent_change, line.slippage_days, line.forecast_moved_days) == (25, 3, 3)
    assert line.movement is Movement.WORSE


def test_an_answer_like_the_last_one_has_not_moved() -> None:
    same = an_update(60, forecast=date(2025, 9, 30))
    line = line_of(facts(history={Q2: answers({"front-end": same}), Q3: answers({"front-end": same})}))
    assert (line.percent_change, line.movement) == (0, Movement.SAME)


def test_a_forecast_before_its_baseline_slips_backwards() -> None:
    line = line_of(facts(history={Q3: answers({"front-end": an_update(forecast=date(2025, 9, 29))})}))
    assert line.slippage_days == -1


def test_a_milestone_complete_before_keeps_its_figures() -> None:
    line = line_of(facts(history={Q1: answers({"front-end": COMPLETE})}))
    assert (line.percent_complete, line.status, line.forecast) == (100, RagStatus.COMPLETE, date(2025, 6, 1))


def test_answers_of_later_quarters_are_not_looked_at() -> None:
    history = {Q3: answers({"front-end": an_update(40)}), Q4: answers({"front-end": COMPLETE})}
    line = line_of(facts(history=history))
    assert (line.percent_complete, line.known) == (40, None)


UPDATES = st.one_of(
    st.none(),
    st.builds(
        an_update,
        st.none() | st.integers(0, 100),
        st.sampled_from([*RagStatus.choices(), None]),
        forecast=st.none() | st.dates(date(2025, 1, 1), date(2026, 6, 1)),
    ),
)
DATES = st.none() | st.dates(date(2025, 1, 1), date(2025, 12, 31))
KEYS = ["a", "b", "c", "d", "e"]


@st.composite
def random_facts(draw: st.DrawFn) -> ReportFacts:
    milestones: list[Milestone] = [
        a_milestone(key, live_from=draw(DATES), dropped_on=draw(DATES), weight=Decimal(draw(st.integers(1, 3))))
        for key in KEYS[: draw(st.integers(1, 5))]
    ]
    history = {}
    for quarter in (Q1, Q2, Q3):
        said = {m.key: update for m in milestones if (update := draw(UPDATES))}
        history[quarter] = QuarterAnswers({key: given(u, confirmed=draw(st.booleans())) for key, u in said.items()})
    excused = frozenset(draw(st.sets(st.sampled_from(KEYS))))
    project = a_project(*milestones, budget_at_completion=draw(st.none() | st.integers(0, 5).map(Decimal)))
    return facts(project, history, excused=excused, is_paused=draw(st.booleans()))


@for_all(random_facts())
def test_coverage_adds_up_to_the_rows_of_the_report(built: ReportFacts) -> None:
    report = build_report(built)
    states = [line.state for line in report.milestones]
    received = states.count(LineState.ANSWERED) + states.count(LineState.CONFIRMED)
    assert report.coverage.received == received
    assert report.coverage.due == received + len(report.coverage.missing)
    assert len(report.coverage.missing) == states.count(LineState.MISSING)
    assert len(report.coverage.excused) == states.count(LineState.EXCUSED)
    assert len({line.key for line in report.milestones}) == len(states)
    uncounted = {LineState.NEW, LineState.PAUSED, LineState.COMPLETE, LineState.DROPPED, LineState.EXCUSED}
    assert report.coverage.due == sum(state not in uncounted for state in states)


@for_all(random_facts())
def test_the_same_facts_give_the_same_report_and_figures_are_only_those_that_were_given(built: ReportFacts) -> None:
    report = build_report(built)
    assert report == build_report(built)
    for line in report.milestones:
        said = built.answers.milestones.get(line.key)
        if said:
            assert (line.percent_complete, line.status) == (said.value.percent_complete, said.value.status)
        elif line.state is not LineState.COMPLETE:
            assert (line.percent_complete, line.status, line.forecast) == (None, None, None)


def test_an_open_risk_is_carried_and_ages_and_a_closed_one_is_shown_once() -> None:
    closed = a_risk("closed", is_open=False)
    history = {
        Q1: answers(risks=(a_risk("old"), a_risk("closed"))),
        Q2: answers(risks=(a_risk("old", mitigation="A second trainer"), closed)),
        Q3: answers(risks=(a_risk("new"),)),
    }
    risks = {risk.key: risk for risk in build_report(facts(history=history)).risks}
    assert {key: (risk.opened, risk.age_quarters) for key, risk in risks.items()} == {"old": (Q1, 2), "new": (Q3, 0)}
    assert risks["old"].mitigation == "A second trainer"
    q2 = {risk.key: risk.is_open for risk in build_report(facts(history=history, quarter=Q2)).risks}
    assert q2 == {"old": True, "closed": False}


def test_a_risk_s_own_opening_quarter_counts_before_the_one_it_was_first_reported_in() -> None:
    history = {Q3: answers(risks=(a_risk(opened=Quarter(2024, 4)),))}
    [risk] = build_report(facts(history=history)).risks
    assert risk.age_quarters == 3


def test_a_blocker_is_as_old_as_the_day_since_when_it_blocks() -> None:
    late_told = a_risk("late-told", kind=RiskKind.BLOCKER, since=date(2025, 2, 3))
    early_told = a_risk("early-told", kind=RiskKind.BLOCKER, since=date(2025, 8, 1))
    history = {Q2: answers(risks=(early_told,)), Q3: answers(risks=(late_told,))}
    risks = {risk.key: risk.opened for risk in build_report(facts(history=history)).risks}
    assert risks == {"late-told": Q1, "early-told": Q2}


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (answers({"back-end": an_update(40)}), RagStatus.ON_TRACK),
        (answers({"back-end": an_update(0, RagStatus.NOT_STARTED)}), RagStatus.NOT_STARTED),
        (answers({"back-end": an_update(None, None, note="Waiting")}), RagStatus.NOT_STARTED),
        (answers({"front-end": an_update(40)}), RagStatus.NOT_STARTED),  # taken back by this quarter's answer
        (answers(resources=Resources(actual_cost=Decimal(100))), RagStatus.ON_TRACK),
    ],
)
def test_what_had_begun_before_has_begun_though_this_quarter_says_nothing_of_it(
    before: QuarterAnswers, expected: RagStatus
) -> None:
    project = a_project(a_milestone("front-end"), a_milestone("back-end"))
    history = {Q2: before, Q3: answers({"front-end": an_update(0, RagStatus.NOT_STARTED)})}
    assert build_report(facts(project, history=history)).status.by_rule is expected


def test_open_risks_come_gravest_first_then_oldest() -> None:
    history = {
        Q1: answers(risks=(a_risk("old"),)),
        Q3: answers(risks=(a_risk("young"), a_risk("blocker", kind=RiskKind.BLOCKER, probability=None))),
    }
    assert [risk.key for risk in build_report(facts(history=history)).open_risks] == ["blocker", "old", "young"]


def test_a_decision_is_carried_until_it_is_taken() -> None:
    asked = Decision("vendor", "Choose the vendor", by=date(2025, 8, 1))
    taken = Decision("vendor", "Choose the vendor", state=DecisionState.DECIDED, outcome="A")
    history = {Q1: answers(decisions=(asked,)), Q3: answers(decisions=(taken,))}
    [waiting] = build_report(facts(history=history, quarter=Q2)).decisions
    assert (waiting.state, waiting.asked_in) == (DecisionState.OPEN, Q1)
    [settled] = build_report(facts(history=history)).decisions
    assert (settled.state, settled.outcome, settled.asked_in) == (DecisionState.DECIDED, "A", Q1)
    assert build_report(facts(history=history, quarter=Q4)).decisions == ()


def promises_of(
    *objectives: Objective, answered: dict[str, Promise] | None = None, by_manager: dict[str, Promise] | None = None
) -> dict[str, PromiseResult | None]:
    history = {
        Q2: answers(objectives=objectives),
        Q3: answers(
            {"front-end": an_update(promised=answered or {})}, summary=ProjectSummary(promised=by_manager or {})
        ),
    }
    promises = build_report(facts(history=history)).promises
    assert len({promise.key for promise in promises}) == len(promises)
    return {promise.key: promise.result for promise in promises}


@pytest.mark.parametrize("target", ["Q3 2025", "2025-Q3", "2025-09-30", "2025-07-01"])
def test_an_objective_comes_due_in_the_quarter_of_its_target(target: str) -> None:
    assert promises_of(Objective("launch", "Launch", target=target)) == {"launch": None}


@pytest.mark.parametrize("target", ["Q4 2025", "2025-10-01", "2025-06-30", "when it is ready", "September 2025", None])
def test_other_targets_and_words_do_not_come_due(target: str | None) -> None:
    assert promises_of(Objective("launch", "Launch", target=target)) == {}


def test_an_objective_without_a_date_that_was_answered_for_is_shown() -> None:
    kept = Promise(PromiseResult.KEPT)
    assert promises_of(Objective("launch", "Launch"), answered={"launch": kept}) == {"launch": PromiseResult.KEPT}


def test_the_owner_and_the_manager_answer_for_what_they_promised() -> None:
    mine = Objective("mine", "Mine", target="Q3 2025", milestone="front-end")
    theirs = Objective("theirs", "Theirs", target="Q3 2025")
    results = promises_of(
        mine,
        theirs,
        answered={"mine": Promise(PromiseResult.DROPPED, "Not needed")},
        by_manager={"theirs": Promise(PromiseResult.KEPT)},
    )
    assert results == {"mine": PromiseResult.DROPPED, "theirs": PromiseResult.KEPT}


def test_an_objective_taken_back_was_never_promised() -> None:
    assert promises_of(Objective("launch", "Launch", target="Q3 2025", is_withdrawn=True)) == {}


def test_an_objective_promised_again_under_its_key_comes_due_once_and_by_its_latest_target() -> None:
    history = {
        Q1: answers(objectives=(Objective("launch", "Launch", target="Q2 2025"),)),
        Q2: answers(objectives=(Objective("launch", "Launch", target="Q3 2025"),)),
    }
    [promise] = build_report(facts(history=history)).promises
    assert (promise.promised_in, promise.result) == (Q2, None)
    assert build_report(facts(history=history, quarter=Q4)).promises == ()


def test_the_previous_status_is_what_was_claimed_else_what_the_rule_said_then() -> None:
    claimed = {Q2: answers({"front-end": an_update()}, summary=ProjectSummary(status=RagStatus.AT_RISK))}
    by_rule = {Q2: answers({"front-end": an_update(20, RagStatus.OFF_TRACK)})}
    assert build_report(facts(history=claimed)).status.previous is RagStatus.AT_RISK
    assert build_report(facts(history=by_rule)).status.previous is RagStatus.OFF_TRACK
    assert build_report(facts(history=claimed)).status.previous_quarter == Q2
    assert build_report(facts(history={})).status.previous is None


def test_where_the_quarter_before_was_not_reported_the_latest_one_that_was_is_named() -> None:
    long_ago = Quarter(2022, 4)
    said = answers({"front-end": an_update()}, summary=ProjectSummary(status=RagStatus.AT_RISK))
    for quarter in (Q1, long_ago):
        status = build_report(facts(history={quarter: said})).status
        assert (status.previous, status.previous_quarter) == (RagStatus.AT_RISK, quarter)


@pytest.mark.parametrize(
    "later",
    [
        [a_milestone("b", live_from=date(2025, 8, 1)), a_milestone("c", live_from=date(2025, 8, 1))],
        [a_milestone("b", dropped_on=date(2025, 8, 1), owner=BOB)],
    ],
    ids=["milestones added since", "a milestone dropped since"],
)
def test_the_previous_status_does_not_know_of_what_came_later(later: list[Milestone]) -> None:
    project = a_project(a_milestone("a"), *later)
    then = {"a": an_update(), **({"b": an_update(10, RagStatus.OFF_TRACK)} if len(later) == 1 else {})}
    history = {Q2: answers(then), Q3: answers({"a": an_update()})}
    at_the_time = build_report(facts(project, {Q2: history[Q2]}, quarter=Q2)).status.by_rule
    assert build_report(facts(project, history)).status.previous is at_the_time


def test_a_claim_that_differs_from_the_rule_is_marked_and_leads() -> None:
    history = {
        Q3: answers({"front-end": an_update(50, RagStatus.AT_RISK)}, summary=ProjectSummary(status=RagStatus.ON_TRACK))
    }
    status = build_report(facts(history=history)).status
    assert (status.shown, status.by_rule, status.differs) == (RagStatus.ON_TRACK, RagStatus.AT_RISK, True)


@pytest.mark.parametrize(
    ("today", "report_date", "expected"),
    [
        (date(2025, 9, 25), None, date(2025, 9, 25)),
        (date(2025, 10, 2), None, date(2025, 9, 30)),
        (date(2027, 1, 1), None, date(2025, 9, 30)),
        (date(2027, 1, 1), date(2025, 10, 6), date(2025, 10, 6)),
    ],
)
def test_a_past_quarter_is_judged_at_its_date_else_its_last_day_never_today(
    today: date, report_date: date | None, expected: date
) -> None:
    history = {Q3: answers(summary=ProjectSummary(report_date=report_date))}
    assert facts(history=history, today=today).judged_on == expected


def test_a_budget_that_was_taken_back_to_nothing_is_printed_as_said() -> None:
    project = a_project(budget_at_completion=Decimal(1_000), currency="USD")
    said = Resources(budget_at_completion=Decimal(0), actual_cost=Decimal(500))
    history = {Q2: answers(resources=Resources(Decimal(1_000))), Q3: answers(resources=said)}
    report = build_report(facts(project, history))
    assert report.resources is not None
    assert report.resources.budget_at_completion == 0
    assert [(change.before, change.after) for change in report.scope_changes] == [("1000", "0")]


def test_money_is_compared_with_the_budget_and_with_last_quarter() -> None:
    project = a_project(budget_at_completion=Decimal(1_000), currency="USD")
    history = {
        Q2: answers(resources=Resources(forecast_at_completion=Decimal(1_040))),
        Q3: answers(resources=Resources(actual_cost=Decimal(640), forecast_at_completion=Decimal(1_060))),
    }
    money = build_report(facts(project, history)).resources
    assert money is not None
    assert (money.percent_used, money.percent_variance, money.previous_percent_variance) == (64, 6, 4)


def test_a_project_without_budget_and_without_resource_answers_has_no_such_section() -> None:
    assert build_report(facts()).resources is None
    assert build_report(facts(a_project(budget_at_completion=Decimal(10)))).resources is not None
    said = {Q2: answers(resources=Resources(staffing_actual=Decimal(3)))}
    assert build_report(facts(history=said)).resources is not None


def test_people_are_printed_by_name_and_sources_name_who_said_what() -> None:
    history = {Q3: answers({"front-end": an_update()}, risks=(a_risk(),), resources=Resources())}
    report = build_report(facts(history=history, names={"U0ALICE": "Alice", "U0BOB": "Bob"}))
    assert report.milestones[0].answered_by == "Alice"
    assert report.risks[0].owner == "Bob"
    sources = [(source.item, source.by) for source in report.sources]
    assert sources == [("Front end", "Alice"), ("Insufficient training", "Alice"), ("Resources and budget", "Alice")]


def test_the_layout_is_the_manager_s_choice_else_the_project_s_else_executive() -> None:
    chosen = {Q3: answers(summary=ProjectSummary(layout="brief"))}
    assert build_report(facts(a_project(layout="memo"), chosen)).layout == "brief"
    assert build_report(facts(a_project(layout="memo"))).layout == "memo"
    assert build_report(facts()).layout == "executive"
    assert build_report(facts(portfolio=COMPANY)).quarter_label == "Q3 2025"
