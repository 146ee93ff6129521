"""The bot ends in a stated time, whatever it is stuck in, and keeps no thread for which the process would wait."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy.exc import OperationalError

from bot.app import Bot
from bot.flow.deliver import Courier, Workers
from bot.scheduler import Heartbeat
from bot.settings import Settings
from bot.slack.hands import Hands

SOON = 0.1  # seconds


@pytest.fixture
def stuck() -> Iterator[threading.Event]:
    """What something waits for until the test is over."""
    over = threading.Event()
    yield over
    over.set()


def forever() -> list[threading.Thread]:
    """Threads of ours for which the end of the process would wait."""
    return [t for t in threading.enumerate() if not t.daemon and t is not threading.main_thread()]


def test_a_worker_that_is_stuck_is_waited_for_until_the_stated_instant(stuck: threading.Event) -> None:
    class Stuck:
        def take(self) -> None:
            stuck.wait()

    workers = Workers([cast(Courier, Stuck()) for _ in range(3)])
    workers.start()
    began = time.monotonic()
    workers.stop(began + SOON)
    assert SOON <= time.monotonic() - began < 1, "one instant for all of them"


def test_a_worker_whose_database_is_out_of_reach_says_so_on_one_line_and_stops_at_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    asked = threading.Event()

    class OutOfReach:
        def take(self) -> None:
            asked.set()
            raise OperationalError("SELECT 1", None, OSError("connection\nrefused"))

    workers = Workers([cast(Courier, OutOfReach())])
    workers.start()
    assert asked.wait(5)
    began = time.monotonic()
    workers.stop(began + 5)
    assert time.monotonic() - began < 1
    (told,) = caplog.records
    assert told.getMessage() == "courier could not reach the outbox reason=connection refused"
    assert told.exc_info is None


def test_a_beat_that_is_stuck_is_waited_for_until_the_stated_instant(stuck: threading.Event) -> None:
    begun, before = threading.Event(), forever()

    def beat() -> None:
        begun.set()
        stuck.wait()

    heartbeat = Heartbeat(beat)
    heartbeat.start()
    assert begun.wait(5)
    began = time.monotonic()
    heartbeat.stop(began + SOON)
    assert SOON <= time.monotonic() - began < 1
    assert forever() == before


def test_a_beat_that_ends_is_waited_for() -> None:
    begun, ended = threading.Event(), threading.Event()

    def beat() -> None:
        begun.set()
        time.sleep(0.05)  # the beat's work
        ended.set()

    heartbeat = Heartbeat(beat)
    heartbeat.start()
    assert begun.wait(5)
    heartbeat.stop(time.monotonic() + 10)
    assert ended.is_set()


def test_listeners_that_are_stuck_do_not_keep_the_process_and_what_waits_behind_them_is_let_go(
    stuck: threading.Event,
) -> None:
    before, done = forever(), threading.Semaphore(0)

    def answer() -> None:
        stuck.wait()
        done.release()

    hands = Hands(2)
    for _ in range(5):
        hands.submit(answer)
    hands.shutdown()
    assert forever() == before
    stuck.set()
    for thread in [t for t in threading.enumerate() if t.name.startswith("payloads-")]:
        thread.join(5)
    assert [done.acquire(blocking=False) for _ in range(3)][-1] is False, "no more than two were begun"


def test_payloads_are_answered_beside_each_other(stuck: threading.Event) -> None:
    hands, answered = Hands(2), threading.Event()
    hands.submit(stuck.wait)
    hands.submit(answered.set)
    assert answered.wait(5)
    hands.shutdown()


def test_a_payload_that_breaks_costs_no_hand(caplog: pytest.LogCaptureFixture) -> None:
    hands, answered = Hands(1), threading.Event()
    hands.submit(lambda: 1 // 0)
    hands.submit(answered.set)
    assert answered.wait(5)
    assert "not answered" in caplog.text
    hands.shutdown()


def test_bolt_has_nothing_to_say_of_tokens_in_the_environment(
    database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    words = {
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_CLIENT_ID": "1.2",
        "SLACK_CLIENT_SECRET": "s",
        "SLACK_SIGNING_SECRET": "x",
    }
    for name, value in words.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    bot = Bot(Settings(bot_token="xoxb-1", app_token="xapp-1", database_url=database_url))
    monkeypatch.setattr(bot.messenger, "identity", lambda: {"team_id": "T1"})
    with caplog.at_level(logging.INFO):
        app: Any = bot._bolt_app()
    assert [record.getMessage() for record in caplog.records if record.name.startswith("slack_bolt")] == []
    assert app.oauth_flow is None
    bot.database.close()
