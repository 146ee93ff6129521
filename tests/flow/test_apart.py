"""One person, project, reading or step that breaks keeps nothing from the others."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.exc import OperationalError

from bot.domain.directory import DirectoryEntry
from bot.domain.errors import Busy, DeliveryFailed, NotPermitted
from bot.domain.project import Person, Project
from bot.flow.apart import one_by_one
from bot.flow.company import Company
from bot.flow.moment import Moment
from bot.flow.schedule.schedule import tick
from bot.flow.schedule.whereabouts import Whereabouts
from bot.store import ledger, people
from bot.store.portfolio import save_portfolio, save_project
from bot.store.session import Database
from tests.builders import COMPANY, Q3, a_milestone, a_project

OPENING = datetime(2025, 9, 19, 14, tzinfo=UTC)  # 10:00 by the company's clock, in New York
ODD, GOOD = Person("U0ODD", "Odd", slack_id="U0ODD"), Person("U0GOOD", "Good", slack_id="U0GOOD")
PROJECTS = (
    a_project(a_milestone("a", owner=ODD), key="first"),
    a_project(a_milestone("b", owner=GOOD), key="second"),
)


def load(database: Database, *projects: Project) -> None:
    with database.writing() as session:
        save_portfolio(session, COMPANY)
        for project in projects:
            save_project(session, project, today=date(2025, 1, 1))


def asked(database: Database) -> set[str]:
    with database.reading() as session:
        names = {person.id: person.name for person in people.all_people(session).values()}
        return {names[nudge.person_id] for nudge in ledger.nudges(session, Q3)}


@pytest.mark.parametrize("zone", ["US/Pacific-New", "Nowhere/Bad", "America", "../passwd", ""])
def test_somebody_whose_zone_is_unknown_is_asked_by_the_company_s_clock_and_so_are_the_others(
    database: Database, zone: str
) -> None:
    load(database, *PROJECTS)
    with database.writing() as session:
        people.save_directory(session, [DirectoryEntry("U0ODD", "odd", "Odd", timezone=zone)])
    assert tick(database, Company.load, OPENING - timedelta(minutes=31), OPENING) == 0
    assert tick(database, Company.load, OPENING, OPENING) == 2
    assert asked(database) == {"Odd", "Good"}


def test_a_project_whose_facts_break_keeps_nobody_else_from_being_asked(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    load(database, *PROJECTS)
    standing = Company.standing

    def broken(company: Company, session: object, project: Project, *more: object) -> object:
        if project.key == "first":
            raise ArithmeticError
        return standing(company, session, project, *more)  # type: ignore[arg-type]  # as it was called

    with monkeypatch.context() as patch:
        patch.setattr(Company, "standing", broken)
        assert tick(database, Company.load, OPENING, OPENING) == 1
    assert asked(database) == {"Good"}
    assert "planning failed" in caplog.text
    assert tick(database, Company.load, OPENING, OPENING) == 1
    assert asked(database) == {"Odd", "Good"}


def test_who_breaks_is_named_in_one_line_however_many_they_are(caplog: pytest.LogCaptureFixture) -> None:
    numbers = [(str(number), number) for number in (4, 0, 2, 0)]
    assert list(one_by_one(numbers, lambda number: 8 // number, doing="dividing")) == [2, 4]
    (record,) = caplog.records
    assert (record.levelno, record.getMessage()) == (logging.ERROR, "dividing failed for=['0'] count=1")


@pytest.mark.parametrize("failure", [OperationalError("", None, OSError()), Busy("busy")])
def test_a_database_that_fails_concerns_all(failure: Exception) -> None:
    def act(_: int) -> None:
        raise failure

    with pytest.raises(type(failure)):
        list(one_by_one([("one", 1)], act, doing="reading"))


class OddRoster:
    """Slack, which refuses what a test says."""

    def __init__(self, **refused: DeliveryFailed) -> None:
        self.refused = refused
        self.asked: list[str] = []

    def read_channels(self) -> None:
        self._ask("channels")

    def directory(self) -> Sequence[DirectoryEntry]:
        self._ask("people")
        return [DirectoryEntry("U0GOOD", "good", "Good")]

    def do_not_disturb(self, accounts: Sequence[str]) -> dict[str, tuple[datetime, datetime] | None]:
        self._ask("dnd")
        return dict.fromkeys(accounts)

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if what in self.refused:
            raise self.refused[what]


def look(whereabouts: Whereabouts, at: datetime) -> None:
    moment = Moment(at, at)
    whereabouts.read_channels(at)
    whereabouts.read_people(lambda _: None, moment)
    whereabouts.read_do_not_disturb(Company.load, moment)


@pytest.mark.parametrize("refused", ["channels", "people", "dnd"])
def test_what_slack_refuses_keeps_nothing_else_from_being_read_and_is_said_once(
    database: Database, refused: str, caplog: pytest.LogCaptureFixture
) -> None:
    load(database, *PROJECTS)
    roster = OddRoster(**{refused: NotPermitted("some:read")})
    whereabouts = Whereabouts(database, roster)
    look(whereabouts, OPENING)
    assert roster.asked == ["channels", "people", "dnd"]
    with database.reading() as session:
        assert people.has_directory(session) is (refused != "people")
    for minutes in (1, 6, 61, 121):
        look(whereabouts, OPENING + timedelta(minutes=minutes))
    said = [record for record in caplog.records if "some:read" in record.getMessage()]
    assert len(said) == 1
    assert roster.asked.count(refused) > 1, "it is asked again, since somebody may have granted it"
    roster.refused.clear()
    before = len(roster.asked)
    look(whereabouts, OPENING + timedelta(hours=5))
    assert refused in roster.asked[before:]
