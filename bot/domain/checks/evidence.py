"""Pieces of evidence: what was found, and in every one which answer it stands on.

`by` is the name of who gave that answer, `at` the instant (UTC) and `on` the day of the company's; `milestone` is the key of
the one it is about, `source` the key of its row among the report's sources. Each is None where there is none. Where a limit
was passed that the sentence names, `limit` is that threshold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from bot.domain.facts import ReportFacts
from bot.domain.milestone_line import MilestoneLine
from bot.domain.report import QuarterlyReport
from bot.domain.update import Given

Values = dict[str, Any]
CheckRule = Callable[[QuarterlyReport, ReportFacts], Iterable[Values]]


def of_line(line: MilestoneLine, facts: ReportFacts, **values: object) -> Values:
    """Evidence from a milestone's answer."""
    source = f"milestone:{line.key}" if line.answered_at else None
    return {"line": line, **said(line.answered_by, line.answered_at, facts, line.key, source), **values}


def of_answer(
    given: Given[object] | None, facts: ReportFacts, *, source: str | None = None, **values: object
) -> Values:
    """Evidence from any other answer; that of a risk or an objective may be about a milestone."""
    if given is None:
        return {**said(None, None, facts), **values}
    by = facts.name_of(given.provenance.by)
    return {**said(by, given.provenance.at, facts, getattr(given.value, "milestone", None), source), **values}


def said(
    by: str | None, at: datetime | None, facts: ReportFacts, milestone: str | None = None, source: str | None = None
) -> Values:
    """What every piece of evidence tells."""
    on = at.astimezone(facts.zone).date() if at else None
    return {"by": by, "at": at, "on": on, "milestone": milestone, "source": source}
