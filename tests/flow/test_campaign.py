"""A campaign: its progress, and an admin's stop, which every worker keeps to and which costs nobody a message."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.domain.errors import NotAllowed
from bot.domain.portfolio_report import ALL
from bot.domain.project import Person
from bot.flow.company import Company
from bot.flow.forms import Sending
from bot.flow.moment import Moment
from bot.flow.schedule.campaign import ProgressLog, resume_sending, sending, stop_sending
from bot.flow.schedule.schedule import tick
from bot.store import audit, ledger, outbox, people
from bot.store.ledger import NudgeState
from bot.store.outbox import LEASE, Parcel, SendState
from bot.store.portfolio import save_portfolio, save_project
from bot.store.session import Database
from tests.builders import ALICE, BOB, CHARLIE, COMPANY, Q3, a_milestone, a_project
from tests.copies import Filling
from tests.flow.managed import an_account

OPENING = datetime(2025, 9, 19, 14, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
OWNERS = [Person(f"U{n}", f"Owner {n}", slack_id=f"U{n}") for n in range(12)]
KINDS = ("nudge", "card", "notice")


class Campaign:
    """Twelve owners on opening day, their messages queued; Charlie is the only admin, Bob the manager."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def begin(self) -> None:
        """Write all that down."""
        with self.database.writing() as session:
            save_portfolio(session, replace(COMPANY, admins=("U0CHARLIE",)))
            owned = (a_milestone(f"m{n}", owner=owner) for n, owner in enumerate(OWNERS))
            save_project(session, a_project(*owned, a_milestone("c", owner=CHARLIE)), today=date(2025, 1, 1))
            people.save_entry(session, an_account("U0CHARLIE", "Charlie"))
        self.beat(OPENING)

    @contextmanager
    def asking(self, person: Person) -> Iterator[tuple]:
        """What every step of the flow begins with, on behalf of somebody."""
        with self.database.writing() as session:
            found = people.person_by_slack_id(session, person.slack_id or "")
            yield session, Company.load(session), found or person, Moment(OPENING, OPENING)

    def beat(self, now: datetime) -> None:
        tick(self.database, Company.load, now, now)

    def stop(self, person: Person = CHARLIE) -> None:
        with self.asking(person) as asked:
            stop_sending(*asked)

    def resume(self, person: Person = CHARLIE) -> None:
        with self.asking(person) as asked:
            resume_sending(*asked)

    def claim(self, now: datetime = OPENING, database: Database | None = None) -> Parcel | None:
        with (database or self.database).writing() as session:
            return outbox.claim(session, "worker", now, KINDS)

    def send(self, count: int, now: datetime = OPENING) -> list[str]:
        """Send so many nudges; their keys."""
        keys = []
        for _ in range(count):
            parcel = self.claim(now)
            assert parcel
            with self.database.writing() as session:
                outbox.finish(session, parcel, "worker", SendState.SENT, now=now, channel="D1", ts="1.0")
                ledger.mark(session, parcel.key, NudgeState.SENT, at=now)
            keys.append(parcel.key)
        return keys

    def standing(self) -> Sending:
        with self.asking(BOB) as (session, company, _, moment):
            return sending(session, company, moment)

    def deeds(self) -> list[tuple[str, str]]:
        with self.database.reading() as session:
            known = people.all_people(session)
            return [(e.what.value, known[e.person or 0].name) for e in audit.trail(session, ALL)]


def fill(database: Database) -> None:
    """Write that company down."""
    Campaign(database).begin()


@pytest.fixture(scope="module")
def filling() -> Filling:
    """Each test begins with that."""
    return fill


@pytest.fixture
def campaign(database: Database) -> Campaign:
    return Campaign(database)


def test_a_stop_is_kept_by_workers_of_every_process_for_nudges_only(campaign: Campaign, database_url: str) -> None:
    with campaign.database.writing() as session:
        outbox.put(session, key="notice", kind="notice", subject={}, now=OPENING)
    campaign.stop()
    other = Database(database_url)
    parcel = campaign.claim(database=other)
    assert parcel and parcel.key == "notice", "what else people wait for goes out"
    assert campaign.claim(database=other) is campaign.claim() is None
    other.close()
    campaign.resume()
    assert campaign.claim()


def test_a_nudge_whose_sender_died_is_not_taken_up_while_sending_is_stopped(campaign: Campaign) -> None:
    assert campaign.claim()
    campaign.stop()
    assert campaign.claim(OPENING + 2 * LEASE) is None


def test_a_stopped_campaign_goes_on_where_it_was_and_sends_nothing_twice(campaign: Campaign) -> None:
    first = campaign.send(5)
    campaign.stop()
    campaign.beat(OPENING + MINUTE)
    campaign.resume()
    campaign.beat(OPENING + 2 * MINUTE)
    rest = campaign.send(8)
    assert len({*first, *rest}) == 13
    assert campaign.claim() is None


def test_what_is_stopped_does_not_count_as_able_to_go_out(campaign: Campaign) -> None:
    nudge = campaign.send(1)[0]
    with campaign.database.writing() as session:
        waiting = next(n for n in ledger.nudges(session, Q3) if n.state is NudgeState.QUEUED)
        for lane in (nudge, waiting.message_key or ""):
            outbox.put_edit(session, kind="card", subject={}, lane=lane, now=OPENING)
    campaign.stop()
    with campaign.database.reading() as session:
        assert outbox.unfinished(session) == 1, "the edit of the message that was sent"


@pytest.mark.parametrize("person", [ALICE, BOB], ids=["an owner", "a manager"])
@pytest.mark.parametrize("deed", [Campaign.stop, Campaign.resume])
def test_others_are_told_who_can(campaign: Campaign, person: Person, deed) -> None:
    with pytest.raises(NotAllowed, match="Only admins can stop or resume the messages: Charlie"):
        deed(campaign, person)
    assert campaign.deeds() == []
    assert campaign.claim()


def test_pressing_twice_is_in_the_trail_once(campaign: Campaign) -> None:
    for deed in (campaign.resume, campaign.stop, campaign.stop, campaign.resume, campaign.resume):
        deed()
    assert [what for what, _ in campaign.deeds()] == ["stopped", "resumed"]
    assert {who for _, who in campaign.deeds()} == {"Charlie"}


def test_progress_counts_what_was_sent_and_what_waits_for_its_turn(campaign: Campaign) -> None:
    campaign.send(5)
    assert (campaign.standing().sent, campaign.standing().waiting) == (5, 8)
    campaign.send(8)
    assert campaign.standing().waiting == 0


def test_a_message_put_off_to_its_person_s_morning_is_not_going_out(campaign: Campaign) -> None:
    campaign.send(12)
    parcel = campaign.claim()
    assert parcel
    with campaign.database.writing() as session:
        outbox.finish(session, parcel, "worker", SendState.WAITING, now=OPENING, due_at=OPENING + MINUTE)
    assert campaign.standing().waiting == 0


def test_a_stop_says_who_and_since_when(campaign: Campaign) -> None:
    campaign.stop()
    assert (campaign.standing().stopped_by, campaign.standing().stopped_at) == ("Charlie", OPENING)
    campaign.resume()
    assert campaign.standing().stopped_by is None


def test_the_log_has_one_line_a_minute_with_the_rate_since_the_last(
    campaign: Campaign, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot.flow.schedule.campaign")
    log = ProgressLog()
    log.write(campaign.database, OPENING)
    campaign.send(10)
    for seconds in (10, 59, 120, 179):
        log.write(campaign.database, OPENING + timedelta(seconds=seconds))
    assert [record.getMessage() for record in caplog.records] == [
        "campaign quarter=2025-Q3 step=opening sent=0 waiting=13 rate=0",
        "campaign quarter=2025-Q3 step=opening sent=10 waiting=3 rate=5",
    ]


def test_the_log_is_silent_where_nothing_goes_out(campaign: Campaign, caplog: pytest.LogCaptureFixture) -> None:
    campaign.send(13)
    caplog.set_level(logging.INFO, "bot.flow.schedule.campaign")
    ProgressLog().write(campaign.database, OPENING)
    assert caplog.records == []
