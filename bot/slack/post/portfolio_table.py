"""The portfolio post's table: up to ten projects, the worst and the most moved first."""

from __future__ import annotations

from bot.domain.portfolio_report import PortfolioReport, ProjectLine
from bot.slack.blocks import Block
from bot.slack.post.table import MOST_ROWS, cell_names, table_block
from bot.slack.voice import ARROWS, Voice, marked

_COLUMNS = ("project", "status", "moved", "updates", "decisions", "budget")
_NUMBERS = {"updates", "decisions"}


def project_table(report: PortfolioReport, voice: Voice) -> tuple[Block, str]:
    """The table, and the line that counts what it leaves out ("" where all are in)."""
    shown, rest = report.projects[:MOST_ROWS], report.projects[MOST_ROWS:]
    names = cell_names([line.name for line in shown])
    rows = [[name, *_figures(line, voice)] for name, line in zip(names, shown, strict=True)]
    table = table_block(_COLUMNS, rows, voice.words, numbers=_NUMBERS)
    if not rest:
        return table, ""
    return table, voice.words.report("portfolio/post/table-rest.j2", shown=len(shown), rest=len(rest))


def _figures(line: ProjectLine, voice: Voice) -> list[str]:
    variance = line.resources.percent_variance if line.resources else None
    return [
        marked(line.status.shown) if line.status else "not published",
        _moved(line, voice),
        f"{line.coverage.received} of {line.coverage.due}" if line.coverage.due else "",
        f"{len(line.decisions):,}" if line.decisions else "",
        "" if variance is None else voice.variance(variance),
    ]


def _moved(line: ProjectLine, voice: Voice) -> str:
    """``▼ from On track``, ``was On track`` where the two cannot be compared; what stayed the same is left empty.

    Of an unpublished project, what its last report showed and in which quarter.
    """
    if line.last_shown:
        return f"was {line.last_shown.status} ({voice.quarter_name(line.last_shown.quarter)})"
    if line.moved_from is None:
        return ""
    return f"{ARROWS[line.movement]} from {line.moved_from}" if line.movement else f"was {line.moved_from}"
