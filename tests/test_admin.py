"""The commands of those who look after a bot's data, as they are typed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.cli import main
from bot.store.session import Database
from tests.servers import Postgres
from tests.test_cli import ANSWERS, NOW, PORTFOLIO

Run = Callable[..., tuple[int, str, str]]
NAMED = PORTFOLIO.replace("projects:", "people:\n  - {email: dev@example.com, name: Maya Okafor}\nprojects:")


@pytest.fixture
def run(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Types commands into a folder with a loaded company; exit status, standard output, standard error."""
    for name in [name for name in os.environ if name.startswith(("SLACK_", "QUARTERDECK_"))]:
        monkeypatch.delenv(name)
    for name, value in {"DATABASE_URL": database_url, "QUARTERDECK_NOW": NOW, "LOG_LEVEL": "ERROR"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, str, str]:
        status = main(words)
        said = capsys.readouterr()
        return status, said.out, said.err

    for command, text in (("load", NAMED), ("answers", ANSWERS)):
        (tmp_path / "loaded.yaml").write_text(text)
        assert run(command, "loaded.yaml")[0] == 0
    return run


def test_a_backup_is_made_and_put_back_by_command(run: Run) -> None:
    report = run("compile", "--project", "portal", "--quarter", "2025-Q3")
    assert run("db", "backup", "backup.db") == (0, "Written to backup.db.\n", "")
    Path("loaded.yaml").write_text(ANSWERS.replace("60", "75"))
    run("answers", "loaded.yaml")
    assert run("compile", "--project", "portal", "--quarter", "2025-Q3") != report
    assert run("db", "restore", "backup.db", "--yes")[0] == 0
    assert run("compile", "--project", "portal", "--quarter", "2025-Q3") == report


def test_nothing_is_replaced_without_a_yes(run: Run) -> None:
    run("db", "backup", "backup.db")
    status, out, said = run("db", "restore", "backup.db")
    assert (status, out) == (1, "")
    assert "add --yes" in said


@pytest.mark.parametrize(
    ("words", "ends", "said"),
    [
        (("db", "backup", "loaded.yaml"), 1, "is there already"),
        (("db", "backup", "none/backup.db"), 1, "none/backup.db cannot be written: No such file"),
        (("db", "restore", "loaded.yaml", "--yes"), 2, "is no backup"),
        (("db", "backup", "b" * 300), 1, "cannot be used: File name too long"),
        (("db", "restore", "loaded.yaml"), 2, "is no backup"),
        (("export", "."), 1, "is not empty"),
        (("import", "none"), 2, "no finished export"),
        (("forget", "person", "dev@example.com"), 1, "add --yes"),
        (("forget", "before", "2025-Q3"), 1, "too recent"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(run: Run, words: tuple[str, ...], ends: int, said: str) -> None:
    status, out, told = run(*words)
    assert (status, out) == (ends, "")
    assert said in told
    assert "Traceback" not in told


def test_postgresql_that_waits_for_its_migration_is_said_by_every_command(
    run: Run, monkeypatch: pytest.MonkeyPatch, postgres_server: Postgres
) -> None:
    assert run("export", "exported")[0] == 0
    assert run("db", "backup", "backup.db")[0] == 0
    url = postgres_server.make("bare", lambda _: None)
    monkeypatch.setenv("DATABASE_URL", url)
    report = ("compile", "--project", "portal", "--quarter", "2025-Q3")
    commands = [("load", "loaded.yaml"), ("answers", "loaded.yaml"), report, ("tick",), ("rehearse",), ("export", "e")]
    commands += [("import", "exported"), ("db", "backup", "b.db"), ("db", "restore", "backup.db", "--yes")]
    for words in commands:
        status, out, said = run(*words)
        assert (words, status, out) == (words, 2, "")
        assert said.endswith("Run: quarterdeck db upgrade\n")
    postgres_server.drop(url)


def test_a_ref_of_nobody_is_a_wrong_word(run: Run) -> None:
    assert run("forget", "person", "max@example.com", "--yes")[0] == 2


def test_a_database_moves_by_files(
    run: Run, empty_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = run("compile", "--project", "portal", "--quarter", "2025-Q3")
    assert run("export", "files")[0] == 0
    assert run("import", "files")[0] == 1, "it is not empty"
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{shutil.copy(empty_database, tmp_path / 'other.db')}")
    assert run("import", "files")[0] == 0
    assert run("compile", "--project", "portal", "--quarter", "2025-Q3") == report


def test_a_forgotten_person_is_not_even_in_the_bytes_of_the_file(run: Run, tmp_path: Path) -> None:
    """Deleted rows lie in a file's free pages and in its log until somebody overwrites them."""
    assert b"okafor" in stored(tmp_path)
    status, out, _ = run("forget", "person", "dev@example.com", "--yes")
    assert status == 0
    assert "Name somebody else: portal/front-end: owner." in out
    assert "Not touched: messages already in Slack" in out
    assert b"front-end" in stored(tmp_path)
    assert [trace for trace in (b"okafor", b"dev@example.com") if trace in stored(tmp_path)] == []


def stored(folder: Path) -> bytes:
    """Every byte of the database and its log, in small letters."""
    return b"".join(file.read_bytes() for file in folder.glob("quarterdeck.db*")).lower()


def told(out: str) -> list[str]:
    """The lines of the trail, however wide its columns are."""
    return [" ".join(line.split()) for line in out.splitlines()[1:]]


def test_the_trail_is_shown_by_subject_and_day(run: Run) -> None:
    run("tick", "--at", "2025-09-22T15:00:00Z")
    status, out, _ = run("audit")
    assert (status, out.splitlines()[0].split()) == (0, ["UTC", "SUBJECT", "WHAT", "HAPPENED"])
    lines = told(out)
    assert any(" Message to " in line and line.endswith(": skipped · Q3 2025") for line in lines)
    assert any("answer was loaded from a file: " in line and line.endswith("Q3 2025") for line in lines)
    assert told(run("audit", "--last", "1")[1]) == lines[:1]
    of_one = [line for line in lines if " person:1 " in line]
    assert told(run("audit", "--subject", "person:1")[1]) == of_one != lines
    assert run("audit", "--since", "2025-09-22")[1] == out
    assert len(run("audit", "--since", "2025-09-23")[1].splitlines()) == 1


def test_the_trail_agrees_with_what_is_stored(run: Run) -> None:
    run("tick", "--at", "2025-09-22T15:00:00Z")
    status, out, _ = run("audit", "--check")
    assert status == 0
    assert out.startswith("The trail agrees with what is stored: ")


def test_a_trail_that_does_not_agree_is_told(run: Run, database: Database) -> None:
    run("tick", "--at", "2025-09-22T15:00:00Z")
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE nudges SET state = 'sent' WHERE id = 1")
        connection.exec_driver_sql("DELETE FROM nudges WHERE id = 2")
    status, out, said = run("audit", "--check")
    assert (status, out) == (1, "")
    assert said.count("nudge (") == 2
