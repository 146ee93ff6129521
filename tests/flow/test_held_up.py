"""What an outage of Slack held back: sent when Slack is there again, but not into anybody's night."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bot.flow.ask.ask import compose_nudge
from bot.flow.ask.notices import compose_notice
from bot.flow.company import Company
from bot.flow.deliver import Later, Post, Work
from bot.flow.schedule.schedule import tick
from bot.store import ledger, people
from bot.store.outbox import Parcel
from bot.store.portfolio import save_portfolio, save_project
from bot.store.session import Database
from tests.builders import ALICE, COMPANY, Q3, a_milestone, a_project

DAY, NIGHT = datetime(2025, 9, 19, 14, tzinfo=UTC), datetime(2025, 9, 20, 3, tzinfo=UTC)  # New York: 10:00 and 23:00
SOON, HELD_UP = 9, 10  # attempts: after some ten minutes, and after more than a quarter of an hour


@pytest.fixture
def company(database: Database) -> Company:
    """Alice was to be asked this morning; the message is on its way."""
    with database.writing() as session:
        save_portfolio(session, COMPANY)
        save_project(session, a_project(a_milestone()), today=date(2025, 1, 1))
    assert tick(database, Company.load, DAY, DAY) == 1
    with database.reading() as session:
        return Company.load(session)


def asked(session: Session, company: Company, now: datetime, **how: Any) -> Work:
    [nudge] = ledger.nudges(session, Q3, people.people_by_ref(session)[ALICE.ref].id)
    key = nudge.message_key or ""
    return compose_nudge(session, company, Parcel(1, key, "nudge", {"step": nudge.step}, key, **how), now)


def told(session: Session, company: Company | None, now: datetime, attempts: int) -> Work:
    subject = {"to": "U0ALICE", "name": "post-refused", "values": {}}
    return compose_notice(session, company, Parcel(1, "n", "notice", subject, "n", attempts), now)


@pytest.mark.parametrize(
    ("now", "attempts", "may_have_been_sent", "expected"),
    [
        (DAY, 1, False, Post),
        (DAY, HELD_UP, True, Post),
        (NIGHT, 1, False, Later),
        (NIGHT, SOON, True, Post),  # it is looked for, and most likely there
        (NIGHT, HELD_UP, True, Later),
    ],
)
def test_who_is_asked_is_asked_in_their_hours(
    database: Database, company: Company, now: datetime, attempts: int, may_have_been_sent: bool, expected: type[Work]
) -> None:
    with database.reading() as session:
        work = asked(session, company, now, attempts=attempts, may_have_been_sent=may_have_been_sent)
    assert isinstance(work, expected)


@pytest.mark.parametrize(
    ("now", "attempts", "expected"), [(NIGHT, SOON, Post), (NIGHT, HELD_UP, Later), (DAY, HELD_UP, Post)]
)
def test_who_pressed_something_hears_at_once_or_in_their_hours(
    database: Database, company: Company, now: datetime, attempts: int, expected: type[Work]
) -> None:
    with database.reading() as session:
        assert isinstance(told(session, company, now, attempts), expected)
        assert isinstance(told(session, None, now, attempts), Post), "before a portfolio is loaded nobody has hours"
