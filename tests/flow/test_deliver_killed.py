"""A sender that is killed at any of its steps: afterwards every message is there once and every row is finished.

The senders are processes of their own that end by SIGKILL in the middle of their work; Slack is a file that outlives
them.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.flow.deliver import Courier, Edit, Post, Work
from bot.flow.messages import Message, Notice
from bot.flow.ports import Place
from bot.store import outbox
from bot.store.outbox import LEASE, Parcel, SendState
from bot.store.session import Database
from bot.store.tables import OutboxRow
from tests.carrying import deliver_all
from tests.scale import SEED, scaled

START = datetime(2025, 9, 19, 14, tzinfo=UTC)
KILLS, ROWS = scaled((45, 40), (400, 340))  # on each database: with test_kills.py over a thousand in the long form
Step = Callable[[str], None]

pytestmark = pytest.mark.timeout(scaled(120, 3600))


class FileMessenger:
    """A Slack that writes each message as a line into a file and can find its own."""

    def __init__(self, path: Path, step: Step) -> None:
        self._path = path
        self._step = step

    def post(self, to: str, message: Message, thread: Place | None = None, *, is_broadcast: bool = False) -> Place:
        self._step("before it is sent")
        with self._path.open("a") as file:
            file.write(f"{to} {message.key}\n")
        self._step("after it is sent")
        return Place(to, message.key)

    def edit(self, place: Place, message: Message) -> None:
        self._step("before it is edited")
        with self._path.open("a") as file:
            file.write(f"edit {place.ts}\n")
        self._step("after it is edited")

    def find_own_message(self, person: str, key: str) -> Place | None:
        self._step("before it is looked for")
        return Place(person, key) if f"{person} {key}\n" in self._path.read_text() else None

    def with_room(self, kinds: Collection[str]) -> Collection[str]:
        return kinds


def die_at(number: int, seen: Path) -> Step:
    """Ends the process by SIGKILL at the step of a number, after noting where."""
    steps = iter(range(number))

    def step(where: str) -> None:
        if next(steps, None) is None:
            with seen.open("a") as file:
                file.write(f"{where}\n")
            os.kill(os.getpid(), signal.SIGKILL)

    return step


def carry(url: str, slack: Path, now: datetime, step: Step) -> None:
    """One sender's life."""

    def compose_post(_: Session, parcel: Parcel) -> Work:
        step("while it is composed")
        to = "C0LEADERS" if parcel.kind == "post" else "U0ALICE"
        return Post(to, Notice(parcel.key, "any"), is_private=parcel.kind == "nudge")

    def compose_card(session: Session, parcel: Parcel) -> Work:
        place = outbox.place_of(session, parcel.lane)
        assert place is not None, "an edit has overtaken its post"
        return Edit(Place(*place), Notice(parcel.lane, "any"))

    def hear(*_: object) -> None:
        step("while it is recorded")

    composers = {"nudge": compose_post, "post": compose_post, "card": compose_card}
    database = Database(url)
    deliver_all(Courier(database, FileMessenger(slack, step), composers, hear, name=f"{os.getpid()}", now=lambda: now))
    database.close()


def carry_and_die(url: str, slack: Path, now: datetime, number: int, seen: Path) -> None:
    carry(url, slack, now, die_at(number, seen))


def lives() -> Iterator[tuple[datetime, int]]:
    """When each sender lives, after the leases of the one before, and at which of its steps it dies."""
    chance = random.Random(SEED)  # noqa: S311 - the same deaths for the same seed
    for number in range(KILLS):
        yield START + number * 2 * LEASE, chance.randint(0, 8)


def test_after_many_kills_every_message_is_there_once_and_every_row_is_finished(
    database: Database, database_url: str, tmp_path: Path, record_property
) -> None:
    slack, seen = tmp_path / "slack.txt", tmp_path / "deaths.txt"
    slack.touch()
    fill(database)
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["pytest", "bot.flow.deliver", "sqlalchemy.dialects.sqlite", "psycopg"])
    for now, number in lives():
        process = processes.Process(target=carry_and_die, args=(database_url, slack, now, number, seen))
        process.start()
        process.join(timeout=30)
        assert process.exitcode == -signal.SIGKILL
    deaths = Counter(seen.read_text().splitlines())
    assert deaths.total() == KILLS
    record_property("kills", KILLS)
    assert (
        deaths["after it is sent"] + deaths["while it is recorded"] >= 10
    )  # between Slack's taking it and our noting it

    carry(database_url, slack, START + (KILLS + 1) * 2 * LEASE, lambda _: None)

    messages = Counter(line for line in slack.read_text().splitlines() if not line.startswith("edit"))
    private = Counter({f"U0ALICE nudge {number}": 1 for number in range(ROWS)})
    assert Counter({line: n for line, n in messages.items() if line.startswith("U0ALICE")}) == private
    assert max(messages.values()) == 1
    with database.reading() as session:
        rows = session.execute(select(OutboxRow.kind, OutboxRow.key, OutboxRow.state)).all()
    for kind, key, state in rows:
        is_for_a_person_to_settle = kind == "post" and state == SendState.UNCONFIRMED
        assert state == SendState.SENT or is_for_a_person_to_settle, key
        assert is_for_a_person_to_settle or kind != "post" or messages[f"C0LEADERS {key}"] == 1


def fill(database: Database) -> None:
    """Messages to a person, each with an edit behind it, and posts to a channel."""
    with database.writing() as session:
        for number in range(ROWS):
            key = f"nudge {number}"
            outbox.put(session, key=key, kind="nudge", subject={}, now=START)
            outbox.put_edit(session, kind="card", subject={}, lane=key, now=START)
            if number % 2:
                outbox.put(session, key=f"post {number}", kind="post", subject={}, now=START)
