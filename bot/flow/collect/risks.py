"""Risks and blockers of a quarter: the list of open ones, the dialog for one, and what comes back from both."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from bot.domain.errors import NotAllowed, NotFound
from bot.domain.facts import standing_risks
from bot.domain.permissions import Action
from bot.domain.project import Person, Project
from bot.domain.quarter import Quarter
from bot.domain.update import Provenance, Risk
from bot.flow.collect.collect import ref_of
from bot.flow.company import Company
from bot.flow.forms import RiskForm, RisksForm
from bot.flow.keep.trail import Said, note_said
from bot.flow.moment import Moment
from bot.flow.schedule.owed import locale_of
from bot.store import answers as answer_store
from bot.store import people as people_store


def risks_form(session: Session, company: Company, person: Person, quarter: Quarter, now: datetime) -> RisksForm:
    """The open risks of every project a person has to do with."""
    projects = [p for p in company.projects.values() if company.may(person, Action.ANSWER_RISKS, p)]
    return RisksForm(
        quarter=quarter,
        quarter_label=company.label(quarter),
        projects=tuple((project, _open_risks(session, company, project, quarter, now)) for project in projects),
    )


def risk_keys(session: Session, company: Company, project: str, quarter: Quarter, now: datetime) -> set[str]:
    """Every key that a project's risks have or had, which a new one may not take."""
    facts = company.standing(session, company.project(project), quarter, now)
    return {key for answers in facts.history.values() for key in answers.risks}


def risk_form(
    session: Session, company: Company, person: Person, project: str, quarter: Quarter, key: str | None, now: datetime
) -> RiskForm:
    """The dialog for one risk, or for a new one. Raises NotAllowed for somebody who is not involved in the project."""
    found = _project(company, person, project)
    risks = {risk.key: risk for risk in _open_risks(session, company, found, quarter, now)}
    risk = risks.get(key) if key else None
    return RiskForm(
        project=found,
        quarter=quarter,
        quarter_label=company.label(quarter),
        locale=locale_of(session, company, person),
        risk=risk,
        people=people_store.named(session, {risk.owner} if risk and risk.owner else ()),
    )


def record_risk(
    session: Session,
    company: Company,
    person: Person,
    project: str,
    quarter: Quarter,
    risk: Risk,
    *,
    key: str,
    moment: Moment,
) -> None:
    """Store a risk as given; the same submission twice is stored once. Raises NotAllowed as `risk_form` does."""
    _project(company, person, project)
    if answer_store.is_first_time(session, key, moment.now):
        by = Provenance(by=ref_of(person), at=moment.now)
        answer_store.record(session, project, quarter, risk.key, risk, by)
        closed = {} if risk.is_open else {"closed": "yes"}
        note_said(session, person, Said(project, quarter, "risk", risk.milestone or "", closed), moment)


def settle_risk(
    session: Session,
    company: Company,
    person: Person,
    project: str,
    quarter: Quarter,
    risk_key: str,
    *,
    is_open: bool,
    click: str,
    moment: Moment,
) -> None:
    """Keep or close a risk with one click: it is said again for this quarter as it was, open or closed."""
    if answer_store.was_handled(session, click):
        return
    found = company.project(project)
    risks = {risk.key: risk for risk in _open_risks(session, company, found, quarter, moment.now)}
    if risk_key not in risks:
        raise NotFound("This risk is no longer open.")
    risk = replace(risks[risk_key], is_open=is_open)
    record_risk(session, company, person, project, quarter, risk, key=click, moment=moment)


def _project(company: Company, person: Person, key: str) -> Project:
    """A project whose risks somebody may change; raises NotAllowed for anybody else."""
    project = company.project(key)
    if not company.may(person, Action.ANSWER_RISKS, project):
        raise NotAllowed(f"Only the people of {project.name} can change its risks.")
    return project


def _open_risks(
    session: Session, company: Company, project: Project, quarter: Quarter, now: datetime
) -> tuple[Risk, ...]:
    return standing_risks(company.standing(session, project, quarter, now))
