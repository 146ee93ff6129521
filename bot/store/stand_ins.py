"""Stand-ins: who was asked to answer an item of a quarter in its owner's place, and what became of that."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.quarter import Quarter
from bot.store.conflicts import add_new
from bot.store.tables import StandInRow


class StandInKind(StrEnum):
    """Why somebody was asked in an owner's place."""

    DEPUTY = "deputy"  # the owner cannot be asked before the deadline
    COLLEAGUE = "colleague"  # the owner asked them to


class StandInState(StrEnum):
    """What became of a request. Whoever was asked may answer as long as it is asked or answered."""

    ASKED = "asked"
    ANSWERED = "answered"  # and may still be corrected
    DECLINED = "declined"
    LAPSED = "lapsed"  # nobody answered in time
    TAKEN_BACK = "taken-back"  # the owner did
    NOT_NEEDED = "not-needed"  # somebody else answered, or the owner can be asked again
    OVER = "over"  # the report is published, the quarter closed, or the item in other hands


STANDING = (StandInState.ASKED, StandInState.ANSWERED)


@dataclass(frozen=True, slots=True)
class StandIn:
    """A request to `person` to answer for `owner` (our rows); `milestone` is empty for the budget. `ends_at` is UTC."""

    id: int
    kind: StandInKind
    project: str
    milestone: str
    quarter: Quarter
    owner: int
    person: int
    state: StandInState
    ends_at: datetime

    @property
    def is_standing(self) -> bool:
        """Whether they may answer just now."""
        return self.state in STANDING

    @property
    def is_waiting(self) -> bool:
        """Whether the answer is still to come."""
        return self.state is StandInState.ASKED


@dataclass(frozen=True, slots=True)
class Asking:
    """What is to be asked of `person` in place of `owner` (our rows): an item as in `StandIn`, until `ends_at` (UTC)."""

    project: str
    milestone: str
    quarter: Quarter
    owner: int
    person: int
    ends_at: datetime


def ask_colleague(session: Session, asking: Asking, at: datetime) -> StandIn:
    """Write down that somebody is asked, from an instant on."""
    row = StandInRow(**_new(StandInKind.COLLEAGUE, asking, at))
    session.add(row)
    session.flush()
    return _stand_in(row)


def ask_deputy(session: Session, asking: Asking, at: datetime) -> StandIn | None:
    """The same for a deputy; None where this deputy is asked for the item already, by another process too."""
    added = add_new(session, [_new(StandInKind.DEPUTY, asking, at)], StandInRow.id)
    return stand_in(session, added[0].id) if added else None


def _new(kind: StandInKind, asking: Asking, at: datetime) -> dict[str, Any]:
    return {
        "kind": kind,
        "project_key": asking.project,
        "milestone_key": asking.milestone,
        "quarter": str(asking.quarter),
        "owner_id": asking.owner,
        "person_id": asking.person,
        "state": StandInState.ASKED,
        "asked_at": at,
        "ends_at": asking.ends_at,
    }


def settle(
    session: Session, number: int, state: StandInState, at: datetime, *, among: Collection[StandInState] = STANDING
) -> bool:
    """Write down at an instant what became of a request; False where it was in none of some states any more."""
    row = session.get_one(StandInRow, number, with_for_update=True, populate_existing=True)
    if row.state not in among:
        return False
    row.state = state
    row.settled_at = at
    session.flush()
    return True


def stand_in(session: Session, number: int) -> StandIn | None:
    """One request by its number."""
    row = session.get(StandInRow, number)
    return _stand_in(row) if row else None


def standing(session: Session) -> list[StandIn]:
    """Every request by which somebody may answer just now, the oldest first."""
    query = select(StandInRow).where(StandInRow.state.in_(STANDING)).order_by(StandInRow.id)
    return list(map(_stand_in, session.scalars(query)))


def of_deputy(session: Session, owner: int, person: int, quarter: Quarter) -> list[StandIn]:
    """Every request of a quarter to somebody as another's deputy (our rows), the oldest first, those that ended too."""
    query = select(StandInRow).where(
        StandInRow.kind == StandInKind.DEPUTY,
        StandInRow.owner_id == owner,
        StandInRow.person_id == person,
        StandInRow.quarter == str(quarter),
    )
    return list(map(_stand_in, session.scalars(query.order_by(StandInRow.id))))


def _stand_in(row: StandInRow) -> StandIn:
    return StandIn(
        id=row.id,
        kind=StandInKind(row.kind),
        project=row.project_key,
        milestone=row.milestone_key,
        quarter=Quarter.parse(row.quarter),
        owner=row.owner_id,
        person=row.person_id,
        state=StandInState(row.state),
        ends_at=row.ends_at,
    )
