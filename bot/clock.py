"""Business time: the machine's own, or one that a trial has moved."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta


class Clock:
    """Tells business time. It always runs; `move_to` sets it to another instant, from which it runs on.

    Leases, retries, acks and signatures never use it: they live in real time.
    """

    def __init__(self, starts_at: datetime | None = None) -> None:
        self._guard = threading.Lock()
        self._offset = starts_at - self.real() if starts_at else timedelta()

    @staticmethod
    def real() -> datetime:
        """The machine's instant, aware and in UTC."""
        return datetime.now(UTC)

    def now(self) -> datetime:
        """The business instant, aware and in UTC."""
        with self._guard:
            return self.real() + self._offset

    def move_to(self, instant: datetime) -> None:
        """Make it this instant now."""
        with self._guard:
            self._offset = instant - self.real()
