"""Statements on plain tables, for what every click asks: they take half the time of the same on mapped classes."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

from sqlalchemy import CursorResult, Executable, Table
from sqlalchemy.orm import Session

from bot.store.tables import Base

Values = dict[str, Any]
T = TypeVar("T")

_TOLD = "told"  # where a session keeps what it was told, by the question


def table(of: type[Base]) -> Table:
    """The table of a mapped class."""
    return cast(Table, of.__table__)


def execute(session: Session, statement: Executable, values: Values | list[Values] | None = None) -> CursorResult[Any]:
    """Execute a statement in the session's transaction, after what waits there to be written.

    Nobody hears of it: what changes the company is none of it (see `marks`).
    """
    session.flush()
    return session.connection().execute(statement, values)


def remember(session: Session) -> None:
    """Have a session that reads one moment, and so is told the same each time, ask no question twice (`once`)."""
    session.info[_TOLD] = {}


def once(session: Session, question: Hashable, ask: Callable[[], T]) -> T:
    """What `ask` finds, or found for the same question before in a session that remembers; what it gives is not changed."""
    told: dict[Hashable, Any] | None = session.info.get(_TOLD)
    if told is None:
        return ask()
    if question not in told:
        told[question] = ask()
    return cast(T, told[question])
