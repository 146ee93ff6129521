"""The watchdog of a connection: one that is open and says nothing is made anew, and given up where that does not help."""

from __future__ import annotations

from collections.abc import Callable

SILENCE = 30.0  # seconds without a word or a pong, which comes every two
LONGEST_SILENCE = 180.0  # seconds; Slack is then out of reach for this process


class Watchdog:
    """Looks whether something was heard. Seconds are monotonic.

    `heard` gives a value that changes with everything that is heard. `reconnect` is called after `silence` seconds and
    again after each further such time, `give_up` once, after `longest`.
    """

    def __init__(
        self,
        heard: Callable[[], object],
        reconnect: Callable[[], object],
        give_up: Callable[[], object],
        *,
        silence: float = SILENCE,
        longest: float = LONGEST_SILENCE,
    ) -> None:
        self._heard, self._reconnect, self._give_up = heard, reconnect, give_up
        self._silence, self._longest = silence, longest
        self._last: object = None
        self._since = self._tried_at = 0.0
        self._has_given_up = False

    def begin(self, now: float) -> None:
        """The connection was made now."""
        self._last, self._since, self._tried_at = self._heard(), now, now

    def is_heard(self, now: float) -> bool:
        """Whether something was heard lately."""
        return now - self._since < self._silence

    def look(self, now: float) -> None:
        """Look once, and do what the silence asks for."""
        if (heard := self._heard()) != self._last:
            self._last, self._since, self._tried_at = heard, now, now
        elif now - self._since >= self._longest:
            if not self._has_given_up:
                self._has_given_up = True
                self._give_up()
        elif now - self._tried_at >= self._silence:
            self._tried_at = now
            self._reconnect()
