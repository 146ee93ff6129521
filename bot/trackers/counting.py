"""From what a tracker counts to the figure it tells."""

from __future__ import annotations

from dataclasses import dataclass
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
    if not count.total and not is_complete:
        reason = f"{tracked.ref.place} is under way and has no {count.counted} to count, so it tells no percentage."
        raise TrackerFailed(reason)
    if count.done > count.total:
        raise TrackerFailed(f"{tracked.ref.place} counts {count.done} done of {count.total}, which cannot be.")
    return TrackerFigure(
        source=tracked.ref.source,
        place=tracked.ref.place,
        percent=share(count.done, count.total) if count.total else Decimal(100),
        read_at=at,
        link=link,
        status=RagStatus.COMPLETE if is_complete else None,
        forecast=forecast,
        done=count.done if count.total else None,
        total=count.total or None,
        counted=count.counted if count.total else None,
    )
