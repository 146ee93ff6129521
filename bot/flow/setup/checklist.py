"""Checklist: what a project still lacks before its first report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.domain.project import Person, Project
from bot.flow.company import Company


@dataclass(frozen=True, slots=True)
class Checklist:
    """How far a project is that has published no report yet.

    `without_account` are the names of those nobody can be asked as. `quarter` is the name of the first quarter that asks for
    its milestones, and `opens_on` the company's day on which it does: in the past where it has opened.
    """

    channel: str | None
    milestones: int
    without_account: tuple[str, ...]
    quarter: str
    opens_on: date
    has_opened: bool


def checklist_of(company: Company, project: Project, now: datetime) -> Checklist:
    """How far a project is on the way to its first report."""
    live = [milestone for milestone in project.milestones if milestone.dropped_on is None]
    quarter = company.latest_opened(now, project)
    if now >= company.window(quarter, project).grace_until:
        quarter = quarter.next
    window = company.window(quarter, project)
    return Checklist(
        channel=company.channel(project),
        milestones=len(live),
        without_account=_without_account(
            [project.manager, *(owner for milestone in live for owner in milestone.owners)]
        ),
        quarter=company.label(quarter),
        opens_on=window.opens_on,
        has_opened=window.opens_at <= now,
    )


def _without_account(people: Sequence[Person]) -> tuple[str, ...]:
    return tuple({person.id: person.name for person in people if person.slack_id is None}.values())
