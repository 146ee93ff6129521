"""HTTP mode: the same bot behind a request URL, where every request must carry Slack's signature."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import re
import socket
import time
import urllib.parse
from collections.abc import Iterator

import pytest
from test_journey_unknown import UNKNOWN
from world import OLGA, OPENING, STARTS, World, accounts, channels, copied, opened, slack_app

from bot.clock import Clock
from bot.sandbox.server import Sandbox
from bot.slack.ids import Shortcut
from bot.slack.manifest import EVENTS_PATH
from tests.running import free_port


@pytest.fixture
def web(template, tmp_path, stopping) -> Iterator[World]:
    """The company on opening day, the bot reached over HTTP."""
    port, clock = free_port(), Clock(STARTS)
    app = slack_app()
    address = f"http://127.0.0.1:{port}{EVENTS_PATH}"
    sandbox = Sandbox([*accounts(), OLGA], channels(), app=app, now=clock.now, request_url=address)
    world = World(
        copied(template, tmp_path), tmp_path, sandbox=sandbox, clock=clock, app_token=None, signing_secret=app.signing_secret,
        host="127.0.0.1", port=port,
    )  # fmt: skip
    world.start()
    world.arrive(OPENING)
    yield world
    stopping.submit(world.stop)
    assert world.refused() == []


def request(world: World, body: bytes, *, secret: str | None = None, age: float = 0, stamp: str | None = None) -> int:
    """Post a command as Slack signs it, with this age in seconds; the status of the answer."""
    timestamp = stamp or str(int(time.time() - age))
    key = (secret or world.sandbox.workspace.app.signing_secret).encode()
    signature = hmac.new(key, f"v0:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": f"v0={signature}",
    }
    connection = http.client.HTTPConnection("127.0.0.1", world.settings.port, timeout=10)
    try:
        connection.request("POST", EVENTS_PATH, body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


HELP = b"command=%2Fcompile-report&text=help&user_id=U0OMAR&team_id=T0SANDBOX1&channel_id=D0OMAR&trigger_id=1.2.3"


def test_a_quarter_goes_the_same_way_over_http(web: World) -> None:
    omar = web.person("omar")
    assert omar.submit(web.open("omar", "Update"), {"Percent complete": "25"}) is None
    assert "20 → 25%" in web.card("omar").words
    web.publish("network")
    assert "Core Network · Q3 2025" in web.posts()[0].words
    omar.open_home()
    assert omar.wait_for(omar.home).words


def test_shortcuts_come_over_http_too(web: World) -> None:
    omar = web.person("omar")
    omar.say("The switch is in the rack.")
    omar.shortcut(Shortcut.ADD_MESSAGE, omar.messages()[-1])
    assert omar.submit(opened(omar), {"Percent complete": "25"}) is None
    note = web.answers("network").milestones["core-switch"].value.note
    assert note is not None
    assert "The switch is in the rack." in note
    omar.shortcut(Shortcut.UPDATE)
    assert "It is in, thank you" in opened(omar).words


def test_only_a_request_with_slacks_own_signature_is_taken(web: World) -> None:
    assert request(web, HELP) == 200
    assert request(web, HELP, secret="somebody else's") == 401


def test_requests_that_are_refused_are_told_once_with_what_may_be_wrong_here(
    web: World, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        assert request(web, HELP, secret="another app's") == 401
    (line,) = [record.getMessage() for record in caplog.records if record.name == "bot.slack.http"]
    assert re.fullmatch(r"requests refused count=1 seconds_off=-?\d reason=not signed with SLACK_SIGNING_SECRET", line)


def test_a_clock_that_is_off_is_told_with_by_how_much(web: World, caplog: pytest.LogCaptureFixture) -> None:
    assert request(web, HELP, age=600) == 401
    assert re.search(r"requests refused count=1 seconds_off=60\d reason=this machine's clock", caplog.text)


def test_a_request_older_than_five_minutes_is_refused(web: World) -> None:
    assert request(web, HELP, age=270) == 200
    assert request(web, HELP, age=330) == 401
    assert request(web, HELP, age=-330) == 401


@pytest.mark.parametrize("stamp", ["yesterday", "", "1e9", "٣٣", "9" * 400])
def test_a_timestamp_that_is_none_is_refused_without_an_error(web: World, stamp: str) -> None:
    if not stamp.isascii():
        stamp = stamp.encode().decode("latin-1")
    assert request(web, HELP, stamp=stamp or " ") in (400, 401)


STAMP, SIGNATURE = "X-Slack-Request-Timestamp", "X-Slack-Signature"


def post(world: World, body: bytes, headers: dict[str, str]) -> int:
    """Post a body with these headers and no others; the status of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", world.settings.port, timeout=10)
    try:
        connection.request("POST", EVENTS_PATH, body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def signed(world: World, body: bytes) -> dict[str, str]:
    """The headers with which Slack would send a body now."""
    stamp = str(int(time.time()))
    key = world.sandbox.workspace.app.signing_secret.encode()
    signature = hmac.new(key, f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {STAMP: stamp, SIGNATURE: f"v0={signature}", "Content-Type": "application/x-www-form-urlencoded"}


def test_what_was_changed_on_its_way_is_refused(web: World) -> None:
    right = signed(web, HELP)
    assert post(web, HELP, right) == 200
    forged = {
        "another body": (HELP.replace(b"U0OMAR", b"U0ADA"), right),
        "a longer body": (HELP + b"&x=1", right),
        "no body": (b"", right),
        "another second": (HELP, {**right, STAMP: str(int(right[STAMP]) + 1)}),
        "no signature": (HELP, {k: v for k, v in right.items() if k != SIGNATURE}),
        "no timestamp": (HELP, {k: v for k, v in right.items() if k != STAMP}),
        "an empty signature": (HELP, {**right, SIGNATURE: ""}),
        "another version": (HELP, {**right, SIGNATURE: right[SIGNATURE].replace("v0=", "v1=")}),
        "a signature cut short": (HELP, {**right, SIGNATURE: right[SIGNATURE][:-1]}),
        "a signature without letters": (HELP, {**right, SIGNATURE: "v0=" + "0" * 64}),
    }
    assert {
        name: post(web, *request) for name, request in forged.items() if post(web, *request) not in (400, 401)
    } == {}


UNSIGNED = {
    "a signature beyond ASCII": ("v0=é", b""),
    "a body that is no text": (f"v0={'0' * 64}", b"\xff"),
    "neither of them": ("v0=é", b"\xff"),
}


@pytest.mark.parametrize("signature, rest", UNSIGNED.values(), ids=UNSIGNED)
def test_what_makes_the_check_of_a_signature_stumble_is_refused_and_has_the_bot_say_nothing(
    web: World, caplog: pytest.LogCaptureFixture, signature: str, rest: bytes
) -> None:
    pressed = {
        "type": "block_actions", "user": {"id": "U0OMAR"}, "channel": {"id": "C0LEADERSHIP"}, "trigger_id": "1.2.3",
        "actions": [{"action_id": "update_item", "value": "x"}],
    }  # fmt: skip
    body = urllib.parse.urlencode({"payload": json.dumps(pressed)}).encode() + rest
    calls = len(web.sandbox.calls)
    assert post(web, body, {**signed(web, body), SIGNATURE: signature}) == 401
    assert [call.method for call in web.sandbox.calls[calls:]] == []
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_more_than_slack_ever_sends_is_not_even_read_to_its_end(web: World) -> None:
    """Nobody has checked the signature yet: it must not fill the memory."""
    with socket.create_connection(("127.0.0.1", web.settings.port), timeout=10) as sender:
        stamp = str(int(time.time()))
        head = f"POST {EVENTS_PATH} HTTP/1.1\r\nHost: x\r\n{STAMP}: {stamp}\r\nContent-Length: {10**12}\r\n\r\n"
        sender.sendall(head.encode() + b"x" * 1_100_000)
        assert sender.recv(100).startswith(b"HTTP/1.1 400")


def test_what_nobody_knows_is_answered_where_slack_has_signed_it(web: World, caplog: pytest.LogCaptureFixture) -> None:
    bodies = {
        "slash_commands": urllib.parse.urlencode,
        "interactive": lambda payload: urllib.parse.urlencode({"payload": json.dumps(payload)}),
    }
    for kind, payload in [(kind, payload) for kind, payload in UNKNOWN if kind in bodies]:
        body = bodies[kind](payload).encode()
        caplog.clear()
        assert request(web, body) == 200, payload
        assert re.search(r"reference=[0-9a-f]{8}", caplog.text), payload
        assert request(web, body, secret="0" * 32) == 401, payload
