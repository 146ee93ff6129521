"""Readers' questions about a report, and their answers."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from bot.domain.quarter import Quarter
from bot.domain.update import ReaderQuestion
from bot.store.portfolio import project_id
from bot.store.tables import ProjectRow, QuestionRow


def ask(
    session: Session,
    project: str,
    quarter: Quarter,
    question: str,
    by: str,
    at: datetime,
    *,
    milestone: str | None = None,
) -> int:
    """Keep a question about a project's report, or about one milestone in it; returns its number."""
    row = QuestionRow(
        project_id=project_id(session, project),
        quarter=str(quarter),
        milestone_key=milestone,
        question=question,
        asked_by=by,
        asked_at=at,
    )
    session.add(row)
    session.flush()
    return row.id


def answer(session: Session, number: int, text: str, by: str, at: datetime) -> bool:
    """Keep the answer to a question; False where it already has one."""
    unanswered = (QuestionRow.id == number, QuestionRow.answer.is_(None))
    result = session.execute(
        update(QuestionRow)
        .where(*unanswered)
        .values(answer=text, answered_by=by, answered_at=at)
        .returning(QuestionRow.id)
    )
    return result.first() is not None


def find(session: Session, number: int) -> ReaderQuestion | None:
    """One question."""
    return next(iter(_questions(session, _QUERY.where(QuestionRow.id == number))), None)


def of_project(session: Session, project: str) -> tuple[ReaderQuestion, ...]:
    """Every question about a project, in the order in which they were asked."""
    return _questions(session, _QUERY.where(ProjectRow.key == project))


def asked_by(session: Session, slack_id: str) -> tuple[ReaderQuestion, ...]:
    """Everything that somebody has asked, the oldest first."""
    return _questions(session, _QUERY.where(QuestionRow.asked_by == slack_id))


def unanswered(session: Session, projects: Collection[str]) -> tuple[ReaderQuestion, ...]:
    """The questions about some projects that wait for an answer, the oldest first."""
    return _questions(session, _QUERY.where(ProjectRow.key.in_(projects), QuestionRow.answer.is_(None)))


_QUERY = (
    select(QuestionRow, ProjectRow.key)
    .join(ProjectRow, ProjectRow.id == QuestionRow.project_id)
    .order_by(QuestionRow.id)
    .execution_options(populate_existing=True)
)


def _questions(session: Session, query: Select[QuestionRow, str]) -> tuple[ReaderQuestion, ...]:
    return tuple(
        ReaderQuestion(
            number=row.id,
            project=project,
            quarter=Quarter.parse(row.quarter),
            text=row.question,
            asked_by=row.asked_by,
            asked_at=row.asked_at,
            milestone=row.milestone_key,
            answer=row.answer,
            answered_by=row.answered_by,
            answered_at=row.answered_at,
        )
        for row, project in session.execute(query)
    )
