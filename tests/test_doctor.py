"""The doctor looks at everything in a workspace that is made unwell on purpose, one thing at a time, and sends nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import select

from bot import doctor
from bot.cli import main
from bot.sandbox.people import SlackApp, SlackChannel, SlackPerson, SlashCommand
from bot.sandbox.server import Sandbox
from bot.slack.manifest import COMMAND, EVENTS, SCOPES
from bot.store.session import Database
from bot.store.tables import OutboxRow

PORTFOLIO = """
company: Example Networks
timezone: America/New_York
country: US
leadership_channel: "#leadership"
people:
  - {handle: "@sam", name: Sam}
projects:
  - key: portal
    name: Customer Portal
    manager: pm@example.com
    milestones:
      - {key: front-end, name: Front End, owner: dev@example.com}
      - {key: back-end, name: Back End, owner: "@sam"}
"""
OPENING = "2025-09-22T15:00:00Z"
ZONE = "America/New_York"
PM = SlackPerson("U0PM", "pat", real_name="Pat", email="pm@example.com", tz=ZONE)
DEV = SlackPerson("U0DEV", "dev", real_name="Dev", email="dev@example.com", tz=ZONE)
SAM = SlackPerson("U0SAM", "sam", real_name="Sam", tz=ZONE)
LEADERSHIP = SlackChannel("C0LEADERSHIP", "leadership", members=["U0PM"])


class Looked(NamedTuple):
    """What a doctor's visit printed, its exit status, and the workspace it looked at."""

    status: int
    out: str
    err: str
    sandbox: Sandbox

    @property
    def amiss(self) -> list[str]:
        """What is to be mended, a line each."""
        return [line.removeprefix("amiss ") for line in self.out.splitlines() if line.startswith("amiss ")]


Look = Callable[..., Looked]


def an_app(*without: str) -> SlackApp:
    scopes = tuple(scope for scope in SCOPES if scope not in without)
    return SlackApp("Quarterdeck", "U0BOT", scopes, (SlashCommand(COMMAND),), events=tuple(EVENTS))


@pytest.fixture
def portfolio(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with the portfolio, and no settings but a database of its own."""
    for name in [name for name in os.environ if name.startswith(("SLACK_", "QUARTERDECK_", "LEADERSHIP"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("LOG_LEVEL", "ERROR")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "portfolio.yaml").write_text(PORTFOLIO)
    return tmp_path / "portfolio.yaml"


@pytest.fixture
def look(portfolio: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Look]:
    """Load the portfolio, and let the doctor look at a workspace, which is well unless said otherwise."""
    started: list[Sandbox] = []

    def visit(
        people: Sequence[SlackPerson] = (PM, DEV, SAM),
        channels: Sequence[SlackChannel] = (LEADERSHIP,),
        *,
        app: SlackApp | None = None,
        settings: dict[str, str] | None = None,
    ) -> Looked:
        sandbox = Sandbox(people, channels, app=app or an_app()).start()
        started.append(sandbox)
        tokens = {
            "SLACK_BOT_TOKEN": sandbox.workspace.app.bot_token,
            "SLACK_APP_TOKEN": sandbox.workspace.app.app_token,
        }
        for name, value in {**tokens, "SLACK_API_URL": sandbox.api_url, **(settings or {})}.items():
            monkeypatch.setenv(name, value)
        if portfolio.exists():
            assert main(["load", str(portfolio)]) == 0
        capsys.readouterr()
        status = main(["doctor"])
        said = capsys.readouterr()
        return Looked(status, said.out, said.err, sandbox)

    yield visit
    for sandbox in started:
        sandbox.stop()


def test_where_all_is_well_everything_is_listed_and_the_exit_status_is_0(look: Look) -> None:
    looked = look()
    assert (looked.status, looked.err, looked.amiss) == (0, "", [])
    lines = looked.out.splitlines()
    assert all(line.startswith("ok ") for line in lines)
    wanted = ["bot token", "app-level token", "clock", "#leadership", "portfolio of Example Networks", "people"]
    assert [what for what in (*wanted, *SCOPES) if what not in looked.out] == []


def test_a_file_of_words_that_cannot_be_read_is_named_with_its_line(look: Look, tmp_path: Path) -> None:
    (tmp_path / "own" / "opening").mkdir(parents=True)
    (tmp_path / "own" / "opening" / "head.j2").write_text("Hello\n{{ name")
    looked = look(settings={"PROMPTS_DIR": str(tmp_path / "own")})
    assert looked.status == 1
    (line,) = looked.amiss
    assert "head.j2, line 2 cannot be used" in line


def test_a_bot_token_that_slack_does_not_know(look: Look) -> None:
    looked = look(settings={"SLACK_BOT_TOKEN": "xoxb-wrong"})
    assert looked.status == 1
    assert "bot token: Slack says invalid_auth; check SLACK_BOT_TOKEN and SLACK_API_URL" in looked.amiss
    assert len(looked.amiss) == 1, "what depends on the token is not looked at"
    assert looked.err == "1 to mend.\n"


def test_an_app_token_that_slack_does_not_know(look: Look) -> None:
    looked = look(settings={"SLACK_APP_TOKEN": "xapp-wrong"})
    assert looked.amiss == ["app-level token: Slack says invalid_auth; make an app-level token with connections:write"]
    assert looked.status == 1


def test_no_slack_at_all(look: Look) -> None:
    looked = look(settings={"SLACK_API_URL": "http://127.0.0.1:9/api/"})
    assert looked.status == 1
    assert looked.amiss[0].startswith("bot token: Slack says no answer")


@pytest.mark.parametrize("scope", ["dnd:read", "files:write", "im:history"])
def test_a_scope_that_was_not_granted_is_named_with_its_reason(look: Look, scope: str) -> None:
    looked = look(app=an_app(scope))
    reason = SCOPES[scope]
    assert looked.amiss == [f"scope {scope}: add it in OAuth & Permissions and reinstall the app; needed to {reason}"]
    assert (looked.status, looked.err) == (1, "1 to mend.\n")


def test_without_the_scopes_to_read_people_and_channels_both_say_why(look: Look) -> None:
    looked = look(app=an_app("users:read", "channels:read", "groups:read"))
    assert "people: Slack's directory could not be read: Slack says missing_scope" in looked.amiss
    assert "channels: they could not be read: Slack says missing_scope" in looked.amiss


def test_a_channel_that_is_not_there(look: Look) -> None:
    looked = look(channels=[SlackChannel("C0OTHER", "leaders", members=["U0PM"])])
    assert looked.amiss == [
        "channel #leadership: no such channel that the bot can see; check its name, or invite the bot to it"
    ]


def test_a_channel_in_which_the_bot_is_not(look: Look) -> None:
    looked = look(channels=[SlackChannel("C0LEADERSHIP", "leadership", members=["U0PM"], bot_is_member=False)])
    assert looked.amiss == ["channel #leadership: invite the bot: /invite @Quarterdeck"]


def test_a_portfolio_without_a_channel(look: Look, portfolio: Path) -> None:
    portfolio.write_text(PORTFOLIO.replace('leadership_channel: "#leadership"\n', ""))
    [line] = look().amiss
    assert "set leadership_channel in the portfolio, or LEADERSHIP_CHANNEL" in line


@pytest.mark.parametrize(
    ("people", "line"),
    [
        (
            (PM, DEV),
            "person @sam (portal): no such account in Slack; name them by Slack id or e-mail address in the portfolio",
        ),
        (
            (PM, DEV, *(SlackPerson(f"U0SAM{n}", f"s{n}", display_name="Sam", tz=ZONE) for n in (1, 2))),
            "person @sam (portal): several accounts carry this name; name them by Slack id or e-mail address",
        ),
        (
            (PM, DEV, SlackPerson("U0SAM", "sam", real_name="Sam", deleted=True)),
            "person @sam (portal): the account is closed or a bot's; name another owner",
        ),
        (
            (PM, DEV, SlackPerson("U0SAM", "sam", real_name="Sam", is_bot=True)),
            "person @sam (portal): the account is closed or a bot's; name another owner",
        ),
    ],
    ids=["not found", "several", "closed", "a bot"],
)
def test_a_person_who_cannot_be_reached(look: Look, people: Sequence[SlackPerson], line: str) -> None:
    looked = look(people)
    assert looked.amiss == [line]
    assert looked.status == 1


def test_a_clock_that_is_off(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    def ten_minutes_ago(told: str) -> datetime:
        return parsedate_to_datetime(told) - timedelta(minutes=10)

    monkeypatch.setattr(doctor, "parsedate_to_datetime", ten_minutes_ago)
    [line] = look().amiss
    assert line.startswith("this machine's clock: 60")
    assert line.endswith("s away from Slack's; set it by NTP")


def test_no_portfolio(look: Look, portfolio: Path) -> None:
    portfolio.unlink()
    looked = look()
    assert [line for line in looked.amiss if "quarterdeck load portfolio.yaml" in line]
    assert looked.status == 1


def test_words_that_cannot_be_read(look: Look, tmp_path: Path) -> None:
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "questions.yaml").write_text("milestone: [")
    looked = look(settings={"PROMPTS_DIR": str(tmp_path / "words")})
    [line] = looked.amiss
    assert line.startswith("prompts, templates and database: ")
    assert "questions.yaml" in line


def test_everything_that_is_amiss_is_listed_at_once(look: Look) -> None:
    looked = look((PM,), (), app=an_app("dnd:read"), settings={"SLACK_APP_TOKEN": "xapp-wrong"})
    assert [line.split(":")[0].split(" (")[0] for line in looked.amiss] == [
        "scope dnd",
        "app-level token",
        "channel #leadership",
        "person @sam",
        "person dev@example.com",
    ]
    assert looked.err == "5 to mend.\n"


def test_after_a_visit_those_who_were_found_can_be_asked_and_nothing_was_sent(
    look: Look, portfolio: Path, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def queued() -> str:
        capsys.readouterr()
        assert main(["tick", "--at", OPENING]) == 0
        return capsys.readouterr().out

    looked = look((PM, DEV))
    assert {call.method for call in looked.sandbox.calls} <= {
        "auth.test", "apps.connections.open", "conversations.list", "users.list",
    }  # fmt: skip
    database = Database(database_url)
    with database.reading() as session:
        assert session.scalars(select(OutboxRow.key)).all() == []
    database.close()
    assert queued() == "1 queued\n"
