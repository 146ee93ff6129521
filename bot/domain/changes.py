"""What changes the plan: the lines that `--dry-run` prints, the trail that is kept, and the plan as it stood earlier."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain.project import Milestone, Person, Portfolio, Project
from bot.domain.quarter import FiscalYear, ReportingRules
from bot.domain.thresholds import Thresholds

ADDED, DROPPED = "added", "dropped"
_BETWEEN_NAMES = " · "


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between what is stored and what a file says. `what` is a field's name, "added" or "dropped".

    `milestone` is empty where the project itself was changed; people stand there by name. A milestone that was moved is
    dropped from one project, with `new` the key of the other, and added to that one, with `old` the key of the first.
    """

    project: str
    milestone: str
    what: str
    old: str | None
    new: str | None

    def __str__(self) -> str:
        place = f"{self.project}/{self.milestone}" if self.milestone else self.project
        if self.is_move:
            return f"{place}: " + (f"moved from {self.old}" if self.what == ADDED else f"moved to {self.new}")
        if self.what in (ADDED, DROPPED):
            return f"{place}: {self.what}: {self.new or self.old}"
        return f"{place}: {self.what}: {self.old or 'nothing'} → {self.new or 'nothing'}"

    @property
    def is_move(self) -> bool:
        """Whether a milestone came from another project by it, or went to one."""
        return self.what in (ADDED, DROPPED) and None not in (self.old, self.new)


@dataclass(frozen=True, slots=True)
class PlanChange(Change):
    """A change that was made: when (UTC), and by whom (a ref; None where a file was loaded)."""

    at: datetime
    by: str | None = None


def settings_changes(stored: Portfolio | None, loaded: Portfolio) -> list[Change]:
    """Every difference in the company's settings."""
    if stored is None:
        return [Change("company", "", ADDED, None, loaded.company)]
    return list(_field_changes("company", "", stored, loaded, skip=set()))


def changes_of(stored: Mapping[str, Project], loaded: Sequence[Project]) -> list[Change]:
    """Every difference that loading some projects makes, `stored` by their keys.

    A milestone that one project no longer lists and one other lists anew, under the same key, was moved: what differs
    between the two is listed too, as of any other milestone.
    """
    changes = [change for project in loaded for change in project_changes(stored.get(project.key), project)]
    gone, come = _by_milestone(changes, DROPPED), _by_milestone(changes, ADDED)
    pairs = [(gone[key][0], come[key][0]) for key in gone if len(gone[key]) == len(come.get(key, ())) == 1]
    there = {project.key: project for project in loaded}
    for went, came in pairs:
        changes[changes.index(went)] = replace(went, new=came.project)
        changes[changes.index(came)] = replace(came, old=went.project)
        before = stored[went.project].milestone(went.milestone)
        after = there[came.project].milestone(came.milestone)
        if before is not None and after is not None:
            changes.extend(_milestone_changes(came.project, before, after))
    return changes


def _by_milestone(changes: Iterable[Change], what: str) -> dict[str, list[Change]]:
    """The changes of a kind by the key of the milestone that they are about."""
    found: dict[str, list[Change]] = {}
    for change in changes:
        if change.what == what and change.milestone:
            found.setdefault(change.milestone, []).append(change)
    return found


def project_changes(stored: Project | None, loaded: Project, *, can_drop: bool = True) -> list[Change]:
    """Every difference that loading a project makes; absent milestones are dropped where the file lists them all."""
    if stored is None:
        added = Change(loaded.key, "", ADDED, None, loaded.name)
        return [added, *(Change(loaded.key, m.key, ADDED, None, m.name) for m in loaded.milestones)]
    changes = list(_field_changes(loaded.key, "", stored, loaded, skip={"milestones", "key"}))
    before = {m.key: m for m in stored.milestones}
    for milestone in loaded.milestones:
        known = before.get(milestone.key)
        if known is None or known.dropped_on is not None:
            changes.append(Change(loaded.key, milestone.key, ADDED, None, milestone.name))
        if known is not None:  # one that comes back with another baseline has moved it
            changes.extend(_milestone_changes(loaded.key, known, milestone))
    if can_drop:
        listed = {m.key for m in loaded.milestones}
        gone = (m for m in stored.milestones if m.dropped_on is None and m.key not in listed)
        changes.extend(Change(loaded.key, m.key, DROPPED, m.name, None) for m in gone)
    return changes


def first_loaded_at(trail: Sequence[PlanChange]) -> datetime | None:
    """When a project was first loaded (UTC); None where its trail does not tell."""
    return next((change.at for change in trail if change.what == ADDED and not change.milestone), None)


def first_baselines(trail: Sequence[PlanChange]) -> dict[str, date]:
    """The baseline that each milestone had at first, by key; milestones whose baseline never changed are not in it."""
    found: dict[str, date] = {}
    for change in trail:
        if change.what == "baseline" and (day := change.old or change.new):
            found.setdefault(change.milestone, date.fromisoformat(day))
    return found


def plan_at(
    project: Project, trail: Sequence[PlanChange], at: datetime, *, zone: ZoneInfo, name_of: Callable[[str], str]
) -> Project:
    """The plan as it stood at an instant (UTC): every later change in its trail (oldest first) undone.

    Names, owners, baselines, weights, the budget, and milestones that were dropped or came back are put back; owners as
    people of whom only the name is known. What a milestone's `live_from` tells needs no undoing.
    """
    later = [change for change in trail if change.at > at]
    if not later:
        return project
    milestones = {milestone.key: milestone for milestone in project.milestones}
    for change in reversed(later):
        before = _before(change, trail, zone, name_of)
        if change.milestone:
            milestones[change.milestone] = replace(milestones[change.milestone], **before)
        else:
            project = replace(project, **before)
    return replace(project, milestones=tuple(milestones.values()))


def _before(
    change: PlanChange, trail: Sequence[PlanChange], zone: ZoneInfo, name_of: Callable[[str], str]
) -> dict[str, Any]:
    """The field that a change set, with the value it had before; empty for what no report prints."""
    if change.what == DROPPED:
        return {"dropped_on": None}
    if change.what == ADDED:
        return {"dropped_on": _dropped_on(trail, change, zone)} if change.milestone else {}
    if change.what == "owner" and change.old:
        return {"owner": Person(change.old, name_of(change.old))}
    if change.what == "co_owners":
        names = change.old.split(_BETWEEN_NAMES) if change.old else ()
        return {"co_owners": tuple(Person(name, name) for name in names)}
    read = _READ.get(change.what)
    return {change.what: read(change.old) if change.old else None} if read else {}


_READ: dict[str, Callable[[str], object]] = {
    "name": str,
    "baseline": date.fromisoformat,
    "weight": Decimal,
    "budget_at_completion": Decimal,
}


def _dropped_on(trail: Sequence[PlanChange], added: PlanChange, zone: ZoneInfo) -> date | None:
    """The day on which a milestone that came back had been dropped; None for one that had never been there."""
    drops = (c.at for c in trail if c.what == DROPPED and c.milestone == added.milestone and c.at < added.at)
    dropped_at = max(drops, default=None)
    return dropped_at.astimezone(zone).date() if dropped_at else None


def _milestone_changes(project: str, stored: Milestone, loaded: Milestone) -> Iterator[Change]:
    kept = {"key", "dropped_on"} | ({"live_from"} if loaded.live_from is None else set())
    return _field_changes(project, stored.key, stored, loaded, skip=kept)


_GROUPS = (
    ReportingRules,
    Thresholds,
    FiscalYear,
)  # settings whose own fields are told one by one, by their names alone


def _field_changes(project: str, milestone: str, stored: object, loaded: object, *, skip: set[str]) -> Iterator[Change]:
    for attribute in fields(stored):  # type: ignore[arg-type]  # both are dataclasses of one kind
        if attribute.name in skip:
            continue
        old, new = getattr(stored, attribute.name), getattr(loaded, attribute.name)
        if isinstance(old, _GROUPS) and isinstance(new, _GROUPS):
            yield from _field_changes(project, milestone, old, new, skip=set())
        elif not _is_same(old, new):
            yield Change(project, milestone, attribute.name, _shown(old), _shown(new))


def _is_same(old: object, new: object) -> bool:
    if isinstance(old, Person) and isinstance(new, Person):
        return new.ref in {old.ref, old.slack_id, old.email, old.handle}
    if isinstance(old, tuple) and isinstance(new, tuple):
        return len(old) == len(new) and all(map(_is_same, old, new))
    return old == new


def _shown(value: object) -> str | None:
    if value is None or (isinstance(value, (Mapping, tuple)) and not value):
        return None
    if isinstance(value, tuple) and all(isinstance(part, Person) for part in value):
        return _BETWEEN_NAMES.join(person.name for person in value)
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, ReportingRules):
        own = _field_changes("", "", ReportingRules(), value, skip=set())
        return ", ".join(f"{change.what} {change.new}" for change in own) or "the usual rules"
    return value.name if isinstance(value, Person) else str(value)
