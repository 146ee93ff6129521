"""Hands: the threads in which Slack's payloads are answered. The end of the process does not wait for them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue

logger = logging.getLogger(__name__)


class Hands:
    """What the socket client wants of a pool, with threads that are made as they are needed, at most so many.

    Those of `concurrent.futures` keep a process from ending until each of them has done all that waits.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._waiting: SimpleQueue[Callable[[], object]] = SimpleQueue()
        self._made = 0
        self._is_over = False

    def submit(self, act: Callable[[], object]) -> None:
        """Have something done; the client hands payloads in from one thread."""
        self._waiting.put(act)
        if self._made < self._most:
            threading.Thread(target=self._work, name=f"payloads-{self._made}", daemon=True).start()
            self._made += 1

    def shutdown(self) -> None:
        """Begin nothing more; what is under way goes on."""
        self._is_over = True
        for _ in range(self._made):
            self._waiting.put(lambda: None)

    def _work(self) -> None:
        while not self._is_over:
            act = self._waiting.get()
            if not self._is_over:
                self._do(act)

    @staticmethod
    def _do(act: Callable[[], object]) -> None:
        try:
            act()
        except Exception:
            logger.exception("a payload was not answered")
