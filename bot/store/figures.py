"""Figures of what is sent, for those who keep the bot running: counts only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.domain.quarter import Quarter
from bot.store.outbox import SendState
from bot.store.tables import NudgeRow, OutboxRow

_CAN_GO = (SendState.WAITING, SendState.SENDING, SendState.UNKNOWN)


def open_by_state(session: Session) -> dict[str, int]:
    """How many messages are not finished, by state."""
    query = select(OutboxRow.state, func.count()).where(OutboxRow.done_at.is_(None)).group_by(OutboxRow.state)
    return dict(session.execute(query).all())


def oldest_due(session: Session, real_now: datetime) -> datetime | None:
    """Since when the message that waits longest could have gone out; None where none waits."""
    waits = (OutboxRow.done_at.is_(None), OutboxRow.state.in_(_CAN_GO), OutboxRow.due_at <= real_now)
    return session.scalar(select(func.min(OutboxRow.due_at)).where(*waits))


def sent_since(session: Session, real_since: datetime) -> int:
    """How many messages were sent since an instant of real time, edits and files included."""
    query = select(func.count()).where(OutboxRow.state == SendState.SENT, OutboxRow.done_at >= real_since)
    return session.scalar(query) or 0


def failed_since(session: Session, real_since: datetime) -> dict[str, int]:
    """How many messages failed for good since an instant of real time, by reason, the most frequent first."""
    count = func.count()
    query = select(OutboxRow.error, count).where(OutboxRow.state == SendState.FAILED, OutboxRow.done_at >= real_since)
    query = query.group_by(OutboxRow.error).order_by(count.desc(), OutboxRow.error)
    return {error or "unknown": number for error, number in session.execute(query)}


def nudges_by_step(session: Session, quarter: Quarter) -> dict[tuple[str, str], int]:
    """How many nudges of a quarter came to what, by step and state."""
    what = (NudgeRow.step, NudgeRow.state)
    query = select(*what, func.count()).where(NudgeRow.quarter == str(quarter)).group_by(*what)
    return {(step, state): count for step, state, count in session.execute(query)}
