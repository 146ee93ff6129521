"""What a load would change: the lines that `--dry-run` prints, and the trail that is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

from bot.domain.project import Milestone, Person, Portfolio, Project


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between what is stored and what a file says. `what` is a field's name, "added" or "dropped"."""

    project: str
    milestone: str
    what: str
    old: str | None
    new: str | None

    def __str__(self) -> str:
        place = f"{self.project}/{self.milestone}" if self.milestone else self.project
        if self.what in ("added", "dropped"):
            return f"{place}: {self.what}: {self.new or self.old}"
        return f"{place}: {self.what}: {self.old or 'nothing'} → {self.new or 'nothing'}"


def settings_changes(stored: Portfolio | None, loaded: Portfolio) -> list[Change]:
    """Every difference in the company's settings."""
    if stored is None:
        return [Change("company", "", "added", None, loaded.company)]
    return list(_field_changes("company", "", stored, loaded, skip=set()))


def project_changes(stored: Project | None, loaded: Project, *, can_drop: bool = True) -> list[Change]:
    """Every difference that loading a project makes; absent milestones are dropped where the file lists them all."""
    if stored is None:
        added = Change(loaded.key, "", "added", None, loaded.name)
        return [added, *(Change(loaded.key, m.key, "added", None, m.name) for m in loaded.milestones)]
    changes = list(_field_changes(loaded.key, "", stored, loaded, skip={"milestones", "key"}))
    before = {m.key: m for m in stored.milestones if m.dropped_on is None}
    for milestone in loaded.milestones:
        if milestone.key not in before:
            changes.append(Change(loaded.key, milestone.key, "added", None, milestone.name))
        else:
            changes.extend(_milestone_changes(loaded.key, before[milestone.key], milestone))
    if can_drop:
        listed = {m.key for m in loaded.milestones}
        changes.extend(Change(loaded.key, m.key, "dropped", m.name, None) for k, m in before.items() if k not in listed)
    return changes


def _milestone_changes(project: str, stored: Milestone, loaded: Milestone) -> Iterator[Change]:
    kept = {"key", "dropped_on"} | ({"live_from"} if loaded.live_from is None else set())
    return _field_changes(project, stored.key, stored, loaded, skip=kept)


def _field_changes(project: str, milestone: str, stored: object, loaded: object, *, skip: set[str]) -> Iterator[Change]:
    for attribute in fields(stored):  # type: ignore[arg-type]  # both are dataclasses of one kind
        if attribute.name in skip:
            continue
        old, new = getattr(stored, attribute.name), getattr(loaded, attribute.name)
        if not _is_same(old, new):
            yield Change(project, milestone, attribute.name, _shown(old), _shown(new))


def _is_same(old: object, new: object) -> bool:
    if isinstance(old, Person) and isinstance(new, Person):
        return new.ref in {old.ref, old.slack_id, old.email, old.handle}
    return old == new


def _shown(value: object) -> str | None:
    if value is None or (isinstance(value, Mapping) and not value):
        return None
    return value.name if isinstance(value, Person) else str(value)
