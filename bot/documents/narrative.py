"""The executive summary and the conclusion drafted by rule: the same facts always give the same sentences.

Here the facts are counted; the sentences are templates (``narrative/``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from bot.documents.wording import texts_for
from bot.domain.milestone_line import LineState, MilestoneLine
from bot.domain.report import Narrative, QuarterlyReport, ResourcesLine, RiskLine
from bot.domain.rounding import one_decimal
from bot.domain.update import PromiseResult, RiskKind


@dataclass(frozen=True, slots=True)
class Progress:
    """How a project's milestones stand. The groups do not overlap: complete ones count neither as forward nor as open.

    `finished` are complete since the last known quarter, `told_complete` were said to be in this one; `open` were reported
    with a percentage and are not complete. Those that moved or slipped furthest come first in their group.
    `next_due` is the open milestone with the earliest date from the report's day on, which is `next_date`. `passed` are those
    whose date was before that day and which somebody answered for, the longest ago first, the first of them at `passed_date`;
    `unanswered` and `unanswered_date` are the same of those that nobody did: whether they are complete is not known. `is_partial`
    tells that there is any such milestone, past its date or not, `is_compared` that one has a percentage now and before.
    """

    lines: tuple[MilestoneLine, ...]
    complete: tuple[MilestoneLine, ...]
    finished: tuple[MilestoneLine, ...]
    told_complete: tuple[MilestoneLine, ...]
    forward: tuple[MilestoneLine, ...]
    fell: tuple[MilestoneLine, ...]
    missing: tuple[MilestoneLine, ...]
    open: tuple[MilestoneLine, ...]
    slipped: tuple[MilestoneLine, ...]
    next_due: MilestoneLine | None
    passed: tuple[MilestoneLine, ...]
    passed_date: date | None
    unanswered: tuple[MilestoneLine, ...]
    unanswered_date: date | None
    is_partial: bool
    next_date: date | None
    is_compared: bool

    @property
    def lowest(self) -> Decimal | None:
        """The lowest percentage of an open milestone."""
        return min(_percents(self.open), default=None)

    @property
    def highest(self) -> Decimal | None:
        """The highest percentage of an open milestone."""
        return max(_percents(self.open), default=None)


@dataclass(frozen=True, slots=True)
class Money:
    """The budget as a sentence needs it: percentages rounded as printed, positive when over budget."""

    used: Decimal | None
    variance: Decimal | None
    before: Decimal | None
    is_forecast: bool


def draft(report: QuarterlyReport, folders: Sequence[Path]) -> Narrative:
    """One to five sentences on how the milestones and the money moved, and two or three on what comes next.

    Every figure is one of the report's, or a count or difference of them. `folders` hold templates, as for documents.
    """
    texts = texts_for(report, folders)
    progress = _progress(report)
    decide_by = _first_date(report)
    values = {
        "report": report,
        "progress": progress,
        "gap": "" if report.status.claimed else _gap(progress),
        "money": _money(report.resources),
        "answered": sum(promise.result is not None for promise in report.promises),
        "kept": sum(promise.result is PromiseResult.KEPT for promise in report.promises),
        "decide_by": decide_by,
        "is_past": decide_by is not None and decide_by < _day_judged(report),
        "blockers": _blockers(report.open_risks),
    }
    return Narrative(
        executive_summary=_one_line(texts.render("narrative/executive_summary.j2", **values)),
        conclusion=_one_line(texts.render("narrative/conclusion.j2", **values)),
    )


def _progress(report: QuarterlyReport) -> Progress:
    lines = tuple(line for line in report.milestones if line.state is not LineState.DROPPED)
    under_way = tuple(line for line in lines if not line.is_complete)
    judged_on = _day_judged(report)
    next_date, next_due = _next_due(under_way, judged_on)
    passed = _passed((line for line in under_way if line.is_answered), judged_on)
    unanswered = _passed((line for line in under_way if not line.is_answered), judged_on)
    return Progress(
        lines=lines,
        complete=tuple(line for line in lines if line.is_complete),
        finished=tuple(line for line in lines if line.is_finished_now),
        told_complete=tuple(line for line in lines if line.is_complete and line.state is LineState.ANSWERED),
        forward=tuple(sorted((line for line in under_way if _points(line) > 0), key=lambda line: -_points(line))),
        fell=tuple(sorted((line for line in under_way if _points(line) < 0), key=_points)),
        missing=tuple(line for line in lines if line.state is LineState.MISSING),
        open=tuple(line for line in under_way if line.percent_complete is not None),
        slipped=tuple(sorted(filter(_slip, under_way), key=lambda line: -_slip(line))),
        next_due=next_due,
        next_date=next_date,
        passed=tuple(line for _, line in passed),
        passed_date=passed[0][0] if passed else None,
        unanswered=tuple(line for _, line in unanswered),
        unanswered_date=unanswered[0][0] if unanswered else None,
        is_partial=not all(line.is_answered for line in under_way),
        is_compared=any(line.percent_change is not None for line in under_way),
    )


def _day_judged(report: QuarterlyReport) -> date:
    return report.judged_on or report.report_date


def _points(line: MilestoneLine) -> Decimal:
    """Points gained since the last known value as printed; 0 where that cannot be said."""
    return one_decimal(line.percent_change or Decimal(0))


def _gap(progress: Progress) -> str:
    """What no owner of an open milestone gave: ``status``, ``date`` or ``both``; empty where somebody did."""
    given = progress.open
    has_status = any(line.status for line in given)
    has_date = any(_expected(line) for line in progress.lines if not line.is_complete)
    if len(given) < 2 or (has_status and has_date):
        return ""
    return "date" if has_status else "status" if has_date else "both"


def _slip(line: MilestoneLine) -> int:
    return max(0, line.slippage_days or 0)


def _next_due(lines: Iterable[MilestoneLine], day_judged: date) -> tuple[date | None, MilestoneLine | None]:
    dated = [(day, line) for line in lines if (day := _expected(line)) and day >= day_judged]
    return min(dated, key=lambda pair: pair[0], default=(None, None))


def _passed(lines: Iterable[MilestoneLine], day_judged: date) -> list[tuple[date, MilestoneLine]]:
    dated = [(day, line) for line in lines if (day := _expected(line)) and day < day_judged]
    return sorted(dated, key=lambda pair: pair[0])


def _expected(line: MilestoneLine) -> date | None:
    """When a milestone is expected: its forecast, else the last known one, else its baseline; a paused one never."""
    if line.state is LineState.PAUSED:
        return None
    return line.forecast or (line.known.forecast if line.known else None) or line.baseline


def _percents(lines: Iterable[MilestoneLine]) -> list[Decimal]:
    return [line.percent_complete for line in lines if line.percent_complete is not None]


def _money(resources: ResourcesLine | None) -> Money | None:
    if resources is None or (resources.percent_used is None and resources.percent_variance is None):
        return None
    return Money(
        used=_rounded(resources.percent_used),
        variance=_rounded(resources.percent_variance),
        before=_rounded(resources.previous_percent_variance),
        is_forecast=resources.forecast_at_completion is not None,
    )


def _rounded(value: Decimal | None) -> Decimal | None:
    return None if value is None else one_decimal(value)


def _first_date(report: QuarterlyReport) -> date | None:
    return min((decision.by for decision in report.open_decisions if decision.by), default=None)


def _blockers(risks: Iterable[RiskLine]) -> tuple[str, ...]:
    return tuple(risk.title for risk in risks if risk.kind is RiskKind.BLOCKER)


def _one_line(text: str) -> str:
    return re.sub(r"[ \t\r\n]+", " ", text)  # the spaces inside figures are no-break ones, and stay
