"""The engine and its transactions: one writer at a time, on SQLite and among all replicas on PostgreSQL; readers beside it.

Who writes has looked first: whether this was handled, who answered last, which revision is the newest. On PostgreSQL that
may be others' by the time of writing (1,020 of 1,200 increments were lost), so writers take turns there as they have to on
SQLite. Workers, who touch nothing but rows that they claim, need no turn.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import Enum, auto
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, select, true
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from sqlalchemy.orm import Session, sessionmaker

from bot.domain.errors import BotError, Busy, WrongInput
from bot.store import trouble
from bot.store.marks import mark_changes
from bot.store.plain import remember

logger = logging.getLogger(__name__)

PATIENCE = 10.0  # seconds that a transaction of our own waits for others' locks
_PATIENCE_OF_PEOPLE = 2.0  # Slack wants its answer within three seconds
_LONGEST_PAUSE = 30_000  # milliseconds between two statements of a transaction that may write
_SYNCHRONOUS = "synchronous"  # as SQLite calls it: sqlite.org/pragma.html#pragma_synchronous
_WRITERS_TURN = 4_817_264  # any number of our own: the advisory lock that the writers of all replicas hold in turn


class _Begin(Enum):
    """How a transaction begins."""

    READ = auto()
    WRITE = auto()
    CLAIM = auto()


class Database:
    """Opens sessions on one database. `writing` commits when its block ends well; `reading` never writes."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._queue = FairLock()
        self._write = self._sessions(begin=_Begin.WRITE, patience=PATIENCE)
        self._answer = self._sessions(begin=_Begin.WRITE, patience=_PATIENCE_OF_PEOPLE)
        self._claim = self._sessions(begin=_Begin.CLAIM, patience=PATIENCE)
        # On PostgreSQL only this isolation sees all of its reads at one moment.
        one_moment = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._read = self._sessions(begin=_Begin.READ, patience=PATIENCE, **one_moment)

    def _sessions(self, **options: Any) -> sessionmaker[Session]:
        sessions = sessionmaker(self.engine.execution_options(**options), expire_on_commit=False)
        mark_changes(sessions)
        return sessions

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction that may write; rolled back when the block raises."""
        with self._turn(PATIENCE), self._write.begin() as session:
            yield session

    @contextmanager
    def claiming(self) -> Iterator[Session]:
        """As `writing`, for workers: beside other writers where the database can, so it may only count on rows it holds."""
        with self._turn(PATIENCE), self._claim.begin() as session:
            yield session

    @contextmanager
    def answering(self) -> Iterator[Session]:
        """As `writing`, for somebody who waits: raises Busy where the database cannot take it within two seconds."""
        with _told_if_busy(), self._turn(_PATIENCE_OF_PEOPLE), self._answer.begin() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One consistent look at the data, which does not queue behind writers."""
        with self._read() as session, session.begin():
            remember(session)
            yield session

    @contextmanager
    def showing(self) -> Iterator[Session]:
        """As `reading`, for somebody who waits: raises Busy where the database cannot be read."""
        with _told_if_busy(), self.reading() as session:
            yield session

    @contextmanager
    def _turn(self, patience: float) -> Iterator[None]:
        """A turn among this process's writers on SQLite; on PostgreSQL its transaction asks for one."""
        if not self.is_sqlite:
            yield
            return
        if not self._queue.acquire(patience):
            raise _busy()
        try:
            yield
        finally:
            self._queue.release()

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()


class FairLock:
    """A lock that is handed on in the order it was asked for.

    SQLite's own waiting is unfair: with eight writers the slowest waited 1.6 s, behind this queue 15 ms.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._is_taken = False

    def acquire(self, patience: float) -> bool:
        """Take the lock; False where its turn has not come within so many seconds."""
        with self._guard:
            if not self._is_taken:
                self._is_taken = True
                return True
            turn = threading.Event()
            self._waiting.append(turn)
        if turn.wait(patience):
            return True
        with self._guard:
            if turn.is_set():  # it was handed on at the last moment
                return True
            self._waiting.remove(turn)
            return False

    def release(self) -> None:
        """Hand the lock on."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._is_taken = False


def _engine(url: str) -> Engine:
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise WrongInput(_NOT_AN_ADDRESS) from error
    backend = address.get_backend_name()
    if backend == "postgresql":
        return _postgresql(address)
    if backend != "sqlite" or address.database in (None, "", ":memory:"):  # in memory, every thread has its own
        raise WrongInput(_NOT_AN_ADDRESS)
    return _sqlite(address)


def _sqlite(address: URL) -> Engine:
    """The engine of a file; `?synchronous=full` behind its address has it wait for the disk at every commit."""
    level = str(address.query.get(_SYNCHRONOUS, "normal")).lower()
    if level not in ("normal", "full"):
        raise WrongInput(f'DATABASE_URL says {_SYNCHRONOUS}={level}; expected "normal" or "full".')
    given = address.difference_update_query([_SYNCHRONOUS])
    engine = create_engine(given, pool_size=20, max_overflow=20, hide_parameters=True)
    event.listen(engine, "connect", lambda connection, _: _prepare_sqlite(connection, level))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _postgresql(address: URL) -> Engine:
    try:
        engine = create_engine(
            address.set(drivername="postgresql+psycopg"),
            hide_parameters=True,  # people's words, which an error would carry into the log
            pool_pre_ping=True,  # connections that a failover has ended are replaced
            pool_size=20,
            pool_timeout=_PATIENCE_OF_PEOPLE,
            connect_args={"connect_timeout": int(_PATIENCE_OF_PEOPLE)},
        )
    except ModuleNotFoundError as error:
        raise BotError('PostgreSQL needs its driver. Install it with: pip install "quarterdeck[postgres]"') from error
    event.listen(engine, "begin", _begin_postgresql)
    return engine


@contextmanager
def _told_if_busy() -> Iterator[None]:
    try:
        yield
    except (OperationalError, NoConnectionLeft) as error:
        logger.warning("database did not take an interaction reason=%s", trouble.said(error))
        raise _busy() from error


def _busy() -> Busy:
    return Busy("The database is busy or cannot be reached, so nothing was saved. Please try again in a moment.")


_NOT_AN_ADDRESS = (
    "DATABASE_URL is not the address of a PostgreSQL database or an SQLite file;"
    ' expected such as "sqlite:///quarterdeck.db"'
)


def _prepare_sqlite(connection: Any, synchronous: str) -> None:
    """Take transactions over from the driver, which would open none before a SELECT and so lose updates.

    With NORMAL what was committed survives the end of the process, however it ends; a machine that loses its power may lose
    the commits that it had not written out yet, never the file. FULL waits for the disk at every commit: measured 0.8 ms
    instead of 0.01 ms, one in a hundred 33 ms, with everybody's turn held meanwhile. PostgreSQL waits so by itself.
    """
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes its lock at once: a deferred one fails with "database is locked" as soon as it writes.

    A reader that writes fails, as it does on PostgreSQL.
    """
    options = connection.get_execution_options()
    is_reader = options.get("begin") is _Begin.READ
    driver: Any = connection.connection.dbapi_connection  # by the shortest way: every transaction passes here
    driver.execute(f"PRAGMA busy_timeout={_milliseconds(options)}")
    driver.execute(f"PRAGMA query_only={int(is_reader)}")
    connection.exec_driver_sql("BEGIN" if is_reader else "BEGIN IMMEDIATE")


def _begin_postgresql(connection: Connection) -> None:
    """Nobody waits for ever, and a replica that was cut off in the middle does not keep the others waiting."""
    options = connection.get_execution_options()
    if options.get("begin") in (_Begin.WRITE, _Begin.CLAIM):
        limits = {"lock_timeout": _milliseconds(options), "idle_in_transaction_session_timeout": _LONGEST_PAUSE}
        steps = [func.set_config(name, str(value), true()) for name, value in limits.items()]
        if options["begin"] is _Begin.WRITE:
            steps.append(func.pg_advisory_xact_lock(_WRITERS_TURN))
        connection.execute(select(*steps))


def _milliseconds(options: Mapping[str, Any]) -> int:
    patience: float = options.get("patience", PATIENCE)
    return round(patience * 1000)
