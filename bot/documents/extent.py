"""How much of the portfolio's report a document prints: all of it, or, of very many projects, a summary and the exceptions."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.domain.movement import Movement
from bot.domain.portfolio_report import PortfolioReport, ProjectLine
from bot.domain.project import RagStatus
from bot.domain.report import DecisionLine, RiskLine

LARGEST_WHOLE = (
    100  # projects: more of them are half a page each that nobody turns, and memory that a small server lacks
)
_MOST_DECISIONS, _MOST_RISKS, _MOST_NAMES = 50, 20, 10
_WANTING = (RagStatus.OFF_TRACK, RagStatus.AT_RISK, RagStatus.NOT_KNOWN, None)  # None: not yet published
_MOVED = (Movement.WORSE, Movement.BETTER)


@dataclass(frozen=True, slots=True)
class Extent:
    """The part of a report that is printed, in the report's order.

    `rows` are the projects in the table, `sections` those with words of their own. After a count, no more than
    `most_names` projects are named.
    """

    rows: tuple[ProjectLine, ...]
    sections: tuple[ProjectLine, ...]
    decisions: tuple[tuple[ProjectLine, DecisionLine], ...]
    risks: tuple[tuple[ProjectLine, RiskLine], ...]
    most_names: int


def whole(report: PortfolioReport) -> Extent:
    """All of a report."""
    lines = report.projects
    return Extent(lines, lines, report.open_decisions, report.open_risks, most_names=len(lines))


def for_pages(report: PortfolioReport) -> Extent:
    """What stands on pages: the top risks and all else; of more than LARGEST_WHOLE projects the summary and the exceptions."""
    risks = report.open_risks[:_MOST_RISKS]
    if len(report.projects) <= LARGEST_WHOLE:
        return replace(whole(report), risks=risks)
    return Extent(
        rows=tuple(filter(is_exception, report.projects)),
        sections=(),
        decisions=report.open_decisions[:_MOST_DECISIONS],
        risks=risks,
        most_names=_MOST_NAMES,
    )


def is_exception(line: ProjectLine) -> bool:
    """Whether a project needs a look: it does not go well, moved, is not published, or claims what the rule denies."""
    status = line.status
    return status is None or status.shown in _WANTING or status.differs or line.movement in _MOVED
