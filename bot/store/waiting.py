"""Decisions by whom they name: what a leader's Home asks of the answers of all projects at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import literal_column, select, tuple_
from sqlalchemy.orm import Session

from bot.domain.quarter import Quarter
from bot.domain.update import Decision
from bot.store import codec
from bot.store.tables import AnswerRow, ProjectRow


@dataclass(frozen=True, slots=True)
class SaidOfDecision:
    """One version of a decision, with its project's key, the quarter it was said in and when (UTC)."""

    project: str
    quarter: Quarter
    value: Decision
    at: datetime


def decisions_naming(session: Session, names: Collection[str]) -> list[SaidOfDecision]:
    """Every version of the decisions that ever named one of these refs or names, in the order they were said.

    One statement, which reads nothing but decisions.
    """
    item = (AnswerRow.project_id, AnswerRow.item_key)
    is_decision = AnswerRow.kind == literal_column(
        "'decision'"
    )  # in these words, so that the index of decisions is used
    naming = select(*item).where(is_decision, AnswerRow.body["who"].as_string().in_(names))
    query = (
        select(ProjectRow.key, AnswerRow.quarter, AnswerRow.body, AnswerRow.at)
        .join(ProjectRow, ProjectRow.id == AnswerRow.project_id)
        .where(is_decision, tuple_(*item).in_(naming))
        .order_by(AnswerRow.quarter, AnswerRow.id)
    )
    return [
        SaidOfDecision(project, Quarter.parse(quarter), codec.load(Decision, body), at)
        for project, quarter, body, at in session.execute(query)
    ]
