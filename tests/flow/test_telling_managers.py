"""Whom nothing can be sent to: told to the manager, else to the admins, once a quarter and in their own hours."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.directory import DirectoryEntry
from bot.domain.project import Person
from bot.flow.company import Company
from bot.flow.moment import Moment
from bot.flow.people import find_accounts, owes_in, tell_managers
from bot.store.portfolio import save_portfolio, save_project
from bot.store.session import Database
from bot.store.tables import OutboxRow
from tests.builders import ALICE, BOB, CHARLIE, COMPANY, a_milestone, a_project

LOST = Person("nobody@example.com", "Nobody", email="nobody@example.com")
MORNING, EVENING = datetime(2025, 9, 22, 14, tzinfo=UTC), datetime(2025, 9, 22, 23, tzinfo=UTC)  # 10:00 and 19:00


def directory(*people: Person, closed: Sequence[Person] = ()) -> list[DirectoryEntry]:
    """Slack's accounts of some people."""
    return [
        DirectoryEntry(p.slack_id or "", p.name.lower(), p.name, is_reachable=p not in closed)
        for p in (*people, *closed)
    ]


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A project of Bob's in New York, of which one milestone is somebody's whom Slack does not know."""
    with database.writing() as session:
        save_portfolio(session, COMPANY)
        project = a_project(a_milestone(), a_milestone("lost", owner=LOST))
        save_project(session, project, today=date(2025, 1, 1))
        yield session


def told(session: Session, now: datetime, entries: Sequence[DirectoryEntry]) -> list[tuple[str, str]]:
    """To whom messages go out after Slack's directory was read, and their state."""
    lost = find_accounts(session, entries)
    tell_managers(session, Company.load(session), lost, Moment(now, now))
    rows = session.scalars(select(OutboxRow).order_by(OutboxRow.id))
    return [(row.subject["to"], row.state) for row in rows]


def test_the_manager_is_told_once_however_often_the_directory_is_read(session: Session) -> None:
    everybody = directory(ALICE, BOB, CHARLIE)
    assert told(session, MORNING, everybody) == [("U0BOB", "waiting")]
    assert told(session, EVENING, everybody) == [("U0BOB", "waiting")]


def test_nobody_is_told_outside_their_hours(session: Session) -> None:
    assert told(session, EVENING, directory(ALICE, BOB)) == [("U0BOB", "held")]


def test_where_the_manager_cannot_be_reached_the_admins_are_told(session: Session) -> None:
    save_portfolio(session, replace(COMPANY, admins=("U0CHARLIE",)))
    save_project(session, a_project(a_milestone(owner=CHARLIE), key="other"), today=date(2025, 1, 1))
    assert told(session, MORNING, directory(ALICE, CHARLIE, closed=[BOB])) == [("U0CHARLIE", "waiting")]


@pytest.mark.parametrize(
    ("settings", "owes"),
    [
        ({}, False),
        ({"budget_at_completion": Decimal(100)}, True),
        ({"budget_at_completion": Decimal(100), "budget_owner": CHARLIE}, False),
        ({"manager": ALICE}, True),
    ],
)
def test_a_manager_owes_resources_only_where_there_is_a_budget_and_nobody_else_named(
    session: Session, settings: dict[str, object], owes: bool
) -> None:
    settings = {"budget_at_completion": None, **settings}
    save_project(session, a_project(a_milestone(), **settings), today=date(2025, 1, 1))
    project = Company.load(session).project("portal")
    assert owes_in(project, project.manager) is owes
