"""Updates: what a manager sees behind a check of the review."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.domain.errors import NotFound
from bot.domain.project import Person, Project
from bot.domain.quarter import Quarter
from bot.domain.said import updates_behind
from bot.flow.company import Company
from bot.flow.compile.compile import compile_report
from bot.flow.forms import UpdatesForm
from bot.flow.moment import Moment
from bot.flow.people import require_manager
from bot.flow.ports import Documents


def updates_form(
    session: Session,
    company: Company,
    person: Person,
    project: Project,
    quarter: Quarter,
    check_id: str,
    documents: Documents,
    moment: Moment,
) -> UpdatesForm:
    """The updates that a check is about, as they were said. Raises NotFound for a check that does not fire any more."""
    require_manager(company, person, project)
    facts = company.facts(session, project, quarter, moment.now)
    report = compile_report(facts, documents)
    check = next((check for check in report.checks if check.id == check_id), None)
    if check is None:
        raise NotFound("This check no longer fires.")
    return UpdatesForm(report, check, updates_behind(check, facts), company.portfolio.timezone)
