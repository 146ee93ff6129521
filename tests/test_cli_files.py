"""`quarterdeck compile` as PDF, Word and CSV: bytes on standard output or in a file, and the same for a revision for ever."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.cli import main
from bot.domain.quarter import Quarter
from bot.flow.company import Company
from bot.flow.compile.compile import compile_report
from bot.flow.publish.files import published_content
from bot.flow.publish.publish import renderings
from bot.settings import Settings
from bot.store import reports
from bot.store.reports import Published
from bot.store.session import Database
from bot.surfaces import ReportDocuments

PORTFOLIO = """
company: Example Networks
timezone: America/New_York
projects:
  - key: portal
    name: Customer Portal
    manager: pm@example.com
    milestones:
      - {key: front-end, name: Front End, owner: dev@example.com, baseline: 2025-12-15}
"""
ANSWERS = """
quarter: 2025-Q3
projects:
  portal:
    milestones:
      front-end: {percent_complete: 60, status: On track, forecast: 2025-12-15}
"""
Q3 = Quarter(2025, 3)
NOW = datetime(2025, 9, 22, 15, tzinfo=UTC)
STARTS = {"pdf": b"%PDF-", "docx": b"PK", "csv": b"record,"}

Run = Callable[..., tuple[int, bytes, str]]


@pytest.fixture
def run(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Run:
    """Run a command in a working folder with a loaded portfolio; its exit status, standard output and error."""
    for name in [name for name in os.environ if name.startswith(("SLACK_", "QUARTERDECK_"))]:
        monkeypatch.delenv(name)
    settings = {"DATABASE_URL": database_url, "QUARTERDECK_NOW": "2025-09-22T15:00:00Z", "LOG_LEVEL": "ERROR"}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "portfolio.yaml").write_text(PORTFOLIO)
    (tmp_path / "answers.yaml").write_text(ANSWERS)

    def run_it(*words: str) -> tuple[int, bytes, str]:
        capfdbinary.readouterr()
        status = main(words)
        said = capfdbinary.readouterr()
        return status, said.out, said.err.decode()

    assert run_it("load", "portfolio.yaml")[0] == 0
    assert run_it("answers", "answers.yaml")[0] == 0
    return run_it


def words(name: str, *more: str, project: str = "portal") -> tuple[str, ...]:
    return ("compile", "--project", project, "--quarter", "2025-Q3", "--format", name, *more)


@pytest.mark.parametrize("project", ["portal", "all"])
@pytest.mark.parametrize("name", STARTS)
def test_standard_output_and_the_file_hold_the_same_bytes(name: str, project: str, run: Run, tmp_path: Path) -> None:
    status, out, _ = run(*words(name, project=project))
    assert status == 0
    assert out.startswith(STARTS[name])
    assert run(*words(name, "-o", "report", project=project)) == (0, b"", "")
    assert (tmp_path / "report").read_bytes() == out


@pytest.mark.parametrize(("name", "module"), [("pdf", "typst"), ("docx", "docx"), ("docx", "typst")])
def test_a_missing_extra_is_one_clear_sentence(
    name: str, module: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for loaded in [known for known in sys.modules if known.startswith("bot.documents.") or known == module]:
        monkeypatch.delitem(sys.modules, loaded)
    monkeypatch.setitem(sys.modules, module, None)
    status, out, said = run(*words(name))
    assert (status, out) == (2, b"")
    assert said == f'{name.upper()} needs {module}, which is not installed: pip install "quarterdeck[{name}]"\n'


def test_a_revision_that_is_not_there_is_said(run: Run) -> None:
    assert run(*words("pdf", "--revision", "4")) == (2, b"", "portal 2025-Q3 has no revision 4.\n")


def publish(database: Database, documents: ReportDocuments) -> Published:
    """Freeze the present facts as revision 1."""
    with database.writing() as session:
        company = Company.load(session)
        facts = company.facts(session, company.project("portal"), Q3, NOW)
        report = replace(compile_report(facts, documents), revision=1)
        texts = {name: make(report) for name, make in renderings(documents).items()}
        reports.freeze(session, report, texts, facts="f", channel="C1", by="U1", at=NOW)
        published = reports.latest(session, "portal", Q3)
    assert published
    return published


@pytest.mark.parametrize("name", STARTS)
def test_a_revision_has_the_same_bytes_for_ever(
    name: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    publish(database, ReportDocuments(Settings()))
    first = run(*words(name, "--revision", "1"))
    changed = tmp_path / "templates"
    (changed / "document").mkdir(parents=True)
    (changed / "document" / "appendix.md.j2").write_text("Another appendix")
    monkeypatch.setenv("TEMPLATES_DIR", str(changed))
    (tmp_path / "answers.yaml").write_text(ANSWERS.replace("60", "70"))
    assert run("answers", "answers.yaml")[0] == 0
    assert first[1].startswith(STARTS[name])
    assert run(*words(name, "--revision", "1")) == first
    assert run(*words(name))[1] != first[1]


@pytest.mark.parametrize("mistake", ["{{ nothing.there }}", "{% if %}", "{{ report | nonsense }}"])
def test_a_company_s_own_layout_with_a_mistake_is_one_sentence_with_file_and_line(
    mistake: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "templates" / "layouts"
    own.mkdir(parents=True)
    (own / "ours.md.j2").write_text(f"# Ours\n\n{mistake}\n")
    monkeypatch.setenv("TEMPLATES_DIR", str(tmp_path / "templates"))
    status, out, err = run("compile", "--project", "portal", "--quarter", "2025-Q4", "--layout", "ours")
    assert (status, out) == (1, b"")
    assert "ours.md.j2, line 3 cannot be used" in err
    assert "Traceback" not in err


def test_of_two_that_make_a_file_at_once_the_first_to_store_it_wins(run: Run, database: Database) -> None:
    documents = ReportDocuments(Settings())
    published = publish(database, documents)

    class Slow(ReportDocuments):
        def csv(self, report: object) -> bytes:
            assert published_content(database, published, "csv", documents)
            return b"a later one"

    later = published_content(database, published, "csv", Slow(Settings()))
    assert later == published_content(database, published, "csv", documents) != b"a later one"
