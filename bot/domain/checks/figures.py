"""Figures in the texts of a report that nobody gave. Evidence: `figure`, and `text`, the name of where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from bot.domain.checks.evidence import Values, of_answer
from bot.domain.facts import ReportFacts
from bot.domain.report import QuarterlyReport

# A quarter (Q3, 2025-Q3) names a period, it is not a figure; 1,200 and 1.2 and 1 200 are one figure each.
_QUARTER = re.compile(r"\b(?:\d{4}-)?Q[1-4]\b(?:\s+(?:FY\s*)?\d{4})?", re.IGNORECASE)
_FIGURE = re.compile(r"\b\d{1,3}(?: \d{3})+\b(?:[.,]\d+)?|\d+(?:[.,\u00a0\u202f']\d+)*")
_SEPARATOR = re.compile(r"[ .,\u00a0\u202f']")


def stray_figure(report: QuarterlyReport, facts: ReportFacts) -> Iterator[Values]:
    """A number stands in the manager's summary or conclusion that is in no answer."""
    written = {"executive summary": facts.summary.executive_summary, "conclusion": facts.summary.conclusion}
    texts = {name: text for name, text in written.items() if text}
    known = figures_of(report) if texts else set()
    for name, text in texts.items():
        for figure in figures_in(text):
            if _reading(figure) not in known:
                yield of_answer(facts.answers.summary, facts, figure=figure, text=name)


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
    for value in _leaves(_facts_of(report)):
        yield str(value)


def _facts_of(report: QuarterlyReport) -> tuple[object, ...]:
    """The report's facts without its own summary and conclusion, which cannot vouch for themselves."""
    return (
        report.milestones,
        report.risks,
        report.objectives,
        report.promises,
        report.decisions,
        report.resources,
        report.earned_value,
        report.scope_changes,
        report.promise_history,
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
    plain = [value for value in _leaves(_facts_of(report)) if isinstance(value, Decimal)]
    changes = [change for line in report.milestones if (change := line.percent_change)]
    for value in map(abs, [*plain, *changes]):
        for scale in (1, 1_000, 1_000_000, 1_000_000_000):
            for places in ("1", "0.1", "0.01"):
                yield (value / scale).quantize(Decimal(places), ROUND_HALF_UP).normalize()
