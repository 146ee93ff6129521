"""Readers' questions about a report, and their answers."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.orm import Session

from bot.domain.quarter import Quarter
from bot.domain.update import ReaderQuestion
from bot.store.plain import execute, once, table
from bot.store.portfolio import project_id
from bot.store.tables import ProjectRow, QuestionRow

_ROWS, _PROJECTS = table(QuestionRow), table(ProjectRow)
_QUESTIONS = (
    select(_ROWS, _PROJECTS.c.key.label("project"))
    .join(_PROJECTS, _PROJECTS.c.id == _ROWS.c.project_id)
    .order_by(_ROWS.c.id)
)
_ONE = _QUESTIONS.where(_ROWS.c.id == bindparam("number"))
_OF_PROJECT = _QUESTIONS.where(_PROJECTS.c.key == bindparam("project"))
_BY_ASKER = _QUESTIONS.where(_ROWS.c.asked_by == bindparam("slack_id"))
_UNANSWERED = _QUESTIONS.where(_PROJECTS.c.key.in_(bindparam("projects", expanding=True)), _ROWS.c.answer.is_(None))


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
    return next(iter(_questions(execute(session, _ONE, {"number": number}))), None)


def of_project(session: Session, project: str) -> tuple[ReaderQuestion, ...]:
    """Every question about a project, in the order in which they were asked."""
    return _questions(execute(session, _OF_PROJECT, {"project": project}))


def asked_by(session: Session, slack_id: str) -> tuple[ReaderQuestion, ...]:
    """Everything that somebody has asked, the oldest first."""
    return _questions(execute(session, _BY_ASKER, {"slack_id": slack_id}))


def unanswered(session: Session, projects: Collection[str]) -> tuple[ReaderQuestion, ...]:
    """The questions about some projects that wait for an answer, the oldest first."""
    if not projects:
        return ()
    keys = sorted(projects)
    return once(session, ("unanswered", *keys), lambda: _questions(execute(session, _UNANSWERED, {"projects": keys})))


def _questions(rows: Iterable[Row[Any]]) -> tuple[ReaderQuestion, ...]:
    return tuple(
        ReaderQuestion(
            number=row.id,
            project=row.project,
            quarter=Quarter.parse(row.quarter),
            text=row.question,
            asked_by=row.asked_by,
            asked_at=row.asked_at,
            milestone=row.milestone_key,
            answer=row.answer,
            answered_by=row.answered_by,
            answered_at=row.answered_at,
        )
        for row in rows
    )
