"""Answers that are missing, stand still or fall, and promises that nobody answered for. Evidence: `line` or `promise`."""

from __future__ import annotations

from collections.abc import Iterator

from bot.domain.checks.evidence import Values, of_answer, of_line
from bot.domain.facts import ReportFacts
from bot.domain.milestone_line import LineState, MilestoneLine
from bot.domain.project import RagStatus
from bot.domain.quarter import Quarter
from bot.domain.report import QuarterlyReport


def missing_update(report: QuarterlyReport, facts: ReportFacts) -> Iterator[Values]:
    """A due milestone has no answer."""
    yield from (of_line(line, facts) for line in report.milestones if line.state is LineState.MISSING)


def progress_fell(report: QuarterlyReport, facts: ReportFacts) -> Iterator[Values]:
    """Percent complete is lower than last quarter and nobody said why."""
    for line in report.milestones:
        if (line.percent_change or 0) < 0 and not line.note:
            yield of_line(line, facts)


def stalled(report: QuarterlyReport, facts: ReportFacts) -> Iterator[Values]:
    """Percent, status and forecast are what they were so many quarters ago, in every answer between; `since` when.

    A date never given stands still. What is complete or at 100 % has nowhere to go; what has not started has, once its
    baseline is past. Where no percent was given nothing is known of its movement.
    """
    limit = facts.thresholds.stalled_quarters
    for line in report.milestones:
        since = _still_since(line, facts) if _should_move(line, facts) else None
        if since is not None and facts.quarter.since(since) >= limit:
            yield of_line(line, facts, since=since, limit=limit)


def stale_confirmation(report: QuarterlyReport, facts: ReportFacts) -> Iterator[Values]:
    """This quarter's answer is "nothing changed", and so was the last one before it; `before` is that one's quarter."""
    for line in report.milestones:
        last = facts.last_known(line.key)
        if line.state is LineState.CONFIRMED and last is not None and last[1].provenance.confirmed:
            yield of_line(line, facts, before=last[0])


def promise_missed(report: QuarterlyReport, facts: ReportFacts) -> Iterator[Values]:
    """An objective came due and nobody answered for it; `by` and `on` tell who promised it."""
    for promise in report.promises:
        if promise.result is None and promise.promised_in:
            given = facts.history[promise.promised_in].objectives.get(promise.key)
            yield of_answer(given, facts, promise=promise)


def _should_move(line: MilestoneLine, facts: ReportFacts) -> bool:
    is_past = line.baseline is not None and line.baseline < facts.judged_on
    is_waiting = line.status is RagStatus.NOT_STARTED and not is_past
    is_open = line.status is not RagStatus.COMPLETE and line.percent_complete not in (None, 100)
    return line.is_answered and is_open and not is_waiting


def _still_since(line: MilestoneLine, facts: ReportFacts) -> Quarter | None:
    """The earliest quarter from which every answer has the figures of this one; None where the last has others."""
    since = None
    for quarter in reversed(facts.earlier_quarters):
        given = facts.history[quarter].milestones.get(line.key)
        if given is None:
            continue
        then = given.value
        if (then.percent_complete, then.status, then.forecast) != (line.percent_complete, line.status, line.forecast):
            break
        since = quarter
    return since
