"""Figures in the texts of a report that nobody gave. Evidence: `figure`, and `text`, the name of where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

from bot.domain.checks.evidence import Values, of_answer
from bot.domain.checks.written import Reading, figures_in, readings_in
from bot.domain.facts import ReportFacts
from bot.domain.report import QuarterlyReport
from bot.domain.rounding import rounded

_SCALES = (1, 1_000, 1_000_000, 1_000_000_000)
_MOST_PLACES = 2


def stray_figure(report: QuarterlyReport, facts: ReportFacts) -> Iterator[Values]:
    """A number stands in the manager's summary or conclusion that is in no answer."""
    written = {"executive summary": facts.summary.executive_summary, "conclusion": facts.summary.conclusion}
    texts = {name: text for name, text in written.items() if text}
    known = figures_of(report) if texts else set()
    for name, text in texts.items():
        for figure in figures_in(text):
            if known.isdisjoint(figure.readings):
                yield of_answer(facts.answers.summary, facts, figure=figure.written, text=name)


def figures_of(report: QuarterlyReport) -> set[Reading]:
    """Every figure that a text about this report may hold: what was answered, and what follows from it by counting."""
    leaves = list(_leaves(_facts_of(report)))
    written = readings_in("\n".join(leaf for leaf in leaves if isinstance(leaf, str)))
    given = {leaf for leaf in leaves if isinstance(leaf, Decimal)} | {Decimal(count) for count in _counts(report)}
    changes = {change for line in report.milestones if (change := line.percent_change)}
    days = {reading for value in (*leaves, *written) if isinstance(value, date) for reading in _of_day(value)}
    numbers = {*given, *changes, *(reading for reading in written if isinstance(reading, Decimal))}
    return written | numbers | days | {shown for number in numbers for shown in _as_texts_round(abs(number))}


def _of_day(day: date) -> Iterator[Reading]:
    """A day is written as one figure, with or without its year, or as three."""
    yield from (day, (day.month, day.day), Decimal(day.year), Decimal(day.month), Decimal(day.day))


def _facts_of(report: QuarterlyReport) -> tuple[object, ...]:
    """The report's facts without its own summary and conclusion, which cannot vouch for themselves."""
    return (
        report.milestones,
        report.risks,
        report.objectives,
        report.promises,
        report.decisions,
        report.resources,
        report.more,
        report.placed_answers,
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
    elif isinstance(value, int):
        yield Decimal(value)
    elif value is not None:
        yield value


def _counts(report: QuarterlyReport) -> Iterator[int]:
    """Anything that can be counted in the report is at most as many as its longest list."""
    lists = (report.milestones, report.risks, report.objectives, report.promises, report.decisions)
    yield from range(max(map(len, lists)) + 1)
    yield from (report.coverage.due, report.coverage.received)


def _as_texts_round(amount: Decimal) -> Iterator[Decimal]:
    """A figure whole and with one or two decimals, and in thousands and millions, down to a tenth of one."""
    for scale in _SCALES:
        if scale == 1 or amount * 10 >= scale:
            yield from (rounded(amount / scale, places) for places in range(_MOST_PLACES + 1))
