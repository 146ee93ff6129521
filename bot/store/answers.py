"""Answers: versions that are added and never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.domain.quarter import Quarter
from bot.domain.update import (
    Answer,
    Decision,
    Given,
    MilestoneUpdate,
    Objective,
    ProjectSummary,
    Provenance,
    QuarterAnswers,
    Resources,
    Risk,
)
from bot.store import codec
from bot.store.portfolio import project_id
from bot.store.tables import AnswerRow, HandledRow, ProjectRow

_KINDS: dict[type[Answer], str] = {
    MilestoneUpdate: "milestone",
    Risk: "risk",
    Objective: "objective",
    Decision: "decision",
    Resources: "resources",
    ProjectSummary: "summary",
}
Histories = dict[str, dict[Quarter, QuarterAnswers]]

_TYPES = {kind: answer_type for answer_type, kind in _KINDS.items()}


def history(
    session: Session, project: str, until: Quarter | None = None, *, seen: int | None = None
) -> dict[Quarter, QuarterAnswers]:
    """Everything said about a project, quarter by quarter up to one, the latest version of each item."""
    return histories(session, until, project, seen=seen).get(project, {})


def histories(
    session: Session, until: Quarter | None = None, project: str | None = None, *, seen: int | None = None
) -> Histories:
    """The histories of every project, or of one; as they were when `seen` was the newest answer, where that is given."""
    query = select(ProjectRow.key, AnswerRow).join(ProjectRow, ProjectRow.id == AnswerRow.project_id)
    if until:
        query = query.where(AnswerRow.quarter <= str(until))
    if project:
        query = query.where(ProjectRow.key == project)
    if seen is not None:
        query = query.where(AnswerRow.id <= seen)
    # By id, a later version takes its item's place, so that items stay in the order they were first given.
    latest: dict[str, dict[str, dict[tuple[str, str], AnswerRow]]] = {}
    for key, row in session.execute(query.order_by(AnswerRow.id)):
        latest.setdefault(key, {}).setdefault(row.quarter, {})[row.kind, row.item_key] = row
    return {
        key: {Quarter.parse(quarter): _answers(rows) for quarter, rows in sorted(quarters.items())}
        for key, quarters in latest.items()
    }


def newest(session: Session) -> int:
    """The number of the newest answer of all; whatever is said later has a higher one."""
    return session.scalar(select(func.max(AnswerRow.id))) or 0


def newest_by_project(session: Session) -> dict[str, int]:
    """The number of the newest answer of each project that has any."""
    query = select(ProjectRow.key, func.max(AnswerRow.id)).join(ProjectRow, ProjectRow.id == AnswerRow.project_id)
    return dict(session.execute(query.group_by(ProjectRow.key)).all())


def record(session: Session, project: str, quarter: Quarter, key: str, value: Answer, provenance: Provenance) -> bool:
    """Add a version of an item (`key` is empty for resources and the summary); says whether it differs from the last.

    An answer that equals some version in everything, who and when included, adds nothing: a file that is loaded again
    does not go over what was answered since.
    """
    owner = session.scalars(select(ProjectRow).where(ProjectRow.key == project).with_for_update()).one()
    kind = _KINDS[type(value)]
    versions = _versions(session, owner.id, quarter, kind, key)
    last = versions[-1] if versions else None
    row = AnswerRow(
        project_id=owner.id,
        quarter=str(quarter),
        kind=kind,
        item_key=key,
        version=(last.version if last else 0) + 1,
        body=codec.dump(value),
        by=provenance.by,
        at=provenance.at,
        is_confirmed=provenance.confirmed,
    )
    if any((v.body, v.by, v.at, v.is_confirmed) == (row.body, row.by, row.at, row.is_confirmed) for v in versions):
        return False
    session.add(row)
    session.flush()
    return last is None or last.body != row.body


def quarters_with_answers(session: Session, project: str) -> list[Quarter]:
    """The quarters in which anything was said about a project, oldest first."""
    query = select(AnswerRow.quarter).where(AnswerRow.project_id == project_id(session, project)).distinct()
    return sorted(map(Quarter.parse, session.scalars(query)))


def is_first_time(session: Session, key: str, at: datetime) -> bool:
    """Note that an interaction is being carried out; False when it already was."""
    if session.get(HandledRow, key):
        return False
    session.add(HandledRow(key=key, at=at))
    session.flush()
    return True


def was_handled(session: Session, key: str) -> bool:
    """Whether an interaction was carried out before."""
    return session.get(HandledRow, key) is not None


def _versions(session: Session, owner: int, quarter: Quarter, kind: str, key: str) -> Sequence[AnswerRow]:
    same_item = (
        AnswerRow.project_id == owner,
        AnswerRow.quarter == str(quarter),
        AnswerRow.kind == kind,
        AnswerRow.item_key == key,
    )
    return session.scalars(select(AnswerRow).where(*same_item).order_by(AnswerRow.version)).all()


def _answers(rows: Mapping[tuple[str, str], AnswerRow]) -> QuarterAnswers:
    groups: dict[str, dict[str, Given[Answer]]] = {kind: {} for kind in _TYPES}
    for (kind, key), row in rows.items():
        value = codec.load(_TYPES[kind], row.body)
        groups[kind][key] = Given(value, Provenance(row.by, row.at, row.is_confirmed), row.version)
    return QuarterAnswers(
        milestones=groups["milestone"],  # type: ignore[arg-type]  # each kind holds its own type
        risks=groups["risk"],  # type: ignore[arg-type]
        objectives=groups["objective"],  # type: ignore[arg-type]
        decisions=groups["decision"],  # type: ignore[arg-type]
        resources=groups["resources"].get(""),  # type: ignore[arg-type]
        summary=groups["summary"].get(""),  # type: ignore[arg-type]
    )
