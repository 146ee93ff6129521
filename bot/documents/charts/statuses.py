"""The portfolio at a glance: how many projects stand how, with a mark where their last reports before had it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from bot.documents.charts import alt
from bot.documents.charts.drawing import FAINT, SOFT, TRACK, WIDTH, box, drawing, tick, words
from bot.documents.charts.shapes import COLOURS, state_shape, status_shape
from bot.domain.milestone_line import LineState
from bot.domain.portfolio_report import PortfolioReport
from bot.domain.project import RagStatus
from bot.texts import Texts

_HEAD, _ROW = 72, 40  # heights
_NAME_X, _BAR_X, _BAR_WIDTH, _BAR_HEIGHT = 28, 180, 350, 20
_TEMPLATE = "charts/statuses.txt.j2"


@dataclass(frozen=True, slots=True)
class Count:
    """How many projects have a status now, and had it in the last report before, however old that is.

    Without a status: those not published yet.
    """

    status: RagStatus | None
    now: int
    before: int = 0


def draw(report: PortfolioReport, texts: Texts) -> tuple[str, str, str] | None:
    """Title, drawing and words; None where no project is published."""
    if not report.published:
        return None
    counts = _counts(report)
    title = texts.render(_TEMPLATE, what="title", report=report)
    scale = _BAR_WIDTH / max(max(count.now, count.before) for count in counts)
    parts = [words(0, 22, title, size=20, is_bold=True), _key(counts, texts)]
    parts += [_row(count, _HEAD + place * _ROW, scale, texts) for place, count in enumerate(counts)]
    said = texts.render(_TEMPLATE, what="alt", title=title, counts=counts)
    return title, drawing(_HEAD + len(counts) * _ROW, parts), said[: alt.LONGEST]


def _counts(report: PortfolioReport) -> list[Count]:
    """The worst first; what nobody has, and nobody had, is left out."""
    now = Counter(line.status.shown for line in report.published if line.status)
    before = Counter(line.status.previous for line in report.published if line.status)
    counts = [Count(status, now[status], before[status]) for status in RagStatus.worst_first()]
    waiting = [Count(None, len(report.unpublished))]
    return [count for count in [*counts, *waiting] if count.now or count.before]


def _key(counts: list[Count], texts: Texts) -> str:
    """What the mark means, where there is one."""
    if not any(count.before for count in counts):
        return words(0, 47, texts.render(_TEMPLATE, what="bar"), size=14, colour=SOFT)
    return tick(5, 33, 51) + words(16, 47, texts.render(_TEMPLATE, what="mark"), size=14, colour=SOFT)


def _row(count: Count, top: float, scale: float, texts: Texts) -> str:
    name = texts.render(_TEMPLATE, what="name", count=count)
    y = top + _BAR_HEIGHT / 2
    shape = status_shape(10, y, 8, count.status) if count.status else state_shape(10, y, 9, LineState.MISSING)
    at = _BAR_X + count.before * scale
    return (
        shape
        + words(_NAME_X, y + 6, name, size=16, room=_BAR_X - _NAME_X - 8, is_bold=True)
        + box(_BAR_X, top, _BAR_WIDTH, _BAR_HEIGHT, TRACK, radius=3)
        + box(_BAR_X, top, count.now * scale, _BAR_HEIGHT, COLOURS[count.status] if count.status else FAINT, radius=3)
        + (tick(at, top - 5, top + _BAR_HEIGHT + 5) if count.before else "")
        + words(WIDTH, y + 6, texts.render(_TEMPLATE, what="number", count=count), size=17, is_bold=True, anchor="end")
    )
