"""Checks that keep a report honest. Each is a small pure function: facts and report in, a finding or None out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from bot.domain.build import ReportFacts
from bot.domain.project import RagStatus
from bot.domain.report import LineState, MilestoneLine, QuarterlyReport

Values = dict[str, object]


@dataclass(frozen=True, slots=True)
class Finding:
    """A check that fired: its id, and the values of each piece of evidence for its sentence."""

    check: str
    evidence: tuple[Values, ...]


CheckRule = Callable[[QuarterlyReport, ReportFacts], "Finding | None"]


def run_checks(report: QuarterlyReport, facts: ReportFacts) -> list[Finding]:
    """Every check that fires, in the order of the list."""
    return [finding for rule in CHECKS if (finding := rule(report, facts))]


def missing_update(report: QuarterlyReport, _: ReportFacts) -> Finding | None:
    """A due milestone has no answer."""
    silent = [line for line in report.milestones if line.state is LineState.MISSING]
    return _finding("missing-update", [{"line": line} for line in silent])


def status_vs_schedule(report: QuarterlyReport, facts: ReportFacts) -> Finding | None:
    """On track is shown, but a milestone is past its baseline, or forecast beyond it by more than the tolerance."""
    if report.status.shown is not RagStatus.ON_TRACK:
        return None
    limit = facts.thresholds.slippage_at_risk
    late = [line for line in report.milestones if _is_late(line, facts, limit)]
    return _finding("status-vs-schedule", [{"line": line} for line in late])


def status_vs_budget(report: QuarterlyReport, facts: ReportFacts) -> Finding | None:
    """On track is shown, but forecast or actual cost is over budget beyond the tolerance."""
    money = report.resources
    if report.status.shown is not RagStatus.ON_TRACK or money is None:
        return None
    limit = facts.thresholds.over_budget_at_risk
    over = money.percent_variance is not None and money.percent_variance >= limit
    spent = money.percent_used is not None and money.percent_used >= 100 + limit
    return _finding("status-vs-budget", [{"resources": money}] if over or spent else [])


def progress_fell(report: QuarterlyReport, _: ReportFacts) -> Finding | None:
    """Percent complete is lower than last quarter and nobody said why."""
    fell = [line for line in report.milestones if (line.percent_change or 0) < 0 and not line.note]
    return _finding("progress-fell", [{"line": line} for line in fell])


def risk_unmanaged(report: QuarterlyReport, _: ReportFacts) -> Finding | None:
    """A High risk or a blocker has no mitigation or no owner."""
    return _finding("risk-unmanaged", [{"risk": risk} for risk in report.open_risks if risk.is_unmanaged])


def promise_missed(report: QuarterlyReport, _: ReportFacts) -> Finding | None:
    """An objective came due and nobody answered for it."""
    return _finding("promise-missed", [{"promise": p} for p in report.promises if p.result is None])


def stray_figure(report: QuarterlyReport, facts: ReportFacts) -> Finding | None:
    """A number stands in the manager's summary or conclusion that is in no answer."""
    texts = [text for text in (facts.summary.executive_summary, facts.summary.conclusion) if text]
    if not texts:
        return None
    known = figures_of(report)
    strays: list[Values] = [
        {"figure": figure} for text in texts for figure in figures_in(text) if _reading(figure) not in known
    ]
    return _finding("stray-figure", strays)


CHECKS: tuple[CheckRule, ...] = (
    missing_update,
    status_vs_schedule,
    status_vs_budget,
    progress_fell,
    promise_missed,
    risk_unmanaged,
    stray_figure,
)

# A quarter (Q3, 2025-Q3) names a period, it is not a figure; 1,200 and 1.2 and 1 200 are one figure each.
_QUARTER = re.compile(r"\b(?:\d{4}-)?Q[1-4]\b(?:\s+(?:FY\s*)?\d{4})?", re.IGNORECASE)
_FIGURE = re.compile(r"\b\d{1,3}(?: \d{3})+\b(?:[.,]\d+)?|\d+(?:[.,\u00a0\u202f']\d+)*")
_SEPARATOR = re.compile(r"[ .,\u00a0\u202f']")


def figures_in(text: str) -> Iterator[str]:
    """The numbers of a text as written, names of quarters left out."""
    yield from _FIGURE.findall(_QUARTER.sub(" ", text))


def figures_of(report: QuarterlyReport) -> set[Decimal]:
    """Every figure that a text about this report may hold: what was answered, and what follows from it by counting."""
    known = {reading for text in _words(report) for figure in figures_in(text) if (reading := _reading(figure))}
    known |= {Decimal(n) for n in _counts(report)}
    return known | set(_amounts(report))


def _reading(figure: str) -> Decimal:
    """One number for the ways of writing it: groups of three are thousands, any other last group is a fraction."""
    parts = _SEPARATOR.split(figure)
    if len(parts) > 1 and all(len(part) == 3 for part in parts[1:]):
        return Decimal("".join(parts)).normalize()
    return Decimal("".join(parts[:-1]) + "." + parts[-1]).normalize() if len(parts) > 1 else Decimal(figure).normalize()


def _words(report: QuarterlyReport) -> Iterator[str]:
    """Every text that people gave, and dates as figures."""
    for value in _leaves(report_without_texts(report)):
        yield str(value)


def report_without_texts(report: QuarterlyReport) -> tuple[object, ...]:
    """The report's facts without its own summary and conclusion, which cannot vouch for themselves."""
    return (
        report.milestones,
        report.risks,
        report.objectives,
        report.promises,
        report.decisions,
        report.resources,
        report.impact,
        report.scheduled_completion,
        report.report_date,
        report.period,
        report.status,
        report.project_name,
        report.quarter.year,
    )


def _leaves(value: object) -> Iterator[object]:
    if hasattr(value, "__dataclass_fields__"):
        for name in value.__dataclass_fields__:
            yield from _leaves(getattr(value, name))
    elif isinstance(value, dict):
        yield from _leaves(tuple(value.values()))
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, datetime):
        yield value.date()  # nobody gave the minutes at which an answer arrived
    elif value is not None:
        yield value


def _counts(report: QuarterlyReport) -> Iterator[int]:
    """Anything that can be counted in the report is at most as many as its longest list."""
    lists = (report.milestones, report.risks, report.objectives, report.promises, report.decisions)
    yield from range(max(map(len, lists)) + 1)
    yield from (report.coverage.due, report.coverage.received)


def _amounts(report: QuarterlyReport) -> Iterator[Decimal]:
    """Figures as texts round them: whole and with one decimal, in millions and thousands, and points of change."""
    plain = [value for value in _leaves(report_without_texts(report)) if isinstance(value, Decimal)]
    changes = [change for line in report.milestones if (change := line.percent_change)]
    for value in map(abs, [*plain, *changes]):
        for scale in (1, 1_000, 1_000_000, 1_000_000_000):
            for places in ("1", "0.1", "0.01"):
                yield (value / scale).quantize(Decimal(places), ROUND_HALF_UP).normalize()


def _is_late(line: MilestoneLine, facts: ReportFacts, tolerance: int) -> bool:
    if line.status is RagStatus.COMPLETE or line.state not in (LineState.ANSWERED, LineState.CONFIRMED):
        return False
    past = line.baseline is not None and line.baseline < facts.judged_on and line.percent_complete != 100
    return past or (line.slippage_days or 0) > tolerance


def _finding(check: str, evidence: list[Values]) -> Finding | None:
    return Finding(check, tuple(evidence)) if evidence else None
