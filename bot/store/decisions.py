"""Decisions as they were said and as reports printed them: of one report, or of all projects by whom they name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import bindparam, func, literal_column, select, tuple_
from sqlalchemy.orm import Session

from bot.domain.quarter import Quarter
from bot.domain.update import Decision
from bot.store import codec
from bot.store.plain import execute, table
from bot.store.replay import late, standing
from bot.store.tables import AnswerRow, ProjectRow

_KIND = "decision"
_PROJECTS, _ANSWERS = table(ProjectRow).c, table(AnswerRow).c
_SAID = (
    select(
        _PROJECTS.key.label("project"),
        _ANSWERS.id,
        _ANSWERS.quarter,
        _ANSWERS.kind,
        _ANSWERS.item_key,
        _ANSWERS.version,
        _ANSWERS.body,
    )
    .join(table(ProjectRow), _PROJECTS.id == _ANSWERS.project_id)
    .where(_ANSWERS.kind.in_((_KIND, late(_KIND))))
)
_OF_PROJECT = _SAID.where(_PROJECTS.key == bindparam("project")).order_by(_ANSWERS.id)
_ITEM = (_ANSWERS.project_id, _ANSWERS.item_key)
_IS_DECISION = _ANSWERS.kind == literal_column("'decision'")  # in these words, so that the index of decisions is used
_WHO = func.lower(_ANSWERS.body["who"].as_string())
_NAMED = select(*_ITEM).where(_IS_DECISION, _WHO.in_(bindparam("names", expanding=True)))
_NAMING = _SAID.where(tuple_(*_ITEM).in_(_NAMED)).order_by(_PROJECTS.key, _ANSWERS.id)


@dataclass(frozen=True, slots=True)
class DecisionVersion:
    """One version of a decision, or a manager's choice about a late one; `id` is the number of the answer."""

    id: int
    quarter: Quarter
    kind: str
    item_key: str
    version: int
    body: Mapping[str, Any]


def printed(session: Session, project: str, quarter: Quarter, seen: int) -> dict[str, Decision]:
    """The decisions, by key, as the report of a quarter knew them when `seen` was the number of the newest answer."""
    rows = execute(session, _OF_PROJECT, {"project": project})
    return as_printed(map(_version, rows), quarter, seen)


def naming(session: Session, names: Collection[str]) -> dict[str, list[DecisionVersion]]:
    """All that was said of the decisions that ever named one of these refs or addresses, by project, in its order.

    `names` are in small letters: capitals do not matter. One statement, which reads nothing but decisions.
    """
    rows = execute(session, _NAMING, {"names": list(names)})
    return {project: [_version(row) for row in said] for project, said in groupby(rows, lambda row: row.project)}


def as_printed(said: Iterable[DecisionVersion], quarter: Quarter, seen: int) -> dict[str, Decision]:
    """Decisions, by key, from all that was said of them, as a quarter's report knew them; `seen` as in `printed`."""
    known = [version for version in said if version.id <= seen and version.quarter <= quarter]
    return _last_words(known)


def as_last_said(said: Iterable[DecisionVersion]) -> dict[str, Decision]:
    """Decisions, by key, as last said, whether a report holds that or not."""
    return _last_words(version for version in said if version.kind == _KIND)


def _last_words(said: Iterable[DecisionVersion]) -> dict[str, Decision]:
    """What stands in the latest quarter that knows of each decision."""
    found: dict[str, Mapping[str, Any]] = {}
    for _, of_quarter in groupby(sorted(said, key=lambda v: (v.quarter, v.id)), key=lambda version: version.quarter):
        found |= {key: version.body for (_, key), version in standing(of_quarter).items()}
    return {key: codec.load(Decision, body) for key, body in found.items()}


def _version(row: Any) -> DecisionVersion:
    return DecisionVersion(row.id, Quarter.parse(row.quarter), row.kind, row.item_key, row.version, row.body)
