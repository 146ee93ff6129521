"""A fifth of everything fails, in each way there is, through a whole quarter: what was accepted is there, each message once."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta

import pytest

from bot.clock import Clock
from bot.flow import deliver
from bot.sandbox.faults import ANY_METHOD, CALL_FAULTS, DELIVERIES, DELIVERY_FAULTS
from bot.slack import limits, messenger, socket_mode
from tests.faults.conftest import NewPlace
from tests.faults.one_bot import one_bot
from tests.faults.workplace import OPENING, REMINDER
from tests.scale import SEED, scaled

OWNERS, PROJECTS = scaled((8, 2), (40, 5))
SHARE = 0.2
DAY_BEFORE = OPENING - timedelta(days=1)
FAULTS = [*((ANY_METHOD, kind) for kind in CALL_FAULTS), *((DELIVERIES, kind) for kind in DELIVERY_FAULTS)]

pytestmark = pytest.mark.timeout(scaled(300, 3600))


@pytest.fixture(autouse=True)
def no_long_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has to wait waits shortly; how long it is in truth is tested where it is decided."""
    monkeypatch.setattr(deliver, "_FIRST_PAUSE", timedelta(milliseconds=20))
    monkeypatch.setattr(messenger, "_SEND_TIMEOUT", 1)
    monkeypatch.setattr(messenger, "_INTERACTION_TIMEOUT", 1)
    monkeypatch.setattr(socket_mode, "_PING", 0.5)
    monkeypatch.setattr(limits, "PER_MINUTE", dict.fromkeys(limits.PER_MINUTE, 100_000))
    monkeypatch.setattr(limits, "CHANNEL_CALLS", 1000)


@pytest.fixture(scope="session", params=scaled(["sqlite"], ["sqlite", "postgresql"]))
def database_kind(request: pytest.FixtureRequest) -> str:
    """What Slack does is the same to both; by day, the one that is there at once."""
    kind: str = request.param
    return kind


@pytest.mark.parametrize(("target", "kind"), FAULTS, ids=[f"{target}-{kind}" for target, kind in FAULTS])
def test_a_quarter_in_which_a_fifth_fails_is_as_one_in_which_nothing_does(
    new_place: NewPlace, target: str, kind: str, record_property
) -> None:
    place, clock = new_place(OWNERS, PROJECTS), Clock()
    chance = random.Random(SEED)  # noqa: S311 - chooses answers
    said = {name: chance.randint(1, 99) for name in place.owners}
    late = place.owners[::4]
    with one_bot(place, clock, DAY_BEFORE) as bot:
        bot.beat()  # Slack's people are known before it begins to fail
        fault = place.sandbox.faults.add(target, kind, share=SHARE, seed=SEED)
        clock.move_to(OPENING)
        bot.beat()
        place.answer({name: percent for name, percent in said.items() if name not in late})
        place.finish()
        clock.move_to(REMINDER)
        bot.beat()
        place.finish_step("reminder-5", len(late))
        place.answer({name: said[name] for name in late})
        place.publish(place.projects)
        place.sandbox.faults.clear()
        place.finish()
    record_property("failed calls and deliveries", fault.fired)
    assert fault.fired > OWNERS / 2
    nudges = place.nudges_received()
    assert set(nudges.values()) == {1}
    assert len(nudges) == len(place.owners) + len(late)
    assert place.recorded() == place.published() == said
    assert place.versions() == Counter(place.owners)
    assert set(place.in_channel().values()) == {1}
    assert place.not_sent() == []
