"""Answered: what follows from an answer, wherever it comes from: a dialog, one click, or a file."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.domain.project import Person
from bot.domain.update import Return
from bot.flow.ask.ask import refresh_cards
from bot.flow.ask.digest import refresh_digests
from bot.flow.ask.notices import tell
from bot.flow.ask.stand_ins import end_answered
from bot.flow.company import Company
from bot.flow.compile import returns
from bot.flow.items import item_values
from bot.flow.messages import ItemRef, Notice
from bot.flow.moment import Moment
from bot.store import reports


def note_answer(
    session: Session,
    company: Company,
    person: Person,
    ref: ItemRef,
    moment: Moment,
    *,
    returned: Return | None = None,
) -> None:
    """Everybody who is asked for an item sees that `person` answered it, and nobody is waited for any more.

    `returned` is what waited for this answer. What a manager or sponsor was told of silence after the deadline is brought
    up to date, and after publication the manager hears of the answer.
    """
    project = company.project(ref.project)
    milestone = project.milestone(ref.milestone)
    refresh_cards(session, [*company.answerers(project, milestone, ref.quarter), person], ref.quarter, moment.real)
    if company.window(ref.quarter, project).due_at <= moment.now:  # nobody is told of silence before
        refresh_digests(session, [project], ref.quarter, moment.real)
    if returned and milestone:
        returns.settle(session, company, ref, returned, outcome="answered", moment=moment)
    end_answered(session, company, person, ref, moment)
    _tell_of_late_answer(session, company, person, ref, moment)


def _tell_of_late_answer(session: Session, company: Company, person: Person, ref: ItemRef, moment: Moment) -> None:
    """An answer after publication goes to the manager, who decides about a new revision; one message an item."""
    project = company.project(ref.project)
    published = reports.revision_count(session, ref.project, ref.quarter)
    if not published or project.manager.id == person.id:
        return
    key = f"late:{ref.project}:{ref.quarter}:{ref.milestone}:{published}"
    values = {**item_values(company, ref), "person": person.name}
    tell(session, company, project.manager, Notice(key, "late-answer", values), moment)
