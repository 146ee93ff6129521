"""What layouts show beyond the report's own fields: things grouped, ordered or looked up for templates to print."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from bot.domain.milestone_line import LineState, MilestoneLine
from bot.domain.moves import Moves, moves_of
from bot.domain.project import RagStatus
from bot.domain.report import Check, DecisionLine, QuarterlyReport, ResourcesLine, RiskLine, Source
from bot.domain.sections import PlacedAnswer, ReportSection
from bot.domain.update import DecisionState, PromiseResult
from bot.locales import Locale

_TOLD = (LineState.ANSWERED, LineState.CONFIRMED, LineState.COMPLETE)


@dataclass(frozen=True, slots=True)
class SourceGroup:
    """What one person reported on one day (UTC); `confirmed` means by saying that nothing changed.

    `sources` are the report's own, one an item.
    """

    by: str
    day: date
    confirmed: bool
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class View:
    """The values that a layout is given beside `report`.

    `period` prints the months of the quarter. `risks` are open ones first, the gravest of them first. `owned_elsewhere`
    are the keys of milestones whose owner is not the one who answered, or not the only one, and must be named beside them.
    `resources` is None where nothing was said. `notes` are the checks that the manager published with a printed note.
    `missing` are the milestones without an update, `excused` names. `is_fully_answered` is False where a milestone has no
    word of this quarter, `has_achieved` where one has nothing to show: it is not complete, not begun by its percentage, and
    without completed deliverables. `moves` is None for a project that has no quarter before. `promised` counts what became
    of the promises that came due ("4 kept"). `anchors` name the rows of who reported what that the notes point at, by the
    keys of the sources. `answers` are those to a company's own questions that were put into each section, by its name.
    """

    period: str
    risks: tuple[RiskLine, ...]
    settled_decisions: tuple[DecisionLine, ...]
    resources: ResourcesLine | None
    notes: tuple[Check, ...]
    missing: tuple[MilestoneLine, ...]
    excused: tuple[str, ...]
    moves: Moves | None
    promised: tuple[str, ...]
    sources: tuple[SourceGroup, ...]
    owned_elsewhere: frozenset[str]
    is_fully_answered: bool
    has_achieved: bool
    has_impact: bool
    anchors: Mapping[str, str]
    answers: Mapping[str, tuple[PlacedAnswer, ...]]


def view_of(report: QuarterlyReport, locale: Locale) -> View:
    """The view of a report in its locale."""
    by_key = {line.key: line for line in report.milestones}
    return View(
        period=_period(report, locale),
        risks=(*report.open_risks, *(risk for risk in report.risks if not risk.is_open)),
        settled_decisions=tuple(d for d in report.decisions if d.state is not DecisionState.OPEN),
        resources=report.resources if report.resources and _says_anything(report.resources) else None,
        notes=_notes(report),
        missing=tuple(by_key[key] for key in report.coverage.missing if key in by_key),
        excused=tuple(by_key[key].name for key in report.coverage.excused if key in by_key),
        moves=moves_of(report),
        promised=_promised(report),
        sources=tuple(_grouped(report.sources)),
        owned_elsewhere=_owned_elsewhere(report),
        is_fully_answered=all(line.state in _TOLD for line in report.milestones),
        has_achieved=all(map(_has_achieved, report.milestones)),
        has_impact=bool(report.impact) or any(line.impact for line in report.milestones),
        anchors=anchors_of(report),
        answers=_answers(report),
    )


def anchors_of(report: QuarterlyReport) -> dict[str, str]:
    """A name in the document for each source that a printed note points at, by the source's key."""
    cited = {piece.source for check in _notes(report) for piece in check.evidence}
    return {source.key: f"source-{row}" for row, source in enumerate(report.sources, 1) if source.key in cited}


def _answers(report: QuarterlyReport) -> dict[str, tuple[PlacedAnswer, ...]]:
    placed = report.placed_answers
    return {section.value: tuple(a for a in placed if a.section is section) for section in ReportSection}


def _notes(report: QuarterlyReport) -> tuple[Check, ...]:
    return tuple(check for check in report.checks if check.note and check.audience == "all")


def _period(report: QuarterlyReport, locale: Locale) -> str:
    """``January - March``; with years where the quarter's label does not tell them."""
    if report.period is None:
        return ""
    first, last = report.period
    if first.year != last.year:
        return f"{locale.month_name(first)} {first.year} - {locale.month_name(last)} {last.year}"
    year = f" {last.year}" if str(last.year) not in report.quarter_label.split() else ""
    return f"{locale.month_name(first)} - {locale.month_name(last)}{year}"


def _promised(report: QuarterlyReport) -> tuple[str, ...]:
    results = Counter(promise.result for promise in report.promises)
    words = [(result, result.value) for result in PromiseResult] + [(None, "unanswered")]
    return tuple(f"{results[result]} {word}" for result, word in words if results[result])


def _has_achieved(line: MilestoneLine) -> bool:
    return line.status is RagStatus.COMPLETE or bool(line.percent_complete) or bool(line.deliverables)


def _says_anything(resources: ResourcesLine) -> bool:
    given = (
        resources.budget_at_completion,
        resources.actual_cost,
        resources.forecast_at_completion,
        resources.percent_used,
        resources.percent_variance,
        resources.previous_percent_variance,
        resources.staffing_planned,
        resources.staffing_actual,
    )
    words = (
        *(resources.budget_note, resources.staffing_note, resources.vendors),
        *(resources.dependencies, resources.more, resources.previous),
    )
    return any(figure is not None for figure in given) or any(words)


def _owned_elsewhere(report: QuarterlyReport) -> frozenset[str]:
    said = {(source.item, source.by) for source in report.sources}
    return frozenset(line.key for line in report.milestones if line.co_owners or (line.name, line.owner) not in said)


def _grouped(sources: tuple[Source, ...]) -> list[SourceGroup]:
    """Sources by person, day and manner, in the order in which each person first appears."""
    first_seen = {source.speaker: position for position, source in reversed(list(enumerate(sources)))}

    def group(source: Source) -> tuple[int, date, bool]:
        return first_seen[source.speaker], source.at.date(), source.confirmed

    return [
        SourceGroup(sources[place].speaker, day, confirmed, tuple(found))
        for (place, day, confirmed), found in groupby(sorted(sources, key=group), key=group)
    ]
