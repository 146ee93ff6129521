"""The weekly digest: one message a week to each admin, in their own hours, with the figures as they stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.flow.company import Company
from bot.flow.deliver import Drop, Post
from bot.flow.keep.weekly import WeeklyDigest, compose_weekly
from bot.flow.messages import Notice
from bot.flow.moment import Moment
from bot.sandbox.rules.messages import check_message
from bot.slack import messages
from bot.slack.words import Words
from bot.store import controls, outbox
from bot.store.controls import Stop
from bot.store.portfolio import save_portfolio, save_project
from bot.store.session import Database
from bot.store.tables import OutboxRow
from bot.texts import shipped
from tests.builders import BOB, CHARLIE, COMPANY, a_milestone, a_project

MONDAY = datetime(2025, 9, 22, 4, 30, tzinfo=UTC)  # half an hour into Monday in New York
HOURS = datetime(2025, 9, 22, 13, 30, tzinfo=UTC)  # 09:30 there
WEEK = timedelta(weeks=1)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A project in New York, of which Bob and Charlie are admins."""
    with database.writing() as session:
        save_portfolio(session, replace(COMPANY, admins=("U0BOB", "U0CHARLIE")))
        project = a_project(a_milestone(), a_milestone("app", owner=CHARLIE))
        save_project(session, project, today=date(2025, 1, 1))
        yield session


def queued(session: Session, *moments: datetime, digest: WeeklyDigest | None = None) -> list[str]:
    """The keys in the outbox after beats at some moments, each by a bot of its own unless one is given."""
    for now in moments:
        (digest or WeeklyDigest()).queue(session, Company.load(session), Moment(now, now))
    return list(session.scalars(select(OutboxRow.key).order_by(OutboxRow.id)))


def composed(session: Session, now: datetime) -> Post | Drop:
    """The first digest, as it would be sent at a moment."""
    row = session.scalars(select(OutboxRow).where(OutboxRow.kind == "weekly").order_by(OutboxRow.id)).first()
    assert row is not None
    parcel = outbox.Parcel(row.id, row.key, row.kind, row.subject, row.lane, attempts=1)
    work = compose_weekly(session, Company.load(session), parcel, Moment(now, now))
    assert isinstance(work, (Post, Drop))
    return work


def values(session: Session, now: datetime = HOURS) -> dict[str, object]:
    """What the digest says."""
    work = composed(session, now)
    assert isinstance(work, Post)
    assert isinstance(work.message, Notice)
    return dict(work.message.values)


def put(session: Session, key: str, state: str, *, error: str | None = None, ago: timedelta = timedelta(0)) -> None:
    """Something in the outbox; what is finished was so `ago`."""
    outbox.put(session, key=key, kind="notice", subject={}, now=HOURS)
    row = session.scalars(select(OutboxRow).where(OutboxRow.key == key)).one()
    row.state, row.error = state, error
    row.done_at = HOURS - ago if state in ("sent", "failed") else None
    session.flush()


def test_each_admin_gets_one_a_week_whatever_is_started_again(session: Session) -> None:
    first = queued(session, MONDAY, MONDAY, HOURS)
    assert len(first) == 2
    assert all(key.startswith("weekly:2025-W39:") for key in first)
    again = queued(session, MONDAY + WEEK)
    assert len(again) == 4
    assert all(key.startswith("weekly:2025-W40:") for key in again[2:])


def test_what_could_not_be_kept_is_queued_at_the_next_beat(session: Session) -> None:
    digest = WeeklyDigest()
    savepoint = session.begin_nested()
    queued(session, MONDAY, digest=digest)
    savepoint.rollback()
    assert len(queued(session, MONDAY, digest=digest)) == 2


def test_it_waits_for_the_admins_own_hours(session: Session) -> None:
    queued(session, MONDAY)
    assert set(outbox.held_until(session)) == {HOURS}


@pytest.mark.parametrize("days", range(1, 7))
def test_it_is_queued_on_the_first_working_day_only(session: Session, days: int) -> None:
    assert queued(session, MONDAY + timedelta(days=days)) == []


def test_after_a_monday_off_it_comes_on_tuesday(session: Session) -> None:
    save_portfolio(session, replace(COMPANY, admins=("U0BOB",), closing_days=frozenset({date(2025, 9, 22)})))
    assert queued(session, MONDAY) == []
    assert len(queued(session, MONDAY + timedelta(days=1))) == 1


def test_it_is_looked_for_until_an_admin_has_an_account(session: Session) -> None:
    save_portfolio(session, replace(COMPANY, admins=("new@example.com",)))
    digest = WeeklyDigest()
    assert queued(session, MONDAY, digest=digest) == []
    save_portfolio(session, replace(COMPANY, admins=("U0BOB",)))
    assert len(queued(session, MONDAY, digest=digest)) == 1


def test_it_counts_what_stands_when_it_is_sent(session: Session) -> None:
    queued(session, MONDAY)
    session.query(OutboxRow).update({"state": "sending"})
    put(session, "a", "sent", ago=timedelta(days=1))
    put(session, "long-ago", "sent", ago=timedelta(days=8))
    put(session, "b", "failed", error="account_inactive")
    put(session, "c", "failed", error="channel_not_found")
    put(session, "d", "failed", error="account_inactive", ago=timedelta(days=6, hours=23))
    put(session, "e", "unconfirmed")
    controls.stop_nudges(session, Stop("U0BOB", HOURS))
    assert values(session) == {
        "quarter": Company.load(session).label(Company.load(session).latest_opened(HOURS)),
        "received": 0,
        "due": 2,
        "sent": 1,
        "failed": 3,
        "reasons": [["account_inactive", 2], ["channel_not_found", 1]],
        "waiting": 2,
        "unconfirmed": 1,
        "is_stopped": True,
    }


def test_one_that_could_not_be_sent_in_its_week_is_dropped(session: Session) -> None:
    queued(session, MONDAY)
    assert isinstance(composed(session, MONDAY + timedelta(days=6)), Post)
    assert isinstance(composed(session, MONDAY + WEEK), Drop)


@pytest.mark.parametrize("is_quiet", [True, False])
def test_its_words_hold_the_figures_and_pass_slacks_rules(session: Session, *, is_quiet: bool) -> None:
    queued(session, MONDAY)
    session.query(OutboxRow).update({"state": "held"})
    if not is_quiet:
        for number in range(9):
            put(session, f"f{number}", "failed", error=f"reason_{min(number, 6)}")
        put(session, "u", "unconfirmed")
        controls.stop_nudges(session, Stop("U0BOB", HOURS))
    work = composed(session, HOURS)
    assert isinstance(work, Post)
    rendered = messages.render(work.message, Words((shipped("prompts"),), (shipped("templates"),)))
    said = str(rendered.blocks)
    assert check_message({"text": rendered.text, "blocks": rendered.blocks}) == []
    assert "0 of 2 updates" in said
    assert ("Nothing failed" in said) is is_quiet
    assert ("9 not delivered: `reason_6` 3×, `reason_0` 1×" in said) is not is_quiet
    assert ("stopped" in said) is not is_quiet
    assert ("not confirmed" in said) is not is_quiet
    assert BOB.name not in said
