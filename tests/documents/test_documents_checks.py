"""Every check of the product has a rule and a prompt, and reads as a sentence with evidence."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from bot.documents.checks import check_lines
from bot.domain.checks import CHECKS, MANAGER_ONLY, REMARKS, Finding, run_checks
from bot.domain.project import RagStatus
from bot.domain.quarter import Quarter
from bot.domain.report import QuarterlyReport
from bot.domain.reporting import build_report
from bot.domain.tracker import TrackerFigure, Trackings
from bot.domain.tracker_ref import TrackerSource
from bot.domain.update import Objective, ProjectSummary, QuarterAnswers, Rating, Resources
from bot.texts import shipped
from tests.builders import Q1, Q2, Q3, a_change, a_milestone, a_project, a_risk, an_update, answers, facts, given

PROMPTS = (shipped("prompts"),)
IDS = [
    "status-vs-schedule",
    "status-vs-budget",
    "spend-vs-progress",
    "budget-rebaselined",
    "baseline-moved",
    "scope-moved",
    "progress-fell",
    "stalled",
    "words-moved-figure-did-not",
    "overclaimed",
    "stray-figure",
    "risk-unmanaged",
    "risk-ageing",
    "promise-missed",
    "missing-update",
    "stale-confirmation",
]
NAMES = {"U0ALICE": "Alice", "U0BOB": "Bob"}


def everything_amiss() -> tuple[QuarterlyReport, list[Finding]]:
    """A quarter in which every check fires."""
    milestones = (
        a_milestone("login", baseline=date(2025, 12, 1)),
        a_milestone("search", baseline=None),
        a_milestone("push", baseline=None),
        a_milestone("billing", baseline=date(2025, 9, 30)),
        a_milestone("audit", live_from=date(2025, 8, 1), baseline=None),
    )
    project = a_project(*milestones, budget_at_completion=Decimal(1_200_000), currency="USD")
    still = an_update(40, note="Waiting")
    before = answers(
        {"login": an_update(60), "search": still, "push": an_update(30)},
        objectives=(Objective("test", "Penetration test done", target="Q3 2025"),),
        risks=(a_risk(owner=None, impact=Rating.HIGH, opened=Q1),),
        confirmed=True,
    )
    now = QuarterAnswers(
        milestones={
            "login": given(an_update(50, forecast=date(2026, 1, 5))),
            "search": given(an_update(40, note="Merged the parser.\nThe work is complete.")),
            "push": given(an_update(30), confirmed=True),
            "audit": given(an_update(10)),
        },
        resources=given(Resources(actual_cost=Decimal(900_000), forecast_at_completion=Decimal(1_400_000))),
        summary=given(ProjectSummary(status=RagStatus.ON_TRACK, conclusion="All 413 sites are live."), by="U0BOB"),
    )
    then = datetime(2025, 8, 1, 12, tzinfo=UTC)
    trail = (
        a_change("budget_at_completion", "1000000", "1200000", then, milestone="", by="U0BOB"),
        a_change("baseline", "2025-11-03", "2025-12-01", then, milestone="login", by="U0BOB"),
    )
    built = facts(project, {Q1: answers({"search": still}), Q2: before, Q3: now}, names=NAMES, trail=trail)
    report = build_report(built)
    return report, run_checks(report, built)


def test_every_check_of_the_product_has_a_rule_and_a_prompt_and_there_are_no_others() -> None:
    assert list(CHECKS) == IDS
    prompts = {path.stem for path in (shipped("prompts") / "checks").glob("*.j2")}
    assert prompts == {*IDS, *REMARKS, "parts"}
    assert {"words-moved-figure-did-not", "overclaimed"} == MANAGER_ONLY


def test_a_remark_on_trackers_reads_as_a_sentence_and_is_for_the_manager_only() -> None:
    figure = TrackerFigure(TrackerSource.GITHUB, "o/r#1", Decimal(72), datetime(2025, 10, 2, 3, tzinfo=UTC))
    told = Trackings({"front-end": figure}, {"app": "Jira answered 500."})
    project = a_project(a_milestone(), a_milestone("app"))
    built = facts(project, {Q3: answers({"front-end": an_update(90)})}, names=NAMES, trackings=told)
    report = build_report(built)
    findings = {finding.check: finding for finding in run_checks(report, built) if finding.check in REMARKS}
    lines = {check: check_lines(check, found.evidence, report, PROMPTS) for check, found in findings.items()}
    assert lines == {
        "tracker-mismatch": (
            "A milestone's answer is more than 10 points from its tracker",
            ("Front end: 90% (Alice, Oct 1); GitHub said 72% on Oct 1",),
        ),
        "tracker-unread": ("A milestone's tracker could not be read", ("App: Jira answered 500.",)),
    }
    assert all(finding.is_for_manager_only for finding in findings.values())


def test_a_percentage_that_disagrees_with_the_amounts_is_remarked_on() -> None:
    money = Resources(
        Decimal(1_000), Decimal(500), Decimal(1_100), percent_used=Decimal(80), percent_variance=Decimal(20)
    )
    built = facts(history={Q3: answers({"front-end": an_update()}, resources=money)}, names=NAMES)
    report = build_report(built)
    (found,) = [finding for finding in run_checks(report, built) if finding.check in REMARKS]
    assert check_lines(found.check, found.evidence, report, PROMPTS) == (
        "Percentages of the budget disagree with the amounts, which count",
        (
            "Percent of budget used says 80%, the amounts say 50% (Alice, Oct 1)",
            "Over or under budget says 20%, the amounts say 10% (Alice, Oct 1)",
        ),
    )


def test_a_milestone_that_nobody_answered_for_is_past_its_baseline_and_no_more_is_said() -> None:
    project = a_project(a_milestone(baseline=date(2025, 9, 29)), a_milestone("app", baseline=None))
    said = answers({"app": an_update()}, summary=ProjectSummary(status=RagStatus.ON_TRACK))
    built = facts(project, {Q2: answers({"front-end": an_update(60)}), Q3: said})
    report = build_report(built)
    (found,) = [finding for finding in run_checks(report, built) if finding.check == "status-vs-schedule"]
    assert check_lines(found.check, found.evidence, report, PROMPTS)[1] == (
        "Front end: past its baseline of September 29, 2025, and nobody has answered for it; last known 60% in Q2 2025",
    )


@pytest.mark.parametrize(("answer", "is_far"), [(62, False), (61, True), (82, False), (83, True), (None, False)])
def test_a_tracker_is_far_beyond_the_points_and_not_at_them(answer: int | None, is_far: bool) -> None:
    figure = TrackerFigure(TrackerSource.GITHUB, "o/r#1", Decimal(72), datetime(2025, 10, 2, 3, tzinfo=UTC))
    history = {Q3: answers({"front-end": an_update(answer)})}
    built = facts(history=history, trackings=Trackings({"front-end": figure}))
    assert [f.check for f in run_checks(build_report(built), built) if f.check in REMARKS] == (
        ["tracker-mismatch"] if is_far else []
    )


EVIDENCE = {
    "status-vs-schedule": ["Login: forecast 23 working days after its baseline (Alice, Oct 1)"],
    "status-vs-budget": ["forecast 16.7% over budget ($1,400,000 of $1,200,000) (Alice, Oct 1)"],
    "budget-rebaselined": ["$1,000,000 → $1,200,000 (Bob)"],
    "baseline-moved": ["Login: November 3, 2025 → December 1, 2025, 18 working days later (Bob)"],
    "scope-moved": ["Audit: added"],
    "progress-fell": ["Login 60% → 50% (Alice, Oct 1)"],
    "stalled": ["Search: 40% since Q1 2025 (Alice, Oct 1)"],
    "words-moved-figure-did-not": ["Search, still 40%: “Merged the parser.” (Alice, Oct 1)"],
    "overclaimed": ["Search, 40%: “The work is complete.” (Alice, Oct 1)"],
    "stray-figure": ["413, in the conclusion"],
    "risk-unmanaged": ["Insufficient training: no owner (Alice, Oct 1)"],
    "risk-ageing": ["Insufficient training: open since Q1 2025, no owner (Alice, Oct 1)"],
    "promise-missed": ["“Penetration test done”, promised in Q2 2025 by Alice"],
    "missing-update": ["Billing (Alice), nothing known yet"],
    "stale-confirmation": ["Push: 30%, confirmed in Q2 2025 and again now (Alice, Oct 1)"],
}


@pytest.mark.parametrize("check", EVIDENCE)
def test_a_check_reads_as_a_sentence_with_its_evidence(check: str) -> None:
    report, findings = everything_amiss()
    (evidence,) = [finding.evidence for finding in findings if finding.check == check]
    sentence, lines = check_lines(check, evidence, report, PROMPTS)
    assert list(lines) == EVIDENCE[check]
    assert re.fullmatch(r"“?[A-Z][^.\n]+", sentence)


def test_spend_is_held_against_progress_in_the_project_s_money() -> None:
    project = a_project(budget_at_completion=Decimal(1_000_000), currency="EUR")
    spent = answers({"front-end": an_update(50)}, resources=Resources(actual_cost=Decimal(800_000)))
    built = facts(project, {Q3: spent}, names=NAMES)
    report = build_report(built)
    (evidence,) = [f.evidence for f in run_checks(report, built) if f.check == "spend-vs-progress"]
    _, lines = check_lines("spend-vs-progress", evidence, report, PROMPTS)
    assert lines == (
        "for every 1 spent, 0.63 of work is done (cost performance index, CPI; told below 0.9):"
        " €500,000 of work for €800,000 (Alice, Oct 1)",
    )


def test_what_somebody_typed_begins_no_line_of_its_own() -> None:
    risk = a_risk(title="Two\n\nlines\u2028and more", impact=Rating.HIGH, owner=None, opened=Quarter(2025, 3))
    built = facts(history={Q3: answers({"front-end": an_update()}, risks=(risk,))}, names=NAMES)
    report = build_report(built)
    (evidence,) = [f.evidence for f in run_checks(report, built) if f.check == "risk-unmanaged"]
    _, lines = check_lines("risk-unmanaged", evidence, report, PROMPTS)
    assert lines == ("Two lines and more: no owner (Alice, Oct 1)",)
