"""Set-up: projects and milestones made and changed in Slack, by the rules of portfolio files and with the same trail."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from bot.domain.changes import project_changes
from bot.domain.errors import InvalidInput, NotFound
from bot.domain.project import Milestone, Person, Portfolio, Project
from bot.flow.collect.collect import ref_of
from bot.flow.company import Company
from bot.flow.keep.trail import note_plan
from bot.flow.moment import Moment
from bot.flow.people import chosen_person, require_admin, require_manager
from bot.flow.ports import PlanReader
from bot.flow.schedule.owed import locale_of
from bot.flow.setup.load_plan import follow, live
from bot.store import answers as answer_store
from bot.store import portfolio as portfolio_store

logger = logging.getLogger(__name__)

P = TypeVar("P", Project, Milestone)

# What a person put into fields, by their names in portfolio files; None where a field was emptied. Fields that were left
# as they were are not in it, so that what somebody else has changed meanwhile stays.
Given = Mapping[str, str | None]

TO_CREATE, TO_CHANGE = "create projects", "change its plan"
_PEOPLE = ("manager", "budget_owner", "sponsor", "owner")
_ATTRIBUTES = {"added": "live_from"}  # the fields of a file that a milestone calls otherwise
_TWICE = "The owner is named here too; leave them out."
_NOBODY = "Nobody can be asked at this account; choose a person of this workspace."


@dataclass(frozen=True, slots=True)
class Plan:
    """A project as its set-up shows it, with the milestones that are part of it now."""

    project: Project
    milestones: tuple[Milestone, ...]

    def milestone(self, key: str) -> Milestone:
        """One of the milestones. Raises NotFound where it is gone."""
        found = next((m for m in self.milestones if m.key == key), None)
        if found is None:
            raise NotFound(f"This milestone is no longer part of {self.project.name}.")
        return found


def plan_of(company: Company, person: Person, key: str) -> Plan:
    """A project to be changed. Raises NotFound, and NotAllowed for anybody but its manager and admins."""
    project = company.project(key)
    require_manager(company, person, project, to_do=TO_CHANGE)
    return Plan(project, live(project))


@dataclass(frozen=True, slots=True)
class SetUp:
    """What one person changes with one submission; `key` is the submission's, which counts once.

    Every change raises NotAllowed for those who may not make it, and InvalidInput by field for what cannot be taken.
    """

    session: Session
    company: Company
    person: Person
    reader: PlanReader
    key: str
    moment: Moment

    def create_project(self, given: Given) -> Project:
        """Add a project without milestones."""
        require_admin(self.session, self.company, self.person, to_do=TO_CREATE)
        project = self._chosen(self.reader.project(_filled(given), self._portfolio()), given)
        if not answer_store.was_handled(self.session, self.key):
            _require_free(project.key, self.company.projects.values())
            self._save(None, project)
        return project

    def edit_project(self, key: str, given: Given) -> Project:
        """Change what was given of a project: its names, people, channel and money."""
        plan = plan_of(self.company, self.person, key)
        now = plan.project
        stands = {"key": now.key, "name": now.name, "manager": now.manager.ref, "currency": now.currency}
        read = self.reader.project(_filled({**stands, **given}), self._portfolio())
        edited = self._chosen(_changed(now, read, given), given)
        self._save(plan, edited)
        return edited

    def add_milestone(self, project: str, given: Given) -> Milestone:
        """Add a milestone to a project, or bring back the one of that key that was dropped."""
        plan = plan_of(self.company, self.person, project)
        milestone = self._chosen(self.reader.milestone(_filled(given), self._portfolio()), given)
        if not answer_store.was_handled(self.session, self.key):
            _require_free(milestone.key, plan.milestones)
            self._save(plan, replace(plan.project, milestones=(*plan.milestones, milestone)))
        return milestone

    def edit_milestone(self, project: str, key: str, given: Given) -> Milestone:
        """Change what was given of a milestone: its name, owner, baseline and weight."""
        plan = plan_of(self.company, self.person, project)
        now = plan.milestone(key)
        stands = {"key": now.key, "name": now.name, "owner": now.owner.ref}
        read = self.reader.milestone(_filled({**stands, **given}), self._portfolio())
        edited = self._chosen(_changed(now, read, given), given)
        listed = tuple(edited if m.key == key else m for m in plan.milestones)
        self._save(plan, replace(plan.project, milestones=listed))
        return edited

    def drop_milestone(self, project: str, key: str) -> None:
        """Take a milestone out of its project from today on; what was answered for it stays."""
        plan = plan_of(self.company, self.person, project)
        if answer_store.was_handled(self.session, self.key):
            return
        gone = plan.milestone(key)
        self._save(plan, replace(plan.project, milestones=tuple(m for m in plan.milestones if m != gone)))

    def _portfolio(self) -> Portfolio:
        """The company's rules, with figures as this person types them."""
        return replace(self.company.portfolio, locale=locale_of(self.session, self.company, self.person))

    def _save(self, plan: Plan | None, edited: Project) -> None:
        """Store a project as it was edited, with a trail that names the person, and bring owners' messages up to date."""
        if not answer_store.is_first_time(self.session, self.key, self.moment.now):
            return
        listed = replace(edited, milestones=live(edited))
        changes = project_changes(plan.project if plan else None, listed)
        portfolio_store.save_project(self.session, listed, today=self.company.today(self.moment.now))
        portfolio_store.record_changes(self.session, changes, self.moment.now, by=ref_of(self.person))
        note_plan(self.session, self.person, {change.project for change in changes}, self.moment)
        follow(self.session, self.company, [listed], changes, self.moment)
        logger.info("plan changed project=%s changes=%d by=%s", edited.key, len(changes), self.person.slack_id)

    def _chosen(self, read: P, given: Given) -> P:
        """What was read, with each person who was chosen as the one we know from now on."""
        chosen = {name: slack_id for name, slack_id in given.items() if name in _PEOPLE and slack_id}
        people: dict[str, Any] = {name: chosen_person(self.session, slack_id) for name, slack_id in chosen.items()}
        if co_owners := given.get("co_owners"):
            people["co_owners"] = tuple(chosen_person(self.session, slack_id) for slack_id in co_owners.splitlines())
        if nobody := [name for name, person in people.items() if person is None or None in _several(person)]:
            raise InvalidInput(dict.fromkeys(nobody, _NOBODY))
        named = replace(read, **people)
        if isinstance(named, Milestone) and any(person.id == named.owner.id for person in named.co_owners):
            raise InvalidInput({"co_owners": _TWICE})
        return named


def _several(people: Person | tuple[Person | None, ...]) -> tuple[Person | None, ...]:
    return people if isinstance(people, tuple) else (people,)


def _changed(now: P, read: P, given: Given) -> P:
    """What stands now, with the fields that were given as they were read."""
    names = [_ATTRIBUTES.get(field, field) for field in given]
    return replace(now, **{name: getattr(read, name) for name in names})


def _filled(given: Given) -> dict[str, str]:
    return {name: text for name, text in given.items() if text is not None}


def _require_free(key: str, others: Iterable[Project | Milestone]) -> None:
    """Keys differ in more than capitals, as in files."""
    for other in others:
        if other.key.casefold() == key.casefold():
            raise InvalidInput({"key": f'"{other.key}" is the key of {other.name} already; choose another.'})
