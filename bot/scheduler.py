"""The heartbeat: the only place that knows APScheduler, and the only job it has."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from apscheduler.schedulers.background import BackgroundScheduler

logger = logging.getLogger(__name__)

BEAT = 10  # seconds


class Heartbeat:
    """Calls one function at start and then every ten seconds of real time.

    It may be missed or run late without harm: what is due is computed from the database and the clock.
    """

    def __init__(self, beat: Callable[[], object]) -> None:
        self._beat = beat
        self._scheduler = BackgroundScheduler(timezone=UTC)
        self._scheduler.add_job(
            self._run,
            "interval",
            seconds=BEAT,
            next_run_time=datetime.now(UTC),
            misfire_grace_time=None,  # the default of one second would skip a late beat silently
            coalesce=True,
            max_instances=1,
        )

    def start(self) -> None:
        """Begin; the first beat is at once."""
        self._scheduler.start()

    def stop(self) -> None:
        """Let a running beat end, begin no other."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def _run(self) -> None:
        try:
            self._beat()
        except Exception:
            # A beat that fails (the database is gone for a while) must not end the heartbeat.
            logger.exception("heartbeat failed")
