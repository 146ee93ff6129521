"""The PostgreSQL server goes away and comes back, or cuts every connection: what was accepted is there, each message once."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from bot.clock import Clock
from bot.store.session import Database
from bot.store.upgrade import upgrade
from tests.faults.conftest import NewPlace
from tests.faults.one_bot import one_bot
from tests.faults.told import assert_told_and_nothing_lost, filled_in
from tests.faults.workplace import OPENING, Workplace
from tests.scale import scaled
from tests.servers import Postgres, postgres

OUTAGE = scaled(3, 30)  # seconds
pytestmark = [
    pytest.mark.timeout(scaled(300, 3600)),
    # The driver's word on a cursor whose connection is gone: there is nothing left to close.
    pytest.mark.filterwarnings("ignore:.*ServerCursor:pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def server() -> Iterator[Postgres]:
    """A server that nobody else needs."""
    with postgres(of_our_own=True) as server:
        yield server


@pytest.fixture
def database_url(server: Postgres) -> str:
    """A database on that server, at the present schema."""

    def migrate(url: str) -> None:
        database = Database(url)
        upgrade(database)
        database.close()

    return server.make("empty", migrate)


@pytest.fixture(scope="session")
def database_kind() -> str:
    """Only a server can go away."""
    return "postgresql"


def assert_all_is_there(place: Workplace, said: dict[str, int]) -> None:
    """Every answer on record and published, every message there once."""
    assert place.recorded() == place.published() == said
    assert place.nudges_received() == dict.fromkeys(place.nudges_received(), 1)
    assert len(place.nudges_received()) == len(place.owners)
    assert set(place.in_channel().values()) == {1}
    assert place.not_sent() == []


def test_connections_that_are_cut_again_and_again(new_place: NewPlace, server: Postgres, record_property) -> None:
    place = new_place(*scaled((12, 2), (100, 10)))
    said = {name: 10 + number % 80 for number, name in enumerate(place.owners)}
    ended, cut = threading.Event(), 0

    def cut_on() -> None:
        nonlocal cut
        while not ended.wait(0.3):
            cut += server.cut_off(place.environment["DATABASE_URL"])

    with one_bot(place, Clock(), OPENING):
        cutter = threading.Thread(target=cut_on)
        cutter.start()
        try:
            place.answer(said)
            for project in place.projects:
                place.confirm(project)
        finally:
            ended.set()
            cutter.join()
        place.finish()
    record_property("connections cut", cut)
    assert cut > 10
    assert_all_is_there(place, said)


def test_a_server_that_is_away_for_a_while(new_place: NewPlace, server: Postgres) -> None:
    place = new_place(6, 1)
    said = dict.fromkeys(place.owners, 30)
    with one_bot(place, Clock(), OPENING) as bot:
        view = filled_in(place, "owner0000")
        server.stop()
        assert_told_and_nothing_lost(place, "owner0000", view)
        threading.Event().wait(OUTAGE)
        server.start()
        assert place.person("owner0000").submit(view) is None
        bot.beat()
        place.answer({name: said[name] for name in place.owners[1:]})
        place.publish(place.projects)
    assert_all_is_there(place, said)
