"""Whatever Slack sends, junk included: an answer within three seconds, and no exception that nobody has thought of."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.flow import deliver
from bot.flow.publish import live
from bot.sandbox.rules import check_ack
from bot.slack import limits
from bot.slack.ids import Action, Shortcut, View
from tests.faults import payloads
from tests.faults.explored import Payload
from tests.faults.listening import Listening, listening
from tests.scale import fuzzed

SHORTCUTS = ("shortcut", "message_action")
# What these views do is done by their buttons; there is nothing in them to send.
NEVER_SENT = {
    View.AUDIT_TRAIL,
    View.FULL_REPORT,
    View.HOME,
    View.LOADING,
    View.MANAGE,
    View.MESSAGE,
    View.MILESTONES,
    View.PAST_ANSWERS,
    View.READ_UPDATES,
    View.RISKS,
}

pytestmark = pytest.mark.timeout(fuzzed(300))


def fuzz(examples: int) -> settings:
    """So many examples, or many times more in `make fuzz`; the tests hold every answer to Slack's three seconds themselves."""
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(max_examples=fuzzed(examples), deadline=None, suppress_health_check=checks)


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listening]:
    """The listeners on opening day."""
    target = listening(tmp_path_factory.mktemp("fuzz"), after_pressing=False)
    yield target
    target.close()


@pytest.fixture(scope="module")
def explored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listening]:
    """The listeners, and all that can be pressed; nobody waits for a slot while that is found out."""
    with (
        mock.patch.object(limits, "PER_MINUTE", dict.fromkeys(limits.PER_MINUTE, 100_000)),
        mock.patch.object(limits, "CHANNEL_CALLS", 1000),
        mock.patch.object(deliver, "_FIRST_PAUSE", timedelta(milliseconds=50)),
        mock.patch.object(live, "REFRESH_PAUSE", timedelta(milliseconds=50)),
    ):
        explored = listening(tmp_path_factory.mktemp("fuzz"), after_pressing=True)
    yield explored
    explored.close()


def test_everything_that_can_be_pressed_was_met(explored: Listening, record_property: Callable[..., None]) -> None:
    met = explored.met
    pressed = {payload["actions"][0]["action_id"] for payload in met.of("block_actions")}
    sent = {payload["view"]["callback_id"] for payload in met.of("view_submission")}
    used = {payload["callback_id"] for payload in met.of(*SHORTCUTS)}
    for name, ids in (("action ids pressed", pressed), ("dialogs sent", sent), ("views shown", met.shown)):
        record_property(name, len(ids))
    assert (set(Action) - pressed, set(View) - met.shown, set(Shortcut) - used) == (set(), set(), set())
    assert set(View) - sent == NEVER_SENT


@fuzz(150)
@given(data=st.data())
def test_whatever_people_type_and_press_is_taken_or_refused_with_a_sentence(
    explored: Listening, data: st.DataObject
) -> None:
    met = explored.met
    filled, pressed = payloads.submissions(met.of("view_submission")), payloads.clicks(met.of("block_actions"))
    payload = data.draw(filled | pressed | payloads.shortcuts(met.of(*SHORTCUTS)))
    with explored.nothing_unforeseen():
        response = explored.send(payload)
        explored.deliver()
    if payload["type"] == "view_submission":
        assert check_ack(json.loads(response.body) if response.body else None, payload["view"]) == []


@fuzz(40)
@given(payload=payloads.COMMANDS)
def test_whatever_is_typed_after_the_command_is_answered(target: Listening, payload: Payload) -> None:
    with target.nothing_unforeseen():
        target.send(payload)


@fuzz(40)
@given(payload=payloads.EVENTS_SENT)
def test_every_event_is_taken(target: Listening, payload: Payload) -> None:
    with target.nothing_unforeseen():
        target.send(payload)


@fuzz(60)
@given(payload=payloads.IMPOSSIBLE)
def test_what_nobody_could_have_sent_is_answered_too(target: Listening, payload: Payload) -> None:
    target.send(payload)
