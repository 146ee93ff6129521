"""Replicas of the bot at one workplace, which are killed without a word and started again."""

from __future__ import annotations

import multiprocessing
import random
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from multiprocessing.process import BaseProcess

from sqlalchemy import update

from bot.store.tables import OutboxRow
from tests.faults import replica
from tests.faults.workplace import PATIENCE, Workplace, wait_until
from tests.running import free_port


class Fleet:
    """So many replicas. `kills` counts; `chance` decides whom, and when."""

    def __init__(self, place: Workplace, seed: int) -> None:
        self.place = place
        self.chance = random.Random(seed)  # noqa: S311 - chooses moments, keeps no secret
        self.kills = 0
        self._processes: list[BaseProcess] = []
        self._changing = threading.Lock()
        self._start = multiprocessing.get_context("forkserver")
        self._start.set_forkserver_preload(["bot.app"])  # a start is then as short as a machine's reboot is not

    def start(self, size: int, at: datetime) -> None:
        """Start so many replicas at an instant of business time, in place of those that run; all are connected then."""
        with self._changing:
            self._end()
            self.place.environment["QUARTERDECK_NOW"] = at.strftime("%Y-%m-%dT%H:%M:%SZ")
            self._processes = [self._started() for _ in range(size)]
        self.wait()

    def wait(self) -> None:
        """Wait until every replica is connected."""
        sandbox = self.place.sandbox
        sandbox.workspace.changes.wait_for(
            lambda: sandbox.socket_mode.connections >= len(self._processes) or None, PATIENCE
        )

    def kill(self) -> None:
        """Kill any one replica without a word; another one takes its place."""
        with self._changing:
            if not self._processes:
                return
            number = self.chance.randrange(len(self._processes))
            self._processes[number].kill()
            self._processes[number].join(20)
            self.kills += 1
            self._processes[number] = self._started()

    def kill_after(self, sent: int) -> None:
        """Kill when so many more messages were sent, or nothing is left to send; what was leased is free at once."""
        before = self.place.sent()
        wait_until(lambda: self.place.sent() >= before + sent or self.place.is_idle())
        self.kill()
        with self.place.database.writing() as session:
            leased = update(OutboxRow).where(OutboxRow.lease_until.is_not(None))
            session.execute(leased.values(lease_until=OutboxRow.created_at))
        self.wait()

    @contextmanager
    def killing(self, every: float) -> Iterator[None]:
        """While the block runs, kill one replica after the other, each some `every` seconds after the one before."""
        ended = threading.Event()

        def kill_on() -> None:
            while not ended.wait(every * self.chance.uniform(0.5, 1.5)):
                self.kill()

        with ThreadPoolExecutor(1) as killer:
            work = killer.submit(kill_on)
            try:
                yield
            finally:
                ended.set()
            work.result()

    def megabytes(self) -> int:
        """The memory that the replicas hold."""
        pids = ",".join(str(process.pid) for process in self._processes)
        held = subprocess.run(["ps", "-o", "rss=", "-p", pids], capture_output=True, text=True, check=True)
        return sum(map(int, held.stdout.split())) // 1024

    def close(self) -> None:
        """End every replica that runs."""
        with self._changing:
            self._end()

    def _started(self) -> BaseProcess:
        environment = {**self.place.environment, "PORT": str(free_port())}  # where it tells of its health
        process = self._start.Process(target=replica.run, args=(environment,), daemon=True)
        process.start()
        return process

    def _end(self) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join(30)
        self._processes = []
