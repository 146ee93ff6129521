"""Returns: what the owners of an update are told when it comes back to them, and when that is settled."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from bot.domain.facts import ReportFacts
from bot.domain.project import Milestone, Person, Project
from bot.domain.update import Return
from bot.flow.ask.notices import replace_notice, tell
from bot.flow.company import Company
from bot.flow.messages import ItemRef, Notice, ReturnedUpdate
from bot.flow.moment import Moment
from bot.store import outbox


def tell_owners(
    session: Session,
    company: Company,
    project: Project,
    milestone: Milestone,
    ref: ItemRef,
    returned: Return,
    person: Person,
    *,
    revision: int,
    moment: Moment,
) -> None:
    """Bring the comment of `person` to everybody who is asked for a milestone, each in their own hours.

    It is a message and no edit of an older one: an edit pings nobody, and its readers think that they are done. `revision`
    is the newest that was published, 0 before the first.
    """
    values = {
        **_values(company, project, milestone, ref),
        "manager": person.name,
        "comment": returned.comment or "",
        "revision": revision,
    }
    notice = Notice(returned.notice, "returned", values, item=ref)
    for owner in milestone.owners:
        tell(session, company, owner, replace(notice, key=_key(returned, owner)), moment)


def settle(
    session: Session,
    company: Company,
    project: Project,
    milestone: Milestone,
    ref: ItemRef,
    returned: Return,
    *,
    outcome: str,
    moment: Moment,
) -> None:
    """Say in a return's messages how it ended: ``answered``, ``taken-back`` or ``again``. One that waits never goes out."""
    values = {**_values(company, project, milestone, ref), "outcome": outcome}
    item = ref if outcome == "answered" else None
    for owner in milestone.owners:
        key = _key(returned, owner)
        if outbox.state_of(session, key) and not outbox.withdraw(session, key, moment.real):
            replace_notice(session, Notice(key, "return-settled", values, item=item), moment)


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


def _key(returned: Return, owner: Person) -> str:
    return f"{returned.notice}:{owner.id}"


def _values(company: Company, project: Project, milestone: Milestone, ref: ItemRef) -> dict[str, object]:
    return {"project": project.name, "milestone": milestone.name, "quarter": company.label(ref.quarter)}
