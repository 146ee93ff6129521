"""The outbox: what is to be sent, claimed with a lease by one worker at a time, in order within each lane."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, exists, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from bot.store.tables import OutboxRow

LEASE = timedelta(seconds=45)  # longer than the longest wait for a slot and the slowest call together


class SendState(StrEnum):
    """What became of a row. Only the first three can still go out."""

    WAITING = "waiting"
    SENDING = "sending"
    UNKNOWN = "unknown"  # it may have happened: the reply was lost, or the sender died
    UNCONFIRMED = "unconfirmed"  # a channel post with an unknown outcome: a person decides
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"
    HELD = "held"  # for an instant of business time that has not come; `release` lets it go


_IS_OPEN = OutboxRow.done_at.is_(None)  # in these words, so that the index of open rows is used
_UNFINISHED = (SendState.WAITING, SendState.SENDING, SendState.UNKNOWN, SendState.UNCONFIRMED)


@dataclass(frozen=True, slots=True)
class Parcel:
    """A row as its worker holds it. `may_have_been_sent` asks to look before sending."""

    id: int
    key: str
    kind: str
    subject: dict[str, Any]
    lane: str
    attempts: int
    may_have_been_sent: bool = False


def put(
    session: Session, *, key: str, kind: str, subject: dict[str, Any], now: datetime, lane: str | None = None
) -> bool:
    """Add something to be sent; says False, and adds nothing, where the key is already there."""
    if session.scalar(select(OutboxRow.id).where(OutboxRow.key == key)):
        return False
    session.add(OutboxRow(**_new(key, kind, subject, lane or key, now)))
    session.flush()
    return True


def put_all(session: Session, items: Sequence[tuple[str, str, dict[str, Any]]], *, now: datetime) -> None:
    """Add many things to be sent, each a key, a kind and a subject in a lane of its own; keys that are there stay as they are."""
    there = set(session.scalars(select(OutboxRow.key).where(OutboxRow.key.in_([key for key, _, _ in items]))))
    rows = [_new(key, kind, subject, key, now) for key, kind, subject in items if key not in there]
    if rows:
        session.execute(insert(OutboxRow), rows)


def _new(key: str, kind: str, subject: dict[str, Any], lane: str, now: datetime) -> dict[str, Any]:
    return {
        "key": key,
        "kind": kind,
        "subject": subject,
        "lane": lane,
        "state": SendState.WAITING,
        "attempts": 0,
        "due_at": now,
        "created_at": now,
    }


def hold(session: Session, *, key: str, kind: str, subject: dict[str, Any], until: datetime, now: datetime) -> None:
    """Add something that may go out only from an instant of business time on; nothing where the key is already there."""
    if put(session, key=key, kind=kind, subject=subject, now=now):
        session.execute(update(OutboxRow).where(OutboxRow.key == key).values(state=SendState.HELD, due_at=until))


def release(session: Session, now: datetime, real_now: datetime) -> None:
    """Let go what was held for an instant of business time that has come."""
    has_come = and_(OutboxRow.state == SendState.HELD, OutboxRow.due_at <= now)
    session.execute(update(OutboxRow).where(has_come).values(state=SendState.WAITING, due_at=real_now))


def held_until(session: Session) -> list[datetime]:
    """The instants of business time for which something is held."""
    return list(session.scalars(select(OutboxRow.due_at).where(OutboxRow.state == SendState.HELD).distinct()))


def put_edit(session: Session, *, kind: str, subject: dict[str, Any], lane: str, now: datetime) -> None:
    """Ask for a message to be brought up to date; one request that still waits is enough, since edits render the present."""
    waiting = select(OutboxRow.id).where(
        OutboxRow.lane == lane, OutboxRow.kind == kind, OutboxRow.state == SendState.WAITING
    )
    if session.scalar(waiting.limit(1).with_for_update()):
        return
    number = len(session.scalars(select(OutboxRow.id).where(OutboxRow.lane == lane)).all())
    put(session, key=f"{kind}:{number}:{lane}"[:255], kind=kind, subject=subject, lane=lane, now=now)


def claim(session: Session, worker: str, now: datetime, kinds: Collection[str]) -> Parcel | None:
    """Take the oldest row of some kinds that may go out now: due, not leased, and first in its lane."""
    earlier = aliased(OutboxRow)
    is_blocked = exists().where(
        earlier.lane == OutboxRow.lane, earlier.id < OutboxRow.id, earlier.state.in_(_UNFINISHED)
    )
    is_free = or_(
        OutboxRow.state.in_((SendState.WAITING, SendState.UNKNOWN)),
        and_(OutboxRow.state == SendState.SENDING, OutboxRow.lease_until < now),
    )
    query = (
        select(OutboxRow)
        .where(_IS_OPEN, is_free, OutboxRow.kind.in_(kinds), OutboxRow.due_at <= now, ~is_blocked)
        .order_by(OutboxRow.id)
        .limit(1)
    )
    row = session.scalar(query.with_for_update(skip_locked=True, of=OutboxRow))
    if row is None:
        return None
    parcel = Parcel(
        id=row.id,
        key=row.key,
        kind=row.kind,
        subject=row.subject,
        lane=row.lane,
        attempts=row.attempts + 1,
        may_have_been_sent=row.state != SendState.WAITING,
    )
    row.state = SendState.SENDING
    row.attempts += 1
    row.lease_by = worker
    row.lease_until = now + LEASE
    return parcel


def finish(
    session: Session,
    parcel: Parcel,
    worker: str,
    state: SendState,
    *,
    now: datetime,
    channel: str | None = None,
    ts: str | None = None,
    error: str | None = None,
    due_at: datetime | None = None,
    is_counted: bool = True,
) -> bool:
    """Record what became of a claimed row; False where the lease was lost to another worker meanwhile.

    `is_counted` False takes the attempt back.
    """
    row = session.get_one(OutboxRow, parcel.id, with_for_update=True)
    if row.lease_by != worker or row.state != SendState.SENDING:
        return False
    row.state = state
    row.lease_by = None
    row.lease_until = None
    row.error = error
    row.due_at = due_at or row.due_at
    row.attempts -= not is_counted
    row.place_channel = channel or row.place_channel
    row.place_ts = ts or row.place_ts
    row.done_at = None if state in _UNFINISHED else now
    return True


def place_of(session: Session, key: str) -> tuple[str, str] | None:
    """Conversation and timestamp of something that was sent."""
    row = session.scalar(select(OutboxRow).where(OutboxRow.key == key))
    if row is None or row.place_channel is None or row.place_ts is None:
        return None
    return row.place_channel, row.place_ts


def subject_of(session: Session, key: str) -> dict[str, Any]:
    """What a row is about; empty where the key was never put in."""
    subject = session.scalar(select(OutboxRow.subject).where(OutboxRow.key == key))
    return subject or {}


def state_of(session: Session, key: str) -> SendState | None:
    """What became of a key; None where it was never put in."""
    state = session.scalar(select(OutboxRow.state).where(OutboxRow.key == key))
    return SendState(state) if state else None


def settle(session: Session, key: str, *, is_there: bool, channel: str | None, ts: str | None, now: datetime) -> bool:
    """A person says what became of an unconfirmed post: it is there (at this place), or it is to be posted again."""
    query = select(OutboxRow).where(OutboxRow.key == key, OutboxRow.state == SendState.UNCONFIRMED)
    row = session.scalar(query.with_for_update())
    if row is None:
        return False
    row.state = SendState.SENT if is_there else SendState.WAITING
    row.place_channel, row.place_ts = (channel, ts) if is_there else (None, None)
    row.done_at = now if is_there else None
    return True


def next_due_at(session: Session) -> datetime | None:
    """When the next waiting row is due (real time); None where nothing waits."""
    query = select(OutboxRow.due_at).where(OutboxRow.state.in_((SendState.WAITING, SendState.UNKNOWN)))
    return session.scalar(query.order_by(OutboxRow.due_at).limit(1))


def unfinished(session: Session) -> int:
    """How many rows can still go out by themselves: not those behind one that waits for a person's word."""
    states = (SendState.WAITING, SendState.SENDING, SendState.UNKNOWN)
    earlier = aliased(OutboxRow)
    is_stuck = exists().where(
        earlier.lane == OutboxRow.lane, earlier.id < OutboxRow.id, earlier.state == SendState.UNCONFIRMED
    )
    return len(session.scalars(select(OutboxRow.id).where(OutboxRow.state.in_(states), ~is_stuck)).all())
