"""Copies: a database's content in a file of its own, to try things on. The original is only read."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import delete, insert, select
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from bot.domain.errors import BotError
from bot.domain.quarter import Quarter
from bot.store.session import Database
from bot.store.tables import AnswerRow, Base, HandledRow, HandoverRow, NudgeRow, OutboxRow
from bot.store.upgrade import make_ready

_ROWS = 1000  # written at a time


def copied(url: str, file: Path) -> Database:
    """A new SQLite file with everything that the database at an address holds, at the present schema.

    Raises BotError where the address is none, the file is no database, or a PostgreSQL one is not at the present schema.
    """
    source = Database(url)
    target = Database(f"sqlite:///{file}")
    if source.is_sqlite:
        _copy_file(Path(make_url(url).database or ""), file)
        make_ready(target)
    else:
        make_ready(source)
        make_ready(target)
        copy_rows(source, target)
    source.close()
    return target


def copy_rows(source: Database, target: Database) -> None:
    """Write every row of one database into another one, an empty one of the same schema."""
    with source.reading() as given, target.writing() as taken:
        for table in Base.metadata.sorted_tables:
            for rows in given.execute(select(table)).mappings().partitions(_ROWS):
                taken.execute(insert(table), [dict(row) for row in rows])


def forget_quarter(session: Session, quarter: Quarter) -> None:
    """As if a quarter had not begun: without the answers and nudges since then, and with nothing under way."""
    session.execute(delete(AnswerRow).where(AnswerRow.quarter >= str(quarter)))
    session.execute(delete(NudgeRow).where(NudgeRow.quarter >= str(quarter)))
    for table in (OutboxRow, HandledRow, HandoverRow):
        session.execute(delete(table))


def _copy_file(source: Path, target: Path) -> None:
    """SQLite's own copy of a file that may be in use; nothing where there is no file yet.

    A connection that may only read would leave its `-wal` and `-shm` files behind.
    """
    if not source.exists():
        return
    try:
        with closing(sqlite3.connect(source)) as given, closing(sqlite3.connect(target)) as taken:
            given.backup(taken)
    except sqlite3.Error as error:
        raise BotError(f"The database could not be used: {error}") from error
