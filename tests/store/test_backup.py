"""A backup is complete, made while others write, and put back as a whole or not at all."""

from __future__ import annotations

import shutil
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from full_tables import fill
from sqlalchemy import select

import bot.store
from bot.domain.errors import BotError
from bot.store import outbox
from bot.store.copies import back_up, restore
from bot.store.session import Database
from bot.store.tables import Base, HandledRow, OutboxRow, PersonRow

NOON = datetime(2025, 10, 1, 12, tzinfo=UTC)


def rows(database: Database) -> dict[str, list[tuple[object, ...]]]:
    with database.reading() as session:
        return {
            table.name: [tuple(row) for row in session.execute(select(table).order_by(*table.primary_key))]
            for table in Base.metadata.sorted_tables
        }


@pytest.fixture
def filled(database_url: str) -> Iterator[str]:
    """The address of a database with rows in every table, to which nobody is connected."""
    database = Database(database_url)
    fill(database, 1)
    database.close()
    yield database_url


def opened(url: str) -> dict[str, list[tuple[object, ...]]]:
    database = Database(url)
    try:
        return rows(database)
    finally:
        database.close()


def test_a_backup_put_back_is_what_was_there(filled: str, tmp_path: Path) -> None:
    before = opened(filled)
    back_up(filled, tmp_path / "backup.db")
    database = Database(filled)
    with database.writing() as session:
        session.add(PersonRow(name="Since then"))
    database.close()
    restore(tmp_path / "backup.db", filled)
    assert opened(filled) == before
    assert [file.name for file in tmp_path.iterdir() if "backup" in file.name] == ["backup.db"]


def test_new_rows_are_numbered_on_after_a_restore(filled: str, tmp_path: Path) -> None:
    back_up(filled, tmp_path / "backup.db")
    restore(tmp_path / "backup.db", filled)
    last = max(number for number, *_ in opened(filled)["people"])  # type: ignore[type-var]
    database = Database(filled)
    with database.writing() as session:
        session.add(PersonRow(name="New"))
        session.flush()
        assert session.scalar(select(PersonRow.id).where(PersonRow.name == "New")) == last + 1  # type: ignore[operator]
    database.close()


def test_what_waited_to_be_sent_is_looked_for_before_it_is_sent(
    database_url: str, database: Database, tmp_path: Path
) -> None:
    """It may have gone out between the backup and its return."""
    with database.writing() as session:
        outbox.put(session, key="k", kind="notice", subject={}, now=NOON)
    back_up(database_url, tmp_path / "backup.db")
    database.close()
    restore(tmp_path / "backup.db", database_url)
    with database.reading() as session:
        assert session.scalars(select(OutboxRow.state)).all() == ["unknown"]


def test_a_backup_is_whole_while_others_write(database: Database, database_url: str, tmp_path: Path) -> None:
    """Each writer's transaction adds two rows; no copy has one without the other."""
    stop = threading.Event()

    def write(name: str) -> None:
        number = 0
        while not stop.is_set():
            with database.writing() as session:
                session.add(HandledRow(key=f"{name}-{number}-a", at=NOON))
                session.flush()
                session.add(HandledRow(key=f"{name}-{number}-b", at=NOON))
            number += 1

    writers = [threading.Thread(target=write, args=(name,)) for name in "xy"]
    for writer in writers:
        writer.start()
    try:
        for number in range(3):
            back_up(database_url, tmp_path / f"backup-{number}.db")
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    for number in range(3):
        with closing(sqlite3.connect(tmp_path / f"backup-{number}.db")) as copy:
            keys = {key for (key,) in copy.execute("SELECT key FROM handled")}
        assert {f"{key[:-1]}a" for key in keys} == {key for key in keys if key.endswith("a")}
        assert {f"{key[:-1]}b" for key in keys} == {key for key in keys if key.endswith("b")}


def test_nothing_is_put_back_while_a_bot_is_connected(filled: str, tmp_path: Path) -> None:
    before = opened(filled)
    back_up(filled, tmp_path / "backup.db")
    bot = Database(filled)
    with bot.writing() as session:
        session.add(PersonRow(name="Since then"))
    with pytest.raises(BotError, match="in use"):
        restore(tmp_path / "backup.db", filled)
    assert len(rows(bot)["people"]) == len(before["people"]) + 1
    bot.close()


def test_a_backup_is_for_its_owner_alone(filled: str, tmp_path: Path) -> None:
    back_up(filled, tmp_path / "kept.db")
    assert stat.S_IMODE((tmp_path / "kept.db").stat().st_mode) == 0o600


def test_a_backup_that_cannot_be_written_is_told_by_its_own_name(filled: str, tmp_path: Path) -> None:
    with pytest.raises(BotError, match=r"none/kept\.db cannot be written: No such file or directory"):
        back_up(filled, tmp_path / "none" / "kept.db")


def test_a_backup_is_never_written_over_a_file(filled: str, tmp_path: Path) -> None:
    (tmp_path / "backup.db").write_text("mine")
    with pytest.raises(BotError, match="is there already"):
        back_up(filled, tmp_path / "backup.db")
    assert (tmp_path / "backup.db").read_text() == "mine"


@pytest.mark.parametrize("content", [b"", b"not a database" * 100, None])
def test_what_is_no_backup_changes_nothing(filled: str, tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "other.db").write_bytes(content)
    before = opened(filled)
    with pytest.raises(BotError, match=r"is no backup|There is no file"):
        restore(tmp_path / "other.db", filled)
    assert opened(filled) == before


def test_a_damaged_backup_changes_nothing(filled: str, tmp_path: Path) -> None:
    backup = tmp_path / "backup.db"
    back_up(filled, backup)
    content = bytearray(backup.read_bytes())
    page = 4096
    for start in range(3 * page, len(content), page):
        content[start : start + 200] = b"\xff" * 200
    backup.write_bytes(content)
    before = opened(filled)
    with pytest.raises(BotError, match=r"is damaged|is no backup"):
        restore(backup, filled)
    assert opened(filled) == before


@pytest.mark.parametrize(
    "tampering",
    [
        "DROP TRIGGER audit_refuses_delete",
        "CREATE TRIGGER mine AFTER INSERT ON people BEGIN DELETE FROM answers; END",
        "CREATE VIEW mine AS SELECT * FROM answers",
    ],
)
def test_a_backup_that_brings_what_acts_by_itself_changes_nothing(filled: str, tmp_path: Path, tampering: str) -> None:
    """The trail can be rewritten by nobody, after a restore neither."""
    file, before = tmp_path / "backup.db", opened(filled)
    back_up(filled, file)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(tampering)
    with pytest.raises(BotError, match="triggers are not as they were made"):
        restore(file, filled)
    assert opened(filled) == before


def test_there_is_no_backup_of_nothing(tmp_path: Path) -> None:
    with pytest.raises(BotError, match="There is no database"):
        back_up(f"sqlite:///{tmp_path / 'none.db'}", tmp_path / "backup.db")
    assert list(tmp_path.iterdir()) == []


def test_a_backup_of_an_earlier_version_is_brought_to_the_present_one(empty_database: Path, tmp_path: Path) -> None:
    """A restore ends at the present schema whatever the backup's was."""
    old = Database(f"sqlite:///{tmp_path / 'old.db'}")
    config = Config()
    config.set_main_option("script_location", str(Path(bot.store.__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    with old.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    old.close()
    target = f"sqlite:///{shutil.copy(empty_database, tmp_path / 'present.db')}"
    restore(tmp_path / "old.db", target)
    assert all(found == [] for found in opened(target).values())
