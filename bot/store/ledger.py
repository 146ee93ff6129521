"""The ledger of nudges: every planned message that asks, with what became of it and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, and_, bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from bot.domain.quarter import Quarter
from bot.store import audit
from bot.store.audit import Deed, NudgeKey, Via
from bot.store.conflicts import add_new
from bot.store.plain import execute, table
from bot.store.tables import NudgeRow, OutboxRow, PersonRow

_NUDGES = table(NudgeRow)
_OF_ALL = select(_NUDGES).where(_NUDGES.c.quarter == bindparam("quarter")).order_by(_NUDGES.c.id)
_OF_ONE = _OF_ALL.where(_NUDGES.c.person_id == bindparam("person_id"))
_OF_MESSAGE = select(_NUDGES).where(_NUDGES.c.message_key == bindparam("message_key"))


class NudgeState(StrEnum):
    """What became of a nudge."""

    PLANNED = "planned"  # for a later instant: asked for by a person
    SNOOZED = "snoozed"  # the person asked for a later one
    QUEUED = "queued"
    SENT = "sent"
    SKIPPED = "skipped"
    DROPPED = "dropped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Nudge:
    """One row of the ledger. `step` is such as ``reminder-5``; `n` counts snoozes; `message_key` is None where none was sent."""

    person_id: int
    quarter: Quarter
    step: str
    n: int
    state: NudgeState
    planned_at: datetime
    reason: str | None = None
    message_key: str | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one step has come: messages sent, and messages that wait for their turn."""

    quarter: Quarter
    step: str
    sent: int
    waiting: int


def nudges(session: Session, quarter: Quarter, person_id: int | None = None) -> list[Nudge]:
    """The ledger of a quarter in the order it was written, for everybody or for one person."""
    query = _OF_ALL if person_id is None else _OF_ONE
    return [_nudge(row) for row in execute(session, query, {"quarter": str(quarter), "person_id": person_id})]


def states(session: Session) -> dict[NudgeKey, str]:
    """The state of every row of the ledger, by what the row is called in the audit trail."""
    query = select(NudgeRow.person_id, NudgeRow.quarter, NudgeRow.step, NudgeRow.n, NudgeRow.state)
    return {(person, quarter, step, n): state for person, quarter, step, n, state in session.execute(query)}


def steps(session: Session, quarter: Quarter, person_id: int | None = None) -> dict[int, dict[str, datetime | None]]:
    """The steps that stand in the ledger of a quarter, by person; for everybody or for one.

    Each comes with the latest instant for which it was planned, None for one that was dropped.
    """
    query = select(NudgeRow.person_id, NudgeRow.step, NudgeRow.planned_at, NudgeRow.state)
    query = query.where(NudgeRow.quarter == str(quarter)).order_by(NudgeRow.id)
    if person_id is not None:
        query = query.where(NudgeRow.person_id == person_id)
    found: dict[int, dict[str, datetime | None]] = {}
    for number, step, planned_at, state in session.execute(query):
        found.setdefault(number, {})[step] = None if state == NudgeState.DROPPED else planned_at
    return found


def planned(session: Session, until: datetime) -> list[Nudge]:
    """Nudges planned for an instant that has come."""
    query = select(NudgeRow).where(NudgeRow.state == NudgeState.PLANNED, NudgeRow.planned_at <= until)
    return [_nudge(row) for row in session.scalars(query.order_by(NudgeRow.id))]


def under_way(session: Session, real_now: datetime) -> list[Progress]:
    """The steps of which messages wait that could go out now, the largest first.

    A message put off to its person's next good hour is not counted until then.
    """
    waiting = func.count()
    query = (
        select(NudgeRow.quarter, NudgeRow.step, waiting)
        .join(OutboxRow, OutboxRow.key == NudgeRow.message_key)
        .where(NudgeRow.state == NudgeState.QUEUED, OutboxRow.due_at <= real_now)
        .group_by(NudgeRow.quarter, NudgeRow.step)
        .order_by(waiting.desc(), func.max(NudgeRow.id).desc())
    )
    return [
        Progress(Quarter.parse(quarter), step, _sent(session, quarter, step), count)
        for quarter, step, count in session.execute(query)
    ]


def _sent(session: Session, quarter: str, step: str) -> int:
    sent = (NudgeRow.quarter == quarter, NudgeRow.step == step, NudgeRow.state == NudgeState.SENT)
    return session.scalar(select(func.count()).where(*sent)) or 0


def waiting_accounts(session: Session, until: datetime) -> list[str]:
    """The accounts for which a nudge is queued, or planned for no later than an instant; in the order of the ledger."""
    is_planned = and_(NudgeRow.state == NudgeState.PLANNED, NudgeRow.planned_at <= until)
    query = select(PersonRow.slack_id).join(NudgeRow, NudgeRow.person_id == PersonRow.id)
    query = query.where(or_(NudgeRow.state == NudgeState.QUEUED, is_planned), PersonRow.slack_id.is_not(None))
    return [slack_id for slack_id in session.scalars(query.order_by(NudgeRow.id)) if slack_id]


def settle_planned(session: Session, nudge: Nudge, *, at: datetime) -> bool:
    """Write down at an instant what became of a planned nudge; False where it was not planned any more."""
    done = session.execute(
        update(NudgeRow)
        .where(
            NudgeRow.person_id == nudge.person_id,
            NudgeRow.quarter == str(nudge.quarter),
            NudgeRow.step == nudge.step,
            NudgeRow.n == nudge.n,
            NudgeRow.state == NudgeState.PLANNED,
        )
        .values(state=nudge.state, planned_at=nudge.planned_at, reason=nudge.reason, message_key=nudge.message_key)
        .returning(NudgeRow.id)
    )
    if done.first() is None:
        return False
    audit.record(session, _line(nudge, at))
    return True


def add(session: Session, items: Sequence[Nudge], *, at: datetime) -> list[Nudge]:
    """Write rows at an instant; returns those that are new, since another process may have planned the same ones.

    There is one row a person, quarter, step and n.
    """
    rows = [
        {
            "person_id": item.person_id,
            "quarter": str(item.quarter),
            "step": item.step,
            "n": item.n,
            "state": item.state,
            "planned_at": item.planned_at,
            "reason": item.reason,
            "message_key": item.message_key,
        }
        for item in items
    ]
    added = set(add_new(session, rows, NudgeRow.person_id, NudgeRow.quarter, NudgeRow.step, NudgeRow.n))
    new = [item for item in items if (item.person_id, str(item.quarter), item.step, item.n) in added]
    audit.record(session, *(_line(item, at) for item in new))
    return new


def mark(
    session: Session, message_key: str, state: NudgeState, reason: str | None = None, *, at: datetime
) -> Nudge | None:
    """Record at an instant what became of the message of a nudge; None where the key is no nudge's."""
    change = update(NudgeRow).where(NudgeRow.message_key == message_key).values(state=state, reason=reason)
    row = session.scalar(change.returning(NudgeRow))
    if row is None:
        return None
    nudge = _nudge(row)
    audit.record(session, _line(nudge, at))
    return nudge


def by_message(session: Session, message_key: str) -> Nudge | None:
    """The nudge whose message has this key."""
    row = execute(session, _OF_MESSAGE, {"message_key": message_key}).first()
    return _nudge(row) if row else None


def _line(nudge: Nudge, at: datetime) -> audit.Entry:
    """What the audit trail says of a row of the ledger that came to be as it is."""
    detail = {"quarter": str(nudge.quarter), "step": nudge.step, "n": str(nudge.n), "state": str(nudge.state)}
    return audit.Entry(at, None, Deed.NUDGE, audit.person_subject(nudge.person_id), detail, Via.BOT)


def _nudge(row: NudgeRow | Row[Any]) -> Nudge:
    return Nudge(
        person_id=row.person_id,
        quarter=Quarter.parse(row.quarter),
        step=row.step,
        n=row.n,
        state=NudgeState(row.state),
        planned_at=row.planned_at,
        reason=row.reason,
        message_key=row.message_key,
    )
