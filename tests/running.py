"""The bot as a process of its own, as `quarterdeck run` starts it, with the stand-in for Slack beside it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from bot.sandbox.people import SlackApp, SlackChannel, SlackPerson, SlashCommand
from bot.sandbox.server import Sandbox
from bot.slack.manifest import COMMAND, EVENTS, EVENTS_PATH, SCOPES

NOW = "2025-09-22T15:00:00Z"  # opening day by the default rules, in working hours of New York
PATIENCE = 30.0  # seconds, on a busy machine


class Answer(NamedTuple):
    """What a web server answered."""

    status: int
    text: str

    @property
    def json(self) -> Any:
        """The body as data."""
        return json.loads(self.text)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def get(port: int, path: str) -> Answer:
    """Ask a web server of this machine."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return Answer(answer.status, answer.read().decode())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.read().decode())


def a_workspace(owners: int, *, request_url: str | None = None) -> Sandbox:
    """A stand-in with an administrator, a manager and so many owners; not started."""
    names = ["ada", "pat", *(f"owner{number}" for number in range(owners))]
    people = [SlackPerson(f"U0{n.upper()}", n, email=f"{n}@example.com", tz="America/New_York") for n in names]
    app = SlackApp("Quarterdeck", "U0BOT", tuple(SCOPES), (SlashCommand(COMMAND),), events=tuple(EVENTS))
    channels = [SlackChannel("C0LEADERSHIP", "leadership", members=["U0ADA"])]
    return Sandbox(people, channels, app=app, request_url=request_url)


def a_portfolio(owners: int) -> str:
    """One project, with a milestone for each owner."""
    rows = "".join(
        f"      - {{key: m{number}, name: Part {number}, owner: owner{number}@example.com}}\n"
        for number in range(owners)
    )
    return (
        "company: Example Networks\ntimezone: America/New_York\nleadership_channel: '#leadership'\n"
        "admins: [ada@example.com]\nprojects:\n"
        f"  - key: portal\n    name: Portal\n    manager: pat@example.com\n    milestones:\n{rows}"
    )


class RunningBot:
    """A bot in a folder, in Socket Mode or over HTTP, that can be started, asked, ended and started again."""

    def __init__(self, folder: Path, *, owners: int = 2, is_http: bool = False, **environment: str) -> None:
        self.port = free_port()
        address = f"http://127.0.0.1:{self.port}{EVENTS_PATH}" if is_http else None
        self.sandbox = a_workspace(owners, request_url=address)
        app = self.sandbox.workspace.app
        way_in = {"SLACK_SIGNING_SECRET": app.signing_secret} if is_http else {"SLACK_APP_TOKEN": app.app_token}
        self.database_url = f"sqlite:///{folder / 'quarterdeck.db'}"
        self._environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(Path(__file__).parents[1]),
            "DATABASE_URL": self.database_url,
            "SLACK_API_URL": self.sandbox.api_url,
            "SLACK_BOT_TOKEN": app.bot_token,
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "QUARTERDECK_NOW": NOW,
            **way_in,
            **environment,
        }
        self._folder = folder
        self._is_http = is_http
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self.sandbox.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.communicate()
        self.sandbox.stop()

    def load(self, portfolio: str) -> None:
        """Load a portfolio, as an administrator does."""
        file = self._folder / "portfolio.yaml"
        file.write_text(portfolio)
        ended = self.command("load", str(file))
        assert ended.returncode == 0, ended.stderr

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run another command in the same environment."""
        command = [sys.executable, "-m", "bot", *words]
        return subprocess.run(
            command, cwd=self._folder, env=self._environment, capture_output=True, text=True, check=False
        )

    def start(self) -> Self:
        """Start it; returns when Slack can reach it and it answers to `/readyz`."""
        command = [sys.executable, "-m", "bot", "run"]
        self._process = subprocess.Popen(
            command, cwd=self._folder, env=self._environment, stderr=subprocess.PIPE, text=True
        )
        if not self._is_http:
            self.sandbox.wait_for_app(PATIENCE)
        return self

    def wait_until_ready(self) -> Answer:
        """Wait until `/readyz` says so."""
        return self.wait_for("/readyz", lambda answer: answer.status == 200)

    def wait_for(self, path: str, is_so: Callable[[Answer], bool]) -> Answer:
        """Ask at a path until the answer is as wanted; of what happens in another process nobody is told."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                answer = get(self.port, path)
            except OSError:
                answer = Answer(0, "nobody listens")
            if is_so(answer):
                return answer
            assert time.monotonic() < deadline, answer
            time.sleep(0.05)

    def sent(self) -> int:
        """How many messages Slack took."""
        return sum(call.method == "chat.postMessage" and call.ok for call in self.sandbox.calls)

    def wait_for_messages(self, count: int) -> None:
        """Wait until Slack has taken so many messages."""
        self.sandbox.workspace.changes.wait_for(lambda: self.sent() >= count, PATIENCE)

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._process is not None
        return self._process.pid

    def end(self) -> tuple[int, str]:
        """Ask it to end; its exit status and what it logged."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        _, logged = self._process.communicate(timeout=PATIENCE)
        return self._process.returncode, logged
