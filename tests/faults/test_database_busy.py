"""An SQLite file that something else holds, or that cannot grow: people are told in time, and nothing is half-written."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Connection

from bot.app import Bot
from bot.clock import Clock
from tests.faults.conftest import NewPlace
from tests.faults.one_bot import one_bot
from tests.faults.told import SAID, assert_told_and_nothing_lost, filled_in
from tests.faults.workplace import OPENING, Workplace

OWNERS, PROJECTS = 6, 1
LONG = {
    "Note": "Nothing new. " * 190,
    "Impact on company goals": "Nothing new. " * 190,
}  # more than a page has room for


@pytest.fixture(scope="session")
def database_kind() -> str:
    """Only a file can be held or full in this way."""
    return "sqlite"


def file_of(place: Workplace) -> str:
    """The path of the database."""
    return place.environment["DATABASE_URL"].removeprefix("sqlite:///")


def test_while_something_else_holds_the_file_people_are_told_within_three_seconds(new_place: NewPlace) -> None:
    place = new_place(OWNERS, PROJECTS)
    with one_bot(place, Clock(), OPENING) as bot:
        view = filled_in(place, "owner0000")
        with closing(sqlite3.connect(file_of(place), isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            assert_told_and_nothing_lost(place, "owner0000", view)
            holder.execute("ROLLBACK")
        assert place.person("owner0000").submit(view) is None
        bot.settle(20)
    assert place.recorded() == {"owner0000": 30}


@contextmanager
def full_disk(bot: Bot) -> Iterator[None]:
    """No transaction of the bot can make its file larger."""

    def limit(pages: int) -> Callable[[Connection], None]:
        return lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}").close()

    no_more, as_before = limit(1), limit(2**30)
    event.listen(bot.database.engine, "begin", no_more)
    yield
    event.remove(bot.database.engine, "begin", no_more)
    event.listen(bot.database.engine, "begin", as_before)


def test_on_a_full_disk_nothing_is_half_written_and_with_room_again_all_goes_on(new_place: NewPlace) -> None:
    place = new_place(OWNERS, PROJECTS)
    with closing(sqlite3.connect(file_of(place))) as file:
        file.execute("VACUUM")  # no page of it is empty
    with one_bot(place, Clock(), OPENING) as bot:
        view = filled_in(place, "owner0000", SAID | LONG)
        with full_disk(bot):
            assert_told_and_nothing_lost(place, "owner0000", view)
        assert place.recorded() == {}
        assert place.person("owner0000").submit(view) is None
        place.answer(dict.fromkeys(place.owners[1:], 40))
        bot.settle(20)
    assert place.recorded() == {"owner0000": 30, **dict.fromkeys(place.owners[1:], 40)}
    assert set(place.nudges_received().values()) == {1}
