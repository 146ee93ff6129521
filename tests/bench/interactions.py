"""What people press and send, as Slack tells it, for measuring acks."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Self

from bot.domain.project import RagStatus
from bot.domain.quarter import Quarter
from bot.domain.update import MilestoneUpdate, Provenance
from bot.sandbox import payloads
from bot.sandbox.actor import Actor
from bot.sandbox.forms import fields
from bot.sandbox.payloads import interaction
from bot.sandbox.people import SlackPerson
from bot.sandbox.seen import SeenMessage, SeenView, find_element, find_field, state_value
from bot.slack.ids import Action
from bot.slack.manifest import COMMAND
from bot.store import answers
from bot.store.upgrade import open_ready
from tests.running import RunningBot

MILESTONES = 4  # of a project, each with an owner of its own
_QUARTER = Quarter(2025, 3)
_SAID = MilestoneUpdate(percent_complete=Decimal(1), status=RagStatus.ON_TRACK)

Sent = dict[str, Any]

_numbers = itertools.count(1)  # so that nothing that is sent was sent before


@dataclass(frozen=True)
class Dialog:
    """An update that somebody has opened, and the message it was opened from."""

    person: SlackPerson
    message: SeenMessage
    view: SeenView

    @property
    def plain(self) -> dict[str, Any]:
        """The view as it was opened."""
        names = ("type", "callback_id", "title", "submit", "close", "blocks", "private_metadata")
        return {name: self.view.definition[name] for name in names if self.view.definition.get(name)}

    def typed(self) -> Sent:
        """A field was changed: the draft is kept."""
        number = next(_numbers)
        block, _, _ = next(iter(fields(self.view.definition)))
        action = {"type": "plain_text_input", "action_id": Action.INPUT, "block_id": block["block_id"]}
        action |= {"value": str(number % 100), "action_ts": f"{time.time():.6f}"}
        container = {"type": "view"}
        return interaction("block_actions", self.person, view=self._sent(number), actions=[action], container=container)

    def submitted(self) -> Sent:
        """The update was sent."""
        return interaction("view_submission", self.person, view=self._sent(next(_numbers)))

    def pressed(self, what: str, trigger: str = "") -> Sent:
        """A button of the message was pressed."""
        block, element = find_element(self.message.blocks, what, None)
        action = {**element, "block_id": block["block_id"], "action_ts": f"{time.time():.6f}"}
        container = {"type": "message", "message_ts": self.message.ts, "channel_id": self.message.conversation}
        channel = {"id": self.message.conversation, "name": "directmessage"}
        return interaction(
            "block_actions", self.person, actions=[action], container=container, channel=channel, trigger_id=trigger
        )

    def _sent(self, number: int) -> dict[str, Any]:
        """The view as Slack sends it, each time as another one, with another percentage."""
        percent, *_ = fields(self.view.definition)
        answers = {percent.block["block_id"]: number % 100, "Status": "On track", "Note": f"Word {number}"}
        values = {name: dict(given) for name, given in self.view.values.items()}
        for name, value in answers.items():
            block, element, _ = find_field(self.view.definition, name)
            values[block["block_id"]] = {element["action_id"]: state_value(element, value)}
        own = {"id": f"V{number:08d}", "hash": f"{number}.h", "type": "modal", "root_view_id": f"V{number:08d}"}
        return {"private_metadata": "", **self.view.definition, **own, "state": {"values": values}}


@dataclass(frozen=True)
class Clicks:
    """Everybody who presses something, and the bot's workspace."""

    bot: RunningBot
    dialogs: Sequence[Dialog]

    @classmethod
    def of(cls, bot: RunningBot, owners: int) -> Self:
        """All owners, each with an update open."""
        return cls(bot, [_opened_by(bot, f"U0OWNER{number}") for number in range(owners)])

    def dialog(self, number: int) -> Dialog:
        """One owner after another."""
        return self.dialogs[number % len(self.dialogs)]

    def trigger(self, person: str) -> str:
        """A trigger of somebody who has just pressed something."""
        return self.bot.sandbox.modals.new_trigger(person)

    def opened_update(self, number: int) -> Sent:
        """An owner presses Update."""
        dialog = self.dialog(number)
        return dialog.pressed("Update", self.trigger(dialog.person.id))

    def command(self, _: int) -> Sent:
        """The manager compiles a report."""
        workspace = self.bot.sandbox.workspace
        person = workspace.people["U0PAT"]
        words = (COMMAND, "p0", self.trigger(person.id), "http://127.0.0.1:9/none")
        return dict(payloads.command(person, workspace.direct(person.id), *words))

    def of_a_busy_hour(self, number: int) -> Sent:
        """One of all the others; typing and sending come most often."""
        made = _BUSY_HOUR[number * 7 % len(_BUSY_HOUR)]  # 7 and 50 share no divisor: each once in fifty, well mixed
        return made(self, number)

    def home(self, number: int) -> Sent:
        """An owner opens Home."""
        body = {"type": "app_home_opened", "user": self.dialog(number).person.id, "channel": "D0", "tab": "home"}
        return payloads.event(self.bot.sandbox.workspace, body)


_BUSY_HOUR: Sequence[Callable[[Clicks, int], Sent]] = (
    *(lambda clicks, n: clicks.dialog(n).typed(),) * 18,
    *(lambda clicks, n: clicks.dialog(n).submitted(),) * 13,
    *(Clicks.opened_update,) * 8,
    *(Clicks.home,) * 8,
    *(lambda clicks, n: clicks.dialog(n).pressed("Nothing changed"),) * 2,
    Clicks.command,
)


@dataclass(frozen=True)
class Kind:
    """A kind of interaction, the rates (a second) at which it is sent, and how many times at `most`."""

    name: str
    make: Callable[[Clicks, int], Mapping[str, Any]]
    rates: Sequence[int] = (100,)
    has_trigger: bool = False
    most: int | None = None


KINDS = (
    Kind("Nothing changed, each person once", lambda c, n: c.dialog(n).pressed("Nothing changed"), most=200),
    Kind("a field is typed, its draft kept", lambda c, n: c.dialog(n).typed(), (100, 200)),
    Kind("an update is sent and stored", lambda c, n: c.dialog(n).submitted(), (100, 200)),
    Kind("Update opens a dialog", Clicks.opened_update, (50,), has_trigger=True),
    Kind("Home is opened", Clicks.home, (50,)),
    Kind(f"{COMMAND} opens the review", Clicks.command, (20,), has_trigger=True),
    Kind("all of these, as in a busy hour", Clicks.of_a_busy_hour, (50, 100), has_trigger=True),
)


def a_company(owners: int) -> str:
    """A portfolio of projects with four milestones, each with its own owner."""
    projects = "".join(_project(number) for number in range(owners // MILESTONES))
    return (
        "company: Example Networks\ntimezone: America/New_York\nleadership_channel: '#leadership'\n"
        f"admins: [ada@example.com]\nprojects:\n{projects}"
    )


def answer_before(database_url: str, owners: int) -> None:
    """Have every milestone answered in the quarter before."""
    database = open_ready(database_url)
    with database.writing() as session:
        said = Provenance("pat@example.com", datetime(2025, 6, 30, 15, tzinfo=UTC))
        for number in range(owners):
            project, milestone = divmod(number, MILESTONES)
            answers.record(session, f"p{project}", _QUARTER.previous, f"m{milestone}", _SAID, said)
    database.close()


def _project(number: int) -> str:
    rows = "".join(
        f"      - {{key: m{n}, name: Part {n}, owner: owner{number * MILESTONES + n}@example.com}}\n"
        for n in range(MILESTONES)
    )
    return f"  - key: p{number}\n    name: Project {number}\n    manager: pat@example.com\n    milestones:\n{rows}"


def _opened_by(bot: RunningBot, account: str) -> Dialog:
    """The update that an owner opens from the first message."""
    actor: Actor = bot.sandbox.person(account)
    message = actor.wait_for(actor.last_dm, 30)
    actor.click(message, "Update")
    view = actor.top_view()
    assert view is not None
    return Dialog(bot.sandbox.workspace.people[account], message, view)
