"""Handover: an owner offers a milestone to somebody, who accepts or declines; until then the giver is still asked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.domain.changes import Change
from bot.domain.errors import BotError, NotAllowed, NotFound
from bot.domain.permissions import Action
from bot.domain.project import Milestone, Person, Project
from bot.domain.quarter import Quarter
from bot.domain.rules import Problem
from bot.flow.ask.ask import refresh_cards
from bot.flow.ask.notices import replace_notice, tell
from bot.flow.collect.collect import Refused, ref_of
from bot.flow.company import Company
from bot.flow.forms import HandoverForm
from bot.flow.items import item_values, milestone_of
from bot.flow.keep.trail import note
from bot.flow.messages import ItemRef, Notice
from bot.flow.moment import Moment
from bot.flow.people import answer_by, chosen_person, day_for
from bot.flow.schedule.owed import locale_of, owed_items
from bot.store import answers as answer_store
from bot.store import handovers
from bot.store import people as people_store
from bot.store import portfolio as portfolio_store
from bot.store.audit import Deed, item_subject
from bot.store.handovers import Handover, HandoverState


def handover_form(session: Session, company: Company, person: Person, quarter: Quarter, now: datetime) -> HandoverForm:
    """What somebody can hand over. Raises NotFound for a person who answers for no milestone."""
    items = [
        item
        for item in owed_items(session, company, person, quarter, now)
        if company.answers_for(person.id, item.ref.project, item.ref.milestone)
    ]
    if not items:
        raise NotFound("There is no milestone of yours to hand over.")
    return HandoverForm(
        quarter=quarter,
        quarter_label=company.label(quarter),
        locale=locale_of(session, company, person),
        milestones=tuple((item.ref, item.title, item.project_name) for item in items),
    )


def hand_over(
    session: Session,
    company: Company,
    person: Person,
    ref: ItemRef,
    chosen: str,
    comment: str,
    *,
    key: str,
    moment: Moment,
) -> Refused | Person:
    """Offer a milestone to the person behind a Slack id; returns whom. The same submission twice is one offer."""
    _require_owner(company, person, ref)
    receiver = chosen_person(session, chosen)
    if receiver is None:
        return Refused([Problem("person", "person-not-found")])
    if receiver.id == person.id:
        return Refused([Problem("person", "person-is-owner")])
    if not answer_store.is_first_time(session, key, moment.now):
        return receiver
    lapses_at = answer_by(session, company, receiver, moment.now)
    offer = handovers.offer(
        session, ref.project, ref.milestone, giver=person.id, receiver=receiver.id, at=moment.now, lapses_at=lapses_at
    )
    _note(session, offer, Deed.OFFERED, person, moment, to=str(receiver.id))
    refresh_cards(session, [person], ref.quarter, moment.real)
    until = day_for(session, company, receiver, lapses_at)
    values = {**item_values(company, ref), "giver": person.name, "comment": comment, "until": until}
    buttons = (("accept_handover", "accept", str(offer.id)), ("decline_handover", "decline", str(offer.id)))
    tell(session, company, receiver, Notice(_offer_key(offer), "handover-offer", values, buttons), moment)
    return receiver


def not_mine(
    session: Session, company: Company, person: Person, ref: ItemRef, comment: str, *, key: str, moment: Moment
) -> None:
    """Tell the manager that a milestone is not its owner's, who is asked on until somebody else is named."""
    project = _require_owner(company, person, ref)
    if not answer_store.is_first_time(session, key, moment.now):
        return
    note(session, person, Deed.DISOWNED, item_subject(ref.project, ref.milestone), moment)
    values = {**item_values(company, ref), "owner": person.name, "comment": comment}
    notice = Notice(f"not-mine:{key}"[:255], "not-mine", values, item=ref, asks_for_owner=True)
    tell(session, company, project.manager, notice, moment)


def answer(session: Session, company: Company, person: Person, number: int, *, accepts: bool, moment: Moment) -> None:
    """The receiver's word on an offer; the same word twice is one. Raises BotError for an offer that no longer stands."""
    offer = handovers.handover(session, number)
    if offer is None or offer.receiver != person.id:
        raise NotAllowed("This milestone was offered to somebody else.")
    outcome = HandoverState.ACCEPTED if accepts else HandoverState.DECLINED
    if offer.state is outcome:
        return
    ref = _item(company, offer, moment)
    project, milestone = milestone_of(company, ref)
    settle = handovers.accept if accepts else handovers.decline
    if milestone.owner.id != offer.giver or not settle(session, offer, moment.now):
        raise BotError(f"The offer of {milestone.name} no longer stands.")
    _note(session, offer, Deed.ACCEPTED if accepts else Deed.DECLINED, person, moment)
    if accepts:
        change_owner(session, project, milestone, person, ref.quarter, moment, by=person)
    _tell_outcome(session, company, offer, ref, outcome, moment)


def change_owner(
    session: Session,
    project: Project,
    milestone: Milestone,
    to: Person,
    quarter: Quarter,
    moment: Moment,
    *,
    by: Person,
) -> None:
    """Make somebody answer for a milestone, with the trail that the report lists; offers of it no longer stand.

    `by` is who did it: the manager, or the receiver who accepted.
    """
    portfolio_store.set_owner(session, project.key, milestone.key, to.id)
    change = Change(project.key, milestone.key, "owner", milestone.owner.name, to.name)
    portfolio_store.record_changes(session, [change], moment.now, by=ref_of(by))
    handovers.withdraw(session, project.key, milestone.key, moment.now)
    refresh_cards(session, [*milestone.owners, to], quarter, moment.real)


def lapse_due(session: Session, company: Company, moment: Moment) -> int:
    """Let offers lapse that nobody has answered in time, and say so; returns how many did."""
    due = [offer for offer in handovers.standing(session) if offer.lapses_at <= moment.now]
    for offer in due:
        handovers.lapse(session, offer, moment.now)
        _note(session, offer, Deed.LAPSED, None, moment)
        if company.answers_for(offer.giver, offer.project, offer.milestone):  # else there is nothing left to tell
            _tell_outcome(session, company, offer, _item(company, offer, moment), HandoverState.LAPSED, moment)
    return len(due)


def _require_owner(company: Company, person: Person, ref: ItemRef) -> Project:
    """The project of a milestone that somebody may hand over; raises NotAllowed for anybody but its owner."""
    project, milestone = milestone_of(company, ref)
    if not company.may(person, Action.HAND_OVER, project, milestone):
        raise NotAllowed(f"{milestone.owner.name} answers for {milestone.name} and can hand it over.")
    return project


def _item(company: Company, offer: Handover, moment: Moment) -> ItemRef:
    return ItemRef(offer.project, company.latest_opened(moment.now), offer.milestone)


def _tell_outcome(
    session: Session, company: Company, offer: Handover, ref: ItemRef, outcome: HandoverState, moment: Moment
) -> None:
    """Say what became of an offer: in its own message, to the manager and, unless it was accepted, to its giver."""
    project, _ = milestone_of(company, ref)
    people = people_store.all_people(session)
    giver, receiver = people[offer.giver], people[offer.receiver]
    is_accepted = outcome is HandoverState.ACCEPTED
    said = {"giver": giver.name, "receiver": receiver.name, "outcome": outcome.value}
    values = {**item_values(company, ref), **said}
    item = ref if is_accepted else None
    replace_notice(session, Notice(_offer_key(offer), "handover-settled", values, item=item), moment)
    refresh_cards(session, [giver], ref.quarter, moment.real)
    told = {project.manager.id: project.manager} | ({} if is_accepted else {giver.id: giver})
    told.pop(receiver.id, None)
    for person in told.values():
        key = f"handover-{outcome}:{offer.id}:{person.id}"
        notice = Notice(key, "handover-outcome", {**values, "is_giver": person.id == giver.id})
        tell(session, company, person, notice, moment)


def _offer_key(offer: Handover) -> str:
    return f"handover:{offer.id}"


def _note(session: Session, offer: Handover, deed: Deed, person: Person | None, moment: Moment, **detail: str) -> None:
    """A line of the trail; what nobody did is the bot's."""
    note(session, person, deed, item_subject(offer.project, offer.milestone), moment, offer=str(offer.id), **detail)
