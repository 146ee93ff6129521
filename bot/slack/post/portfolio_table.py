"""The portfolio post's table: up to ten projects, the worst and the most moved first."""

from __future__ import annotations

from bot.domain.portfolio_report import PortfolioReport, ProjectLine
from bot.slack.blocks import Block
from bot.slack.post.table import MOST_ROWS, table_block
from bot.slack.voice import ARROWS, Voice, marked, one_line

_COLUMNS = ("project", "status", "moved", "updates", "decisions", "budget")
_NUMBERS = {"updates", "decisions"}
_NAME = 120  # ten rows of it stay far under Slack's 10,000 characters in table cells


def project_table(report: PortfolioReport, voice: Voice) -> tuple[Block, str]:
    """The table, and the line that counts what it leaves out ("" where all are in)."""
    shown, rest = report.projects[:MOST_ROWS], report.projects[MOST_ROWS:]
    table = table_block(_COLUMNS, [_row(line, voice) for line in shown], voice.words, numbers=_NUMBERS)
    if not rest:
        return table, ""
    return table, voice.words.report("portfolio/post/table-rest.j2", shown=len(shown), rest=len(rest))


def _row(line: ProjectLine, voice: Voice) -> list[str]:
    variance = line.resources.percent_variance if line.resources else None
    return [
        one_line(line.name, _NAME),
        marked(line.status.shown) if line.status else "not yet published",
        _moved(line),
        f"{line.coverage.received} of {line.coverage.due}" if line.coverage.due else "",
        f"{len(line.decisions):,}" if line.decisions else "",
        "" if variance is None else voice.variance(variance),
    ]


def _moved(line: ProjectLine) -> str:
    """``▼ from On track``, ``was On track`` where the two cannot be compared; what stayed the same is left empty."""
    if line.moved_from is None:
        return ""
    return f"{ARROWS[line.movement]} from {line.moved_from}" if line.movement else f"was {line.moved_from}"
