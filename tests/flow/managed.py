"""Bob's project of two milestones in a database: Alice's front end and Charlie's back end, and what tests ask of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from bot.domain.directory import DirectoryEntry
from bot.domain.milestone_line import LineState
from bot.domain.project import Person
from bot.domain.quarter import Quarter
from bot.domain.report import QuarterlyReport
from bot.domain.reporting import build_report
from bot.flow.company import Company
from bot.flow.messages import ItemRef
from bot.flow.moment import Moment
from bot.store import audit, people
from bot.store.portfolio import save_portfolio, save_project
from bot.store.session import Database
from bot.store.tables import AuditRow, ChangeRow, OutboxRow
from tests.builders import ALICE, BOB, CHARLIE, COMPANY, Q3, a_milestone, a_project

FRONT, BACK = ItemRef("portal", Q3, "front-end"), ItemRef("portal", Q3, "back-end")
DANA = "U0DANA"  # in Slack, and in no file
ROBOT = "U0ROBOT"


def at(month: int, day: int, hour: int = 14, minute: int = 0) -> Moment:
    """An instant of 2025 in UTC; New York is four hours behind until November."""
    instant = datetime(2025, month, day, hour, minute, tzinfo=UTC)
    return Moment(instant, instant)


OPENING, DUE, AFTER = at(9, 19), at(10, 3, 21), at(10, 6)


@dataclass(frozen=True)
class Scene:
    """A transaction with the company as it stands at its beginning."""

    session: Session
    company: Company

    def person(self, ref: str) -> Person:
        """Somebody as stored, by ref or Slack id."""
        return people.people_by_ref(self.session)[ref]

    def state(self, ref: ItemRef, moment: Moment = OPENING) -> LineState:
        """How a milestone's row reads."""
        project = self.company.project(ref.project)
        facts = self.company.facts(self.session, project, ref.quarter, moment.now)
        return next(line.state for line in build_report(facts).milestones if line.key == ref.milestone)

    def report(self, quarter: Quarter, moment: Moment = OPENING) -> QuarterlyReport:
        """What a quarter's report says."""
        return build_report(self.company.facts(self.session, self.company.project("portal"), quarter, moment.now))

    def due(self, moment: Moment = OPENING, quarter: Quarter = Q3) -> int:
        """How many milestones count."""
        return self.report(quarter, moment).coverage.due

    def owner(self, ref: ItemRef) -> str:
        """Who answers for a milestone, by name."""
        milestone = self.company.project(ref.project).milestone(ref.milestone)
        assert milestone is not None
        return milestone.owner.name

    def deeds(self, ref: ItemRef) -> list[str]:
        """What the audit trail says of a milestone, or of the project."""
        subject = f"{ref.project}/{ref.milestone}" if ref.milestone else ref.project
        return [entry.what.value for entry in audit.trail(self.session, subject)]

    def details(self) -> str:
        """Everything that stands in the audit trail."""
        rows = self.session.scalars(select(AuditRow))
        return "\n".join(f"{row.person_id} {row.what} {row.subject} {row.detail}" for row in rows)

    def changes(self) -> list[tuple[str, str | None, str | None, str | None]]:
        """The trail of changes that the report lists: what, from, to, and who did it."""
        return [(row.what, row.old, row.new, row.by) for row in self.session.scalars(select(ChangeRow))]

    def notices(self) -> list[tuple[str, str, str]]:
        """What is to be sent, in order: to whom, which words, in which state."""
        rows = self.session.scalars(select(OutboxRow).where(OutboxRow.kind == "notice").order_by(OutboxRow.id))
        return [(row.subject["to"], row.subject["name"], row.state) for row in rows]


class Stage:
    """The database, looked at and written to in scenes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        project = a_project(a_milestone(), a_milestone("back-end", owner=CHARLIE), budget_at_completion=None)
        with database.writing() as session:
            save_portfolio(session, COMPANY)
            save_project(session, project, today=date(2025, 1, 1))
            for person in (ALICE, BOB, CHARLIE):
                people.save_entry(session, an_account(person.slack_id or "", person.name))
            people.save_entry(session, an_account(DANA, "Dana"))
            people.save_entry(session, an_account(ROBOT, "Robot", is_reachable=False))

    @contextmanager
    def scene(self) -> Iterator[Scene]:
        """One transaction."""
        with self._database.writing() as session:
            yield Scene(session, Company.load(session))


def an_account(slack_id: str, name: str, *, is_reachable: bool = True, timezone: str | None = None) -> DirectoryEntry:
    """An account of Slack's directory."""
    return DirectoryEntry(slack_id, name.lower(), name, timezone=timezone, is_reachable=is_reachable)


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements that are run meanwhile."""
    statements: list[str] = []

    def note(*told: object) -> None:
        statements.append(str(told[2]))

    event.listen(database.engine, "before_cursor_execute", note)
    yield statements
    event.remove(database.engine, "before_cursor_execute", note)
