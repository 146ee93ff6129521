"""How fast interactions are acked over HTTP, beside bare Bolt apps that do no more than they must: in one run, on one machine.

    python -m tests.bench.acks [SECONDS]

Requests arrive on a clock of their own, whether or not the last was answered, and are timed from when they were due: an
answer that keeps others waiting counts for all of them. The processor time is that of the app's whole process, with what
it does afterwards (Linux only).
"""

from __future__ import annotations

import http.client
import itertools
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from slack_sdk.signature import SignatureVerifier

from bot.slack.manifest import EVENTS_PATH
from tests.bench.floor import POLLING, WAITING
from tests.bench.interactions import KINDS, Clicks, Kind, Sent, a_company, answer_before
from tests.running import RunningBot, free_port

OWNERS = 200
SECONDS = 20
CONNECTIONS = 16
SIGNING_SECRET = "bench-signing-secret"
_WARM_UP = 50  # requests that are not counted
_FIGURES = ("median", "p99", "longest", "CPU ms")  # each of Bolt by its defaults, the floor and the bot
_TICK = os.sysconf("SC_CLK_TCK")  # of /proc, a second

Request = tuple[str, dict[str, str]]  # a body and its headers


@dataclass(frozen=True)
class Acks:
    """What one stretch of requests showed, in milliseconds. `cpu` is of the app's process, an interaction."""

    what: str
    rate: int
    times: Sequence[float]
    cpu: float
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
class App:
    """An app that is measured: its process, port, and signing secret."""

    process: int
    port: int
    secret: str


def signed(sent: Sent, secret: str) -> Request:
    """A request's body and headers."""
    is_event = sent.get("type") == "event_callback"
    body = json.dumps(sent) if is_event else urlencode(sent if "command" in sent else {"payload": json.dumps(sent)})
    stamp = str(int(time.time()))
    signature = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body)
    kind = "application/json" if is_event else "application/x-www-form-urlencoded"
    return body, {"Content-Type": kind, "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": str(signature)}


def cpu_seconds(process: int) -> float:
    """The processor time that a process has taken."""
    words = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / _TICK


def measure(what: str, app: App, requests: Sequence[Callable[[], Request]], rate: int) -> Acks:
    """Send requests at a rate, each made when it is due; the first are to warm up."""
    times, refused = [0.0] * len(requests), itertools.count()
    begins = time.perf_counter() + 0.2
    before = cpu_seconds(app.process)

    def send(first: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", app.port, timeout=30)
        for number in range(first, len(requests), CONNECTIONS):
            due = begins + number / rate
            time.sleep(max(0.0, due - time.perf_counter()))
            connection.request("POST", EVENTS_PATH, *requests[number]())
            with connection.getresponse() as answer:
                is_taken = b'"errors"' not in answer.read() and answer.status == 200
            times[number] = (time.perf_counter() - due) * 1000
            if not is_taken:
                next(refused)
        connection.close()

    senders = [threading.Thread(target=send, args=(n,)) for n in range(CONNECTIONS)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    cpu = (cpu_seconds(app.process) - before) / len(requests) * 1000
    return Acks(what, rate, times[_WARM_UP:], cpu, next(refused))


@contextmanager
def floor(bot: RunningBot, dialog: Path, how: str) -> Iterator[App]:
    """A bare app in a process of its own."""
    app, port = bot.sandbox.workspace.app, free_port()
    command = [sys.executable, "-m", "tests.bench.floor", str(port), SIGNING_SECRET]
    process = subprocess.Popen([*command, app.bot_token, bot.sandbox.api_url, str(dialog), how])
    try:
        _wait_for(port)
        yield App(process.pid, port, SIGNING_SECRET)
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


def requests_of(kind: Kind, clicks: Clicks, count: int, secret: str) -> list[Callable[[], Request]]:
    """So many requests of a kind; those with a trigger, which lives three seconds, are made when they are due."""
    if kind.has_trigger:
        return [lambda number=n: signed(kind.make(clicks, number), secret) for n in range(count)]  # type: ignore[misc]
    ready = [signed(kind.make(clicks, number), secret) for number in range(count)]
    return [lambda request=request: request for request in ready]  # type: ignore[misc]


def rounds(apps: Sequence[App], clicks: Clicks, seconds: int) -> Iterator[tuple[Acks, ...]]:
    """Each kind of interaction at each of its rates, sent to each app."""
    for kind in KINDS:
        for rate in kind.rates:
            count = min(rate * seconds + _WARM_UP, kind.most or sys.maxsize)
            yield tuple(measure(kind.name, app, requests_of(kind, clicks, count, app.secret), rate) for app in apps)


def main(seconds: int) -> None:
    """Print a table."""
    with tempfile.TemporaryDirectory() as name, RunningBot(Path(name), owners=OWNERS, is_http=True) as bot:
        folder = Path(name)
        bot.load(a_company(OWNERS))
        answer_before(bot.database_url, OWNERS)
        bot.start().wait_until_ready()
        bot.wait_for_messages(OWNERS)
        clicks = Clicks.of(bot, OWNERS)
        dialog = folder / "dialog.json"
        dialog.write_text(json.dumps(clicks.dialogs[0].plain))
        with floor(bot, dialog, POLLING) as by_default, floor(bot, dialog, WAITING) as bare:
            _print(("interactions", "rate", *(cell for name in _FIGURES for cell in (name, "", "")), "refused"))
            apps = (by_default, bare, App(bot.pid, bot.port, bot.sandbox.workspace.app.signing_secret))
            for acks in rounds(apps, clicks, seconds):
                each = ((a.median, a.p99, max(a.times), a.cpu) for a in acks)
                figures = (f"{figure:.1f}" for of_apps in zip(*each, strict=True) for figure in of_apps)
                _print((acks[0].what, acks[0].rate, *figures, sum(a.refused for a in acks)))


def _print(cells: Sequence[object]) -> None:
    first, *rest = cells
    print(f"{first:<42}", *(f"{cell:>7}" for cell in rest), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else SECONDS)
