"""Adding rows that another process may be adding at the same moment: the second one finds them there, and nothing fails."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Session

from bot.store.tables import Base

_INSERT: Mapping[str, Callable[..., postgresql.Insert | sqlite.Insert]] = {
    "postgresql": postgresql.insert,
    "sqlite": sqlite.insert,
}


def add_new(
    session: Session, rows: Sequence[Mapping[str, Any]], *columns: InstrumentedAttribute[Any]
) -> Sequence[Row[Any]]:
    """Insert those of some rows of one table whose unique keys are not taken yet; returns their `columns`.

    A key that another transaction has taken but not committed is waited for. To look first and insert then would fail in
    between: on PostgreSQL, a transaction does not keep others from inserting what it looked for.
    """
    if not rows:
        return ()
    statement = _insert(session, columns[0].class_).on_conflict_do_nothing().returning(*columns)
    return session.execute(statement, [dict(row) for row in rows]).all()


def put_newest(
    session: Session, table: type[Base], row: Mapping[str, Any], changes: Collection[str], order: str
) -> None:
    """Insert a row, or change some columns of the one with its key: unless that one's column `order` is greater already."""
    statement = _insert(session, table).values(**row)
    keep = getattr(table, order) <= statement.excluded[order]
    new = {name: statement.excluded[name] for name in changes}
    session.execute(statement.on_conflict_do_update(index_elements=_key(table), set_=new, where=keep))


def _insert(session: Session, table: Any) -> postgresql.Insert | sqlite.Insert:
    return _INSERT[session.get_bind().dialect.name](table)


def _key(table: type[Base]) -> list[str]:
    return [column.name for column in inspect(table).primary_key]
