"""What a manager finds at Home of each project: coverage, who has not answered, checks, the latest report, what it lacks."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.domain.checks import run_checks
from bot.domain.facts import ReportFacts
from bot.domain.project import Person, Project
from bot.domain.report import Coverage, QuarterlyReport
from bot.domain.reporting import build_report
from bot.flow.company import Company
from bot.flow.home.leader import LatestReport, latest_reports
from bot.flow.messages import ItemRef
from bot.flow.people import beside_owner
from bot.flow.setup.checklist import Checklist, checklist_of
from bot.store import answers as answer_store
from bot.store import portfolio as portfolio_store
from bot.store.answers import History


@dataclass(frozen=True, slots=True)
class MissingUpdate:
    """A milestone without an answer and who was asked for it, all by name; `stand_ins` are asked in an owner's place."""

    milestone: str
    owner: str
    co_owners: tuple[str, ...] = ()
    stand_ins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HomeProject:
    """A project as those who manage it see it at Home; `checks` counts those that fire on the present facts.

    `paused_because` is None while it is not paused; `checklist` is None once its first report is published.
    """

    ref: ItemRef
    name: str
    quarter_label: str
    coverage: Coverage
    missing: tuple[MissingUpdate, ...]
    checks: int
    paused_because: str | None
    report: LatestReport | None
    checklist: Checklist | None


def managed_keys(company: Company, person: Person) -> list[str]:
    """The projects that somebody may compile: their own in the portfolio's order, then the others by name."""
    managed = company.managed_by(person)
    own = [project.key for project in managed if project.manager.id == person.id]
    others = sorted((p for p in managed if p.manager.id != person.id), key=lambda project: project.name.casefold())
    return [*own, *(project.key for project in others)]


def home_projects(session: Session, company: Company, keys: Collection[str], now: datetime) -> tuple[HomeProject, ...]:
    """Some projects as their managers see them; as many statements for twenty as for one."""
    published = latest_reports(session, company, keys)
    trails = portfolio_store.trails(session, keys)
    found = {}
    for key, history in answer_store.histories(session, None, keys):
        project = company.projects[key]
        quarter = company.latest_opened(now, project)
        until = {q: answers for q, answers in history.items() if q <= quarter}
        facts = company.facts_from(project, quarter, now, history=until, names={}, trail=trails.get(key, ()))
        found[key] = _project(company, facts, published.get(key), until, now)
    return tuple(found[key] for key in keys)


def _project(
    company: Company, facts: ReportFacts, published: LatestReport | None, history: History, now: datetime
) -> HomeProject:
    project, report = facts.project, build_report(facts)
    return HomeProject(
        ref=ItemRef(project.key, facts.quarter),
        name=project.name,
        quarter_label=company.label(facts.quarter),
        coverage=report.coverage,
        missing=_missing(company, project, report),
        checks=len(run_checks(report, facts)) if facts.quarter in history else 0,
        paused_because=company.paused_because(facts.quarter, project, now),
        report=published,
        checklist=None if published else checklist_of(company, project, now),
    )


def _missing(company: Company, project: Project, report: QuarterlyReport) -> tuple[MissingUpdate, ...]:
    milestones = {milestone.key: milestone for milestone in project.milestones}
    missing = (milestones[key] for key in report.coverage.missing)
    return tuple(
        MissingUpdate(m.name, m.owner.name, *beside_owner(company, project, m, report.quarter)) for m in missing
    )
