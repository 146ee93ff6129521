"""The bot is killed at any moment, again and again: no message is sent twice, and nothing that was accepted is lost."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path

import killed_bot
import pytest
from sqlalchemy import update
from world import LEADERSHIP, accounts, filled_review, opened, run_command, slack_app

from bot.sandbox.actor import Actor
from bot.sandbox.people import SlackChannel
from bot.sandbox.seen import SeenMessage
from bot.sandbox.server import Sandbox
from bot.store import answers as answer_store
from bot.store import outbox
from bot.store.session import Database
from bot.store.tables import OutboxRow

OWNERS = [f"owner{number:02d}" for number in range(40)]
PROJECTS = [f"project{number}" for number in range(5)]
PATIENCE = 60.0


def portfolio() -> str:
    """Five projects of eight owners with a milestone each."""
    head = "company: Example Networks\ntimezone: America/New_York\ncountry: US\nleadership_channel: '#leadership'\nprojects:\n"
    return head + "".join(
        f"  - key: {project}\n    name: {project.title()}\n    manager: petra@example.com\n    milestones:\n"
        + "".join(
            f"      - {{key: {owner}, name: Part of {owner}, owner: {owner}@example.com, baseline: 2025-12-01}}\n"
            for owner in OWNERS[index :: len(PROJECTS)]
        )
        for index, project in enumerate(PROJECTS)
    )


class Machine:
    """A place where the bot runs, is killed, and is started again."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.chance = random.Random(20250919)  # noqa: S311 - chooses moments, keeps no secret
        self.kills = 0
        self._environment = {
            "DATABASE_URL": f"sqlite:///{folder / 'quarterdeck.db'}",
            "SLACK_API_URL": sandbox.api_url,
            "SLACK_BOT_TOKEN": sandbox.workspace.app.bot_token,
            "SLACK_APP_TOKEN": sandbox.workspace.app.app_token,
            "QUARTERDECK_NOW": "2025-09-19T14:00:00Z",
            "LOG_LEVEL": "ERROR",
        }
        (folder / "portfolio.yaml").write_text(portfolio())
        ran = run_command("load", folder / "portfolio.yaml", environment=self._environment)
        assert ran.status == 0, ran.err
        self.database = Database(self._environment["DATABASE_URL"])
        self._start = multiprocessing.get_context("forkserver")
        self._start.set_forkserver_preload(["bot.app"])  # a start is then as short as a machine's reboot is not
        self._process: BaseProcess | None = None

    def start(self) -> None:
        """Start the bot; returns when it is connected."""
        self._process = self._start.Process(target=killed_bot.run, args=(self._environment,), daemon=True)
        self._process.start()
        self.sandbox.wait_for_app(30)

    def kill_after(self, sent: int) -> None:
        """Kill the bot without a word when it has sent so many more messages, or has nothing left to send."""
        before = self._sent()
        self._wait(lambda: self._sent() >= before + sent or self._is_idle())
        self.end(kill=True)
        self.kills += 1

    def end(self, *, kill: bool = False) -> None:
        """End the bot, if it runs; after a kill its leases are let run out."""
        if self._process is None:
            return
        (self._process.kill if kill else self._process.terminate)()
        self._process.join(20)
        self._process = None
        self.sandbox.workspace.changes.wait_for(lambda: not self.sandbox.socket_mode.connections, PATIENCE)
        with self.database.writing() as session:
            leased = update(OutboxRow).where(OutboxRow.lease_until.is_not(None))
            session.execute(leased.values(lease_until=OutboxRow.created_at))

    def finish(self) -> None:
        """Let the bot, running, send all that it can."""
        self._wait(self._is_idle)

    def person(self, name: str) -> Actor:
        """Somebody to act as."""
        return self.sandbox.person(f"U0{name.upper()}")

    @staticmethod
    def _wait(is_so: Callable[[], bool]) -> None:
        """Wait until something is so in the database, of which nobody is told."""
        deadline = time.monotonic() + PATIENCE
        while not is_so():
            assert time.monotonic() < deadline
            time.sleep(0.002)

    def _sent(self) -> int:
        return sum(call.method == "chat.postMessage" for call in self.sandbox.calls)

    def _is_idle(self) -> bool:
        with self.database.reading() as session:
            return not outbox.unfinished(session)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """A machine in a workspace with forty owners."""
    people = accounts(("petra", "lena", *OWNERS))
    channel = SlackChannel(LEADERSHIP, "leadership", members=["U0PETRA", "U0LENA"])
    with Sandbox(people, [channel], app=slack_app()) as sandbox:
        machine = Machine(tmp_path, sandbox)
        yield machine
        machine.end()
        machine.database.close()


def openings(machine: Machine) -> dict[str, int]:
    """How many messages each owner has."""
    return {name: len(machine.person(name).messages()) for name in OWNERS}


def posts(machine: Machine) -> list[SeenMessage]:
    """The posts in the channel, without their threads."""
    return [m for m in machine.person("lena").messages(LEADERSHIP) if m.thread_ts in (None, m.ts)]


def answer(machine: Machine, name: str) -> None:
    """Somebody answers; returns when the bot has accepted."""
    person = machine.person(name)
    message = person.wait_for(person.last_dm, PATIENCE)
    person.click(message, "Update")
    assert person.submit(opened(person), {"Percent complete": "25", "Status": "On track"}) is None


def publish(machine: Machine, project: str) -> None:
    """The manager publishes; returns when the bot has accepted."""
    petra = machine.person("petra")
    petra.command(f"/compile-report {project}")
    confirm = petra.submit(filled_review(petra))
    assert confirm is not None
    assert petra.submit(confirm) is None


def test_a_bot_that_is_killed_again_and_again_sends_nothing_twice_and_loses_nothing(machine: Machine) -> None:
    for _ in range(8):
        machine.start()
        machine.kill_after(machine.chance.randint(1, 5))
    machine.start()
    answered = OWNERS[:3]
    for name in answered:
        answer(machine, name)
        machine.kill_after(0)
        machine.start()
    machine.finish()
    assert openings(machine) == dict.fromkeys(OWNERS, 1)
    with machine.database.reading() as session:
        given = {key for p in PROJECTS for q in answer_store.history(session, p).values() for key in q.milestones}
    assert given == set(answered)
    assert any(call.method == "conversations.history" for call in machine.sandbox.calls), (
        "a kill hit a message under way"
    )
    for sent, project in enumerate(PROJECTS):
        publish(machine, project)
        machine.kill_after(sent % 3)
        machine.start()
    machine.finish()
    assert machine.kills >= 15
    unconfirmed = [m.words for m in machine.person("petra").messages() if "did not confirm the post" in m.words]
    counts = Counter(project for project in PROJECTS for m in posts(machine) if f"{project.title()} ·" in m.words)
    for project in PROJECTS:
        is_told = any(project.title() in words for words in unconfirmed)
        assert counts[project] == 1 or (is_told and counts[project] == 0), project
    replies = [
        m.words for m in machine.person("lena").messages(LEADERSHIP) if m.thread_ts not in (None, m.ts) and m.words
    ]
    twice = {words for words, count in Counter(replies).items() if count > 1}
    assert not [words for words in twice if "*Key milestones*" in words]
