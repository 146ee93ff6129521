"""Reading trackers: once a day while answers are collected, outside of any transaction, and resting where one is asked to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from bot.domain.errors import DeliveryFailed, TrackerFailed
from bot.domain.plan import PlanFile
from bot.domain.project import Project
from bot.domain.quarter import ReportingRules
from bot.domain.reporting import build_report
from bot.domain.tracker import Tracked, TrackerFigure
from bot.domain.tracker_ref import TrackerRef, TrackerSource
from bot.flow.collect.trackers import TrackerRounds, compose_round, keep, read_all, tracked_in
from bot.flow.company import Company
from bot.flow.compile.compile import facts_hash
from bot.flow.deliver import Drop, Prepare
from bot.flow.moment import Moment
from bot.flow.setup.load_plan import plan_changes, portfolio_changes, save_plan
from bot.store.outbox import Parcel
from bot.store.portfolio import save_portfolio, save_project
from bot.store.session import Database
from bot.store.tables import OutboxRow
from bot.store.trackings import Attempt, trackings
from tests.builders import COMPANY, Q2, Q3, a_milestone, a_project

GITHUB, JIRA, FILE = TrackerSource.GITHUB, TrackerSource.JIRA, TrackerSource.FILE
OPENS = datetime(2025, 9, 19, 4, tzinfo=UTC)  # midnight in New York, ten working days before October 3
GRACE_ENDS = datetime(2025, 10, 8, 21, tzinfo=UTC)
NOON = datetime(2025, 9, 22, 16, tzinfo=UTC)
DAY = timedelta(days=1)
FRONT = TrackerRef(GITHUB, "octo-org/portal#12")
PROJECT = a_project(
    a_milestone(tracker=FRONT),
    a_milestone("api", tracker=TrackerRef(GITHUB, "octo-org/portal#13")),
    a_milestone("docs", tracker=TrackerRef(JIRA, "PORTAL-7")),
    a_milestone("launch"),
)


def figure(percent: int = 72, at: datetime = NOON, ref: TrackerRef = FRONT) -> TrackerFigure:
    return TrackerFigure(ref.source, ref.place, Decimal(percent), at)


class Told:
    """A tracker that says what it was given, one thing a question; the last for ever. It remembers what it was asked."""

    def __init__(self, *outcomes: int | TrackerFailed) -> None:
        self.asked: list[str] = []
        self._outcomes = list(outcomes)

    def read(self, tracked: Tracked, at: datetime) -> TrackerFigure:
        self.asked.append(tracked.milestone)
        outcome = self._outcomes.pop(0) if len(self._outcomes) > 1 else self._outcomes[0]
        if isinstance(outcome, TrackerFailed):
            raise outcome
        return figure(outcome, at, tracked.ref)


def prepare(database: Database, project: Project = PROJECT) -> None:
    with database.writing() as session:
        save_portfolio(session, COMPANY)
        save_project(session, project, today=date(2025, 1, 1))


def queued(database: Database, *moments: datetime, rounds: TrackerRounds | None = None) -> list[str]:
    """The keys in the outbox after beats at some moments, each by a bot of its own unless one is given."""
    with database.writing() as session:
        for now in moments:
            (rounds or TrackerRounds()).queue(session, Company.load(session), Moment(now, now))
        return list(session.scalars(select(OutboxRow.key).order_by(OutboxRow.id)))


def round_of(
    database: Database, trackers: Mapping[TrackerSource, Told], now: datetime = NOON, day: date | None = None
) -> Prepare | Drop:
    subject = {"project": "portal", "day": str(day or now.date())}
    parcel = Parcel(1, "trackers:portal", "trackers", subject, "trackers", attempts=1)
    with database.reading() as session:
        company = Company.load(session)
        return compose_round(session, company, database, lambda _: trackers, parcel, Moment(now, now))


def read(database: Database, trackers: Mapping[TrackerSource, Told], now: datetime = NOON) -> None:
    work = round_of(database, trackers, now)
    assert isinstance(work, Prepare)
    assert work.act() is None


def told(database: Database) -> dict[str, Decimal]:
    """What the report would say now, by milestone."""
    with database.reading() as session:
        company = Company.load(session)
        facts = company.facts(session, company.project("portal"), Q3, NOON)
    return {line.key: line.tracker.percent for line in build_report(facts).milestones if line.tracker}


def unread(database: Database) -> Mapping[str, str]:
    with database.reading() as session:
        found = trackings(session, Q3, list(Company.load(session).projects.values()))
    return found["portal"].unread if found else {}


@pytest.mark.parametrize(
    ("now", "is_due"),
    [
        (OPENS - timedelta(seconds=1), False),
        (OPENS, True),
        (GRACE_ENDS - timedelta(seconds=1), True),
        (GRACE_ENDS, False),
    ],
)
def test_trackers_are_read_while_answers_are_collected(database: Database, now: datetime, is_due: bool) -> None:
    prepare(database)
    assert bool(queued(database, now)) is is_due


def test_a_project_is_read_once_a_day_whoever_beats(database: Database) -> None:
    prepare(database)
    rounds = TrackerRounds()
    assert queued(database, NOON, NOON, rounds=rounds) == ["trackers:portal:2025-09-22"]
    assert len(queued(database, NOON)) == 1, "another process queues nothing more"
    assert queued(database, NOON + DAY, rounds=rounds)[1:] == ["trackers:portal:2025-09-23"]


def test_a_round_that_could_not_be_kept_is_queued_at_the_next_beat(database: Database) -> None:
    prepare(database)
    rounds = TrackerRounds()
    with database.writing() as session:
        rounds.queue(session, Company.load(session), Moment(NOON, NOON))
        session.rollback()
    assert queued(database, NOON, rounds=rounds) == ["trackers:portal:2025-09-22"]


def test_a_project_that_is_in_no_tracker_is_never_read(database: Database) -> None:
    prepare(database, a_project(a_milestone(), a_milestone("gone", tracker=FRONT, dropped_on=date(2025, 8, 1))))
    with database.writing() as session:
        save_project(session, a_project(a_milestone()), today=date(2025, 8, 1))
    assert queued(database, NOON) == []


def test_all_rounds_share_one_lane_so_that_they_hold_up_one_courier(database: Database) -> None:
    prepare(database)
    prepare(database, replace(PROJECT, key="billing"))
    queued(database, NOON)
    with database.reading() as session:
        assert set(session.scalars(select(OutboxRow.lane))) == {"trackers"}


def test_what_is_told_stands_beside_the_milestone(database: Database) -> None:
    prepare(database)
    read(database, {GITHUB: Told(72, 30), JIRA: Told(5)})
    assert told(database) == {"front-end": 72, "api": 30, "docs": 5}


def test_what_was_read_today_is_not_read_again(database: Database) -> None:
    prepare(database)
    trackers = {GITHUB: Told(72, TrackerFailed("octo-org/portal#13 tells nothing."), 80), JIRA: Told(5)}
    read(database, trackers)
    read(database, trackers, NOON + timedelta(hours=3))
    assert trackers[GITHUB].asked == ["front-end", "api"]
    read(database, trackers, NOON + DAY)
    assert trackers[GITHUB].asked == ["front-end", "api"] * 2
    assert told(database) == {"front-end": 80, "api": 80, "docs": 5}


def test_a_failure_keeps_the_figure_of_before_and_says_why(database: Database) -> None:
    prepare(database)
    read(database, {GITHUB: Told(72), JIRA: Told(5)})
    read(database, {GITHUB: Told(TrackerFailed("Gone.")), JIRA: Told(6)}, NOON + DAY)
    assert told(database) == {"front-end": 72, "api": 72, "docs": 6}
    assert unread(database) == {"front-end": "Gone.", "api": "Gone."}
    read(database, {GITHUB: Told(80), JIRA: Told(7)}, NOON + 2 * DAY)
    assert unread(database) == {}


def test_a_tracker_that_is_down_is_asked_once_and_the_others_go_on() -> None:
    trackers = {GITHUB: Told(TrackerFailed("GitHub answered 502.", concerns_all=True)), JIRA: Told(5)}
    found = read_all(tracked_in(PROJECT), trackers, NOON)
    assert trackers[GITHUB].asked == ["front-end"]
    assert [(a.milestone, a.outcome) for a in found.failed] == [
        ("front-end", "GitHub answered 502."),
        ("api", "GitHub answered 502."),
    ]
    assert trackers[JIRA].asked == ["docs"]


def test_a_tracker_that_wants_rest_is_asked_for_the_rest_later(database: Database) -> None:
    prepare(database)
    tired = Told(72, TrackerFailed("Rest.", retry_after=90), 40)
    work = round_of(database, {GITHUB: tired, JIRA: Told(5)})
    assert isinstance(work, Prepare)
    with pytest.raises(DeliveryFailed) as later:
        work.act()
    assert (later.value.outcome, later.value.retry_after) == ("retry", 90)
    assert told(database) == {"front-end": 72, "docs": 5}, "what was told before is kept"
    read(database, {GITHUB: tired, JIRA: Told(5)})
    assert tired.asked == ["front-end", "api", "api"]


def test_a_round_that_takes_long_goes_on_after_a_pause(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(database)
    monkeypatch.setattr("bot.flow.collect.trackers._TURN", -1.0)
    work = round_of(database, {GITHUB: Told(72), JIRA: Told(5)})
    assert isinstance(work, Prepare)
    with pytest.raises(DeliveryFailed) as later:
        work.act()
    assert later.value.retry_after == 1.0


def test_a_round_whose_day_is_over_is_dropped(database: Database) -> None:
    prepare(database)
    assert isinstance(round_of(database, {}, NOON, date(2025, 9, 21)), Drop)


def test_a_place_that_is_no_longer_the_milestone_s_says_nothing(database: Database) -> None:
    prepare(database)
    read(database, {GITHUB: Told(72), JIRA: Told(5)})
    moved = replace(
        PROJECT, milestones=(a_milestone(tracker=TrackerRef(GITHUB, "octo-org/other#1")), a_milestone("api"))
    )
    prepare(database, moved)
    assert told(database) == {}


@pytest.mark.parametrize(("hours", "shown"), [(-1, 72), (1, 55)])
def test_of_a_table_and_a_tracker_the_newer_one_counts(database: Database, hours: int, shown: int) -> None:
    prepare(database)
    read(database, {GITHUB: Told(72), JIRA: Told(5)})
    at = NOON + timedelta(hours=hours)
    loaded = figure(55, at, TrackerRef(FILE, "progress.csv"))
    with database.writing() as session:
        keep(session, Company.load(session), [Attempt("portal", "front-end", FILE, at, loaded)], at)
    assert told(database)["front-end"] == shown


def test_figures_belong_to_the_quarter_they_were_read_in(database: Database) -> None:
    prepare(database)
    in_spring = datetime(2025, 6, 23, 16, tzinfo=UTC)
    read(database, {GITHUB: Told(20), JIRA: Told(5)}, in_spring)
    assert told(database) == {}
    with database.reading() as session:
        found = trackings(session, Q2, [PROJECT])
    assert found["portal"].figures["front-end"].percent == 20


def test_a_project_with_rules_of_its_own_is_read_in_its_own_window(database: Database) -> None:
    prepare(database, replace(PROJECT, reporting=ReportingRules(opens=20)))
    assert queued(database, OPENS - 7 * DAY) == ["trackers:portal:2025-09-12"]


def test_what_a_tracker_says_anew_is_no_new_fact_of_the_report(database: Database) -> None:
    """Else every published report would be a draft again the next morning."""
    prepare(database)

    def fingerprint() -> str:
        with database.reading() as session:
            company = Company.load(session)
            return facts_hash(build_report(company.facts(session, company.project("portal"), Q3, NOON)))

    before = fingerprint()
    read(database, {GITHUB: Told(72), JIRA: Told(TrackerFailed("Gone."))})
    assert told(database)
    assert fingerprint() == before


def test_a_place_is_part_of_the_plan_and_a_table_of_milestones_does_not_take_it_away(database: Database) -> None:
    prepare(database, a_project(a_milestone()))
    placed = a_project(a_milestone(tracker=FRONT))
    with database.writing() as session:
        changes = portfolio_changes(session, COMPANY, [placed])
        assert [str(change) for change in changes] == ["portal/front-end: tracker: nothing → github octo-org/portal#12"]
        save_project(session, placed, today=date(2025, 8, 1))
        table = PlanFile(None, (), (a_project(a_milestone(name="Front")),))
        changes = plan_changes(session, table)
        assert [change.what for change in changes] == ["name"]
        save_plan(session, table, changes, Moment(NOON, NOON))
        (milestone,) = Company.load(session).project("portal").milestones
    assert (milestone.name, milestone.tracker) == ("Front", FRONT)
