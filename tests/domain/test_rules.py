"""The rules of the dialogs, and the project's status by rule, each threshold at, below and above."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from bot.domain.project import RagStatus
from bot.domain.rules import (
    Standing,
    check_resources,
    check_update,
    earned_value,
    has_spent,
    is_unmanaged,
    mismatches,
    over_budget,
    overrun,
    percent_used,
    slippage,
    status_by_rule,
)
from bot.domain.thresholds import Thresholds
from bot.domain.update import MilestoneUpdate, Rating, Resources, Risk, RiskKind
from tests.builders import WEEKDAYS, a_risk, an_update

BASELINE = date(2025, 9, 30)
BUDGET = Decimal(1_000)


def rules_broken(
    update: MilestoneUpdate, previous: MilestoneUpdate | None = None, baseline: date | None = BASELINE
) -> list[tuple[str, str]]:
    problems = check_update(update, baseline=baseline, previous=previous, calendar=WEEKDAYS)
    return [(problem.at, problem.rule) for problem in problems]


@pytest.mark.parametrize("status", [*RagStatus.choices(), None])
def test_a_bare_answer_of_any_status_but_off_track_is_enough(status: RagStatus | None) -> None:
    expected = [("recovery", "recovery-missing")] if status is RagStatus.OFF_TRACK else []
    percent = {RagStatus.COMPLETE: 100, RagStatus.NOT_STARTED: 0}.get(status, 50) if status else 50
    assert rules_broken(an_update(percent, status)) == expected
    assert rules_broken(an_update(None, status)) == expected


@pytest.mark.parametrize(
    ("status", "percent", "is_refused"),
    [
        (RagStatus.COMPLETE, 60, True),
        (RagStatus.COMPLETE, "99.9", True),
        (RagStatus.COMPLETE, 100, False),
        (RagStatus.NOT_STARTED, 40, True),
        (RagStatus.NOT_STARTED, 0, False),
        (RagStatus.ON_TRACK, 0, False),
        (RagStatus.ON_TRACK, 100, False),
    ],
)
def test_a_percentage_that_its_status_contradicts_needs_a_note(
    status: RagStatus, percent: int | str, is_refused: bool
) -> None:
    assert rules_broken(an_update(percent, status)) == [("percent_complete", "status-and-percent")] * is_refused
    assert rules_broken(an_update(percent, status, note="The rest was taken out of scope")) == []


def test_off_track_with_a_recovery_plan_is_accepted() -> None:
    assert rules_broken(an_update(50, RagStatus.OFF_TRACK, recovery="Two more people from Monday")) == []


@pytest.mark.parametrize(("percent", "is_refused"), [(99, False), (100, True), ("100.0", True)])
def test_everything_done_is_not_at_risk(percent: int | str, is_refused: bool) -> None:
    assert rules_broken(an_update(percent, RagStatus.AT_RISK)) == [("status", "complete-at-risk")] * is_refused


@pytest.mark.parametrize(("before", "now", "is_refused"), [(60, 59, True), (60, 60, False), (60, 61, False)])
def test_a_percentage_that_falls_needs_a_note(before: int, now: int, is_refused: bool) -> None:
    assert rules_broken(an_update(now), an_update(before)) == [("note", "fell-without-note")] * is_refused
    assert rules_broken(an_update(now, note="Counted again"), an_update(before)) == []


@pytest.mark.parametrize(("previous", "now"), [(None, 10), (an_update(None), 10), (an_update(60), None)])
def test_nothing_falls_where_a_figure_was_not_given(previous: MilestoneUpdate | None, now: int | None) -> None:
    assert rules_broken(an_update(now), previous) == []


@pytest.mark.parametrize(
    ("forecast", "is_refused"),
    [(date(2025, 9, 29), False), (date(2025, 9, 30), False), (date(2025, 10, 1), True), (None, False)],
)
def test_a_forecast_beyond_the_baseline_that_is_on_track_needs_a_note(forecast: date | None, is_refused: bool) -> None:
    assert rules_broken(an_update(forecast=forecast)) == [("forecast", "late-but-on-track")] * is_refused
    assert rules_broken(an_update(forecast=forecast, note="The vendor moved the date")) == []
    assert rules_broken(an_update(50, RagStatus.AT_RISK, forecast=forecast)) == []
    assert rules_broken(an_update(forecast=forecast), baseline=None) == []


def test_every_problem_of_an_answer_is_said_at_once() -> None:
    update = an_update(10, RagStatus.OFF_TRACK)
    assert rules_broken(update, an_update(20)) == [("recovery", "recovery-missing"), ("note", "fell-without-note")]


@pytest.mark.parametrize(
    ("forecast", "is_refused"),
    [(1_050, False), ("1050.01", True), (950, False), ("949.99", True), (1_000, False)],
)
def test_a_variance_that_passes_five_percent_either_way_needs_a_note(forecast: int | str, is_refused: bool) -> None:
    said = Resources(forecast_at_completion=Decimal(forecast))
    problems = check_resources(said, Thresholds(), budget=BUDGET)
    assert [(p.at, p.rule) for p in problems] == [("budget_note", "variance-needs-note")] * is_refused


@pytest.mark.parametrize(("spent", "is_refused"), [(999, False), (1_000, False), ("1000.01", True)])
def test_a_forecast_below_what_is_spent_needs_a_note(spent: int | str, is_refused: bool) -> None:
    said = Resources(forecast_at_completion=Decimal(1_000), actual_cost=Decimal(spent))
    problems = check_resources(said, Thresholds(), budget=None)
    assert [(p.at, p.rule) for p in problems] == [("forecast_at_completion", "forecast-below-spent")] * is_refused
    assert check_resources(replace(said, budget_note="A refund is due"), Thresholds(), budget=None) == []


def test_a_variance_with_a_note_or_without_figures_is_accepted() -> None:
    over = Resources(percent_variance=Decimal(20), budget_note="A second vendor")
    assert check_resources(over, Thresholds(), budget=None) == []
    assert check_resources(Resources(actual_cost=Decimal(5_000)), Thresholds(), budget=BUDGET) == []


@pytest.mark.parametrize(
    ("forecast", "days"),
    [
        (date(2025, 9, 30), 0),
        (date(2025, 10, 1), 1),
        (date(2025, 10, 6), 4),  # over a weekend
        (date(2025, 9, 26), -2),  # earlier than the baseline is negative
        (None, None),
    ],
)
def test_slippage_is_in_working_days_and_positive_when_later(forecast: date | None, days: int | None) -> None:
    assert slippage(BASELINE, forecast, WEEKDAYS) == days
    assert slippage(None, forecast, WEEKDAYS) is None


def test_amounts_win_over_percentages() -> None:
    both = Resources(
        forecast_at_completion=Decimal(1_100),
        actual_cost=Decimal(530),
        percent_variance=Decimal(3),
        percent_used=Decimal(99),
    )
    assert over_budget(both, BUDGET) == 10
    assert percent_used(both, BUDGET) == 53
    assert over_budget(both, None) == 3
    assert percent_used(both, None) == 99


def test_this_quarter_s_budget_counts_before_the_project_s() -> None:
    said = Resources(budget_at_completion=Decimal(2_000), forecast_at_completion=Decimal(1_900))
    assert over_budget(said, BUDGET) == -5


def test_a_budget_of_nothing_is_not_the_project_s() -> None:
    said = Resources(budget_at_completion=Decimal(0), actual_cost=Decimal(500), forecast_at_completion=Decimal(700))
    assert (percent_used(said, BUDGET), over_budget(said, BUDGET)) == (None, None)


@pytest.mark.parametrize(
    ("risk", "expected"),
    [
        (a_risk(impact=Rating.HIGH), False),
        (a_risk(impact=Rating.HIGH, mitigation=None), True),
        (a_risk(probability=Rating.HIGH, owner=None), True),
        (a_risk(mitigation=None, owner=None), False),
        (a_risk(kind=RiskKind.BLOCKER, probability=None, impact=None, owner=None), True),
        (a_risk(kind=RiskKind.BLOCKER, mitigation=None, is_open=False), False),
    ],
)
def test_a_high_risk_or_a_blocker_needs_a_mitigation_and_an_owner(risk: Risk, expected: bool) -> None:
    assert is_unmanaged(risk) is expected


def standing(update: MilestoneUpdate | None = None, weight: int = 1, **values: object) -> Standing:
    return Standing(**{"weight": Decimal(weight), "update": update, "slippage": None, "is_due": True, **values})


FINE = standing(an_update(50))
DONE = standing(an_update(100, RagStatus.COMPLETE))
DONE_BEFORE = standing(is_due=False, was_complete=True)
IDLE = standing(an_update(0, RagStatus.NOT_STARTED))
SILENT = standing()
EXCUSED = standing(is_due=False)
DATED = standing(an_update(50), baseline=BASELINE)


def status_of(
    *standings: Standing,
    resources: Resources | None = None,
    risks: tuple[Risk, ...] = (),
    budget: Decimal | None = BUDGET,
) -> RagStatus:
    cpi = earned_value(standings, resources, budget, on=BASELINE).cost_performance_index
    over, has_begun = overrun(resources, budget), has_spent(resources)
    return status_by_rule(standings, over=over, cpi=cpi, risks=risks, thresholds=Thresholds(), has_begun=has_begun)


@pytest.mark.parametrize(
    ("standings", "expected"),
    [
        ([FINE], RagStatus.ON_TRACK),
        ([DONE, DONE], RagStatus.COMPLETE),
        ([DONE_BEFORE, DONE], RagStatus.COMPLETE),
        ([DONE, FINE], RagStatus.ON_TRACK),
        ([DONE, SILENT], RagStatus.ON_TRACK),  # half is answered, the other half is not known to be complete
        ([IDLE, IDLE], RagStatus.NOT_STARTED),
        ([IDLE, FINE], RagStatus.ON_TRACK),
        ([IDLE, DONE_BEFORE], RagStatus.ON_TRACK),
        ([SILENT], RagStatus.NOT_KNOWN),
        ([], RagStatus.NOT_KNOWN),
        ([FINE, SILENT], RagStatus.ON_TRACK),  # exactly half
        ([FINE, SILENT, SILENT], RagStatus.NOT_KNOWN),
        ([IDLE, SILENT, SILENT], RagStatus.NOT_KNOWN),
        ([standing(an_update(50), weight=2), SILENT, SILENT], RagStatus.ON_TRACK),  # half of the weight
        ([DONE_BEFORE, SILENT], RagStatus.NOT_KNOWN),  # what is not due does not count as answered
        ([EXCUSED, EXCUSED], RagStatus.NOT_KNOWN),
        ([DONE_BEFORE, EXCUSED], RagStatus.NOT_KNOWN),  # neither all complete nor anything due
        ([DONE, EXCUSED], RagStatus.ON_TRACK),
        ([FINE, EXCUSED, EXCUSED], RagStatus.ON_TRACK),  # all that was due is answered
        ([FINE, SILENT, SILENT, EXCUSED], RagStatus.NOT_KNOWN),
        ([standing(an_update(50, None))], RagStatus.ON_TRACK),  # a percentage alone is judged by what it says
        ([FINE, standing(an_update(10, RagStatus.AT_RISK))], RagStatus.AT_RISK),
        ([FINE, standing(an_update(10, RagStatus.AT_RISK)), standing(an_update(5, RagStatus.OFF_TRACK))],
         RagStatus.OFF_TRACK),
    ],
)  # fmt: skip
def test_the_status_of_a_project_from_its_milestones(standings: list[Standing], expected: RagStatus) -> None:
    assert status_of(*standings) is expected


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (-40, RagStatus.ON_TRACK), (10, RagStatus.ON_TRACK), (11, RagStatus.AT_RISK),
        (30, RagStatus.AT_RISK), (31, RagStatus.OFF_TRACK),
    ],
)  # fmt: skip
def test_slippage_thresholds(days: int, expected: RagStatus) -> None:
    assert status_of(FINE, standing(an_update(50), slippage=days)) is expected


def test_a_complete_milestone_no_longer_slips() -> None:
    late = standing(an_update(100, RagStatus.COMPLETE), slippage=60)
    assert status_of(FINE, late) is RagStatus.ON_TRACK


@pytest.mark.parametrize(
    ("forecast", "expected"),
    [
        (900, RagStatus.ON_TRACK), ("1049.99", RagStatus.ON_TRACK), (1_050, RagStatus.AT_RISK),
        ("1099.99", RagStatus.AT_RISK), (1_100, RagStatus.OFF_TRACK),
    ],
)  # fmt: skip
def test_budget_thresholds(forecast: int | str, expected: RagStatus) -> None:
    assert status_of(FINE, resources=Resources(forecast_at_completion=Decimal(forecast))) is expected
    percent = (Decimal(forecast) - BUDGET) / 10
    assert status_of(FINE, resources=Resources(percent_variance=percent), budget=None) is expected


@pytest.mark.parametrize(
    ("spent", "expected"),
    [
        (500, RagStatus.ON_TRACK),
        ("555.55", RagStatus.ON_TRACK),  # 50 % of 1,000 earned: CPI just above 0.9
        ("555.56", RagStatus.AT_RISK),  # just below
        (625, RagStatus.AT_RISK),  # exactly 0.8
        ("625.01", RagStatus.OFF_TRACK),
    ],
)
def test_cost_performance_thresholds(spent: int | str, expected: RagStatus) -> None:
    assert status_of(FINE, resources=Resources(actual_cost=Decimal(spent))) is expected


@pytest.mark.parametrize(
    ("spent", "expected"),
    [
        (1_000, RagStatus.ON_TRACK), ("1049.99", RagStatus.ON_TRACK), (1_050, RagStatus.AT_RISK),
        ("1099.99", RagStatus.AT_RISK), (1_100, RagStatus.OFF_TRACK),
    ],
)  # fmt: skip
def test_spending_beyond_the_budget_counts_as_over_it_whatever_the_forecast_says(
    spent: int | str, expected: RagStatus
) -> None:
    """No percentage is given, so that no cost index fires; a forecast below what is spent is out of date."""
    told = standing(an_update(None))
    cost = Decimal(spent)
    assert status_of(told, resources=Resources(actual_cost=cost)) is expected
    assert status_of(told, resources=Resources(actual_cost=cost, forecast_at_completion=BUDGET)) is expected
    assert status_of(told, resources=Resources(percent_used=cost / 10), budget=None) is expected


@pytest.mark.parametrize(
    ("update", "expected"),
    [
        (MilestoneUpdate(forecast=BASELINE), RagStatus.ON_TRACK),  # nobody said that it has not begun
        (MilestoneUpdate(percent_complete=Decimal(0)), RagStatus.NOT_STARTED),
        (MilestoneUpdate(status=RagStatus.NOT_STARTED), RagStatus.NOT_STARTED),
        (MilestoneUpdate(note="All is well"), RagStatus.NOT_KNOWN),  # words alone are no figure
    ],
)
def test_no_rule_fires_on_a_figure_that_was_not_given(update: MilestoneUpdate, expected: RagStatus) -> None:
    assert status_of(standing(update)) is expected
    also_idle = expected if expected is not RagStatus.NOT_KNOWN else RagStatus.NOT_STARTED  # half of the weight is told
    assert status_of(standing(update), IDLE) is also_idle


@pytest.mark.parametrize(
    ("said", "budget", "found"),
    [
        (Resources(actual_cost=Decimal(500), percent_used=Decimal(80)), BUDGET, [("percent_used", 80, 50)]),
        (
            Resources(actual_cost=Decimal(500), percent_used=Decimal("50.1")),
            BUDGET,
            [("percent_used", Decimal("50.1"), 50)],
        ),
        (Resources(actual_cost=Decimal(500), percent_used=Decimal("50.09")), BUDGET, []),
        (Resources(actual_cost=Decimal(509), percent_used=Decimal(50)), BUDGET, []),  # given in whole points
        (Resources(actual_cost=Decimal(510), percent_used=Decimal(50)), BUDGET, [("percent_used", 50, 51)]),
        (Resources(actual_cost=Decimal(500), percent_used=Decimal(80)), None, []),  # no budget to reckon with
        (Resources(actual_cost=Decimal(500), percent_variance=Decimal(20)), BUDGET, []),  # no forecast to reckon with
        (
            Resources(forecast_at_completion=Decimal(900), percent_variance=Decimal(20)),
            BUDGET,
            [("percent_variance", 20, -10)],
        ),
        (None, BUDGET, []),
    ],
)
def test_percentages_that_disagree_with_the_amounts_are_told(
    said: Resources | None, budget: Decimal | None, found: list[tuple[str, Decimal, Decimal]]
) -> None:
    assert [(m.at, *m.values.values()) for m in mismatches(said, budget)] == found


def test_earned_value_is_weighted_and_counts_what_is_complete() -> None:
    resources = Resources(actual_cost=Decimal(1_000))
    two_thirds = [standing(an_update(100, None), weight=2), standing(an_update(0))]
    done = [DONE_BEFORE, standing(an_update(None, RagStatus.COMPLETE))]
    assert earned_value(two_thirds, resources, Decimal(3_000), on=BASELINE).cost_performance_index == 2
    assert earned_value(done, resources, BUDGET, on=BASELINE).cost_performance_index == 1


def test_work_is_planned_by_the_milestones_whose_baseline_has_come() -> None:
    standings = [
        standing(an_update(50), weight=3, baseline=BASELINE),
        standing(an_update(0), weight=1, baseline=date(2025, 10, 1)),
    ]
    figures = earned_value(standings, Resources(actual_cost=Decimal(500)), BUDGET, on=BASELINE)
    assert (figures.planned_value, figures.earned_value, figures.actual_cost) == (750, 375, 500)
    assert (figures.cost_performance_index, figures.schedule_performance_index) == (Decimal("0.75"), Decimal("0.5"))
    the_day_before = earned_value(standings, None, BUDGET, on=date(2025, 9, 29))
    assert (the_day_before.planned_value, the_day_before.schedule_performance_index) == (0, None)


def test_without_a_baseline_for_each_nothing_is_planned_and_without_a_percentage_for_each_nothing_is_earned() -> None:
    undated = earned_value([FINE, standing(an_update(50), baseline=BASELINE)], None, BUDGET, on=BASELINE)
    assert (undated.planned_value, undated.earned_value, undated.schedule_performance_index) == (None, 500, None)
    silent = earned_value([standing(baseline=BASELINE), DATED], None, BUDGET, on=BASELINE)
    assert (silent.planned_value, silent.earned_value, silent.schedule_performance_index) == (1_000, None, None)


def test_excused_milestones_are_in_no_average() -> None:
    figures = earned_value([DATED, EXCUSED], Resources(actual_cost=Decimal(500)), BUDGET, on=BASELINE)
    assert (figures.planned_value, figures.earned_value, figures.cost_performance_index) == (1_000, 500, 1)


PERCENTS = st.none() | st.integers(0, 100).map(Decimal)
STANDINGS = st.builds(
    lambda percent, weight, has_baseline, is_due: standing(
        an_update(percent, None), weight=weight, baseline=BASELINE if has_baseline else None, is_due=is_due
    ),
    PERCENTS,
    st.integers(1, 5),
    st.booleans(),
    st.booleans(),
)
AMOUNTS = st.none() | st.integers(0, 5_000).map(Decimal)


@for_all(st.lists(STANDINGS, max_size=5), AMOUNTS, AMOUNTS)
def test_no_figure_is_made_up_and_indices_follow_from_the_figures(
    standings: list[Standing], cost: Decimal | None, budget: Decimal | None
) -> None:
    figures = earned_value(standings, Resources(actual_cost=cost), budget, on=BASELINE)
    counted = [s for s in standings if s.is_due]
    all_said = bool(counted) and all(s.update and s.update.percent_complete is not None for s in counted)
    all_dated = bool(counted) and all(s.baseline for s in counted)
    assert (figures.earned_value is not None) == bool(budget and all_said)
    assert (figures.planned_value is not None) == bool(budget and all_dated)
    assert (figures.cost_performance_index is not None) == bool(budget and all_said and cost)
    if figures.earned_value is not None:
        assert 0 <= figures.earned_value <= (budget or 0)
    if figures.cost_performance_index is not None:
        assert figures.cost_performance_index * (cost or 0) == pytest.approx(figures.earned_value)


@pytest.mark.parametrize(
    ("standings", "resources", "budget"),
    [
        ([FINE, SILENT], Resources(actual_cost=Decimal(1_000)), BUDGET),  # a missing update is not averaged away
        ([standing(an_update(None))], Resources(actual_cost=Decimal(1_000)), BUDGET),
        ([FINE], Resources(), BUDGET),
        ([FINE], Resources(actual_cost=Decimal(0)), BUDGET),
        ([FINE], Resources(actual_cost=Decimal(1_000)), None),
        ([FINE], None, BUDGET),
        ([], Resources(actual_cost=Decimal(1_000)), BUDGET),
    ],
)
def test_without_all_its_figures_there_is_no_cost_performance_and_it_fires_nothing(
    standings: list[Standing], resources: Resources | None, budget: Decimal | None
) -> None:
    assert earned_value(standings, resources, budget, on=BASELINE).cost_performance_index is None
    expected = RagStatus.ON_TRACK if standings else RagStatus.NOT_KNOWN
    assert status_of(*standings, resources=resources, budget=budget) is expected


def test_an_unmanaged_risk_puts_the_project_at_risk_and_a_managed_one_does_not() -> None:
    assert status_of(FINE, risks=(a_risk(impact=Rating.HIGH),)) is RagStatus.ON_TRACK
    assert status_of(FINE, risks=(a_risk(impact=Rating.HIGH, owner=None),)) is RagStatus.AT_RISK


@pytest.mark.parametrize("spent", [Resources(actual_cost=Decimal(1)), Resources(percent_used=Decimal(1))])
def test_a_project_that_has_spent_has_started(spent: Resources) -> None:
    assert status_of(IDLE, resources=spent, budget=None) is RagStatus.ON_TRACK


def test_the_thresholds_are_settings() -> None:
    strict = Thresholds(at_risk_slippage_days=0, off_track_slippage_days=2)
    slipped = standing(an_update(50), slippage=3)
    assert status_by_rule([slipped], over=Decimal(0), cpi=None, risks=(), thresholds=strict) is RagStatus.OFF_TRACK
