"""Answers: versions that are added and never changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import Enum, auto
from itertools import groupby
from typing import Any

from sqlalchemy import Row, and_, bindparam, func, insert, or_, select
from sqlalchemy.orm import Session

from bot.domain.quarter import Quarter
from bot.domain.update import (
    Answer,
    Decision,
    Given,
    LateChoice,
    MilestoneUpdate,
    Objective,
    ProjectSummary,
    Provenance,
    QuarterAnswers,
    Remark,
    Resources,
    Return,
    Risk,
    WordingEdit,
)
from bot.store import codec
from bot.store.conflicts import add_new
from bot.store.plain import execute, table
from bot.store.replay import RETURN, Item, late, standing
from bot.store.tables import AnswerRow, HandledRow, ProjectRow

_KINDS: dict[type[Answer | Remark], str] = {
    MilestoneUpdate: "milestone",
    Risk: "risk",
    Objective: "objective",
    Decision: "decision",
    Resources: "resources",
    ProjectSummary: "summary",
    Return: RETURN,
    WordingEdit: "wording",
}
ANSWERS = frozenset(("milestone", "risk", "objective", "decision", "resources"))  # what others than the manager say
_TYPES = {kind: answer_type for answer_type, kind in _KINDS.items()}
_COLUMNS = (
    AnswerRow.quarter, AnswerRow.kind, AnswerRow.item_key, AnswerRow.version, AnswerRow.body, AnswerRow.by,
    AnswerRow.at, AnswerRow.is_confirmed, AnswerRow.for_whom,
)  # fmt: skip
_ANSWERS, _PROJECTS, _HANDLED = table(AnswerRow), table(ProjectRow), table(HandledRow)
_LATER = (
    select(_ANSWERS, _PROJECTS.c.key.label("project"))
    .join(_PROJECTS, _PROJECTS.c.id == _ANSWERS.c.project_id)
    .where(_PROJECTS.c.key.in_(bindparam("projects", expanding=True)), _ANSWERS.c.id > bindparam("after"))
    .order_by(_ANSWERS.c.id)
)
_HOLD = select(_PROJECTS.c.id).where(_PROJECTS.c.key == bindparam("project")).with_for_update()
_WAS_HANDLED = select(_HANDLED.c.key).where(_HANDLED.c.key == bindparam("key"))
_ITEM = ("project_id", "quarter", "kind", "item_key")  # what says which item an answer is for
_version = _ANSWERS.alias()
_NEWEST = select(func.max(_version.c.version)).where(*(_version.c[name] == bindparam(name) for name in _ITEM))
# An item's newest version, and those of one instant: an item that is answered often has many.
_LIKE_IT = (
    select(_ANSWERS)
    .where(*(_ANSWERS.c[name] == bindparam(name) for name in _ITEM))
    .where(or_(_ANSWERS.c.at == bindparam("at"), _ANSWERS.c.version == _NEWEST.scalar_subquery()))
    .order_by(_ANSWERS.c.version)
)
_ADD = insert(_ANSWERS)
_ADDED = "answers-added"
_BATCH = 1_000  # rows that are fetched at a time

History = dict[Quarter, QuarterAnswers]


class Recorded(Enum):
    """What a version of an item brought: nothing, another answer, or the same one by somebody else or at another time."""

    NOTHING = auto()
    PROVENANCE = auto()
    ANSWER = auto()


def history(
    session: Session, project: str, until: Quarter | None = None, *, seen: int | None = None, with_left: bool = False
) -> History:
    """Everything said about a project, quarter by quarter up to one, the latest version of each item.

    Where `seen` is given: as it was when that was the number of the newest answer. Late answers that a manager left out
    of the report are passed over unless they are asked for `with_left`.
    """
    return next((found for _, found in histories(session, until, [project], seen=seen, with_left=with_left)), {})


def histories(
    session: Session,
    until: Quarter | None = None,
    projects: Collection[str] | None = None,
    *,
    seen: int | None = None,
    with_left: bool = False,
) -> Iterator[tuple[str, History]]:
    """The key and history of every project, or of some, in the order they were first loaded; the rest as in `history`.

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
            yield key, _history((row for row in of_project if row.quarter is not None), with_left=with_left)


def said_after(session: Session, projects: Collection[str], number: int) -> Sequence[Row[Any]]:
    """What was said about some projects after the answer with a number, in its order; each with its `project`."""
    return execute(session, _LATER, {"projects": list(projects), "after": number}).all()


def may_be_taken_back(session: Session) -> bool:
    """Whether something was said in this very transaction, which may still be rolled back."""
    return _ADDED in session.info


def latest_decisions(session: Session, project: str | None = None) -> dict[tuple[str, str], tuple[Quarter, Decision]]:
    """Every decision that was ever asked for, in one project or in all, as last said.

    By project and key, with the quarter in which that was said.
    """
    query = select(ProjectRow.key, AnswerRow.item_key, AnswerRow.quarter, AnswerRow.body).join(
        ProjectRow, ProjectRow.id == AnswerRow.project_id
    )
    if project is not None:
        query = query.where(ProjectRow.key == project)
    of_kind = query.where(AnswerRow.kind == _KINDS[Decision]).order_by(AnswerRow.quarter, AnswerRow.version)
    latest = {(of, key): (quarter, body) for of, key, quarter, body in session.execute(of_kind)}
    return {item: (Quarter.parse(quarter), codec.load(Decision, body)) for item, (quarter, body) in latest.items()}


def newest(session: Session) -> int:
    """The number of the newest answer of all; whatever is said later has a higher one."""
    return session.scalar(select(func.max(AnswerRow.id))) or 0


def newest_by_project(session: Session) -> dict[str, int]:
    """The number of the newest answer of each project that has any."""
    query = select(ProjectRow.key, func.max(AnswerRow.id)).join(ProjectRow, ProjectRow.id == AnswerRow.project_id)
    return dict(session.execute(query.group_by(ProjectRow.key)).all())


def hold(session: Session, project: str) -> int:
    """Let nobody else say anything about a project until the transaction ends; its number.

    Where others can, an answer could be numbered before the newest one and come to light after it.
    """
    number: int = execute(session, _HOLD, {"project": project}).scalar_one()
    return number


def record(
    session: Session, project: str, quarter: Quarter, key: str, value: Answer | Remark, provenance: Provenance
) -> Recorded:
    """Add a version of an item (`key` is empty for resources and the summary); says how it differs from the last.

    An answer that equals some version in everything, who and when included, adds nothing: a file that is loaded again
    does not go over what was answered since. Nor does one that equals the last in everything but when, and says no when.
    """
    return _add(session, project, quarter, _KINDS[type(value)], key, value, provenance)


def choose(
    session: Session, project: str, quarter: Quarter, kind: str, key: str, choice: LateChoice, provenance: Provenance
) -> None:
    """Add what was decided about a late answer to an item of a kind."""
    _add(session, project, quarter, late(kind), key, choice, provenance)


def _add(
    session: Session,
    project: str,
    quarter: Quarter,
    kind: str,
    key: str,
    value: Answer | Remark,
    provenance: Provenance,
) -> Recorded:
    item = {"project_id": hold(session, project), "quarter": str(quarter), "kind": kind, "item_key": key}
    said = {"body": codec.dump(value), "by": provenance.by, "at": provenance.at, "is_confirmed": provenance.confirmed}
    versions = execute(session, _LIKE_IT, {**item, "at": provenance.at}).all()
    if any((v.body, v.by, v.at, v.is_confirmed) == tuple(said.values()) for v in versions):
        return Recorded.NOTHING
    last = versions[-1] if versions else None
    said_last = (last.body, last.by, last.is_confirmed) if last else None
    if said_last == (said["body"], provenance.by, provenance.confirmed) and not provenance.is_dated:
        return Recorded.NOTHING
    version = (last.version if last else 0) + 1
    execute(session, _ADD, {**item, **said, "version": version, "for_whom": provenance.for_whom})
    session.info[_ADDED] = True
    return Recorded.PROVENANCE if last is not None and last.body == said["body"] else Recorded.ANSWER


def is_first_time(session: Session, key: str, at: datetime) -> bool:
    """Note that an interaction is being carried out; False when it already was."""
    return bool(add_new(session, [{"key": key, "at": at}], HandledRow.key))


def was_handled(session: Session, key: str) -> bool:
    """Whether an interaction was carried out before."""
    return execute(session, _WAS_HANDLED, {"key": key}).first() is not None


def _history(rows: Iterable[Row[Any]], *, with_left: bool) -> History:
    """The answers of one project, from all that was said in its order."""
    by_quarter: dict[str, list[Row[Any]]] = {}
    for row in rows:
        by_quarter.setdefault(row.quarter, []).append(row)
    return {
        Quarter.parse(quarter): quarter_answers({item: given(row) for item, row in found.items()})
        for quarter, said in sorted(by_quarter.items())
        for found in [standing(said, with_left=with_left)]
    }


def given(row: Row[Any] | AnswerRow) -> Given[Answer | Remark]:
    """What a row holds."""
    value = codec.load(_TYPES[row.kind], row.body)
    return Given(value, Provenance(row.by, row.at, row.is_confirmed, row.for_whom), row.version)


def given_in(row: Row[Any]) -> Given[Answer | Remark] | None:
    """The same; None for what was decided about a late answer, which gives nothing by itself."""
    return given(row) if row.kind in _TYPES else None


def quarter_answers(found: Mapping[Item, Given[Answer | Remark]]) -> QuarterAnswers:
    """What people said in a quarter, from what stands of each item."""
    groups: dict[str, dict[str, Any]] = {kind: {} for kind in _TYPES}  # each kind holds values of its own type
    for (kind, key), said in found.items():
        groups[kind][key] = said
    return QuarterAnswers(
        milestones=groups["milestone"],
        risks=groups["risk"],
        objectives=groups["objective"],
        decisions=groups["decision"],
        resources=groups["resources"].get(""),
        summary=groups["summary"].get(""),
        returns=groups[RETURN],
        wordings=groups["wording"],
    )
