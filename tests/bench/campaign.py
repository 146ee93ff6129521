"""A campaign to 100, 1,000 and 10,000 owners in simulated time: what it costs Slack, the database and this machine.

Run it with ``make bench``. All owners live in one zone, which is the worst case: everybody's step comes due in the same
second. Each size runs in a process of its own, so that its memory is its own.
"""

from __future__ import annotations

import logging
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from multiprocessing import get_context
from unittest.mock import patch

from slack_sdk import WebClient
from sqlalchemy import event

from bot.app import Bot
from bot.domain.project import Milestone, Person, Portfolio, Project
from bot.flow.schedule.schedule import tick
from bot.scheduler import BEAT
from bot.settings import Settings
from bot.slack.limits import Limiter
from bot.store import controls, outbox
from bot.store.controls import Stop
from bot.store.portfolio import save_portfolio, save_project
from tests.bench.slack import LATENCY, MINUTE, PERMITTED, CountingSlack, SimulatedClock, at
from tests.carrying import deliver_one

SIZES = (100, 1_000, 10_000)
OWNERS_A_PROJECT = 25
MORNING, OPENING = at(9, 19, 13, 15), at(9, 19, 13, 30)  # 09:15 and 09:30 in New York
REMINDER_MORNING, REMINDER = at(9, 26, 13, 15), at(9, 26, 13, 30)
SLOW_BEAT = 6 * BEAT  # the heart beats once a minute only: its cost is measured by itself
REMINDED = 1_000  # owners at most who are reminded, and whose openings are then tidied: a second figure needs no more


@dataclass(frozen=True)
class Cost:
    """What a stretch of work took: seconds of this machine's processor, and statements to the database."""

    seconds: float
    statements: int


@dataclass(frozen=True)
class Figures:
    """What one size showed: an opening to everybody, then a reminder to some, after which their openings are tidied."""

    owners: int
    reminded: int
    calls: int
    edits: int
    other_calls: int
    refused: int
    told_twice: int
    minutes: float
    share: float
    idle_before: Cost
    all_due: Cost
    idle_after: Cost
    sending: Cost
    tidying: Cost
    megabytes: float


class Bench:
    """A bot, a Slack inside this process, and the time between them."""

    def __init__(self, owners: int, folder: str) -> None:
        self.owners = owners
        self.clock = SimulatedClock(MORNING)
        self.bot = Bot(
            Settings(bot_token="xoxb-bench", database_url=f"sqlite:///{folder}/bench.db"),
            self.clock,
            Limiter(now=self.clock.monotonic, sleep=self.clock.sleep),
        )
        self.slack = CountingSlack(self.clock, _accounts(owners))
        self._statements = 0
        event.listen(self.bot.database.engine, "before_cursor_execute", self._count)
        self._courier = self.bot._courier(0)
        self._load()

    def _count(self, *_: object) -> None:
        self._statements += 1

    def _load(self) -> None:
        with self.bot.database.writing() as session:
            save_portfolio(session, Portfolio(company="Bench", timezone="America/New_York", country="US"))
            for number in range(0, self.owners, OWNERS_A_PROJECT):
                owners = range(number, min(number + OWNERS_A_PROJECT, self.owners))
                save_project(session, _project(owners), today=date(2025, 1, 1))

    @contextmanager
    def measured(self, costs: list[Cost]) -> Iterator[None]:
        """Add what the block costs."""
        began, statements = time.process_time(), self._statements
        yield
        costs.append(Cost(time.process_time() - began, self._statements - statements))

    def tick_cost(self) -> Cost:
        """What planning costs now."""
        costs: list[Cost] = []
        with self.measured(costs):
            tick(self.bot.database, self.bot._company, self.clock.now(), self.clock.real())
        return costs[0]

    def beat_until(self, instant: datetime) -> None:
        """Let the heart beat until an instant."""
        while self.clock.real() < instant:
            self.bot.beat()
            self.clock.sleep(SLOW_BEAT)

    def send(self, owners: int) -> Cost:
        """Carry messages until so many more have arrived; the heart beats beside it."""
        costs: list[Cost] = []
        wanted = len(self.slack.posted_at) + owners
        next_beat = self.clock.seconds
        while len(self.slack.posted_at) < wanted:
            if self.clock.seconds >= next_beat:
                self.bot.beat()
                next_beat += SLOW_BEAT
            with self.measured(costs):
                has_carried = deliver_one(self._courier)
            if not has_carried:
                self.clock.sleep(1)  # a worker looks again after a second
        return _sum(costs)

    def tidy(self) -> Cost:
        """Stop the nudges, and carry what is left: edits that take the buttons off older messages."""
        with self.bot.database.writing() as session:
            controls.stop_nudges(session, Stop("bench", self.clock.real()))
        costs: list[Cost] = []
        while self._is_waiting():
            with self.measured(costs):
                while deliver_one(self._courier):
                    pass
            self.clock.sleep(SLOW_BEAT)
        return _sum(costs)

    def _is_waiting(self) -> bool:
        with self.bot.database.reading() as session:
            return outbox.unfinished(session) > 0


def _sum(costs: list[Cost]) -> Cost:
    return Cost(sum(c.seconds for c in costs), sum(c.statements for c in costs))


def _accounts(owners: int) -> list[str]:
    managers = (f"UM{n}" for n in range(0, owners, OWNERS_A_PROJECT))
    return [*managers, *(f"U{n}" for n in range(owners))]


def _project(owners: range) -> Project:
    """One project; every other owner has two milestones."""
    manager = Person(f"UM{owners[0]}", f"Manager {owners[0]}", slack_id=f"UM{owners[0]}")
    milestones = []
    for number in owners:
        owner = Person(f"U{number}", f"Owner {number}", slack_id=f"U{number}")
        milestones += [Milestone(f"m{number}-{n}", f"Milestone {number}-{n}", owner) for n in range(1 + number % 2)]
    return Project(f"p{owners[0]}", f"Project {owners[0]}", manager, tuple(milestones))


def run(owners: int) -> Figures:
    """Send an opening to so many owners, and a reminder to some of them."""
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(owners, folder)
        with patch.object(
            WebClient, "api_call", lambda client, method, **kw: bench.slack.api_call(client, method, **kw)
        ):
            return _run(bench)


def _run(bench: Bench) -> Figures:
    slack, clock = bench.slack, bench.clock
    bench.bot.beat()  # people are read, the company is loaded
    idle_before = bench.tick_cost()
    bench.beat_until(OPENING)
    all_due = bench.tick_cost()
    sending = bench.send(bench.owners)
    took = slack.posted_at[-1] - slack.posted_at[0]
    idle_after = bench.tick_cost()
    clock.go_to(REMINDER_MORNING)
    bench.beat_until(REMINDER)
    reminded = min(bench.owners, REMINDED)
    bench.send(reminded)
    tidying = bench.tidy()
    calls, edits = slack.calls["chat.postMessage"], slack.calls["chat.update"]
    bench.bot.database.close()
    return Figures(
        owners=bench.owners,
        reminded=reminded,
        calls=calls,
        edits=edits,
        other_calls=slack.calls.total() - calls - edits,
        refused=slack.refused,
        told_twice=sum(count > 2 for count in slack.told.values()),
        minutes=took / MINUTE,
        share=_least_seconds(bench.owners) / took,
        idle_before=idle_before,
        all_due=all_due,
        idle_after=idle_after,
        sending=sending,
        tidying=tidying,
        megabytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )


def _least_seconds(messages: int) -> float:
    """The least time that Slack permits between the first and the last of so many messages, sent one after another."""
    full, rest = divmod(messages - 1, PERMITTED["chat.postMessage"])
    return full * MINUTE + rest * LATENCY


def _table(found: list[Figures]) -> Iterator[str]:
    """One page of figures, a column a size."""
    yield "| | " + " | ".join(f"{f.owners:,} owners" for f in found) + " |"
    yield "| --- |" + " ---: |" * len(found)
    lines = {
        "Slack calls for a nudge, an owner": [f"{f.calls / (f.owners + f.reminded):.2f}" for f in found],
        "edits that tidy an older message, a nudge": [f"{f.edits / f.reminded:.2f}" for f in found],
        "calls that read people, channels, do-not-disturb": [f"{f.other_calls:,}" for f in found],
        "answers 429": [f"{f.refused}" for f in found],
        "owners written to twice for a step": [f"{f.told_twice}" for f in found],
        "the opening took (simulated minutes)": [f"{f.minutes:.1f}" for f in found],
        "of the permitted rate": [f"{f.share:.1%}" for f in found],
        "a tick with nothing due yet (CPU s)": [f"{f.idle_before.seconds:.3f}" for f in found],
        "… statements": [f"{f.idle_before.statements}" for f in found],
        "a tick with everything due (CPU s)": [f"{f.all_due.seconds:.2f}" for f in found],
        "… statements, an owner": [f"{f.all_due.statements / f.owners:.2f}" for f in found],
        "a tick when all were told (CPU s)": [f"{f.idle_after.seconds:.3f}" for f in found],
        "sending a nudge (CPU ms)": [f"{f.sending.seconds / f.owners * 1000:.1f}" for f in found],
        "… statements, a nudge": [f"{f.sending.statements / f.owners:.1f}" for f in found],
        "an edit (CPU ms)": [f"{f.tidying.seconds / f.reminded * 1000:.1f}" for f in found],
        "peak memory (MB)": [f"{f.megabytes:.0f}" for f in found],
    }
    for name, cells in lines.items():
        yield f"| {name} | " + " | ".join(cells) + " |"


def main() -> None:
    """Print the table for the sizes named, or for all."""
    sizes = [int(word) for word in sys.argv[1:]] or list(SIZES)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn"), max_tasks_per_child=1) as processes:
        print("\n".join(_table(list(processes.map(run, sizes)))))


if __name__ == "__main__":
    main()
