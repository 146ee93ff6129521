"""The ledger of nudges: every planned message that asks, with what became of it and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import and_, insert, or_, select, update
from sqlalchemy.orm import Session

from bot.domain.quarter import Quarter
from bot.store.tables import NudgeRow, PersonRow


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


def nudges(session: Session, quarter: Quarter, person_id: int | None = None) -> list[Nudge]:
    """The ledger of a quarter in the order it was written, for everybody or for one person."""
    query = select(NudgeRow).where(NudgeRow.quarter == str(quarter)).order_by(NudgeRow.id)
    if person_id is not None:
        query = query.where(NudgeRow.person_id == person_id)
    return [_nudge(row) for row in session.scalars(query)]


def steps(session: Session, quarter: Quarter, person_id: int | None = None) -> dict[int, set[str]]:
    """The steps that stand in the ledger of a quarter, by person; for everybody or for one."""
    query = select(NudgeRow.person_id, NudgeRow.step).where(NudgeRow.quarter == str(quarter))
    if person_id is not None:
        query = query.where(NudgeRow.person_id == person_id)
    found: dict[int, set[str]] = {}
    for number, step in session.execute(query):
        found.setdefault(number, set()).add(step)
    return found


def planned(session: Session, until: datetime) -> list[Nudge]:
    """Nudges planned for an instant that has come."""
    query = select(NudgeRow).where(NudgeRow.state == NudgeState.PLANNED, NudgeRow.planned_at <= until)
    return [_nudge(row) for row in session.scalars(query.order_by(NudgeRow.id))]


def waiting_accounts(session: Session, until: datetime) -> list[str]:
    """The accounts for which a nudge is queued, or planned for no later than an instant; in the order of the ledger."""
    is_planned = and_(NudgeRow.state == NudgeState.PLANNED, NudgeRow.planned_at <= until)
    query = select(PersonRow.slack_id).join(NudgeRow, NudgeRow.person_id == PersonRow.id)
    query = query.where(or_(NudgeRow.state == NudgeState.QUEUED, is_planned), PersonRow.slack_id.is_not(None))
    return [slack_id for slack_id in session.scalars(query.order_by(NudgeRow.id)) if slack_id]


def settle_planned(session: Session, nudge: Nudge) -> bool:
    """Write down what became of a planned nudge; False where it was not planned any more."""
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
    return done.first() is not None


def add(session: Session, items: Iterable[Nudge]) -> None:
    """Write rows; a second one with the same person, quarter, step and n is refused by the database."""
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
    if rows:
        session.execute(insert(NudgeRow), rows)


def mark(session: Session, message_key: str, state: NudgeState, reason: str | None = None) -> Nudge | None:
    """Record what became of the message of a nudge; None where the key is no nudge's."""
    session.execute(update(NudgeRow).where(NudgeRow.message_key == message_key).values(state=state, reason=reason))
    return by_message(session, message_key)


def by_message(session: Session, message_key: str) -> Nudge | None:
    """The nudge whose message has this key."""
    row = session.scalar(select(NudgeRow).where(NudgeRow.message_key == message_key))
    return _nudge(row) if row else None


def _nudge(row: NudgeRow) -> Nudge:
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
