"""Handovers: milestones that their owners offer to somebody else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from bot.store.plain import execute, once, table
from bot.store.tables import HandoverRow


class HandoverState(StrEnum):
    """What became of an offer."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"  # the giver offered it to somebody else, or the manager decided


_HANDOVERS = table(HandoverRow)
_STANDING = select(_HANDOVERS).where(_HANDOVERS.c.state == HandoverState.OFFERED).order_by(_HANDOVERS.c.id)


@dataclass(frozen=True, slots=True)
class Handover:
    """An offer of a milestone from one person to another (our rows). It lapses at `lapses_at` (UTC)."""

    id: int
    project: str
    milestone: str
    giver: int
    receiver: int
    state: HandoverState
    lapses_at: datetime


def offer(
    session: Session, project: str, milestone: str, *, giver: int, receiver: int, at: datetime, lapses_at: datetime
) -> Handover:
    """Write down an offer; one of the same milestone that still stood is withdrawn."""
    withdraw(session, project, milestone, at)
    row = HandoverRow(
        project_key=project,
        milestone_key=milestone,
        from_id=giver,
        to_id=receiver,
        state=HandoverState.OFFERED,
        offered_at=at,
        lapses_at=lapses_at,
    )
    session.add(row)
    session.flush()
    return _handover(row)


def accept(session: Session, handover: Handover, at: datetime) -> bool:
    """Settle an offer as accepted; False where it no longer stood."""
    return _settle(session, handover, HandoverState.ACCEPTED, at)


def decline(session: Session, handover: Handover, at: datetime) -> bool:
    """Settle an offer as declined; False where it no longer stood."""
    return _settle(session, handover, HandoverState.DECLINED, at)


def lapse(session: Session, handover: Handover, at: datetime) -> bool:
    """Settle an offer that nobody answered; False where it no longer stood."""
    return _settle(session, handover, HandoverState.LAPSED, at)


def withdraw(session: Session, project: str, milestone: str, at: datetime) -> None:
    """Take back whatever offer of a milestone stands."""
    session.execute(
        update(HandoverRow)
        .where(
            HandoverRow.project_key == project,
            HandoverRow.milestone_key == milestone,
            HandoverRow.state == HandoverState.OFFERED,
        )
        .values(state=HandoverState.WITHDRAWN, decided_at=at)
    )


def handover(session: Session, number: int) -> Handover | None:
    """One offer by its number."""
    row = session.get(HandoverRow, number)
    return _handover(row) if row else None


def standing(session: Session) -> list[Handover]:
    """Every offer that waits for its answer, oldest first."""
    rows: Sequence[Row[Any]] = once(session, "handovers", lambda: execute(session, _STANDING).all())
    return list(map(_handover, rows))


def _settle(session: Session, offered: Handover, state: HandoverState, at: datetime) -> bool:
    row = session.get_one(HandoverRow, offered.id, with_for_update=True, populate_existing=True)
    if row.state != HandoverState.OFFERED:
        return False
    row.state = state
    row.decided_at = at
    session.flush()
    return True


def _handover(row: HandoverRow | Row[Any]) -> Handover:
    return Handover(
        id=row.id,
        project=row.project_key,
        milestone=row.milestone_key,
        giver=row.from_id,
        receiver=row.to_id,
        state=HandoverState(row.state),
        lapses_at=row.lapses_at,
    )
