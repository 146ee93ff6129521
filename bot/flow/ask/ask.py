"""Ask: what a person owes for a quarter, and the one message that says so and is kept up to date as answers arrive."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.domain.ladder import AWAY, plain_step
from bot.domain.project import Milestone, Person, Project
from bot.domain.quarter import Quarter, ReportingWindow
from bot.flow.ask.notices import good_moment
from bot.flow.company import Company
from bot.flow.deliver import Drop, Edit, Later, Post, Work, was_held_up
from bot.flow.messages import OwedItem, OwnerCard, Step
from bot.flow.moment import Moment
from bot.flow.ports import Place
from bot.flow.publish.questions import questions_to_owner
from bot.flow.schedule.owed import calendar_of, locale_of, owed_items, zone_of
from bot.flow.schedule.planner import Planner
from bot.flow.schedule.snooze import SNOOZED, snoozed_until, snoozes
from bot.store import answers as answer_store
from bot.store import ledger, outbox
from bot.store.ledger import Nudge, NudgeState
from bot.store.outbox import Parcel

MANAGER_STEPS = ("digest", "sponsor")  # steps of the ledger that tell somebody, and the kinds of their messages
ASKED = "reminder-asked"  # the step of a nudge that a manager asked for
_PAUSE_BETWEEN_ASKS = timedelta(days=1)
_ASKING = (NudgeState.PLANNED, NudgeState.QUEUED, NudgeState.SENT)


def owner_card(
    session: Session, company: Company, person: Person, quarter: Quarter, *, step: Step, key: str, now: datetime
) -> OwnerCard:
    """The message as it should read now."""
    zone = zone_of(session, company, person)
    items = owed_items(session, company, person, quarter, now)
    projects = [company.projects[p] for p in dict.fromkeys(item.ref.project for item in items)]
    due_at = _next_due(company, quarter, items, now)
    today, due_day = now.astimezone(zone).date(), due_at.astimezone(zone).date()
    is_waiting = any(not item.is_done for item in items)
    return OwnerCard(
        key=key,
        step=step,
        person=person,
        quarter=quarter,
        quarter_label=company.label(quarter),
        due_at=due_at,
        zone=str(zone),
        days_left=calendar_of(company, person).between(today, due_day),
        locale=locale_of(session, company, person),
        asked_by=tuple(dict.fromkeys(project.manager.name for project in projects)),
        channel=next((c for project in projects if (c := company.channel(project))), ""),
        items=items,
        questions=questions_to_owner(session, company, person, now),
        snoozes=snoozes(session, company, person, quarter, due_at, now) if is_waiting else (),
        snoozed_until=snoozed_until(session, person, quarter, now) if is_waiting else None,
        is_due_today=today == due_day,
        is_closed=all(now >= company.closes_at(quarter, project) for project in projects or (None,)),
    )


def _next_due(company: Company, quarter: Quarter, items: Collection[OwedItem], now: datetime) -> datetime:
    """When the next of some items is due, open ones first; where all deadlines have passed, the last of them."""
    waiting = [item for item in items if not item.is_done] or items
    due = sorted(_window_of(company, item).due_at for item in waiting) or [company.window(quarter).due_at]
    return next((at for at in due if now < at), due[-1])


def _window_of(company: Company, item: OwedItem) -> ReportingWindow:
    return company.window_of(item.ref.quarter, company.projects[item.ref.project], item.ref.milestone)


def compose_nudge(session: Session, company: Company, parcel: Parcel, now: datetime) -> Work:
    """A nudge that was planned, written from the present facts; nothing where all is answered meanwhile."""
    nudge = ledger.by_message(session, parcel.key)
    person = company.people.get(nudge.person_id) if nudge else None
    if nudge is None or person is None or person.slack_id is None:
        return Drop("nobody to send it to")
    step = Step(parcel.subject["step"])
    card = owner_card(session, company, person, nudge.quarter, step=step, key=parcel.key, now=now)
    is_wanted = any(_asks_for(company, nudge, item, now) for item in card.open_items)
    if not is_wanted and not parcel.may_have_been_sent:
        return Drop("nothing missing any more, or too late")
    if is_wanted and not parcel.may_have_been_sent and (replaced_by := _taken_over(session, nudge)):
        return Drop(f"replaced by {replaced_by}")
    if is_wanted and may_wait(parcel) and (not_now := bad_moment(session, company, nudge.quarter, person, now)):
        return not_now
    return Post(person.slack_id, card, is_private=True, is_wanted=is_wanted)


def may_wait(parcel: Parcel) -> bool:
    """Whether a message may be left for its person's hours: not one that may be there, so long as that can be found out soon."""
    return was_held_up(parcel) or not parcel.may_have_been_sent


def bad_moment(
    session: Session, company: Company, quarter: Quarter, person: Person, now: datetime
) -> Later | Drop | None:
    """What is to be done instead where a person is not to be written to now: what an outage held back may come into a night."""
    good = Planner(session, company, quarter, now, only=person).good_moment(person)
    if good is None:
        return Drop(AWAY)
    return None if good == now else Later("outside the person's hours")


def _taken_over(session: Session, nudge: Nudge) -> str | None:
    """The later step that says all that a nudge would have said, where Slack's limits or an outage held it back so long."""
    taken = (NudgeState.QUEUED, NudgeState.SENT)
    rows = ledger.nudges(session, nudge.quarter, nudge.person_id)
    later = (n for n in rows if n.planned_at > nudge.planned_at and n.state in taken and not tells_only(n.step))
    return next((n.step for n in later), None)


def _asks_for(company: Company, nudge: Nudge, item: OwedItem, now: datetime) -> bool:
    """Whether a step is worth sending for an item: in its time and, while a colleague is asked, only as the last call, after
    the deadline, or where somebody wanted it."""
    is_early = step_kind(nudge.step) in (Step.OPENING, Step.REMINDER) and nudge.step not in (ASKED, SNOOZED)
    return now < _ends_at(company, nudge, item) and not (item.waits_for and is_early)


def _ends_at(company: Company, nudge: Nudge, item: OwedItem) -> datetime:
    """Until when a step is worth sending for an item: the deadline; for what may come after it, the end of the grace."""
    window = _window_of(company, item)
    may_follow = nudge.step == ASKED or step_kind(nudge.step) is Step.OVERDUE
    return window.grace_until if may_follow else window.due_at


def compose_card(session: Session, company: Company, parcel: Parcel, now: datetime) -> Work:
    """An earlier nudge's message as it should read now."""
    of = parcel.subject["of"]
    nudge = ledger.by_message(session, of)
    person = company.people.get(nudge.person_id) if nudge else None
    place = outbox.place_of(session, of)
    if nudge is None or person is None or place is None:
        return Drop("the message was never sent")
    step = Step(parcel.subject["step"])
    card = owner_card(session, company, person, nudge.quarter, step=step, key=of, now=now)
    if of != _latest_message(session, person, nudge.quarter):
        card = card.superseded()
    return Edit(Place(*place), card)


def refresh_cards(session: Session, people: Iterable[Person], quarter: Quarter, real_now: datetime) -> None:
    """Have the messages of some people brought up to date, since what they owe has changed."""
    for person in {p.id: p for p in people}.values():
        cards = _cards(session, quarter, person.id, NudgeState.SENT, NudgeState.QUEUED)
        for card in {card.state: card for card in cards}.values():  # the queued one is edited after it is sent
            _put_edit(session, card.message_key or "", card.step, real_now)


def refresh_project(
    session: Session,
    company: Company,
    project: Project,
    quarter: Quarter,
    real_now: datetime,
    *,
    items: Collection[str] | None = None,
) -> None:
    """Have the messages of everybody who is asked in a project brought up to date, since the project stands otherwise now.

    `items` are the only ones concerned, where they are given: the keys of milestones, empty for the budget.
    """
    asked: list[Milestone | None] = [*project.milestones, None]
    concerned = (item for item in asked if items is None or (item.key if item else "") in items)
    people = [person for item in concerned for person in company.answerers(project, item, quarter)]
    refresh_cards(session, people, quarter, real_now)


def retire_older_card(session: Session, nudge: Nudge, real_now: datetime) -> None:
    """After a new message has been sent, take the buttons off the one before it, in its quarter or else the one before."""
    for quarter in (nudge.quarter, nudge.quarter.previous):
        older = [n for n in _sent_cards(session, quarter, nudge.person_id) if n.message_key != nudge.message_key]
        if older:
            _put_edit(session, older[-1].message_key or "", older[-1].step, real_now)
            return


def old_cards(session: Session, company: Company, now: datetime) -> tuple[Quarter, list[Nudge]] | None:
    """The quarter before, with the last message of everybody who was sent none in this one.

    None until this quarter's nudges are over, and again once the quarter before has been retired.
    """
    quarter = company.opened_quarters(now)[0]
    ends = (company.window(quarter, project).grace_until for project in (None, *company.projects.values()))
    if now < max(ends) or answer_store.was_handled(session, _retired_key(quarter.previous)):
        return None
    told = {nudge.person_id for nudge in _sent_cards(session, quarter)}
    last = {nudge.person_id: nudge for nudge in _sent_cards(session, quarter.previous)}
    return quarter.previous, [nudge for number, nudge in last.items() if number not in told]


def retire_cards(session: Session, cards: Iterable[Nudge], real_now: datetime) -> None:
    """Take the buttons off messages of a quarter that is over."""
    for nudge in cards:
        _put_edit(session, nudge.message_key or "", nudge.step, real_now)


def note_retired(session: Session, quarter: Quarter, now: datetime) -> None:
    """Remember that nothing of a quarter is left to retire."""
    answer_store.is_first_time(session, _retired_key(quarter), now)


def _retired_key(quarter: Quarter) -> str:
    return f"retired:{quarter}"


def ask_again(session: Session, company: Company, people: Iterable[Person], quarter: Quarter, moment: Moment) -> int:
    """Plan one more nudge for each of some people, at their next good moment; nobody is asked twice within a day.

    Returns how many will be asked. The next tick sends what has come due.
    """
    asked = 0
    for person in people:
        rows = ledger.nudges(session, quarter, person.id)
        is_recent = any(moment.now - n.planned_at < _PAUSE_BETWEEN_ASKS for n in rows if n.state in _ASKING)
        if person.slack_id is None or is_recent:
            continue
        earlier = sum(n.step == ASKED for n in rows)
        at = good_moment(session, company, person, moment.now)
        nudge = Nudge(person.id, quarter, ASKED, earlier, NudgeState.PLANNED, at)
        asked += len(ledger.add(session, [nudge], at=moment.now))
    return asked


def step_kind(step: str) -> Step:
    """The kind of a ledger's step: ``reminder-5`` is a reminder, ``overdue@10-17`` an overdue."""
    return next(kind for kind in Step if plain_step(step) == kind or step.startswith(f"{kind}-"))


def tells_only(step: str) -> bool:
    """Whether a step of the ledger tells somebody and asks for no answer."""
    return plain_step(step) in MANAGER_STEPS


def _put_edit(session: Session, message_key: str, step: str, real_now: datetime) -> None:
    subject = {"of": message_key, "step": step_kind(step)}
    outbox.put_edit(session, kind="card", subject=subject, lane=message_key, now=real_now)


def _latest_message(session: Session, person: Person, quarter: Quarter) -> str | None:
    sent = _sent_cards(session, quarter, person.id)
    return sent[-1].message_key if sent else None


def _sent_cards(session: Session, quarter: Quarter, person_id: int | None = None) -> list[Nudge]:
    return _cards(session, quarter, person_id, NudgeState.SENT)


def _cards(session: Session, quarter: Quarter, person_id: int | None, *states: NudgeState) -> list[Nudge]:
    """A person's or everybody's messages with items and buttons, in order; a manager's digest is not one of them."""
    nudges = ledger.nudges(session, quarter, person_id)
    return [n for n in nudges if n.message_key and n.state in states and not tells_only(n.step)]
