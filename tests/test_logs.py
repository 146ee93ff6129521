"""Log lines: fields by name for machines, and never a token, whatever slips into one."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cli import main
from bot.logs import _JsonFormatter, set_up_logging

SetUp = Callable[..., io.StringIO]
TOKENS = ("xoxb-12-34-abcDEF", "xapp-1-A0-99-ffee", "xoxp-1-2-3", "xoxe.xoxb-1-abc")


@pytest.fixture
def set_up(monkeypatch: pytest.MonkeyPatch) -> Iterator[SetUp]:
    """Set up logging as a command does, in place of the tests' own; gives what is written to standard error."""
    root = logging.getLogger()
    level = root.level

    def begin(log_format: str, level: str = "INFO") -> io.StringIO:
        monkeypatch.setattr(root, "handlers", [])
        monkeypatch.setattr("sys.stderr", io.StringIO())
        set_up_logging(level, log_format)
        stream = sys.stderr
        assert isinstance(stream, io.StringIO)
        return stream

    yield begin
    root.setLevel(level)


def broken(words: str) -> None:
    """Breaks with these words."""
    raise ValueError(words)


def test_a_json_line_holds_the_fields_that_its_message_names(set_up: SetUp) -> None:
    written = set_up("json")
    logging.getLogger("bot.trial").info("tick quarter=%s due=%d share=%.1f", "2025-Q3", 7, 0.5)
    told = json.loads(written.getvalue())
    assert told.pop("at").endswith("Z")
    assert told == {
        "level": "INFO", "logger": "bot.trial", "message": "tick quarter=2025-Q3 due=7 share=0.5",
        "quarter": "2025-Q3", "due": 7, "share": 0.5,
    }  # fmt: skip


def test_a_message_without_names_and_one_that_names_our_own_fields_are_told_whole(set_up: SetUp) -> None:
    written = set_up("json")
    logger = logging.getLogger("bot.trial")
    logger.info("%s and %s", 1, 2)
    logger.info("odd level=%s", "mine")
    logger.info("nothing at all")
    first, second, third = map(json.loads, written.getvalue().splitlines())
    assert first["message"] == "1 and 2"
    assert (second["level"], second["message"]) == ("INFO", "odd level=mine")
    assert third["message"] == "nothing at all"


def test_a_traceback_stays_on_the_json_line(set_up: SetUp) -> None:
    written = set_up("json")
    try:
        broken("two\nlines")
    except ValueError:
        logging.getLogger("bot.trial").exception("it broke")
    [line] = written.getvalue().splitlines()
    assert "ValueError: two\nlines" in json.loads(line)["error"]


@pytest.mark.parametrize("log_format", ["text", "json"])
@pytest.mark.parametrize("token", TOKENS)
def test_no_token_is_ever_written(set_up: SetUp, log_format: str, token: str) -> None:
    written = set_up(log_format)
    logger = logging.getLogger("bot.trial")
    logger.info("with %s", token)
    try:
        broken(f"token={token}")
    except ValueError:
        logger.exception("of %s", {"token": token})
    assert written.getvalue().count("[token]") == 3
    assert token.partition("-")[2] not in written.getvalue()


@given(st.text(), st.integers())
def test_whatever_a_value_holds_a_json_line_is_one_line(text: str, number: int) -> None:
    record = logging.LogRecord("bot", logging.INFO, "", 0, "event name=%s n=%d", (text, number), None)
    line = _JsonFormatter().format(record)
    assert "\n" not in line
    assert json.loads(line)["n"] == number


@pytest.mark.parametrize("name", ["slack_bolt", "slack_sdk", "uvicorn", "alembic", "apscheduler"])
def test_libraries_that_log_payloads_are_quiet(set_up: SetUp, name: str) -> None:
    written = set_up("text", "DEBUG")
    logging.getLogger(f"{name}.some.part").info("somebody's words")
    assert written.getvalue() == ""


def test_a_format_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("LOG_FORMAT", "xml")
    assert main(["manifest"]) == 2
    assert capsys.readouterr().err == 'LOG_FORMAT "xml" is not a format; expected one of text, json\n'
