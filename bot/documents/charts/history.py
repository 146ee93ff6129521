"""The status that each of the last quarters was reported with, as a strip of cells."""

from __future__ import annotations

from itertools import pairwise

from bot.documents.charts import alt
from bot.documents.charts.drawing import FAINT, INK, SOFT, WIDTH, box, drawing, line, words
from bot.documents.charts.shapes import status_shape
from bot.domain.report import QuarterlyReport, StatusPoint
from bot.texts import Texts

_MOST_CELLS = 8
_TOP, _CELL_WIDTH, _CELL_HEIGHT = 40, WIDTH / _MOST_CELLS, 136
_SHAPE_Y, _RADIUS = 78, 13
_TEMPLATE = "charts/history.txt.j2"


def draw(report: QuarterlyReport, texts: Texts) -> tuple[str, str, str] | None:
    """Title, drawing and words; None where there is only one quarter, which says nothing of the others."""
    points = report.status_history[-_MOST_CELLS:]
    if len(points) < 2:
        return None
    title = texts.render(_TEMPLATE, what="title", report=report)
    parts = [
        words(0, 22, title, size=20, is_bold=True),
        *(_step(place, *pair) for place, pair in enumerate(pairwise(points))),
        *(_cell(place, point, texts, is_last=point is points[-1]) for place, point in enumerate(points)),
    ]
    said = texts.render(_TEMPLATE, what="alt", title=title, points=points)
    return title, drawing(_TOP + _CELL_HEIGHT + 4, parts), said[: alt.LONGEST]


def _middle(place: int) -> float:
    return (place + 0.5) * _CELL_WIDTH


def _step(place: int, before: StatusPoint, after: StatusPoint) -> str:
    """The line to the next cell; dotted where quarters between the two were not reported."""
    is_next = after.quarter.since(before.quarter) == 1
    start, end = _middle(place) + _RADIUS + 7, _middle(place + 1) - _RADIUS - 7
    return line(start, _SHAPE_Y, end, _SHAPE_Y, colour=FAINT, dash="" if is_next else "2 5")


def _cell(place: int, point: StatusPoint, texts: Texts, *, is_last: bool) -> str:
    """A quarter's shape, its name and its status in words; the last one, this quarter, in a frame."""
    x = _middle(place)
    frame = box(x - _CELL_WIDTH / 2 + 2, _TOP, _CELL_WIDTH - 4, _CELL_HEIGHT, "#f4f6f8", radius=6) if is_last else ""
    said = str(point.status).split(maxsplit=1)
    label, _, year = texts.render(_TEMPLATE, what="quarter", point=point).partition(" ")
    lines = [
        *((text, 117 + 17 * number, 14, True) for number, text in enumerate(said)),
        (f"{label} {year}", 168, 13, is_last),
    ]
    shape = status_shape(x, _SHAPE_Y, _RADIUS, point.status)
    return (
        frame
        + shape
        + "".join(
            words(
                x,
                y,
                text,
                size=size,
                room=_CELL_WIDTH,
                is_bold=is_bold,
                anchor="middle",
                colour=INK if is_bold else SOFT,
            )
            for text, y, size, is_bold in lines
        )
    )
