"""The schema: migrations give exactly the models, and values keep their meaning."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, Table, inspect, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError, StatementError

import bot.store
from bot.domain.errors import BotError
from bot.store.session import Database
from bot.store.tables import Base, ChangeRow, HandledRow, MilestoneRow, OutboxRow, PersonRow, ProjectRow
from bot.store.upgrade import HEAD, make_ready, present_revision

NOON = datetime(2025, 10, 1, 12, tzinfo=UTC)


def test_the_migrations_give_exactly_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        assert compare_metadata(_context(connection), Base.metadata) == []


def _context(connection: Connection) -> MigrationContext:
    return MigrationContext.configure(connection, opts={"compare_type": True})


def test_the_constant_names_the_newest_migration(database: Database) -> None:
    assert ScriptDirectory.from_config(_config()).get_current_head() == HEAD == present_revision(database)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(bot.store.__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def test_making_ready_twice_changes_nothing_and_keeps_what_is_there(database: Database) -> None:
    with database.writing() as session:
        session.add(HandledRow(key="kept", at=NOON))
    make_ready(database)
    with database.reading() as session:
        assert session.get(HandledRow, "kept")


def test_a_database_of_the_first_version_is_upgraded_with_all_that_is_in_it(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'old.db'}")
    noon = NOON.replace(tzinfo=None)
    change = {"project_key": "p", "milestone_key": "m", "what": "name", "old": "Old", "new": "New", "at": noon}
    sent = {"key": "k", "kind": "post", "subject": {}, "lane": "l", "state": "sent", "attempts": 1}
    with database.engine.begin() as connection:
        _alembic(connection, command.upgrade, "0001")
        _insert(connection, "changes", id=7, **change)
        _insert(connection, "outbox", created_at=noon, due_at=noon, **sent)
    make_ready(database)
    with database.engine.connect() as connection:
        assert compare_metadata(_context(connection), Base.metadata) == []
    with database.reading() as session:
        row = session.scalars(select(ChangeRow)).one()
        assert (row.id, row.old, row.new, row.at, row.by) == (7, "Old", "New", NOON, None)
        assert session.scalars(select(OutboxRow.key)).all() == ["k"]
    with database.engine.begin() as connection:
        _alembic(connection, command.downgrade, "0001")
        assert connection.execute(text("SELECT old, new FROM changes")).all() == [("Old", "New")]
    database.close()


def _alembic(connection: Connection, run: Callable[[Config, str], None], revision: str) -> None:
    config = _config()
    config.attributes["connection"] = connection
    run(config, revision)


def _insert(connection: Connection, table: str, **values: object) -> None:
    connection.execute(Table(table, MetaData(), autoload_with=connection).insert(), values)


def test_an_empty_file_has_no_revision(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'new.db'}")
    assert present_revision(database) is None
    assert inspect(database.engine).get_table_names() == []
    database.close()


def test_a_naive_instant_is_refused_and_an_aware_one_comes_back_in_utc(database: Database) -> None:
    with pytest.raises(StatementError, match="needs a zone"), database.writing() as session:
        session.add(HandledRow(key="naive", at=datetime(2025, 10, 1, 12)))  # noqa: DTZ001 - the point of the test
    india = datetime(2025, 10, 1, 17, 30, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    with database.writing() as session:
        session.add(HandledRow(key="aware", at=india))
    with database.reading() as session:
        stored = session.get_one(HandledRow, "aware").at
    assert (stored, stored.utcoffset()) == (NOON, timedelta())


def test_decimals_keep_every_digit(database: Database) -> None:
    weight = Decimal("0.1000000000000000000001")
    with database.writing() as session:
        person = PersonRow(name="Alice")
        session.add(person)
        session.flush()
        project = ProjectRow(key="p", name="P", manager_id=person.id, staffing_unit="FTE")
        session.add(project)
        session.flush()
        session.add(
            MilestoneRow(project_id=project.id, key="m", name="M", owner_id=person.id, weight=weight, position=0)
        )
    with database.reading() as session:
        assert str(session.scalar(select(MilestoneRow.weight))) == str(weight)


def test_rows_that_point_nowhere_are_refused(database: Database) -> None:
    with pytest.raises(IntegrityError), database.writing() as session:
        session.add(ProjectRow(key="p", name="P", manager_id=99, staffing_unit="FTE"))


def test_a_block_that_raises_writes_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.writing() as session:
        session.add(HandledRow(key="lost", at=NOON))
        session.flush()
        raise ZeroDivisionError
    with database.reading() as session:
        assert session.get(HandledRow, "lost") is None


@pytest.mark.parametrize("url", ["", "quarterdeck.db", "mysql://somewhere/db", "sqlite://", "sqlite:///:memory:"])
def test_an_address_that_cannot_be_used_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(BotError, match="sqlite:///quarterdeck"):
        Database(url)


@pytest.mark.parametrize(("said", "level"), [("", 1), ("?synchronous=normal", 1), ("?synchronous=FULL", 2)])
def test_an_address_says_whether_a_commit_waits_for_the_disk(tmp_path: Path, said: str, level: int) -> None:
    """The numbers are SQLite's own: 1 is NORMAL, 2 is FULL (sqlite.org/pragma.html#pragma_synchronous)."""
    database = Database(f"sqlite:///{tmp_path / 'durable.db'}{said}")
    with database.writing() as session:
        assert session.scalar(text("PRAGMA synchronous")) == level
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
    database.close()
    assert [file.name for file in tmp_path.glob("durable.db*")] == ["durable.db"], "it is no part of the file's name"


@pytest.mark.parametrize("said", ["off", "extra", "full&synchronous=full"])
def test_an_address_that_wants_less_safety_is_refused(tmp_path: Path, said: str) -> None:
    with pytest.raises(BotError, match='expected "normal" or "full"'):
        Database(f"sqlite:///{tmp_path / 'durable.db'}?synchronous={said}")


@pytest.mark.parametrize("url", ["postgresql://host/db", "postgresql+psycopg://host/db"])
def test_without_its_driver_postgresql_is_refused_with_what_to_install(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(BotError, match=r"quarterdeck\[postgres\]"):
        Database(url)
