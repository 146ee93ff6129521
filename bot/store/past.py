"""Past answers: what was said for some items, quarter by quarter, whatever else their projects hold."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import Row, select, tuple_
from sqlalchemy.orm import Session

from bot.domain.quarter import Quarter
from bot.domain.update import Decision, MilestoneUpdate, Objective, Provenance, Resources, Risk
from bot.store import codec
from bot.store.tables import AnswerRow, ProjectRow

_TYPES: dict[str, type[MilestoneUpdate] | type[Resources]] = {"milestone": MilestoneUpdate, "resources": Resources}
_BESIDE: dict[str, type[Objective] | type[Decision] | type[Risk]] = {
    "objective": Objective,
    "decision": Decision,
    "risk": Risk,
}


@dataclass(frozen=True, slots=True)
class SaidAnswer:
    """The answer for an item (a project's key, and a milestone's, empty for resources) that holds for a quarter."""

    project: str
    milestone: str
    quarter: Quarter
    value: MilestoneUpdate | Resources
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class SaidBeside:
    """What was said beside the updates of a project's quarter: an objective, a decision that is needed, or a risk."""

    project: str
    quarter: Quarter
    value: Objective | Decision | Risk


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
    return [_said(key, row) for key, row in _latest(session.execute(query))]


def said_beside(session: Session, projects: Collection[str], until: Quarter) -> list[SaidBeside]:
    """Everything of that kind in some projects up to a quarter, as it holds, in the order in which it was said. One statement."""
    query = (
        select(ProjectRow.key, AnswerRow)
        .join(ProjectRow, ProjectRow.id == AnswerRow.project_id)
        .where(AnswerRow.kind.in_(_BESIDE), ProjectRow.key.in_(projects), AnswerRow.quarter <= str(until))
        .order_by(AnswerRow.quarter, AnswerRow.id)
    )
    found = _latest(session.execute(query))
    return [SaidBeside(key, Quarter.parse(row.quarter), codec.load(_BESIDE[row.kind], row.body)) for key, row in found]


def _latest(rows: Iterable[Row[str, AnswerRow]]) -> Iterable[tuple[str, AnswerRow]]:
    """The last version of each item in each quarter, with its project; the rows come in the order of their versions."""
    return {(row.quarter, key, row.kind, row.item_key): (key, row) for key, row in rows}.values()


def _said(project: str, row: AnswerRow) -> SaidAnswer:
    return SaidAnswer(
        project=project,
        milestone=row.item_key,
        quarter=Quarter.parse(row.quarter),
        value=codec.load(_TYPES[row.kind], row.body),
        provenance=Provenance(row.by, row.at, row.is_confirmed),
    )
