"""The bot is killed at any moment, again and again: no message is sent twice, and nothing that was accepted is lost."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.faults.conftest import NewFleet
from tests.faults.fleet import Fleet
from tests.faults.workplace import OPENING
from tests.scale import scaled

OWNERS, PROJECTS = scaled((40, 5), (200, 25))
KILLS_WHILE_SENDING = scaled(8, 80)
KILLS_AFTER_ANSWERS = scaled(3, 40)

pytestmark = pytest.mark.timeout(scaled(300, 3600))


def test_a_bot_that_is_killed_again_and_again_sends_nothing_twice_and_loses_nothing(
    new_fleet: NewFleet, record_property
) -> None:
    fleet = new_fleet(OWNERS, PROJECTS)
    place, chance = fleet.place, fleet.chance
    fleet.start(1, OPENING)
    for _ in range(KILLS_WHILE_SENDING):
        fleet.kill_after(chance.randint(1, 5))
    said = answer_between_kills(fleet)
    place.finish()
    assert set(place.nudges_received().values()) == {1}
    assert len(place.nudges_received()) == OWNERS
    assert place.recorded() == said
    assert place.versions() == Counter(said.keys())
    publish_between_kills(fleet)
    record_property("kills", fleet.kills)
    assert fleet.kills == KILLS_WHILE_SENDING + KILLS_AFTER_ANSWERS + PROJECTS
    assert {key: percent for key, percent in place.published().items() if percent is not None} == said
    assert set(place.in_channel().values()) == {1}
    assert place.not_sent() == []


def answer_between_kills(fleet: Fleet) -> dict[str, int]:
    """Some owners answer, and after each the bot dies; what they said."""
    said = {name: fleet.chance.randint(1, 99) for name in fleet.place.owners[:KILLS_AFTER_ANSWERS]}
    for name, percent in said.items():
        fleet.place.answer({name: percent})
        fleet.kill_after(0)
    return said


def publish_between_kills(fleet: Fleet) -> None:
    """The manager publishes every project, and the bot dies in the middle of each one's thread."""
    for sent, project in enumerate(fleet.place.projects):
        fleet.place.confirm(project)
        fleet.kill_after(sent % 6)
    fleet.place.finish()
