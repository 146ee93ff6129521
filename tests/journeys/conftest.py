"""A world for each journey, made from one database that is filled once; and nothing refused without reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from world import LAST_QUARTER, NAMES, OPENING, PORTFOLIO, World, copied, run_command

from bot.flow import deliver
from bot.flow.publish import live
from bot.slack import limits
from bot.store import outbox
from tests.servers import Postgres

NewWorld = Callable[..., World]
NewDatabase = Callable[[Path], str]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the company and its last quarter in it."""
    path = tmp_path_factory.mktemp("company") / "template.db"
    fill(f"sqlite:///{path}")
    return path


def fill(database_url: str) -> None:
    """Load the company and its last quarter into an empty database."""
    environment = {"DATABASE_URL": database_url, "QUARTERDECK_NOW": "2025-09-01T12:00:00Z"}
    for words in (("db", "upgrade"), ("load", PORTFOLIO), ("answers", LAST_QUARTER)):
        ran = run_command(*words, environment=environment)
        assert ran.status == 0, ran.err


@pytest.fixture(scope="module")
def new_database(database_kind: str, template: Path, request: pytest.FixtureRequest) -> NewDatabase:
    """Makes databases like the template, each with a folder of its own; returns their addresses."""
    if database_kind == "sqlite":
        return lambda folder: copied(template, folder)
    server: Postgres = request.getfixturevalue("postgres_server")
    return lambda _: server.make("company", fill)


@pytest.fixture(scope="session")
def stopping() -> Iterator[ThreadPoolExecutor]:
    """Stops worlds behind the tests' back: the socket client takes three seconds to end."""
    with ThreadPoolExecutor(16) as pool:
        yield pool


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries come soon and nobody waits for a slot; both are tested where they are kept."""
    monkeypatch.setattr(deliver, "_FIRST_PAUSE", timedelta(milliseconds=50))
    monkeypatch.setattr(live, "REFRESH_PAUSE", timedelta(milliseconds=50))
    monkeypatch.setattr(outbox, "EDIT_PAUSE", timedelta(0))
    monkeypatch.setattr(limits, "PER_MINUTE", dict.fromkeys(limits.PER_MINUTE, 100_000))
    monkeypatch.setattr(limits, "CHANNEL_CALLS", 1000)


@pytest.fixture
def new_world(new_database: NewDatabase, tmp_path: Path, stopping: ThreadPoolExecutor) -> Iterator[NewWorld]:
    """Start worlds with other settings; they stop with the test."""
    started: list[World] = []

    def start(**settings: Any) -> World:
        started.append(World(new_database(tmp_path), tmp_path, **settings).start())
        return started[-1]

    yield start
    for world in started:
        stopping.submit(world.stop)


@pytest.fixture
def world(new_world: NewWorld) -> Iterator[World]:
    """The company on opening day, everybody asked whose day it is. Slack has refused nothing when the journey ends."""
    world = new_world()
    world.arrive(OPENING)
    yield world
    assert world.refused() == []


@pytest.fixture(scope="module")
def one_for_all(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory, stopping: ThreadPoolExecutor
) -> Iterator[World]:
    """One world for the journeys of a module that change nothing in it."""
    folder = tmp_path_factory.mktemp("shared")
    world = World(new_database(folder), folder).start()
    world.arrive(OPENING)
    yield world
    stopping.submit(world.stop)


@pytest.fixture
def shared_world(one_for_all: World) -> Iterator[World]:
    """The company on opening day, for a journey that changes nothing; dialogs left open are closed after it."""
    yield one_for_all
    for name in NAMES:
        person = one_for_all.person(name)
        if view := person.top_view():
            person.close(view, whole_stack=True)
    assert one_for_all.refused() == []


@pytest.fixture
def troubled_world(new_world: NewWorld) -> World:
    """The company on the day before opening, for journeys on which Slack is made to fail."""
    return new_world()
