"""Adding rows that another process may be adding at the same moment: the second one finds them there, and nothing fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Session

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
    insert = _INSERT[session.get_bind().dialect.name]
    statement = insert(columns[0].class_).on_conflict_do_nothing().returning(*columns)
    return session.execute(statement, [dict(row) for row in rows]).all()
