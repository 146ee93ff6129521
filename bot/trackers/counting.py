"""From what a tracker counts to the figure it tells."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from bot.domain.errors import TrackerFailed
from bot.domain.project import RagStatus
from bot.domain.tracker import Counted, Tracked, TrackerFigure, share


@dataclass(frozen=True, slots=True)
class Count:
    """How many things are done of how many."""

    done: int
    total: int
    counted: Counted


def figure(
    tracked: Tracked,
    at: datetime,
    count: Count,
    *,
    is_complete: bool,
    link: str | None,
    forecast: date | None = None,
) -> TrackerFigure:
    """The share that is done; where there is nothing to count, 100 percent for what is complete.

    Raises TrackerFailed for what is under way and has nothing to count, and for counts that cannot be: no percentage is
    better than an invented one.
    """
    place = tracked.ref.place
    if not count.total and not is_complete:
        raise TrackerFailed(f"{place} is under way and has no {count.counted} to count, so it tells no percentage.")
    if count.done > count.total:
        raise TrackerFailed(f"{place} counts {count.done} done of {count.total}, which cannot be.")
    status = RagStatus.COMPLETE if is_complete else None
    told = TrackerFigure(tracked.ref.source, place, Decimal(100), at, link, status, forecast)
    if not count.total:
        return told
    percent = share(count.done, count.total)
    return replace(told, percent=percent, done=count.done, total=count.total, counted=count.counted)
