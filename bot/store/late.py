"""Late answers: what was said about a quarter after its report was published, and what its manager decided about each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.quarter import Quarter
from bot.domain.update import Answer, Decision, DecisionState, Given, LateChoice, Provenance
from bot.store import codec, decisions
from bot.store.answers import ANSWERS, given
from bot.store.portfolio import project_id
from bot.store.replay import Item, late, standing
from bot.store.tables import AnswerRow, ProjectRow


@dataclass(frozen=True, slots=True)
class LateAnswer:
    """An item whose newest answer is not the one that was printed; `printed` is None where there was none.

    `is_left` is the manager's choice about it, `chosen` who made it and when; both are None while it is not decided.
    """

    kind: str
    key: str
    printed: Given[Answer] | None
    newest: Given[Answer]
    is_left: bool | None = None
    chosen: Provenance | None = None


def late_answers(session: Session, project: str, quarter: Quarter, seen: int) -> list[LateAnswer]:
    """What was said otherwise than it was printed when `seen` was the newest answer, in the order of the items.

    A leader's word on a decision is no proposal, and the manager's own summary is none either.
    """
    of_quarter = (AnswerRow.project_id == project_id(session, project), AnswerRow.quarter == str(quarter))
    rows = session.scalars(select(AnswerRow).where(*of_quarter).order_by(AnswerRow.id)).all()
    # Those of earlier quarters too: who updates a milestone repeats the decisions that it waits for.
    return _found(rows, seen, decisions.printed(session, project, quarter, seen))


def late_updates(session: Session, quarter: Quarter, seen: Mapping[str, int]) -> dict[tuple[str, str], bool | None]:
    """What was said for milestones and budgets (a project's key, and a milestone's, empty for the budget) otherwise than it
    was printed, and the manager's choice about each; `seen` has the newest printed answer of each project. One statement.
    """
    kinds = ("milestone", "resources")
    query = (
        select(ProjectRow.key, AnswerRow)
        .join(AnswerRow, AnswerRow.project_id == ProjectRow.id)
        .where(ProjectRow.key.in_(seen), AnswerRow.quarter == str(quarter))
        .where(AnswerRow.kind.in_([*kinds, *map(late, kinds)]))
        .order_by(ProjectRow.id, AnswerRow.id)
    )
    return {
        (project, answer.key): answer.is_left
        for project, rows in groupby(session.execute(query), lambda row: row.key)
        for answer in _found([row.AnswerRow for row in rows], seen[project], {})
    }


def _found(rows: Sequence[AnswerRow], seen: int, of_report: Mapping[str, Decision]) -> list[LateAnswer]:
    """The late answers among all that was said in a quarter, in its order."""
    printed = standing(row for row in rows if row.id <= seen)
    newest = standing(rows, with_left=True)
    found = [(item, printed.get(item), row) for item, row in newest.items() if item[0] in ANSWERS]
    return [_late(rows, item, was, row) for item, was, row in found if _differs(was, row, of_report)]


def _differs(was: AnswerRow | None, now: AnswerRow, printed: Mapping[str, Decision]) -> bool:
    if now.kind == "decision":
        return _is_proposed(printed.get(now.item_key), codec.load(Decision, now.body))
    return was is None or (was.body, was.is_confirmed) != (now.body, now.is_confirmed)


def _is_proposed(was: Decision | None, now: Decision) -> bool:
    """Whether a decision was said otherwise than it was printed, but for what leaders said to one that waited."""
    if was is None or was.state is not DecisionState.OPEN:
        return now != was
    state = now.ruling.state if now.ruling else DecisionState.OPEN
    return now != replace(was, state=state, ruling=now.ruling)


def _late(rows: Sequence[AnswerRow], item: Item, was: AnswerRow | None, now: AnswerRow) -> LateAnswer:
    kind, key = item
    answer = LateAnswer(kind, key, given(was) if was else None, given(now))  # type: ignore[arg-type]  # by its kind
    about = [row for row in rows if (row.kind, row.item_key) == (late(kind), key) and row.id > now.id]
    if not about:
        return answer
    last = about[-1]
    is_left = codec.load(LateChoice, last.body).is_left
    return LateAnswer(kind, key, answer.printed, answer.newest, is_left, Provenance(last.by, last.at))
