"""The tick: what is due comes from the database and the clock alone, so it may be run twice, late, or by two at once."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.errors import BotError
from bot.domain.ladder import Action
from bot.domain.project import Person, Portfolio, Project
from bot.domain.quarter import Quarter, ReportingRules
from bot.domain.update import Provenance
from bot.flow.company import Company
from bot.flow.moment import Moment
from bot.flow.schedule.reach import CLOSED_ACCOUNT
from bot.flow.schedule.schedule import forecast_plan, next_instants, plan_nudges, tick
from bot.flow.schedule.snooze import snooze, snoozed_until, snoozes
from bot.store import answers, exceptions, ledger, outbox, people
from bot.store.ledger import Nudge, NudgeState
from bot.store.portfolio import save_portfolio, save_project
from bot.store.session import Database
from bot.store.tables import OutboxRow
from tests.builders import ALICE, BOB, CHARLIE, COMPANY, Q2, Q3, Q4, a_milestone, a_project, an_update

UNKNOWN = Person("nobody@example.com", "nobody@example.com", email="nobody@example.com")
KENJI = Person("U0KENJI", "Kenji", slack_id="U0KENJI", timezone="Asia/Tokyo", country="JP")


def at(month: int, day: int, hour: int = 14, minute: int = 0) -> datetime:
    """An instant of 2025 in UTC; New York is four hours behind until November."""
    return datetime(2025, month, day, hour, minute, tzinfo=UTC)


OPENING, REMINDER, LAST_CALL, DUE = at(9, 19), at(9, 26), at(10, 3), at(10, 3, 21)


def load(database: Database, *projects: Project, company: Portfolio = COMPANY) -> None:
    with database.writing() as session:
        save_portfolio(session, company)
        for project in projects:
            save_project(session, project, today=date(2025, 1, 1))


def beat(database: Database, now: datetime) -> int:
    return tick(database, Company.load, now, now)


def nudges_of(database: Database, person: Person = ALICE, quarter: Quarter = Q3) -> list[Nudge]:
    with database.reading() as session:
        number = people.people_by_ref(session)[person.ref].id
        return ledger.nudges(session, quarter, number)


def steps_of(database: Database, person: Person = ALICE, quarter: Quarter = Q3) -> dict[str, str]:
    return {nudge.step: str(nudge.state) for nudge in nudges_of(database, person, quarter)}


def queued(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(OutboxRow.key).order_by(OutboxRow.id)))


def answer(database: Database, milestone: str = "front-end", at_instant: datetime = OPENING) -> None:
    with database.writing() as session:
        answers.record(session, "portal", Q3, milestone, an_update(), Provenance("U0ALICE", at_instant))


def test_before_the_quarter_opens_nothing_is_queued(database: Database) -> None:
    load(database, a_project())
    assert beat(database, at(9, 19, 13, 29)) == 0
    assert nudges_of(database) == []


def test_the_opening_is_queued_once_however_often_the_heart_beats(database: Database) -> None:
    load(database, a_project())
    assert [beat(database, OPENING + timedelta(seconds=10 * n)) for n in range(4)] == [1, 0, 0, 0]
    [nudge] = nudges_of(database)
    assert (nudge.step, nudge.state, nudge.planned_at) == ("opening", NudgeState.QUEUED, at(9, 19, 13, 30))
    assert queued(database) == [nudge.message_key]


def test_one_message_a_person_covers_all_their_milestones_and_projects(database: Database) -> None:
    load(database, a_project(a_milestone("a"), a_milestone("b")), a_project(a_milestone("c"), key="other"))
    assert beat(database, OPENING) == 1


def test_two_heartbeats_at_once_queue_every_step_once(database: Database, database_url: str) -> None:
    """Two replicas, each with its own connections."""
    owners = [Person(f"U{n}", f"Owner {n}", slack_id=f"U{n}") for n in range(40)]
    load(database, a_project(*(a_milestone(f"m{n}", owner=owner) for n, owner in enumerate(owners))))
    other, start = Database(database_url), threading.Barrier(2)

    def run(replica: Database) -> int:
        start.wait()
        return beat(replica, OPENING)

    with ThreadPoolExecutor(2) as replicas:
        counts = list(replicas.map(run, [database, other]))
    other.close()
    assert sum(counts) == len(queued(database)) == len(set(queued(database))) == 40


def test_a_week_in_which_the_bot_was_down_costs_one_message_the_latest_step(database: Database) -> None:
    load(database, a_project())
    assert beat(database, at(10, 1, 15)) == 1
    assert steps_of(database) == {"opening": "dropped", "reminder-5": "dropped", "reminder-2": "queued"}
    assert {n.reason for n in nudges_of(database) if n.state is NudgeState.DROPPED} == {"replaced by reminder-2"}


def test_an_owner_who_has_answered_everything_is_not_reminded(database: Database) -> None:
    load(database, a_project())
    beat(database, OPENING)
    answer(database)
    assert beat(database, REMINDER) == 0
    assert steps_of(database)["reminder-5"] == "skipped"


def test_an_owner_who_still_owes_one_of_two_is_reminded(database: Database) -> None:
    load(database, a_project(a_milestone(), a_milestone("back-end")))
    beat(database, OPENING)
    answer(database)
    assert beat(database, REMINDER) == 1


def test_outside_a_person_s_hours_the_step_waits_without_a_row(database: Database) -> None:
    load(database, a_project())
    assert beat(database, at(9, 19, 23)) == 0  # 19:00 on a Friday
    assert beat(database, at(9, 21, 14)) == 0  # Sunday
    assert nudges_of(database) == []
    assert beat(database, at(9, 22, 13, 30)) == 1  # Monday 09:30


def test_everybody_is_written_to_by_their_own_clock(database: Database) -> None:
    """19 September begins in Tokyo while New York still has the 18th; the window opens by the company's calendar."""
    load(database, a_project(a_milestone("a"), a_milestone("b", owner=KENJI)))
    assert beat(database, at(9, 19, 13, 30)) == 1  # morning in New York, half past ten at night in Tokyo
    assert (steps_of(database), steps_of(database, KENJI)) == ({"opening": "queued"}, {})
    assert beat(database, at(9, 22, 0, 30)) == 1  # Monday morning in Tokyo
    assert steps_of(database, KENJI) == {"opening": "queued"}


def test_a_holiday_of_the_person_s_country_is_no_working_day(database: Database) -> None:
    """23 September is a public holiday in Japan."""
    load(database, a_project(a_milestone("b", owner=KENJI)))
    assert beat(database, at(9, 23, 3)) == 0
    assert beat(database, at(9, 24, 3)) == 1


def test_somebody_without_an_account_is_recorded_with_the_reason_and_not_queued(database: Database) -> None:
    load(database, a_project(a_milestone(owner=UNKNOWN)))
    beat(database, OPENING)
    [nudge] = nudges_of(database, UNKNOWN)
    assert (nudge.state, nudge.reason) == (NudgeState.SKIPPED, "no Slack account was found")
    assert nudge.message_key is None
    assert not [key for key in queued(database) if key.startswith("nudge:")]


def test_somebody_whose_account_is_found_later_gets_the_next_step(database: Database) -> None:
    load(database, a_project(a_milestone(owner=UNKNOWN)))
    beat(database, OPENING)
    with database.writing() as session:
        number = people.people_by_ref(session)[UNKNOWN.ref].id
        people.set_account(session, number, people.DirectoryEntry("U0NEW", "new", "New"))
    beat(database, REMINDER)
    assert steps_of(database, UNKNOWN) == {"opening": "skipped", "reminder-5": "queued"}


def test_who_owes_nothing_is_not_asked(database: Database) -> None:
    """A milestone complete before, one that came too late, one dropped; a manager of a project without budget."""
    load(database, a_project(a_milestone("late", live_from=date(2025, 10, 2)), a_milestone("done", owner=BOB)))
    with database.writing() as session:
        done = an_update(100, status="Complete")
        answers.record(session, "portal", Q2, "done", done, Provenance("U0BOB", at(7, 1)))
    assert beat(database, at(10, 2, 15)) == 0
    assert queued(database) == []


def test_the_budget_owner_of_a_project_with_a_budget_is_asked(database: Database) -> None:
    load(database, a_project(a_milestone(), budget_owner=BOB, budget_at_completion=an_update(10).percent_complete))
    assert beat(database, OPENING) == 2
    assert steps_of(database, BOB) == {"opening": "queued"}


def test_a_step_that_was_never_sent_is_dropped_after_the_deadline(database: Database) -> None:
    load(database, a_project())
    beat(database, OPENING)
    beat(database, DUE + timedelta(minutes=1))
    assert {n.step: n.reason for n in nudges_of(database) if n.state is NudgeState.DROPPED} == {
        "reminder-5": "replaced by last-call",
        "reminder-2": "replaced by last-call",
        "last-call": "the deadline has passed",
    }


def test_after_grace_a_bot_that_was_down_writes_to_nobody(database: Database) -> None:
    load(database, a_project())
    assert beat(database, at(10, 20)) == 0
    assert nudges_of(database) == []


def test_the_next_quarter_has_steps_of_its_own(database: Database) -> None:
    load(database, a_project())
    beat(database, OPENING)
    assert beat(database, datetime(2025, 12, 19, 15, tzinfo=UTC)) == 1
    assert steps_of(database, quarter=Q4) == {"opening": "queued"}


def test_a_project_s_own_window_is_kept(database: Database) -> None:
    """Due five working days after the quarter's end instead of three."""
    later = a_project(a_milestone("c", owner=CHARLIE), key="other", reporting=ReportingRules(due=5))
    load(database, a_project(), later)
    assert beat(database, OPENING) == 1
    assert beat(database, at(9, 23)) == 1  # ten working days before 7 October
    assert steps_of(database, CHARLIE) == {"opening@10-07": "queued"}


def test_a_project_that_opens_before_the_company_s_window_is_asked_for_at_its_own_time(database: Database) -> None:
    """Fifteen working days before 3 October instead of ten."""
    early = a_project(a_milestone("c", owner=CHARLIE), key="other", reporting=ReportingRules(opens=15))
    load(database, a_project(), early)
    assert beat(database, at(9, 12)) == 1
    assert (steps_of(database), steps_of(database, CHARLIE)) == ({}, {"opening": "queued"})
    assert beat(database, OPENING) == 1
    assert steps_of(database) == {"opening": "queued"}


def test_who_has_answered_one_project_hears_of_the_next_when_it_opens(database: Database) -> None:
    """The other project opens on 21 October, after everything of the first one is over."""
    later = a_project(a_milestone("c"), key="other", reporting=ReportingRules(due=24))
    load(database, a_project(), later)
    beat(database, OPENING)
    answer(database)
    assert [beat(database, day) for day in (REMINDER, LAST_CALL, at(10, 6), at(10, 17))] == [0, 0, 0, 0]
    assert beat(database, at(10, 21)) == 1
    assert steps_of(database)["opening@11-04"] == "queued"


def more_time(database: Database, until: date, milestone: str = "front-end", given_at: datetime = OPENING) -> None:
    with database.writing() as session:
        exceptions.extend(session, "portal", milestone, Q3, until, by="U0BOB", at=given_at)


def test_who_was_given_more_time_is_called_and_missed_by_their_own_deadline(database: Database) -> None:
    load(database, a_project())
    more_time(database, date(2025, 10, 10))
    found = {}
    for day in range(28):
        now = at(9, 19, 15) + timedelta(days=day)
        beat(database, now)
        found |= {step: f"{now:%m-%d}" for step in steps_of(database) if step not in found}
    assert found == {
        "opening@10-10": "09-19",
        "reminder-5@10-10": "10-03",
        "reminder-2@10-10": "10-08",
        "last-call@10-10": "10-10",
        "overdue@10-10": "10-14",  # 13 October is a holiday in the United States
    }


def test_more_time_after_the_last_call_brings_another_one_and_nothing_that_was_heard_already(
    database: Database,
) -> None:
    load(database, a_project())
    for now in (OPENING, REMINDER, at(10, 1), LAST_CALL):
        beat(database, now)
    more_time(database, date(2025, 10, 10))
    assert [beat(database, now) for now in (at(10, 3, 16), at(10, 6), at(10, 8), at(10, 10))] == [0, 0, 1, 1]


def test_with_one_item_overdue_and_one_with_more_time_the_earlier_deadline_is_spoken_of(database: Database) -> None:
    load(database, a_project(a_milestone(), a_milestone("back-end")))
    more_time(database, date(2025, 10, 10), "back-end")
    beat(database, OPENING)
    assert beat(database, LAST_CALL) == 1
    assert "last-call" in steps_of(database)


def test_the_manager_s_digest_comes_after_each_deadline_that_somebody_let_pass(database: Database) -> None:
    load(database, a_project(a_milestone(), a_milestone("back-end", owner=CHARLIE)))
    more_time(database, date(2025, 10, 10), "back-end")
    for now in (OPENING, at(10, 6), at(10, 7), at(10, 14)):
        beat(database, now)
    assert steps_of(database, BOB) == {"digest": "queued", "digest@10-10": "queued"}


def test_projects_with_one_deadline_and_different_graces_make_one_digest(database: Database) -> None:
    rules = (ReportingRules(due=5, grace=2), ReportingRules(due=5, grace=4))
    load(database, *(a_project(key=f"p{n}", reporting=own) for n, own in enumerate(rules)))
    assert beat(database, at(10, 8)) == 2
    assert (steps_of(database)["overdue@10-07"], steps_of(database, BOB)) == ("queued", {"digest@10-07": "queued"})


def test_a_manager_hears_nothing_of_a_deadline_that_is_still_to_come(database: Database) -> None:
    load(database, a_project())
    more_time(database, date(2025, 10, 10))
    beat(database, at(10, 6))
    assert steps_of(database, BOB) == {}


def test_a_closed_account_is_recorded_and_not_written_to(database: Database) -> None:
    load(database, a_project())
    with database.writing() as session:
        people.save_entry(session, people.DirectoryEntry(ALICE.slack_id or "", "alice", "Alice", is_reachable=False))
    assert beat(database, OPENING) == 0
    [nudge] = nudges_of(database)
    assert (nudge.state, nudge.reason) == (NudgeState.SKIPPED, CLOSED_ACCOUNT)


def test_after_a_campaign_the_messages_of_those_who_owe_nothing_any_more_are_edited_once(database: Database) -> None:
    """Alice owed something in the third quarter and nothing in the fourth; Charlie gets a new message in the fourth."""
    load(database, a_project(a_milestone(), a_milestone("back-end", owner=CHARLIE)))
    beat(database, OPENING)
    said = Provenance("U0ALICE", at(10, 1))
    with database.writing() as session:
        for nudge in ledger.nudges(session, Q3):
            ledger.mark(session, nudge.message_key or "", NudgeState.SENT, at=OPENING)
        answers.record(session, "portal", Q3, "front-end", an_update(100, status="Complete"), said)
    opening, after = datetime(2025, 12, 19, 15, tzinfo=UTC), datetime(2026, 1, 14, tzinfo=UTC)
    beat(database, opening)
    with database.writing() as session:
        for nudge in ledger.nudges(session, Q4):
            ledger.mark(session, nudge.message_key or "", NudgeState.SENT, at=OPENING)
    assert not [key for key in queued(database) if key.startswith("card:")]
    for now in (after, after + timedelta(hours=1)):
        beat(database, now)
    [opened] = nudges_of(database)
    [card] = [key for key in queued(database) if key.startswith("card:")]
    assert card.endswith(f":{opened.message_key}")


def test_planning_writes_nothing(database: Database) -> None:
    """A session that only reads is held to it by PostgreSQL itself, and here by SQLite too."""
    load(database, a_project(a_milestone("a"), a_milestone("b", owner=UNKNOWN)))
    with database.reading() as session:
        if database.is_sqlite:
            session.connection().exec_driver_sql("PRAGMA query_only = ON")
        company = Company.load(session)
        plan = list(plan_nudges(session, company, OPENING))
        foreseen = list(forecast_plan(session, company, at(9, 1), at(10, 20)))
        if database.is_sqlite:
            session.connection().exec_driver_sql("PRAGMA query_only = OFF")
    assert {(p.person.ref, p.decision.action) for p in plan} >= {
        (ALICE.ref, Action.SEND),
        (UNKNOWN.ref, Action.SKIP),
    }
    assert [p.decision.rung.step for _, p in foreseen if p.person.ref == ALICE.ref][:4] == [
        "opening",
        "reminder-5",
        "reminder-2",
        "last-call",
    ]
    assert (nudges_of(database), queued(database)) == ([], [])


def test_a_clock_that_stops_at_each_planned_instant_sends_what_was_foreseen(database: Database) -> None:
    """What the demo does when it jumps; somebody in Tokyo included, where the window opens on another day."""
    load(database, a_project(a_milestone("a"), a_milestone("b", owner=KENJI)))
    with database.reading() as session:
        stops = next_instants(session, Company.load(session), at(9, 10), DUE)
    for stop in stops:
        beat(database, stop)
    everything = {"opening": "queued", "reminder-5": "queued", "reminder-2": "queued", "last-call": "queued"}
    assert {step: state for step, state in steps_of(database).items() if step in everything} == everything
    assert {step: state for step, state in steps_of(database, KENJI).items() if step in everything} == everything


def test_what_people_asked_for_themselves_is_in_the_plan_and_what_it_replaces_is_not(database: Database) -> None:
    """Alice wants to hear on Tuesday; something else is held for Kenji until then."""
    load(database, a_project(a_milestone("a"), a_milestone("b")))
    later, held = at(9, 30, 15), at(9, 29, 20)
    with database.writing() as session:
        alice = people.people_by_ref(session)[ALICE.ref].id
        ledger.add(
            session,
            [
                Nudge(alice, Q3, "opening", 0, NudgeState.SENT, at(9, 19, 13, 30)),
                Nudge(alice, Q3, "reminder-5", 0, NudgeState.SNOOZED, at(9, 26, 13, 30)),
                Nudge(alice, Q3, "reminder-5", 1, NudgeState.PLANNED, later),
            ],
            at=OPENING,
        )
        outbox.hold(session, key="held", kind="notice", subject={}, until=held, now=OPENING)
    with database.reading() as session:
        company = Company.load(session)
        plan = list(forecast_plan(session, company, at(9, 20), at(10, 2)))
        stops = next_instants(session, company, at(9, 20), at(10, 2))
    assert [(moment, p.decision.rung.step, p.n, p.missing, p.decision.action) for moment, p in plan] == [
        (later, "reminder-5", 1, 2, Action.SEND),
        (at(10, 1, 13, 30), "reminder-2", 0, 2, Action.SEND),
    ]
    assert stops == [held, later, at(10, 1, 13, 30)]


def load_failing(session: Session) -> Iterator[None]:
    raise OSError("the database is gone")


def test_a_tick_that_fails_has_written_nothing_and_the_next_one_does_its_work(database: Database) -> None:
    load(database, a_project())
    with pytest.raises(OSError, match="gone"):
        tick(database, load_failing, OPENING, OPENING)  # type: ignore[arg-type]  # it never returns
    assert beat(database, OPENING) == 1


@pytest.mark.parametrize(
    ("rules", "today", "expected"),
    [
        (ReportingRules(), date(2025, 9, 18), Q2),
        (ReportingRules(), date(2025, 9, 19), Q3),
        (ReportingRules(), date(2025, 11, 15), Q3),
        # Due 20 working days after the end and opening 10 before: the third quarter opens in mid October.
        (ReportingRules(due=20), date(2025, 10, 1), Q2),
        (ReportingRules(due=20), date(2025, 10, 15), Q3),
    ],
)
def test_the_latest_quarter_that_has_opened(
    database: Database, rules: ReportingRules, today: date, expected: Quarter
) -> None:
    load(database, a_project(), company=replace(COMPANY, reporting=rules))
    with database.reading() as session:
        company = Company.load(session)
    assert company.latest_opened(datetime(today.year, today.month, today.day, 16, tzinfo=UTC)) == expected


def test_who_was_not_asked_for_anything_cannot_put_it_off(database: Database) -> None:
    """Kenji's milestone went to Alice while his Home still offered a later moment."""
    load(database, a_project(a_milestone("a")))
    with database.answering() as session, pytest.raises(BotError, match="nothing to remind you of"):
        snooze(session, Company.load(session), KENJI, Q3, "tomorrow", Moment(OPENING, OPENING))


def test_a_choice_that_an_older_message_still_offers_holds(database: Database) -> None:
    """On a Friday "tomorrow" and "next Monday" are the same moment, and only one of the two is offered."""
    load(database, a_project(a_milestone("a")))
    friday = datetime(2025, 9, 19, 15, tzinfo=UTC)
    with database.answering() as session:
        company, alice = Company.load(session), people.people_by_ref(session)[ALICE.ref]
        offered = [choice.name for choice in snoozes(session, company, alice, Q3, friday + timedelta(14), friday)]
        assert "tomorrow" in offered
        assert "monday" not in offered
        at = snooze(session, company, alice, Q3, "monday", Moment(friday, friday))
        assert at.date() == date(2025, 9, 22)
        assert snoozed_until(session, alice, Q3, friday) == at
        assert snoozed_until(session, alice, Q3, at) is None
