"""The stage: what the demo, the rehearsal and the trial share to let a bot play on the local stand-in for Slack."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from bot.app import Bot
from bot.clock import Clock
from bot.domain.project import Person, Project
from bot.sandbox.people import Shortcut, SlackApp, SlackPerson, SlashCommand
from bot.sandbox.server import Sandbox
from bot.settings import Settings
from bot.slack.limits import PER_MINUTE, Limiter
from bot.slack.manifest import COMMAND, EVENTS, SCOPES, SHORTCUTS

_IDLE_PATIENCE = 20.0  # seconds of real time that a move of the clock waits for messages to arrive
_NO_LIMITS = dict.fromkeys(PER_MINUTE, 100_000)  # a day of business time passes in a second: nobody would wait an hour


def slack_app() -> SlackApp:
    """The bot's Slack app as its manifest declares it."""
    command = SlashCommand(COMMAND, "Compile, review and publish a quarterly report", "[project] [2025-Q3] | help")
    shortcuts = tuple(
        Shortcut(kind, callback, name, description) for callback, (kind, name, description) in SHORTCUTS.items()
    )
    return SlackApp("Quarterdeck", "U0QUARTERDECK", tuple(SCOPES), (command,), shortcuts, events=tuple(EVENTS))


def new_bot(settings: Settings, sandbox: Sandbox, database: Path, clock: Clock) -> Bot:
    """The bot as `run` builds it, for a stand-in and a database file of its own; Slack's rate limits do not hold it up."""
    app = sandbox.workspace.app
    own = replace(
        settings,
        bot_token=app.bot_token,
        app_token=app.app_token,
        api_url=sandbox.api_url,
        database_url=f"sqlite:///{database}",
    )
    return Bot(own, clock, Limiter(_NO_LIMITS))


def asked_to_end() -> threading.Event:
    """Set once the process is asked to end: by Ctrl-C, or by a stop signal."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    return ended


def let_work(bot: Bot) -> None:
    """Let the bot do all that is due at the present business time, and wait until its messages have arrived."""
    bot.beat()
    bot.settle(_IDLE_PATIENCE)


def accounts_of(people: Iterable[Person], projects: Iterable[Project], zone: str) -> list[SlackPerson]:
    """An account for each person whom a portfolio names; who has no zone of their own lives in `zone`."""
    listed = tuple(projects)
    return [_account(number, person, listed, zone) for number, person in enumerate(people, start=1)]


def _account(number: int, person: Person, projects: tuple[Project, ...], zone: str) -> SlackPerson:
    handle = (person.handle or (person.email or "").partition("@")[0]).removeprefix("@")
    return SlackPerson(
        id=person.slack_id or f"U0DEMO{number:03d}",
        name=handle.lower(),
        real_name=person.name,
        display_name=person.name,
        email=person.email or "",
        tz=person.timezone or zone,
        title=", ".join(roles_of(person, projects)),
    )


def roles_of(person: Person, projects: Iterable[Project]) -> list[str]:
    """What a person is in some projects, in words."""
    listed = tuple(projects)
    owners = [owner for project in listed for milestone in project.milestones for owner in milestone.owners]
    owned = sum(owner.ref == person.ref for owner in owners)
    holders: dict[str, Sequence[Person | None]] = {
        "Project manager": [project.manager for project in listed],
        f"Owner of {owned} milestone{'s' if owned > 1 else ''}": owners,
        "Budget owner": [project.budget_owner for project in listed],
        "Sponsor": [project.sponsor for project in listed],
    }
    return [role for role, people in holders.items() if any(p and p.ref == person.ref for p in people)]
