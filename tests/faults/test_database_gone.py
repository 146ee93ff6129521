"""The PostgreSQL server restarts, goes away and comes back, or cuts every connection: what was accepted is there, each
message once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

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


@contextmanager
def again_and_again(disturb: Callable[[], int], times: int, every: float) -> Iterator[list[int]]:
    """While the block runs, disturb so many times, so many seconds apart, and at least twice; the list holds what came of it."""
    ended, came = threading.Event(), list[int]()

    def go_on() -> None:
        while len(came) < times:
            came.append(disturb())
            if ended.wait(every) and len(came) > 1:
                return

    with ThreadPoolExecutor(1) as disturber:
        work = disturber.submit(go_on)
        try:
            yield came
        finally:
            ended.set()
        work.result()


def carry_a_quarter(place: Workplace, disturb: Callable[[], int], times: int, every: float) -> int:
    """Let everybody answer and the manager publish while something disturbs; returns what came of it in all."""
    said = {name: 10 + number % 80 for number, name in enumerate(place.owners)}
    with one_bot(place, Clock(), OPENING):
        with again_and_again(disturb, times, every) as came:
            place.answer(said)
            for project in place.projects:
                place.confirm(project)
        place.finish()
    assert_all_is_there(place, said)
    return sum(came)


def test_connections_that_are_cut_again_and_again(new_place: NewPlace, server: Postgres, record_property) -> None:
    place = new_place(*scaled((8, 2), (100, 10)))
    url = place.environment["DATABASE_URL"]
    cut = carry_a_quarter(place, lambda: server.cut_off(url), times=scaled(20, 400), every=0.4)
    record_property("connections cut", cut)
    assert cut > 10


def test_a_server_that_restarts_again_and_again(new_place: NewPlace, server: Postgres, record_property) -> None:
    place = new_place(*scaled((6, 1), (100, 10)))

    def restart() -> int:
        server.stop()
        server.start()
        return 1

    restarts = carry_a_quarter(place, restart, times=scaled(3, 40), every=scaled(0.5, 4.0))
    record_property("restarts of the server", restarts)
    assert restarts > 1


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
