"""The planner: one look at a quarter for everybody, so that what was asked of the database once is not asked again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from itertools import chain
from typing import TypeVar

from sqlalchemy.orm import Session

from bot.domain.facts import ReportFacts, is_budget_missing, live_milestones, state_of
from bot.domain.ladder import (
    COLLEAGUE_ASKED,
    Action,
    Decision,
    Hours,
    Rung,
    climb,
    decide,
    foresee,
    ladder,
    overdue_rung,
    plain_step,
)
from bot.domain.milestone_line import LineState
from bot.domain.presence import PRESENT, Presence, first_good
from bot.domain.project import Person, Project
from bot.domain.quarter import Quarter, ReportingRules, ReportingWindow
from bot.domain.reporting.milestones import milestone_lines
from bot.flow.apart import one_by_one
from bot.flow.company import Company
from bot.flow.messages import ItemRef
from bot.flow.schedule.owed import asked_colleague, calendar_of, chosen_zone, items_in
from bot.store import answers as answer_store
from bot.store import ledger
from bot.store import people as people_store

SILENT_TWICE = 2  # quarters in a row without an answer: from then on the sponsor is told too
_NEVER = datetime.min.replace(tzinfo=UTC)

Count = TypeVar("Count")
Found = TypeVar("Found")
Due = tuple[Person, Decision, int]


@dataclass(frozen=True, slots=True)
class _Item:
    """Something that is asked for in a project (`key` is a milestone's, empty for the budget): the window it keeps to, and
    whether it waits for an answer."""

    project: Project
    window: ReportingWindow
    key: str
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class _Way:
    """The steps in front of somebody in one role, and from when on (UTC) each of the unanswered items counts."""

    person: Person
    rungs: list[Rung]
    counts_from: list[datetime]

    def missing(self, at: datetime) -> int:
        """How many items count as missing at an instant."""
        return sum(start <= at for start in self.counts_from)


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
        self._windows: dict[str, dict[str, ReportingWindow]] = {}
        self._fresh: set[tuple[object, ...]] = set()

    def due(self) -> Iterator[Due]:
        """Every step that has come due and is not settled, with what is to be done about it and how much is missing."""
        yield from chain.from_iterable(self._of_everybody(self._due_on))

    def _due_on(self, way: _Way) -> list[Due]:
        missing = way.missing(self._now)
        decisions = decide(
            way.rungs,
            is_missing=missing > 0,
            hours=self._hours(way.person),
            now=self._now,
            presence=self._presence(way.person),
        )
        return [(way.person, _with_reason(decision, way, missing), missing) for decision in decisions]

    def coming(self, until: datetime) -> Iterator[Person]:
        """Whose step comes by an instant and is not settled, with something missing."""
        ways = self._of_everybody(lambda way: way)
        return (way.person for way in ways if way.rungs and way.rungs[0].at <= until and way.missing(until))

    def foreseen(self, start: datetime, end: datetime) -> Iterator[Due]:
        """Every step that falls into [start, end) and is not settled, if nobody answered meanwhile."""
        ahead = chain.from_iterable(self._of_everybody(self._foreseen_on))
        return (due for due in ahead if start <= due[1].rung.at < end)

    def _foreseen_on(self, way: _Way) -> list[Due]:
        decisions = foresee(
            way.rungs,
            is_missing=bool(way.counts_from),
            hours=self._hours(way.person),
            presence=self._presence(way.person),
        )
        found = ((decision, way.missing(decision.rung.at)) for decision in decisions)
        return [(way.person, _with_reason(decision, way, missing), missing) for decision, missing in found]

    def good_moment(self, person: Person) -> datetime | None:
        """The first instant from now at which a person may be written to; None where no end of their absence is known."""
        return first_good(self._now, self._presence(person), self._hours(person).next_moment)

    def good_moments_after(self, person: Person, instants: Iterable[datetime]) -> list[datetime | None]:
        """The same from other instants."""
        hours, presence = self._hours(person), self._presence(person)
        return [first_good(moment, presence, hours.next_moment) for moment in instants]

    def items_missing(self, person: Person) -> int | None:
        """How many of a person's items are unanswered; None for somebody who owes nothing this quarter."""
        asked = [item for item in self._owed(person) if item.window.opens_at <= self._now]
        return sum(item.is_open for item in asked) if asked else None

    def projects_waiting(self, person: Person) -> list[Project]:
        """The project of each of a person's unanswered items."""
        return [item.project for item in self._waiting(person)]

    def own_waiting(self, person: Person) -> list[ItemRef]:
        """A person's unanswered items, without those that they were asked for in somebody's place."""
        return [
            ItemRef(item.project.key, self._quarter, item.key)
            for item in self._waiting(person)
            if self._company.is_asked_for(person.id, item.project.key, item.key)
        ]

    def will_be_asked(self, person: Person, before: datetime) -> bool:
        """Whether a step that is still to come reaches a person before an instant, as far as Slack tells."""
        rungs = self.unsettled_before(person, before)
        moments = self.good_moments_after(person, (max(rung.at, self._now) for rung in rungs))
        return any(moment is not None and moment < before for moment in moments)

    def window_of(self, person: Person) -> ReportingWindow:
        """The window of a person's unanswered item that is due next, else of the one that was due last."""
        windows = sorted({item.window for item in self._waiting(person)}, key=lambda window: window.due_at)
        if not windows:
            return self._company.window(self._quarter, self._first_project(person))
        return next((window for window in windows if self._now < window.due_at), windows[-1])

    def owes(self, person: Person) -> bool:
        """Whether a person was asked for something and has not answered it."""
        return bool(self._waiting(person))

    def unsettled_before(self, person: Person, moment: datetime) -> list[Rung]:
        """The steps of an owner that would come before an instant and are not settled yet."""
        return [rung for rung in self._owners_way(person).rungs if rung.at < moment]

    def _of_everybody(self, act: Callable[[_Way], Found]) -> Iterator[Found]:
        """What an act finds on everybody's way by role: owners climb the ladder, managers and sponsors hear once after each
        deadline. Somebody whose way breaks is left out.
        """
        yield from one_by_one(self._owners.items(), lambda p: act(self._owners_way(p)), doing="planning")
        yield from one_by_one(self._managers.items(), lambda p: act(self._managers_way(p)), doing="planning")
        yield from one_by_one(self._sponsors.items(), lambda p: act(self._sponsors_way(p)), doing="planning")

    def _managers_way(self, person: Person) -> _Way:
        managed = (p for p in self._company.projects.values() if p.manager.id == person.id)
        return self._tellers_way(person, "digest", self._items(managed, missing_for_manager))

    def _sponsors_way(self, person: Person) -> _Way:
        sponsored = (p for p in self._company.projects.values() if is_sponsor_only(person, p))
        return self._tellers_way(person, "sponsor", self._items(sponsored, silent_twice))

    def _owners_way(self, person: Person) -> _Way:
        """The ladders of what waits for an answer; of everything where nothing does, since the ledger says that too."""
        owed = self._owed(person)
        waiting = [item for item in owed if item.is_open]
        windows = {item.window: item.project for item in waiting or owed if self._now < item.window.grace_until}
        by_deadline = sorted(windows.items(), key=lambda pair: pair[0].due_at)
        rungs = climb([self._ladder(person, project, window) for window, project in by_deadline])
        return _Way(person, self._left(person, rungs), [self._counts_from(person, item) for item in waiting])

    def _counts_from(self, person: Person, item: _Item) -> datetime:
        """From when on an item is missing: once asked for; while a colleague of its owners is asked, at the last call."""
        if asked_colleague(self._company, ItemRef(item.project.key, self._quarter, item.key)):
            return self._hours(person).last_before(item.window.due_at) or item.window.opens_at
        return item.window.opens_at

    def _tellers_way(self, person: Person, step: str, items: Iterable[_Item]) -> _Way:
        """One step after each deadline that somebody let pass."""
        windows = [item.window for item in items if self._now < item.window.grace_until]
        hours = self._hours(person)
        steps = [self._about(window, [replace(overdue_rung(window, hours), step=step)]) for window in set(windows)]
        return _Way(person, self._left(person, climb(steps)), [window.due_at for window in windows])

    def _left(self, person: Person, rungs: list[Rung]) -> list[Rung]:
        """The steps that are not in the ledger and do not lie before one that is: a ladder is only climbed up."""
        kinds = {plain_step(rung.step) for rung in rungs}
        taken = {step: at for step, at in self._settled.get(person.id, {}).items() if plain_step(step) in kinds}
        last = max((at for at in taken.values() if at), default=_NEVER)
        return [rung for rung in rungs if rung.step not in taken and rung.at > last]

    def _ladder(self, person: Person, project: Project, window: ReportingWindow) -> list[Rung]:
        """A person's rungs; those of one zone, country, set of rules and window climb the same ones."""
        rules, hours = self._company.rules(project), self._hours(person)
        own = project.key if project.reporting else ""
        kind = (hours.zone.key, person.country, hours.opens, hours.closes, own, window)
        if kind not in self._rungs:
            rungs = [*ladder(window, rules, hours), overdue_rung(window, hours)]
            self._rungs[kind] = self._about(window, rungs)
        return self._rungs[kind]

    def _about(self, window: ReportingWindow, rungs: list[Rung]) -> list[Rung]:
        """Steps named after their deadline, where that is not the company's own."""
        is_common = window.due_at == self._company.window(self._quarter).due_at
        return rungs if is_common else [rung.about(window.due_on) for rung in rungs]

    def _hours(self, person: Person) -> Hours:
        zone = chosen_zone(person, self._zones.get(person.slack_id or ""), self._company)
        opens, closes = person.hours or self._rules(person).hours
        return Hours(zone, calendar_of(self._company, person), opens, closes)

    def _rules(self, person: Person) -> ReportingRules:
        return self._company.rules(self._first_project(person))

    def _first_project(self, person: Person) -> Project | None:
        """The project of a person whose deadline comes first."""
        projects = self._projects_of.get(person.id, ())
        return min(projects, key=lambda project: self._window(project).due_at, default=None)

    def _presence(self, person: Person) -> Presence:
        return self._presences.get(person.slack_id or "", PRESENT)

    def _window(self, project: Project, milestone: str = "") -> ReportingWindow:
        """The window of a project, or of a milestone that was given more time."""
        if project.key not in self._windows:
            moved = self._company.exceptions.extended(project.key, self._quarter)
            self._windows[project.key] = {
                key: self._company.window_of(self._quarter, project, key) for key in ("", *moved)
            }
        windows = self._windows[project.key]
        return windows.get(milestone, windows[""])

    def _waiting(self, person: Person) -> list[_Item]:
        """What a person has been asked for and has not answered."""
        return [item for item in self._owed(person) if item.is_open and item.window.opens_at <= self._now]

    def _owed(self, person: Person) -> list[_Item]:
        """Everything that a person answers for in projects that are not closed."""
        return [
            _Item(project, self._window(project, key), key, is_open)
            for project in self._not_closed(self._projects_of.get(person.id, ()))
            for key, is_open in self._counted(project, open_items).get(person.id, {}).items()
        ]

    def _items(self, projects: Iterable[Project], count: Callable[[ReportFacts], list[str]]) -> Iterator[_Item]:
        """What a function finds in some projects: the keys of milestones, "" for the budget."""
        for project in self._not_closed(projects):
            yield from (_Item(project, self._window(project, key), key) for key in self._counted(project, count))

    def _not_closed(self, projects: Iterable[Project]) -> Iterator[Project]:
        return (project for project in projects if self._now < self._company.closes_at(self._quarter, project))

    def _counted(self, project: Project, count: Callable[[ReportFacts], Count]) -> Count:
        """What a function finds in a project, looked for again only after an answer, a day or the company has changed."""
        counts, key = self._company.counts, (count, project.key, self._quarter)
        if key not in self._fresh:
            state = self._state_of(project)
            if key not in counts or counts[key][0] != state:
                facts = self._company.standing(self._session, project, self._quarter, self._now)
                counts[key] = state, count(facts)
            self._fresh.add(key)  # last: facts that cannot be read are not taken for those of before
        counted: Count = counts[key][1]
        return counted

    def _state_of(self, project: Project) -> tuple[object, ...]:
        """What decides whether that has to be looked for again."""
        is_paused = self._company.paused_because(self._quarter, project, self._now)
        return self._newest.get(project.key), self._company.today(self._now), is_paused

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
    def _settled(self) -> dict[int, dict[str, datetime | None]]:
        """The steps in the ledger with their instants, by person."""
        return ledger.steps(self._session, self._quarter, self._only.id if self._only else None)

    @property
    def _projects_of(self) -> dict[int, list[Project]]:
        """The projects in which each person owes something."""
        return self._company.live_projects_by_person

    @cached_property
    def _owners(self) -> dict[int, Person]:
        """Everybody who is asked for something: owners, co-owners, budget owners, and deputies in somebody's place."""
        return {number: self._company.people[number] for number in self._projects_of}

    @cached_property
    def _managers(self) -> dict[int, Person]:
        return {p.manager.id: p.manager for p in self._company.projects.values()}

    @cached_property
    def _sponsors(self) -> dict[int, Person]:
        sponsors = ((p.sponsor, p) for p in self._company.projects.values() if p.sponsor)
        return {person.id: person for person, project in sponsors if is_sponsor_only(person, project)}


def _with_reason(decision: Decision, way: _Way, missing: int) -> Decision:
    """A decision about somebody whose open items all wait for a colleague says so."""
    if missing or not way.counts_from or decision.action is Action.DROP:
        return decision
    return Decision(decision.rung, Action.SKIP, COLLEAGUE_ASKED)


def open_items(facts: ReportFacts) -> Mapping[int, Mapping[str, bool]]:
    """Of each person (our row) who owes anything in a project: the items by milestone, and whether each is unanswered."""
    people = {owner.id: owner for milestone in facts.project.milestones for owner in milestone.owners}
    people[facts.project.answers_for_budget.id] = facts.project.answers_for_budget
    people |= {found.deputy.id: found.deputy for asked in facts.deputies.values() for found in asked}
    owed = {number: {i.ref.milestone: not i.is_done for i in items_in(facts, p)} for number, p in people.items()}
    return {number: items for number, items in owed.items() if items}


def is_sponsor_only(person: Person, project: Project) -> bool:
    """Whether somebody sponsors a project that another one manages: what a manager is told is not told twice."""
    return project.sponsor is not None and project.sponsor.id == person.id != project.manager.id


def missing_items(facts: ReportFacts) -> list[str]:
    """What of a project waits for an answer: the keys of milestones, "" for the budget."""
    missing = [m.key for m in live_milestones(facts) if state_of(facts, m) is LineState.MISSING]
    return [*missing, ""] if is_budget_missing(facts) else missing


def missing_for_manager(facts: ReportFacts) -> list[str]:
    """The same without the budget where the manager answers for it, and is asked for it."""
    is_own = facts.project.answers_for_budget.id == facts.project.manager.id
    return [key for key in missing_items(facts) if key or not is_own]


def silent_twice(facts: ReportFacts) -> list[str]:
    """The milestones of a project that had no answer for two quarters or more."""
    lines = milestone_lines(facts)
    return [line.key for line in lines if line.state is LineState.MISSING and line.unanswered_quarters >= SILENT_TWICE]
