"""Past answers: what was said for some items, quarter by quarter, whatever else their projects hold."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from bot.domain.quarter import Quarter
from bot.domain.update import MilestoneUpdate, Provenance, Resources
from bot.store import codec
from bot.store.tables import AnswerRow, ProjectRow

_TYPES: dict[str, type[MilestoneUpdate] | type[Resources]] = {"milestone": MilestoneUpdate, "resources": Resources}


@dataclass(frozen=True, slots=True)
class SaidAnswer:
    """The answer for an item (a project's key, and a milestone's, empty for resources) that holds for a quarter."""

    project: str
    milestone: str
    quarter: Quarter
    value: MilestoneUpdate | Resources
    provenance: Provenance


def answers_for(session: Session, items: Collection[tuple[str, str]]) -> list[SaidAnswer]:
    """Everything that was said for some items (project, milestone), as it holds, the latest quarter first. One statement.

    `items` are at most some 15,000 (SQLite's limit of variables is 32,766).
    """
    item = tuple_(ProjectRow.key, AnswerRow.item_key)
    query = (
        select(ProjectRow.key, AnswerRow)
        .join(ProjectRow, ProjectRow.id == AnswerRow.project_id)
        .where(AnswerRow.kind.in_(_TYPES), item.in_(items))
        .order_by(AnswerRow.quarter.desc(), ProjectRow.id, AnswerRow.id)
    )
    latest = {(row.quarter, key, row.item_key): row for key, row in session.execute(query)}
    return [_said(key, row) for (_, key, _), row in latest.items()]


def _said(project: str, row: AnswerRow) -> SaidAnswer:
    return SaidAnswer(
        project=project,
        milestone=row.item_key,
        quarter=Quarter.parse(row.quarter),
        value=codec.load(_TYPES[row.kind], row.body),
        provenance=Provenance(row.by, row.at, row.is_confirmed),
    )
