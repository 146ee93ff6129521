"""The status held against dates and money. Evidence: `line`, or `resources` and `earned_value`."""

from __future__ import annotations

from collections.abc import Iterator

from bot.domain.checks.evidence import Values, of_answer, of_line
from bot.domain.facts import ReportFacts
from bot.domain.milestone_line import LineState, MilestoneLine
from bot.domain.project import RagStatus
from bot.domain.report import QuarterlyReport
from bot.domain.rules import mismatches


def status_vs_schedule(report: QuarterlyReport, facts: ReportFacts) -> Iterator[Values]:
    """On track is shown, but a milestone is past its baseline, or forecast beyond it by more than the tolerance.

    One that nobody answered for is past its baseline too, unless it was complete when last known; `is_missing` tells it apart.
    """
    if report.status.shown is RagStatus.ON_TRACK:
        late = (line for line in report.milestones if _is_late(line, facts))
        yield from (of_line(line, facts, is_missing=line.state is LineState.MISSING) for line in late)


def status_vs_budget(report: QuarterlyReport, facts: ReportFacts) -> Iterator[Values]:
    """On track is shown, but forecast or actual cost is over budget by the tolerance or more.

    A percentage is reached by as much, as in the status rule ("over budget by 5 %"): who claims On track there is asked why.
    """
    money = report.resources
    if report.status.shown is not RagStatus.ON_TRACK or money is None:
        return
    limit = facts.thresholds.budget_tolerance_percent
    is_over = money.percent_variance is not None and money.percent_variance >= limit
    is_overspent = money.percent_used is not None and money.percent_used >= 100 + limit
    if is_over or is_overspent:
        yield of_answer(facts.answers.resources, facts, source="resources", resources=money, is_over=is_over)


def spend_vs_progress(report: QuarterlyReport, facts: ReportFacts) -> Iterator[Values]:
    """The cost performance index is under its limit; nothing where one of its inputs was not given."""
    earned = report.earned_value
    index = earned.cost_performance_index if earned else None
    limit = facts.thresholds.spend_vs_progress_cpi
    if index is not None and index < limit:
        found = {"earned_value": earned, "currency": facts.project.currency, "limit": limit}
        yield of_answer(facts.answers.resources, facts, source="resources", **found)


def percent_mismatch(report: QuarterlyReport, facts: ReportFacts) -> Iterator[Values]:
    """A percentage was given that disagrees with the amounts beside it. `problem` holds both; the amounts win."""
    given, shown = facts.answers.resources, report.resources
    for problem in mismatches(given.value if given else None, shown.budget_at_completion if shown else None):
        yield of_answer(given, facts, source="resources", problem=problem)


def _is_late(line: MilestoneLine, facts: ReportFacts) -> bool:
    said = line.known if line.state is LineState.MISSING else line
    is_told = line.is_answered or line.state is LineState.MISSING
    if not is_told or (said is not None and said.status is RagStatus.COMPLETE):
        return False
    is_done = said is not None and said.percent_complete == 100
    is_past = line.baseline is not None and line.baseline < facts.judged_on and not is_done
    return is_past or (line.slippage_days or 0) > facts.thresholds.schedule_tolerance_days
