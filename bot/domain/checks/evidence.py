"""Pieces of evidence: what was found, and in every one `by` and `on`, who said it and on which day of the company's."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from bot.domain.facts import ReportFacts
from bot.domain.report import LineState, MilestoneLine, QuarterlyReport
from bot.domain.update import Given

Values = dict[str, object]
CheckRule = Callable[[QuarterlyReport, ReportFacts], Iterable[Values]]


def of_line(line: MilestoneLine, facts: ReportFacts, **values: object) -> Values:
    """Evidence from a milestone's answer; `by` and `on` are None where there is none."""
    return {"line": line, **_said(line.answered_by, line.answered_at, facts), **values}


def of_answer(given: Given[object] | None, facts: ReportFacts, **values: object) -> Values:
    """Evidence from any other answer; `by` and `on` are None where there is none."""
    if given is None:
        return {**_said(None, None, facts), **values}
    by = facts.name_of(given.provenance.by)
    return {**_said(by, given.provenance.at, facts), **values}


def is_answered(line: MilestoneLine) -> bool:
    """Whether somebody answered for a milestone this quarter, be it "nothing changed"."""
    return line.state in (LineState.ANSWERED, LineState.CONFIRMED)


def _said(by: str | None, at: datetime | None, facts: ReportFacts) -> Values:
    return {"by": by, "on": at.astimezone(facts.zone).date() if at else None}
