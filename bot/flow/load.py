"""Load: portfolio and answers from files into the store, or only say what would change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from bot.domain.changes import Change, project_changes, settings_changes
from bot.domain.plan import PlanFile
from bot.domain.project import Person, Portfolio, Project
from bot.domain.quarter import Quarter
from bot.domain.update import (
    Answer,
    Decision,
    Given,
    MilestoneUpdate,
    Objective,
    ProjectSummary,
    QuarterAnswers,
    Resources,
    Risk,
)
from bot.store import answers as answer_store
from bot.store import people as people_store
from bot.store import portfolio as portfolio_store

_KIND_NAMES: dict[type[Answer], str] = {
    MilestoneUpdate: "milestone",
    Risk: "risk",
    Objective: "objective",
    Decision: "decision",
    Resources: "resources",
    ProjectSummary: "project summary",
}


def plan_changes(session: Session, plan: PlanFile) -> list[Change]:
    """What loading a file would change."""
    if plan.portfolio is None:
        return milestone_changes(session, plan.projects)
    return portfolio_changes(session, plan.portfolio, plan.projects)


def portfolio_changes(session: Session, portfolio: Portfolio, projects: Sequence[Project]) -> list[Change]:
    """What loading a portfolio file would change."""
    changes = settings_changes(portfolio_store.portfolio(session), portfolio)
    known = portfolio_store.projects(session)
    for project in projects:
        changes.extend(project_changes(known.get(project.key), project))
    return changes


def milestone_changes(session: Session, projects: Sequence[Project]) -> list[Change]:
    """What loading a file of milestones alone would change: nothing is dropped, projects keep their settings."""
    known = portfolio_store.projects(session)
    changes = []
    for project in projects:
        stored = known.get(project.key)
        listed = replace(stored, milestones=project.milestones) if stored else project
        changes.extend(project_changes(stored, listed, can_drop=False))
    return changes


def save_plan(
    session: Session, plan: PlanFile, changes: list[Change], *, today: date, now: datetime, by: str | None = None
) -> None:
    """Store what a file says, with the trail of what it changed; `by` is the ref of who loaded it in Slack."""
    if plan.portfolio is None:
        save_milestones(session, plan.projects, changes, today=today, now=now, by=by)
    else:
        save_portfolio(session, plan.portfolio, plan.people, plan.projects, changes, today=today, now=now, by=by)


def save_portfolio(
    session: Session,
    portfolio: Portfolio,
    people: Sequence[Person],
    projects: Sequence[Project],
    changes: list[Change],
    *,
    today: date,
    now: datetime,
    by: str | None = None,
) -> None:
    """Store what a portfolio file says, with the trail of what it changed."""
    portfolio_store.save_portfolio(session, portfolio)
    for person in people:
        people_store.save_person(session, person)
    save_projects(session, projects, changes, today=today, now=now, by=by)


def save_projects(
    session: Session,
    projects: Sequence[Project],
    changes: list[Change],
    *,
    today: date,
    now: datetime,
    by: str | None = None,
) -> None:
    """Store projects as they should be from now on, milestones that they no longer list dropped, with the trail."""
    for project in projects:
        portfolio_store.save_project(session, project, today=today)
    portfolio_store.record_changes(session, changes, now, by=by)


def save_milestones(
    session: Session,
    projects: Sequence[Project],
    changes: list[Change],
    *,
    today: date,
    now: datetime,
    by: str | None = None,
) -> None:
    """Store what a file of milestones alone says: nothing is dropped, and projects keep their other settings."""
    known = portfolio_store.projects(session)
    for project in projects:
        if project.key not in known:
            portfolio_store.save_project(session, project, today=today)
            continue
        for milestone in project.milestones:
            portfolio_store.save_milestone(session, project.key, milestone, today=today)
    portfolio_store.record_changes(session, changes, now, by=by)


def save_answers(session: Session, quarter: Quarter, projects: Mapping[str, QuarterAnswers]) -> list[str]:
    """Store answers as new versions; returns the items that changed. Loading the same file twice adds nothing."""
    return [
        f"{project} {quarter}: {_KIND_NAMES[type(given.value)]}{' ' if key else ''}{key}"
        for project, answers in projects.items()
        for key, given in items(answers)
        if answer_store.record(session, project, quarter, key, given.value, given.provenance)
    ]


def items(answers: QuarterAnswers) -> Iterator[tuple[str, Given[Answer]]]:
    """Every answer of a quarter with its key; resources and the summary have none."""
    for group in (answers.milestones, answers.risks, answers.objectives, answers.decisions):
        yield from group.items()
    if answers.resources:
        yield "", answers.resources
    if answers.summary:
        yield "", answers.summary
