"""A database with rows in every table, made from the columns' types: a new table or column is tried by itself."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy import Boolean, Column, Integer, LargeBinary, String, Table, Text, insert, select
from sqlalchemy.orm import Session

from bot.store.copies import number_on
from bot.store.session import Database
from bot.store.tables import Base, ExactDecimal, UtcDateTime

ROWS = 6  # a table
# What files and databases are known to lose: quotes, line ends of every kind, letters beyond the first plane, odd spaces.
AWKWARD = (
    "",
    "plain",
    'a "quote"',
    "two\nlines",
    "carriage\r\nreturn",
    "\u2028",
    "𝔘nicode 🧭",
    "=1+1",
    "' OR 1=1 --",
    " ",
    "\\",
    "null",
)


def fill(database: Database, seed: int) -> None:
    """Fill every table."""
    random = Random(seed)  # noqa: S311 - the values need only be various
    with database.writing() as session:
        for table in Base.metadata.sorted_tables:
            session.execute(insert(table), [_row(session, table, number, random) for number in range(1, ROWS + 1)])
        number_on(session)


def _row(session: Session, table: Table, number: int, random: Random) -> dict[str, Any]:
    return {column.name: _value(session, column, number, random) for column in table.columns}


def _value(session: Session, column: Column[Any], number: int, random: Random) -> Any:
    if column.foreign_keys:
        [key] = column.foreign_keys
        return session.scalars(select(key.column).order_by(key.column)).all()[number % ROWS]
    if column.nullable and random.random() < 0.3:
        return None
    is_unique = column.primary_key or column.unique or _is_in_unique(column)
    return _plain(column, number, random, is_unique=is_unique)


def _is_in_unique(column: Column[Any]) -> bool:
    return any(
        column.name in constraint.columns for constraint in column.table.constraints if hasattr(constraint, "columns")
    )


def _plain(column: Column[Any], number: int, random: Random, *, is_unique: bool) -> Any:
    match column.type:
        case UtcDateTime():
            return datetime(2025, 9, 19, 14, tzinfo=UTC) + timedelta(
                seconds=random.randrange(10**7), microseconds=number
            )
        case ExactDecimal():
            return Decimal(random.randrange(10**12)).scaleb(-random.randrange(6))
        case Boolean():
            return random.random() < 0.5
        case Integer():
            return number
        case LargeBinary():
            return random.randbytes(100)
        case Text():
            return random.choice(AWKWARD) * random.randrange(1, 50)
        case String(length=length):
            return f"{number}-{random.choice(AWKWARD)}"[:length] if is_unique else random.choice(AWKWARD)[:length]
    if column.type.python_type is date:
        return date(2025, 1, 1) + timedelta(days=random.randrange(1000))
    if column.type.python_type is time:
        return time(random.randrange(24), random.randrange(60))
    return {text: [text, number, None, {"nested": text}] for text in AWKWARD}
