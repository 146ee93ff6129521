"""Three replicas on one PostgreSQL, one of them killed every few seconds, carry a quarter to its published reports."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.faults.conftest import NewFleet
from tests.faults.workplace import OPENING, REMINDER
from tests.scale import scaled

REPLICAS = 3
OWNERS, PROJECTS = scaled((60, 4), (1000, 40))
EVERY = scaled(1.5, 3.0)  # seconds between two kills

pytestmark = pytest.mark.timeout(scaled(300, 3600))


@pytest.fixture(scope="session")
def database_kind() -> str:
    """Only PostgreSQL is for several replicas."""
    return "postgresql"


def test_three_replicas_one_killed_every_few_seconds_lose_nothing_and_say_nothing_twice(
    new_fleet: NewFleet, record_property
) -> None:
    fleet = new_fleet(OWNERS, PROJECTS)
    place = fleet.place
    said = {name: fleet.chance.randint(1, 99) for name in place.owners}
    late = place.owners[::5]
    with fleet.killing(EVERY):
        fleet.start(REPLICAS, OPENING)
        place.answer({name: percent for name, percent in said.items() if name not in late})
        fleet.start(REPLICAS, REMINDER)
        place.finish_step("reminder-5", len(late))
        place.answer({name: said[name] for name in late})
        place.publish(place.projects)
    for name, count in (("kills", fleet.kills), ("nudges", place.nudges_received().total()), ("answers", len(said))):
        record_property(name, count)
    assert fleet.kills >= 3
    assert set(place.nudges_received().values()) == {1}
    steps = Counter(key.split(":")[3] for key in place.nudges_received())
    assert steps == {"opening": len(place.owners), "reminder-5": len(late)}
    assert {step: place.steps_sent()[step] for step in steps} == steps
    assert place.recorded() == said
    assert place.versions() == Counter(place.owners)
    assert place.published() == said
    assert set(place.in_channel().values()) == {1}
    assert place.not_sent() == []
