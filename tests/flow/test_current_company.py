"""The company is read once and again after every change of it: what is composed next already knows."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import delete, event, update
from sqlalchemy.orm import Session

from bot.domain.project import Portfolio
from bot.flow.company import Company, CurrentCompany
from bot.store import answers, exceptions, people, portfolio
from bot.store.session import Database
from bot.store.tables import MilestoneRow
from tests.builders import ALICE, BOB, CHARLIE, COMPANY, Q3, a_milestone, a_project, an_update, given

NOW = datetime(2025, 9, 19, 14, tzinfo=UTC)
TODAY = date(2025, 9, 19)


@pytest.fixture
def current(database: Database) -> CurrentCompany:
    """A company that has been read once."""
    with database.writing() as session:
        portfolio.save_portfolio(session, COMPANY)
        portfolio.save_project(session, a_project(a_milestone(), a_milestone("back-end", owner=CHARLIE)), today=TODAY)
    current = CurrentCompany("#leaders")
    with database.reading() as session:
        current(session)
    return current


def renamed(session: Session) -> None:
    portfolio.save_portfolio(session, Portfolio(company="Another", timezone="Asia/Tokyo"))


def with_one_milestone_more(session: Session) -> None:
    portfolio.save_milestone(session, "portal", a_milestone("late"), today=TODAY)


def reassigned(session: Session) -> None:
    number = people.people_by_ref(session)[BOB.ref].id
    portfolio.set_owner(session, "portal", "front-end", number)


def with_own_hours(session: Session) -> None:
    number = people.people_by_ref(session)[ALICE.ref].id
    people.set_hours(session, number, (NOW.time(), NOW.replace(hour=18).time()))


def excused(session: Session) -> None:
    exceptions.excuse(session, "portal", "front-end", Q3, "not now", by="U0BOB", at=NOW)


def paused(session: Session) -> None:
    exceptions.pause(session, "portal", "frozen", by="U0BOB", at=NOW)


def with_another_name_of_somebody(session: Session) -> None:
    people.save_person(session, replace(ALICE, name="Alice B."))


def dropped_by_a_statement(session: Session) -> None:
    session.execute(update(MilestoneRow).values(dropped_on=TODAY))


def deleted_by_a_statement(session: Session) -> None:
    session.execute(delete(MilestoneRow))


CHANGES = [
    renamed,
    with_one_milestone_more,
    reassigned,
    with_own_hours,
    excused,
    paused,
    with_another_name_of_somebody,
    dropped_by_a_statement,
    deleted_by_a_statement,
]


def content(company: Company) -> tuple[object, ...]:
    return company.portfolio, company.projects, company.exceptions, company.default_channel


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_is_seen_by_whoever_asks_next(
    database: Database, database_url: str, current: CurrentCompany, change: Callable[[Session], None]
) -> None:
    """In the same transaction, in the next one, and by another process."""
    elsewhere, other = Database(database_url), CurrentCompany("#leaders")
    with elsewhere.reading() as session:
        before = content(other(session))
    with database.writing() as session:
        change(session)
        assert content(current(session)) != before
    with database.reading() as session:
        changed = content(current(session))
        assert changed == content(Company.load(session, "#leaders")) != before
    with elsewhere.reading() as session:
        assert content(other(session)) == changed
    elsewhere.close()


def test_a_change_that_was_rolled_back_leaves_no_trace(database: Database, current: CurrentCompany) -> None:
    with database.reading() as session:
        before = content(current(session))
    with pytest.raises(ZeroDivisionError), database.writing() as session:
        renamed(session)
        assert content(current(session)) != before
        raise ZeroDivisionError
    with database.reading() as session:
        assert content(current(session)) == before
    with database.writing() as session:
        excused(session)
    with database.reading() as session:
        assert current(session).portfolio == COMPANY


def test_an_answer_changes_nothing_of_the_company_so_it_is_not_read_again(
    database: Database, current: CurrentCompany
) -> None:
    with database.reading() as session:
        before = current(session)
    with database.writing() as session:
        said = given(an_update())
        answers.record(session, "portal", Q3, "front-end", said.value, said.provenance)
        people.save_person(session, ALICE)  # a file that says what is known already
    statements: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    with database.reading() as session:
        assert current(session) is before
    assert len([statement for statement in statements if statement.startswith("SELECT")]) == 1
