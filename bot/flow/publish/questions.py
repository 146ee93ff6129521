"""Questions: those of readers that wait for an answer, and who is asked for it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from bot.domain.project import Milestone, Person, Project
from bot.domain.update import ReaderQuestion
from bot.flow.company import Company
from bot.flow.messages import OpenQuestion
from bot.store import people as people_store
from bot.store import questions


def questions_to_owner(session: Session, company: Company, person: Person, now: datetime) -> tuple[OpenQuestion, ...]:
    """The questions about somebody's own milestones that wait for an answer, the oldest first."""
    projects = [project.key for project in company.live_projects_by_person.get(person.id, ())]
    waiting = questions.unanswered(session, projects) if projects else ()
    mine = (q for q in waiting if q.milestone and company.is_asked_for(person.id, q.project, q.milestone))
    return listed(session, company, now, mine)


def listed(
    session: Session, company: Company, now: datetime, waiting: Iterable[ReaderQuestion]
) -> tuple[OpenQuestion, ...]:
    """Questions as they are shown."""
    found = list(waiting)
    names = people_store.names_of(session, {question.asked_by for question in found})
    return tuple(_open_question(company, question, names, now) for question in found)


def about(company: Company, question: ReaderQuestion) -> tuple[Project, Milestone | None]:
    """What a question is about; one about a milestone that has gone since is the project's."""
    project = company.project(question.project)
    milestone = project.milestone(question.milestone) if question.milestone else None
    return project, milestone if milestone and milestone.dropped_on is None else None


def answerers(company: Company, question: ReaderQuestion) -> list[Person]:
    """Who is asked for an answer: the owners of the milestone, and the manager."""
    project, milestone = about(company, question)
    people = [*(milestone.owners if milestone else ()), project.manager]
    return list({person.id: person for person in people}.values())


def _open_question(company: Company, question: ReaderQuestion, names: dict[str, str], now: datetime) -> OpenQuestion:
    project, milestone = about(company, question)
    return OpenQuestion(
        number=question.number,
        project_name=project.name,
        quarter_label=company.label(question.quarter),
        milestone=milestone.name if milestone else "",
        text=question.text,
        asked_by=names.get(question.asked_by, question.asked_by),
        days=(now - question.asked_at).days,
    )
