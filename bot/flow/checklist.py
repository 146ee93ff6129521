"""Checklist: what Home shows of the plan: the projects that somebody can change, and what a new one still lacks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.domain.project import Person, Project
from bot.flow.company import Company
from bot.store import reports

_MOST_SHOWN = 8  # projects with buttons of their own; the others are in a menu


@dataclass(frozen=True, slots=True)
class Checklist:
    """How far a project is that has published no report yet.

    `without_account` are the names of those nobody can be asked as. `quarter` is the name of the first quarter that asks for
    its milestones, and `opens_at` (UTC) when: in the past where it has opened.
    """

    channel: str | None
    milestones: int
    without_account: tuple[str, ...]
    quarter: str
    opens_at: datetime
    has_opened: bool


@dataclass(frozen=True, slots=True)
class PlannedProject:
    """A project that somebody can change; no `checklist` once its first report is published."""

    key: str
    name: str
    checklist: Checklist | None = None


@dataclass(frozen=True, slots=True)
class PlanSection:
    """What somebody can set up: `shown` are the projects with buttons of their own, `others` the rest.

    `zone` and `locale` are the company's.
    """

    may_create: bool
    shown: tuple[PlannedProject, ...]
    others: tuple[PlannedProject, ...]
    zone: ZoneInfo
    locale: str


def plan_section(session: Session, company: Company, person: Person, now: datetime) -> PlanSection | None:
    """What somebody can set up; None for those who manage nothing."""
    managed = company.managed_by(person)
    is_admin = company.is_admin(person)
    if not managed and not is_admin:
        return None
    published = reports.subjects(session)
    fresh = [project for project in managed if project.key not in published]
    ordered = [*fresh, *(project for project in managed if project.key in published)]
    shown = tuple(_planned(company, project, published, now) for project in ordered[:_MOST_SHOWN])
    others = tuple(PlannedProject(project.key, project.name) for project in ordered[_MOST_SHOWN:])
    return PlanSection(is_admin, shown, others, company.zone, company.portfolio.locale)


def _planned(company: Company, project: Project, published: set[str], now: datetime) -> PlannedProject:
    checklist = None if project.key in published else _checklist(company, project, now)
    return PlannedProject(project.key, project.name, checklist)


def _checklist(company: Company, project: Project, now: datetime) -> Checklist:
    live = [milestone for milestone in project.milestones if milestone.dropped_on is None]
    quarter = company.latest_opened(now, project)
    if now > company.window(quarter, project).grace_until:
        quarter = quarter.next
    opens_at = company.window(quarter, project).opens_at
    return Checklist(
        channel=company.channel(project),
        milestones=len(live),
        without_account=_without_account([project.manager, *(milestone.owner for milestone in live)]),
        quarter=company.label(quarter),
        opens_at=opens_at,
        has_opened=opens_at <= now,
    )


def _without_account(people: Sequence[Person]) -> tuple[str, ...]:
    return tuple({person.id: person.name for person in people if person.slack_id is None}.values())
