"""Keeping under Slack's rate limits: so many calls of a method, and so many messages to a channel, in any stretch of time."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping

from bot.domain.errors import DeliveryFailed

# Calls a minute that Slack permits an app in a workspace (docs.slack.dev, Web API rate limits: tier 2 is 20+, tier 3 is
# 50+, tier 4 is 100+; chat.postMessage is "several hundred" over the workspace). files.upload stands for the three calls
# of an upload.
PER_MINUTE = {
    "chat.postMessage": 300,
    "chat.update": 50,
    "files.upload": 50,
    "views.update": 100,
    "views.publish": 100,
    "users.list": 20,
    "dnd.teamInfo": 20,
    "conversations.list": 20,
}
MINUTE = 60.0
_MARGIN = 0.5  # seconds by which a call may reach Slack sooner than the one a minute before it did
CHANNEL_CALLS, CHANNEL_SECONDS = 10, 10.0  # one a second to any one channel, short bursts allowed
_LONGEST_WAIT = 12.0  # seconds: with a call's own time-out well within a lease
_MOST_CHANNELS = 10_000  # remembered at a time; one that was not written to for a while needs no memory


class Window:
    """At most so many calls in any stretch of so many seconds."""

    def __init__(self, calls: int, seconds: float) -> None:
        self._slots: deque[float] = deque(maxlen=calls)
        self._seconds = seconds
        self._not_before = 0.0

    def next_slot(self, now: float) -> float:
        """The earliest moment at which one more call fits."""
        is_full = len(self._slots) == self._slots.maxlen
        return max(now, self._not_before, self._slots[0] + self._seconds if is_full else now)

    def take(self, slot: float) -> None:
        """Count a call at that moment."""
        self._slots.append(slot)

    def hold_until(self, moment: float) -> None:
        """No call before that moment."""
        self._not_before = max(self._not_before, moment)

    def is_idle(self, now: float) -> bool:
        """Whether nothing of the past matters any more."""
        return not self._slots or self._slots[-1] + self._seconds < now


class Limiter:
    """Hands out slots in the order they are asked for; shared by all threads that send.

    `per_minute` says how many calls of each method are permitted: PER_MINUTE, unless it is given. Slots are real time; `now`
    (seconds, monotonic) and `sleep` are given by benches that simulate it.
    """

    def __init__(
        self,
        per_minute: Mapping[str, int] | None = None,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._now = now
        self._sleep = sleep
        self._guard = threading.Lock()
        self._methods = {name: Window(calls, MINUTE + _MARGIN) for name, calls in (per_minute or PER_MINUTE).items()}
        self._channels: dict[str, Window] = {}

    def delay(self, method: str) -> float:
        """How many seconds a call of a method would have to wait now."""
        with self._guard:
            now = self._now()
            return self._methods[method].next_slot(now) - now

    def full(self, patience: float) -> set[str]:
        """The methods of which a call would have to wait longer than so many seconds now."""
        with self._guard:
            latest = self._now() + patience
            return {name for name, window in self._methods.items() if window.next_slot(latest) > latest}

    def wait(self, method: str, channel: str = "", *, longest: float = _LONGEST_WAIT) -> None:
        """Wait for this call's slot, at most so many seconds.

        Raises DeliveryFailed where that would outlast the sender's lease: the call is to be made later instead.
        """
        with self._guard:
            now = self._now()
            windows = [self._methods[method], *([self._channel(channel, now)] if channel else [])]
            slot = max(window.next_slot(now) for window in windows)
            if slot - now > longest:
                raise DeliveryFailed("rate limit", outcome="retry", retry_after=slot - now)
            for window in windows:
                window.take(slot)
        if slot > now:
            self._sleep(slot - now)

    def hold(self, method: str, seconds: float) -> None:
        """No slot of a method for so long: Slack asked for it."""
        with self._guard:
            self._methods[method].hold_until(self._now() + seconds)

    def _channel(self, name: str, now: float) -> Window:
        if name not in self._channels and len(self._channels) >= _MOST_CHANNELS:
            self._channels = {n: window for n, window in self._channels.items() if not window.is_idle(now)}
        return self._channels.setdefault(name, Window(CHANNEL_CALLS, CHANNEL_SECONDS))
