"""Load: what a portfolio file or a table of milestones says of the plan, into the store; or only what it would change.

Messages that were sent are brought up to date with it, as after a change in Slack.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.domain.changes import ADDED, Change, changes_of, project_changes, settings_changes
from bot.domain.errors import NoPortfolio
from bot.domain.plan import PlanFile
from bot.domain.portfolio_report import ALL
from bot.domain.project import Milestone, Person, Portfolio, Project
from bot.flow.ask.ask import ask_again, refresh_cards
from bot.flow.collect.collect import ref_of
from bot.flow.company import Company
from bot.flow.keep.trail import note_plan
from bot.flow.moment import Moment
from bot.flow.people import tie_accounts
from bot.flow.schedule.planner import missing_items
from bot.store import handovers, ledger
from bot.store import people as people_store
from bot.store import portfolio as portfolio_store


def plan_changes(session: Session, plan: PlanFile) -> list[Change]:
    """What loading a file would change. Raises NoPortfolio for a file of milestones alone before there is a portfolio."""
    portfolio_after(session, plan)
    if plan.portfolio is None:
        return milestone_changes(session, plan.projects)
    return portfolio_changes(session, plan.portfolio, plan.projects)


def unmanaged(session: Session, plan: PlanFile) -> list[str]:
    """A line for each project that nobody manages once a file is loaded; a table leaves the managers that there are."""
    known = portfolio_store.projects(session) if plan.portfolio is None else {}
    return [line for key, line in plan.unmanaged.items() if key not in known]


def portfolio_after(session: Session, plan: PlanFile) -> Portfolio:
    """The company's settings as they are once a file is loaded. Raises NoPortfolio where there are none to be had."""
    portfolio = plan.portfolio or portfolio_store.portfolio(session)
    if portfolio is None:
        raise NoPortfolio("No portfolio has been loaded yet. That file comes first (.yaml); milestones can follow.")
    return portfolio


def portfolio_changes(session: Session, portfolio: Portfolio, projects: Sequence[Project]) -> list[Change]:
    """What loading a portfolio file would change."""
    changes = settings_changes(portfolio_store.portfolio(session), portfolio)
    return [*changes, *changes_of(portfolio_store.projects(session), projects)]


def milestone_changes(session: Session, projects: Sequence[Project]) -> list[Change]:
    """What loading a file of milestones alone would change: nothing is dropped, projects keep their settings."""
    known = portfolio_store.projects(session)
    changes = []
    for project in projects:
        stored = known.get(project.key)
        listed = replace(stored, milestones=_as_listed(stored, project)) if stored else project
        changes.extend(project_changes(stored, listed, can_drop=False))
    return changes


def save_plan(
    session: Session, plan: PlanFile, changes: Sequence[Change], moment: Moment, *, person: Person | None = None
) -> None:
    """Store what a file says, with the trail of what it changed; `person` loaded it in Slack, nobody by a command.

    People who are new get their accounts, and messages that were sent show what their people owe now.
    """
    before = Company.load(session) if portfolio_store.portfolio(session) else None
    today = moment.now.astimezone(ZoneInfo(portfolio_after(session, plan).timezone)).date()
    if plan.portfolio is None:
        _save_milestones(session, plan.projects, today)
    else:
        _save_portfolio(session, plan.portfolio, plan, today)
    portfolio_store.record_changes(session, changes, moment.now, by=ref_of(person) if person else None)
    listed = {project.key for project in plan.projects}
    note_plan(session, person, sorted({c.project if c.project in listed else ALL for c in changes}), moment)
    tie_accounts(session, people_store.directory(session))
    if before is not None:
        changed = {change.project for change in changes}
        edited = [project for key, project in portfolio_store.projects(session).items() if key in changed]
        follow(session, before, edited, changes, moment)


def _save_portfolio(session: Session, portfolio: Portfolio, plan: PlanFile, today: date) -> None:
    """Store what a portfolio file says; milestones that its projects no longer list are dropped."""
    portfolio_store.save_portfolio(session, portfolio)
    for person in plan.people:
        people_store.save_person(session, person)
    _save_deputies(session, plan.people)
    for project in plan.projects:
        portfolio_store.save_project(session, project, today=today)


def _save_deputies(session: Session, people: Sequence[Person]) -> None:
    """Keep whom a file names as deputies; one that it leaves out stays as its person said it in Slack."""
    known = people_store.people_by_ref(session)
    for person in people:
        if (deputy := person.deputy) and (named := known[deputy.ref].id) != known[person.ref].id:
            people_store.set_deputy(session, known[person.ref].id, named, deputy.from_on, deputy.until_on)


def _save_milestones(session: Session, projects: Sequence[Project], today: date) -> None:
    """Store what a file of milestones alone says: nothing is dropped, and projects keep their other settings."""
    known = portfolio_store.projects(session)
    for project in projects:
        if project.key not in known:
            portfolio_store.save_project(session, project, today=today)
            continue
        for milestone in _as_listed(known[project.key], project):
            portfolio_store.save_milestone(session, project.key, milestone, today=today)


def follow(
    session: Session, company: Company, edited: Iterable[Project], changes: Sequence[Change], moment: Moment
) -> None:
    """After a change of the plan: whoever owes more or less sees it, and offers of what changed hands no longer stand.

    `company` is as it was before; `edited` are the projects as they are now.
    """
    for change in changes:
        if change.what == "owner":
            handovers.withdraw(session, change.project, change.milestone, moment.now)
    for project in edited:
        before = company.projects.get(project.key, project)
        concerned = [p.answers_for_budget for p in (before, project)]
        concerned += [owner for p in (before, project) for milestone in live(p) for owner in milestone.owners]
        refresh_cards(session, concerned, company.latest_opened(moment.now, project), moment.real)
        added = {c.milestone for c in changes if (c.project, c.what, c.old) == (project.key, ADDED, None)}
        _ask_for(session, company, project, added, moment)


def _ask_for(session: Session, company: Company, project: Project, added: Collection[str], moment: Moment) -> None:
    """Ask at once for milestones that came into an open window, unless the first message about any is still to come."""
    quarter = company.latest_opened(moment.now, project)
    if not added or moment.now >= company.window(quarter, project).due_at:
        return
    missing = missing_items(company.standing(session, project, quarter, moment.now))
    new = (milestone for milestone in project.milestones if milestone.key in added and milestone.key in missing)
    owners = {owner.id: owner for milestone in new for owner in milestone.owners}
    asked = [owner for owner in owners.values() if ledger.nudges(session, quarter, owner.id)]
    ask_again(session, company, asked, quarter, moment)


def live(project: Project) -> tuple[Milestone, ...]:
    """The milestones that are part of a project now."""
    return tuple(milestone for milestone in project.milestones if milestone.dropped_on is None)


def _as_listed(stored: Project, listed: Project) -> tuple[Milestone, ...]:
    """A table's milestones: co-owners stay where it names none, and so do trackers, since a table takes nothing away."""
    there = {milestone.key: milestone for milestone in stored.milestones}
    return tuple(
        _keeping(there[milestone.key], milestone) if milestone.key in there else milestone
        for milestone in listed.milestones
    )


def _keeping(stored: Milestone, listed: Milestone) -> Milestone:
    kept = tuple(person for person in stored.co_owners if person.ref != listed.owner.ref)
    return replace(listed, co_owners=listed.co_owners or kept, tracker=stored.tracker)
