"""Homes: whose Home the bot has drawn, and at which page each of its lists stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from bot.store.plain import execute, once, table
from bot.store.tables import HomeRow

_HOMES = table(HomeRow).c
_DRAWN = select(_HOMES.pages, _HOMES.greeted_at).where(_HOMES.person_id == bindparam("person_id"))


@dataclass(frozen=True, slots=True)
class DrawnHome:
    """Somebody's Home as it was last drawn: the page of each list by its name, counted from 0; the first are left out.

    `greeted_at` is when its person put the greeting away (UTC).
    """

    pages: Mapping[str, int] = field(default_factory=dict)
    greeted_at: datetime | None = None


def drawn(session: Session, person_id: int) -> DrawnHome | None:
    """Somebody's Home; None for a person (our row) who has never opened it."""
    row = once(session, ("home", person_id), lambda: execute(session, _DRAWN, {"person_id": person_id}).first())
    return DrawnHome(row.pages, row.greeted_at) if row else None


def keep(session: Session, person_id: int, home: DrawnHome) -> None:
    """Remember how a person's Home stands."""
    session.merge(HomeRow(person_id=person_id, pages=dict(home.pages), greeted_at=home.greeted_at))
