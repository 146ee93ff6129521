"""The planner: one look at a quarter for everybody, so that what was asked of the database once is not asked again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.domain.build import ReportFacts, build_report, live_milestones, state_of
from bot.domain.ladder import Decision, Hours, Rung, decide, foresee, ladder, overdue_rung
from bot.domain.presence import PRESENT, Presence, first_good
from bot.domain.project import Person, Project
from bot.domain.quarter import Quarter, ReportingRules, ReportingWindow
from bot.domain.report import LineState
from bot.flow.company import Company
from bot.flow.owed import calendar_of, items_in
from bot.store import answers as answer_store
from bot.store import ledger
from bot.store import people as people_store

SILENT_TWICE = 2  # quarters in a row without an answer: from then on the sponsor is told too

Count = TypeVar("Count")
Due = tuple[Person, Decision, int]
MissingOf = Callable[[Person], int | None]


class Planner:
    """What is due in one quarter, for its owners, managers and sponsors, or for one person `only`. Reads only."""

    def __init__(
        self, session: Session, company: Company, quarter: Quarter, now: datetime, *, only: Person | None = None
    ) -> None:
        self._session = session
        self._company = company
        self._quarter = quarter
        self._now = now
        self._only = only
        self._rungs: dict[tuple[object, ...], list[Rung]] = {}

    def due(self) -> Iterator[Due]:
        """Every step that has come due and is not settled, with what is to be done about it and how much is missing."""
        for person, rungs, missing_of, window in self._everybody():
            has_come = [rung for rung in rungs if rung.at <= self._now]
            if self._now >= window.grace_until or not has_come:
                continue
            settled = self._settled.get(person.id, set())
            if all(rung.step in settled for rung in has_come):
                continue
            missing = missing_of(person)
            if missing is None:
                continue
            for decision in decide(
                rungs,
                settled=settled,
                is_missing=missing > 0,
                due_at=window.due_at,
                hours=self._hours(person, self._rules(person)),
                now=self._now,
                presence=self._presence(person),
            ):
                yield person, decision, missing

    def foreseen(self, start: datetime, end: datetime) -> Iterator[Due]:
        """Every step that falls into [start, end) and is not settled, if nobody answered meanwhile."""
        for person, rungs, missing_of, window in self._everybody():
            missing = missing_of(person)
            if missing is None:
                continue
            settled = self._settled.get(person.id, set())
            for decision in foresee(
                [rung for rung in rungs if rung.step not in settled],
                is_missing=missing > 0,
                due_at=window.due_at,
                hours=self._hours(person, self._rules(person)),
                presence=self._presence(person),
            ):
                if start <= decision.rung.at < end:
                    yield person, decision, missing

    def good_moment(self, person: Person) -> datetime | None:
        """The first instant from now at which a person may be written to; None where no end of their absence is known."""
        hours = self._hours(person, self._rules(person))
        return first_good(self._now, self._presence(person), hours.next_moment)

    def good_moments_after(self, person: Person, instants: Iterable[datetime]) -> list[datetime | None]:
        """The same from other instants."""
        hours = self._hours(person, self._rules(person))
        presence = self._presence(person)
        return [first_good(moment, presence, hours.next_moment) for moment in instants]

    def window_of(self, person: Person) -> ReportingWindow:
        """The window that a person's ladder keeps to."""
        projects = self._projects_of.get(person.id)
        return self._company.window(self._quarter, self._earliest(projects) if projects else None)

    def unsettled_before(self, person: Person, moment: datetime) -> list[Rung]:
        """The steps of an owner that would come before an instant and are not settled yet."""
        projects = self._projects_of.get(person.id)
        if not projects:
            return []
        rungs = self._ladder(person, self._earliest(projects), self.window_of(person))
        settled = self._settled.get(person.id, set())
        return [rung for rung in rungs if rung.at < moment and rung.step not in settled]

    def _everybody(self) -> Iterator[tuple[Person, list[Rung], MissingOf, ReportingWindow]]:
        """Each person's rungs by role: owners climb the ladder, managers and sponsors hear once after the deadline."""
        for person in self._owners.values():
            project = self._earliest(self._projects_of[person.id])
            window = self._company.window(self._quarter, project)
            yield person, self._ladder(person, project, window), self.items_missing, window
        for step, people, missing_of in (
            ("digest", self._managers, self._updates_missing),
            ("sponsor", self._sponsors, self._silent_twice),
        ):
            for person in people.values():
                window = self._company.window(self._quarter)
                after = overdue_rung(window, self._hours(person, self._company.rules()))
                yield person, [Rung(step, after.at, after.until)], missing_of, window

    def _ladder(self, person: Person, project: Project, window: ReportingWindow) -> list[Rung]:
        """A person's rungs; those of one zone, country and set of rules climb the same ones."""
        rules = self._company.rules(project)
        hours = self._hours(person, rules)
        kind = (hours.zone.key, person.country, hours.opens, hours.closes, project.key if project.reporting else "")
        if kind not in self._rungs:
            self._rungs[kind] = [*ladder(window, rules, hours), overdue_rung(window, hours)]
        return self._rungs[kind]

    def _hours(self, person: Person, rules: ReportingRules) -> Hours:
        zone = person.timezone or self._zones.get(person.slack_id or "") or self._company.portfolio.timezone
        opens, closes = person.hours or rules.hours
        return Hours(ZoneInfo(zone), calendar_of(self._company, person), opens, closes)

    def _rules(self, person: Person) -> ReportingRules:
        projects = self._projects_of.get(person.id)
        return self._company.rules(self._earliest(projects) if projects else None)

    def _presence(self, person: Person) -> Presence:
        return self._presences.get(person.slack_id or "", PRESENT)

    def _earliest(self, projects: Iterable[Project]) -> Project:
        """The project whose deadline comes first: one message covers them all, so it keeps to that one."""
        return min(projects, key=lambda project: self._company.window(self._quarter, project).due_at)

    def items_missing(self, person: Person) -> int | None:
        """How many of a person's items are unanswered; None for somebody who owes nothing this quarter."""
        counts = [self._counted(project, open_items) for project in self._projects_of.get(person.id, [])]
        owed = [count[person.id] for count in counts if person.id in count]
        return sum(owed) if owed else None

    def _updates_missing(self, manager: Person) -> int | None:
        """How many updates are missing in the projects of a manager."""
        managed = [p for p in self._company.projects.values() if p.manager.id == manager.id]
        return sum(self._counted(project, missing_updates) for project in managed)

    def _silent_twice(self, sponsor: Person) -> int | None:
        """How many milestones of a sponsor's projects had no answer for two quarters or more; None for none."""
        sponsored = [p for p in self._company.projects.values() if p.sponsor and p.sponsor.id == sponsor.id]
        return sum(self._counted(project, silent_twice) for project in sponsored) or None

    def _counted(self, project: Project, count: Callable[[ReportFacts], Count]) -> Count:
        """What a function counts in a project, counted again only after an answer, a day or the company has changed."""
        company, quarter = self._company, self._quarter
        state = (
            self._newest.get(project.key),
            company.today(self._now),
            company.paused_because(quarter, project, self._now),
        )
        known = company.counts.get((count, project.key, quarter))
        if known is None or known[0] != state:
            known = state, count(company.standing(self._session, project, quarter, self._now))
            company.counts[count, project.key, quarter] = known
        counted: Count = known[1]
        return counted

    @cached_property
    def _newest(self) -> dict[str, int]:
        return answer_store.newest_by_project(self._session)

    @cached_property
    def _zones(self) -> dict[str, str]:
        return people_store.zones(self._session, self._account)

    @cached_property
    def _presences(self) -> dict[str, Presence]:
        return people_store.presences(self._session, self._account)

    @cached_property
    def _account(self) -> str | None:
        """The one account to look at; None for everybody's."""
        return (self._only.slack_id or "") if self._only else None

    @cached_property
    def _settled(self) -> dict[int, set[str]]:
        """The steps in the ledger, by person."""
        return ledger.steps(self._session, self._quarter, self._only.id if self._only else None)

    @property
    def _projects_of(self) -> dict[int, list[Project]]:
        """The projects in which each person owes something."""
        return self._company.live_projects_by_person

    @cached_property
    def _owners(self) -> dict[int, Person]:
        projects = self._company.projects.values()
        owners = {m.owner.id: m.owner for p in projects for m in p.milestones if m.dropped_on is None}
        return owners | {p.answers_for_budget.id: p.answers_for_budget for p in projects}

    @cached_property
    def _managers(self) -> dict[int, Person]:
        return {p.manager.id: p.manager for p in self._company.projects.values()}

    @cached_property
    def _sponsors(self) -> dict[int, Person]:
        """Sponsors who are not told by a manager's digest already."""
        sponsors = {p.sponsor.id: p.sponsor for p in self._company.projects.values() if p.sponsor}
        return {key: person for key, person in sponsors.items() if key not in self._managers}


def open_items(facts: ReportFacts) -> Mapping[int, int]:
    """How many items each person (our row) has not answered, of those who owe any in a project."""
    people = {m.owner.id: m.owner for m in facts.project.milestones}
    people[facts.project.answers_for_budget.id] = facts.project.answers_for_budget
    owed = {number: list(items_in(facts, person)) for number, person in people.items()}
    return {number: sum(not item.is_done for item in items) for number, items in owed.items() if items}


def missing_updates(facts: ReportFacts) -> int:
    """How many milestones of a project wait for an answer."""
    return sum(state_of(facts, milestone) is LineState.MISSING for milestone in live_milestones(facts))


def silent_twice(facts: ReportFacts) -> int:
    """How many milestones of a project had no answer for two quarters or more."""
    lines = build_report(facts).milestones
    return sum(line.state is LineState.MISSING and line.unanswered_quarters >= SILENT_TWICE for line in lines)
