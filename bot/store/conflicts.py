"""Adding rows that another process may be adding at the same moment: the second one finds them there, and nothing fails."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from typing import Any, cast

from sqlalchemy import Executable, Result, Row, Select, Table, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Mapper, Session

from bot.store.tables import Base

_Insert = postgresql.Insert | sqlite.Insert
_INSERT: Mapping[str, Callable[..., _Insert]] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


def add_new(
    session: Session, rows: Sequence[Mapping[str, Any]], *columns: InstrumentedAttribute[Any]
) -> Sequence[Row[Any]]:
    """Insert those of some rows of one table whose unique keys are not taken yet; returns their `columns`.

    A key that another transaction has taken but not committed is waited for. To look first and insert then would fail in
    between: on PostgreSQL, a transaction does not keep others from inserting what it looked for.
    """
    if not rows:
        return ()
    mapper: Mapper[Any] = columns[0].property.parent
    statement = _adding(session.get_bind().dialect.name, mapper, tuple(column.key for column in columns))
    return _execute(session, statement, mapper, [dict(row) for row in rows]).all()


def add_chosen(
    session: Session, chosen: Select[Any], values: Mapping[str, Any], *columns: InstrumentedAttribute[Any]
) -> Sequence[Row[Any]]:
    """The same for what a query chooses, its columns named like those that they fill; `values` are for its parameters.

    The query is one that was made once, for good.
    """
    mapper: Mapper[Any] = columns[0].property.parent
    statement = _adding_chosen(session.get_bind().dialect.name, mapper, chosen, tuple(c.key for c in columns))
    return _execute(session, statement, mapper, dict(values)).all()


def put(
    session: Session, row: Mapping[str, Any], changes: Collection[str], *columns: InstrumentedAttribute[Any]
) -> Row[Any]:
    """Insert a row, or change some columns of the one with its key; returns `columns` of what is there then."""
    mapper: Mapper[Any] = columns[0].property.parent
    statement = _putting(session.get_bind().dialect.name, mapper, tuple(changes), tuple(c.key for c in columns))
    return _execute(session, statement, mapper, dict(row)).one()


def put_newest(
    session: Session, table: type[Base], row: Mapping[str, Any], changes: Collection[str], order: str
) -> None:
    """Insert a row, or change some columns of the one with its key: unless that one's column `order` is greater already."""
    mapper = inspect(table)
    statement = _putting(session.get_bind().dialect.name, mapper, tuple(changes), (), order)
    _execute(session, statement, mapper, dict(row))


def _execute(session: Session, statement: Executable, mapper: Mapper[Any], values: Any) -> Result[Any]:
    """Execute a statement on a plain table as one on its class: after what waits, and seen by whoever watches the class."""
    session.flush()
    return session.execute(statement, values, bind_arguments={"mapper": mapper})


@cache
def _adding(dialect: str, mapper: Mapper[Any], columns: tuple[str, ...]) -> Executable:
    """Made once: making such a statement takes longer than running it."""
    table = cast(Table, mapper.local_table)
    return _INSERT[dialect](table).on_conflict_do_nothing().returning(*(table.c[name] for name in columns))


@cache
def _adding_chosen(dialect: str, mapper: Mapper[Any], chosen: Select[Any], columns: tuple[str, ...]) -> Executable:
    """Made once, likewise."""
    table = cast(Table, mapper.local_table)
    adding = _INSERT[dialect](table).from_select(chosen.selected_columns.keys(), chosen)
    return adding.on_conflict_do_nothing().returning(*(table.c[name] for name in columns))


@cache
def _putting(
    dialect: str, mapper: Mapper[Any], changes: tuple[str, ...], columns: tuple[str, ...], order: str | None = None
) -> Executable:
    """Made once, likewise."""
    table = cast(Table, mapper.local_table)
    statement = _INSERT[dialect](table)
    keep = table.c[order] <= statement.excluded[order] if order else None
    new = {name: statement.excluded[name] for name in changes}
    putting = statement.on_conflict_do_update(index_elements=table.primary_key.columns, set_=new, where=keep)
    return putting.returning(*(table.c[name] for name in columns)) if columns else putting
