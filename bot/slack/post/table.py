"""The post's table: up to ten milestones, the worst and the most moved first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set

from bot.domain.milestone_line import LineState, MilestoneLine
from bot.domain.movement import Movement, movement
from bot.domain.project import RagStatus
from bot.domain.ranking import worst_first
from bot.domain.report import QuarterlyReport
from bot.domain.rounding import one_decimal
from bot.slack.blocks import Block, clip
from bot.slack.post.moves import forecast, slipped
from bot.slack.voice import ARROWS, DOWN, UP, Voice, marked, one_line
from bot.slack.words import Words

MOST_ROWS = 10
_MOST_SILENT = 3  # the coverage line names as many
_COLUMNS = ("milestone", "status", "done", "change", "forecast", "slip")
_NUMBERS = {"done", "change", "slip"}
_NOTHING = "–"
_KINDS = ("moved", "unchanged", "reported for the first time", "without an update", "not due")
_WRAPPED = {"milestone", "project"}  # a long name in one line would push every other column off a phone
_NAME = 44  # three lines of a column that leaves room for the status and the percentage beside it on a phone
_STATES = {
    LineState.MISSING: "no update",
    LineState.NEW: "new",
    LineState.EXCUSED: "excused",
    LineState.PAUSED: "paused",
    LineState.DROPPED: "dropped",
}


def milestone_table(report: QuarterlyReport, voice: Voice) -> tuple[Block | None, str]:
    """The table (None without milestones), and the line that counts what it leaves out ("" where all are in)."""
    ranked = _with_few_silent(worst_first(report.milestones))
    shown, rest = ranked[:MOST_ROWS], ranked[MOST_ROWS:]
    if not shown:
        return None, ""
    names = cell_names([milestone.name for milestone in shown])
    rows = [[name, *_figures(milestone, voice)] for name, milestone in zip(names, shown, strict=True)]
    return table_block(_COLUMNS, rows, voice.words, numbers=_NUMBERS), _rest(shown, rest, voice)


def _with_few_silent(ranked: list[MilestoneLine]) -> list[MilestoneLine]:
    """The same order with most milestones without an update last, so that they do not crowd out what moved."""
    silent = [milestone.key for milestone in ranked if milestone.state is LineState.MISSING]
    late = frozenset(silent[_MOST_SILENT:])
    return sorted(ranked, key=lambda milestone: milestone.key in late)


def table_block(columns: Sequence[str], rows: Sequence[Sequence[str]], words: Words, *, numbers: Set[str]) -> Block:
    """A table under the heads of its columns (``column-…`` in the labels); `numbers` are aligned to the right.

    A column that says nothing in any row is left out: on a phone it would only be in the way.
    """
    said = [n for n in range(len(columns)) if any(row[n] not in ("", _NOTHING) for row in rows)]
    heads = [words.label(f"column-{column}") for column in columns]
    return {
        "type": "table",
        "column_settings": [_setting(columns[n], numbers) for n in said],
        "rows": [[{"type": "raw_text", "text": row[n] or _NOTHING} for n in said] for row in (heads, *rows)],
    }


def cell_names(names: Sequence[str]) -> list[str]:
    """Names for cells, which show no markup: without code marks, and cut after a word; whole where two would look alike.

    The thread and the documents have them in full.
    """
    whole = [one_line(name.replace("`", "")) for name in names]
    short = [_cut(name) for name in whole]
    return [cut if short.count(cut) == 1 else name for cut, name in zip(short, whole, strict=True)]


def _cut(name: str) -> str:
    if len(name) <= _NAME:
        return name
    head = name[:_NAME].rpartition(" ")[0].rstrip(" ,;:–-(")
    return f"{head}…" if head else clip(name, _NAME)


def _setting(column: str, numbers: Set[str]) -> dict[str, object]:
    """How a column is drawn."""
    return {"align": "right" if column in numbers else "left", "is_wrapped": column in _WRAPPED}


def _rest(shown: list[MilestoneLine], rest: list[MilestoneLine], voice: Voice) -> str:
    """What is left out, dropped milestones by themselves: where the report counts milestones they are not among them."""
    if not rest:
        return ""
    counted = [milestone for milestone in rest if milestone.state is not LineState.DROPPED]
    kinds = Counter(map(_kind, counted))
    return voice.words.report(
        "post/table-rest.j2",
        shown=len(shown),
        rest=len(counted),
        kinds=[(kinds[kind], kind) for kind in _KINDS if kinds[kind]],
        dropped=len(rest) - len(counted),
    )


def _kind(milestone: MilestoneLine) -> str:
    """What the milestones that are left out are counted as."""
    if milestone.state is LineState.MISSING:
        return "without an update"
    if milestone.state is LineState.COMPLETE or milestone.movement is Movement.SAME:
        return "unchanged"
    if milestone.movement is not None:
        return "moved"
    return "reported for the first time" if milestone.state is LineState.ANSWERED else "not due"


def _figures(milestone: MilestoneLine, voice: Voice) -> list[str]:
    return [
        _status(milestone),
        _done(milestone, voice),
        _change(milestone, voice),
        _forecast(milestone, voice),
        _slip(milestone, voice),
    ]


def _status(milestone: MilestoneLine) -> str:
    if milestone.state is LineState.COMPLETE:
        return marked(RagStatus.COMPLETE)
    if milestone.state in _STATES and milestone.status is None:
        return _STATES[milestone.state]
    if milestone.status is None:
        return "not rated"
    before = milestone.known.status if milestone.known else None
    way = movement(milestone.status, before)
    return f"{marked(milestone.status)}{f' {ARROWS[way]}' if way and way is not Movement.SAME else ''}"


def _done(milestone: MilestoneLine, voice: Voice) -> str:
    """This quarter's percent, else the last known with its quarter."""
    if milestone.percent_complete is not None:
        return voice.percent(milestone.percent_complete)
    known = milestone.known
    if known is None or known.percent_complete is None:
        return _NOTHING
    percent = voice.percent(known.percent_complete)
    return percent if milestone.is_complete else f"{percent} ({voice.quarter_name(known.quarter)})"


def _change(milestone: MilestoneLine, voice: Voice) -> str:
    """Points gained or lost since the last known value."""
    change = milestone.percent_change
    if change is None:
        return _NOTHING
    points = one_decimal(change)
    return f"{UP if points > 0 else DOWN} {voice.locale.number(abs(points))}" if points else "0"


def _forecast(milestone: MilestoneLine, voice: Voice) -> str:
    """This quarter's forecast; the last known one stands with its quarter."""
    said = forecast(milestone, voice)
    if not said or milestone.forecast is not None or milestone.known is None:
        return said
    return f"{said} ({voice.quarter_name(milestone.known.quarter)})"


def _slip(milestone: MilestoneLine, voice: Voice) -> str:
    """This quarter's slippage; where no forecast was given, that of the last known one with its quarter."""
    known = milestone.known
    if milestone.forecast is not None or known is None:
        return slipped(milestone.slippage_days, milestone.slippage_from_first_days)
    return slipped(known.slippage_days, known.slippage_from_first_days, voice.quarter_name(known.quarter))
