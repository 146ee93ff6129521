"""Send back: a manager returns updates to their owners with a comment, or takes that back."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from bot.domain.errors import BotError
from bot.domain.project import Milestone, Person, Project
from bot.domain.update import Provenance, Return
from bot.flow.ask.ask import refresh_cards
from bot.flow.collect.collect import milestone_of, ref_of
from bot.flow.company import Company
from bot.flow.compile import returns
from bot.flow.keep.trail import note
from bot.flow.messages import ItemRef
from bot.flow.moment import Moment
from bot.flow.people import require_manager
from bot.store import answers as answer_store
from bot.store import reports
from bot.store.audit import Deed


def return_updates(
    session: Session,
    company: Company,
    person: Person,
    refs: Sequence[ItemRef],
    comment: str,
    *,
    key: str,
    moment: Moment,
) -> list[str]:
    """Send updates of one project back to their owners; returns the milestones' names. The same submission twice is one.

    Raises BotError, and sends nothing, where nobody who owns one of them has an account, or where nothing was answered.
    """
    places = [(ref, *milestone_of(company, ref)) for ref in refs]
    for ref, project, milestone in places:
        require_manager(company, person, project)
        _require_answer(session, company, project, milestone, ref, moment)
    if answer_store.is_first_time(session, key, moment.now):
        for number, (ref, project, milestone) in enumerate(places):
            returned = Return(comment, f"returned:{number}:{key}"[:240])
            _return(session, company, person, project, milestone, ref, returned, moment)
    return [milestone.name for _, _, milestone in places]


def take_back(session: Session, company: Company, person: Person, ref: ItemRef, *, key: str, moment: Moment) -> None:
    """Let an update stand as it was; one that has been answered meanwhile, or was never returned, stays as it is."""
    project, milestone = milestone_of(company, ref)
    require_manager(company, person, project)
    standing = _standing(session, company, project, milestone, ref, moment)
    if standing is None or not answer_store.is_first_time(session, key, moment.now):
        return
    by = Provenance(ref_of(person), moment.now)
    answer_store.record(session, ref.project, ref.quarter, ref.milestone, Return(None), by)
    note(session, person, Deed.RETURN_TAKEN_BACK, f"{ref.project}/{ref.milestone}", moment, quarter=str(ref.quarter))
    returns.settle(session, company, project, milestone, ref, standing, outcome="taken-back", moment=moment)
    refresh_cards(session, milestone.owners, ref.quarter, moment.real)


def _return(
    session: Session,
    company: Company,
    person: Person,
    project: Project,
    milestone: Milestone,
    ref: ItemRef,
    returned: Return,
    moment: Moment,
) -> None:
    if standing := _standing(session, company, project, milestone, ref, moment):
        returns.settle(session, company, project, milestone, ref, standing, outcome="again", moment=moment)
    by = Provenance(ref_of(person), moment.now)
    answer_store.record(session, ref.project, ref.quarter, ref.milestone, returned, by)
    note(session, person, Deed.RETURNED, f"{ref.project}/{ref.milestone}", moment, quarter=str(ref.quarter))
    published = reports.latest(session, ref.project, ref.quarter)
    revision = published.revision if published else 0
    returns.tell_owners(session, company, project, milestone, ref, returned, person, revision=revision, moment=moment)
    refresh_cards(session, milestone.owners, ref.quarter, moment.real)


def _standing(
    session: Session, company: Company, project: Project, milestone: Milestone, ref: ItemRef, moment: Moment
) -> Return | None:
    facts = company.standing(session, project, ref.quarter, moment.now)
    given = facts.answers.returns.get(milestone.key)
    return given.value if given else None


def _require_answer(
    session: Session, company: Company, project: Project, milestone: Milestone, ref: ItemRef, moment: Moment
) -> None:
    if not any(owner.slack_id for owner in milestone.owners):
        raise BotError(f"No Slack account was found for {milestone.owner.name}, so nothing can be sent there.")
    if milestone.key not in company.standing(session, project, ref.quarter, moment.now).answers.milestones:
        raise BotError(f"{milestone.owner.name} has not answered for {milestone.name} yet.")
