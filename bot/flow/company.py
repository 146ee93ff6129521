"""The company as a step finds it: its settings, calendar and zone, and what follows from them for a project and quarter."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from difflib import get_close_matches
from functools import cached_property
from itertools import chain, count, takewhile
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.calendars import working_calendar
from bot.domain.changes import PlanChange
from bot.domain.errors import NoPortfolio, NotFound
from bot.domain.facts import InPlace, ReportFacts
from bot.domain.keys import folded
from bot.domain.permissions import Action, Role, may
from bot.domain.project import Milestone, Person, Portfolio, Project
from bot.domain.quarter import Quarter, ReportingRules, ReportingWindow, WorkingCalendar, instant, reporting_window
from bot.domain.tracker import Trackings
from bot.domain.update import ReaderQuestion
from bot.store import answers as answer_store
from bot.store import marks, moved, reports, stand_ins
from bot.store import people as people_store
from bot.store import portfolio as portfolio_store
from bot.store import questions as question_store
from bot.store import trackings as tracking_store
from bot.store.answers import History
from bot.store.exceptions import Exceptions, exceptions
from bot.store.heard import Heard
from bot.store.stand_ins import StandIn, StandInKind


@dataclass(frozen=True, eq=False)
class Company:
    """What was loaded, with the calendar and zone it works by. `default_channel` comes from the settings.

    `exceptions` are what managers decided beside the rules, `stand_ins` the requests by which somebody may answer in an
    owner's place, `first_loads` the beginning of each project's trail, `brought` what was said of milestones in the projects
    that they were moved from, all as they stood when the company was loaded; `people` is everybody by our row. Nothing of it
    ever changes: what follows from it is worked out once, `counts` is where a planner keeps what it has counted in it, and
    `heard` remembers what its people answered.
    """

    portfolio: Portfolio
    projects: dict[str, Project]
    calendar: WorkingCalendar
    zone: ZoneInfo
    default_channel: str | None = None
    exceptions: Exceptions = field(default_factory=Exceptions)
    counts: dict[tuple[object, ...], tuple[object, Any]] = field(default_factory=dict)
    people: Mapping[int, Person] = field(default_factory=dict)
    stand_ins: tuple[StandIn, ...] = ()
    heard: Heard = field(default_factory=Heard)
    brought: Mapping[str, History] = field(default_factory=dict)
    first_loads: Mapping[str, tuple[PlanChange, ...]] = field(default_factory=dict)

    @classmethod
    def load(cls, session: Session, default_channel: str | None = None) -> Company:
        """Read the company; raises NoPortfolio where none has been loaded yet."""
        portfolio = portfolio_store.portfolio(session)
        if portfolio is None:
            raise NoPortfolio("No portfolio has been loaded yet. Load one with: quarterdeck load portfolio.yaml")
        people = people_store.all_people(session)
        return cls(
            portfolio=portfolio,
            projects=portfolio_store.projects(session, people),
            calendar=working_calendar(portfolio.country, portfolio.closing_days),
            zone=ZoneInfo(portfolio.timezone),
            default_channel=default_channel,
            exceptions=exceptions(session),
            people=people,
            stand_ins=tuple(stand_ins.standing(session)),
            brought=moved.brought(session),
            first_loads=portfolio_store.first_loads(session),
        )

    @cached_property
    def people_by_account(self) -> dict[str, Person]:
        """Everybody who has a Slack id, by it, and known by it as whoever acts in Slack is."""
        people = ((person.slack_id, person) for person in self.people.values())
        return {account: replace(person, ref=account) for account, person in people if account}

    @cached_property
    def projects_by_person(self) -> dict[int, list[Project]]:
        """The projects in which each person (our row) answers for a milestone, dropped ones too, or for the budget.

        Deputies who were asked answer like owners.
        """
        return self._by_person(with_dropped=True)

    @cached_property
    def live_projects_by_person(self) -> dict[int, list[Project]]:
        """The same without milestones that were dropped."""
        return self._by_person(with_dropped=False)

    def _by_person(self, *, with_dropped: bool) -> dict[int, list[Project]]:
        found: dict[int, dict[str, Project]] = {}
        for project in self.projects.values():
            milestones = (m for m in project.milestones if with_dropped or m.dropped_on is None)
            for person in (*chain.from_iterable(m.owners for m in milestones), project.answers_for_budget):
                found.setdefault(person.id, {})[project.key] = project
        for asked in self.stand_ins:
            if asked.kind is StandInKind.DEPUTY and asked.project in self.projects:
                found.setdefault(asked.person, {})[asked.project] = self.projects[asked.project]
        return {person_id: list(projects.values()) for person_id, projects in found.items()}

    def today(self, now: datetime) -> date:
        """The calendar day at an instant, in the company's zone."""
        return now.astimezone(self.zone).date()

    def rules(self, project: Project | None = None) -> ReportingRules:
        """When answers are asked for: the project's own rules, else the company's."""
        return (project and project.reporting) or self.portfolio.reporting

    def window(self, quarter: Quarter, project: Project | None = None) -> ReportingWindow:
        """The window of a quarter for a project, or by the company's own rules."""
        return reporting_window(
            quarter,
            fiscal_year=self.portfolio.fiscal_year,
            rules=self.rules(project),
            calendar=self.calendar,
            zone=self.zone,
            dates=self.portfolio.quarters.get(quarter),
        )

    def window_of(self, quarter: Quarter, project: Project, milestone: str) -> ReportingWindow:
        """The window that a milestone keeps to: its project's, which ends later where the manager gave more time."""
        window = self.window(quarter, project)
        until = self.exceptions.extended(project.key, quarter).get(milestone)
        if until is None or until <= window.due_on:
            return window
        rules = self.rules(project)
        grace_until = instant(self.calendar.shift(until, rules.grace), rules.due_time, self.zone)
        return replace(
            window,
            due_on=until,
            due_at=instant(until, rules.due_time, self.zone),
            grace_until=min(grace_until, self.closes_at(quarter, project)),
        )

    def due_at(self, quarter: Quarter, project: Project, milestone: str) -> datetime:
        """By when a milestone is to be answered (UTC): the window's deadline, or the manager's where that gave more time."""
        return self.window_of(quarter, project, milestone).due_at

    def closes_at(self, quarter: Quarter, project: Project | None = None) -> datetime:
        """When a quarter is over for a project (UTC), or by the company's own rules: the next one opens."""
        return self.window(quarter.next, project).opens_at

    def paused_because(self, quarter: Quarter, project: Project, now: datetime) -> str | None:
        """Why a project is paused in a quarter; None where it is not. What stood when a quarter closed stays."""
        if self.exceptions.first_pause(project.key) is None:
            return None
        return self.exceptions.pause_at(project.key, min(now, self.closes_at(quarter, project)))

    def latest_opened(self, now: datetime, project: Project | None = None) -> Quarter:
        """The latest quarter that has opened: the default of every command."""
        today = self.today(now)
        quarter = self.portfolio.fiscal_year.quarter_of(today).next  # by hand, one may open before its first day
        while self.window(quarter, project).opens_on > today:
            quarter = quarter.previous
        return quarter

    def opened_quarters(self, now: datetime) -> list[Quarter]:
        """The latest quarters that have opened, for the company and for the projects with rules of their own, in order."""
        own = (project for project in self.projects.values() if project.reporting)
        return sorted({self.latest_opened(now, project) for project in (None, *own)})

    def label(self, quarter: Quarter) -> str:
        """The quarter as screens show it."""
        return self.portfolio.fiscal_year.label(quarter)

    def project(self, key: str) -> Project:
        """A project by its key, or as `named` finds it. Raises NotFound where none or several are, with the keys to choose."""
        if key in self.projects:
            return self.projects[key]
        found = self.named(key)
        if len(found) == 1:
            return found[0]
        if found:
            raise NotFound(f'Several projects are called "{key}"; write a key: {", ".join(p.key for p in found)}.')
        words = {folded(word): p.key for p in self.projects.values() for word in (p.name, p.key)}
        near = get_close_matches(folded(key), words, n=1, cutoff=0.5)
        hint = f' Did you mean "{words[near[0]]}"?' if near else ""
        raise NotFound(f'There is no project "{key}".{hint}')

    def named(self, text: str) -> list[Project]:
        """The projects that somebody means by a key or name, in capitals or not: the one of that key, else all of that name."""
        word = folded(text)
        by_key = [project for project in self.projects.values() if folded(project.key) == word]
        return by_key or [project for project in self.projects.values() if folded(project.name) == word]

    def channel(self, project: Project) -> str | None:
        """Where a project's report is posted: its own channel, else the company's, else the settings'."""
        return project.leadership_channel or self.common_channel

    @property
    def common_channel(self) -> str | None:
        """Where the portfolio's report is posted: the company's channel, else the settings'."""
        return self.portfolio.leadership_channel or self.default_channel

    def is_admin(self, person: Person) -> bool:
        """Whether somebody may act on every project."""
        known_as = {person.ref, person.slack_id, person.email, person.handle}
        return bool(known_as.intersection(self.portfolio.admins))

    def can_manage(self, person: Person, project: Project) -> bool:
        """Whether somebody may compile, review and publish a project: its manager, and admins."""
        return self.may(person, Action.MANAGE_PROJECT, project)

    def may(
        self,
        person: Person,
        action: Action,
        project: Project | None = None,
        milestone: Milestone | None = None,
        *,
        decider: Person | None = None,
        quarter: Quarter | None = None,
    ) -> bool:
        """Whether somebody may do something to the company, a project, a milestone of it, or a decision in it."""
        return may(self.roles(person, project, milestone, decider=decider, quarter=quarter), action)

    def roles(
        self,
        person: Person,
        project: Project | None = None,
        milestone: Milestone | None = None,
        *,
        decider: Person | None = None,
        quarter: Quarter | None = None,
    ) -> Iterator[Role]:
        """What somebody of the workspace is to the company, a project and a milestone of it, else its budget.

        Who stands in for somebody does so for one quarter: where one is given, requests for others do not count.
        `decider` is whom the decision in question names; a file may name nobody but that account, so it is what is compared.
        """
        yield Role.COLLEAGUE
        if self.is_admin(person):
            yield Role.ADMIN
        if decider and decider.slack_id and decider.slack_id == person.slack_id:
            yield Role.DECIDER
        if project is not None:
            yield from _roles_in(project, milestone, person)
            yield from self._stands_in_as(person, project, milestone.key if milestone else "", quarter)

    def _stands_in_as(self, person: Person, project: Project, key: str, quarter: Quarter | None) -> Iterator[Role]:
        for asked in self.stand_ins:
            if (asked.person, asked.project) != (person.id, project.key) or quarter not in (None, asked.quarter):
                continue
            if asked.milestone != key:
                yield Role.OTHER_STAND_IN
            else:
                yield Role.DEPUTY if asked.kind is StandInKind.DEPUTY else Role.STAND_IN

    def answers_for(self, person_id: int, project: str, milestone: str) -> bool:
        """Whether somebody (our row) owns a milestone that is still part of its project, as the first-named owner."""
        found = self._live(project, milestone)
        return found is not None and found.owner.id == person_id

    def is_asked_for(self, person_id: int, project: str, milestone: str) -> bool:
        """Whether somebody (our row) is one of a milestone's owners, or answers for the budget where that is empty."""
        if not milestone:
            return project in self.projects and self.projects[project].answers_for_budget.id == person_id
        found = self._live(project, milestone)
        return found is not None and found.is_owned_by(person_id)

    def _live(self, project: str, milestone: str) -> Milestone | None:
        """A milestone that is part of its project."""
        found = self.projects[project].milestone(milestone) if project in self.projects else None
        return found if found is not None and found.dropped_on is None else None

    def asked_for(self, project: str, milestone: str, quarter: Quarter) -> tuple[StandIn, ...]:
        """The requests by which somebody may answer an item in its owner's place; `milestone` is empty for the budget."""
        return self._stand_ins_by_item.get((project, milestone, quarter), ())

    def answerers(self, project: Project, milestone: Milestone | None, quarter: Quarter) -> list[Person]:
        """Everybody who is asked for a milestone, else for the budget: the owners first, then whoever stands in for one."""
        asked = self.asked_for(project.key, milestone.key if milestone else "", quarter)
        return [*project.owners_of(milestone), *(self.people[request.person] for request in asked)]

    def speaks_for(
        self, person: Person, project: Project, milestone: Milestone | None, quarter: Quarter
    ) -> Person | None:
        """In whose place somebody answers an item; None for its owners, and for a manager who answers for them."""
        key = milestone.key if milestone else ""
        if self.is_asked_for(person.id, project.key, key):
            return None
        asked = self.asked_for(project.key, key, quarter)
        return next((self.people[request.owner] for request in asked if request.person == person.id), None)

    def deputy_of(self, person: Person, now: datetime) -> Person | None:
        """Who is to be asked while somebody is away; None where nobody is named for today."""
        named = person.deputy
        return self.people.get(named.id) if named and named.is_in_force(self.today(now)) else None

    @cached_property
    def _stand_ins_by_item(self) -> dict[tuple[str, str, Quarter], tuple[StandIn, ...]]:
        found: dict[tuple[str, str, Quarter], tuple[StandIn, ...]] = {}
        for asked in self.stand_ins:
            item = (asked.project, asked.milestone, asked.quarter)
            found[item] = (*found.get(item, ()), asked)
        return found

    def _deputies(self, project: Project, quarter: Quarter) -> dict[str, tuple[InPlace, ...]]:
        """The deputies who were asked in a project, by milestone."""
        found: dict[str, tuple[InPlace, ...]] = {}
        for asked in self.stand_ins:
            if asked.kind is StandInKind.DEPUTY and (asked.project, asked.quarter) == (project.key, quarter):
                in_place = InPlace(self.people[asked.person], self.people[asked.owner].name)
                found[asked.milestone] = (*found.get(asked.milestone, ()), in_place)
        return found

    def managed_by(self, person: Person) -> list[Project]:
        """The projects that somebody may compile, in their order."""
        if self.may(person, Action.MANAGE_PROJECT):
            return list(self.projects.values())
        return [project for project in self._projects_naming.get(person.id, ()) if self.can_manage(person, project)]

    @cached_property
    def _projects_naming(self) -> dict[int, list[Project]]:
        """The projects, in their order, in which each person (our row) is anything: elsewhere nobody may do more than all may."""
        stand_ins: dict[str, set[int]] = {}
        for asked in self.stand_ins:
            stand_ins.setdefault(asked.project, set()).add(asked.person)
        found: dict[int, list[Project]] = {}
        for project in self.projects.values():
            named = (project.manager, project.answers_for_budget, project.sponsor)
            owners = chain.from_iterable(milestone.owners for milestone in project.milestones)
            people = {person.id for person in (*named, *owners) if person} | stand_ins.get(project.key, set())
            for number in people:
                found.setdefault(number, []).append(project)
        return found

    def facts(
        self,
        session: Session,
        project: Project,
        quarter: Quarter,
        now: datetime,
        *,
        seen: int | None = None,
        with_left: bool = False,
    ) -> ReportFacts:
        """Everything that a project's report is built from, as stored now, or as when `seen` was the newest answer.

        For what owners see, `with_left` has late answers in it that the manager left out of the report.
        """
        return self.facts_from(
            project,
            quarter,
            now,
            history=answer_store.history(session, project.key, quarter, seen=seen, with_left=with_left),
            names=people_store.names_by_ref(session),
            trail=portfolio_store.plan_changes(session, project.key),
            questions=question_store.of_project(session, project.key),
            published=reports.publications(session, project.key),
            trackings=tracking_store.trackings(session, quarter, [project]).get(project.key),
        )

    def standing(self, session: Session, project: Project, quarter: Quarter, now: datetime) -> ReportFacts:
        """What people said, left out of the report or not, for what prints no names: those are of the whole directory."""
        history = self.heard.history(session, project.key, quarter)
        trail = self.first_loads.get(project.key, ())
        return self.facts_from(project, quarter, now, history=history, names={}, trail=trail)

    def facts_from(
        self,
        project: Project,
        quarter: Quarter,
        now: datetime,
        *,
        history: History,
        names: dict[str, str],
        trail: tuple[PlanChange, ...] = (),
        questions: tuple[ReaderQuestion, ...] = (),
        published: tuple[tuple[Quarter, datetime], ...] = (),
        trackings: Trackings | None = None,
    ) -> ReportFacts:
        """The same, from a history that has been read already; milestones that were moved here bring theirs."""
        brought = self.brought.get(project.key, {})
        # In other quarters nothing was asked here: no status of theirs is made up, and nobody was silent.
        of_reported = {q: answers for q, answers in brought.items() if q == quarter or q in history}
        return ReportFacts(
            portfolio=self.portfolio,
            project=project,
            quarter=quarter,
            history=moved.with_brought(history, of_reported),
            window=self.window(quarter, project),
            calendar=self.calendar,
            today=self.today(now),
            names=names,
            excused=frozenset(self.exceptions.excused(project.key, quarter)),
            is_paused=self.paused_because(quarter, project, now) is not None,
            extended=self.exceptions.extended(project.key, quarter),
            excused_before=self._excused.get(project.key, {}),
            paused_before=self._paused_before(project, quarter, now),
            trail=trail,
            questions=questions,
            published=published,
            deputies=self._deputies(project, quarter) if self.stand_ins else {},
            trackings=trackings or Trackings(),
            project_names=self._project_names,
            brought=brought,
        )

    def _paused_before(self, project: Project, quarter: Quarter, now: datetime) -> frozenset[Quarter]:
        """The earlier quarters that closed while a project was paused."""
        first = self.exceptions.first_pause(project.key)
        if first is None:
            return frozenset()
        earlier = (quarter.shifted(-n) for n in count(1))
        since = takewhile(lambda q: first < self.closes_at(q, project), earlier)
        return frozenset(q for q in since if self.paused_because(q, project, now) is not None)

    @cached_property
    def _project_names(self) -> dict[str, str]:
        """The name of every project by its key."""
        return {project.key: project.name for project in self.projects.values()}

    @cached_property
    def _excused(self) -> dict[str, dict[Quarter, frozenset[str]]]:
        """The excused milestones of every project, by quarter."""
        found: dict[str, dict[Quarter, frozenset[str]]] = {}
        for project, quarter, milestone in self.exceptions.all_excused():
            of_project = found.setdefault(project, {})
            of_project[quarter] = of_project.get(quarter, frozenset()) | {milestone}
        return found


def _roles_in(project: Project, milestone: Milestone | None, person: Person) -> Iterator[Role]:
    """What the plan makes of somebody in a project, and to a milestone of it where one is given."""
    holders = {
        Role.MANAGER: project.manager,
        Role.BUDGET_OWNER: project.answers_for_budget,
        Role.SPONSOR: project.sponsor,
        Role.OWNER: milestone and milestone.owner,
    }
    yield from (role for role, holder in holders.items() if holder and holder.id == person.id)
    if milestone and any(owner.id == person.id for owner in milestone.co_owners):
        yield Role.CO_OWNER
    if any(other.is_owned_by(person.id) for other in project.milestones if other is not milestone):
        yield Role.OTHER_OWNER


class CurrentCompany:
    """The company as it stands, read again as soon as anything of it has changed and not before.

    Reading a thousand projects takes a third of a second; comparing the company's mark takes one small statement. Of many who
    ask at once after a change, one reads. Two are kept: while a change is not committed, it has its own and the others theirs.
    """

    def __init__(self, default_channel: str | None = None) -> None:
        self._default_channel = default_channel
        self._guard = threading.Lock()
        self._known: dict[str | None, Company] = {}

    def __call__(self, session: Session) -> Company:
        """The company for one transaction; raises NoPortfolio where none has been loaded yet."""
        mark = marks.company_mark(session)  # before the company: what changes in between is then read again
        if known := self._known.get(mark):
            return known
        with self._guard:
            if mark not in self._known:
                company = Company.load(session, self._default_channel)
                self._known = {**dict(list(self._known.items())[-1:]), mark: company}
            return self._known[mark]
