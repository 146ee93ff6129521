"""Init asks, checks against a stand-in for Slack, and writes a `.env` with which the bot starts."""

from __future__ import annotations

import io
import os
import pty
import select
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from dotenv import dotenv_values

from bot.cli import main
from bot.sandbox.people import SlackApp, SlackChannel, SlackPerson, SlashCommand
from bot.sandbox.server import Sandbox
from bot.settings import read_settings
from bot.slack.manifest import COMMAND, EVENTS, SCOPES
from tests.running import free_port
from tests.trackers.tracker_server import TrackerServer, shape

ADA = SlackPerson("U0ADA", "ada", real_name="Ada", email="ada@example.com")
CHANNELS = (
    SlackChannel("C0LEADERSHIP", "leadership", members=["U0ADA"]),
    SlackChannel("C0BOARD", "board", members=["U0ADA"], bot_is_member=False),
)
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"


class Ended(NamedTuple):
    """What a command printed, and its exit status."""

    status: int
    out: str
    err: str


Init = Callable[..., Ended]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    app = SlackApp("Quarterdeck", "U0BOT", tuple(SCOPES), (SlashCommand(COMMAND),), events=tuple(EVENTS))
    with Sandbox((ADA,), CHANNELS, app=app) as running:
        yield running


@pytest.fixture
def init(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Init:
    """Run init in an empty folder, with lines on standard input."""
    ours = ("SLACK_", "QUARTERDECK_", "LEADERSHIP", "DATABASE", "GITHUB_", "JIRA_")
    for name in [n for n in os.environ if n.startswith(ours)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOST", "127.0.0.1")
    monkeypatch.setenv("PORT", str(free_port()))
    monkeypatch.setenv("SLACK_API_URL", sandbox.api_url)
    monkeypatch.chdir(tmp_path)

    def run(*lines: str, options: tuple[str, ...] = ()) -> Ended:
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        status = main(["init", *options])
        said = capsys.readouterr()
        return Ended(status, said.out, said.err)

    return run


@pytest.fixture
def tokens(sandbox: Sandbox) -> tuple[str, str]:
    return sandbox.workspace.app.bot_token, sandbox.workspace.app.app_token


STARTER = ("y", "Example: Networks", "Europe/Paris", "ada@example.com")


def test_from_an_empty_folder_to_a_bot_that_the_doctor_finds_well(
    init: Init, tokens: tuple[str, str], sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = init("socket", *tokens, "leadership", "portfolio.yaml", *STARTER)
    assert ended.status == 0, ended.err
    assert dotenv_values(".env") == {
        "SLACK_BOT_TOKEN": tokens[0],
        "SLACK_APP_TOKEN": tokens[1],
        "SLACK_API_URL": sandbox.api_url,
        "LEADERSHIP_CHANNEL": "#leadership",
    }
    steps = [line.strip() for line in ended.out.splitlines() if line.strip().startswith("quarterdeck ")]
    assert steps == ["quarterdeck load portfolio.yaml", "quarterdeck doctor", "quarterdeck run"]
    for step in steps[:-1]:
        assert main(step.split()[1:]) == 0, capsys.readouterr()


def test_nobody_else_can_read_what_was_written(init: Init, tokens: tuple[str, str]) -> None:
    before = os.umask(0)
    try:
        assert init("", *tokens, "", "", "n").status == 0
    finally:
        os.umask(before)
    assert stat.S_IMODE(Path(".env").stat().st_mode) == 0o600


def test_no_token_is_printed(init: Init, tokens: tuple[str, str]) -> None:
    first = init("", *tokens, "#leadership", "", "n")
    again = init("", "", "", "", "", "n", options=("--yes",))
    for ended in (first, again):
        assert ended.status == 0
        assert [token for token in tokens if token in ended.out + ended.err] == []


def test_enter_keeps_what_is_there_and_what_else_stands_in_the_file_stays(init: Init, tokens: tuple[str, str]) -> None:
    Path(".env").write_text("# ours\nLOG_LEVEL=WARNING\nPROMPTS_DIR=.\n")
    assert init("y", "", *tokens, "board", "", "n").status == 0
    assert init("y", "", "", "", "", "", "n").status == 0
    assert Path(".env").read_text().startswith("# ours\nLOG_LEVEL=WARNING\nPROMPTS_DIR=.\n")
    assert dotenv_values(".env")["LEADERSHIP_CHANNEL"] == "#board"
    assert dotenv_values(".env")["SLACK_BOT_TOKEN"] == tokens[0]


@pytest.mark.parametrize("answer", ["n", "", "no"])
def test_a_file_that_is_there_is_not_changed_without_a_yes(init: Init, tokens: tuple[str, str], answer: str) -> None:
    Path(".env").write_text("LOG_LEVEL=ERROR\n")
    ended = init(answer, "", *tokens, "", "", "n")
    assert ended.status == 1
    assert ".env is there already" in ended.err
    assert Path(".env").read_text() == "LOG_LEVEL=ERROR\n"


def test_http_takes_the_signing_secret_and_no_app_token(init: Init, tokens: tuple[str, str]) -> None:
    assert init("socket", *tokens, "", "", "n").status == 0
    ended = init("http", "", SECRET, "", "", "n", options=("--yes",))
    assert ended.status == 0, ended.err
    assert "/slack/events" in ended.out
    written = dotenv_values(".env")
    assert "SLACK_APP_TOKEN" not in written
    assert read_settings({k: v for k, v in written.items() if v}, needs_slack=True).signing_secret == SECRET


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (("carrier pigeon",), "Expected socket or http."),
        (("socket", "xoxp-1"), "expected one that starts with xoxb-"),
        (("socket", "xoxb-wrong"), "Slack does not take SLACK_BOT_TOKEN: invalid_auth."),
        (("socket", "BOT", "xapp-wrong"), "Slack does not take SLACK_APP_TOKEN: invalid_auth."),
        (("socket", "BOT", "APP", "nowhere"), "There is no #nowhere that the bot can see."),
        (("socket", "BOT", "APP", "", "broken.yaml"), "broken.yaml:1"),
        (("socket", "BOT", "APP", "", "", "y", "Company", "Nowhere/Land"), "is not a time zone"),
        (("socket", "BOT", "APP", "", "", "y", "Company", "UTC", "Somebody Nice"), "does not name a person"),
        (("socket", ""), "SLACK_BOT_TOKEN is missing"),
        (("socket",), "no answer to this on standard input"),
    ],
)
def test_an_answer_that_will_not_do_is_named_and_nothing_is_written(
    init: Init, tokens: tuple[str, str], lines: tuple[str, ...], why: str
) -> None:
    Path("broken.yaml").write_text("company Example\n")
    known = {"BOT": tokens[0], "APP": tokens[1]}
    ended = init(*(known.get(line, line) for line in lines))
    assert ended.status in (1, 2)
    assert why in ended.err
    assert ended.out == ""
    assert not Path(".env").exists()


def test_a_channel_without_the_bot_is_taken_and_the_invitation_is_a_next_step(
    init: Init, tokens: tuple[str, str]
) -> None:
    ended = init("", *tokens, "board", "", "n")
    assert ended.status == 0
    assert "in #board: /invite @Quarterdeck" in ended.out
    assert "/invite" not in init("", *tokens, "C0LEADERSHIP", "", "n", options=("--yes",)).out


TRACKED = """\
company: Example
timezone: Europe/Paris
projects:
  - key: portal
    name: Portal
    manager: pm@example.com
    milestones:
      - {key: beta, name: Beta, owner: dev@example.com, tracker: {github: octo-org/portal/milestone/3}}
      - {key: api, name: API, owner: dev@example.com, tracker: {jira: PORTAL-7}}
"""
MILESTONE = "/repos/octo-org/portal/milestones/3"


@pytest.fixture
def trackers(init: Init, monkeypatch: pytest.MonkeyPatch) -> Iterator[TrackerServer]:
    """One server in the place of GitHub and Jira, and a portfolio whose milestones are there."""
    server = TrackerServer()
    Path("portfolio.yaml").write_text(TRACKED)
    monkeypatch.setenv("GITHUB_API_URL", server.url)
    server.put("/rest/api/3/issue/PORTAL-7", shape("jira-issue"))
    server.put("/rest/api/3/search/jql", shape("jira-last-children"))
    yield server
    server.stop()


def test_what_lets_us_into_trackers_is_asked_where_the_portfolio_names_them_and_tried(
    init: Init, tokens: tuple[str, str], trackers: TrackerServer
) -> None:
    trackers.put(MILESTONE, shape("github-milestone"))
    ended = init("", *tokens, "leadership", "", "ghp_1", trackers.url, "bot@example.com", "ATATT1")
    assert ended.status == 0, ended.err
    assert "portal/beta is at 72%" in ended.err
    assert "portal/api is at" in ended.err
    written = dotenv_values(".env")
    assert {name: written[name] for name in written if name.startswith(("GITHUB_", "JIRA_"))} == {
        "GITHUB_API_URL": trackers.url, "GITHUB_TOKEN": "ghp_1",
        "JIRA_URL": trackers.url, "JIRA_EMAIL": "bot@example.com", "JIRA_TOKEN": "ATATT1",
    }  # fmt: skip
    assert [secret for secret in ("ghp_1", "ATATT1") if secret in ended.out + ended.err] == []


def test_a_token_that_a_tracker_refuses_is_not_written(
    init: Init, tokens: tuple[str, str], trackers: TrackerServer
) -> None:
    trackers.put(MILESTONE, {"message": "Bad credentials"}, 401)
    ended = init("", *tokens, "leadership", "", "ghp_1")
    assert (ended.status, Path(".env").exists()) == (1, False)
    assert "GitHub did not accept GITHUB_TOKEN" in ended.err


def test_a_milestone_that_a_tracker_does_not_have_is_no_reason_against_a_token(
    init: Init, tokens: tuple[str, str], trackers: TrackerServer
) -> None:
    ended = init("", *tokens, "leadership", "", "ghp_1", trackers.url, "bot@example.com", "ATATT1")
    assert ended.status == 0, ended.err
    assert "not checked: GitHub has no octo-org/portal/milestone/3" in ended.err


def test_a_slack_that_does_not_answer_leaves_things_unchecked(
    init: Init, tokens: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:9/api/")
    ended = init("", *tokens, "leadership", "", "n")
    assert ended.status == 0
    assert ended.err.count("not checked: Slack could not be reached") == 3


def test_without_input_the_environment_answers(
    init: Init, tokens: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = init(options=("--no-input",))
    assert (missing.status, missing.out) == (1, "")
    assert "SLACK_BOT_TOKEN is missing" in missing.err
    monkeypatch.setenv("SLACK_BOT_TOKEN", tokens[0])
    monkeypatch.setenv("SLACK_APP_TOKEN", tokens[1])
    monkeypatch.setenv("LEADERSHIP_CHANNEL", "#board")
    assert init(options=("--no-input",)).status == 0
    assert dotenv_values(".env")["SLACK_APP_TOKEN"] == tokens[1]
    assert not Path("portfolio.yaml").exists()
    assert init(options=("--no-input",)).status == 1, "it changes nothing that is there"


def test_a_terminal_asks_again_and_never_shows_a_token(
    sandbox: Sandbox, tokens: tuple[str, str], tmp_path: Path
) -> None:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "SLACK_API_URL": sandbox.api_url, "PYTHONPATH": str(Path(__file__).parents[1])}
    command = [sys.executable, "-m", "bot", "init"]
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=tmp_path, env=environment, start_new_session=True
    ) as running:
        os.close(theirs)
        seen = ""
        for asked, answer in (
            ("How is Slack reached", "sockets"),
            ("Expected socket or http", "socket"),
            ("Bot User OAuth Token", "xoxb-wrong"),
            ("Slack does not take SLACK_BOT_TOKEN", tokens[0]),
            ("App-level token", tokens[1]),
            ("Channel for reports", ""),
            ("Portfolio file", ""),
            ("Write a first one?", "n"),
        ):
            seen += _read_until(ours, asked)
            os.write(ours, f"{answer}\n".encode())
        seen += _read_until(ours, "quarterdeck run")
        assert running.wait(20) == 0
    os.close(ours)
    assert [token for token in (*tokens, "xoxb-wrong") if token in seen] == []
    assert dotenv_values(tmp_path / ".env")["SLACK_BOT_TOKEN"] == tokens[0]


def _read_until(terminal: int, words: str) -> str:
    """What a terminal shows, until these words and the question after them."""
    seen = ""
    while words not in seen or not seen.endswith((": ", "] ", "run\r\n")):
        assert select.select([terminal], [], [], 30)[0], f"waited for {words!r}, saw {seen!r}"
        seen += os.read(terminal, 4096).decode()
    return seen
