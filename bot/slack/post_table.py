"""The post's table: up to ten milestones, the worst and the most moved first."""

from __future__ import annotations

from collections.abc import Sequence, Set

from bot.domain.project import RagStatus
from bot.domain.report import LineState, MilestoneLine, QuarterlyReport
from bot.slack.blocks import Block
from bot.slack.voice import DOWN, UP, Voice, marked, one_line
from bot.slack.words import Words

MOST_ROWS = 10
_COLUMNS = ("milestone", "status", "done", "change", "forecast", "slip")
_NUMBERS = {"done", "change", "slip"}
_NOTHING = "–"
_NAME = 120  # ten rows of it stay far under Slack's 10,000 characters in table cells
_STATES = {
    LineState.MISSING: "no update",
    LineState.NEW: "new",
    LineState.EXCUSED: "excused",
    LineState.PAUSED: "paused",
    LineState.DROPPED: "dropped",
}
_ORDER = {RagStatus.OFF_TRACK: 0, RagStatus.AT_RISK: 2, RagStatus.ON_TRACK: 3, RagStatus.NOT_STARTED: 5}
_MISSING, _NEW, _COMPLETE, _ASIDE = 1, 4, 6, 7


def milestone_table(report: QuarterlyReport, voice: Voice) -> tuple[Block | None, str]:
    """The table (None without milestones), and the line that counts what it leaves out ("" where all are in)."""
    ranked = sorted(report.milestones, key=_rank)
    shown, rest = ranked[:MOST_ROWS], ranked[MOST_ROWS:]
    if not shown:
        return None, ""
    rows = [_row(milestone, voice) for milestone in shown]
    return table_block(_COLUMNS, rows, voice.words, numbers=_NUMBERS), _rest(shown, rest, voice)


def table_block(columns: Sequence[str], rows: Sequence[Sequence[str]], words: Words, *, numbers: Set[str]) -> Block:
    """A table under the heads of its columns (``column-…`` in the labels); `numbers` are aligned to the right."""
    heads = [words.label(f"column-{column}") for column in columns]
    return {
        "type": "table",
        "column_settings": [{"align": "right" if column in numbers else "left"} for column in columns],
        "rows": [[{"type": "raw_text", "text": cell or _NOTHING} for cell in row] for row in (heads, *rows)],
    }


def _rest(shown: list[MilestoneLine], rest: list[MilestoneLine], voice: Voice) -> str:
    if not rest:
        return ""
    unchanged = sum(map(_stands, rest))
    return voice.words.report("post/table-rest.j2", shown=len(shown), rest=len(rest), unchanged=unchanged)


def _stands(milestone: MilestoneLine) -> bool:
    """Whether a milestone was reported before and now, and nothing moved between."""
    return milestone.known is not None and milestone.state is not LineState.MISSING and not milestone.is_moved


def _rank(milestone: MilestoneLine) -> tuple[int, bool, bool, int, str]:
    """Off track, no update, at risk, on track, new, not started, complete, set aside; then the moved and the latest.

    What was never reported has nothing to say: it stands behind the new ones that have.
    """
    is_silent = milestone.state is LineState.MISSING
    return _worst(milestone), not milestone.is_moved, is_silent, -(milestone.slippage_days or 0), milestone.key


def _worst(milestone: MilestoneLine) -> int:
    if milestone.state is LineState.MISSING:
        return _MISSING if milestone.known else _NEW
    if milestone.state in (LineState.EXCUSED, LineState.PAUSED, LineState.DROPPED):
        return _ASIDE
    if _is_complete(milestone):
        return _COMPLETE
    return _ORDER.get(milestone.status, _NEW) if milestone.status else _NEW


def _is_complete(milestone: MilestoneLine) -> bool:
    return milestone.state is LineState.COMPLETE or milestone.status is RagStatus.COMPLETE


def _row(milestone: MilestoneLine, voice: Voice) -> list[str]:
    forecast = milestone.forecast or (milestone.known.forecast if milestone.known else None)
    return [
        one_line(milestone.name, _NAME),
        _status(milestone),
        _done(milestone, voice),
        _change(milestone, voice),
        voice.day(forecast) if forecast else _NOTHING,
        _slip(milestone.slippage_days),
    ]


def _status(milestone: MilestoneLine) -> str:
    if milestone.state is LineState.COMPLETE:
        return marked(RagStatus.COMPLETE)
    if milestone.state in _STATES and milestone.status is None:
        return _STATES[milestone.state]
    return marked(milestone.status) if milestone.status else _NOTHING


def _done(milestone: MilestoneLine, voice: Voice) -> str:
    """This quarter's percent, else the last known with its quarter."""
    if milestone.percent_complete is not None:
        return voice.percent(milestone.percent_complete)
    known = milestone.known
    if known is None or known.percent_complete is None:
        return _NOTHING
    percent = voice.percent(known.percent_complete)
    return percent if _is_complete(milestone) else f"{percent} ({voice.quarter_name(known.quarter)})"


def _change(milestone: MilestoneLine, voice: Voice) -> str:
    """Points gained or lost since the last known value."""
    change = milestone.percent_change
    if change is None:
        return _NOTHING
    points = voice.locale.number(abs(round(change, 1)).normalize() + 0)
    return f"{UP if change > 0 else DOWN} {points}" if change else "0"


def _slip(days: int | None) -> str:
    """Working days between baseline and forecast: ``+19 d``, ``−2 d``."""
    if days is None:
        return _NOTHING
    return f"{'+' if days > 0 else '−'}{abs(days):,} d" if days else "0"
