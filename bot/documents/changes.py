"""What changed from one revision of a report to the next, a line each. The facts are compared here, the words are a template."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bot.documents.wording import texts_for
from bot.domain.milestone_line import LineState, MilestoneLine
from bot.domain.report import QuarterlyReport

_ANSWERED = (LineState.ANSWERED, LineState.CONFIRMED, LineState.COMPLETE)


def change_lines(before: QuarterlyReport | None, after: QuarterlyReport, folders: Sequence[Path]) -> tuple[str, ...]:
    """The changes in the order of the report; empty where a reader would see none."""
    if before is None:
        return ()
    texts = texts_for(after, folders)
    found = [*_milestones(before, after), *_project(before, after)]
    return tuple(texts.render("parts/change.txt.j2", **change) for change in found)


def _milestones(before: QuarterlyReport, after: QuarterlyReport) -> Iterator[dict[str, Any]]:
    earlier = {line.key: line for line in before.milestones}
    for line in after.milestones:
        was = earlier.get(line.key)
        if was is None:
            yield {"what": "added", "name": line.name}
        elif _figures(was) == _figures(line):
            if _words(was) != _words(line):
                yield {"what": "words", "name": line.name}
        else:
            yield {
                "what": "milestone",
                "name": line.name,
                "was": was,
                "now": line,
                "is_new": was.state not in _ANSWERED,
                "is_silent": line.state not in _ANSWERED,
            }
    kept = {line.key for line in after.milestones}
    yield from ({"what": "gone", "name": line.name} for key, line in earlier.items() if key not in kept)


def _figures(line: MilestoneLine) -> tuple[object, ...]:
    return line.percent_complete, line.status, line.forecast, line.state


def _words(line: MilestoneLine) -> tuple[object, ...]:
    return line.deliverables, line.impact, line.note, line.recovery, line.evidence, line.more


def _project(before: QuarterlyReport, after: QuarterlyReport) -> Iterator[dict[str, Any]]:
    if before.status.shown is not after.status.shown:
        yield {"what": "status", "was": before.status.shown, "now": after.status.shown}
    if before.coverage != after.coverage:
        yield {"what": "coverage", "now": after.coverage}
    yield from _decisions(before, after)
    yield from _questions(before, after)
    parts = {
        "risks": (before.risks, after.risks),
        "objectives": (before.objectives, after.objectives),
        "promises": (before.promises, after.promises),
        "resources": (before.resources, after.resources),
        "plan": (before.scope_changes, after.scope_changes),
        "further answers": ((before.more, before.placed_answers), (after.more, after.placed_answers)),
        "executive summary": (before.executive_summary, after.executive_summary),
        "conclusion": (before.conclusion, after.conclusion),
        "impact": (before.impact, after.impact),
        "status note": (_status_words(before), _status_words(after)),
        "notes under checks": (_check_notes(before), _check_notes(after)),
    }
    yield from ({"what": "part", "name": name} for name, (was, now) in parts.items() if was != now)


def _status_words(report: QuarterlyReport) -> tuple[object, ...]:
    return report.status.why, report.status.note, report.status.phase, report.scheduled_completion


def _check_notes(report: QuarterlyReport) -> dict[str, str]:
    return {check.id: check.note for check in report.checks if check.note and check.audience != "pm"}


def _decisions(before: QuarterlyReport, after: QuarterlyReport) -> Iterator[dict[str, Any]]:
    """Each decision that is new, was ruled on, reads differently, or is gone."""
    earlier = {line.key: line for line in before.decisions}
    for line in after.decisions:
        was = earlier.get(line.key)
        if was != line:
            is_ruled = line.ruling is not None and (was is None or was.ruling != line.ruling)
            yield {"what": "decision", "now": line, "is_new": was is None, "is_ruled": is_ruled}
    kept = {line.key for line in after.decisions}
    yield from ({"what": "decision-gone", "name": line.what} for key, line in earlier.items() if key not in kept)


def _questions(before: QuarterlyReport, after: QuarterlyReport) -> Iterator[dict[str, Any]]:
    """Each question that is new, and each that was answered meanwhile."""
    earlier = {line.key: line for line in before.questions}
    for line in after.questions:
        if earlier.get(line.key) != line:
            yield {"what": "question", "now": line}
