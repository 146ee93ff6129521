"""Which charts a report has. A chart that would have nothing to show is left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.documents.charts import budget, history, milestones, statuses
from bot.documents.wording import texts_for
from bot.domain.portfolio_report import PortfolioReport
from bot.domain.report import QuarterlyReport

Words = Callable[..., str]  # a chart's template with the values it is rendered with


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing with its title. `svg` is a whole SVG document, `alt` says its facts in at most 1,000 characters.

    `name` tells the charts of a report apart.
    """

    name: str
    title: str
    svg: str
    alt: str


def charts_of(report: QuarterlyReport, folders: Sequence[Path]) -> tuple[Chart, ...]:
    """A project's charts: progress of its milestones, budget, status over the quarters.

    `folders` hold templates, a company's own before the shipped ones.
    """
    drawers = {"milestones": milestones.draw, "budget": budget.draw, "history": history.draw}
    texts = texts_for(report, folders)
    found = []
    for name, draw in drawers.items():
        drawn = draw(report, texts)
        if drawn:
            found.append(Chart(name, *drawn))
    return tuple(found)


def portfolio_charts_of(report: PortfolioReport, folders: Sequence[Path]) -> tuple[Chart, ...]:
    """The portfolio's chart: its projects by status."""
    drawn = statuses.draw(report, texts_for(report, folders))
    return (Chart("statuses", *drawn),) if drawn else ()
