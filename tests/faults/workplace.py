"""A company at work in its workspace: people who persist, and what can be counted afterwards."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from bot.domain.quarter import Quarter
from bot.sandbox.actor import Actor
from bot.sandbox.seen import SeenMessage
from bot.sandbox.server import Sandbox
from bot.sandbox.workspace import Message
from bot.store import answers as answer_store
from bot.store import ledger, outbox, reports
from bot.store.ledger import Nudge, NudgeState
from bot.store.outbox import SendState
from bot.store.session import Database
from bot.store.tables import AnswerRow, OutboxRow
from tests.faults import persistence
from tests.faults.company import MANAGER, portfolio
from tests.journeys.world import LEADERSHIP, run_command, slack_id
from tests.scale import scaled

Q3 = Quarter(2025, 3)
OPENING = datetime(2025, 9, 19, 14, tzinfo=UTC)
REMINDER = datetime(2025, 9, 26, 14, tzinfo=UTC)
PATIENCE = scaled(120.0, 1200.0)  # seconds of real time
_PEOPLE_AT_ONCE = 6
_FILENAME = r"(.+)-(\d{4}-Q\d)-r(\d+)(?:-(.+\.png)|\..+)"


class Workplace:
    """The company in one workspace and one database, whoever runs the bot there."""

    def __init__(
        self, sandbox: Sandbox, database_url: str, folder: Path, owners: Sequence[str], projects: Sequence[str]
    ) -> None:
        self.sandbox = sandbox
        self.owners = owners
        self.projects = projects
        self.environment = {
            "DATABASE_URL": database_url,
            "SLACK_API_URL": sandbox.api_url,
            "SLACK_BOT_TOKEN": sandbox.workspace.app.bot_token,
            "SLACK_APP_TOKEN": sandbox.workspace.app.app_token,
            "QUARTERDECK_NOW": "2025-09-01T12:00:00Z",
            "LOG_LEVEL": "ERROR",
            "HOST": "127.0.0.1",
        }
        file = folder / "portfolio.yaml"
        file.write_text(portfolio(owners, projects), encoding="utf-8")
        ran = run_command("load", file, environment=self.environment)
        assert ran.status == 0, ran.err
        self.database = Database(database_url)

    def person(self, name: str) -> Actor:
        """Somebody to act as."""
        return self.sandbox.person(slack_id(name))

    def answer(self, said: Mapping[str, int]) -> None:
        """Let people answer, several at once, each with a percentage; returns when all were accepted."""
        with ThreadPoolExecutor(_PEOPLE_AT_ONCE) as people:
            list(people.map(lambda name: persistence.answer(self.person(name), said[name]), said))

    def look(self, typed: Mapping[str, int]) -> None:
        """Let people open their dialog, several at once, type a percentage each and leave it; returns when all have."""
        with ThreadPoolExecutor(_PEOPLE_AT_ONCE) as people:
            list(people.map(lambda name: persistence.look(self.person(name), typed[name]), typed))

    def publish(self, projects: Sequence[str]) -> None:
        """Let the manager publish one project after the other, and settle what Slack did not confirm."""
        for project in projects:
            self.confirm(project)
        self.finish()

    def confirm(self, project: str) -> None:
        """Let the manager publish a project; returns when that was accepted."""
        persistence.publish(self.person(MANAGER), project)

    def finish(self) -> None:
        """Wait until everything is sent, people's words on unconfirmed posts included."""
        while True:
            wait_until(self.is_idle)
            if not (unconfirmed := self._unconfirmed()):
                return
            for key in unconfirmed:
                persistence.settle(self.person(MANAGER), *self._told_of(key))

    def finish_step(self, step: str, people: int) -> None:
        """Wait until a step of the ladder has been taken with so many people."""
        wait_until(lambda: self.steps_sent()[step] >= people)

    def is_idle(self) -> bool:
        """Whether nothing is left to be sent."""
        with self.database.reading() as session:
            return not outbox.unfinished(session)

    def sent(self) -> int:
        """How many messages the bot has posted."""
        return sum(call.method == "chat.postMessage" for call in self.sandbox.calls)

    def nudges_received(self) -> Counter[str]:
        """How often each nudge came, by its key."""
        received = (_key(message) for name in self.owners for message in self._direct(name))
        return Counter(key for key in received if key.startswith("nudge:"))

    def nudges(self) -> list[Nudge]:
        """The ledger."""
        with self.database.reading() as session:
            return ledger.nudges(session, Q3)

    def steps_sent(self) -> Counter[str]:
        """To how many people each step of the ladder was sent, by the ledger."""
        return Counter(nudge.step for nudge in self.nudges() if nudge.state is NudgeState.SENT)

    def recorded(self) -> dict[str, int]:
        """The percentage on record for each owner's milestone."""
        with self.database.reading() as session:
            histories = [answer_store.history(session, project) for project in self.projects]
        given = [answers.milestones for history in histories for answers in history.values()]
        return {key: int(one.value.percent_complete or 0) for milestones in given for key, one in milestones.items()}

    def versions(self) -> Counter[str]:
        """How often each owner's milestone was answered, by the store: once, however often the answer was delivered."""
        query = select(AnswerRow.item_key).where(AnswerRow.kind == "milestone", AnswerRow.item_key.in_(self.owners))
        with self.database.reading() as session:
            return Counter(session.scalars(query))

    def published(self) -> dict[str, int | None]:
        """The percentage in the published reports for each owner's milestone."""
        with self.database.reading() as session:
            found = [reports.latest(session, project, Q3) for project in self.projects]
        lines = [line for revision in found if revision for line in revision.report.milestones]
        return {line.key: None if line.percent_complete is None else int(line.percent_complete) for line in lines}

    def in_channel(self) -> Counter[str]:
        """How often each post, reply and file stands in the leadership channel, by its key."""
        return Counter(_key(message) for message in self._channel())

    def not_sent(self) -> list[tuple[str, str]]:
        """The outbox rows that were given up, each with its state; a review that its manager has closed meanwhile is none."""
        given_up = OutboxRow.state.in_((SendState.FAILED, SendState.UNCONFIRMED))
        query = select(OutboxRow.key, OutboxRow.state).where(given_up, OutboxRow.kind != "review")
        with self.database.reading() as session:
            return [(key, state) for key, state in session.execute(query)]

    def _unconfirmed(self) -> list[str]:
        with self.database.reading() as session:
            return list(session.scalars(select(OutboxRow.key).where(OutboxRow.state == SendState.UNCONFIRMED)))

    def _told_of(self, key: str) -> tuple[SeenMessage, str | None]:
        """The message that asks about an unconfirmed post, and the link to the post if it is there."""
        manager = self.person(MANAGER)
        ask = manager.wait_for(lambda: next(iter(_about(manager, key)), None), PATIENCE)
        there = next((message for message in self._channel() if _key(message) == key), None)
        link = f"https://sandbox.slack.com/archives/{LEADERSHIP}/p{there.ts.replace('.', '')}" if there else None
        return ask, link

    def _direct(self, name: str) -> list[Message]:
        return self.sandbox.call(lambda: list(self.sandbox.workspace.direct(slack_id(name)).messages))

    def _channel(self) -> list[Message]:
        said = self.sandbox.call(lambda: list(self.sandbox.workspace.conversations[LEADERSHIP].messages))
        return [message for message in said if message.by_app and not message.ephemeral_for]


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so in the database, of which nobody is told."""
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _about(person: Actor, key: str) -> list[SeenMessage]:
    """The messages that ask what became of a post, the latest first."""
    return [message for message in reversed(person.messages()) if f"'value': '{key}'" in str(message.blocks)]


def _key(message: Message) -> str:
    """The business key of a message; one that is nothing but files has that of its first file's name."""
    if message.files:
        named = re.fullmatch(_FILENAME, message.files[0].name)
        assert named is not None
        return ":".join(filter(None, ("file", *named.groups())))
    return str((message.metadata or {}).get("event_payload", {}).get("key", ""))
