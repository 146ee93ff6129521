"""What an admin finds at Home: how the company's quarter stands, people with problems, and whether the bot is well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from bot.domain.project import Person, Project, RagStatus
from bot.domain.quarter import Quarter
from bot.flow.company import Company
from bot.flow.forms import Sending
from bot.flow.home.pages import Page, page_of
from bot.flow.messages import ItemRef
from bot.flow.moment import Moment
from bot.flow.schedule.campaign import sending
from bot.store import figures, reports
from bot.store import people as people_store
from bot.store.outbox import SendState

_ON_THE_WAY = (SendState.WAITING, SendState.SENDING, SendState.UNKNOWN)


class Trouble(StrEnum):
    """Why nothing can be sent to somebody."""

    NO_ACCOUNT = "no-account"  # none was found in Slack, or several
    CLOSED = "closed"  # the account is closed, or is no person's of this workspace


@dataclass(frozen=True, slots=True)
class UnreachablePerson:
    """Somebody the portfolio names to whom nothing can be sent: in how many projects, and the first of them."""

    name: str
    trouble: Trouble
    project_name: str
    projects: int
    ref: ItemRef


@dataclass(frozen=True, slots=True)
class Queue:
    """Messages on their way, for how long the first has waited, and posts that Slack did not confirm.

    `since_beat` is how long ago the heartbeat last ended; None where that is not known.
    """

    waiting: int
    oldest: timedelta
    unconfirmed: int
    since_beat: timedelta | None = None


@dataclass(frozen=True, slots=True)
class CompanySection:
    """How everything stands. `counts` are published projects by status, the worst first."""

    company: str
    quarter: Quarter
    projects: int
    counts: tuple[tuple[RagStatus, int], ...]
    sending: Sending
    queue: Queue
    people: Page[UnreachablePerson]

    @property
    def unpublished(self) -> int:
        """How many projects have not published this quarter."""
        return self.projects - sum(count for _, count in self.counts)


def company_section(
    session: Session,
    company: Company,
    moment: Moment,
    *,
    locale: str,
    page: int,
    size: int,
    beaten_at: datetime | None,
) -> CompanySection:
    """How everything stands, and one page of the people with problems, for a reader's `locale`; a fixed number of statements."""
    quarter = company.latest_opened(moment.now)
    shown = reports.statuses(session, quarter)
    counted = Counter(status for key, status in shown.items() if key in company.projects)
    return CompanySection(
        company=company.portfolio.company,
        quarter=quarter,
        projects=len(company.projects),
        counts=tuple((status, counted[status]) for status in RagStatus.worst_first() if counted[status]),
        sending=sending(session, company, moment, locale),
        queue=_queue(session, moment, beaten_at),
        people=page_of(_unreachable(session, company, quarter), page, size),
    )


def _queue(session: Session, moment: Moment, beaten_at: datetime | None) -> Queue:
    by_state = figures.open_by_state(session)
    since = figures.oldest_due(session, moment.real)
    return Queue(
        waiting=sum(by_state.get(state, 0) for state in _ON_THE_WAY),
        oldest=moment.real - since if since else timedelta(),
        unconfirmed=by_state.get(SendState.UNCONFIRMED, 0),
        since_beat=moment.real - beaten_at if beaten_at else None,
    )


def _unreachable(session: Session, company: Company, quarter: Quarter) -> list[UnreachablePerson]:
    """Everybody the live plan names to whom nothing can be sent, by name."""
    closed = people_store.closed_accounts(session)
    people: dict[int, Person] = {}
    projects: dict[int, dict[str, Project]] = {}
    for project in company.projects.values():
        for person in _named_in(project):
            if person.slack_id is None or person.slack_id in closed:
                people[person.id] = person
                projects.setdefault(person.id, {})[project.key] = project
    found = (_unreachable_person(people[number], list(projects[number].values()), quarter) for number in people)
    return sorted(found, key=lambda person: person.name.casefold())


def _named_in(project: Project) -> Iterator[Person]:
    yield project.manager
    yield project.answers_for_budget
    for milestone in project.milestones:
        if milestone.dropped_on is None:
            yield from milestone.owners


def _unreachable_person(person: Person, projects: list[Project], quarter: Quarter) -> UnreachablePerson:
    return UnreachablePerson(
        name=person.name,
        trouble=Trouble.NO_ACCOUNT if person.slack_id is None else Trouble.CLOSED,
        project_name=projects[0].name,
        projects=len(projects),
        ref=ItemRef(projects[0].key, quarter),
    )
