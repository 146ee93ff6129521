"""Thresholds are settings: each moves exactly the boundary that it names, in the rule, the checks and the dialogs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from bot.domain.checks import run_checks
from bot.domain.facts import ReportFacts
from bot.domain.project import Project, RagStatus
from bot.domain.quarter import ReportingRules
from bot.domain.reporting import build_report
from bot.domain.rules import Standing, check_resources, overrun, status_by_rule
from bot.domain.thresholds import Thresholds
from bot.domain.tracker import TrackerFigure, Trackings
from bot.domain.tracker_ref import TrackerSource
from bot.domain.update import ProjectSummary, QuarterAnswers, Resources
from tests.builders import COMPANY, Q3, WEEKDAYS, a_milestone, a_project, a_risk, an_update, answers, facts

ON_TRACK = ProjectSummary(status=RagStatus.ON_TRACK)


def a_status(figure: Decimal | None, thresholds: Thresholds, what: str) -> RagStatus:
    """The status by rule of a project about which one figure is known."""
    slip = int(figure) if what == "slippage" and figure is not None else None
    money = Resources(percent_variance=figure) if what == "over" else None
    answered = Standing(Decimal(1), an_update(50), slip, is_due=True)
    cpi = figure if what == "cpi" else None
    return status_by_rule([answered], over=overrun(money, None), cpi=cpi, risks=(), thresholds=thresholds)


def a_share(percent: Decimal, thresholds: Thresholds) -> RagStatus:
    """The status by rule of a project of which so much is answered for, 0 to 100."""
    due = (Standing(percent, an_update(50), None, is_due=True), Standing(100 - percent, None, None, is_due=True))
    return status_by_rule(due, over=Decimal(0), cpi=None, risks=(), thresholds=thresholds)


def a_company(thresholds: Thresholds, project: Project, now: QuarterAnswers, **history: QuarterAnswers) -> ReportFacts:
    """The facts of a project in a company with these thresholds."""
    earlier = {Q3.shifted(-int(name.removeprefix("before_"))): said for name, said in history.items()}
    company = replace(COMPANY, reporting=ReportingRules(thresholds=thresholds))
    return facts(project, {**earlier, Q3: now}, portfolio=company)


def fires(check: str, built: ReportFacts) -> bool:
    """Whether a check fires."""
    return check in {finding.check for finding in run_checks(build_report(built), built)}


def is_late(figure: Decimal, thresholds: Thresholds) -> bool:
    late = an_update(50, forecast=WEEKDAYS.shift(date(2025, 12, 1), int(figure)))
    project = a_project(a_milestone(baseline=date(2025, 12, 1)))
    said = answers({"front-end": late}, summary=ON_TRACK)
    return fires("status-vs-schedule", replace(a_company(thresholds, project, said), calendar=WEEKDAYS))


def is_over_budget(figure: Decimal, thresholds: Thresholds) -> bool:
    said = answers({"front-end": an_update(50)}, resources=Resources(percent_variance=figure), summary=ON_TRACK)
    return fires("status-vs-budget", a_company(thresholds, a_project(), said))


def is_spent_too_fast(figure: Decimal, thresholds: Thresholds) -> bool:
    said = answers({"front-end": an_update(50)}, resources=Resources(actual_cost=Decimal(100)))
    project = a_project(budget_at_completion=200 * figure, currency="EUR")  # half of it is earned: 100 times the index
    return fires("spend-vs-progress", a_company(thresholds, project, said))


def is_stalled(figure: Decimal, thresholds: Thresholds) -> bool:
    still = answers({"front-end": an_update(50)})
    history = {f"before_{n}": still for n in range(1, int(figure) + 1)}
    return fires("stalled", a_company(thresholds, a_project(), still, **history))


def is_ageing(figure: Decimal, thresholds: Thresholds) -> bool:
    opened = Q3.shifted(1 - int(figure))
    said = answers({"front-end": an_update(50)}, risks=(a_risk(opened=opened),))
    return fires("risk-ageing", a_company(thresholds, a_project(), said))


def differs_from_tracker(figure: Decimal, thresholds: Thresholds) -> bool:
    told = TrackerFigure(TrackerSource.FILE, "progress.csv", figure, datetime(2025, 10, 1, tzinfo=UTC))
    built = a_company(thresholds, a_project(), answers({"front-end": an_update(0)}))
    return fires("tracker-mismatch", replace(built, trackings=Trackings({"front-end": told})))


def needs_note(figure: Decimal, thresholds: Thresholds) -> bool:
    return bool(check_resources(Resources(percent_variance=figure), thresholds, budget=None))


@dataclass(frozen=True)
class Boundary:
    """Whether what a threshold is for holds at a figure: when the figure `passes` it, by being more, as much or less."""

    passes: str
    values: st.SearchStrategy[Any]
    holds: Callable[[Decimal, Thresholds], bool]


DAYS = st.integers(0, 60)
QUARTERS = st.integers(1, 8)
PERCENTS = st.decimals("0.1", 99, places=1)
INDICES = st.decimals("0.5", "1.5", places=2)


def is_status(what: str, *statuses: RagStatus) -> Callable[[Decimal, Thresholds], bool]:
    return lambda figure, thresholds: a_status(figure, thresholds, what) in statuses


AMBER, RED = RagStatus.AT_RISK, RagStatus.OFF_TRACK
BOUNDARIES = {
    "at_risk_slippage_days": Boundary("more", DAYS, is_status("slippage", AMBER, RED)),
    "off_track_slippage_days": Boundary("more", DAYS, is_status("slippage", RED)),
    "at_risk_over_budget_percent": Boundary("as much", PERCENTS, is_status("over", AMBER, RED)),
    "off_track_over_budget_percent": Boundary("as much", PERCENTS, is_status("over", RED)),
    "at_risk_cpi": Boundary("less", INDICES, is_status("cpi", AMBER, RED)),
    "off_track_cpi": Boundary("less", INDICES, is_status("cpi", RED)),
    "answered_percent": Boundary("as much", PERCENTS, lambda share, t: a_share(share, t) is not RagStatus.NOT_KNOWN),
    "schedule_tolerance_days": Boundary("more", st.integers(0, 40), is_late),
    "budget_tolerance_percent": Boundary("as much", PERCENTS, is_over_budget),
    "spend_vs_progress_cpi": Boundary("less", INDICES, is_spent_too_fast),
    "stalled_quarters": Boundary("as much", QUARTERS, is_stalled),
    "ageing_quarters": Boundary("as much", QUARTERS, is_ageing),
    "budget_note_percent": Boundary("more", PERCENTS, needs_note),
    "tracker_mismatch_points": Boundary("more", PERCENTS, differs_from_tracker),
}
FAR = Thresholds(  # where nothing but the one threshold under test can fire
    at_risk_slippage_days=1_000,
    off_track_slippage_days=1_000,
    at_risk_over_budget_percent=Decimal(1_000),
    off_track_over_budget_percent=Decimal(1_000),
    at_risk_cpi=Decimal(0),
    off_track_cpi=Decimal(0),
    answered_percent=Decimal(100),
    schedule_tolerance_days=1_000,
    budget_tolerance_percent=Decimal(1_000),
    spend_vs_progress_cpi=Decimal(0),
    stalled_quarters=1_000,
    ageing_quarters=1_000,
    budget_note_percent=Decimal(1_000),
    tracker_mismatch_points=Decimal(1_000),
)


def test_every_threshold_has_its_boundary() -> None:
    assert set(BOUNDARIES) == {field.name for field in fields(Thresholds)}


@pytest.mark.parametrize("name", BOUNDARIES)
@for_all(data=st.data())
def test_a_threshold_moves_exactly_the_boundary_it_names(name: str, data: st.DataObject) -> None:
    boundary = BOUNDARIES[name]
    limit, figure = data.draw(boundary.values), data.draw(boundary.values)
    expected = {"more": figure > limit, "as much": figure >= limit, "less": figure < limit}[boundary.passes]
    assert boundary.holds(Decimal(figure), replace(FAR, **{name: limit})) is expected
    assert not boundary.holds(Decimal(figure), FAR), "and no other does"


def test_a_project_may_have_its_own_thresholds() -> None:
    own = ReportingRules(thresholds=Thresholds(ageing_quarters=1))
    said = answers({"front-end": an_update(50)}, risks=(a_risk(opened=Q3),))
    assert not fires("risk-ageing", facts(a_project(), {Q3: said}))
    assert fires("risk-ageing", facts(a_project(reporting=own), {Q3: said}))
