"""A bot as `quarterdeck run` starts it can be watched, ends without losing anything, and notices a Slack that is silent."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import signal
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from bot import app as bot_app
from bot.cli import main
from bot.flow.deliver import Workers
from bot.operate.available import new_metrics
from bot.operate.metrics import Metrics
from bot.operate.watch import Watch
from bot.operate.web import WebServer
from bot.sandbox.server import Sandbox
from bot.scheduler import Heartbeat
from bot.settings import Settings
from bot.slack.socket_mode import SocketConnection
from bot.slack.watchdog import Watchdog
from bot.store.session import Database
from bot.store.tables import OutboxRow
from tests.running import RunningBot, a_portfolio, a_workspace, free_port, get

Start = Callable[..., RunningBot]
OWNERS = 150


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a bot with a portfolio; it ends with the test."""
    running: list[RunningBot] = []

    def begin(*, owners: int = 2, **more: Any) -> RunningBot:
        running.append(RunningBot(tmp_path, owners=owners, **more).__enter__())
        running[-1].load(a_portfolio(owners))
        return running[-1].start()

    yield begin
    for bot in running:
        bot.__exit__(None, None, None)


@pytest.mark.parametrize("is_http", [False, True], ids=["socket", "http"])
def test_a_running_bot_tells_that_it_lives_is_ready_and_what_it_did(start: Start, *, is_http: bool) -> None:
    bot = start(is_http=is_http)
    ready = bot.wait_until_ready().json
    assert [ready[name]["ok"] for name in ("process", "database", "slack")] == [True] * 3
    bot.wait_for_messages(3)
    assert "0 of 2 updates" in bot.sandbox.person("U0ADA").messages()[0].words, "the administrator's week"
    bot.sandbox.person("U0ADA").command("/compile-report help")
    health = get(bot.port, "/healthz")
    assert (health.status, health.json["ok"]) == (200, True)
    assert health.json["workers"]["says"] == "3 of 3"
    # The answer is on its way before it is counted.
    counted = bot.wait_for("/metrics", lambda answer: 'ack_seconds_count{answered="yes"} 1' in answer.text)
    samples = _samples(counted.text)
    assert samples['quarterdeck_slack_calls_total{method="chat.postMessage",result="ok"}'] >= 2
    assert samples['quarterdeck_ack_seconds_bucket{answered="yes",le="3.0"}'] == 1
    assert samples['quarterdeck_updates_due{quarter="2025-Q3"}'] == 2
    assert samples['quarterdeck_updates_received{quarter="2025-Q3"}'] == 0
    assert sum(v for k, v in samples.items() if k.startswith("quarterdeck_nudges{")) == 2
    assert samples["quarterdeck_database_up"] == 1
    assert samples["quarterdeck_last_heartbeat_timestamp_seconds"] > 1.7e9
    status, logged = bot.end()
    assert status == 0
    assert " INFO slack_bolt" not in logged, "Bolt logs what people wrote"


def _samples(exposition: str) -> dict[str, float]:
    """Every sample of Prometheus' text format, by its name and labels."""
    rows = (line.rpartition(" ") for line in exposition.splitlines() if line and not line.startswith("#"))
    return {name: float(value) for name, _, value in rows}


def test_in_socket_mode_a_port_that_is_taken_is_one_warning_and_the_bot_goes_on(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        bot = start(PORT=str(taken.getsockname()[1]), LOG_LEVEL="WARNING", LOG_FORMAT="json")
        bot.wait_for_messages(2)
        status, logged = bot.end()
    assert status == 0
    about_it = [json.loads(line) for line in logged.splitlines() if "listened on" in line]
    assert [line["level"] for line in about_it] == ["WARNING"]


def test_over_http_a_port_that_is_taken_ends_the_bot(tmp_path: Path) -> None:
    with RunningBot(tmp_path, is_http=True) as bot, socket.create_server(("127.0.0.1", bot.port)):
        ended = bot.command("run")
    assert ended.returncode == 1
    assert "cannot be listened on" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_bot_that_is_asked_to_end_gives_back_what_it_holds_and_the_next_one_sends_the_rest_once(start: Start) -> None:
    bot = start(owners=OWNERS)
    bot.wait_for_messages(5)
    status, logged = bot.end()
    assert status == 0
    assert "Traceback" not in logged
    assert bot.sent() < OWNERS, "it ends in the middle of the campaign, not behind it"
    database = Database(bot.database_url)
    with database.reading() as session:
        rows = session.scalars(select(OutboxRow)).all()
        assert [row.key for row in rows if row.lease_by or row.state in ("sending", "unknown")] == []
        assert sum(row.state == "sent" for row in rows) == bot.sent(), "what Slack took is recorded"
    database.close()
    bot.start()
    bot.wait_for_messages(OWNERS)
    assert bot.end()[0] == 0
    posts = [call for call in bot.sandbox.calls if call.method == "chat.postMessage" and call.ok]
    to_owners = Counter(call.args["channel"] for call in posts if call.args["channel"].startswith("U0OWNER"))
    assert set(to_owners.values()) == {1}
    assert len(to_owners) == OWNERS


class _Parts:
    """A watch over parts that can be made unwell, answering on a port."""

    def __init__(self, database: Database, metrics: Metrics | None = None) -> None:
        self.heartbeat = Heartbeat(lambda: True)
        self.workers = Workers([])
        self.watch = Watch(database, self.heartbeat, self.workers, metrics or Metrics())
        self.watch.connection = self
        self.is_up = True
        self.port = free_port()
        self._server = WebServer(self.watch.routes(), "127.0.0.1", self.port)

    def __enter__(self) -> _Parts:
        self._server.start()
        self.heartbeat.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.heartbeat.stop(time.monotonic() + 10)
        self._server.stop()

    def unready(self) -> list[str]:
        """What `/readyz` complains of."""
        answer = get(self.port, "/readyz")
        found = [name for name, sign in answer.json.items() if name != "ok" and not sign["ok"]]
        assert answer.status == (503 if found else 200)
        assert answer.json["ok"] is not bool(found)
        return found


def test_readiness_names_what_is_missing(database: Database) -> None:
    with _Parts(database) as parts:
        assert parts.unready() == []
        parts.is_up = False
        assert parts.unready() == ["slack"]
        parts.watch.is_ending = True
        assert parts.unready() == ["process", "slack"]
        assert get(parts.port, "/healthz").status == 200, "a bot that ends is not to be killed for it"


def test_a_database_of_another_version_is_not_ready(database: Database) -> None:
    with _Parts(database) as parts:
        with database.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
        assert parts.unready() == ["database"]


def test_a_database_that_is_gone_is_not_ready_and_no_reason_to_kill_the_process(tmp_path: Path) -> None:
    with _Parts(Database(f"sqlite:///{tmp_path / 'nowhere' / 'at-all.db'}")) as parts:
        assert parts.unready() == ["database"]
        assert get(parts.port, "/healthz").status == 200


def test_a_heartbeat_that_stopped_and_a_worker_that_died_are_told(database: Database) -> None:
    with _Parts(database) as parts:
        parts.heartbeat.stop(time.monotonic() + 10)
        answer = get(parts.port, "/healthz")
        assert (answer.status, answer.json["heartbeat"]["ok"]) == (503, False)
    with _Parts(database) as parts:
        parts.workers._couriers.append(object())  # type: ignore[arg-type]  # one that was never started
        answer = get(parts.port, "/healthz")
        assert (answer.status, answer.json["workers"]["says"]) == (503, "0 of 1")


@pytest.mark.parametrize(
    ("broken", "is_told_whole"),
    [(OperationalError("SELECT 1", None, OSError("disk full")), False), (ValueError("a fault of ours"), True)],
)
def test_a_beat_that_breaks_is_told_and_does_not_count_as_the_last_one(
    broken: Exception, caplog: pytest.LogCaptureFixture, *, is_told_whole: bool
) -> None:
    def breaks() -> bool:
        raise broken

    heartbeat = Heartbeat(breaks)
    before = heartbeat.beaten_at
    heartbeat._run()
    assert heartbeat.beaten_at == before
    (told,) = caplog.records
    assert ("heartbeat failed" in told.getMessage(), bool(told.exc_info)) == (True, is_told_whole)
    assert is_told_whole or "disk full" in told.getMessage()


def test_a_beat_of_which_a_step_breaks_takes_the_others_and_does_not_go_well(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot, faults, people = bot_app.Bot(Settings(bot_token="xoxb-1", database_url=database_url)), [ValueError("ours")], []
    monkeypatch.setattr(bot, "_read_channels", lambda: [fault for fault in faults if _raised(fault)])
    monkeypatch.setattr(bot, "_read_people", lambda: people.append(1))
    assert (bot.beat(), len(people)) == (False, 1)
    faults.clear()
    assert (bot.beat(), len(people)) == (True, 2)
    bot.database.close()


def _raised(fault: Exception) -> bool:
    raise fault


def test_without_the_metrics_extra_one_sentence_says_how_to_get_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    monkeypatch.delitem(sys.modules, "bot.operate.prometheus", raising=False)
    with _Parts(database, new_metrics(lambda: None, lambda: 0.0)) as parts:
        answer = get(parts.port, "/metrics")
    assert answer.status == 404
    assert re.fullmatch(r'Metrics need [^\n]*pip install "quarterdeck\[metrics\]"\n', answer.text)


def test_metrics_are_told_when_the_database_is_not_there(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'nowhere' / 'at-all.db'}")

    def read() -> None:
        with database.reading() as session:
            session.execute(text("SELECT 1"))

    metrics = new_metrics(read, lambda: 5.0)
    metrics.acked(0.02, is_answered=True)
    with _Parts(database, metrics) as parts:
        samples = _samples(get(parts.port, "/metrics").text)
    assert samples["quarterdeck_database_up"] == 0
    assert samples['quarterdeck_ack_seconds_count{answered="no"}'] == 0, (
        "an increase from nothing is none to Prometheus"
    )
    assert samples['quarterdeck_ack_seconds_bucket{answered="yes",le="0.025"}'] == 1
    assert samples['quarterdeck_ack_seconds_bucket{answered="yes",le="0.01"}'] == 0


def test_a_process_that_was_asked_to_end_still_acknowledges_what_it_has_begun() -> None:
    entered, may_answer = threading.Event(), threading.Event()
    with a_workspace(0) as sandbox:
        app = _bolt_app(sandbox)

        @app.command("/compile-report")
        def answer(ack: Any) -> None:
            entered.set()
            may_answer.wait(10)
            ack("here you are")

        connection = SocketConnection(app, sandbox.workspace.app.app_token, sandbox.api_url)
        connection.start()
        sandbox.wait_for_app()
        assert connection.is_up
        ada = sandbox.person("U0ADA")
        asking = threading.Thread(target=ada.command, args=("/compile-report",))
        ending = threading.Thread(target=connection.stop)
        asking.start()
        assert entered.wait(10)
        ending.start()
        may_answer.set()
        asking.join(10)
        ending.join(20)
        assert ada.notice() is None
        assert ada.messages()[-1].words == "here you are"
        assert not connection.is_up


def _bolt_app(sandbox: Sandbox) -> App:
    token = sandbox.workspace.app.bot_token
    identity = AuthorizeResult(enterprise_id=None, team_id="T0SANDBOX1", bot_user_id="U0BOT", bot_token=token)
    client = WebClient(base_url=sandbox.api_url)
    return App(client=client, authorize=lambda **_: identity, process_before_response=True)


class _Heard:
    """A connection that is heard whenever a test says so."""

    def __init__(self) -> None:
        self.words = 0
        self.done: list[str] = []
        self.dog = Watchdog(
            lambda: self.words, lambda: self.done.append("reconnect"), lambda: self.done.append("give up"),
            silence=30, longest=180,
        )  # fmt: skip
        self.dog.begin(1000)

    def after(self, seconds: float) -> list[str]:
        """What was done so far, when it is so many seconds since the beginning."""
        self.dog.look(1000 + seconds)
        return self.done


def test_the_watchdog_lets_a_connection_be_that_is_heard() -> None:
    heard = _Heard()
    for second in range(0, 1000, 29):
        heard.words += 1
        assert heard.after(second) == []
        assert heard.dog.is_heard(1000 + second)


def test_the_watchdog_reconnects_at_thirty_seconds_of_silence_and_every_thirty_after() -> None:
    heard = _Heard()
    assert heard.after(29.9) == []
    assert heard.dog.is_heard(1029.9)
    assert heard.after(30) == ["reconnect"]
    assert not heard.dog.is_heard(1030)
    assert heard.after(59) == ["reconnect"]
    assert heard.after(60) == ["reconnect"] * 2


def test_the_watchdog_gives_up_once_and_only_after_three_minutes_of_silence() -> None:
    heard = _Heard()
    heard.words += 1
    heard.after(100)
    assert "give up" not in heard.after(279)
    assert heard.after(280)[-1] == "give up"
    assert heard.after(900).count("give up") == 1


class _DeafSlack(ThreadingHTTPServer):
    """Takes every call and opens every connection, and then says nothing on it, not even a pong."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _DeafAnswers)
        self.url = f"http://127.0.0.1:{self.server_port}/api/"
        self.opened = 0
        self.is_over = threading.Event()

    def __enter__(self) -> _DeafSlack:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def handle_error(self, *_: object) -> None:
        """A connection that its client breaks off is no error here."""

    def __exit__(self, *_: object) -> None:
        self.is_over.set()
        self.shutdown()
        self.server_close()


_ANSWERS: dict[str, dict[str, object]] = {
    "auth.test": {"team_id": "T1", "user_id": "U1", "bot_id": "B1"},
    "users.list": {"members": []},
    "conversations.list": {"channels": []},
}
_WEBSOCKET = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3


class _DeafAnswers(BaseHTTPRequestHandler):
    server: _DeafSlack
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        method = self.path.rpartition("/")[2]
        socket_url = {"url": f"ws://127.0.0.1:{self.server.server_port}/socket"}
        body = json.dumps({"ok": True, **_ANSWERS.get(method, socket_url)}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        key = hashlib.sha1((self.headers["Sec-WebSocket-Key"] + _WEBSOCKET).encode(), usedforsecurity=False).digest()
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", base64.b64encode(key).decode())
        self.end_headers()
        self.server.opened += 1
        self.server.is_over.wait(60)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def own_signals() -> Iterator[None]:
    """Puts back the handlers that `run` replaces."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("own_signals")
def test_a_slack_that_stays_silent_is_connected_anew_and_ends_the_bot_with_a_reason(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(bot_app, "SocketConnection", partial(SocketConnection, silence=0.4, longest=2.0))
    with _DeafSlack() as deaf:
        settings = {
            "SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "SLACK_API_URL": deaf.url,
            "DATABASE_URL": database_url, "HOST": "127.0.0.1", "PORT": str(free_port()),
        }  # fmt: skip
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        assert main(["run"]) == 1
        assert deaf.opened > 1, "it connected anew before it gave up"
    assert capsys.readouterr().err.endswith("Start again.\n")
