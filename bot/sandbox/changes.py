"""Telling those who watch, on either side of the thread border, that something happened."""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Changes:
    """A version number that grows with each change people can see, and ways to wait for what happens."""

    def __init__(self) -> None:
        self.version = 0
        self._stirs = 0
        self._stirred = threading.Condition()
        self._next = asyncio.Event()

    def touch(self) -> None:
        """Count a change that people can see. Called on the sandbox's own thread only."""
        self.version += 1
        grown, self._next = self._next, asyncio.Event()
        grown.set()
        self.stir()

    def stir(self) -> None:
        """Wake the threads that wait, for something that only they can see (a call, a connection)."""
        with self._stirred:
            self._stirs += 1
            self._stirred.notify_all()

    async def after(self, version: int) -> int:
        """Wait until the version is beyond `version`; returns the new one."""
        while self.version <= version:
            await self._next.wait()
        return self.version

    def wait_for(self, look: Callable[[], T | None], timeout: float) -> T:
        """Call `look` in this thread whenever something happened until it gives something true; returns that.

        Raises TimeoutError after `timeout` seconds.
        """
        deadline = time.monotonic() + timeout
        while True:
            seen = self._stirs
            if found := look():
                return found
            if not self._stirs_beyond(seen, deadline - time.monotonic()):
                raise TimeoutError(f"nothing of the kind happened within {timeout} seconds")

    def _stirs_beyond(self, seen: int, seconds: float) -> bool:
        with self._stirred:
            return self._stirred.wait_for(lambda: self._stirs > seen, max(seconds, 0))
