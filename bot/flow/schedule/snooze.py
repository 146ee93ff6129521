"""Snooze: an owner's "remind me later", at the next good moment before the deadline; it replaces the steps before it."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy.orm import Session

from bot.domain.errors import BotError
from bot.domain.project import Person
from bot.domain.quarter import Quarter, instant
from bot.flow.company import Company
from bot.flow.messages import Snooze
from bot.flow.moment import Moment
from bot.flow.schedule.owed import zone_of
from bot.flow.schedule.planner import Planner
from bot.store import ledger
from bot.store.ledger import Nudge, NudgeState

SNOOZED = "reminder-snoozed"


def snoozes(
    session: Session, company: Company, person: Person, quarter: Quarter, due_at: datetime, now: datetime
) -> tuple[Snooze, ...]:
    """What a person can put a reminder off to: only moments before the deadline are offered, each once."""
    planner = Planner(session, company, quarter, now, only=person)
    found: dict[datetime, Snooze] = {}
    for name, at in _moments(planner, session, company, person, due_at, now).items():
        found.setdefault(at, Snooze(name, at))
    return tuple(found.values())


def snoozed_until(session: Session, person: Person, quarter: Quarter, now: datetime) -> datetime | None:
    """When the reminder comes that a person chose, while it is still to come."""
    rows = ledger.nudges(session, quarter, person.id)
    planned = (n.planned_at for n in rows if n.step == SNOOZED and n.state is NudgeState.PLANNED)
    return min((at for at in planned if at > now), default=None)


def snooze(session: Session, company: Company, person: Person, quarter: Quarter, name: str, moment: Moment) -> datetime:
    """Plan the reminder that a person chose; returns its instant.

    Raises BotError where it would come too late, or there is nothing to be reminded of.
    """
    planner = Planner(session, company, quarter, moment.now, only=person)
    if not planner.owes(person):
        raise BotError("Nothing is waiting for your answer, so there is nothing to remind you of.")
    due_at = planner.window_of(person).due_at
    at = _moments(planner, session, company, person, due_at, moment.now).get(name)
    if at is None:
        raise BotError("There is no good moment left before the deadline. A short answer now is enough.")
    replaced = planner.unsettled_before(person, at)
    earlier = [n for n in ledger.nudges(session, quarter, person.id) if n.step == SNOOZED]
    ledger.add(
        session,
        [
            *(_row(person, quarter, rung.step, 0, NudgeState.SNOOZED, rung.at) for rung in replaced),
            _row(person, quarter, SNOOZED, len(earlier), NudgeState.PLANNED, at),
        ],
        at=moment.now,
    )
    return at


def _moments(
    planner: Planner, session: Session, company: Company, person: Person, due_at: datetime, now: datetime
) -> dict[str, datetime]:
    """The good moment before the deadline behind each choice, by its name, where it has one; two may have the same."""
    wanted = _wanted(session, company, person, now)
    found = zip(wanted, planner.good_moments_after(person, wanted.values()), strict=True)
    return {name: at for name, at in found if at is not None and now < at < due_at}


def _wanted(session: Session, company: Company, person: Person, now: datetime) -> dict[str, datetime]:
    """The instants behind the choices, before they are moved to good moments."""
    zone = zone_of(session, company, person)
    today = now.astimezone(zone).date()
    monday = today + timedelta(days=7 - today.weekday())
    return {
        "two-hours": now + timedelta(hours=2),
        "tomorrow": instant(today + timedelta(days=1), time(0), zone),
        "monday": instant(monday, time(0), zone),
    }


def _row(person: Person, quarter: Quarter, step: str, n: int, state: NudgeState, at: datetime) -> Nudge:
    reason = "put off by the person" if state is NudgeState.SNOOZED else None
    return Nudge(person.id, quarter, step, n, state, at, reason)
