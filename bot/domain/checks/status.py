"""The status held against dates and money. Evidence: `line`, or `resources` and `earned_value`."""

from __future__ import annotations

from collections.abc import Iterator

from bot.domain.checks.evidence import Values, is_answered, of_answer, of_line
from bot.domain.facts import ReportFacts
from bot.domain.project import RagStatus
from bot.domain.report import MilestoneLine, QuarterlyReport


def status_vs_schedule(report: QuarterlyReport, facts: ReportFacts) -> Iterator[Values]:
    """On track is shown, but a milestone is past its baseline, or forecast beyond it by more than the tolerance."""
    if report.status.shown is RagStatus.ON_TRACK:
        yield from (of_line(line, facts) for line in report.milestones if _is_late(line, facts))


def status_vs_budget(report: QuarterlyReport, facts: ReportFacts) -> Iterator[Values]:
    """On track is shown, but forecast or actual cost is over budget beyond the tolerance."""
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


def _is_late(line: MilestoneLine, facts: ReportFacts) -> bool:
    if line.status is RagStatus.COMPLETE or not is_answered(line):
        return False
    is_past = line.baseline is not None and line.baseline < facts.judged_on and line.percent_complete != 100
    return is_past or (line.slippage_days or 0) > facts.thresholds.schedule_tolerance_days
