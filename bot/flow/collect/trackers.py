"""Trackers: while answers are collected, what they tell of milestones is read once a day and kept beside the owners' words.

Reading is a row of the outbox like anything slow. All of these are in one lane: whatever a tracker does, it holds up one
courier and no message.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from datetime import time as time_of_day
from functools import partial

from sqlalchemy.orm import Session

from bot.domain.errors import DeliveryFailed, TrackerFailed
from bot.domain.project import Project
from bot.domain.quarter import Quarter, instant
from bot.domain.tracker import Tracked, TrackerFigure
from bot.domain.tracker_ref import TrackerSource
from bot.flow.company import Company
from bot.flow.deliver import Drop, Prepare
from bot.flow.moment import Moment
from bot.flow.ports import Tracker
from bot.store import outbox, trackings
from bot.store.outbox import Parcel
from bot.store.session import Database
from bot.store.trackings import Attempt

logger = logging.getLogger(__name__)

KIND = "trackers"
_TURN = 20.0  # seconds of reading at a stretch: with one slow answer more it stays within an outbox row's lease
_NEXT_TURN = 1.0  # seconds between two stretches

Trackers = Mapping[TrackerSource, Tracker]
Connect = Callable[[str], Trackers]  # trackers for one round, by the company's locale


class TrackerRounds:
    """Queues a round a day for every project whose milestones are in trackers, while its answers are collected."""

    def __init__(self) -> None:
        self._kept: frozenset[str] = frozenset()  # the keys that were found stored: they need no further look

    def queue(self, session: Session, company: Company, moment: Moment) -> None:
        """Queue what is due at a moment and was not queued before; no restart repeats one.

        What is put in now may still be rolled back: only what a later beat finds there is remembered.
        """
        today = company.today(moment.now)
        due = {f"{KIND}:{project.key}:{today}": project for project in _collecting(company, moment.now)}
        new = set()
        for key in due.keys() - self._kept:
            subject = {"project": due[key].key, "day": str(today)}
            if outbox.put(session, key=key, kind=KIND, subject=subject, now=moment.real, lane=KIND):
                new.add(key)
        self._kept = frozenset(due.keys() - new)


def compose_round(
    session: Session, company: Company, database: Database, connect: Connect, parcel: Parcel, moment: Moment
) -> Prepare | Drop:
    """Read what was not read yet today, for one stretch; the rest is tried again a little later."""
    project, today = company.projects.get(parcel.subject["project"]), company.today(moment.now)
    if project is None or parcel.subject["day"] != str(today):
        return Drop("its day is over")
    quarter = company.latest_opened(moment.now, project)
    since = instant(today, time_of_day(), company.zone)
    tried = trackings.tried_since(session, quarter, project.key, since)
    asked = [tracked for tracked in tracked_in(project) if (tracked.milestone, tracked.ref.source) not in tried]
    trackers = connect(company.portfolio.locale)
    return Prepare(partial(_read_a_stretch, asked, trackers, quarter, database, moment.now))


def _read_a_stretch(
    asked: Sequence[Tracked], trackers: Trackers, quarter: Quarter, database: Database, now: datetime
) -> None:
    found = read_all(asked, trackers, now, ends_at=time.monotonic() + _TURN)
    with database.writing() as session:
        trackings.save(session, quarter, found.attempts)
    if found.left:
        rest = max(found.resting.values(), default=_NEXT_TURN)
        raise DeliveryFailed(f"{len(found.left)} milestones are read later", outcome="retry", retry_after=rest)


@dataclass(frozen=True, slots=True)
class Round:
    """What became of asking: the attempts made, and what is `left` since a tracker rests or the time was over.

    `resting` are the trackers that asked to be left alone, with the seconds; `closed` those of which nothing could be read,
    with the reason.
    """

    attempts: tuple[Attempt, ...]
    left: tuple[Tracked, ...]
    resting: Mapping[TrackerSource, float]
    closed: Mapping[TrackerSource, str]

    @property
    def failed(self) -> tuple[Attempt, ...]:
        """The attempts that brought no figure."""
        return tuple(attempt for attempt in self.attempts if isinstance(attempt.outcome, str))


def read_all(asked: Iterable[Tracked], trackers: Trackers, now: datetime, *, ends_at: float | None = None) -> Round:
    """Ask for one milestone after the other, until an instant of the monotonic clock where one is given."""
    asking = _Asking(trackers, now)
    attempts: list[Attempt] = []
    left: list[Tracked] = []
    for tracked in asked:
        is_over = ends_at is not None and time.monotonic() > ends_at
        outcome = None if is_over else asking.outcome(tracked)
        if outcome is None:
            left.append(tracked)
        else:
            attempts.append(Attempt(tracked.project, tracked.milestone, tracked.ref.source, now, outcome))
    found = Round(tuple(attempts), tuple(left), asking.resting, asking.closed)
    logger.info("trackers read=%d failed=%d left=%d", len(attempts) - len(found.failed), len(found.failed), len(left))
    return found


class _Asking:
    """Asks trackers; one that cannot be reached is asked once, and one that wants to rest not again."""

    def __init__(self, trackers: Trackers, now: datetime) -> None:
        self.resting: dict[TrackerSource, float] = {}
        self.closed: dict[TrackerSource, str] = {}
        self._trackers = trackers
        self._now = now

    def outcome(self, tracked: Tracked) -> TrackerFigure | str | None:
        """The figure, or why there is none; None where its tracker is to be asked later."""
        source = tracked.ref.source
        if source in self.resting:
            return None
        if source in self.closed:
            return self.closed[source]
        try:
            return self._trackers[source].read(tracked, self._now)
        except TrackerFailed as failure:
            if failure.retry_after is not None:
                self.resting[source] = failure.retry_after
                return None
            if failure.concerns_all:
                self.closed[source] = str(failure)
            return str(failure)


def tracked_in(project: Project) -> list[Tracked]:
    """The milestones of a project that are part of it now and have a place in a tracker."""
    return [
        Tracked(project.key, milestone.key, milestone.tracker)
        for milestone in project.milestones
        if milestone.tracker and milestone.dropped_on is None
    ]


def keep(session: Session, company: Company, attempts: Iterable[Attempt], now: datetime) -> None:
    """Keep what was told outside of a round, for the latest quarter of each project that has opened."""
    for attempt in attempts:
        quarter = company.latest_opened(now, company.projects[attempt.project])
        trackings.save(session, quarter, [attempt])


def _collecting(company: Company, now: datetime) -> Iterator[Project]:
    """The projects in trackers whose owners are being asked."""
    for project in company.projects.values():
        if tracked_in(project):
            window = company.window(company.latest_opened(now, project), project)
            if window.opens_at <= now < window.grace_until:
                yield project
