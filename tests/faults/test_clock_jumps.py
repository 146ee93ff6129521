"""The machine's clock is set forth and back while messages go out: each comes once, and none is forgotten."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.clock import Clock
from bot.flow.ports import Place
from bot.slack import limits
from bot.slack.messenger import SlackMessenger
from tests.faults.conftest import NewPlace
from tests.faults.one_bot import one_bot
from tests.faults.workplace import OPENING
from tests.scale import SEED, scaled

OWNERS, PROJECTS = scaled((8, 1), (60, 5))
FARTHEST = 3600.0  # seconds: over an hour that comes twice, or a lease that seems to have run out
EVERY = 0.2  # seconds between two jumps

pytestmark = pytest.mark.timeout(scaled(300, 3600))


class JumpingClock(Clock):
    """A clock on a machine whose own clock somebody sets."""

    def __init__(self) -> None:
        super().__init__()
        self.skew = timedelta()
        self._jumps = 0
        self._jumped = threading.Condition()

    def jump(self, seconds: float) -> None:
        """Stand so many seconds beside the truth from now on."""
        with self._jumped:
            self.skew = timedelta(seconds=seconds)
            self._jumps += 1
            self._jumped.notify_all()

    def wait_for_jumps(self, count: int) -> None:
        """Return after so many more jumps, or where none comes any more."""
        with self._jumped:
            enough = self._jumps + count
            self._jumped.wait_for(lambda: self._jumps >= enough, 2 * count * EVERY)

    def real(self) -> datetime:
        """The machine's instant, as it believes."""
        return datetime.now(UTC) + self.skew


@contextmanager
def jumping(clock: JumpingClock) -> Iterator[list[float]]:
    """While the block runs, the clock jumps again and again; in the end it stands ahead. Gives the jumps, in seconds."""
    chance = random.Random(SEED)  # noqa: S311 - chooses jumps
    ended, jumps = threading.Event(), [0.0]

    def jump_on() -> None:
        while not ended.wait(EVERY):
            jumps.append(chance.uniform(-FARTHEST, FARTHEST))
            clock.jump(jumps[-1])

    jumper = threading.Thread(target=jump_on)
    jumper.start()
    try:
        yield jumps
    finally:
        ended.set()
        jumper.join()
        clock.jump(2 * FARTHEST)


@pytest.fixture(autouse=True)
def no_slots(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a slot, so that there is something under way at every jump."""
    monkeypatch.setattr(limits, "PER_MINUTE", dict.fromkeys(limits.PER_MINUTE, 100_000))
    monkeypatch.setattr(limits, "CHANNEL_CALLS", 1000)


def test_a_clock_that_jumps_sends_nothing_twice_and_forgets_nothing(
    new_place: NewPlace, monkeypatch: pytest.MonkeyPatch, record_property
) -> None:
    place, clock = new_place(OWNERS, PROJECTS), JumpingClock()
    post, chance = SlackMessenger.post, random.Random(SEED)  # noqa: S311 - chooses how slow

    def post_after_a_jump(*what: Any, **how: Any) -> Place:
        """Slack is so slow that the clock jumps while a message is in hand, and some other worker has none."""
        clock.wait_for_jumps(chance.randint(1, 5))
        return post(*what, **how)

    monkeypatch.setattr(SlackMessenger, "post", post_after_a_jump)
    said = {name: 10 + number for number, name in enumerate(place.owners)}
    with one_bot(place, clock, OPENING) as bot:
        with jumping(clock) as jumps:
            bot.beat()
            place.answer(said)
            for project in place.projects:
                place.confirm(project)
        bot.beat()
        place.finish()
    record_property("clock jumps", len(jumps))
    assert len(jumps) > 5
    nudges = place.nudges_received()
    assert set(nudges.values()) == {1}
    assert len(nudges) == len(place.owners)
    assert place.recorded() == place.published() == said
    assert set(place.in_channel().values()) == {1}
    assert place.not_sent() == []
