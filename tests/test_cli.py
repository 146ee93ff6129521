"""The command line as scripts rely on it: exit statuses, what goes where, and that nothing is half done."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from urllib.request import urlopen

import pytest
import yaml
from sqlalchemy import text as statement
from sqlalchemy.exc import OperationalError

from bot.cli import main
from bot.domain.directory import DirectoryEntry
from bot.flow.company import Company
from bot.flow.people import find_accounts
from bot.settings import Settings
from bot.store.session import Database
from bot.terminal import open_database

PORTFOLIO = """
company: Example Networks
timezone: America/New_York
country: US
leadership_channel: "#leadership"
projects:
  - key: portal
    name: Customer Portal
    manager: pm@example.com
    milestones:
      - {key: front-end, name: Front End, owner: dev@example.com, baseline: 2025-12-15}
      - {key: back-end, name: Back End, owner: ops@example.com, baseline: 2025-12-15}
"""
OTHER_PROJECT = """
  - key: other
    name: Other Project
    manager: pm@example.com
    milestones:
      - {key: far, name: Far Away, owner: far@example.com}
"""
ANSWERS = """
quarter: 2025-Q3
projects:
  portal:
    date: 2025-09-30
    milestones:
      front-end: {percent_complete: 60, status: On track, forecast: 2025-12-15}
"""
CSV = """project_key,project_name,manager,milestone_key,milestone_name,owner,baseline,weight
portal,Customer Portal,pm@example.com,search,Search,dev@example.com,2025-12-15,1
"""
WITHOUT_BACK_END = "\n".join(line for line in PORTFOLIO.splitlines() if "back-end" not in line)
NOW = "2025-09-22T15:00:00Z"
REPORT = ("compile", "--project", "portal", "--quarter", "2025-Q3")

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def here(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with files to load, a database of its own, and no settings but these."""
    for name in [name for name in os.environ if name.startswith(("SLACK_", "QUARTERDECK_"))]:
        monkeypatch.delenv(name)
    for name, value in {"DATABASE_URL": database_url, "QUARTERDECK_NOW": NOW, "LOG_LEVEL": "ERROR"}.items():
        monkeypatch.setenv(name, value)
    files = {"portfolio.yaml": PORTFOLIO, "answers.yaml": ANSWERS, "more.csv": CSV, "fewer.yaml": WITHOUT_BACK_END}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(here: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process; its exit status, standard output and standard error."""

    def run_it(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            status = main(words)
        except SystemExit as ended:  # argparse ends the process by itself
            status = int(ended.code or 0)
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return status, said.out, said.err

    return run_it


@pytest.fixture
def loaded(run: Run) -> Run:
    """The same, with the portfolio and a quarter's answers loaded."""
    assert run("load", "portfolio.yaml")[0] == 0
    assert run("answers", "answers.yaml")[0] == 0
    return run


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("load", "portfolio.yaml"), 0),
        (("load", "missing.yaml"), 2),
        (("load", "answers.yaml"), 2),
        (("load",), 2),
        (("nonsense",), 2),
        ((), 2),
        (("--help",), 0),
        (REPORT, 2),  # nothing has been loaded
        (("compile", "--project", "portal", "--quarter", "Q3"), 2),
        ((*REPORT, "--format", "xml"), 2),
        (("tick", "--at", "yesterday"), 2),
        (("tick", "--from", "2025-09-01"), 2),
        (("tick", "--dry-run", "--from", "20250901"), 2),
        (("tick", "--dry-run", "--to", "2025-W40-1"), 2),
        (("tick", "--at", "20250915T140000Z"), 2),
        (("rehearse",), 2),  # nothing has been loaded
        (("rehearse", "--quarter", "Q3"), 2),
        (("manifest", "--mode", "http"), 2),
        (("manifest", "--mode", "http", "--url", "nonsense"), 2),
        (("manifest", "--mode", "http", "--url", "http://quarterdeck.example.com"), 2),
        (("manifest", "--mode", "http", "--url", "https://quarterdeck.example.com/slack/events"), 2),
        (("manifest", "--mode", "http", "--url", "https://quarterdeck.example.com:port"), 2),
        (("import", "nowhere"), 2),
        (("db", "restore", "nowhere"), 2),
        (("db", "restore", "nowhere", "--yes"), 2),
        (("db", "restore", "portfolio.yaml", "--yes"), 2),
        (("db", "upgrade"), 0),
        (("run",), 2),
    ],
)
def test_exit_statuses(run: Run, words: tuple[str, ...], status: int) -> None:
    ended, out, err = run(*words)
    assert ended == status
    assert bool(err) == (status != 0), "the reason goes to standard error, and a result says nothing there"
    assert not (status and out), "standard output holds a result or nothing"


@pytest.mark.parametrize(
    "words",
    [
        ("compile", "--project", "portl", "--quarter", "2025-Q3"),
        (*REPORT, "--revision", "1"),
        (*REPORT, "--layout", "memoo"),
    ],
)
def test_a_name_that_is_not_there_is_wrong_words(loaded: Run, words: tuple[str, ...]) -> None:
    status, out, err = loaded(*words)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [
        ("compile", "--project", "portal", "--quarter", "9999-Q4"),
        ("compile", "--project", "all", "--quarter", "0000-Q1"),
        ("rehearse", "--quarter", "9999-Q4"),
        ("tick", "--at", "9999-12-31T23:59:59Z"),
        ("tick", "--dry-run", "--from", "0001-01-01", "--to", "2025-09-01"),
    ],
)
def test_a_year_that_no_calendar_reaches_is_a_wrong_word(loaded: Run, words: tuple[str, ...]) -> None:
    status, out, err = loaded(*words)
    assert (status, out) == (2, "")
    assert "expected a year from 1900 to 2199" in err


@pytest.mark.parametrize(
    "words",
    [
        ("audit", "--last", "0"),
        ("audit", "--last", "-3"),
        ("audit", "--last", "³"),
        (*REPORT, "--revision", "0"),
        (*REPORT, "--revision", "-1"),
        ("demo", "--port", "-1"),
        ("sandbox", "portfolio.yaml", "--port", "65536"),
    ],
)
def test_a_number_that_counts_nothing_is_a_wrong_word(run: Run, words: tuple[str, ...]) -> None:
    status, out, err = run(*words)
    assert (status, out) == (2, "")
    assert f'"{words[-1]}" is not a whole number from ' in err


def test_everything_that_is_missing_is_named_at_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "eighty")
    monkeypatch.setenv("PROMPTS_DIR", "nowhere")
    status, _, err = run("run")
    assert status == 2
    assert [name for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "PORT", "PROMPTS_DIR") if name not in err] == []


def test_a_moved_clock_is_refused_where_slack_is_real(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1")
    status, _, err = run("run")
    assert status == 2
    assert "QUARTERDECK_NOW" in err


@pytest.mark.parametrize(
    ("command", "file"), [("load", "portfolio.yaml"), ("answers", "answers.yaml"), ("load", "more.csv")]
)
def test_loading_the_same_file_twice_changes_nothing(loaded: Run, command: str, file: str) -> None:
    loaded(command, file)
    assert loaded(command, file)[:2] == (0, "Nothing to change.\n")


@pytest.mark.parametrize(
    ("command", "file"), [("load", "portfolio.yaml"), ("answers", "answers.yaml"), ("load", "more.csv")]
)
def test_a_dry_run_shows_the_changes_and_makes_none(run: Run, command: str, file: str) -> None:
    if file != "portfolio.yaml":
        run("load", "portfolio.yaml")
    shown = run(command, file, "--dry-run")
    assert run(command, file, "--dry-run") == shown
    assert shown[1] != "Nothing to change.\n"
    assert run(command, file)[1] == shown[1]
    assert run(command, file)[1] == "Nothing to change.\n"


def test_a_milestone_that_is_no_longer_listed_is_dropped_only_with_a_word(loaded: Run) -> None:
    status, out, err = loaded("load", "fewer.yaml")
    assert status == 1
    assert "--yes" in err
    assert "back-end" in out
    assert "Back End" in loaded(*REPORT)[1]
    assert loaded("load", "fewer.yaml", "--yes")[0] == 0
    assert loaded("load", "fewer.yaml")[1] == "Nothing to change.\n"
    report = json.loads(loaded(*REPORT, "--format", "json")[1])
    assert {m["key"]: m["state"] for m in report["milestones"]}.get("back-end", "dropped") == "dropped"


def test_a_csv_adds_and_never_drops(loaded: Run) -> None:
    assert loaded("load", "more.csv")[0] == 0
    keys = [m["key"] for m in json.loads(loaded(*REPORT, "--format", "json")[1])["milestones"]]
    assert {"front-end", "back-end"} <= set(keys)


def test_a_file_with_problems_names_them_all_and_loads_nothing(run: Run, here: Path) -> None:
    broken = PORTFOLIO.replace("2025-12-15}", "soon}").replace("company:", "compny:")
    (here / "broken.yaml").write_text(broken)
    status, out, err = run("load", "broken.yaml")
    assert (status, out) == (2, "")
    assert err.count("broken.yaml") >= 3
    assert run(*REPORT)[0] == 2, "there is no portfolio"


@pytest.mark.parametrize(("form", "reads"), [("md", str), ("json", json.loads), ("slack", json.loads)])
def test_a_report_goes_to_standard_output_or_to_a_file(
    loaded: Run, here: Path, form: str, reads: Callable[[str], object]
) -> None:
    status, out, err = loaded(*REPORT, "--format", form)
    assert (status, err) == (0, "")
    assert reads(out)
    assert loaded(*REPORT, "--format", form, "-o", "report.txt") == (0, "", "")
    assert (here / "report.txt").read_text().strip() == out.strip()


def test_a_place_that_cannot_be_written_is_a_sentence(loaded: Run) -> None:
    status, out, err = loaded(*REPORT, "-o", "nowhere/report.md")
    assert (status, out) == (1, "")
    assert "nowhere/report.md" in err


@pytest.mark.parametrize("layout", ["brief", "executive", "memo", "detailed"])
def test_a_report_is_printed_in_the_layout_that_is_asked_for(loaded: Run, layout: str) -> None:
    status, out, _ = loaded(*REPORT, "--layout", layout)
    assert status == 0
    assert "Front End" in out
    assert (layout == "executive") == (out == loaded(*REPORT, "--layout", "executive")[1])


PLAN = ("tick", "--dry-run", "--from", "2025-09-01", "--to", "2025-10-10")


def rows_of(table: str) -> list[list[str]]:
    """The cells under a table's header, cut where the header's columns begin."""
    header, *lines = table.splitlines()
    starts = [0, *(found.end() for found in re.finditer(r" {2,}", header)), None]
    return [[line[start:end].strip() for start, end in pairwise(starts)] for line in lines]


def test_the_plan_is_a_line_a_nudge_and_changes_nothing(loaded: Run, here: Path) -> None:
    before = contents(here)
    status, out, err = loaded(*PLAN)
    assert status == 0
    assert "accounts have not been looked up" in err
    assert err.count("\n") == 1
    rows = rows_of(out)
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)
    assert [row[:4] + row[5:] for row in rows if row[4] == "ops@example.com"] == [
        ["2025-09-19T13:30:00Z", "Fri 19 Sep 09:30 America/New_York", "opening", "2025-Q3", "1", "send"],
        ["2025-09-26T13:30:00Z", "Fri 26 Sep 09:30 America/New_York", "reminder-5", "2025-Q3", "1", "send"],
        ["2025-10-01T13:30:00Z", "Wed 01 Oct 09:30 America/New_York", "reminder-2", "2025-Q3", "1", "send"],
        ["2025-10-03T13:30:00Z", "Fri 03 Oct 09:30 America/New_York", "last-call", "2025-Q3", "1", "send"],
        ["2025-10-06T13:30:00Z", "Mon 06 Oct 09:30 America/New_York", "overdue", "2025-Q3", "1", "send"],
    ]
    answered = {tuple(row[5:]) for row in rows if row[4] == "dev@example.com"}
    assert answered == {("0", "skip: nothing missing")}
    assert loaded(*PLAN)[1] == out
    assert contents(here) == before
    assert loaded("tick", "--dry-run", "--from", "2025-09-02", "--to", "2025-09-01")[0] == 2


def test_before_accounts_were_looked_up_only_the_plan_takes_them_for_granted(loaded: Run) -> None:
    at_opening = ("tick", "--at", "2025-09-22T15:00:00Z")
    assert [row[-1] for row in rows_of(loaded(*at_opening, "--dry-run")[1])].count("send") == 1
    assert loaded(*at_opening)[1] == "0 queued\n"


def test_once_accounts_were_looked_up_the_plan_says_who_has_none_and_who_is_away(loaded: Run, here: Path) -> None:
    back = datetime(2025, 9, 24, 12, tzinfo=UTC)
    away = DirectoryEntry("U0PM", "pm", "Pat", email="pm@example.com", is_away=True, away_until=back)
    (here / "pm-owns.yaml").write_text(PORTFOLIO.replace("key: front-end", "key: other").replace("dev@", "pm@"))
    assert loaded("load", "pm-owns.yaml", "--yes")[0] == 0
    database = Database(os.environ["DATABASE_URL"])
    with database.writing() as session:
        find_accounts(session, [away])
    database.close()

    status, out, err = loaded(*PLAN)
    assert (status, err) == (0, "")
    opening = {row[4]: row[6] for row in rows_of(out) if row[2] == "opening"}
    assert opening == {
        "Pat (pm@example.com)": "wait until Wed 24 Sep 09:30 America/New_York",
        "ops@example.com": "skip: no Slack account was found",
    }


def contents(folder: Path) -> dict[str, bytes]:
    """Every file beside the tests' own input, byte for byte."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_a_rehearsal_tells_what_everybody_would_get_and_leaves_the_database_alone(loaded: Run, here: Path) -> None:
    before = contents(here)
    status, out, err = loaded("rehearse", "--quarter", "2025-Q3")
    assert status == 0
    assert "accounts have not been looked up" in err
    lines = out.splitlines()
    assert lines[-1] == "3 people, 11 messages, 0 not sent, refused calls = 0", "who has answered is asked as well"
    assert [line.split("  ")[1] for line in lines if "  opening" in line] == ["Fri 19 Sep 09:30"] * 2
    assert contents(here) == before


def test_a_rehearsal_plays_the_quarter_that_is_open_or_the_one_that_comes_next(
    loaded: Run, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And shows only a project's people where one is named."""
    (here / "two.yaml").write_text(PORTFOLIO + OTHER_PROJECT)
    loaded("load", "two.yaml")
    one = loaded("rehearse", "--project", "other")[1]
    assert one.startswith("Q3 2025,")
    assert [name for name in ("far@example.com", "dev@example.com", "ops@example.com") if name in one] == [
        "far@example.com"
    ]
    monkeypatch.setenv("QUARTERDECK_NOW", "2025-11-15T15:00:00Z")
    everybody = loaded("rehearse")[1]
    assert everybody.startswith("Q4 2025,")
    assert "far@example.com" in everybody
    assert "dev@example.com" in everybody


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("rehearse",), 2, "The portfolio has no projects, so nobody is asked."),
        (("compile", "--project", "all", "--quarter", "2025-Q3"), 1, "No project has anything to report for Q3 2025."),
        (("compile", "--project", "portal", "--quarter", "2025-Q3"), 2, 'There is no project "portal".'),
        (("tick", "--dry-run"), 0, ""),
    ],
)
def test_a_portfolio_without_projects_is_said_in_a_sentence(
    run: Run, here: Path, words: tuple[str, ...], status: int, said: str
) -> None:
    (here / "empty.yaml").write_text("company: Empty Ltd\ntimezone: UTC\n")
    assert run("load", "empty.yaml")[0] == 0
    found, _, error = run(*words)
    assert found == status
    assert said in error


def test_a_project_without_milestones_has_a_row_once_something_was_said_of_it(run: Run, here: Path) -> None:
    (here / "bare.yaml").write_text(
        "company: Bare Ltd\ntimezone: UTC\nprojects: [{key: lab, name: Lab, manager: pm@example.com}]\n"
    )
    (here / "said.yaml").write_text("quarter: 2025-Q3\nprojects: {lab: {risks: [{title: Rain}]}}\n")
    assert run("load", "bare.yaml")[0] == 0
    assert run("compile", "--project", "all", "--quarter", "2025-Q3")[0] == 1
    assert run("answers", "said.yaml")[0] == 0
    status, out, _ = run("compile", "--project", "all", "--quarter", "2025-Q3", "--format", "json")
    assert status == 0
    assert [project["key"] for project in json.loads(out)["projects"]] == ["lab"]


@pytest.mark.parametrize(("words", "said"), [((), "No portfolio"), (("--project", "portl"), "portal")])
def test_a_rehearsal_of_nothing_is_wrong_words(run: Run, words: tuple[str, ...], said: str) -> None:
    if words:
        run("load", "portfolio.yaml")
    status, out, err = run("rehearse", *words)
    assert (status, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1


def test_a_rehearsal_of_a_file_that_is_no_database_is_one_sentence(
    run: Run, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "broken.db").write_bytes(b"not a database at all" * 100)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{here / 'broken.db'}")
    status, out, err = run("rehearse")
    assert (status, out) == (1, "")
    assert "cannot be used" in err
    assert err.count("\n") == 1


def test_a_rehearsal_before_there_is_a_database_makes_none(
    run: Run, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{here / 'nothing.db'}")
    assert run("rehearse")[0] == 2
    assert not (here / "nothing.db").exists()


def test_the_moved_clock_is_honoured(loaded: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    now = loaded("tick", "--dry-run")[1]
    assert "opening" in now
    monkeypatch.setenv("QUARTERDECK_NOW", "2025-08-01T15:00:00Z")
    assert "2025-Q3" not in loaded("tick", "--dry-run")[1]
    assert loaded("tick", "--dry-run", "--at", NOW)[1] == now


HEAVY = ("sqlalchemy", "slack_bolt", "slack_sdk", "jinja2", "babel", "holidays", "alembic", "apscheduler", "uvicorn")
HELP = f"""
import sys
from bot.cli import main
try:
    main(["--help"])
except SystemExit:
    print([name for name in {HEAVY} if name in sys.modules])
"""


def test_help_imports_nothing_heavy() -> None:
    ended = subprocess.run([sys.executable, "-c", HELP], capture_output=True, text=True, check=False)
    assert ended.stdout.splitlines()[-1] == "[]", ended.stderr


def test_postgresql_without_its_driver_is_one_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    monkeypatch.setenv("DATABASE_URL", "postgresql://quarterdeck@127.0.0.1:1/quarterdeck")
    status, out, err = run(*REPORT)
    assert status in (1, 2)
    assert out == ""
    assert "psycopg" in err or "postgres" in err
    assert len(err.strip().splitlines()) == 1


SLACK = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "SLACK_API_URL": "http://127.0.0.1:1/api/"}
NEEDING_A_DATABASE = (
    REPORT,
    ("load", "portfolio.yaml"),
    ("answers", "answers.yaml"),
    ("tick", "--dry-run"),
    ("run",),
    ("doctor",),
    ("db", "upgrade"),
    ("export", "elsewhere"),
    ("audit",),
)
UNUSABLE = {
    "nonsense": "DATABASE_URL",
    "mysql://x@127.0.0.1/y": "DATABASE_URL",
    "sqlite:////nowhere/at/all.db": "/nowhere/at/all.db",
    "sqlite:///portfolio.yaml": "portfolio.yaml",  # a file that is no database
    "postgresql://somebody:secret@127.0.0.1:1/quarterdeck": "127.0.0.1:1",
}


@pytest.mark.parametrize("words", NEEDING_A_DATABASE, ids=lambda words: words[0])
@pytest.mark.parametrize("url", UNUSABLE)
def test_a_database_that_cannot_be_used_is_one_sentence(
    run: Run, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], url: str
) -> None:
    for name, value in {**SLACK, "DATABASE_URL": url}.items():
        monkeypatch.setenv(name, value)
    status, out, err = run(*words)
    # The doctor's findings are its result, and what Slack says is one of them.
    told = (
        [line for line in out.splitlines() if line.startswith("amiss database")]
        if words == ("doctor",)
        else err.splitlines()
    )
    is_wrong_word = UNUSABLE[url] == "DATABASE_URL" and words != ("doctor",)
    assert status == (2 if is_wrong_word else 1)
    [said] = told
    assert UNUSABLE[url] in said
    assert "DATABASE_URL" in said, "it says where to look"
    assert "secret" not in out + err
    assert words == ("doctor",) or not out


def test_a_database_that_vanishes_while_a_command_works_is_one_sentence(
    loaded: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object, **__: object) -> None:
        raise OperationalError("SELECT a secret", None, ConnectionError("disk I/O error"))

    monkeypatch.setattr(Company, "load", gone)
    status, out, err = loaded(*REPORT)
    assert (status, out) == (1, "")
    assert "disk I/O error" in err
    assert "SELECT" not in err
    assert len(err.strip().splitlines()) == 1


def test_a_database_is_closed_when_what_is_done_with_it_fails(database_url: str) -> None:
    kept: list[Database] = []
    with pytest.raises(ZeroDivisionError), open_database(Settings(database_url=database_url)) as database:
        kept.append(database)
        with database.reading() as session:
            session.execute(statement("SELECT 1"))
        _ = 1 / 0
    assert kept[0].engine.pool.checkedin() == 0, "no connection is kept"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_demo_prints_its_address_alone_and_ends_when_asked(here: Path, number: signal.Signals) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    command = [sys.executable, "-m", "bot", "demo", "--no-browser", "--port", str(port)]
    environment = {**os.environ, "TMPDIR": str(here)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as demo:
        assert demo.stdout is not None
        line = demo.stdout.readline()
        assert line == f"http://127.0.0.1:{port}/\n"
        with urlopen(line.strip()) as page:  # noqa: S310 - an address of this machine
            assert page.status == 200
        asked = time.monotonic()
        demo.send_signal(number)
        out, err = demo.communicate(timeout=10)
    assert time.monotonic() - asked < 5
    assert out == ""
    assert "Traceback" not in err
    assert list(here.glob("quarterdeck-demo-*")) == [], "it leaves nothing behind"


def test_the_manifest_is_yaml_and_nothing_else(run: Run) -> None:
    status, out, err = run("manifest")
    assert (status, err) == (0, "")
    assert yaml.safe_load(out)["display_information"]["name"] == "Quarterdeck"
