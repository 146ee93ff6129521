"""The portfolio's report as a Markdown document, and what changed in it, a line each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.documents import escape
from bot.documents.extent import Extent, whole
from bot.documents.wording import texts_for
from bot.domain.movement import Movement
from bot.domain.portfolio_report import PortfolioReport, ProjectLine


def render_portfolio(report: PortfolioReport, folders: Sequence[Path], extent: Extent | None = None) -> str:
    """The report as a Markdown document, or a part of it; the default is the whole.

    `folders` hold templates, a company's own before the shipped ones.
    """
    texts = texts_for(report, folders, escape=escape.inline)
    moved = {way.value: report.moved(way) for way in Movement}
    text = texts.render(
        "portfolio/report.md.j2",
        report=report,
        extent=extent or whole(report),
        moved=moved,
        uncompared=report.moved(None),
    )
    return escape.settle(text)


def portfolio_changes(
    before: PortfolioReport | None, after: PortfolioReport, folders: Sequence[Path]
) -> tuple[str, ...]:
    """The changes in the order of the report; empty where a reader would see none."""
    if before is None:
        return ()
    earlier = {line.key: line for line in before.projects}
    present = {line.key for line in after.projects}
    changed = [change for line in after.projects for change in _project(earlier.get(line.key), line)]
    gone = [{"what": "gone", "line": line} for line in before.projects if line.key not in present]
    coverage = [{"what": "coverage", "now": after.coverage}] if before.coverage != after.coverage else []
    texts = texts_for(after, folders)
    return tuple(texts.render("portfolio/change.txt.j2", **change) for change in (*changed, *gone, *coverage))


def portfolio_news(report: PortfolioReport, since: datetime, folders: Sequence[Path]) -> tuple[str, ...]:
    """The projects published since an instant, that instant included; where there are none, the coverage as it stands."""
    fresh = [line for line in report.projects if line.published_at and line.published_at >= since]
    found: list[dict[str, Any]] = [{"what": "published", "line": line} for line in fresh]
    texts = texts_for(report, folders)
    lines = found or [{"what": "coverage", "now": report.coverage}]
    return tuple(texts.render("portfolio/change.txt.j2", **change) for change in lines)


def _project(was: ProjectLine | None, now: ProjectLine) -> Iterator[dict[str, Any]]:
    """What a leader would notice about one project."""
    if was is None:
        yield {"what": "added", "line": now}
    elif was.status is None and now.status is not None:
        yield {"what": "published", "line": now}
    elif was.status and now.status and was.status.shown is not now.status.shown:
        yield {"what": "status", "line": now, "was": was.status.shown}
    elif was.revision != now.revision:
        yield {"what": "revised", "line": now, "parts": _parts(was, now)}


def _parts(was: ProjectLine, now: ProjectLine) -> list[str]:
    pairs = {
        "decisions": (was.decisions, now.decisions),
        "risks": (was.risks, now.risks),
        "budget": (was.resources, now.resources),
        "coverage": (was.coverage, now.coverage),
        "summary": (was.executive_summary, now.executive_summary),
    }
    return [name for name, (before, after) in pairs.items() if before != after]
