"""What trackers told of milestones: the newest figure of each kind of tracker, milestone and quarter."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.orm import Session

from bot.domain.project import Project
from bot.domain.quarter import Quarter
from bot.domain.tracker import TrackerFigure, Trackings
from bot.domain.tracker_ref import TrackerRef, TrackerSource
from bot.store import codec
from bot.store.conflicts import add_new
from bot.store.plain import execute, table
from bot.store.tables import TrackingRow

_ROWS = table(TrackingRow)
_TOLD = (
    select(_ROWS)
    .where(_ROWS.c.quarter == bindparam("quarter"))
    .where(_ROWS.c.project_key.in_(bindparam("projects", expanding=True)))
    .order_by(_ROWS.c.tried_at)
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A tracker was asked about a milestone at an instant (UTC): its figure, or the reason why there is none."""

    project: str
    milestone: str
    source: TrackerSource
    at: datetime
    outcome: TrackerFigure | str


def save(session: Session, quarter: Quarter, attempts: Iterable[Attempt]) -> None:
    """Keep what was told; after a failure, the figure that was there before stays beside the reason."""
    for attempt in attempts:
        key = {
            "project_key": attempt.project,
            "milestone_key": attempt.milestone,
            "quarter": str(quarter),
            "source": attempt.source.value,
        }
        add_new(session, [key | {"tried_at": attempt.at}], TrackingRow.source)
        told = (
            {"problem": attempt.outcome}
            if isinstance(attempt.outcome, str)
            else {"problem": None, "body": codec.dump(attempt.outcome)}
        )
        session.execute(update(TrackingRow).filter_by(**key).values(tried_at=attempt.at, **told))


def trackings(session: Session, quarter: Quarter, projects: Collection[Project]) -> dict[str, Trackings]:
    """What was told of some projects' milestones for a quarter, by the projects' keys; of several figures the newest.

    What a tracker told of a place that is no longer the milestone's does not count. A table may be loaded for any.
    """
    by_key = {project.key: project for project in projects}
    found: dict[str, Trackings] = {}
    for row in execute(session, _TOLD, {"quarter": str(quarter), "projects": list(by_key)}):
        milestone = by_key[row.project_key].milestone(row.milestone_key)
        told = found.get(row.project_key, Trackings())
        found[row.project_key] = _with(told, row, milestone.tracker if milestone else None)
    return found


def tried_since(session: Session, quarter: Quarter, project: str, since: datetime) -> set[tuple[str, TrackerSource]]:
    """The milestones of a project about which a kind of tracker was asked at an instant (UTC) or later."""
    query = select(TrackingRow.milestone_key, TrackingRow.source).where(
        TrackingRow.quarter == str(quarter), TrackingRow.project_key == project, TrackingRow.tried_at >= since
    )
    return {(milestone, TrackerSource(source)) for milestone, source in session.execute(query)}


def _with(told: Trackings, row: Row[Any], ref: TrackerRef | None) -> Trackings:
    """What is known already, with one row more; `ref` is the milestone's place now."""
    key, figures, unread = row.milestone_key, dict(told.figures), dict(told.unread)
    figure = codec.load(TrackerFigure, row.body) if row.body else None
    if figure and (figure.source is TrackerSource.FILE or (ref and figure.place == ref.place)):
        figures[key] = max(filter(None, (figures.get(key), figure)), key=lambda known: known.read_at)
    if row.problem and ref and ref.source == row.source:
        unread[key] = row.problem
    return Trackings(figures, unread)
