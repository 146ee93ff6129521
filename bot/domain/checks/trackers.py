"""What trackers say beside the owners, for the manager alone: no check of the report, but a remark on it.

A tracker counts what somebody filed there; who is right, the owner and the manager know.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.domain.checks.evidence import Values, of_line
from bot.domain.facts import ReportFacts
from bot.domain.report import QuarterlyReport


def tracker_mismatch(report: QuarterlyReport, facts: ReportFacts) -> Iterator[Values]:
    """An owner's percentage is far from the tracker's. `told` is the tracker's figure, `told_on` the day it was read."""
    limit = facts.thresholds.tracker_mismatch_points
    for line in report.milestones:
        if line.answered_at and line.tracker and line.tracker.is_far_from(line.percent_complete, limit):
            told_on = line.tracker.read_at.astimezone(facts.zone).date()
            yield of_line(line, facts, told=line.tracker, told_on=told_on, limit=limit)


def tracker_unread(report: QuarterlyReport, facts: ReportFacts) -> Iterator[Values]:
    """A milestone's tracker could not be read when that was last tried. `reason` says why."""
    for line in report.milestones:
        if reason := facts.trackings.unread.get(line.key):
            yield of_line(line, facts, reason=reason)
