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
from bot.slack import limits

NewWorld = Callable[..., World]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the company and its last quarter in it."""
    path = tmp_path_factory.mktemp("company") / "template.db"
    environment = {"DATABASE_URL": f"sqlite:///{path}", "QUARTERDECK_NOW": "2025-09-01T12:00:00Z"}
    for command, file in (("load", PORTFOLIO), ("answers", LAST_QUARTER)):
        ran = run_command(command, file, environment=environment)
        assert ran.status == 0, ran.err
    return path


@pytest.fixture(scope="session")
def stopping() -> Iterator[ThreadPoolExecutor]:
    """Stops worlds behind the tests' back: the socket client takes three seconds to end."""
    with ThreadPoolExecutor(16) as pool:
        yield pool


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries come soon and nobody waits for a slot; both are tested where they are kept."""
    monkeypatch.setattr(deliver, "_FIRST_PAUSE", timedelta(milliseconds=50))
    monkeypatch.setattr(limits, "PER_MINUTE", dict.fromkeys(limits.PER_MINUTE, 100_000))
    monkeypatch.setattr(limits, "CHANNEL_CALLS", 1000)


@pytest.fixture
def new_world(template: Path, tmp_path: Path, stopping: ThreadPoolExecutor) -> Iterator[NewWorld]:
    """Start worlds with other settings; they stop with the test."""
    started: list[World] = []

    def start(**settings: Any) -> World:
        started.append(World(copied(template, tmp_path), **settings).start())
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
    template: Path, tmp_path_factory: pytest.TempPathFactory, stopping: ThreadPoolExecutor
) -> Iterator[World]:
    """One world for the journeys of a module that change nothing in it."""
    world = World(copied(template, tmp_path_factory.mktemp("shared"))).start()
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
