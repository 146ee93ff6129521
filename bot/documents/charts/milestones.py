"""How far the milestones are: a bar each, with a mark where it stood before; what needs a look comes first."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from bot.documents.charts import alt
from bot.documents.charts.drawing import FAINT, SOFT, TRACK, WIDTH, box, drawing, tick, words
from bot.documents.charts.shapes import COLOURS, state_shape, status_shape
from bot.domain.milestone_line import LineState, MilestoneLine
from bot.domain.project import RagStatus
from bot.domain.ranking import worst_first
from bot.domain.report import QuarterlyReport
from bot.texts import Texts

_MOST_ROWS = 15  # a taller picture would be shrunk in the thread until nobody could read it
_HEAD, _ROW, _FOOT = 66, 42, 30  # heights
_NAME_X, _NAME_ROOM = 28, 312
_BAR_X, _BAR_WIDTH, _BAR_HEIGHT = 352, 184, 16
_UNTOLD = "#7b8794"  # the bar of a milestone that gave no status
_TEMPLATE = "charts/milestones.txt.j2"


def draw(report: QuarterlyReport, texts: Texts) -> tuple[str, str, str] | None:
    """Title, drawing and words; None where no milestone has a figure, now or before."""
    ranked = worst_first(report.milestones)
    if all(_percent(line) is None and _before(line) is None for line in ranked):
        return None
    title = texts.render(_TEMPLATE, what="title", report=report)
    shown, rest = ranked[:_MOST_ROWS], len(ranked[_MOST_ROWS:])
    end = _HEAD + len(shown) * _ROW
    parts = [
        words(0, 22, title, size=20, is_bold=True),
        _key(ranked, texts),
        *(_row(line, _HEAD + place * _ROW, texts) for place, line in enumerate(shown)),
        *([words(_NAME_X, end + 16, _say(texts, "rest", rest=rest), size=15, colour=SOFT)] if rest else []),
    ]
    return title, drawing(end + (_FOOT if rest else 0), parts), _in_words(title, ranked, texts)


def _say(texts: Texts, what: str, **values: object) -> str:
    return texts.render(_TEMPLATE, what=what, **values)


def _key(lines: Sequence[MilestoneLine], texts: Texts) -> str:
    """What the bar means; and the mark, where there is one."""
    if all(_before(line) is None for line in lines):
        return words(0, 47, _say(texts, "bar"), size=14, colour=SOFT)
    return tick(5, 33, 51) + words(16, 47, _say(texts, "mark"), size=14, colour=SOFT)


def _row(line: MilestoneLine, top: float, texts: Texts) -> str:
    status = _status(line)
    shape = status_shape(10, top + 10, 8, status) if status else state_shape(10, top + 10, 9, line.state)
    name = words(_NAME_X, top + 15, line.name, size=16, room=_NAME_ROOM, is_bold=True)
    said = words(_NAME_X, top + 33, _say(texts, "row", line=line), size=14, room=_NAME_ROOM, colour=SOFT)
    return shape + name + said + _bar(line, top + 10, texts)


def _bar(line: MilestoneLine, top: float, texts: Texts) -> str:
    """The share that is done. What is known from before only is a dashed outline: it is no figure of this quarter."""
    percent, before = _percent(line), _before(line)
    if percent is None and before is None:
        return ""
    track = box(_BAR_X, top, _BAR_WIDTH, _BAR_HEIGHT, TRACK, radius=3)
    mark = "" if before is None else tick(_BAR_X + _length(before), top - 5, top + _BAR_HEIGHT + 5)
    if percent is None:
        return track + box(_BAR_X, top, _length(before), _BAR_HEIGHT, "#ffffff", edge=FAINT, radius=3) + mark
    status = _status(line)
    filled = box(_BAR_X, top, _length(percent), _BAR_HEIGHT, COLOURS[status] if status else _UNTOLD, radius=3)
    room = WIDTH - _BAR_X - _BAR_WIDTH - 6
    label = words(
        WIDTH, top + 14, _say(texts, "percent", percent=percent), size=17, room=room, is_bold=True, anchor="end"
    )
    return track + filled + mark + label


def _length(percent: Decimal | None) -> float:
    return float(percent or 0) / 100 * _BAR_WIDTH


def _percent(line: MilestoneLine) -> Decimal | None:
    """This quarter's percent; what was complete before still is what it was."""
    if line.state is LineState.COMPLETE and line.percent_complete is None and line.known:
        return line.known.percent_complete
    return line.percent_complete


def _before(line: MilestoneLine) -> Decimal | None:
    return line.known.percent_complete if line.known and line.state is not LineState.COMPLETE else None


def _status(line: MilestoneLine) -> RagStatus | None:
    return RagStatus.COMPLETE if line.is_complete else line.status


def _in_words(title: str, lines: Sequence[MilestoneLine], texts: Texts) -> str:
    said = [_say(texts, "words", name=alt.short(line.name), line=line, percent=_percent(line)) for line in lines]

    def say(some: Sequence[str]) -> str:
        return _say(texts, "alt", title=title, lines=some, rest=len(said) - len(some))

    return alt.fitting(say, said)
