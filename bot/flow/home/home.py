"""Home: what a person finds whenever they open the bot, in parts by what they are; what waits for them comes first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from enum import StrEnum
from functools import partial
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.domain.project import Person
from bot.domain.quarter import Quarter
from bot.flow.ask.ask import owner_card
from bot.flow.company import Company
from bot.flow.deliver import Drop, Prepare, Work
from bot.flow.forms import Sending
from bot.flow.home.company import CompanySection, company_section
from bot.flow.home.leader import (
    AskedQuestion,
    FollowedProject,
    WaitingDecision,
    asked_questions,
    followed_projects,
    latest_reports,
    own_questions,
    waiting_decisions,
)
from bot.flow.home.pages import Page, page_of
from bot.flow.home.projects import HomeProject, home_projects, managed_keys
from bot.flow.keep.trail import row_of
from bot.flow.messages import OpenQuestion, OwedItem, OwnerCard, Step
from bot.flow.moment import Moment
from bot.flow.publish.questions import answerers, listed
from bot.flow.schedule.campaign import sending
from bot.flow.schedule.owed import locale_of, zone_of
from bot.store import handovers, homes, outbox
from bot.store import people as people_store
from bot.store import questions as question_store
from bot.store.handovers import Handover
from bot.store.homes import DrawnHome
from bot.store.outbox import Parcel

T = TypeVar("T")


class List(StrEnum):
    """The lists of a Home that are turned page by page."""

    OWED = "owed"
    OFFERS = "offers"
    DECISIONS = "decisions"
    TO_ANSWER = "to-answer"
    PROJECTS = "projects"
    REPORTS = "reports"
    ASKED = "asked"
    PEOPLE = "people"


# Items on one page: all lists together, with their heads and buttons, stay under Slack's hundred blocks.
SIZES: Mapping[List, int] = {
    List.OWED: 8,
    List.OFFERS: 3,
    List.DECISIONS: 4,
    List.TO_ANSWER: 4,
    List.PROJECTS: 6,
    List.REPORTS: 6,
    List.ASKED: 4,
    List.PEOPLE: 5,
}


@dataclass(frozen=True, slots=True)
class OfferedMilestone:
    """A milestone that its owner would hand over to the reader, who has not answered yet; people by name, `lapses_at` UTC."""

    number: int
    milestone: str
    project_name: str
    giver: str
    lapses_at: datetime


@dataclass(frozen=True, slots=True)
class Hours:
    """When the person is written to, on their own clock; `are_own` where they chose it."""

    opens: time
    closes: time
    zone: str
    are_own: bool


@dataclass(frozen=True, slots=True)
class Home:
    """A person's home. Every list is one page of it.

    `card` is what they answer for, None for somebody who owes nothing; `owed` are the items on this page. `sending` is None
    for those who manage nothing, `company` for all but admins. `deputy` is the name of who answers while the person is away.
    `is_known` says that the portfolio gives them something to do or to read; to whom it gives nothing, `admins` are named.
    `is_new` says that they have not put the greeting away.
    """

    person: Person
    quarter: Quarter
    quarter_label: str
    locale: str
    hours: Hours
    deputy: str | None = None
    admins: tuple[str, ...] = ()
    is_new: bool = False
    has_items: bool = False
    card: OwnerCard | None = None
    owed: Page[OwedItem] = field(default_factory=Page)
    offers: Page[OfferedMilestone] = field(default_factory=Page)
    decisions: Page[WaitingDecision] = field(default_factory=Page)
    to_answer: Page[OpenQuestion] = field(default_factory=Page)
    projects: Page[HomeProject] = field(default_factory=Page)
    project_starts: tuple[str, ...] = ()  # the name of each page's first project
    sending: Sending | None = None
    reports: Page[FollowedProject] = field(default_factory=Page)
    asked: Page[AskedQuestion] = field(default_factory=Page)
    company: CompanySection | None = None

    @property
    def is_known(self) -> bool:
        """Whether there is anything here for this person."""
        lists = (self.offers, self.decisions, self.projects, self.reports, self.asked)
        return self.has_items or self.company is not None or any(page.total for page in lists)

    def day(self, instant: datetime) -> date:
        """The day of an instant on the person's own calendar."""
        return instant.astimezone(ZoneInfo(self.hours.zone)).date()

    @property
    def pages(self) -> dict[str, int]:
        """At which page each list stands; first pages are left out."""
        lists: dict[List, Page[Any]] = {
            List.OWED: self.owed,
            List.OFFERS: self.offers,
            List.DECISIONS: self.decisions,
            List.TO_ANSWER: self.to_answer,
            List.PROJECTS: self.projects,
            List.REPORTS: self.reports,
            List.ASKED: self.asked,
            List.PEOPLE: self.company.people if self.company else Page(),
        }
        return {name.value: page.number for name, page in lists.items() if page.number}


def home_of(
    session: Session,
    company: Company,
    person: Person,
    moment: Moment,
    pages: Mapping[str, int] | None = None,
    *,
    beaten_at: datetime | None = None,
) -> Home:
    """Somebody's home as it stands now, each list at a page; the first where `pages` does not name one.

    `beaten_at` is when this bot's heartbeat last ended well (UTC), which admins are told. The number of statements depends
    neither on how many projects there are nor on how many are theirs.
    """
    return _Drawing(session, company, person, moment, pages or {}, beaten_at).home()


def is_outsider(session: Session, person: Person) -> bool:
    """Whether an account is none of a colleague that Slack has told of, nor of anybody the portfolio names."""
    if person.id or not people_store.has_directory(session):
        return False
    entry = people_store.entry_of(session, person.slack_id or "")
    return entry is None or not entry.is_reachable


def opened_before(session: Session, person: Person) -> bool:
    """Whether somebody's Home was drawn before, with all its lists at their beginning."""
    drawn = homes.drawn(session, person.id)
    return drawn is not None and not drawn.pages


def keep_pages(session: Session, person: Person, pages: Mapping[str, int]) -> None:
    """Remember where somebody's lists stand, so that what changes later is drawn in its place."""
    number = row_of(session, person)
    homes.keep(session, number, replace(homes.drawn(session, number) or DrawnHome(), pages=pages))


def put_greeting_away(session: Session, person: Person, moment: Moment) -> None:
    """Do not greet somebody again."""
    number = row_of(session, person)
    homes.keep(session, number, replace(homes.drawn(session, number) or DrawnHome(), greeted_at=moment.now))


def request_home(session: Session, person: Person, moment: Moment) -> None:
    """Have the Home of somebody who has acted drawn again, where they have ever opened it."""
    if person.id and homes.drawn(session, person.id):
        subject = {"to": person.slack_id}
        outbox.put_edit(session, kind="home", subject=subject, lane=f"home:{person.id}", now=moment.real)


def compose_home(
    session: Session,
    company: Company,
    parcel: Parcel,
    moment: Moment,
    show: Callable[[str, Home], None],
    *,
    beaten_at: datetime | None = None,
) -> Work:
    """Somebody's Home as it stands now, where they left it; `show` draws it for a Slack id."""
    person = company.people_by_account.get(parcel.subject["to"])
    drawn = homes.drawn(session, person.id) if person else None
    if person is None or drawn is None:
        return Drop("nobody to show it to")
    home = home_of(session, company, person, moment, drawn.pages, beaten_at=beaten_at)
    return Prepare(partial(show, parcel.subject["to"], home))


class _Drawing:
    """One look at everything that a home shows."""

    def __init__(
        self,
        session: Session,
        company: Company,
        person: Person,
        moment: Moment,
        pages: Mapping[str, int],
        beaten_at: datetime | None,
    ) -> None:
        self._session = session
        self._company = company
        self._person = person
        self._moment = moment
        self._pages = pages
        self._beaten_at = beaten_at
        self._locale = locale_of(session, company, person)
        self._quarter = company.latest_opened(moment.now)

    def home(self) -> Home:
        """All of it."""
        company, person = self._company, self._person
        home = Home(
            person=person,
            quarter=self._quarter,
            quarter_label=company.label(self._quarter),
            locale=self._locale,
            hours=self._hours(),
            deputy=self._company.people[person.deputy.id].name if person.deputy else None,
            is_new=self._is_new(),
            has_items=self._has_items(),
            offers=self._offers(),
            company=self._company_section() if company.is_admin(person) else None,
        )
        home = self._with_reading(self._with_projects(self._with_questions(self._with_card(home))))
        return home if home.is_known else replace(home, admins=self._admins())

    def _has_items(self) -> bool:
        """Whether the person is ever asked for something: a milestone, or money where a project has a budget."""
        number, projects = self._person.id, self._company.projects_by_person.get(self._person.id, ())
        return any(
            any(milestone.is_owned_by(number) for milestone in project.milestones)
            or (project.budget_at_completion is not None and project.answers_for_budget.id == number)
            for project in projects
        )

    def _cut(self, name: List, items: Sequence[T]) -> Page[T]:
        return page_of(items, self._pages.get(name, 0), SIZES[name])

    def _hours(self) -> Hours:
        opens, closes = self._person.hours or self._company.rules().hours
        zone = zone_of(self._session, self._company, self._person)
        return Hours(opens, closes, str(zone), are_own=self._person.hours is not None)

    def _admins(self) -> tuple[str, ...]:
        refs = self._company.portfolio.admins
        names = people_store.names_of(self._session, refs)
        return tuple(names.get(ref, ref) for ref in refs)

    def _is_new(self) -> bool:
        drawn = homes.drawn(self._session, self._person.id)
        return drawn is None or drawn.greeted_at is None

    def _with_card(self, home: Home) -> Home:
        """What the person owes; of many items, the open ones come first. Readers' questions have a list of their own."""
        card = owner_card(
            self._session,
            self._company,
            self._person,
            self._quarter,
            step=Step.OPENING,
            key="home",
            now=self._moment.now,
        )
        if not card.items:
            return home
        is_long = len(card.items) > SIZES[List.OWED]
        items = sorted(card.items, key=lambda item: item.is_done) if is_long else card.items
        shown = replace(card, questions=())
        return replace(home, has_items=True, card=shown, owed=self._cut(List.OWED, items))

    def _offers(self) -> Page[OfferedMilestone]:
        person = self._person
        standing = [offer for offer in handovers.standing(self._session) if person.id and offer.receiver == person.id]
        page = self._cut(List.OFFERS, [offer for offer in standing if self._is_live(offer)])
        names = people_store.names_of_rows(self._session, {offer.giver for offer in page.items})
        return page.holding(self._offered(offer, names) for offer in page.items)

    def _is_live(self, offer: Handover) -> bool:
        return self._company.answers_for(offer.giver, offer.project, offer.milestone)

    def _offered(self, offer: Handover, names: Mapping[int, str]) -> OfferedMilestone:
        project = self._company.projects[offer.project]
        milestone = project.milestone(offer.milestone)
        title = milestone.name if milestone else offer.milestone
        return OfferedMilestone(offer.id, title, project.name, names[offer.giver], offer.lapses_at)

    def _with_questions(self, home: Home) -> Home:
        """Readers' questions that wait for an owner of theirs, or for the manager of theirs."""
        company, person = self._company, self._person
        managed = {key for key, project in company.projects.items() if person.id and project.manager.id == person.id}
        owned = {project.key for project in company.live_projects_by_person.get(person.id, ())}
        open_ones = question_store.unanswered(self._session, managed | owned)
        mine = [q for q in open_ones if any(one.id == person.id for one in answerers(company, q))]
        page = self._cut(List.TO_ANSWER, mine)
        return replace(home, to_answer=page.holding(listed(self._session, company, self._moment.now, page.items)))

    def _with_projects(self, home: Home) -> Home:
        """The projects the person manages."""
        keys = managed_keys(self._company, self._person)
        if not keys:
            return home
        projects = self._company.projects
        page = self._cut(List.PROJECTS, keys)
        return replace(
            home,
            projects=page.holding(home_projects(self._session, self._company, page.items, self._moment.now)),
            project_starts=tuple(projects[key].name for key in keys[:: page.size]),
            sending=sending(self._session, self._company, self._moment, self._locale),
        )

    def _with_reading(self, home: Home) -> Home:
        """What the person reads as a leader; projects that they manage are shown already."""
        session, company, person = self._session, self._company, self._person
        decisions = waiting_decisions(session, company, person, self._moment.now)
        asked = own_questions(session, person)
        deciding = {decision.ref.project for decision in decisions}
        followed = followed_projects(session, company, person, deciding, asked)
        others = self._cut(List.REPORTS, [p for p in followed if not company.can_manage(person, company.projects[p])])
        published = latest_reports(session, company, others.items)
        shown = self._cut(List.ASKED, asked)
        return replace(
            home,
            decisions=self._cut(List.DECISIONS, decisions),
            reports=others.holding(
                FollowedProject(company.projects[key].name, published.get(key)) for key in others.items
            ),
            asked=shown.holding(asked_questions(session, company, shown.items)),
        )

    def _company_section(self) -> CompanySection:
        return company_section(
            self._session,
            self._company,
            self._moment,
            locale=self._locale,
            page=self._pages.get(List.PEOPLE, 0),
            size=SIZES[List.PEOPLE],
            beaten_at=self._beaten_at,
        )
