"""The outbox: what is to be sent, claimed with a lease by one worker at a time, in order within each lane."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import String, and_, bindparam, case, cast, exists, func, or_, select, update
from sqlalchemy.orm import Session

from bot.store.conflicts import add_chosen, add_new
from bot.store.controls import NUDGES_STOPPED
from bot.store.plain import execute, table
from bot.store.tables import ControlRow, OutboxRow

NUDGE = "nudge"  # the kind of a message that asks an owner; the only one that an admin can stop
PLAN_FILE = "plan-file"  # the kind of an answer to a dropped file, which it holds as its `TEXT`; its keys begin so
TEXT = "text"
EDIT_PAUSE = timedelta(seconds=1)  # from one edit of a message to the next: a burst of answers changes it twice
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


_UNFINISHED = (SendState.WAITING, SendState.SENDING, SendState.UNKNOWN, SendState.UNCONFIRMED)

_OUTBOX = table(OutboxRow)
_ROWS, _EARLIER = _OUTBOX.c, _OUTBOX.alias().c
_IS_OPEN = _ROWS.done_at.is_(None)  # in these words, so that the index of open rows is used
_IS_FIRST_IN_LANE = ~exists().where(
    _EARLIER.lane == _ROWS.lane, _EARLIER.id < _ROWS.id, _EARLIER.state.in_(_UNFINISHED)
)
_ARE_NUDGES_STOPPED = exists().where(table(ControlRow).c.name == NUDGES_STOPPED)
# Read with every claim, so that no worker and no restart can miss an admin's word.
_IS_STOPPED = and_(_ROWS.kind == NUDGE, _ARE_NUDGES_STOPPED)
_CLAIMABLE = (
    select(_OUTBOX)
    .where(
        _IS_OPEN,
        or_(
            _ROWS.state.in_((SendState.WAITING, SendState.UNKNOWN)),
            and_(
                _ROWS.state == SendState.SENDING,
                _ROWS.lease_until < bindparam("now"),
                _ROWS.id.not_in(bindparam("in_hand", expanding=True)),
            ),
        ),
        bindparam("kinds", type_=String).contains(" " + _ROWS.kind + " "),  # for a list, it is written anew
        _ROWS.due_at <= bindparam("now"),
        _IS_FIRST_IN_LANE,
        ~_IS_STOPPED,
    )
    .order_by(_ROWS.id)
    .limit(2)
    .with_for_update(skip_locked=True, of=_OUTBOX)
)
_LEASE = (
    update(_OUTBOX)
    .where(_ROWS.id == bindparam("taken"))
    .values(
        state=SendState.SENDING,
        attempts=_ROWS.attempts + 1,
        lease_by=bindparam("worker"),
        lease_until=bindparam("until"),
    )
)
_LEARNED = ("place_channel", "place_ts", "due_at")  # what stays as it is where a row's outcome does not tell it
_FINISH = (
    update(_OUTBOX)
    .where(_ROWS.id == bindparam("taken"), _ROWS.lease_by == bindparam("worker"), _ROWS.state == SendState.SENDING)
    .values(
        state=bindparam("becomes"),
        lease_by=None,
        lease_until=None,
        error=bindparam("reason"),
        attempts=_ROWS.attempts - bindparam("uncounted"),
        done_at=bindparam("done"),
        **{name: func.coalesce(bindparam(f"new_{name}", type_=_ROWS[name].type), _ROWS[name]) for name in _LEARNED},
    )
    .returning(_ROWS.id)
)
_PLACE = select(_ROWS.place_channel, _ROWS.place_ts).where(
    _ROWS.key == bindparam("key"), _ROWS.place_channel.is_not(None), _ROWS.place_ts.is_not(None)
)
_GIVEN = ("kind", "subject", "lane", "state", "attempts", "due_at", "created_at")  # what a new row has beside its key
_NEW = {name: bindparam(name, type_=_ROWS[name].type) for name in _GIVEN}
_IN_LANE = _ROWS.lane == _NEW["lane"]
_WAITING = select(_ROWS.id).where(_IN_LANE, _ROWS.kind == _NEW["kind"], _ROWS.state == SendState.WAITING)
_HOLD_WAITING = _WAITING.limit(1).with_for_update()  # so that none is sent without what the transaction writes
_NEWEST = cast(select(func.coalesce(func.max(_ROWS.id), 0)).where(_IN_LANE).scalar_subquery(), String)
_SINCE, _LATER = (bindparam(name, type_=_ROWS.due_at.type) for name in ("since", "later"))
_WAS_JUST_EDITED = exists().where(_IN_LANE, _ROWS.kind == _NEW["kind"], _ROWS.due_at > _SINCE)
# An edit where none of its kind waits in its lane. The lane's newest row is in its key: of two processes one adds it.
_EDIT = select(
    func.substr(_NEW["kind"] + ":" + _NEWEST + ":" + _NEW["lane"], 1, 255).label("key"),
    *(value.label(name) for name, value in _NEW.items() if name != "due_at"),
    case((_WAS_JUST_EDITED, _LATER), else_=_NEW["due_at"]).label("due_at"),
).where(~_WAITING.exists())


@dataclass(frozen=True, slots=True)
class Parcel:
    """A row as its worker holds it.

    `may_have_been_sent` asks to look before sending; it `is_alone` where no other row could go out at that moment.
    """

    id: int
    key: str
    kind: str
    subject: dict[str, Any]
    lane: str
    attempts: int
    may_have_been_sent: bool = False
    is_alone: bool = True


def put(
    session: Session,
    *,
    key: str,
    kind: str,
    subject: dict[str, Any],
    now: datetime,
    lane: str | None = None,
    due_at: datetime | None = None,
) -> bool:
    """Add something to be sent, now or from `due_at` (real time) on.

    Says False, and adds nothing, where the key is already there.
    """
    row = {"key": key, **_new(kind, subject, lane or key, now), "due_at": due_at or now}
    return bool(add_new(session, [row], OutboxRow.id))


def put_all(session: Session, items: Sequence[tuple[str, str, dict[str, Any]]], *, now: datetime) -> None:
    """Add many things to be sent, each a key, a kind and a subject in a lane of its own; keys that are there stay as they are."""
    rows = [{"key": key, **_new(kind, subject, key, now)} for key, kind, subject in items]
    add_new(session, rows, OutboxRow.id)


def _new(kind: str, subject: dict[str, Any], lane: str, now: datetime) -> dict[str, Any]:
    """All of a new row but its key."""
    return {
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
    has_come = and_(_IS_OPEN, OutboxRow.state == SendState.HELD, OutboxRow.due_at <= now)
    session.execute(update(OutboxRow).where(has_come).values(state=SendState.WAITING, due_at=real_now))


def withdraw(session: Session, key: str, now: datetime) -> bool:
    """Take back something that has not begun to go out; False where it has, or was never put in."""
    is_idle = and_(OutboxRow.key == key, OutboxRow.state.in_((SendState.HELD, SendState.WAITING)))
    withdrawn = update(OutboxRow).where(is_idle).values(state=SendState.DROPPED, done_at=now)
    return session.execute(withdrawn.returning(OutboxRow.id)).first() is not None


def held_until(session: Session) -> list[datetime]:
    """The instants of business time for which something is held."""
    return list(session.scalars(select(OutboxRow.due_at).where(OutboxRow.state == SendState.HELD).distinct()))


def put_edit(
    session: Session,
    *,
    kind: str,
    subject: dict[str, Any],
    lane: str,
    now: datetime,
    due_at: datetime | None = None,
) -> None:
    """Ask for a message to be brought up to date; one request that still waits is enough, since edits render the present.

    It goes out now, or from `due_at` (real time) on; a while after the one before it.
    """
    due_at = due_at or now
    times = {"due_at": due_at, "since": now - EDIT_PAUSE, "later": max(due_at, now + EDIT_PAUSE)}
    edit = _new(kind, subject, lane, now) | times
    is_asked_for = False
    while not is_asked_for:
        added = add_chosen(session, _EDIT, edit, OutboxRow.id)
        is_asked_for = bool(added or execute(session, _HOLD_WAITING, {"lane": lane, "kind": kind}).all())


def claim(
    session: Session, worker: str, now: datetime, kinds: Collection[str], in_hand: Collection[int] = ()
) -> Parcel | None:
    """Take the oldest row of some kinds that may go out now: due, not leased, and first in its lane.

    A lease that has run out is taken over, but for those rows (ids) that are `in_hand` all the same: where the machine's
    clock was set forward.
    """
    given = {"now": now, "kinds": f" {' '.join(kinds)} ", "in_hand": list(in_hand)}
    rows = execute(session, _CLAIMABLE, given).all()
    if not rows:
        return None
    row = rows[0]
    execute(session, _LEASE, {"taken": row.id, "worker": worker, "until": now + LEASE})
    return Parcel(
        id=row.id,
        key=row.key,
        kind=row.kind,
        subject=row.subject,
        lane=row.lane,
        attempts=row.attempts + 1,
        may_have_been_sent=row.state != SendState.WAITING,
        is_alone=len(rows) == 1,
    )


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
    outcome = {
        "becomes": state,
        "reason": error,
        "uncounted": int(not is_counted),
        "done": None if state in _UNFINISHED else now,
        "new_place_channel": channel,
        "new_place_ts": ts,
        "new_due_at": due_at,
    }
    return execute(session, _FINISH, {"taken": parcel.id, "worker": worker, **outcome}).first() is not None


def place_of(session: Session, key: str) -> tuple[str, str] | None:
    """Conversation and timestamp of something that was sent."""
    place = execute(session, _PLACE, {"key": key}).first()
    return (place.place_channel, place.place_ts) if place else None


def places_in(session: Session, lanes: Collection[str], kinds: Collection[str]) -> dict[str, tuple[str, str]]:
    """Where the newest message of some kinds stands in each of some lanes: conversation and timestamp. One statement."""
    query = select(OutboxRow.lane, OutboxRow.place_channel, OutboxRow.place_ts).where(
        OutboxRow.lane.in_(lanes), OutboxRow.kind.in_(kinds), OutboxRow.place_ts.is_not(None)
    )
    found = session.execute(query.order_by(OutboxRow.id))
    return {lane: (channel, ts) for lane, channel, ts in found if channel and ts}


def subjects_in(
    session: Session, lanes: Collection[str], kind: str, *, without: Collection[SendState]
) -> dict[str, dict[str, Any]]:
    """What the rows of a kind in some lanes are about, by key, but for those in some states. One statement."""
    query = select(OutboxRow.key, OutboxRow.subject).where(OutboxRow.lane.in_(lanes), OutboxRow.kind == kind)
    found = session.execute(query.where(OutboxRow.state.not_in(without)).order_by(OutboxRow.id))
    return dict(found.all())


def subject_of(session: Session, key: str) -> dict[str, Any]:
    """What a row is about; empty where the key was never put in."""
    subject = session.scalar(select(OutboxRow.subject).where(OutboxRow.key == key))
    return subject or {}


def keys_after(session: Session, lead: str) -> Sequence[str]:
    """The keys of what was ever put in that begin so, in that order."""
    query = select(OutboxRow.key).where(OutboxRow.key.startswith(lead, autoescape=True)).order_by(OutboxRow.id)
    return session.scalars(query).all()


def shed(session: Session, keys: Collection[str], part: str) -> None:
    """Let go of one part of what some rows are about; the rest stays."""
    for row in session.scalars(select(OutboxRow).where(OutboxRow.key.in_(keys))):
        row.subject = {name: value for name, value in row.subject.items() if name != part}


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


def struggling(session: Session) -> int:
    """How many rows were tried in vain so far, and are going to be tried again."""
    tried = (_IS_OPEN, OutboxRow.state.in_(_UNFINISHED), OutboxRow.attempts > 0)
    return session.scalar(select(func.count()).where(*tried)) or 0


def unfinished(session: Session) -> int:
    """How many rows can still go out by themselves: none that was stopped, or that is behind one for a person to settle."""
    states = (SendState.WAITING, SendState.SENDING, SendState.UNKNOWN)
    holds_up = or_(
        _EARLIER.state == SendState.UNCONFIRMED,
        and_(_EARLIER.kind == NUDGE, _EARLIER.state.in_(_UNFINISHED), _ARE_NUDGES_STOPPED),
    )
    is_stuck = exists().where(_EARLIER.lane == _ROWS.lane, _EARLIER.id < _ROWS.id, holds_up)
    can_go = (_IS_OPEN, _ROWS.state.in_(states), ~is_stuck, ~_IS_STOPPED)
    return session.scalar(select(func.count(_ROWS.id)).where(*can_go)) or 0
