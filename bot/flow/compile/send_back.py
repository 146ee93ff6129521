"""Send back: a manager returns updates to their owners with a comment, or takes that back."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from bot.domain.errors import BotError
from bot.domain.facts import ReportFacts
from bot.domain.project import Milestone, Person, Project
from bot.domain.update import Provenance, Return
from bot.flow.ask.ask import refresh_cards
from bot.flow.collect.collect import ref_of
from bot.flow.company import Company
from bot.flow.compile import returns
from bot.flow.items import milestone_of
from bot.flow.keep.trail import note
from bot.flow.messages import ItemRef
from bot.flow.moment import Moment
from bot.flow.people import require_manager
from bot.store import answers as answer_store
from bot.store import reports
from bot.store.audit import Deed, item_subject


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

    Raises BotError, and sends nothing, where nobody who can answer one of them has an account, or where nothing was answered.
    """
    places = [(ref, *milestone_of(company, ref)) for ref in refs]
    for ref, project, milestone in places:
        require_manager(company, person, project)
        _require_answer(company, project, milestone, _facts(session, company, ref, moment))
    if answer_store.is_first_time(session, key, moment.now):
        for number, ref in enumerate(refs):
            returned = Return(comment, f"returned:{number}:{key}"[:240])
            _return(session, company, person, ref, returned, moment)
    return [milestone.name for _, _, milestone in places]


def take_back(session: Session, company: Company, person: Person, ref: ItemRef, *, key: str, moment: Moment) -> None:
    """Let an update stand as it was; one that has been answered meanwhile, or was never returned, stays as it is."""
    project, milestone = milestone_of(company, ref)
    require_manager(company, person, project)
    facts = _facts(session, company, ref, moment)
    standing = facts.answers.returns.get(milestone.key)
    if standing is None or not answer_store.is_first_time(session, key, moment.now):
        return
    by = Provenance(ref_of(person), moment.now)
    answer_store.record(session, ref.project, ref.quarter, ref.milestone, Return(None), by)
    subject = item_subject(ref.project, ref.milestone)
    note(session, person, Deed.RETURN_TAKEN_BACK, subject, moment, quarter=str(ref.quarter))
    returns.settle(session, company, ref, standing.value, outcome="taken-back", moment=moment)
    concerned = returns.answerers(company, project, milestone, facts)
    refresh_cards(session, concerned, ref.quarter, moment.real)


def _return(session: Session, company: Company, person: Person, ref: ItemRef, returned: Return, moment: Moment) -> None:
    project, milestone = milestone_of(company, ref)
    facts = _facts(session, company, ref, moment)
    if standing := facts.answers.returns.get(milestone.key):
        returns.settle(session, company, ref, standing.value, outcome="again", moment=moment)
    by = Provenance(ref_of(person), moment.now)
    answer_store.record(session, ref.project, ref.quarter, ref.milestone, returned, by)
    note(session, person, Deed.RETURNED, item_subject(ref.project, ref.milestone), moment, quarter=str(ref.quarter))
    published = reports.latest(session, ref.project, ref.quarter)
    revision = published.revision if published else 0
    to = returns.answerers(company, project, milestone, facts)
    returns.tell(session, company, ref, returned, to, manager=person, revision=revision, moment=moment)
    refresh_cards(session, to, ref.quarter, moment.real)


def _facts(session: Session, company: Company, ref: ItemRef, moment: Moment) -> ReportFacts:
    return company.standing(session, company.project(ref.project), ref.quarter, moment.now)


def _require_answer(company: Company, project: Project, milestone: Milestone, facts: ReportFacts) -> None:
    if not any(person.slack_id for person in returns.answerers(company, project, milestone, facts)):
        raise BotError(f"No Slack account was found for {milestone.owner.name}, so nothing can be sent there.")
    if milestone.key not in facts.answers.milestones:
        raise BotError(f"{milestone.owner.name} has not answered for {milestone.name} yet.")
