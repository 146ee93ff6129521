"""Faults on demand: what a network and a busy Slack do to an app, scripted by a test or drawn by chance."""

import random
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

TRANSPORT_FAULTS = ("http_500", "timeout", "reset", "lost_reply")


@dataclass
class Fault:
    """One fault to come: `kind` is a transport fault, `ratelimited`, or an error code of Slack."""

    kind: str
    times: int = 1
    retry_after: int = 1


@dataclass
class _Limit:
    """At most `calls` within `seconds` of real time."""

    calls: int
    seconds: float
    made: deque[float] = field(default_factory=deque)


class Faults:
    """The faults in store for each Web API method, and those of deliveries to the app."""

    def __init__(self) -> None:
        self._planned: dict[str, deque[Fault]] = {}
        self._limits: dict[str, _Limit] = {}
        self._chance: tuple[float, Sequence[str], random.Random] | None = None
        self._repeats = 0

    def add(self, method: str, kind: str, times: int = 1, retry_after: int = 1) -> None:
        """Answer the next `times` calls of `method` with a fault.

        `kind` is `ratelimited` (HTTP 429 with `retry_after` seconds), `http_500`, `timeout` (no answer),
        `reset` (connection dropped before acting), `lost_reply` (acted, then the connection is dropped),
        or any error code of Slack.
        """
        self._planned.setdefault(method, deque()).append(Fault(kind, times, retry_after))

    def at_random(self, probability: float, kinds: Sequence[str], chance: random.Random) -> None:
        """Let each later call fail with this probability, the kind drawn from `kinds` by `chance`."""
        self._chance = (probability, kinds, chance)

    def limit(self, method: str, calls: int, seconds: float = 60.0) -> None:
        """Rate-limit a method for real: `calls` within `seconds`, then `ratelimited`."""
        self._limits[method] = _Limit(calls, seconds)

    def repeat_delivery(self, times: int = 1) -> None:
        """Deliver each of the next `times` payloads to the app twice."""
        self._repeats += times

    def next_for(self, method: str) -> Fault | None:
        """The fault that this call of `method` meets, if any; asking uses it up."""
        return self._next_planned(method) or self._next_by_chance() or self._over_limit(method)

    def take_repeat(self) -> bool:
        """Whether this delivery is to be made twice; asking uses it up."""
        if not self._repeats:
            return False
        self._repeats -= 1
        return True

    def _next_planned(self, method: str) -> Fault | None:
        planned = self._planned.get(method)
        if not planned:
            return None
        fault = planned[0]
        fault.times -= 1
        if fault.times <= 0:
            planned.popleft()
        return fault

    def _next_by_chance(self) -> Fault | None:
        if self._chance is None:
            return None
        probability, kinds, chance = self._chance
        return Fault(chance.choice(kinds)) if chance.random() < probability else None

    def _over_limit(self, method: str) -> Fault | None:
        limit = self._limits.get(method)
        if limit is None:
            return None
        now = time.monotonic()
        while limit.made and now - limit.made[0] > limit.seconds:
            limit.made.popleft()
        if len(limit.made) >= limit.calls:
            return Fault("ratelimited", retry_after=int(limit.made[0] + limit.seconds - now) + 1)
        limit.made.append(now)
        return None
