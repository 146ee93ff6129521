"""The bot's listeners alone, in a company after its quarter's deadline, and all that people there can press and fill in."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from unittest import mock

from slack_bolt import App, BoltRequest, BoltResponse

from bot.app import Bot
from bot.clock import Clock
from bot.sandbox.actor import Actor
from bot.sandbox.server import Sandbox
from bot.slack.ids import Action, Shortcut
from bot.slack.manifest import COMMAND
from tests.carrying import deliver_all
from tests.faults.explored import Explorer, Payload, Recording, missing
from tests.journeys.world import (
    DUE_DAY,
    LAST_QUARTER,
    LEADERSHIP,
    OLGA,
    OPENING,
    PORTFOLIO,
    STARTS,
    World,
    accounts,
    channels,
    opened,
    run_command,
    slack_app,
    slack_id,
)

SLACK_PATIENCE = 3.0  # seconds
_UNHURRIED = 60.0  # seconds that a trigger lives while everything is pressed, however busy the machine is
_OVERDUE = DUE_DAY + timedelta(days=3)  # the Monday after
_LEADERS = ("lena", "henrik")
_MANAGERS = ("petra", "rita", "ada")
_NAMES = ("maya", "jonas", "omar", "ines", *_LEADERS, *_MANAGERS)
# Who logs what nobody has thought of, and what Slack would not take.
_DESKS = ("bot.slack.errors", "bot.slack.messenger", "bot.flow.deliver")
_DECISIONS = """
quarter: 2025-Q3
projects:
  billing:
    decisions:
      - {key: contract, what: Extend it, who: lena@example.com, options: [By a year, By two years]}
      - {key: region, what: Open a second region, who: lena@example.com}
      - {key: tariffs, what: Retire the old tariffs, who: lena@example.com}
"""
_NEWS = """
quarter: 2025-Q3
projects: {billing: {milestones: {rating-engine: {percent_complete: 12, status: At risk, note: It was measured anew.}}}}
"""
# So many that a Home's projects take four pages, and one owner's message lists more than it has buttons for.
_SMALL = "".join(
    f"  - {{key: small-{n}, name: Small {n}, manager: rita@example.com,"
    f" milestones: [{{key: part, name: Part {n}, owner: omar@example.com, baseline: 2025-12-01}}]}}\n"
    for n in range(19)
)
_COMPANY = PORTFOLIO.read_text(encoding="utf-8") + _SMALL
_TRACKED = "milestone_key,percent\nrating-engine,66\ncore-switch,30\n"
_PLANS = [_COMPANY.replace("Rating Engine", name).encode() for name in ("Rating Machine", "Rating Service")]


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

    def close(self) -> None:
        """Let go of everything."""
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
        deliver_all(self._courier)

    @contextmanager
    def nothing_unforeseen(self) -> Iterator[None]:
        """What happens in the block is answered with a sentence that somebody wrote, in a form that Slack takes."""
        with unforeseen() as told:
            yield
        assert not told, "\n".join(told)

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


@contextmanager
def unforeseen() -> Iterator[list[str]]:
    """What nobody has thought of while the block runs: the list grows."""
    handler = _Unforeseen()
    for name in _DESKS:
        logging.getLogger(name).addHandler(handler)
    try:
        yield handler.told
    finally:
        for name in _DESKS:
            logging.getLogger(name).removeHandler(handler)


def listening(folder: Path, *, after_pressing: bool) -> Listening:
    """The listeners on opening day; or after the deadline, when everybody has pressed everything."""
    environment = {"DATABASE_URL": f"sqlite:///{folder}/quarterdeck.db", "QUARTERDECK_NOW": "2025-09-01T12:00:00Z"}
    for command, text in (("load", _COMPANY), ("answers", LAST_QUARTER.read_text()), ("answers", _DECISIONS)):
        file = folder / "file.yaml"
        file.write_text(text, encoding="utf-8")
        ran = run_command(command, file, environment=environment)
        assert ran.status == 0, ran.err
    clock = Clock(STARTS)
    sandbox = Sandbox([*accounts(), OLGA], channels(), app=slack_app(), now=clock.now, patience=_UNHURRIED)
    world = World(environment["DATABASE_URL"], folder, sandbox=sandbox, clock=clock)
    met, dispatch = Recording(), App.dispatch

    def recorded(app: App, request: BoltRequest) -> BoltResponse:
        met.keep(request.body)
        return dispatch(app, request)

    with mock.patch.object(App, "dispatch", recorded), unforeseen() as told:
        world.start()
        try:
            world.arrive(OPENING)
            if after_pressing:
                _press_everything(world, met)
        finally:
            world.bot.stop()
    assert told == []
    return Listening(world, met)


def _press_everything(world: World, met: Recording) -> None:
    """On opening day, on the due day and after it; twice a day, for what others had sent meanwhile.

    In the end Slack confirms nothing any more that is posted.
    """
    explorer = Explorer(world.settle, met)
    _prefill(world)
    _involve_others(world, explorer)
    for instant in (OPENING, DUE_DAY):
        world.arrive(instant)
        for name in _NAMES:
            _use_commands(world, explorer, world.person(name))
            _press_buttons(world, explorer, world.person(name))
        for plan in _PLANS:
            world.person("ada").upload("plan.yaml", plan)
            world.settle()
        for name in _NAMES:
            _press_buttons(world, explorer, world.person(name))
    world.load(_NEWS, command="answers")
    world.sandbox.faults.add("chat.postMessage", "lost_reply", share=1.0)
    world.arrive(_OVERDUE)
    for name in _MANAGERS:
        _use_commands(world, explorer, world.person(name))
        _press_buttons(world, explorer, world.person(name))
    world.sandbox.faults.clear()
    met.keep_calls(world.sandbox.calls)


def _prefill(world: World) -> None:
    """Trackers have something to say of two milestones."""
    table = world.folder / "progress.csv"
    table.write_text(_TRACKED, encoding="utf-8")
    assert world.cli("prefill", table).status == 0


def _involve_others(world: World, explorer: Explorer) -> None:
    """An owner asks a colleague for an answer, who presses what there is; another one says that a milestone is not theirs."""
    for name, button in (("omar", Action.LEND), ("jonas", Action.HAND_OVER)):
        person = world.person(name)
        person.click(world.card(name), button)
        view = opened(person)
        if after := person.submit(view, missing(view, but_people=button is Action.HAND_OVER)):
            person.close(after)
    explorer.explore(world.person("rita"), world.card("rita"))


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
