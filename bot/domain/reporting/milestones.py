"""The report's milestone rows, and how many of the updates due have come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from bot.domain.changes import first_baselines
from bot.domain.facts import ReportFacts, as_planned, live_milestones, state_of
from bot.domain.milestone_line import AsWritten, Known, LineState, MilestoneLine
from bot.domain.project import Milestone
from bot.domain.quarter import Quarter
from bot.domain.report import Coverage
from bot.domain.rewording import reworded, standing_edit
from bot.domain.rules import slippage
from bot.domain.update import Given, MilestoneUpdate, WordingEdit


def coverage(facts: ReportFacts) -> Coverage:
    """Updates received of updates due, as the quarter's report says it."""
    return coverage_of(milestone_lines(facts))


def milestone_lines(facts: ReportFacts) -> tuple[MilestoneLine, ...]:
    """The rows of the quarter's milestones, as the quarter's report has them."""
    facts = as_planned(facts)
    first = first_baselines(facts.trail)
    return tuple(_line(facts, milestone, first.get(milestone.key)) for milestone in live_milestones(facts))


def coverage_of(lines: Iterable[MilestoneLine]) -> Coverage:
    """Updates received of updates due, by the rows of a quarter's milestones."""
    states = {line.key: line.state for line in lines}
    received = [key for key, state in states.items() if state in (LineState.ANSWERED, LineState.CONFIRMED)]
    missing = tuple(key for key, state in states.items() if state is LineState.MISSING)
    excused = tuple(key for key, state in states.items() if state is LineState.EXCUSED)
    return Coverage(due=len(received) + len(missing), received=len(received), missing=missing, excused=excused)


def _line(facts: ReportFacts, milestone: Milestone, first_baseline: date | None) -> MilestoneLine:
    state = state_of(facts, milestone)
    given = facts.answers.milestones.get(milestone.key)
    last = facts.last_known(milestone.key)
    line = MilestoneLine(
        key=milestone.key,
        name=facts.milestone_name(milestone.key) or milestone.key,
        owner=milestone.owner.name,
        co_owners=tuple(owner.name for owner in milestone.co_owners),
        weight=milestone.weight,
        state=state,
        baseline=milestone.baseline,
        tracker=facts.trackings.figures.get(milestone.key),
        first_baseline=first_baseline if first_baseline != milestone.baseline else None,
        known_age_quarters=facts.quarter.since(last[0]) if last else None,
        unanswered_quarters=_silent_quarters(facts, milestone, last) if state is LineState.MISSING else 0,
    )
    if last is not None:
        line = replace(line, known=_known(facts, line, *last))
    if given is not None:
        return _with_answer(facts, line, given)
    if state is LineState.COMPLETE and last is not None:
        carried = last[1].value
        return replace(
            line, percent_complete=carried.percent_complete, status=carried.status, forecast=carried.forecast
        )
    return line


def _with_answer(facts: ReportFacts, line: MilestoneLine, given: Given[MilestoneUpdate]) -> MilestoneLine:
    edit = standing_edit(facts.answers, line.key)
    update = reworded(given.value, edit.value) if edit else given.value
    return replace(
        line,
        percent_complete=update.percent_complete,
        status=update.status,
        forecast=update.forecast,
        slippage_days=slippage(line.baseline, update.forecast, facts.calendar),
        slippage_from_first_days=slippage(line.first_baseline, update.forecast, facts.calendar),
        forecast_moved_days=slippage(line.known.forecast if line.known else None, update.forecast, facts.calendar),
        deliverables=update.deliverables,
        impact=update.impact,
        note=update.note,
        recovery=update.recovery,
        evidence=update.evidence,
        more=update.more,
        answered_by=facts.name_of(given.provenance.by),
        answered_at=given.provenance.at,
        answered_for=facts.name_of(given.provenance.for_whom),
        as_written=_as_written(facts, edit) if edit else None,
    )


def _as_written(facts: ReportFacts, edit: Given[WordingEdit]) -> AsWritten:
    words, said = edit.value.original, edit.provenance
    return AsWritten(words.deliverables, words.impact, words.note, facts.name_of(said.by) or said.by, said.at)


def _known(facts: ReportFacts, line: MilestoneLine, quarter: Quarter, given: Given[MilestoneUpdate]) -> Known:
    said = given.value
    return Known(
        quarter=quarter,
        percent_complete=said.percent_complete,
        status=said.status,
        forecast=said.forecast,
        slippage_days=slippage(line.baseline, said.forecast, facts.calendar),
        slippage_from_first_days=slippage(line.first_baseline, said.forecast, facts.calendar),
    )


def _silent_quarters(facts: ReportFacts, milestone: Milestone, last: tuple[Quarter, object] | None) -> int:
    """How many quarters in a row, this one included, a milestone was asked for and nobody has answered."""
    begun = facts.fiscal_year.quarter_of(facts.loaded_at.date()).previous if facts.loaded_at else facts.quarter
    quarter = last[0].next if last else min(begun, *facts.history, facts.quarter)
    silent = 1
    while quarter < facts.quarter:
        silent += _was_asked(facts, milestone, quarter)
        quarter = quarter.next
    return silent


def _was_asked(facts: ReportFacts, milestone: Milestone, quarter: Quarter) -> bool:
    """Whether a milestone was to be answered for in an earlier quarter: the project was loaded in time, or was reported."""
    first, excused = milestone.live_from, facts.excused_before.get(quarter, frozenset())
    if milestone.key in excused or (first is not None and facts.fiscal_year.last_day(quarter) < first):
        return False
    if quarter in facts.history and facts.history[quarter].milestones:
        return True
    is_loaded = facts.loaded_at is not None and facts.loaded_at < facts.window_of(quarter).due_at
    return is_loaded and quarter not in facts.paused_before
