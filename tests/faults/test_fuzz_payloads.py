"""Whatever Slack sends, junk included: an answer within three seconds, and no exception that nobody has thought of."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_bolt import App, BoltRequest, BoltResponse

from bot.sandbox.rules import check_ack
from bot.slack import limits
from bot.slack.manifest import COMMAND
from tests.faults import payloads
from tests.faults.surfaces import Button, Dialog, Surfaces
from tests.journeys.world import (
    DUE_DAY,
    LAST_QUARTER,
    LEADERSHIP,
    NAMES,
    OPENING,
    PORTFOLIO,
    World,
    run_command,
)
from tests.scale import fuzzed

SLACK_PATIENCE = 3.0  # seconds

FUZZ = settings(
    max_examples=fuzzed(40),
    deadline=None,  # the tests hold every answer to Slack's three seconds themselves
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)


@dataclass(frozen=True)
class Target:
    """The bot's listeners, and everything that people can press and fill in there."""

    app: App
    dialogs: list[Dialog]
    buttons: list[Button]
    problems: list[logging.LogRecord]

    def send(self, payload: Mapping[str, Any]) -> BoltResponse:
        """Hand a payload to the listeners as Socket Mode does; checks that the answer comes in time."""
        began = time.monotonic()
        response = self.app.dispatch(BoltRequest(mode="socket_mode", body=dict(payload)))
        assert time.monotonic() - began < SLACK_PATIENCE
        assert response.status == 200
        return response

    @contextmanager
    def nothing_unforeseen(self) -> Iterator[None]:
        """What happens in the block is answered with a sentence that somebody wrote, not with a reference id."""
        self.problems.clear()
        yield
        assert [logging.Formatter().format(problem) for problem in self.problems] == []


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A company in the middle of a quarter; the bot's workers and heart stand still."""
    folder = tmp_path_factory.mktemp("fuzz")
    environment = {"DATABASE_URL": f"sqlite:///{folder}/quarterdeck.db", "QUARTERDECK_NOW": "2025-09-01T12:00:00Z"}
    for command, file in (("load", PORTFOLIO), ("answers", LAST_QUARTER)):
        assert run_command(command, file, environment=environment).status == 0
    unlimited = dict.fromkeys(limits.PER_MINUTE, 100_000)
    with mock.patch.object(limits, "PER_MINUTE", unlimited), mock.patch.object(limits, "CHANNEL_CALLS", 1000):
        world = World(environment["DATABASE_URL"], folder).start()
        surfaces = found(world)
        problems = Problems()
        logging.getLogger("bot.slack.errors").addHandler(problems)
        yield Target(
            world.bot._bolt_app(), [*surfaces.dialogs.values()], [*surfaces.buttons.values()], problems.records
        )
        logging.getLogger("bot.slack.errors").removeHandler(problems)
        world.stop()


class Problems(logging.Handler):
    """Keeps what the error desk had no sentence for."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one."""
        self.records.append(record)


def found(world: World) -> Surfaces:
    """What there is to press on opening day and on the due day, after a report was published."""
    surfaces = Surfaces()
    for instant in (OPENING, DUE_DAY):
        world.arrive(instant)
        if instant is DUE_DAY:
            world.publish("network")
        for name in NAMES:
            explore(world, name, surfaces)
    return surfaces


def explore(world: World, name: str, surfaces: Surfaces) -> None:
    """Everything that one person can press."""
    person = world.person(name)
    for words in ("", "billing", "all"):
        person.command(f"{COMMAND} {words}")
        world.settle()
        surfaces.look(person)
        if view := person.top_view():
            person.close(view, whole_stack=True)
    person.open_home()
    home = person.wait_for(person.home)
    world.settle()
    channel = person.messages(LEADERSHIP)[:2] if name in ("lena", "henrik") else []
    for where in (*person.messages()[-4:], home, *channel):
        surfaces.explore(person, where)


def test_most_of_what_there_is_was_found(target: Target) -> None:
    assert len({dialog.view.callback_id for dialog in target.dialogs}) >= 15
    assert len({button.action["action_id"] for button in target.buttons}) >= 40


@FUZZ
@given(data=st.data())
def test_whatever_is_typed_into_a_dialog_is_taken_or_refused_with_a_sentence(
    target: Target, data: st.DataObject
) -> None:
    dialog, payload = data.draw(payloads.submissions(target.dialogs))
    with target.nothing_unforeseen():
        response = target.send(payload)
    assert check_ack(json.loads(response.body) if response.body else None, dialog.view.definition) == []


@FUZZ
@given(data=st.data())
def test_whatever_is_pressed_by_whomever_is_answered(target: Target, data: st.DataObject) -> None:
    with target.nothing_unforeseen():
        target.send(data.draw(payloads.clicks(target.buttons)))


@FUZZ
@given(payload=payloads.COMMANDS)
def test_whatever_is_typed_after_the_command_is_answered(target: Target, payload: dict[str, Any]) -> None:
    with target.nothing_unforeseen():
        target.send(payload)


@FUZZ
@given(payload=payloads.EVENTS_SENT)
def test_every_event_is_taken(target: Target, payload: dict[str, Any]) -> None:
    with target.nothing_unforeseen():
        target.send(payload)


@FUZZ
@given(payload=payloads.IMPOSSIBLE)
def test_what_nobody_could_have_sent_is_answered_too(target: Target, payload: dict[str, Any]) -> None:
    target.send(payload)
