"""A large portfolio costs more rows, never more statements."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from bot.domain.portfolio_report import PortfolioReport
from bot.domain.reporting import build_report
from bot.flow.company import Company
from bot.flow.moment import Moment
from bot.flow.publish.portfolio import compile_portfolio
from bot.store import answers, reports
from bot.store.session import Database
from tests.bench.company import AFTERWARDS, LAST, MILESTONES, QUARTERS, build_company

NOW = Moment(AFTERWARDS, AFTERWARDS)


def publish(session: Session, numbers: Iterable[int]) -> None:
    company = Company.load(session)
    for number in numbers:
        project = company.projects[f"p{number:04d}"]
        report = replace(build_report(company.facts(session, project, LAST, NOW.now)), revision=1)
        reports.freeze(session, report, {}, facts="", channel="C0LEADERS", by="U0BOB", at=NOW.now)


def compiled(database: Database) -> tuple[PortfolioReport, int]:
    """The portfolio's report as `compile --project all` makes it, and how many statements that took."""
    statements: list[str] = []

    def note(*told: object) -> None:
        statements.append(str(told[2]))

    event.listen(database.engine, "before_cursor_execute", note)
    with database.reading() as session:
        report = compile_portfolio(session, Company.load(session), LAST, NOW)
    event.remove(database.engine, "before_cursor_execute", note)
    return report, len(statements)


@pytest.mark.parametrize("published", [0, 1], ids=["unpublished", "published"])
def test_twenty_projects_take_as_many_statements_as_two(database: Database, published: int) -> None:
    counts = []
    for numbers in (range(2), range(2, 20)):
        with database.writing() as session:
            build_company(session, numbers)
            publish(session, numbers[: published * len(numbers)])
        report, statements = compiled(database)
        assert len(report.published) == published * numbers.stop
        assert len(report.projects) == numbers.stop
        counts.append(statements)
    assert counts[0] == counts[1]


def test_all_histories_read_together_are_those_read_alone(database: Database) -> None:
    """A thousand rows are fetched at a time; ten projects have more than twice as many."""
    numbers = range(10)
    with database.writing() as session:
        build_company(session, numbers)
    with database.reading() as session:
        together = dict(answers.histories(session, LAST))
        assert list(together) == [f"p{number:04d}" for number in numbers]
        assert together == {key: answers.history(session, key, LAST) for key in together}
        some = dict(answers.histories(session, QUARTERS[1], ["p0007", "p0002"]))
    assert list(some) == ["p0002", "p0007"]
    assert all(list(history) == list(QUARTERS[:2]) for history in some.values())
    assert all(len(said.milestones) > MILESTONES / 2 for said in some["p0002"].values())
