"""How fast interactions are acked over HTTP, beside a bare Bolt app that only acks: in one run, on one machine.

    python -m tests.bench.acks [SECONDS]

Requests arrive on a clock of their own, whether or not the last was answered, and are timed from when they were due: an
answer that keeps others waiting counts for all of them.
"""

from __future__ import annotations

import http.client
import itertools
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slack_sdk.signature import SignatureVerifier

from bot.sandbox.actor import Actor
from bot.sandbox.forms import fields
from bot.sandbox.payloads import interaction
from bot.sandbox.people import SlackPerson
from bot.sandbox.seen import SeenView
from bot.slack.ids import Action
from bot.slack.manifest import EVENTS_PATH
from tests.running import RunningBot, a_portfolio, free_port

OWNERS = 40
SECONDS = 20
RATES = (100, 200)  # interactions a second
CONNECTIONS = 16
SIGNING_SECRET = "bench-signing-secret"
_WARM_UP = 100  # requests that are not counted


@dataclass(frozen=True)
class Acks:
    """What one stretch of requests showed, in milliseconds."""

    what: str
    rate: int
    times: Sequence[float]
    refused: int

    @property
    def median(self) -> float:
        """Half were answered within this."""
        return statistics.median(self.times)

    @property
    def p99(self) -> float:
        """All but one in a hundred were answered within this."""
        return statistics.quantiles(self.times, n=100)[98]


@dataclass(frozen=True)
class Dialog:
    """An update that somebody has opened."""

    person: SlackPerson
    view: SeenView

    def typed(self, number: int) -> dict[str, Any]:
        """A field was changed: the draft is kept."""
        action = {"type": "plain_text_input", "action_id": Action.INPUT, "block_id": self._percent()[0]}
        action |= {"value": str(number % 100), "action_ts": f"{time.time():.6f}"}
        view = self._sent(number)
        return interaction("block_actions", self.person, view=view, actions=[action], container={"type": "view"})

    def submitted(self, number: int) -> dict[str, Any]:
        """The update was sent."""
        return interaction("view_submission", self.person, view=self._sent(number))

    def _percent(self) -> tuple[str, str]:
        block, element, _ = next(iter(fields(self.view.definition)))
        return block["block_id"], element["action_id"]

    def _sent(self, number: int) -> dict[str, Any]:
        """The view as Slack sends it, each time as another one, with another percentage."""
        block, element = self._percent()
        values = {name: dict(given) for name, given in self.view.values.items()}
        values[block] = {element: {"type": "plain_text_input", "value": str(number % 100)}}
        own = {"id": f"V{number:08d}", "hash": f"{number}.h", "type": "modal", "root_view_id": f"V{number:08d}"}
        return {"private_metadata": "", **self.view.definition, **own, "state": {"values": values}}


def opened_by(bot: RunningBot, name: str) -> Dialog:
    """The update that an owner opens from the first message."""
    actor: Actor = bot.sandbox.person(f"U0{name.upper()}")
    actor.click(actor.wait_for(actor.last_dm, 30), "Update")
    view = actor.top_view()
    assert view is not None
    return Dialog(bot.sandbox.workspace.people[actor.id], view)


def signed(payload: Mapping[str, Any], secret: str) -> tuple[str, dict[str, str]]:
    """A request's body and headers."""
    body = urllib.parse.urlencode({"payload": json.dumps(payload)})
    stamp = str(int(time.time()))
    signature = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body)
    kind = "application/x-www-form-urlencoded"
    return body, {"Content-Type": kind, "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": str(signature)}


def measure(what: str, port: int, requests: Sequence[tuple[str, dict[str, str]]], rate: int) -> Acks:
    """Send the requests at a rate; the first are to warm up."""
    times, refused = [0.0] * len(requests), itertools.count()
    begins = time.perf_counter() + 0.2

    def send(first: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        for number in range(first, len(requests), CONNECTIONS):
            due = begins + number / rate
            time.sleep(max(0.0, due - time.perf_counter()))
            connection.request("POST", EVENTS_PATH, *requests[number])
            with connection.getresponse() as answer:
                answer.read()
            times[number] = (time.perf_counter() - due) * 1000
            if answer.status != 200:
                next(refused)
        connection.close()

    senders = [threading.Thread(target=send, args=(n,)) for n in range(CONNECTIONS)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    return Acks(what, rate, times[_WARM_UP:], next(refused))


@contextmanager
def floor() -> Iterator[int]:
    """The bare app in a process of its own; its port."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.floor", str(port), SIGNING_SECRET])
    try:
        _wait_for(port)
        yield port
    finally:
        process.kill()
        process.wait()


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            with socket.create_connection(("127.0.0.1", port), 1):
                return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError("the bare app did not start")


def rounds(bot: RunningBot, dialogs: Sequence[Dialog], floor_port: int, seconds: int) -> Iterator[Acks]:
    """Each kind of interaction at each rate: the bare app first, then the bot."""
    numbers = itertools.count(1)
    bot_secret = bot.sandbox.workspace.app.signing_secret
    for rate in RATES:
        for what, make in (("typed", Dialog.typed), ("submitted", Dialog.submitted)):
            count = rate * seconds + _WARM_UP
            payloads = [make(dialog, next(numbers)) for dialog, _ in zip(itertools.cycle(dialogs), range(count))]
            for name, port, secret in (("bare", floor_port, SIGNING_SECRET), ("bot", bot.port, bot_secret)):
                yield measure(f"{what}, {name}", port, [signed(payload, secret) for payload in payloads], rate)


def main(seconds: int) -> None:
    """Print a table."""
    with tempfile.TemporaryDirectory() as folder, RunningBot(Path(folder), owners=OWNERS, is_http=True) as bot:
        bot.load(a_portfolio(OWNERS))
        bot.start().wait_until_ready()
        bot.wait_for_messages(OWNERS)
        dialogs = [opened_by(bot, f"owner{number}") for number in range(OWNERS)]
        with floor() as port:
            print("interactions           rate/s  median ms  p99 ms   max ms  refused", flush=True)
            for acks in rounds(bot, dialogs, port, seconds):
                print(
                    f"{acks.what:22} {acks.rate:6} {acks.median:10.1f} {acks.p99:7.1f} {max(acks.times):8.1f}"
                    f" {acks.refused:8}",
                    flush=True,
                )


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else SECONDS)
