"""Each check of figures, dates and answers fires where it must and stays silent where it must."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from bot.domain.checks import run_checks
from bot.domain.milestone_line import MilestoneLine
from bot.domain.project import Milestone, RagStatus
from bot.domain.quarter import Quarter
from bot.domain.report import ScopeChange, ScopeChangeKind
from bot.domain.reporting import build_report
from bot.domain.update import (
    MilestoneUpdate,
    Objective,
    ProjectSummary,
    Promise,
    PromiseResult,
    QuarterAnswers,
    Rating,
    Resources,
    RiskKind,
)
from tests.builders import Q1, Q2, Q3, a_milestone, a_project, a_risk, an_update, answers, facts, given

PROMISED = Objective("launch", "Launch", target="Q3 2025")
ON_TRACK = ProjectSummary(status=RagStatus.ON_TRACK)
AT_RISK = ProjectSummary(status=RagStatus.AT_RISK)


def fired(
    this_quarter: QuarterAnswers,
    before: QuarterAnswers | None = None,
    *milestones: Milestone,
    budget: int | None = None,
) -> dict[str, int]:
    """The checks that fire, with their number of pieces of evidence."""
    project = a_project(*milestones, budget_at_completion=None if budget is None else Decimal(budget))
    built = facts(project, {Q2: before or QuarterAnswers(), Q3: this_quarter})
    return {finding.check: len(finding.evidence) for finding in run_checks(build_report(built), built)}


def said(update: MilestoneUpdate, summary: ProjectSummary | None = None) -> QuarterAnswers:
    return answers({"front-end": update}, summary=summary)


def test_a_report_with_nothing_amiss_has_no_finding() -> None:
    assert fired(said(an_update(50)), None, a_milestone(baseline=date(2025, 12, 1))) == {}


def test_a_due_milestone_without_an_answer_is_named() -> None:
    assert fired(said(an_update()), None, a_milestone(baseline=None), a_milestone("back-end")) == {"missing-update": 1}


@pytest.mark.parametrize(
    ("update", "baseline", "fires"),
    [
        (an_update(50), date(2025, 9, 29), True),  # past its baseline and not done
        (an_update(50), date(2025, 9, 30), False),  # judged on the quarter's last day
        (an_update(100), date(2025, 9, 1), False),
        (an_update(100, RagStatus.COMPLETE), date(2025, 9, 1), False),
        (an_update(50, forecast=date(2025, 10, 14)), date(2025, 9, 30), False),  # 9 working days, Columbus Day between
        (an_update(50, forecast=date(2025, 10, 15)), date(2025, 9, 30), False),  # 10: the tolerance
        (an_update(50, forecast=date(2025, 10, 16)), date(2025, 9, 30), True),
        (an_update(50), None, False),
    ],
)
def test_on_track_is_held_against_the_schedule(update: MilestoneUpdate, baseline: date | None, fires: bool) -> None:
    milestone = a_milestone(baseline=baseline)
    assert ("status-vs-schedule" in fired(said(update, ON_TRACK), None, milestone)) is fires
    assert "status-vs-schedule" not in fired(said(update, AT_RISK), None, milestone)


@pytest.mark.parametrize(
    ("before", "baseline", "fires"),
    [
        (an_update(60), date(2025, 9, 29), True),
        (an_update(60), date(2025, 9, 30), False),
        (None, date(2025, 9, 29), True),  # nobody ever answered
        (an_update(100), date(2025, 9, 29), False),
        (an_update(60), None, False),
    ],
)
def test_on_track_is_held_against_the_baseline_of_a_milestone_that_nobody_answered_for(
    before: MilestoneUpdate | None, baseline: date | None, fires: bool
) -> None:
    project = a_project(a_milestone(baseline=baseline), a_milestone("back-end", baseline=None))
    this_quarter = answers({"back-end": an_update(50)}, summary=ON_TRACK)
    built = facts(project, {Q2: said(before) if before else QuarterAnswers(), Q3: this_quarter})
    found = [finding for finding in run_checks(build_report(built), built) if finding.check == "status-vs-schedule"]
    assert [piece["is_missing"] for finding in found for piece in finding.evidence] == [True] * fires


@pytest.mark.parametrize(
    ("resources", "fires"),
    [
        (Resources(forecast_at_completion=Decimal("1049.99")), False),
        (Resources(forecast_at_completion=Decimal(1_050)), True),
        (Resources(actual_cost=Decimal("1049.99")), False),
        (Resources(actual_cost=Decimal(1_050)), True),
        (Resources(), False),
    ],
)
def test_on_track_is_held_against_the_budget(resources: Resources, fires: bool) -> None:
    def check(summary: ProjectSummary) -> bool:
        this_quarter = answers({"front-end": an_update(95)}, resources=resources, summary=summary)
        return "status-vs-budget" in fired(this_quarter, None, budget=1_000)

    assert check(ON_TRACK) is fires
    assert not check(AT_RISK)


def test_a_percentage_that_disagrees_with_the_amounts_is_shown_beside_them() -> None:
    said_of_money = Resources(actual_cost=Decimal(500), percent_used=Decimal(80), percent_variance=Decimal(20))
    project = a_project(budget_at_completion=Decimal(1_000))
    built = facts(project, {Q3: answers({"front-end": an_update()}, resources=said_of_money)})
    report = build_report(built)
    assert report.resources is not None
    money = report.resources
    assert (money.percent_used, money.reported_percent_used) == (50, 80)
    assert (money.percent_variance, money.reported_percent_variance) == (20, None)  # no forecast to reckon with
    (finding,) = [finding for finding in run_checks(report, built) if finding.check == "percent-mismatch"]
    assert [piece["problem"].at for piece in finding.evidence] == ["percent_used"]
    assert finding.is_for_manager_only


@pytest.mark.parametrize(
    ("now", "note", "fires"), [(59, None, True), (59, "Counted again", False), (60, None, False), (None, None, False)]
)
def test_a_percentage_that_fell_without_a_word_is_named(now: int | None, note: str | None, fires: bool) -> None:
    assert ("progress-fell" in fired(said(an_update(now, note=note)), said(an_update(60)))) is fires


@pytest.mark.parametrize(
    ("promise", "fires"), [(None, True), (Promise(PromiseResult.KEPT), False), (Promise(PromiseResult.DROPPED), False)]
)
def test_an_objective_that_came_due_and_nobody_answered_for_is_named(promise: Promise | None, fires: bool) -> None:
    update = an_update(promised={"launch": promise} if promise else {})
    assert ("promise-missed" in fired(said(update), answers(objectives=(PROMISED,)))) is fires


def test_a_high_risk_and_a_blocker_without_somebody_or_something_to_be_done_are_named() -> None:
    risks = (
        a_risk("high", impact=Rating.HIGH, owner=None),
        a_risk("blocker", kind=RiskKind.BLOCKER, mitigation=None),
        a_risk("medium", owner=None),
        a_risk("closed", impact=Rating.HIGH, owner=None, is_open=False),
    )
    assert fired(answers({"front-end": an_update()}, risks=risks)) == {"risk-unmanaged": 2}


AGEING = [(Q3, False), (Q2, False), (Q1, True), (Quarter(2024, 2), True)]


@pytest.mark.parametrize(("opened", "fires"), AGEING)
def test_a_risk_ages_in_the_third_quarter_in_which_it_is_open(opened: Quarter, fires: bool) -> None:
    is_ageing = "risk-ageing" in fired(answers({"front-end": an_update()}, risks=(a_risk(opened=opened),)))
    assert is_ageing is fires
    closed = a_risk(opened=opened, is_open=False)
    assert "risk-ageing" not in fired(answers({"front-end": an_update()}, risks=(closed,)))


@pytest.mark.parametrize(
    ("percent", "cost", "fires"),
    [(45, 500, False), ("44.9", 500, True), (45, 501, True), (None, 500, False), (45, None, False), (0, 0, False)],
)
def test_money_that_is_spent_faster_than_work_is_done(percent: int | str | None, cost: int | None, fires: bool) -> None:
    """45 % of 1,000 is worth 450; 450 for 500 spent is 0.9."""
    spent = Resources(actual_cost=None if cost is None else Decimal(cost))
    this_quarter = answers({"front-end": an_update(percent)}, resources=spent)
    assert ("spend-vs-progress" in fired(this_quarter, None, budget=1_000)) is fires
    assert "spend-vs-progress" not in fired(this_quarter, None)


def plan_findings(*changes: ScopeChange) -> dict[str, int]:
    """The checks that fire for changes of the plan."""
    built = facts(history={Q3: answers({"front-end": an_update()})})
    report = replace(build_report(built), scope_changes=changes)
    found = {finding.check: len(finding.evidence) for finding in run_checks(report, built)}
    return {check: found[check] for check in ("budget-rebaselined", "baseline-moved", "scope-moved") if check in found}


def test_changes_of_the_plan_are_told_apart() -> None:
    kinds = ScopeChangeKind
    assert plan_findings(ScopeChange(kinds.REBASELINED, "p", "P", "100", "120")) == {"budget-rebaselined": 1}
    assert plan_findings(ScopeChange(kinds.BASELINE_MOVED, "m", "M", "2025-09-30", "2025-12-31")) == {
        "baseline-moved": 1
    }
    both = ScopeChange(kinds.ADDED, "m", "M"), ScopeChange(kinds.DROPPED, "n", "N")
    assert plan_findings(*both) == {"scope-moved": 2}
    assert plan_findings(ScopeChange(kinds.RENAMED, "m", "M", "L", "M")) == {}
    assert plan_findings(ScopeChange(kinds.HANDED_OVER, "m", "M", "Alice", "Bob")) == {}
    assert plan_findings(ScopeChange(kinds.REBASELINED, "p", "P", "100", None)) == {}  # not given this quarter


DAY, LATER = date(2025, 12, 1), date(2025, 12, 2)
STILL = an_update(40, forecast=DAY)


@pytest.mark.parametrize(
    ("first", "second", "now", "fires"),
    [
        (STILL, STILL, STILL, True),
        (an_update(40), an_update(40), an_update(40), True),  # a date never given stands still
        (STILL, None, STILL, True),  # silence in between moves nothing
        (None, STILL, STILL, False),  # one quarter only
        (an_update(39, forecast=DAY), STILL, STILL, False),
        (STILL, an_update(41, forecast=DAY), STILL, False),
        (STILL, an_update(40, forecast=LATER), STILL, False),
        (STILL, an_update(40, RagStatus.AT_RISK, forecast=DAY), STILL, False),
        (STILL, STILL, an_update(40), False),
        (STILL, STILL, None, False),
        (an_update(None), an_update(None), an_update(None), False),
        (an_update(100), an_update(100), an_update(100), False),
        *[
            (an_update(0, s), an_update(0, s), an_update(0, s), False)
            for s in (RagStatus.NOT_STARTED, RagStatus.COMPLETE)
        ],
    ],
)
def test_no_movement_for_two_quarters_is_a_stall(
    first: MilestoneUpdate | None, second: MilestoneUpdate | None, now: MilestoneUpdate | None, fires: bool
) -> None:
    said_then = {Q1: first, Q2: second, Q3: now}
    history = {quarter: said(update) if update else QuarterAnswers() for quarter, update in said_then.items()}
    built = facts(history=history)
    found = [finding for finding in run_checks(build_report(built), built) if finding.check == "stalled"]
    assert bool(found) is fires
    assert all(piece["since"] == Q1 for finding in found for piece in finding.evidence)


@pytest.mark.parametrize(("baseline", "fires"), [(date(2025, 9, 29), True), (date(2025, 9, 30), False), (None, False)])
def test_what_has_not_started_stalls_once_its_baseline_is_past(baseline: date | None, fires: bool) -> None:
    idle = said(an_update(0, RagStatus.NOT_STARTED))
    built = facts(a_project(a_milestone(baseline=baseline)), {Q1: idle, Q2: idle, Q3: idle})
    assert ("stalled" in [finding.check for finding in run_checks(build_report(built), built)]) is fires


@pytest.mark.parametrize(
    ("before", "now", "fires"), [(True, True, True), (False, True, False), (True, False, False), (None, True, False)]
)
def test_nothing_changed_is_stale_the_second_time_in_a_row(before: bool | None, now: bool, fires: bool) -> None:
    update = {"front-end": an_update()}
    earlier = QuarterAnswers() if before is None else answers(update, confirmed=before)
    assert ("stale-confirmation" in fired(answers(update, confirmed=now), earlier)) is fires


def test_evidence_tells_who_said_it_and_on_which_day_of_the_company_s() -> None:
    at = datetime(2025, 10, 1, 2, tzinfo=UTC)  # still September in New York
    this_quarter = QuarterAnswers({"front-end": given(an_update(50), at=at)})
    built = facts(history={Q2: said(an_update(60)), Q3: this_quarter}, names={"U0ALICE": "Alice"})
    (finding,) = [f for f in run_checks(build_report(built), built) if f.check == "progress-fell"]
    (piece,) = finding.evidence
    assert (piece["by"], piece["on"]) == ("Alice", date(2025, 9, 30))
    assert isinstance(piece["line"], MilestoneLine)
    assert piece["line"].key == "front-end"
