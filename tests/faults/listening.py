"""The bot's listeners alone, in a company in the middle of its quarter, and all that people there can press and fill in."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from slack_bolt import App, BoltRequest, BoltResponse

from bot.app import Bot
from bot.sandbox.actor import Actor
from bot.slack.ids import Shortcut
from bot.slack.manifest import COMMAND
from tests.faults.explored import Explorer, Payload, Recording
from tests.journeys.world import DUE_DAY, LAST_QUARTER, LEADERSHIP, OPENING, PORTFOLIO, World, run_command, slack_id

SLACK_PATIENCE = 3.0  # seconds
_LEADERS = ("lena", "henrik")
_NAMES = ("maya", "jonas", "omar", "ines", *_LEADERS, "petra", "rita", "ada")
# Who logs what nobody has thought of, and what Slack would not take.
_DESKS = ("bot.slack.errors", "bot.slack.messenger", "bot.flow.deliver")
_DECISIONS = """
quarter: 2025-Q3
projects:
  billing: {decisions: [{key: contract, what: Extend it, who: lena@example.com, options: [By a year, By two years]}]}
"""
_COMPANY = PORTFOLIO.read_text(encoding="utf-8")
_CHANGED = _COMPANY.replace("Rating Engine", "Rating Machine")


class Listening:
    """The listeners, each time on the same database, so that what was found can be repeated. Nothing else of the bot runs.

    `met` is what people pressed and sent while everything was looked at.
    """

    def __init__(self, world: World, met: Recording) -> None:
        self.met = met
        self._world = world
        self._bot = Bot(world.settings, world.clock)
        self._app, self._courier = self._bot._bolt_app(), self._bot._courier(0)
        self._original = Path(shutil.copy(world.folder / "quarterdeck.db", world.folder / "original.db"))
        self._unforeseen = _Unforeseen()
        for name in _DESKS:
            logging.getLogger(name).addHandler(self._unforeseen)

    def close(self) -> None:
        """Let go of everything."""
        for name in _DESKS:
            logging.getLogger(name).removeHandler(self._unforeseen)
        self._bot.database.close()
        self._world.sandbox.stop()

    def send(self, payload: Payload) -> BoltResponse:
        """Hand a payload to the listeners as Socket Mode does, its trigger good; checks that the answer comes in time."""
        self._bot.database.close()
        shutil.copy(self._original, self._world.folder / "quarterdeck.db")
        body = {**payload, "trigger_id": self._new_trigger(payload)}
        began = time.monotonic()
        response = self._app.dispatch(BoltRequest(mode="socket_mode", body=body))
        assert time.monotonic() - began < SLACK_PATIENCE
        assert response.status == 200
        return response

    def deliver(self) -> None:
        """Send what the last payload has put into the outbox."""
        self._courier.deliver_all()

    @contextmanager
    def nothing_unforeseen(self) -> Iterator[None]:
        """What happens in the block is answered with a sentence that somebody wrote, in a form that Slack takes."""
        self._unforeseen.told.clear()
        yield
        assert not self._unforeseen.told, "\n".join(self._unforeseen.told)

    def _new_trigger(self, payload: Payload) -> str:
        person = payload["user"]["id"] if isinstance(payload.get("user"), dict) else payload.get("user_id", "")
        view = (payload.get("view") or {}).get("id")
        return self._world.sandbox.call(lambda: self._world.sandbox.modals.new_trigger(str(person), view))


class _Unforeseen(logging.Handler):
    """Keeps what the error desk had no sentence for, and why Slack would not take what the bot has built."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one."""
        self.told.append(self.format(record))


def listening(folder: Path, *, after_pressing: bool) -> Listening:
    """The listeners on opening day; or on the due day, after everybody has pressed everything."""
    environment = {"DATABASE_URL": f"sqlite:///{folder}/quarterdeck.db", "QUARTERDECK_NOW": "2025-09-01T12:00:00Z"}
    for command, text in (("load", _COMPANY), ("answers", LAST_QUARTER.read_text()), ("answers", _DECISIONS)):
        file = folder / "file.yaml"
        file.write_text(text, encoding="utf-8")
        ran = run_command(command, file, environment=environment)
        assert ran.status == 0, ran.err
    met, dispatch = Recording(), App.dispatch

    def recorded(app: App, request: BoltRequest) -> BoltResponse:
        met.keep(request.body)
        return dispatch(app, request)

    with mock.patch.object(App, "dispatch", recorded):
        world = World(environment["DATABASE_URL"], folder).start()
        try:
            world.arrive(OPENING)
            if after_pressing:
                _press_everything(world)
        finally:
            world.bot.stop()
    return Listening(world, met)


def _press_everything(world: World) -> None:
    """On opening day and on the due day; buttons twice, for what others had sent meanwhile. Who can stop things is last."""
    explorer = Explorer(world.settle)
    for instant in (OPENING, DUE_DAY):
        world.arrive(instant)
        for name in _NAMES:
            _use_commands(world, explorer, world.person(name))
            _press_buttons(world, explorer, world.person(name))
        world.person("ada").upload("plan.yaml", _CHANGED.encode())
        world.settle()
        for name in _NAMES:
            _press_buttons(world, explorer, world.person(name))


def _use_commands(world: World, explorer: Explorer, person: Actor) -> None:
    """What opens by words, and by the shortcuts."""
    for words in ("", "billing", "all"):
        person.command(f"{COMMAND} {words}")
        world.settle()
        explorer.look(person)
    person.shortcut(Shortcut.UPDATE)
    explorer.look(person)
    for message in person.messages()[-1:]:
        person.shortcut(Shortcut.ADD_MESSAGE, message)
        explorer.look(person)


def _press_buttons(world: World, explorer: Explorer, person: Actor) -> None:
    """What stands in Home, in the messages with the bot and in the leadership channel."""
    person.open_home()
    home = person.wait_for(person.home)
    world.settle()
    channel = person.messages(LEADERSHIP) if person.id in map(slack_id, _LEADERS) else []
    for where in (home, *person.messages(), *channel):
        explorer.explore(person, where)
