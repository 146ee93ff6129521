"""Ask: what a person owes for a quarter, and the one message that says so and is kept up to date as answers arrive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.calendars import working_calendar
from bot.domain.build import ReportFacts, has_budget, live_milestones, state_of
from bot.domain.confirm import why_not_confirmed
from bot.domain.ladder import Hours
from bot.domain.project import Milestone, Person, Project
from bot.domain.quarter import Quarter, ReportingRules, WorkingCalendar
from bot.domain.report import Known, LineState
from bot.flow.company import Company
from bot.flow.deliver import Drop, Edit, Post, Work
from bot.flow.messages import ItemRef, OwedItem, OwnerCard, Step
from bot.flow.moment import Moment
from bot.flow.ports import Place
from bot.store import answers as answer_store
from bot.store import ledger, outbox
from bot.store import people as people_store
from bot.store.ledger import Nudge, NudgeState
from bot.store.outbox import Parcel

RESOURCES = "Resources and budget"  # the item beside the milestones, by the field's standard term
ASKED = "reminder-asked"  # the step of a nudge that a manager asked for
_PAUSE_BETWEEN_ASKS = timedelta(days=1)
_ASKING = (NudgeState.PLANNED, NudgeState.QUEUED, NudgeState.SENT)
_OWED = (LineState.MISSING, LineState.ANSWERED, LineState.CONFIRMED)


def zone_of(session: Session, company: Company, person: Person) -> ZoneInfo:
    """A person's zone: the portfolio's word, else Slack's, else the company's."""
    entry = people_store.entry_of(session, person.slack_id) if person.slack_id else None
    return ZoneInfo(person.timezone or (entry.timezone if entry else None) or company.portfolio.timezone)


def calendar_of(company: Company, person: Person) -> WorkingCalendar:
    """The days that a person works: by their own country where it is known, and the company's closing days."""
    country = person.country or company.portfolio.country
    return working_calendar(country, company.portfolio.closing_days)


def owed_items(
    session: Session, company: Company, person: Person, quarter: Quarter, now: datetime
) -> tuple[OwedItem, ...]:
    """Everything that a person answers for in a quarter, answered or not, project by project."""
    pressed = answer_store.was_handled(session, nothing_changed_key(person, quarter))
    found: list[OwedItem] = []
    for project in projects_of(company, person):
        facts = company.facts(session, project, quarter, now)
        found.extend(_items_of(facts, person, explains=pressed))
    return tuple(found)


def projects_of(company: Company, person: Person) -> Iterator[Project]:
    """The projects in which a person owes something."""
    for project in company.projects.values():
        owns = any(m.owner.id == person.id for m in project.milestones)
        if owns or project.answers_for_budget.id == person.id:
            yield project


def nothing_changed_key(person: Person, quarter: Quarter) -> str:
    """The mark that a person pressed "Nothing changed": from then on the message says what needs a word."""
    return f"nothing-changed:{person.id}:{quarter}"


def owner_card(
    session: Session, company: Company, person: Person, quarter: Quarter, *, step: Step, key: str, now: datetime
) -> OwnerCard:
    """The message as it should read now."""
    zone = zone_of(session, company, person)
    items = owed_items(session, company, person, quarter, now)
    projects = [company.projects[p] for p in dict.fromkeys(item.ref.project for item in items)]
    window = min(
        (company.window(quarter, project) for project in projects),
        key=lambda w: w.due_at,
        default=company.window(quarter),
    )
    due_day = window.due_at.astimezone(zone).date()
    return OwnerCard(
        key=key,
        step=step,
        person=person,
        quarter=quarter,
        quarter_label=company.label(quarter),
        due_at=window.due_at,
        zone=str(zone),
        days_left=calendar_of(company, person).between(now.astimezone(zone).date(), due_day),
        locale=company.portfolio.locale,
        asked_by=tuple(dict.fromkeys(project.manager.name for project in projects)),
        channel=next((c for project in projects if (c := company.channel(project))), ""),
        items=items,
        is_closed=company.latest_opened(now) > quarter,
    )


def compose_nudge(session: Session, company: Company, parcel: Parcel, now: datetime) -> Work:
    """A nudge that was planned, written from the present facts; nothing where all is answered meanwhile."""
    nudge = ledger.by_message(session, parcel.key)
    person = _addressee(session, nudge)
    if nudge is None or person is None or person.slack_id is None:
        return Drop("nobody to send it to")
    step = Step(parcel.subject["step"])
    card = owner_card(session, company, person, nudge.quarter, step=step, key=parcel.key, now=now)
    if not card.open_items and not parcel.may_have_been_sent:
        return Drop("nothing missing any more")
    return Post(person.slack_id, card, is_private=True)


def compose_card(session: Session, company: Company, parcel: Parcel, now: datetime) -> Work:
    """An earlier nudge's message as it should read now."""
    of = parcel.subject["of"]
    nudge = ledger.by_message(session, of)
    person = _addressee(session, nudge)
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
        sent = [n for n in ledger.nudges(session, quarter, person.id) if n.message_key and n.state is NudgeState.SENT]
        if sent:
            _put_edit(session, sent[-1].message_key or "", sent[-1].step, real_now)


def retire_older_cards(session: Session, message_key: str, real_now: datetime) -> None:
    """After a new message has been sent, take the buttons off the older ones of the same person and quarter."""
    nudge = ledger.by_message(session, message_key)
    if nudge is None:
        return
    for older in ledger.nudges(session, nudge.quarter, nudge.person_id):
        if older.message_key and older.message_key != message_key and older.state is NudgeState.SENT:
            _put_edit(session, older.message_key, older.step, real_now)


def ask_again(session: Session, company: Company, people: Iterable[Person], quarter: Quarter, moment: Moment) -> int:
    """Plan one more nudge for each of some people, at their next good moment; nobody is asked twice within a day.

    Returns how many will be asked. The next tick sends what has come due.
    """
    asked = 0
    for person in people:
        rows = [n for n in ledger.nudges(session, quarter, person.id) if n.state in _ASKING]
        if person.slack_id is None or any(moment.now - n.planned_at < _PAUSE_BETWEEN_ASKS for n in rows):
            continue
        earlier = sum(n.step == ASKED for n in ledger.nudges(session, quarter, person.id))
        at = hours_of(session, company, person, company.rules()).next_moment(moment.now)
        ledger.add(session, [Nudge(person.id, quarter, ASKED, earlier, NudgeState.PLANNED, at)])
        asked += 1
    return asked


def hours_of(session: Session, company: Company, person: Person, rules: ReportingRules) -> Hours:
    """When a person may be written to."""
    return Hours(zone_of(session, company, person), calendar_of(company, person), *rules.hours)


def step_kind(step: str) -> Step:
    """The kind of a ledger's step: ``reminder-5`` is a reminder."""
    return next(kind for kind in Step if step == kind or step.startswith(f"{kind}-"))


def _addressee(session: Session, nudge: Nudge | None) -> Person | None:
    return people_store.all_people(session).get(nudge.person_id) if nudge else None


def _put_edit(session: Session, message_key: str, step: str, real_now: datetime) -> None:
    subject = {"of": message_key, "step": step_kind(step)}
    outbox.put_edit(session, kind="card", subject=subject, lane=message_key, now=real_now)


def _latest_message(session: Session, person: Person, quarter: Quarter) -> str | None:
    sent = [n.message_key for n in ledger.nudges(session, quarter, person.id) if n.state is NudgeState.SENT]
    return sent[-1] if sent else None


def _items_of(facts: ReportFacts, person: Person, *, explains: bool) -> Iterator[OwedItem]:
    for milestone in live_milestones(facts):
        if milestone.owner.id == person.id and state_of(facts, milestone) in _OWED:
            yield _milestone_item(facts, milestone, explains=explains)
    if facts.project.answers_for_budget.id == person.id and has_budget(facts):
        given = facts.answers.resources
        yield OwedItem(
            ref=ItemRef(facts.project.key, facts.quarter),
            project_name=facts.project.name,
            title=RESOURCES,
            resources=given.value if given else None,
            is_done=given is not None,
        )


def _milestone_item(facts: ReportFacts, milestone: Milestone, *, explains: bool) -> OwedItem:
    given = facts.answers.milestones.get(milestone.key)
    last = facts.last_known(milestone.key)
    known = None
    if last:
        said = last[1].value
        known = Known(last[0], said.percent_complete, said.status, said.forecast)
    return OwedItem(
        ref=ItemRef(facts.project.key, facts.quarter, milestone.key),
        project_name=facts.project.name,
        title=milestone.name,
        known=known,
        answer=given.value if given else None,
        is_done=given is not None,
        is_confirmed=given is not None and given.provenance.confirmed,
        needs_word=why_not_confirmed(facts, milestone) if explains and given is None else None,
        forecast_passed=known is not None and known.forecast is not None and known.forecast < facts.today,
    )
