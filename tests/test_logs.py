"""Log lines: fields by name for machines, and never a token, whatever slips into one."""

from __future__ import annotations

import io
import json
import logging
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import fields
from urllib.error import URLError
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk import WebClient

from bot.cli import main
from bot.logs import _JsonFormatter, _TextFormatter, blotter, set_up_logging
from bot.settings import Settings, TrackerSettings, read_settings
from tests.running import free_port

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


class Unprinted(str):
    """Words that may be sent and not be written out."""

    __slots__ = ()

    def __repr__(self) -> str:
        pytest.fail("it was written out")


def test_the_sdk_writes_no_payload_out_for_a_line_that_nobody_reads(set_up: SetUp) -> None:
    set_up("text")
    client = WebClient("xoxb-1", base_url=f"http://127.0.0.1:{free_port()}/", retry_handlers=[])
    with pytest.raises(URLError):
        client.api_call("chat.update", json={"text": Unprinted("words")})


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
    assert written.getvalue().count("[secret]") == 3
    assert token.partition("-")[2] not in written.getvalue()


SHAPES = [
    ("of ghp_16C7e42F292c6912E7710c838347Ae178B4a it is", "ghp_", "of [secret] it is"),
    ("github_pat_11ABCDEFG0_abcdef", "11ABC", "[secret]"),
    ("token ATATT3xFfGF0T4JNJYW-x_9=A1B2", "FfGF0", "token [secret]"),
    (
        "postgresql+psycopg://quarterdeck:hunter2@db/quarterdeck is gone",
        "hunter2",
        "postgresql+psycopg://[secret]@db/quarterdeck is gone",
    ),
    ("host=db password=hunter2 user=q", "hunter2", "host=db password=[secret] user=q"),
    ("Authorization: Basic Ym90OmFiYw== Accept: x", "Ym90", "Authorization: [secret] Accept: x"),
    ("{'Authorization': 'Bearer abc.def-ghi', 'a': 1}", "abc.def", "{'Authorization': '[secret]', 'a': 1}"),
    ('{"authorization": "token 0123abc"}', "0123", '{"authorization": "[secret]"}'),
    ("sent Bearer abc.def-ghi= to it", "abc", "sent Bearer [secret] to it"),
    ("https://example.com:8080/a@b and Basic Information: none", "", "as it is"),
]


@pytest.mark.parametrize(("text", "secret", "left"), SHAPES, ids=[text[:12] for text, *_ in SHAPES])
def test_what_looks_like_a_secret_is_one_whosever_it_is(text: str, secret: str, left: str) -> None:
    blotted = blotter(())(text)
    assert blotted == (text if left == "as it is" else left)
    assert not secret or secret not in blotted


SECRETS = (
    *("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "GITHUB_TOKEN"),
    *("JIRA_TOKEN", "DATABASE_URL"),
)
# Marked, so that none of them is a word that stands in every log.
secret_texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=6).map("§{}".format)


def with_everything(secrets: dict[str, str]) -> dict[str, str]:
    """The environment with these secrets in the settings that hold them."""
    password = quote(secrets["DATABASE_URL"], safe="")
    given = {
        "DATABASE_URL": f"postgresql://quarterdeck:{password}@127.0.0.1/quarterdeck",
        "JIRA_EMAIL": "bot@example.com",
    }
    return secrets | given


def ways_to_tell(secret: str, address: str) -> Iterator[tuple[str, tuple[object, ...]]]:
    """How a secret could come into a message."""
    yield secret, ()
    yield "event token=%s", (secret,)
    yield "event headers=%s n=%d", ({"token": secret, "other": ["'", '"', secret]}, 7)
    yield "event body=%s", (json.dumps({"token": secret}),)
    yield "event said=%r", (f'it\'s "{secret}"',)
    yield "event header=%s", (b64encode(f"bot@example.com:{secret}".encode()).decode(),)
    yield "event address=%s", (address,)


def raised(secret: str) -> Exception:
    """An error that came of an error that held a secret, and holds it too."""
    try:
        try:
            _ = {}[secret]
        except KeyError:
            broken(f"with {secret}")
    except ValueError as error:
        error.add_note(f"noted {secret}")
        return error
    raise AssertionError("nothing broke")


@settings(max_examples=50, deadline=None)
@given(st.fixed_dictionaries(dict.fromkeys(SECRETS, secret_texts)), st.sampled_from(SECRETS))
def test_no_secret_of_the_settings_is_ever_written(secrets: dict[str, str], name: str) -> None:
    environment = with_everything(secrets)
    blot = blotter(read_settings(environment).secrets)
    secret, address = secrets[name], environment["DATABASE_URL"]
    for message, values in (
        ways_to_tell(secret, address) if name in ("JIRA_TOKEN", "DATABASE_URL") else ways_to_tell(secret, "")
    ):
        error = raised(secret)
        record = logging.LogRecord("bot", logging.ERROR, "", 0, message, values, (type(error), error, None))
        text, line = _TextFormatter(blot).format(record), _JsonFormatter(blot).format(record)
        told = [text, *map(str, json.loads(line).values())]
        forms = {secret, repr(secret)[1:-1], quote(secret, safe=""), json.dumps(secret)[1:-1]}
        assert [form for form in forms for words in told if form in words] == []


def test_numbers_stay_numbers_and_a_secret_one_does_not() -> None:
    record = logging.LogRecord("bot", logging.INFO, "", 0, "event n=%d pin=%d", (7, 12345678), None)
    told = json.loads(_JsonFormatter(blotter(["12345678"])).format(record))
    assert (told["n"], told["pin"]) == (7, "[secret]")


def test_every_secret_of_the_settings_is_known_as_one() -> None:
    """By their names: what is a token, a secret or a password, and what an address holds of one."""
    marked = [field.name for part in (Settings, TrackerSettings) for field in fields(part) if _is_secret(field.name)]
    assert len(marked) == len(SECRETS) - 1
    given = {name: f"§secret-of-{name}" for name in SECRETS}
    assert set(given.values()) <= set(read_settings(with_everything(given)).secrets)


def _is_secret(name: str) -> bool:
    return any(word in name for word in ("token", "secret", "password"))


@given(st.text(), st.integers())
def test_whatever_a_value_holds_a_json_line_is_one_line(text: str, number: int) -> None:
    record = logging.LogRecord("bot", logging.INFO, "", 0, "event name=%s n=%d", (text, number), None)
    line = _JsonFormatter(blotter(())).format(record)
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
