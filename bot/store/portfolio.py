"""The portfolio as loaded: company, projects and milestones."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, delete, select
from sqlalchemy.orm import Session

from bot.domain.changes import ADDED, Change, PlanChange
from bot.domain.project import Milestone, Person, Portfolio, Project
from bot.domain.quarter import ReportingRules
from bot.domain.tracker_ref import TrackerRef
from bot.store import codec
from bot.store.people import all_people, save_person
from bot.store.plain import execute, table
from bot.store.tables import ChangeRow, CoOwnerRow, MilestoneRow, PortfolioRow, ProjectRow

_PLAIN_FIELDS = (
    "name", "industry", "phase", "audience", "prepared_by", "layout", "currency", "budget_at_completion",
    "staffing_unit", "scheduled_completion", "leadership_channel",
)  # fmt: skip

_MILESTONES = select(table(MilestoneRow)).order_by(MilestoneRow.position, MilestoneRow.id)
_PROJECTS = select(table(ProjectRow)).order_by(ProjectRow.id)


def portfolio(session: Session) -> Portfolio | None:
    """The company's settings; None before the first load."""
    row = session.scalar(select(PortfolioRow))
    return row and codec.load(Portfolio, row.body)


def projects(session: Session, people: Mapping[int, Person] | None = None) -> dict[str, Project]:
    """Every project with its milestones, dropped ones too, by key and in the order they were first loaded.

    `people` are all people by row where they have been read already.
    """
    people = all_people(session) if people is None else people
    co_owners = _co_owners(session, people)
    milestones: dict[int, list[Milestone]] = {}
    for row in execute(session, _MILESTONES):
        milestones.setdefault(row.project_id, []).append(_milestone(row, people, co_owners.get(row.id, ())))
    return {row.key: _project(row, milestones.get(row.id, ()), people) for row in execute(session, _PROJECTS)}


def project_id(session: Session, key: str) -> int:
    """The row id of a project that exists."""
    return session.scalars(select(ProjectRow.id).where(ProjectRow.key == key)).one()


def save_portfolio(session: Session, value: Portfolio) -> None:
    """Replace the company's settings."""
    row = session.scalar(select(PortfolioRow)) or PortfolioRow(id=1)
    row.body = codec.dump(value)
    session.add(row)


def save_project(session: Session, value: Project, *, today: date) -> None:
    """Add a project or bring it up to date; its milestones that are no longer listed become dropped."""
    row = session.scalar(select(ProjectRow).where(ProjectRow.key == value.key))
    is_first_load = row is None
    row = row or ProjectRow(key=value.key)
    for name in _PLAIN_FIELDS:
        setattr(row, name, getattr(value, name))
    row.manager_id = save_person(session, value.manager)
    row.budget_owner_id = save_person(session, value.budget_owner) if value.budget_owner else None
    row.sponsor_id = save_person(session, value.sponsor) if value.sponsor else None
    row.reporting = codec.dump(value.reporting) if value.reporting else None
    session.add(row)
    session.flush()
    rows = _save_milestones(session, row.id, value.milestones, live_from=None if is_first_load else today)
    for position, milestone in enumerate(rows):
        milestone.position = position
    _drop_others(session, row.id, {m.key for m in value.milestones}, today)


def save_milestone(session: Session, project_key: str, value: Milestone, *, today: date) -> None:
    """Add one milestone to a project or bring it up to date; drops nothing."""
    _save_milestones(session, project_id(session, project_key), (value,), live_from=today)


def set_owner(session: Session, project_key: str, milestone_key: str, owner: int) -> None:
    """Give a milestone to another person (our row), who is no co-owner any more."""
    of_project = MilestoneRow.project_id == project_id(session, project_key)
    row = session.scalars(select(MilestoneRow).where(of_project, MilestoneRow.key == milestone_key)).one()
    row.owner_id = owner
    session.execute(delete(CoOwnerRow).where(CoOwnerRow.milestone_id == row.id, CoOwnerRow.person_id == owner))
    session.flush()


def record_changes(session: Session, changes: Iterable[Change], at: datetime, *, by: str | None = None) -> None:
    """Keep a trail of what was changed: `by` is the ref of who did it, None where a file was loaded."""
    session.add_all(
        ChangeRow(project_key=c.project, milestone_key=c.milestone, what=c.what, old=c.old, new=c.new, at=at, by=by)
        for c in changes
    )


def plan_changes(session: Session, project_key: str) -> tuple[PlanChange, ...]:
    """The trail of a project's plan, oldest first."""
    return trails(session, [project_key]).get(project_key, ())


def trails(session: Session, projects: Collection[str] | None = None) -> dict[str, tuple[PlanChange, ...]]:
    """The trail of every project that has one, or of some, by the project's key and oldest first. One statement."""
    query = select(ChangeRow)
    if projects is not None:
        query = query.where(ChangeRow.project_key.in_(projects))
    found: dict[str, list[PlanChange]] = {}
    for row in session.scalars(query.order_by(ChangeRow.at, ChangeRow.id)):
        found.setdefault(row.project_key, []).append(_plan_change(row))
    return {key: tuple(changes) for key, changes in found.items()}


def first_loads(session: Session) -> dict[str, tuple[PlanChange, ...]]:
    """Of the trail of every project only its beginning, by the project's key: that it was loaded, and when."""
    loads = select(ChangeRow).where(ChangeRow.what == ADDED, ChangeRow.milestone_key == "")
    rows = session.scalars(loads.order_by(ChangeRow.at.desc(), ChangeRow.id.desc()))
    return {row.project_key: (_plan_change(row),) for row in rows}


def _plan_change(row: ChangeRow) -> PlanChange:
    return PlanChange(row.project_key, row.milestone_key, row.what, row.old, row.new, row.at, row.by)


def _save_milestones(
    session: Session, owner_project: int, milestones: tuple[Milestone, ...], *, live_from: date | None
) -> list[MilestoneRow]:
    """Bring milestones up to date, new ones after those that are there; returns their rows as listed."""
    there = {
        row.key: row for row in session.scalars(select(MilestoneRow).where(MilestoneRow.project_id == owner_project))
    }
    rows = []
    for milestone in milestones:
        row = there.setdefault(
            milestone.key,
            MilestoneRow(project_id=owner_project, key=milestone.key, live_from=live_from, position=len(there)),
        )
        row.name = milestone.name
        row.owner_id = save_person(session, milestone.owner)
        row.baseline = milestone.baseline
        row.weight = milestone.weight
        row.tracker = codec.dump(milestone.tracker) if milestone.tracker else None
        row.live_from = milestone.live_from or row.live_from
        row.dropped_on = None
        session.add(row)
        rows.append(row)
    session.flush()
    for row, milestone in zip(rows, milestones, strict=True):
        _save_co_owners(session, row, milestone)
    return rows


def _save_co_owners(session: Session, row: MilestoneRow, milestone: Milestone) -> None:
    """Write down who answers beside a milestone's owner; what is as it was stays untouched."""
    listed = [save_person(session, person) for person in milestone.co_owners]
    of_milestone = CoOwnerRow.milestone_id == row.id
    there = session.scalars(select(CoOwnerRow.person_id).where(of_milestone).order_by(CoOwnerRow.position)).all()
    if listed != list(there):
        session.execute(delete(CoOwnerRow).where(of_milestone))
        session.add_all(
            CoOwnerRow(milestone_id=row.id, person_id=number, position=place) for place, number in enumerate(listed)
        )


def _drop_others(session: Session, owner_project: int, listed: set[str], today: date) -> None:
    live = select(MilestoneRow).where(MilestoneRow.project_id == owner_project, MilestoneRow.dropped_on.is_(None))
    for row in session.scalars(live):
        if row.key not in listed:
            row.dropped_on = today


def _co_owners(session: Session, people: Mapping[int, Person]) -> dict[int, tuple[Person, ...]]:
    """The co-owners of every milestone that has any, by its row and in their order."""
    found: dict[int, tuple[Person, ...]] = {}
    query = select(CoOwnerRow.milestone_id, CoOwnerRow.person_id).order_by(CoOwnerRow.position, CoOwnerRow.person_id)
    for milestone, person in session.execute(query):
        found[milestone] = (*found.get(milestone, ()), people[person])
    return found


def _project(row: Row[Any], milestones: Iterable[Milestone], people: Mapping[int, Person]) -> Project:
    return Project(
        key=row.key,
        manager=people[row.manager_id],
        budget_owner=people[row.budget_owner_id] if row.budget_owner_id else None,
        sponsor=people[row.sponsor_id] if row.sponsor_id else None,
        reporting=codec.load(ReportingRules, row.reporting),
        milestones=tuple(milestones),
        **{name: getattr(row, name) for name in _PLAIN_FIELDS},
    )


def _milestone(row: Row[Any], people: Mapping[int, Person], co_owners: tuple[Person, ...]) -> Milestone:
    return Milestone(
        key=row.key,
        name=row.name,
        owner=people[row.owner_id],
        baseline=row.baseline,
        weight=row.weight,
        live_from=row.live_from,
        dropped_on=row.dropped_on,
        tracker=codec.load(TrackerRef, row.tracker) if row.tracker else None,
        co_owners=tuple(person for person in co_owners if person.id != row.owner_id) if co_owners else (),
    )
