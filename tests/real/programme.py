"""Real programmes loaded and compiled by the very commands that people type, quarter after quarter."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import closing, redirect_stderr, redirect_stdout
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest import mock

import yaml

from bot.cli import main
from bot.domain.quarter import Quarter
from bot.domain.report import QuarterlyReport
from bot.flow.company import Company
from bot.flow.compile.compile import compile_report
from bot.settings import read_settings
from bot.store.upgrade import open_ready
from bot.surfaces import ReportDocuments

DATA = Path(__file__).parents[1] / "data"
Row = dict[str, str]


def rows(name: str) -> Iterator[Row]:
    """The rows of an extract, cells as text."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def key_of(text: str) -> str:
    """A name as a key of files."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


class Programme:
    """A folder with a database of its own, in which commands run at an instant of our choosing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._environment = {"DATABASE_URL": f"sqlite:///{folder / 'quarterdeck.db'}", "LOG_LEVEL": "ERROR"}

    def load(self, portfolio: Mapping[str, Any], *, now: str) -> None:
        """Load a portfolio as of an instant; milestones that it no longer lists are dropped."""
        self._run("load", self._file("portfolio.yaml", portfolio), "--yes", now=now)

    def answer(self, answers: Mapping[str, Any], *, now: str) -> None:
        """Load a quarter's answers."""
        self._run("answers", self._file("answers.yaml", answers), now=now)

    def load_file(self, path: Path, *, now: str) -> None:
        """Load a portfolio file as it is."""
        self._run("load", str(path), "--yes", now=now)

    def answer_file(self, path: Path, *, now: str) -> None:
        """Load a quarter's answers from a file as it is."""
        self._run("answers", str(path), now=now)

    def text(self, project: str, quarter: str, *, now: str, layout: str | None = None) -> str:
        """The report as leaders read it."""
        wanted = ("--layout", layout) if layout else ()
        return self._run("compile", "--project", project, "--quarter", quarter, *wanted, now=now)

    def report(self, project: str, quarter: str, *, now: str) -> dict[str, Any]:
        """The report as other programs read it."""
        words = ("compile", "--project", project, "--quarter", quarter, "--format", "json")
        found: dict[str, Any] = json.loads(self._run(*words, now=now))
        return found

    def reports(self, quarter: str, *, now: str) -> Iterator[tuple[str, QuarterlyReport]]:
        """Every project's report of a quarter, compiled at once."""
        settings = read_settings(self._environment)
        documents, at, wanted = ReportDocuments(settings), datetime.fromisoformat(now), Quarter.parse(quarter)
        with closing(open_ready(settings.database_url)) as database, database.reading() as session:
            company = Company.load(session)
            for key, project in company.projects.items():
                yield key, compile_report(company.facts(session, project, wanted, at), documents)

    def _file(self, name: str, content: Mapping[str, Any]) -> str:
        path = self._folder / name
        path.write_text(yaml.safe_dump(dict(content), allow_unicode=True, sort_keys=False), encoding="utf-8")
        return str(path)

    def _run(self, *words: str, now: str) -> str:
        printed = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
        environment = self._environment | {"QUARTERDECK_NOW": now}
        warnings = io.StringIO()  # history is loaded as it was: what a dialog would refuse is a warning here
        with mock.patch.dict("os.environ", environment), redirect_stdout(printed), redirect_stderr(warnings):
            assert main(words) == 0, warnings.getvalue()
        return printed.buffer.getvalue().decode()  # type: ignore[attr-defined]  # the BytesIO it was made of
