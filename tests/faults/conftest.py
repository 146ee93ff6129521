"""Workplaces, and who runs the bot there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bot.sandbox.server import Sandbox
from tests.faults.company import leadership, owner_names, people, project_keys
from tests.faults.fleet import Fleet
from tests.faults.workplace import Workplace
from tests.journeys.world import slack_app
from tests.scale import SEED
from tests.servers import KINDS

NewPlace = Callable[[int, int], Workplace]
NewFleet = Callable[[int, int], Fleet]


@pytest.fixture(scope="session", params=KINDS)
def database_kind(request: pytest.FixtureRequest) -> str:
    """One of the databases that the bot runs on."""
    kind: str = request.param
    return kind


@pytest.fixture
def ending() -> Iterator[ExitStack]:
    """What is to be ended with the test."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def new_place(database_url: str, tmp_path: Path, ending: ExitStack) -> NewPlace:
    """Makes a workplace for so many owners and projects."""

    def make(owners: int, projects: int) -> Workplace:
        names, keys = owner_names(owners), project_keys(projects)
        sandbox = ending.enter_context(Sandbox(people(names), [leadership()], app=slack_app()))
        place = Workplace(sandbox, database_url, tmp_path, names, keys)
        ending.callback(place.database.close)
        return place

    return make


@pytest.fixture
def new_fleet(new_place: NewPlace, ending: ExitStack) -> NewFleet:
    """Makes a workplace with replicas of the bot in processes of their own."""

    def make(owners: int, projects: int) -> Fleet:
        fleet = Fleet(new_place(owners, projects), SEED)
        ending.callback(fleet.close)
        return fleet

    return make
