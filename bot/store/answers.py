"""Answers: versions that are added and never changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Row, and_, func, select
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
from bot.store.conflicts import add_new
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
_TYPES = {kind: answer_type for answer_type, kind in _KINDS.items()}
_COLUMNS = (
    AnswerRow.quarter, AnswerRow.kind, AnswerRow.item_key, AnswerRow.version, AnswerRow.body, AnswerRow.by,
    AnswerRow.at, AnswerRow.is_confirmed,
)  # fmt: skip
_BATCH = 1_000  # rows that are fetched at a time

History = dict[Quarter, QuarterAnswers]


def history(session: Session, project: str, until: Quarter | None = None, *, seen: int | None = None) -> History:
    """Everything said about a project, quarter by quarter up to one, the latest version of each item.

    Where `seen` is given: as it was when that was the number of the newest answer.
    """
    return next((found for _, found in histories(session, until, [project], seen=seen)), {})


def histories(
    session: Session,
    until: Quarter | None = None,
    projects: Collection[str] | None = None,
    *,
    seen: int | None = None,
) -> Iterator[tuple[str, History]]:
    """The key and history of every project, or of some, in the order they were first loaded; `seen` as in `history`.

    One statement, read as it is used: a thousand projects over two years have 200,000 answers, which are never in memory
    together. `projects` are at most some 30,000 (SQLite's limit of variables is 32,766).
    """
    is_wanted = [AnswerRow.project_id == ProjectRow.id]
    if until:
        is_wanted.append(AnswerRow.quarter <= str(until))
    if seen is not None:
        is_wanted.append(AnswerRow.id <= seen)
    query = select(ProjectRow.key, *_COLUMNS).outerjoin(AnswerRow, and_(*is_wanted))
    if projects is not None:
        query = query.where(ProjectRow.key.in_(projects))
    query = query.order_by(ProjectRow.id, AnswerRow.id)
    with session.execute(query, execution_options={"yield_per": _BATCH}) as rows:
        for key, of_project in groupby(rows, lambda row: row.key):
            yield key, _history(row for row in of_project if row.quarter is not None)


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
    return bool(add_new(session, [{"key": key, "at": at}], HandledRow.key))


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


def _history(rows: Iterable[Row[Any]]) -> History:
    """The answers of one project. In their order, a later version takes its item's place: items stay as first given."""
    latest: dict[str, dict[tuple[str, str], Row[Any]]] = {}
    for row in rows:
        latest.setdefault(row.quarter, {})[row.kind, row.item_key] = row
    return {Quarter.parse(quarter): _answers(of_quarter) for quarter, of_quarter in sorted(latest.items())}


def _answers(rows: Mapping[tuple[str, str], Row[Any]]) -> QuarterAnswers:
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
