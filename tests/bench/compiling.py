"""A report of 10, 100 and 1,000 projects with twenty milestones and eight quarters each: statements, time and memory.

Run it with ``make bench``. Each step runs in a process of its own, so that its peak of memory is its own; time is that
of the processor, so that neighbours on the machine do not count.
"""

from __future__ import annotations

import logging
import resource
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from bot.domain.portfolio_report import PortfolioReport
from bot.domain.report import QuarterlyReport
from bot.flow.company import Company
from bot.flow.compile.compile import compile_report, facts_hash
from bot.flow.moment import Moment
from bot.flow.publish import files, portfolio, publish
from bot.settings import Settings
from bot.store import answers, people, reports
from bot.store import portfolio as portfolio_store
from bot.store.session import Database
from bot.store.upgrade import make_ready
from bot.surfaces import ReportDocuments
from tests.bench.company import AFTERWARDS, LAST, build_company

SIZES = (10, 100, 1_000)
MOMENT = Moment(AFTERWARDS, AFTERWARDS)
FORMATS = ("md", "json", "slack", "csv", "pdf", "docx")


@dataclass(frozen=True)
class Step:
    """Something to measure: compiling what `subject` names, or, where there is a `form`, writing it in that format."""

    subject: str
    form: str | None = None

    def __str__(self) -> str:
        return f"{self.subject} as {self.form}" if self.form else self.subject


@dataclass(frozen=True)
class Figures:
    """What a step took: statements to the database, seconds of the processor, and its process's peak of memory."""

    statements: int
    seconds: float
    megabytes: float


ONE, EVERY, DRAFTS, PORTFOLIO = "one project", "every project", "the portfolio, unpublished", "the portfolio"
COMPILED = (Step(ONE), Step(EVERY), Step(DRAFTS))
ONE_WRITTEN = tuple(Step(ONE, form) for form in FORMATS)
PUBLISHED = (Step(PORTFOLIO), *(Step(PORTFOLIO, form) for form in FORMATS))


class Bench:
    """The reports of a company as the bot compiles them, from a database that is read once for all."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.documents = ReportDocuments(Settings())

    def compile(self, subject: str) -> Any:
        """What a step names."""
        compilers: dict[str, Callable[[], object]] = {
            ONE: self._one,
            EVERY: lambda: deque(self.every(), maxlen=0),
            DRAFTS: self._portfolio,
            PORTFOLIO: self._portfolio,
        }
        return compilers[subject]()

    def every(self) -> Iterator[QuarterlyReport]:
        """The report of each project, one after the other."""
        company = Company.load(self.session)
        names = people.names_by_ref(self.session)
        trails = portfolio_store.trails(self.session)
        for key, history in answers.histories(self.session, LAST):
            project, trail = company.projects[key], trails.get(key, ())
            facts = company.facts_from(project, LAST, MOMENT.now, history=history, names=names, trail=trail)
            yield compile_report(facts, self.documents)

    def _one(self) -> QuarterlyReport:
        company = Company.load(self.session)
        project = next(iter(company.projects.values()))
        return compile_report(company.facts(self.session, project, LAST, MOMENT.now), self.documents)

    def _portfolio(self) -> PortfolioReport:
        return portfolio.compile_portfolio(self.session, Company.load(self.session), LAST, MOMENT)

    def write(self, report: Any, form: str) -> object:
        """A report in a format."""
        is_portfolio = isinstance(report, PortfolioReport)
        documents: Any = self.documents.portfolio if is_portfolio else self.documents
        texts = portfolio.renderings(documents) if is_portfolio else publish.renderings(documents)
        return {**texts, **files.files(documents)}[form](report)

    def publish_all(self) -> None:
        """Publish what stands now; the texts are those of the first project, since only their size counts."""
        texts: dict[str, str] = {}
        for report in self.every():
            final = replace(report, revision=1)
            texts = texts or {name: make(final) for name, make in publish.renderings(self.documents).items()}
            reports.freeze(self.session, final, texts, facts=facts_hash(final), channel="C1", by="bench", at=MOMENT.now)
            self.session.expunge_all()


def build(url: str, projects: int) -> None:
    """A company in a new database."""
    database = Database(url)
    make_ready(database)
    with database.writing() as session:
        build_company(session, range(projects))
    database.close()


def publish_all(url: str) -> None:
    """Every project's report, published."""
    database = Database(url)
    with database.writing() as session:
        Bench(session).publish_all()
    database.close()


def measure(url: str, step: Step) -> Figures:
    """Carry a step out once."""
    logging.disable(logging.WARNING)
    database = Database(url)
    statements: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    with database.reading() as session:
        bench = Bench(session)
        work = partial(bench.compile, step.subject)
        if step.form:
            work = partial(bench.write, work(), step.form)
            statements.clear()
        began = time.process_time()
        work()
        seconds = time.process_time() - began
    database.close()
    return Figures(len(statements), seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def run(projects: int) -> dict[Step, Figures]:
    """Every step for a company of so many projects."""
    with (
        tempfile.TemporaryDirectory() as folder,
        ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as alone,
    ):
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        alone.submit(build, url, projects).result()
        found = {step: alone.submit(measure, url, step).result() for step in (*COMPILED, *ONE_WRITTEN)}
        alone.submit(publish_all, url).result()
        return found | {step: alone.submit(measure, url, step).result() for step in PUBLISHED}


def _table(title: str, steps: Sequence[Step], columns: dict[str, Callable[[Step], str]]) -> Iterator[str]:
    """One row a step."""
    yield ""
    yield f"| {title} | " + " | ".join(columns) + " |"
    yield "| --- |" + " ---: |" * len(columns)
    for step in steps:
        yield f"| {step} | " + " | ".join(cell(step) for cell in columns.values()) + " |"


def _tables(found: dict[int, dict[Step, Figures]]) -> Iterator[str]:
    first = min(found)

    def by_size(cell: Callable[[int, Step], str]) -> dict[str, Callable[[Step], str]]:
        return {f"{size:,} projects": partial(cell, size) for size in found}

    def growth(size: int, step: Step) -> str:
        return f"{found[size][step].seconds / size / (found[first][step].seconds / first):.2f}"

    whole = (*COMPILED[1:], *PUBLISHED)
    compiled = (*COMPILED, PUBLISHED[0])
    yield from _table("SQL statements", compiled, by_size(lambda size, step: f"{found[size][step].statements}"))
    yield from _table("CPU seconds", (*COMPILED, *PUBLISHED), by_size(lambda n, step: f"{found[n][step].seconds:.3f}"))
    yield from _table(f"time a project, relative to {first} projects", whole, by_size(growth))
    yield from _table(
        "peak memory (MB)", (*COMPILED, *PUBLISHED), by_size(lambda n, step: f"{found[n][step].megabytes:.0f}")
    )
    yield from _table(
        f"of a company of {first} projects",
        ONE_WRITTEN,
        {
            "CPU seconds": lambda step: f"{found[first][step].seconds:.3f}",
            "peak memory (MB)": lambda step: f"{found[first][step].megabytes:.0f}",
        },
    )


def main(words: Sequence[str]) -> None:
    """Print the tables for the sizes named, or for all."""
    sizes = [int(word) for word in words] or list(SIZES)
    print("\n".join(_tables({size: run(size) for size in sizes})))


if __name__ == "__main__":
    main(sys.argv[1:])
