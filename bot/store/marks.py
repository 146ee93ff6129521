"""The company's mark: new after every change of what a company is loaded from, so that it need not be read each time."""

from __future__ import annotations

import uuid

from sqlalchemy import event, select, update
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction, sessionmaker

from bot.store.plain import execute, table
from bot.store.tables import (
    CoOwnerRow,
    DeputyRow,
    ExceptionRow,
    MilestoneRow,
    PersonRefRow,
    PersonRow,
    PortfolioRow,
    ProjectRow,
    StandInRow,
)

_COMPANY = (
    PortfolioRow, PersonRow, PersonRefRow, DeputyRow, ProjectRow, MilestoneRow, CoOwnerRow, ExceptionRow, StandInRow,
)  # fmt: skip
_PORTFOLIO = table(PortfolioRow)
_MARK = select(_PORTFOLIO.c.mark)  # read with every click


def company_mark(session: Session) -> str | None:
    """The mark as it stands for this transaction, its own changes included; None before the first load."""
    return execute(session, _MARK).scalar()


def mark_changes(sessions: sessionmaker[Session]) -> None:
    """Have every session of these give the company a new mark when it changes something of it.

    A mark is random, not a number: one that was rolled back never comes again with another meaning.
    """
    event.listen(sessions, "after_flush", _after_flush)
    event.listen(sessions, "do_orm_execute", _before_statement)


def _after_flush(session: Session, _: UOWTransaction) -> None:
    changed = [*session.new, *session.deleted, *filter(session.is_modified, session.dirty)]
    if any(isinstance(row, _COMPANY) for row in changed):
        _renew(session)


def _before_statement(state: ORMExecuteState) -> None:
    """Statements that change many rows at once pass no flush."""
    changes = state.is_update or state.is_delete or state.is_insert
    if changes and state.bind_mapper and state.bind_mapper.class_ in _COMPANY:
        _renew(state.session)


def _renew(session: Session) -> None:
    session.connection().execute(update(_PORTFOLIO).values(mark=uuid.uuid4().hex))
