"""What was said of milestones in other projects, before they were moved to where they are now."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.changes import ADDED
from bot.domain.update import QuarterAnswers
from bot.store.answers import History, history
from bot.store.tables import ChangeRow


def brought(session: Session) -> dict[str, History]:
    """The answers that moved milestones brought with them, by the key of the project that they are in now."""
    moves = select(ChangeRow).where(ChangeRow.what == ADDED, ChangeRow.old.is_not(None), ChangeRow.milestone_key != "")
    found: dict[str, History] = {}
    told_in = cache(partial(history, session))  # many milestones may have left one project
    for row in session.scalars(moves.order_by(ChangeRow.at, ChangeRow.id)):
        source = str(row.old)
        told = with_brought(told_in(source), found.get(source, {}))
        of_milestone = {quarter: _only(answers, row.milestone_key) for quarter, answers in told.items()}
        found[row.project_key] = with_brought(found.get(row.project_key, {}), of_milestone)
    return found


def with_brought(own: History, other: History) -> History:
    """What was said in a project, and of its milestones before they came; where both tell of one, the project's own."""
    return own | {
        quarter: replace(there, milestones={**answers.milestones, **there.milestones})
        for quarter, answers in other.items()
        if answers.milestones
        for there in [own.get(quarter, QuarterAnswers())]
    }


def _only(answers: QuarterAnswers, milestone: str) -> QuarterAnswers:
    return QuarterAnswers(milestones={key: said for key, said in answers.milestones.items() if key == milestone})
