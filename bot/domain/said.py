"""What was said last of milestones: of all that have answered, or of those that a check's evidence is about. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.facts import ReportFacts, earlier_objectives, in_quarter
from bot.domain.milestone_line import MilestoneLine
from bot.domain.quarter import Quarter
from bot.domain.report import Check, PromiseLine
from bot.domain.reporting.milestones import milestone_lines


@dataclass(frozen=True, slots=True)
class SaidUpdate:
    """A milestone's row in the quarter of its latest update; where nothing was ever said, its row without one.

    `promises` are the objectives that the update answered for.
    """

    quarter: Quarter
    line: MilestoneLine
    promises: tuple[PromiseLine, ...] = ()


def updates_behind(check: Check, facts: ReportFacts) -> tuple[SaidUpdate, ...]:
    """The latest update of each milestone that a check's evidence is about, in the order of the evidence.

    That is this quarter's, or else the last one before it.
    """
    return _latest((piece.milestone for piece in check.evidence if piece.milestone), facts)


def updates_given(facts: ReportFacts) -> tuple[SaidUpdate, ...]:
    """The updates of the quarter, in the order of the project's milestones."""
    answered = facts.answers.milestones
    return _latest((milestone.key for milestone in facts.project.milestones if milestone.key in answered), facts)


def _latest(milestones: Iterable[str], facts: ReportFacts) -> tuple[SaidUpdate, ...]:
    """The latest update of each milestone, as the report prints it."""
    quarters = {key: _told_in(facts, key) for key in dict.fromkeys(milestones)}
    lines = {quarter: _lines(facts, quarter) for quarter in set(quarters.values())}
    found = ((quarter, lines[quarter].get(key)) for key, quarter in quarters.items())
    return tuple(SaidUpdate(quarter, line, _promises(facts, quarter, line.key)) for quarter, line in found if line)


def _told_in(facts: ReportFacts, milestone: str) -> Quarter:
    if milestone in facts.answers.milestones:
        return facts.quarter
    last = facts.last_known(milestone)
    return last[0] if last else facts.quarter


def _promises(facts: ReportFacts, quarter: Quarter, milestone: str) -> tuple[PromiseLine, ...]:
    given = facts.history[quarter].milestones.get(milestone) if quarter in facts.history else None
    promised = given.value.promised if given else {}
    made = {objective.key: (at, objective) for at, objective in earlier_objectives(in_quarter(facts, quarter))}
    found = ((result, *made[key]) for key, result in promised.items() if key in made)
    return tuple(PromiseLine(promise.key, promise.title, at, said.result, said.reason) for said, at, promise in found)


def _lines(facts: ReportFacts, quarter: Quarter) -> dict[str, MilestoneLine]:
    of_quarter = facts if quarter == facts.quarter else in_quarter(facts, quarter)
    return {line.key: line for line in milestone_lines(of_quarter)}
