"""Returns: what those who answer for an update are told when it comes back to them, and when that is settled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy.orm import Session

from bot.domain.facts import ReportFacts
from bot.domain.permissions import Action
from bot.domain.project import Milestone, Person, Project
from bot.domain.update import Return
from bot.flow.ask import notices
from bot.flow.company import Company
from bot.flow.items import item_values
from bot.flow.messages import ItemRef, Notice, ReturnedUpdate
from bot.flow.moment import Moment
from bot.flow.schedule.owed import is_by
from bot.store import outbox


def answerers(company: Company, project: Project, milestone: Milestone, facts: ReportFacts) -> list[Person]:
    """Who can give an update a second look: everybody who is asked for it, and who answered it where they still may."""
    asked = company.answerers(project, milestone, facts.quarter)
    given = facts.answers.milestones.get(milestone.key)
    speaker = next((p for p in company.people.values() if given and is_by(given, p)), None)
    if speaker is None or any(person.id == speaker.id for person in asked):
        return asked
    may_answer = company.may(speaker, Action.ANSWER_MILESTONE, project, milestone, quarter=facts.quarter)
    return [*asked, speaker] if may_answer else asked


def tell(
    session: Session,
    company: Company,
    ref: ItemRef,
    returned: Return,
    to: Iterable[Person],
    *,
    manager: Person,
    revision: int,
    moment: Moment,
) -> None:
    """Bring a manager's comment to those who can answer it, each in their own hours.

    It is a message and no edit of an older one: an edit pings nobody, and its readers think that they are done. `revision`
    is the newest that was published, 0 before the first.
    """
    values = {
        **item_values(company, ref),
        "manager": manager.name,
        "comment": returned.comment or "",
        "revision": revision,
    }
    notice = Notice(returned.notice, "returned", values, item=ref)
    for reader in to:
        notices.tell(session, company, reader, replace(notice, key=f"{_lead(returned)}{reader.id}"), moment)


def settle(session: Session, company: Company, ref: ItemRef, returned: Return, *, outcome: str, moment: Moment) -> None:
    """Say in a return's messages how it ended: ``answered``, ``taken-back`` or ``again``. One that waits never goes out."""
    values = {**item_values(company, ref), "outcome": outcome}
    item = ref if outcome == "answered" else None
    for key in outbox.keys_after(session, _lead(returned)):
        if not outbox.withdraw(session, key, moment.real):
            notices.replace_notice(session, Notice(key, "return-settled", values, item=item), moment)


def returned_update(facts: ReportFacts, milestone: Milestone) -> ReturnedUpdate | None:
    """What waits for a second look at a milestone; None where nothing does."""
    given = facts.answers.returns.get(milestone.key)
    if given is None:
        return None
    said = given.provenance
    name = facts.name_of(said.by) or said.by
    return ReturnedUpdate(milestone.name, milestone.owner.name, name, said.at, given.value.comment or "")


def returned_updates(facts: ReportFacts) -> tuple[ReturnedUpdate, ...]:
    """Every update of the quarter that waits for its owner's second look."""
    found = (returned_update(facts, milestone) for milestone in facts.project.milestones)
    return tuple(filter(None, found))


def _lead(returned: Return) -> str:
    """What the keys of a return's messages begin with; who reads each stands behind it."""
    return f"{returned.notice}:"
