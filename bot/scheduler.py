"""The heartbeat: the only place that knows APScheduler, and the only job it has."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from apscheduler.executors.debug import DebugExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from bot.store import trouble

logger = logging.getLogger(__name__)

BEAT = 10  # seconds
_LONGEST_BEAT = 900.0  # seconds: the first one reads Slack's directory, at its rate four thousand people a minute
_LONGEST_PAUSE = 60.0  # seconds between two beats; a scheduler whose thread has died makes no other


class Heartbeat:
    """Calls one function at start and then every ten seconds of real time; it says whether all of it went well.

    It may be missed or run late without harm: what is due is computed from the database and the clock.
    """

    def __init__(self, beat: Callable[[], bool]) -> None:
        self._beat = beat
        self._is_beating = False
        self._turned_at = time.time()  # when the present beat began, or the last one ended, well or not
        self._beaten_at = self._turned_at
        # The debug executor beats in the scheduler's own thread; the end of the process would wait for one of a pool.
        self._scheduler = BackgroundScheduler(executors={"default": DebugExecutor()}, timezone=UTC)
        self._scheduler.add_job(
            self._run,
            "interval",
            seconds=BEAT,
            next_run_time=datetime.now(UTC),
            misfire_grace_time=None,  # the default of one second would skip a late beat silently
            coalesce=True,
            max_instances=1,
        )

    @property
    def beaten_at(self) -> float:
        """When the last beat ended well, in UNIX seconds; before the first one, when this was made."""
        return self._beaten_at

    def idle_seconds(self) -> float:
        """How long ago the last beat ended well."""
        return time.time() - self._beaten_at

    def is_alive(self) -> bool:
        """Whether beats still come, or one is running that has not been stuck for a quarter of an hour."""
        longest = _LONGEST_BEAT if self._is_beating else _LONGEST_PAUSE
        return self._scheduler.running and time.time() - self._turned_at < longest

    def start(self) -> None:
        """Begin; the first beat is at once."""
        self._scheduler.start()

    def stop(self, deadline: float) -> None:
        """Begin no other beat, and let a running one end: at the latest by an instant (seconds, monotonic)."""
        if self._scheduler.running:
            ending = threading.Thread(target=self._scheduler.shutdown, name="heartbeat-end", daemon=True)
            ending.start()
            ending.join(timeout=max(0.0, deadline - time.monotonic()))

    def _run(self) -> None:
        self._is_beating, self._turned_at = True, time.time()
        is_well = self._went_well()
        self._is_beating, self._turned_at = False, time.time()
        if is_well:
            self._beaten_at = self._turned_at

    def _went_well(self) -> bool:
        """Whether a beat did; one that breaks (the database is gone for a while) does not end the heartbeat."""
        try:
            return self._beat()
        except Exception as error:
            trouble.log(logger, "heartbeat failed", error)
            return False
