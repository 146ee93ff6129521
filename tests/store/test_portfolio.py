"""The portfolio as loaded: twice is once, what goes and comes keeps its rows, and hands change."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import given as for_all
from hypothesis import strategies as st
from sqlalchemy import event, select

from bot.domain.changes import Change, PlanChange, plan_at
from bot.domain.plan import PlanFile
from bot.domain.project import Milestone, Person, Portfolio, Project
from bot.domain.quarter import FiscalYear, QuarterDates, ReportingRules
from bot.flow.moment import Moment
from bot.flow.setup.load_plan import plan_changes, portfolio_changes, save_plan
from bot.store import people, portfolio
from bot.store.session import Database
from bot.store.tables import ChangeRow
from tests.builders import ALICE, BOB, CHARLIE, COMPANY, Q3, a_milestone, a_project

FIRST, LATER = date(2025, 1, 10), date(2025, 8, 1)
NOW = datetime(2025, 8, 1, 12, tzinfo=UTC)
FULL_COMPANY = replace(
    COMPANY,
    fiscal_year=FiscalYear(4, named_by_end=False),
    closing_days=frozenset({date(2025, 12, 24)}),
    reporting=ReportingRules(due=5, due_time=time(16, 30), reminders=()),
    quarters={Q3: QuarterDates(due=date(2025, 10, 8))},
)
FULL_PROJECT = a_project(
    a_milestone("a", weight=Decimal("2.5")),
    a_milestone("b", owner=CHARLIE, baseline=None, live_from=date(2025, 6, 1)),
    industry="Telecommunications",
    budget_owner=CHARLIE,
    sponsor=ALICE,
    currency="USD",
    budget_at_completion=Decimal("1200000.50"),
    reporting=ReportingRules(due=7, reminders=()),
)


def load(
    database: Database, *projects: Project, today: date = FIRST, company: Portfolio | None = FULL_COMPANY
) -> list[str]:
    """Load a file of some projects; returns what it changed."""
    now = datetime.combine(today, time(12), UTC)
    plan = PlanFile(company, (), projects)
    with database.writing() as session:
        changes = plan_changes(session, plan)
        save_plan(session, plan, changes, Moment(now, now))
    return list(map(str, changes))


def stored(database: Database, key: str = "portal") -> Project:
    with database.reading() as session:
        return portfolio.projects(session)[key]


def milestone(database: Database, key: str) -> Milestone:
    found = stored(database).milestone(key)
    assert found is not None
    return found


def test_loading_the_same_file_twice_changes_nothing(database: Database) -> None:
    load(database, FULL_PROJECT)
    before = stored(database)
    with database.reading() as session:
        assert portfolio_changes(session, FULL_COMPANY, [FULL_PROJECT]) == []
    load(database, FULL_PROJECT, today=LATER)
    assert stored(database) == before
    with database.reading() as session:
        assert portfolio.portfolio(session) == FULL_COMPANY


def test_loading_twice_changes_nothing_after_slack_has_told_the_accounts(database: Database) -> None:
    by_ref = [
        Person("@dev", "@dev", handle="@dev"),
        Person("dev@example.com", "dev@example.com", email="dev@example.com"),
    ]
    project = a_project(a_milestone("a", owner=by_ref[0]), manager=by_ref[1])
    load(database, project)
    entry = people.DirectoryEntry("U0DEV", "dev", "Dev", "dev@example.com")
    with database.writing() as session:
        for number in list(people.all_people(session)):
            if number in people.all_people(session):
                people.set_account(session, number, entry)
    with database.reading() as session:
        assert portfolio_changes(session, FULL_COMPANY, [project]) == []


def test_every_field_of_a_project_comes_back(database: Database) -> None:
    load(database, FULL_PROJECT)
    back = stored(database)
    same = replace(
        back,
        manager=FULL_PROJECT.manager,
        budget_owner=FULL_PROJECT.budget_owner,
        sponsor=FULL_PROJECT.sponsor,
        milestones=tuple(
            replace(m, owner=n.owner) for m, n in zip(back.milestones, FULL_PROJECT.milestones, strict=True)
        ),
    )
    assert same == FULL_PROJECT
    assert [m.owner.slack_id for m in back.milestones] == ["U0ALICE", "U0CHARLIE"]


def test_milestones_of_the_first_load_are_live_in_every_quarter_and_later_ones_from_their_load(
    database: Database,
) -> None:
    load(database, a_project(a_milestone("a"), a_milestone("dated", live_from=date(2025, 3, 1))))
    load(database, a_project(*(a_milestone(key) for key in ("a", "dated", "new"))), today=LATER)
    live_from = {m.key: m.live_from for m in stored(database).milestones}
    assert live_from == {"a": None, "dated": date(2025, 3, 1), "new": LATER}


def test_a_milestone_that_is_no_longer_listed_is_dropped_and_comes_back_when_listed_again(database: Database) -> None:
    load(database, a_project(a_milestone("a"), a_milestone("b")))
    load(database, a_project(a_milestone("a")), today=LATER)
    assert milestone(database, "b").dropped_on == LATER
    load(database, a_project(a_milestone("a")), today=date(2025, 9, 1))
    assert milestone(database, "b").dropped_on == LATER  # the day it was dropped, not the last load
    load(database, a_project(a_milestone("a"), a_milestone("b")), today=date(2025, 9, 2))
    assert milestone(database, "b").dropped_on is None


def test_projects_that_a_file_does_not_list_are_untouched(database: Database) -> None:
    load(database, FULL_PROJECT)
    before = stored(database)
    load(database, a_project(key="other"), today=LATER)
    assert stored(database) == before


def test_milestones_are_in_the_order_of_the_file(database: Database) -> None:
    load(database, a_project(a_milestone("a"), a_milestone("b"), a_milestone("c")))
    load(database, a_project(a_milestone("c"), a_milestone("a"), a_milestone("b")))
    assert [m.key for m in stored(database).milestones] == ["c", "a", "b"]


def test_a_file_of_milestones_alone_adds_at_the_end_and_drops_nothing(database: Database) -> None:
    load(database, FULL_PROJECT)
    listed = a_project(a_milestone("c"), a_milestone("b", name="Renamed", owner=CHARLIE, baseline=None))
    changes = load(database, listed, today=LATER, company=None)
    assert changes == ["portal/c: added: C", "portal/b: name: B → Renamed"]
    after = stored(database)
    assert [(m.key, m.name, m.live_from) for m in after.milestones] == [
        ("a", "A", None),
        ("b", "Renamed", date(2025, 6, 1)),
        ("c", "C", LATER),
    ]
    assert after.budget_at_completion == FULL_PROJECT.budget_at_completion


def test_a_milestone_is_handed_over_and_the_trail_says_from_whom_to_whom(database: Database) -> None:
    load(database, a_project(a_milestone("a", owner=ALICE)))
    load(database, a_project(a_milestone("a", owner=CHARLIE)), today=LATER)
    assert milestone(database, "a").owner.name == "Charlie"
    with database.reading() as session:
        trail = session.scalars(select(ChangeRow).where(ChangeRow.what == "owner")).all()
    assert [(row.milestone_key, row.old, row.new, row.at) for row in trail] == [("a", "Alice", "Charlie", NOW)]


def test_a_project_without_a_budget_owner_any_more_asks_its_manager(database: Database) -> None:
    load(database, FULL_PROJECT)
    load(database, replace(FULL_PROJECT, budget_owner=None))
    assert stored(database).answers_for_budget.slack_id == BOB.slack_id


def test_the_trail_comes_back_oldest_first_with_who_did_it(database: Database) -> None:
    by_hand = Change("portal", "a", "owner", "Alice", "Bob")
    with database.writing() as session:
        portfolio.record_changes(session, [by_hand], NOW, by="U0BOB")
        portfolio.record_changes(session, [Change("portal", "", "name", "Old", "New")], NOW - timedelta(days=1))
        portfolio.record_changes(session, [Change("other", "", "added", None, "Other")], NOW)
    with database.reading() as session:
        trail = portfolio.plan_changes(session, "portal")
        assert portfolio.plan_changes(session, "unknown") == ()
        assert portfolio.trails(session) == {"portal": trail, "other": portfolio.plan_changes(session, "other")}
    assert trail == (
        PlanChange("portal", "", "name", "Old", "New", NOW - timedelta(days=1), None),
        PlanChange("portal", "a", "owner", "Alice", "Bob", NOW, "U0BOB"),
    )


def test_the_trails_of_any_number_of_projects_are_one_statement(database: Database) -> None:
    load(database, *(a_project(a_milestone("a"), key=f"p{number}") for number in range(5)))
    statements: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    with database.reading() as session:
        assert len(portfolio.trails(session)) == 6  # the company has one too
    assert len([statement for statement in statements if "FROM changes" in statement]) == 1


KEYS = st.sampled_from(["a", "b", "c"])
PEOPLE = st.sampled_from([ALICE, BOB, CHARLIE])
DAYS = st.none() | st.dates(date(2025, 1, 1), date(2025, 12, 31))
PLANS = st.builds(
    lambda milestones, name, budget: (milestones, name, budget),
    st.dictionaries(KEYS, st.tuples(st.sampled_from(["X", "Y"]), PEOPLE, DAYS, st.integers(1, 3)), max_size=3),
    st.sampled_from(["One", "Two"]),
    st.none() | st.integers(1, 3).map(Decimal),
)
NUMBERS = count()


def essence(project: Project) -> tuple[object, ...]:
    milestones = {(m.key, m.name, m.owner.name, m.baseline, m.weight, m.dropped_on) for m in project.milestones}
    return project.name, project.budget_at_completion, milestones


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@for_all(st.lists(PLANS, min_size=1, max_size=5))
def test_whatever_was_loaded_the_trail_leads_back_to_each_plan_that_held(
    database: Database, plans: list[tuple[dict[str, tuple[str, Person, date | None, int]], str, Decimal | None]]
) -> None:
    key = f"p{next(NUMBERS)}"
    held: list[tuple[datetime, Project]] = []
    for number, (milestones, name, budget) in enumerate(plans):
        at = NOW + timedelta(days=number)
        listed = (
            a_milestone(m, name=title, owner=owner, baseline=baseline, weight=Decimal(weight))
            for m, (title, owner, baseline, weight) in milestones.items()
        )
        project = replace(a_project(key=key, name=name, budget_at_completion=budget), milestones=tuple(listed))
        load(database, project, today=at.date(), company=COMPANY)
        held.append((at, stored(database, key)))
    now = stored(database, key)
    with database.reading() as session:
        trail = portfolio.plan_changes(session, key)
    for at, project in held:
        back = plan_at(now, trail, at, zone=ZoneInfo("UTC"), name_of=str)
        known = {m.key for m in project.milestones}
        since = replace(back, milestones=tuple(m for m in back.milestones if m.key in known))
        assert essence(since) == essence(project)
