"""Readers' questions about a report, and their answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.domain.quarter import Quarter
from bot.store.portfolio import project_id
from bot.store.tables import ProjectRow, QuestionRow


@dataclass(frozen=True, slots=True)
class Question:
    """A question and, once somebody has answered, its answer. `asked_by` and `answered_by` are Slack ids."""

    id: int
    project: str
    quarter: Quarter
    question: str
    asked_by: str
    answer: str | None = None
    answered_by: str | None = None


def ask(session: Session, project: str, quarter: Quarter, question: str, by: str, at: datetime) -> int:
    """Keep a question; returns its row id."""
    row = QuestionRow(
        project_id=project_id(session, project), quarter=str(quarter), question=question, asked_by=by, asked_at=at
    )
    session.add(row)
    session.flush()
    return row.id


def answer(session: Session, question_id: int, text: str, by: str, at: datetime) -> bool:
    """Keep the answer to a question; False where it already has one."""
    unanswered = (QuestionRow.id == question_id, QuestionRow.answer.is_(None))
    result = session.execute(
        update(QuestionRow)
        .where(*unanswered)
        .values(answer=text, answered_by=by, answered_at=at)
        .returning(QuestionRow.id)
    )
    return result.first() is not None


def find(session: Session, question_id: int) -> Question | None:
    """One question."""
    query = select(QuestionRow, ProjectRow.key).join(ProjectRow, ProjectRow.id == QuestionRow.project_id)
    found = session.execute(query.where(QuestionRow.id == question_id)).first()
    if found is None:
        return None
    row, project = found
    return Question(
        id=row.id,
        project=project,
        quarter=Quarter.parse(row.quarter),
        question=row.question,
        asked_by=row.asked_by,
        answer=row.answer,
        answered_by=row.answered_by,
    )
