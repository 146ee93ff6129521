"""Faults on demand: what a network and a busy Slack do to an app, planned by a test or from the page."""

import itertools
import random
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from bot.sandbox.rules import shapes

ANY_METHOD = "any"
DELIVERIES = "deliveries"
TRANSPORT_FAULTS = ("http_500", "timeout", "reset", "lost_reply")
CALL_FAULTS = ("ratelimited", *TRANSPORT_FAULTS)
DELIVERY_FAULTS = ("repeat", "reorder", "lost_reply", "reset")

_MOST_TIMES = 10_000
_MOST_RETRY_AFTER = 3_600  # seconds
_MOST_SEED = 2**32 - 1
_CODE_OF_SLACK = r"(?!(repeat|reorder)$)[a-z][a-z0-9_]*"  # those two befall deliveries only


class Strike(NamedTuple):
    """What one call or delivery meets; `retry_after`, in seconds, goes with `ratelimited`."""

    kind: str
    retry_after: int = 1


@dataclass
class Fault:
    """One fault in force. It strikes the next `times` of its target, or a `share` (over 0, up to 1) of them all.

    `fired` counts its strikes. The same `seed` strikes the same ones in a row of calls.
    """

    number: int
    target: str
    kind: str
    times: int | None = None
    share: float | None = None
    seed: int = 0
    retry_after: int = 1
    fired: int = 0
    chance: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # noqa: S311 - to be repeated, not to be unpredictable

    @property
    def is_over(self) -> bool:
        """Whether it has struck as often as it was to."""
        return self.times is not None and self.fired >= self.times

    def strikes(self) -> bool:
        """Whether it strikes this time; asking counts."""
        hit = not self.is_over if self.share is None else self.chance.random() < self.share
        self.fired += hit
        return hit

    def shown(self) -> dict[str, Any]:
        """The fault for the page and for tests, as JSON."""
        names = ("number", "target", "kind", "times", "share", "seed", "retry_after", "fired")
        return {**{name: getattr(self, name) for name in names}, "over": self.is_over}


@dataclass
class _Limit:
    """At most `calls` within `seconds` of real time."""

    calls: int
    seconds: float
    made: deque[float] = field(default_factory=deque)


class Faults:
    """The faults in force for calls of the Web API (`methods` names them all) and for deliveries to the app.

    `struck` is called, on the sandbox's thread, after each strike.
    """

    def __init__(self, methods: Iterable[str], struck: Callable[[], None]) -> None:
        self.methods = sorted(methods)
        self._struck = struck
        self._flaws_of = _check(self.methods)
        self._numbers = itertools.count(1)
        self._faults: tuple[Fault, ...] = ()
        self._limits: dict[str, _Limit] = {}

    def add(
        self,
        target: str,
        kind: str,
        times: int | None = None,
        retry_after: int = 1,
        *,
        share: float | None = None,
        seed: int = 0,
    ) -> Fault:
        """Let the next `times` of a target fail (the next one, unless said), or a `share` of them all.

        A call's `target` is a method or ANY_METHOD; its `kind` is `ratelimited` (HTTP 429 with `retry_after`
        seconds), `http_500`, `timeout` (no answer), `reset` (connection dropped before acting), `lost_reply`
        (acted, then the connection is dropped), or any error code of Slack.
        With the target DELIVERIES, `kind` is `repeat` (the payload comes twice), `reorder` (the next one comes
        first), `lost_reply` (the app's ack gets lost) or `reset` (the Socket Mode connections break instead).
        Raises ValueError with a sentence when this is no such fault.
        """
        often: dict[str, Any] = {} if times is None else {"times": times}
        often |= {} if share is None else {"share": share}
        wish = {"target": target, "kind": kind, "retry_after": retry_after, "seed": seed}
        return self.plan({**wish, **(often or {"times": 1})})

    def plan(self, wish: Mapping[str, Any]) -> Fault:
        """As `add`, for a wish as JSON, which names either `times` or `share`."""
        for flaw in self._flaws_of(wish, ""):
            raise ValueError(f"{flaw.pointer.removeprefix('/') or 'A fault'} {flaw.message}.")
        fault = Fault(next(self._numbers), **wish)
        self._faults = (*self._faults, fault)
        return fault

    def shown(self) -> list[dict[str, Any]]:
        """All faults, those that are over too, in the order of planning."""
        return [fault.shown() for fault in self._faults]

    def remove(self, number: int) -> None:
        """Take one fault away, if it is still there."""
        self._faults = tuple(fault for fault in self._faults if fault.number != number)

    def clear(self) -> None:
        """Take all faults away."""
        self._faults = ()

    def limit(self, method: str, calls: int, seconds: float = 60.0) -> None:
        """Rate-limit a method for real: `calls` within `seconds`, then `ratelimited`."""
        self._limits[method] = _Limit(calls, seconds)

    def repeat_delivery(self, times: int = 1) -> None:
        """Deliver each of the next `times` payloads to the app twice."""
        self.add(DELIVERIES, "repeat", times)

    def next_call(self, method: str) -> Strike | None:
        """What this call of `method` meets, if anything; asking uses it up."""
        return self._next({method, ANY_METHOD}) or self._over_limit(method)

    def next_delivery(self) -> str | None:
        """The kind of fault that this delivery meets, if any; asking uses it up."""
        strike = self._next({DELIVERIES})
        return strike.kind if strike else None

    def _next(self, targets: set[str]) -> Strike | None:
        """The first fault that strikes; those counted out go before those left to chance."""
        at_hand = [fault for fault in self._faults if fault.target in targets]
        for fault in sorted(at_hand, key=lambda fault: fault.times is None):
            if fault.strikes():
                self._struck()
                return Strike(fault.kind, fault.retry_after)
        return None

    def _over_limit(self, method: str) -> Strike | None:
        limit = self._limits.get(method)
        if limit is None:
            return None
        now = time.monotonic()
        while limit.made and now - limit.made[0] > limit.seconds:
            limit.made.popleft()
        if len(limit.made) >= limit.calls:
            return Strike("ratelimited", int(limit.made[0] + limit.seconds - now) + 1)
        limit.made.append(now)
        return None


def _check(methods: Sequence[str]) -> shapes.Check:
    """The check of a wish for a fault."""
    often = {
        "times": shapes.integer(1, _MOST_TIMES),
        "share": _share,
        "seed": shapes.integer(0, _MOST_SEED),
        "retry_after": shapes.integer(0, _MOST_RETRY_AFTER),
    }
    call = {"target": shapes.one_of(ANY_METHOD, *methods), "kind": shapes.string(64, pattern=_CODE_OF_SLACK)}
    delivery = {"target": shapes.one_of(DELIVERIES), "kind": shapes.one_of(*DELIVERY_FAULTS)}
    rules = [shapes.exactly_one("times", "share")]
    of_call, of_delivery = (shapes.record(needed, often, rules) for needed in (call, delivery))

    def check(wish: Any, at: str) -> Iterator[shapes.Fault]:
        is_delivery = isinstance(wish, Mapping) and wish.get("target") == DELIVERIES
        yield from (of_delivery if is_delivery else of_call)(wish, at)

    return check


def _share(value: Any, at: str) -> Iterator[shapes.Fault]:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
        yield shapes.Fault(at, "must be over 0 and up to 1")
