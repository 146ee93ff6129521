"""The doctor looks at everything in a workspace that is made unwell on purpose, one thing at a time, and sends nothing."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import select, text

from bot.cli import main
from bot.doctor import machine
from bot.doctor import slack as doctor_of_slack
from bot.domain.directory import DirectoryEntry
from bot.flow.deliver import Workers
from bot.operate.metrics import Metrics
from bot.operate.watch import Watch
from bot.operate.web import WebServer
from bot.sandbox.people import SlackApp, SlackChannel, SlackPerson, SlashCommand
from bot.sandbox.server import Sandbox
from bot.scheduler import Heartbeat
from bot.slack import messenger
from bot.slack.accounts import entry_of_user
from bot.slack.manifest import COMMAND, EVENTS, SCOPES
from bot.store.session import Database
from bot.store.tables import OutboxRow
from bot.store.upgrade import HEAD
from tests.running import free_port
from tests.servers import Postgres
from tests.trackers.tracker_server import TrackerServer, shape

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
    for name in [n for n in os.environ if n.startswith(("SLACK_", "QUARTERDECK_", "LEADERSHIP", "GITHUB_", "JIRA_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOST", "127.0.0.1")
    monkeypatch.setenv("PORT", str(free_port()))
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
    wanted = [
        *("bot token", "app-level token", "clock", "#leadership", "portfolio of Example Networks", "people"),
        *("prompts and templates", f"database, SQLite at schema {HEAD}", "layout executive", "free to listen on"),
    ]
    assert [what for what in (*wanted, *SCOPES) if what not in looked.out] == []


def test_a_file_of_words_that_cannot_be_read_is_named_with_its_line(look: Look, tmp_path: Path) -> None:
    (tmp_path / "own" / "opening").mkdir(parents=True)
    (tmp_path / "own" / "opening" / "head.j2").write_text("Hello\n{{ name")
    looked = look(settings={"PROMPTS_DIR": str(tmp_path / "own")})
    assert looked.status == 1
    (line,) = looked.amiss
    assert "head.j2, line 2 cannot be used" in line


def test_a_disk_that_is_nearly_full(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_LEAST_ROOM", 10**12)
    looked = look()
    (line,) = looked.amiss
    assert re.match(r"the database's disk, [\d,]+ MB free: make room", line)


def test_a_bot_token_that_slack_does_not_know(look: Look) -> None:
    looked = look(settings={"SLACK_BOT_TOKEN": "xoxb-wrong"})
    assert looked.status == 1
    assert "bot token: Slack says invalid_auth; check SLACK_BOT_TOKEN and SLACK_API_URL" in looked.amiss
    assert len(looked.amiss) == 1, "what depends on the token is not looked at"
    assert looked.err == "1 to mend.\n"


def test_settings_that_are_missing_or_malformed_are_listed_with_the_rest(look: Look, portfolio: Path) -> None:
    portfolio.unlink()
    wrong = {"SLACK_BOT_TOKEN": "", "SLACK_APP_TOKEN": "", "PORT": "eighty", "QUARTERDECK_NOW": "yesterday"}
    looked = look(settings=wrong)
    assert looked.status == 1
    amiss = [line.split()[1] for line in looked.amiss]
    assert amiss == ["PORT", "QUARTERDECK_NOW", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "No"]
    assert "portfolio: No portfolio has been loaded yet" in looked.amiss[-1]
    assert "ok    database" in looked.out
    assert not looked.sandbox.calls, "Slack is not asked without a token"


def test_an_app_token_that_slack_does_not_know(look: Look) -> None:
    looked = look(settings={"SLACK_APP_TOKEN": "xapp-wrong"})
    assert looked.amiss == ["app-level token: Slack says invalid_auth; make an app-level token with connections:write"]
    assert looked.status == 1


def test_no_slack_at_all(look: Look) -> None:
    looked = look(settings={"SLACK_API_URL": "http://127.0.0.1:9/api/"})
    assert looked.status == 1
    assert looked.amiss[0] == "bot token: Slack did not answer; check SLACK_BOT_TOKEN and SLACK_API_URL"


@pytest.mark.parametrize("scope", ["dnd:read", "files:write", "im:history"])
def test_a_scope_that_was_not_granted_is_named_with_its_reason(look: Look, scope: str) -> None:
    looked = look(app=an_app(scope))
    reason = SCOPES[scope]
    assert looked.amiss == [f"scope {scope}: add it in OAuth & Permissions and reinstall the app; needed to {reason}"]
    assert (looked.status, looked.err) == (1, "1 to mend.\n")


def test_without_the_scopes_to_read_people_and_channels_both_say_why(look: Look) -> None:
    looked = look(app=an_app("users:read", "channels:read", "groups:read"))
    assert "people: Slack's directory could not be read: Slack says missing_scope: users:read" in looked.amiss
    assert "channels: they could not be read: Slack says missing_scope: channels:read" in looked.amiss


def test_a_channel_that_is_not_there(look: Look) -> None:
    looked = look(channels=[SlackChannel("C0OTHER", "leaders", members=["U0PM"])])
    assert looked.amiss == [
        "channel #leadership: no such channel that the bot can see; check its name and that it is not archived,"
        " or invite the bot to it"
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


def test_a_project_that_nobody_manages(look: Look, portfolio: Path) -> None:
    portfolio.write_text(PORTFOLIO.replace("    manager: pm@example.com\n", ""))
    looked = look()
    assert looked.amiss == ["manager of portal: nobody is named; name one in the portfolio, or an admin"]


def test_a_clock_that_is_off(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    def ten_minutes_ago(told: str) -> datetime:
        return parsedate_to_datetime(told) - timedelta(minutes=10)

    monkeypatch.setattr(doctor_of_slack, "parsedate_to_datetime", ten_minutes_ago)
    [line] = look().amiss
    assert line.startswith("this machine's clock: 60")
    assert line.endswith("s away from Slack's; set it by NTP")


@pytest.mark.parametrize(
    ("zone", "is_compared"), [(" -0000", True), ("", True), (" in words", False)], ids=["unknown", "none", "no date"]
)
def test_a_date_without_a_zone_is_of_utc_and_what_is_no_date_is_not_compared(
    look: Look, monkeypatch: pytest.MonkeyPatch, zone: str, is_compared: bool
) -> None:
    def told_otherwise(told: str) -> datetime:
        return parsedate_to_datetime(told.removesuffix(" GMT") + zone if is_compared else zone)

    monkeypatch.setattr(doctor_of_slack, "parsedate_to_datetime", told_otherwise)
    looked = look()
    assert (looked.status, looked.amiss) == (0, [])
    assert ("this machine's clock" in looked.out) is is_compared


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
    assert line.startswith("prompts and templates: ")
    assert "questions.yaml" in line


def test_without_projects_the_common_channel_is_looked_at_all_the_same(look: Look, portfolio: Path) -> None:
    portfolio.write_text(PORTFOLIO.partition("people:")[0] + "projects: []\n")
    looked = look(channels=[SlackChannel("C0LEADERSHIP", "leadership", members=["U0PM"], bot_is_member=False)])
    assert looked.amiss == ["channel #leadership: invite the bot: /invite @Quarterdeck"]


def test_over_http_the_signing_secret_is_said_not_to_be_tried(look: Look) -> None:
    looked = look(settings={"SLACK_APP_TOKEN": "", "SLACK_SIGNING_SECRET": "abc"})
    assert looked.status == 0, looked.amiss
    assert "ok    signing secret, taken as it is: Slack's first request shows whether it is right" in looked.out


def test_an_address_that_another_program_has(look: Look) -> None:
    other = TrackerServer()
    port = other.url.rpartition(":")[2].rstrip("/")
    looked = look(settings={"PORT": port})
    other.stop()
    [line] = looked.amiss
    assert line.startswith(f"address 127.0.0.1:{port}: it cannot be listened on: ")
    assert line.endswith("; set HOST or PORT")


def test_a_bot_that_runs_already_is_no_stranger_at_its_address(look: Look, database_url: str) -> None:
    port = free_port()
    database = Database(database_url)
    server = WebServer(Watch(database, Heartbeat(lambda: True), Workers([]), Metrics()).routes(), "127.0.0.1", port)
    server.start()
    looked = look(settings={"PORT": str(port)})
    server.stop()
    database.close()
    assert f"ok    address 127.0.0.1:{port}, a bot answers there" in looked.out


def test_a_database_of_a_newer_version_is_told_beside_all_that_slack_says(
    look: Look, portfolio: Path, database: Database
) -> None:
    portfolio.unlink()
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    looked = look(app=an_app("dnd:read"))
    assert [line.partition(":")[0] for line in looked.amiss] == ["scope dnd", "database"]
    assert "The database is at schema 9999, this version knows" in looked.amiss[1]


def test_a_postgresql_database_that_waits_for_its_migration(
    look: Look, portfolio: Path, postgres_server: Postgres
) -> None:
    portfolio.unlink()
    url = postgres_server.make("bare", lambda _: None)
    [line] = look(settings={"DATABASE_URL": url}).amiss
    assert line.startswith("database: The database is at schema none, this version needs")
    assert line.endswith("Run: quarterdeck db upgrade")
    postgres_server.drop(url)


def test_a_database_that_cannot_be_opened(look: Look, portfolio: Path, tmp_path: Path) -> None:
    portfolio.unlink()
    [line] = look(settings={"DATABASE_URL": f"sqlite:///{tmp_path}/nowhere/at-all.db"}).amiss
    assert line.startswith("database: The database sqlite:///")
    assert "Check DATABASE_URL, that the file's folder exists" in line


def test_a_layout_of_ones_own_that_asks_for_what_there_is_not(look: Look, tmp_path: Path) -> None:
    (tmp_path / "own" / "layouts").mkdir(parents=True)
    (tmp_path / "own" / "layouts" / "executive.md.j2").write_text("# A report\n{{ report.mood }}\n")
    [line] = look(settings={"TEMPLATES_DIR": str(tmp_path / "own")}).amiss
    assert line.startswith("layout of portal: ")
    assert "executive.md.j2, line 2 cannot be used" in line
    assert "mood" in line


TRACKED = PORTFOLIO.replace(
    "owner: dev@example.com}", "owner: dev@example.com, tracker: {github: octo-org/portal/milestone/3}}"
).replace('owner: "@sam"}', 'owner: "@sam", tracker: {jira: PORTAL-7}}')
JIRA = {"JIRA_EMAIL": "bot@example.com", "JIRA_TOKEN": "ATATT3xFfGF0"}


@pytest.fixture
def trackers(portfolio: Path) -> Iterator[TrackerServer]:
    """One server in the place of GitHub and of Jira, in which both milestones of the portfolio are."""
    portfolio.write_text(TRACKED)
    server = TrackerServer()
    server.put("/rest/api/3/issue/PORTAL-7", shape("jira-issue"))
    server.put("/rest/api/3/search/jql", shape("jira-last-children"))
    yield server
    server.stop()


def at(server: TrackerServer, **more: str) -> dict[str, str]:
    return {"GITHUB_API_URL": server.url, "GITHUB_TOKEN": "ghp_1", "JIRA_URL": server.url, **JIRA, **more}


MILESTONE = "/repos/octo-org/portal/milestones/3"


def test_trackers_that_answer_are_told_with_what_each_project_came_to(look: Look, trackers: TrackerServer) -> None:
    trackers.put(MILESTONE, shape("github-milestone"))
    looked = look(settings=at(trackers))
    assert looked.amiss == []
    assert (
        "ok    trackers of portal: GitHub octo-org/portal (milestones: 1), Jira PORTAL (milestones: 1)\n" in looked.out
    )
    assert trackers.asked[0].headers["authorization"] == "Bearer ghp_1"


def test_a_milestone_that_its_tracker_does_not_have(look: Look, trackers: TrackerServer) -> None:
    looked = look(settings=at(trackers))
    assert looked.amiss == [
        "tracker of portal/front-end, github octo-org/portal/milestone/3: GitHub has no octo-org/portal/milestone/3, or"
        " GITHUB_TOKEN may not see it; correct its tracker in the portfolio, or let the token's account read it"
    ]
    assert "ok    trackers of portal: Jira PORTAL (milestones: 1)" in looked.out


def test_a_tracker_s_token_that_is_refused(look: Look, trackers: TrackerServer) -> None:
    trackers.put(MILESTONE, {"message": "Bad credentials"}, 401)
    looked = look(settings=at(trackers))
    assert looked.amiss == [
        "tracker GitHub: GitHub did not accept GITHUB_TOKEN; check GITHUB_API_URL, and that GITHUB_TOKEN may read issues"
    ]


def test_trackers_that_cannot_be_reached(look: Look, trackers: TrackerServer) -> None:
    looked = look(settings=at(trackers, GITHUB_API_URL="http://127.0.0.1:9/", JIRA_URL="http://127.0.0.1:9/"))
    assert [line.partition(":")[0] for line in looked.amiss] == ["tracker GitHub", "tracker Jira"]
    assert "could not be reached: Connection refused; check GITHUB_API_URL" in looked.amiss[0]
    assert looked.amiss[1].endswith("check JIRA_URL, JIRA_EMAIL and JIRA_TOKEN")


def test_a_tracker_without_its_settings(look: Look, trackers: TrackerServer) -> None:
    trackers.put(MILESTONE, shape("github-milestone"))
    [line] = look(settings=at(trackers, JIRA_TOKEN="")).amiss
    assert line.startswith("tracker Jira: Jira can be read once JIRA_URL, JIRA_EMAIL and JIRA_TOKEN are set")


def test_a_tracker_that_wants_to_be_left_alone_says_how_to_be_heard_sooner(look: Look, trackers: TrackerServer) -> None:
    trackers.put(MILESTONE, shape("github-rate-limited"), 429, Retry_After="90")
    [line] = look(settings=at(trackers, GITHUB_TOKEN="")).amiss
    assert line == (
        "tracker GitHub: asks to be left alone for 90 s; set GITHUB_TOKEN: without one sixty requests an hour are answered"
    )


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


def test_people_whose_zone_slack_does_not_tell_are_named_with_the_zone_that_stands_in(
    look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    def zoneless(user: object, team: str) -> DirectoryEntry | None:
        entry = entry_of_user(user, team)
        return entry and replace(entry, timezone=None)

    monkeypatch.setattr(messenger, "entry_of_user", zoneless)
    looked = look()
    assert looked.status == 1
    assert len(looked.amiss) >= 2
    assert all("stands in; name theirs in the portfolio" in line for line in looked.amiss)
