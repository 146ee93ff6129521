"""Copies: a database's content in a file of its own, to keep or to try things on. The original is only read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Integer, delete, false, func, insert, select, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from bot.domain.errors import BotError, WrongInput
from bot.domain.quarter import Quarter
from bot.store.outbox import SendState
from bot.store.session import Database
from bot.store.tables import AnswerRow, Base, HandledRow, HandoverRow, NudgeRow, OutboxRow, StandInRow
from bot.store.upgrade import make_ready, present_revision

_ROWS = 1000  # written at a time


def copied(url: str, file: Path) -> Database:
    """A new SQLite file with everything that the database at an address holds, at the present schema.

    Raises BotError where the address is none, the file is no database, or a PostgreSQL one is not at the present schema.
    """
    source, target = Database(url), Database(f"sqlite:///{file}")
    try:
        if source.is_sqlite:
            _copy_file(_file_of(url), file)
            make_ready(target)
        else:
            make_ready(source)
            make_ready(target)
            copy_rows(source, target)
    except BaseException:
        target.close()
        raise
    finally:
        source.close()
    return target


def copy_rows(source: Database, target: Database) -> None:
    """Write every row of one database into another one, an empty one of the same schema."""
    with target.writing() as taken:
        _copy_rows(source, taken)


def back_up(url: str, file: Path) -> None:
    """Write a copy into a new SQLite file, while the bot runs on the original, be that SQLite or PostgreSQL.

    The file appears when it is complete, for its owner's eyes alone. Raises BotError where it is there already or cannot be
    written, and where there is no database.
    """
    if file.exists():
        raise BotError(f"{file} is there already; a backup is never written over a file.")
    if make_url(url).get_backend_name() == "sqlite" and not _file_of(url).exists():
        raise WrongInput(f"There is no database in {_file_of(url)}.")
    part = file.with_name(f"{file.name}.part")
    part.unlink(missing_ok=True)
    try:
        part.touch(mode=0o600)
        copied(url, part).close()
        part.rename(file)
    except OSError as error:
        raise BotError(f"{file} cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)


def restore(file: Path, url: str) -> None:
    """Put a backup in the place of everything that the database at an address holds, in one transaction.

    What waited to be sent when the backup was made may have gone out since: it is looked for before it is sent, and
    where it cannot be looked for a person decides. Raises WrongInput where the file is no sound backup, BotError where it
    is one of a newer version and where something else still uses the database.
    """
    with _sound_copy(file) as source:
        with source.writing() as session:
            may_have_gone = update(OutboxRow).where(OutboxRow.state == SendState.WAITING)
            session.execute(may_have_gone.values(state=SendState.UNKNOWN))
        target = Database(url)
        try:
            if target.is_sqlite:
                _restore_file(_file_of(str(source.engine.url)), _file_of(url))
            else:
                make_ready(target)
                _restore_rows(source, target)
        finally:
            target.close()


def number_on(session: Session) -> None:
    """Let PostgreSQL number new rows after those that were written with their numbers; SQLite does so by itself."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for table in Base.metadata.sorted_tables:
        for column in table.primary_key.columns:
            if isinstance(column.type, Integer) and len(table.primary_key.columns) == 1:
                following = select(func.coalesce(func.max(column), 0) + 1).scalar_subquery()
                sequence = func.pg_get_serial_sequence(table.name, column.name)
                session.execute(select(func.setval(sequence, following, false())))


def forget_quarter(session: Session, quarter: Quarter) -> None:
    """As if a quarter had not begun: without the answers and nudges since then, and with nothing under way."""
    session.execute(delete(AnswerRow).where(AnswerRow.quarter >= str(quarter)))
    session.execute(delete(NudgeRow).where(NudgeRow.quarter >= str(quarter)))
    for table in (OutboxRow, HandledRow, HandoverRow, StandInRow):
        session.execute(delete(table))


def _copy_rows(source: Database, taken: Session) -> None:
    with source.reading() as given:
        for table in Base.metadata.sorted_tables:
            for rows in given.execute(select(table)).mappings().partitions(_ROWS):
                taken.execute(insert(table), [dict(row) for row in rows])
    number_on(taken)


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
        raise BotError(f"The database {source} cannot be used, or {target} cannot be written: {error}.") from error


@contextmanager
def _sound_copy(file: Path) -> Iterator[Database]:
    """A backup at the present schema, in a file of our own: the backup itself stays as it is."""
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "backup.db"
        require_sound(file)
        _copy_file(file, copy)
        database = Database(f"sqlite:///{copy}")
        try:
            make_ready(database)
            _require_our_triggers(database, file)
            yield database
        finally:
            database.close()


def _require_our_triggers(copy: Database, file: Path) -> None:
    """A backup brings rows, not what acts by itself: neither triggers of its own nor a trail that can be rewritten."""
    with TemporaryDirectory() as folder:
        fresh = Database(f"sqlite:///{Path(folder) / 'fresh.db'}")
        make_ready(fresh)
        ours = _triggers(fresh)
        fresh.close()
    if _triggers(copy) != ours:
        raise WrongInput(f"{file} is no backup of Quarterdeck: its triggers are not as they were made.")


def _triggers(database: Database) -> set[tuple[str, str]]:
    """Triggers and views by name, with the statement that made each."""
    made = text("SELECT name, sql FROM sqlite_master WHERE type IN ('trigger', 'view')")
    with database.reading() as session:
        return {(name, sql) for name, sql in session.execute(made)}


def require_sound(file: Path) -> None:
    """Look whether a file can be restored. Raises WrongInput where it is no sound backup."""
    if not file.is_file():
        raise WrongInput(f"There is no file {file}.")
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            found = connection.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.Error as error:
        raise WrongInput(f"{file} is no backup: {error}.") from error
    if found != "ok":
        raise WrongInput(f"{file} is damaged: {found}.")
    database = Database(f"sqlite:///{file.absolute()}")
    revision = present_revision(database)
    database.close()
    if revision is None:
        raise WrongInput(f"{file} is no backup of Quarterdeck.")


def _restore_file(source: Path, target: Path) -> None:
    """Copy over a database file by SQLite's own means: one transaction, rolled back by the next start if it is cut off."""
    try:
        with closing(sqlite3.connect(source)) as given, closing(sqlite3.connect(target, timeout=1)) as taken:
            taken.execute("PRAGMA journal_mode=DELETE")  # refused while anybody else has the file open
            given.backup(taken)
    except sqlite3.OperationalError as error:
        raise BotError(f"The database is in use, or cannot be written ({error}). Stop the bot first.") from error


def _restore_rows(source: Database, target: Database) -> None:
    with target.writing() as session:
        if session.scalar(_OTHER_CONNECTIONS):
            raise BotError("The database is in use. Stop every bot and command that is connected to it first.")
        session.execute(text(f"TRUNCATE {', '.join(Base.metadata.tables)} RESTART IDENTITY"))
        _copy_rows(source, session)


_OTHER_CONNECTIONS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
)


def _file_of(url: str) -> Path:
    return Path(make_url(url).database or "")
