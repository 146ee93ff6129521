"""One company in a trial workspace: the bot as `run` starts it, people to act as, and a clock to move."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

from bot.app import Bot
from bot.cli import main
from bot.clock import Clock
from bot.domain.quarter import Quarter
from bot.domain.update import QuarterAnswers
from bot.sandbox.actor import Actor
from bot.sandbox.api.calls import Call
from bot.sandbox.people import Shortcut, SlackApp, SlackChannel, SlackPerson, SlashCommand
from bot.sandbox.seen import SeenMessage, SeenView, readable
from bot.sandbox.server import Sandbox
from bot.settings import Settings
from bot.slack.manifest import COMMAND, EVENTS, SCOPES, SHORTCUTS
from bot.store import answers as answer_store
from bot.store.session import Database

HERE = Path(__file__).parent
PORTFOLIO = HERE / "portfolio.yaml"
LAST_QUARTER = HERE / "answers-2025-Q2.yaml"
Q3 = Quarter(2025, 3)

STARTS = datetime(2025, 9, 18, 12, tzinfo=UTC)  # the day before the third quarter opens
OPENING = datetime(2025, 9, 19, 14, tzinfo=UTC)  # 10:00 in New York, 16:00 in Berlin, 23:00 in Tokyo
TOKYO_MORNING = datetime(2025, 9, 22, 0, 45, tzinfo=UTC)
DUE_DAY = datetime(2025, 10, 3, 14, tzinfo=UTC)
PATIENCE = 20.0  # seconds of real time for messages to arrive on a busy machine

LEADERSHIP, PARTNERS = "C0LEADERSHIP", "C0PARTNERS"
NAMES = {
    "ada": "Ada Admin",
    "petra": "Petra Manager",
    "rita": "Rita Manager",
    "maya": "Maya Okafor",
    "jonas": "Jonas Weber",
    "aiko": "Aiko Tanaka",
    "omar": "Omar Haddad",
    "ines": "Ines Duarte",
    "henrik": "Henrik Dahl",
    "lena": "Lena Brandt",
}
ZONES = {"jonas": "Europe/Berlin", "henrik": "Europe/Berlin", "aiko": "Asia/Tokyo"}
OLGA = SlackPerson("U0OLGA", "olga", real_name="Olga Outside", team_id="T0ELSEWHERE")


def slack_id(name: str) -> str:
    """The Slack id of somebody in the workspace."""
    return f"U0{name.upper()}"


def accounts(names: Sequence[str] = tuple(NAMES)) -> list[SlackPerson]:
    """The company's people as Slack knows them."""
    return [
        SlackPerson(
            slack_id(name),
            name,
            real_name=NAMES.get(name, name.title()),
            email=f"{name}@example.com",
            tz=ZONES.get(name, "America/New_York"),
        )
        for name in names
    ]


def slack_app(scopes: Sequence[str] = tuple(SCOPES)) -> SlackApp:
    """The app as the manifest declares it, and with nothing more."""
    shortcuts = [Shortcut(kind, callback, name) for callback, (kind, name, _) in SHORTCUTS.items()]
    return SlackApp("Quarterdeck", "U0BOT", scopes, (SlashCommand(COMMAND),), shortcuts, events=tuple(EVENTS))


def channels() -> list[SlackChannel]:
    """The leadership channel; one that is shared with another company; one without the bot."""
    readers = [slack_id(name) for name in ("lena", "henrik", "petra", "maya")]
    return [
        SlackChannel(LEADERSHIP, "leadership", members=readers),
        SlackChannel(PARTNERS, "partners", members=[OLGA.id, slack_id("rita")], is_ext_shared=True),
        SlackChannel("C0SECRET", "secret", members=[slack_id("lena")], is_private=True, bot_is_member=False),
    ]


@dataclass(frozen=True)
class Ran:
    """What a command printed, and its exit status."""

    status: int
    out: str
    err: str


def run_command(*arguments: str | Path, environment: dict[str, str]) -> Ran:
    """Run the command line in this process, with nothing but this environment."""
    out, err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline=""), io.StringIO()
    with mock.patch.dict(os.environ, environment), redirect_stdout(out), redirect_stderr(err):
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as ended:  # argparse ends the process itself
            status = int(ended.code or 0)
    out.flush()
    return Ran(status, out.buffer.getvalue().decode(), err.getvalue())


class World:
    """The sandbox, the bot in it, and what tests do with both."""

    def __init__(
        self,
        database_url: str,
        folder: Path,
        *,
        sandbox: Sandbox | None = None,
        clock: Clock | None = None,
        **settings: Any,
    ) -> None:
        self.clock = clock or Clock(STARTS)
        self.sandbox = sandbox or Sandbox([*accounts(), OLGA], channels(), app=slack_app(), now=self.clock.now)
        self.folder = folder
        self.environment = {"DATABASE_URL": database_url, "LOG_LEVEL": "WARNING"}
        self.settings = Settings(
            **{
                "bot_token": self.sandbox.workspace.app.bot_token,
                "app_token": self.sandbox.workspace.app.app_token,
                "api_url": self.sandbox.api_url,
                "database_url": database_url,
                **settings,
            }
        )
        self.bot = Bot(self.settings, self.clock)
        self.expected: set[tuple[str, str]] = set()  # refusals that a journey asked for: (method, error)

    def start(self) -> World:
        """Start the sandbox, then the bot."""
        self.sandbox.start()
        self.bot.start()
        self.bot.beat()
        return self

    def stop(self) -> None:
        """End the bot, then the sandbox."""
        self.bot.stop()
        self.sandbox.stop()

    @property
    def database(self) -> Database:
        """The bot's own database."""
        return self.bot.database

    def person(self, name: str) -> Actor:
        """Somebody to act as."""
        return self.sandbox.person(slack_id(name))

    def arrive(self, instant: datetime) -> None:
        """Make it this instant, and let the bot do what is due."""
        self.clock.move_to(instant)
        self.bot.beat()
        self.settle()

    def settle(self) -> None:
        """Wait until everything that can be sent has been."""
        self.bot.settle(PATIENCE)

    def card(self, name: str) -> SeenMessage:
        """Somebody's latest message from the bot, once all edits have arrived."""
        self.settle()
        message = self.person(name).last_dm()
        assert message is not None, f"{name} has no message"
        return message

    def cards(self, name: str) -> list[SeenMessage]:
        """All messages between somebody and the bot, what only they see left out."""
        return [message for message in self.person(name).messages() if not message.ephemeral]

    def open(self, name: str, button: str, near: str | None = None) -> SeenView:
        """Press a button of somebody's latest message; the dialog that opens."""
        person = self.person(name)
        person.click(self.card(name), button, near=near)
        return opened(person)

    def answers(self, project: str, quarter: Quarter = Q3) -> QuarterAnswers:
        """What is recorded for a project and quarter."""
        with self.database.reading() as session:
            return answer_store.history(session, project).get(quarter, QuarterAnswers())

    def cli(self, *arguments: str | Path) -> Ran:
        """Run a command on the bot's database, at the present business time."""
        now = self.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        return run_command(*arguments, environment={**self.environment, "QUARTERDECK_NOW": now})

    def load(self, text: str, *options: str, command: str = "load") -> None:
        """Load a portfolio (or answers), as an administrator would meanwhile."""
        file = self.folder / "loaded.yaml"
        file.write_text(text, encoding="utf-8")
        ran = self.cli(command, file, *options)
        assert ran.status == 0, ran.err

    def review(self, words: str = "billing", manager: str = "petra") -> SeenView:
        """The review that `/compile-report` opens, once it is filled."""
        person = self.person(manager)
        person.command(f"{COMMAND} {words}")
        return filled_review(person)

    def confirming(self, review: SeenView, manager: str = "petra", **said: Any) -> SeenView:
        """The last view before the channel."""
        view = self.person(manager).submit(review, said)
        assert view is not None and view.callback_id == "confirm", view and (view.errors, view.words)
        return view

    def publish(self, words: str = "billing", manager: str = "petra", **said: Any) -> None:
        """Compile, review, publish and confirm."""
        view = self.confirming(self.review(words, manager), manager, **said)
        assert self.person(manager).submit(view) is None
        self.settle()

    def channel(self, name: str = "lena", channel: str = LEADERSHIP) -> list[SeenMessage]:
        """What somebody sees in the leadership channel."""
        return self.person(name).messages(channel)

    def posts(self, name: str = "lena", channel: str = LEADERSHIP) -> list[SeenMessage]:
        """The posts in a channel, their threads and whispers left out."""
        return [m for m in self.channel(name, channel) if m.thread_ts in (None, m.ts) and not m.ephemeral]

    def thread(self, name: str = "lena", channel: str = LEADERSHIP) -> list[SeenMessage]:
        """The replies in a channel's threads."""
        return [m for m in self.channel(name, channel) if m.thread_ts not in (None, m.ts)]

    def refused(self) -> list[tuple[str, str | None]]:
        """The calls that Slack refused though the journey did not ask for it, and why."""
        found = [(call.method, call.error) for call in self.sandbox.refused]
        return [refusal for refusal in found if refusal not in self.expected]

    def fail(self, method: str, error: str, times: int = 1, retry_after: int = 1) -> None:
        """Let Slack fail the next calls of a method."""
        self.expected.add((method, error))
        self.sandbox.faults.add(method, error, times, retry_after)

    def calls(self, method: str) -> list[Call]:
        """The calls of one method so far, in order."""
        return [call for call in self.sandbox.calls if call.method == method]


def opened(person: Actor) -> SeenView:
    """The dialog in front of somebody."""
    view = person.top_view()
    assert view is not None, f"no dialog opened: {person.notice()}"
    return view


def filled_review(person: Actor) -> SeenView:
    """The review in front of somebody, once the report is in it."""

    def review() -> SeenView | None:
        view = person.top_view()
        return view if view and view.callback_id == "review" else None

    return person.wait_for(review, PATIENCE)


def copied(template: Path, folder: Path) -> str:
    """The address of a test's own copy of a database file."""
    return f"sqlite:///{shutil.copy(template, folder / 'quarterdeck.db')}"


def beside(view: SeenView, text: str) -> str:
    """The block with the buttons that belong to a text in a list: the first one at or after it."""
    blocks = list(view.blocks)
    start = next(i for i, block in enumerate(blocks) if text in "\n".join(readable(block)))
    return next(str(block["block_id"]) for block in blocks[start:] if block["type"] == "actions")
