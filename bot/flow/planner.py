"""The planner: one look at a quarter for everybody, so that what was asked of the database once is not asked again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.domain.build import ReportFacts, build_report
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

Due = tuple[Person, Decision, int]
MissingOf = Callable[[Person], int | None]


class Planner:
    """What is due in one quarter, for its owners, managers and sponsors. Reads only."""

    def __init__(self, session: Session, company: Company, quarter: Quarter, now: datetime) -> None:
        self._session = session
        self._company = company
        self._quarter = quarter
        self._now = now
        self._zones = people_store.zones(session)
        self._presences = people_store.presences(session)
        self._facts: dict[str, ReportFacts] = {}
        self._rungs: dict[tuple[object, ...], list[Rung]] = {}

    def due(self) -> Iterator[Due]:
        """Every step that has come due and is not settled, with what is to be done about it and how much is missing."""
        for person, rungs, missing_of, window in self._everybody():
            settled = self._settled.get(person.id, set())
            if self._now >= window.grace_until or not any(
                rung.at <= self._now and rung.step not in settled for rung in rungs
            ):
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
        projects = self._projects_of.get(person.id, [])
        items = [item for project in projects for item in items_in(self.facts(project), person)]
        return sum(not item.is_done for item in items) if items else None

    def _updates_missing(self, manager: Person) -> int | None:
        """How many updates are missing in the projects of a manager."""
        managed = [p for p in self._company.projects.values() if p.manager.id == manager.id]
        return sum(len(build_report(self.facts(project)).coverage.missing) for project in managed)

    def _silent_twice(self, sponsor: Person) -> int | None:
        """How many milestones of a sponsor's projects had no answer for two quarters or more; None for none."""
        sponsored = [p for p in self._company.projects.values() if p.sponsor and p.sponsor.id == sponsor.id]
        lines = [line for project in sponsored for line in build_report(self.facts(project)).milestones]
        silent = [n for n in lines if n.state is LineState.MISSING and n.unanswered_quarters >= SILENT_TWICE]
        return len(silent) or None

    def facts(self, project: Project) -> ReportFacts:
        """A project's facts, read once."""
        if project.key not in self._facts:
            history = self._histories.get(project.key, {})
            self._facts[project.key] = self._company.facts_from(
                project, self._quarter, self._now, history=history, names={}
            )
        return self._facts[project.key]

    @cached_property
    def _histories(self) -> answer_store.Histories:
        return answer_store.histories(self._session, self._quarter)

    @cached_property
    def _settled(self) -> dict[int, set[str]]:
        """The steps in the ledger, by person."""
        settled: dict[int, set[str]] = {}
        for nudge in ledger.nudges(self._session, self._quarter):
            settled.setdefault(nudge.person_id, set()).add(nudge.step)
        return settled

    @cached_property
    def _projects_of(self) -> dict[int, list[Project]]:
        """The projects in which each person owes something."""
        found: dict[int, dict[str, Project]] = {}
        for project in self._company.projects.values():
            live = (m.owner for m in project.milestones if m.dropped_on is None)
            for person in (*live, project.answers_for_budget):
                found.setdefault(person.id, {})[project.key] = project
        return {person_id: list(projects.values()) for person_id, projects in found.items()}

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
