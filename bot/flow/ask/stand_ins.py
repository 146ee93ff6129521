"""Stand-ins: a colleague whom an owner lets answer once, from the owner's asking to whatever becomes of it.

The owner stays the owner. While the colleague is asked, reminders pass over the item; the owner's last call comes all the
same where nobody has answered by then. Whoever has answered may correct it until the report is published.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from bot.domain.errors import BotError, NotAllowed, NotFound
from bot.domain.permissions import Action
from bot.domain.project import Milestone, Person, Project
from bot.domain.quarter import Quarter
from bot.domain.rules import Problem
from bot.domain.update import MilestoneUpdate, Resources
from bot.flow.ask.ask import refresh_cards
from bot.flow.ask.notices import replace_notice, tell
from bot.flow.company import Company
from bot.flow.forms import LendForm, Lent
from bot.flow.items import item_values, title_of
from bot.flow.keep.trail import note
from bot.flow.messages import ItemRef, Notice, OwedItem
from bot.flow.moment import Moment
from bot.flow.people import answer_by, chosen_person, day_for
from bot.flow.schedule.owed import locale_of, owed_items
from bot.locales import Locale
from bot.store import answers as answer_store
from bot.store import reports, stand_ins
from bot.store.audit import Deed, item_subject
from bot.store.stand_ins import STANDING, Asking, StandIn, StandInKind, StandInState


def lend_form(session: Session, company: Company, person: Person, quarter: Quarter, now: datetime) -> LendForm:
    """What somebody can let a colleague answer, and whom they have asked already.

    Raises NotFound where there is nothing of either.
    """
    lent = [
        Lent(asked.id, title_of(company, item_of(asked)), company.people[asked.person].name)
        for asked in _waiting(company)
        if (asked.owner, asked.quarter) == (person.id, quarter)
    ]
    items = [
        (item.ref, item.title, item.project_name)
        for item in owed_items(session, company, person, quarter, now)
        if not item.is_done and not item.waits_for and company.may(person, *_lending(company, item.ref))
    ]
    if not items and not lent:
        raise NotFound("There is nothing of yours that somebody else could answer.")
    locale = locale_of(session, company, person)
    return LendForm(quarter, company.label(quarter), locale, tuple(items), tuple(lent))


def lend(
    session: Session,
    company: Company,
    person: Person,
    ref: ItemRef,
    chosen: str,
    comment: str,
    *,
    key: str,
    moment: Moment,
) -> Problem | Person:
    """Ask the person behind a Slack id to answer an item once; returns whom. The same submission twice is one request."""
    if not company.may(person, *_lending(company, ref)):
        owner = _owners(company, ref)[0].name
        raise NotAllowed(f"{owner} answers for {title_of(company, ref)} and can let a colleague do so.")
    colleague = chosen_person(session, chosen)
    if colleague is None or colleague.slack_id is None:
        return Problem("person", "person-not-found")
    if company.is_asked_for(colleague.id, ref.project, ref.milestone):
        return Problem("person", "person-is-owner")
    if answer_store.is_first_time(session, key, moment.now):
        _take_back_others(session, company, person, ref, moment)
        asked = _ask(session, company, person, colleague, ref, moment)
        until = day_for(session, company, colleague, asked.ends_at)
        values = {**_values(session, company, ref), "owner": person.name, "comment": comment, "until": until}
        buttons = (("decline_lent", "cannot-answer", str(asked.id)),)
        tell(session, company, colleague, Notice(_key(asked), "stand-in-asked", values, buttons, ref), moment)
    return colleague


def _ask(
    session: Session, company: Company, person: Person, colleague: Person, ref: ItemRef, moment: Moment
) -> StandIn:
    """Write down a request, and let the owners see it in their messages."""
    ends_at = answer_by(session, company, colleague, moment.now)
    asking = Asking(ref.project, ref.milestone, ref.quarter, owner=person.id, person=colleague.id, ends_at=ends_at)
    asked = stand_ins.ask_colleague(session, asking, moment.now)
    note(session, person, Deed.STAND_IN_ASKED, subject_of(asked), moment, **detail_of(asked))
    refresh_cards(session, _owners(company, ref), ref.quarter, moment.real)
    return asked


def take_back(session: Session, company: Company, person: Person, number: int, moment: Moment) -> str:
    """Ask the colleague no longer; returns what the item is called.

    Raises BotError where that has been settled, NotAllowed for anybody but who asked.
    """
    asked = _request(session, number)
    if asked.owner != person.id:
        raise NotAllowed("Somebody else has asked for this answer.")
    is_done = asked.state is StandInState.TAKEN_BACK
    if not is_done and not _end(session, company, asked, StandInState.TAKEN_BACK, person, moment):
        raise BotError("This has been answered, or has ended by itself.")
    return title_of(company, item_of(asked))


def decline(session: Session, company: Company, person: Person, number: int, moment: Moment) -> None:
    """The colleague cannot answer; the owner is told. Raises BotError where that has been settled."""
    asked = _request(session, number)
    if asked.person != person.id:
        raise NotAllowed("Somebody else was asked for this.")
    if asked.state is StandInState.DECLINED:
        return
    if not _end(session, company, asked, StandInState.DECLINED, person, moment):
        raise BotError("This has been answered, or has ended by itself.")


def end_answered(session: Session, company: Company, person: Person, ref: ItemRef, moment: Moment) -> None:
    """Settle the requests to colleagues for an item that somebody has answered, whoever it was.

    Whoever answers once more reads that, too.
    """
    for asked in company.asked_for(ref.project, ref.milestone, ref.quarter):
        if asked.kind is not StandInKind.COLLEAGUE:
            continue
        is_theirs = asked.person == person.id
        if asked.is_waiting:
            state = StandInState.ANSWERED if is_theirs else StandInState.NOT_NEEDED
            _end(session, company, asked, state, person, moment)
        elif is_theirs:
            replace_notice(session, _settled(session, company, asked, StandInState.ANSWERED, moment), moment)


def end_due(session: Session, company: Company, moment: Moment) -> int:
    """End the requests to colleagues whose time is over; returns how many were."""
    ended = 0
    for asked in company.stand_ins:
        if asked.kind is not StandInKind.COLLEAGUE:
            continue
        if _is_over(session, company, asked, moment.now):
            if _settle(session, asked, StandInState.OVER, None, moment):
                state = StandInState.OVER if asked.is_waiting else StandInState.ANSWERED
                replace_notice(session, _settled(session, company, asked, state, moment, is_over=True), moment)
                ended += 1
        elif asked.is_waiting and asked.ends_at <= moment.now:
            ended += _end(session, company, asked, StandInState.LAPSED, None, moment)
    return ended


def _is_over(session: Session, company: Company, asked: StandIn, now: datetime) -> bool:
    """Whether nothing more can come of a request: the item is in other hands, the quarter closed, or the report published."""
    if not company.is_asked_for(asked.owner, asked.project, asked.milestone):
        return True
    if now >= company.closes_at(asked.quarter, company.projects[asked.project]):
        return True
    return not asked.is_waiting and reports.latest(session, asked.project, asked.quarter) is not None


def _end(
    session: Session, company: Company, asked: StandIn, state: StandInState, person: Person | None, moment: Moment
) -> bool:
    """Settle a request that waits, in the trail and in the messages of both; False where it did not wait any more.

    `person` is who settles it, None where its time is over.
    """
    if not _settle(session, asked, state, person, moment, among=(StandInState.ASKED,)):
        return False
    settled, owner = _settled(session, company, asked, state, moment), company.people[asked.owner]
    replace_notice(session, settled, moment)
    refresh_cards(session, [owner], asked.quarter, moment.real)
    if state in (StandInState.DECLINED, StandInState.LAPSED):
        key = f"stand-in-{state}:{asked.id}"
        tell(session, company, owner, Notice(key, "stand-in-outcome", settled.values, item=item_of(asked)), moment)
    return True


def _settled(
    session: Session,
    company: Company,
    asked: StandIn,
    state: StandInState,
    moment: Moment,
    *,
    is_over: bool = False,
) -> Notice:
    """What a colleague reads in place of the request: with what they answered, as leadership will read it.

    It can be changed until the report is published, or the request `is_over` for another reason.
    """
    owner, colleague, ref = company.people[asked.owner], company.people[asked.person], item_of(asked)
    values = {**_values(session, company, ref), "owner": owner.name, "colleague": colleague.name, "outcome": str(state)}
    if state is not StandInState.ANSWERED:
        return Notice(_key(asked), "stand-in-settled", values)
    owed = owed_items(session, company, owner, asked.quarter, moment.now)
    item = next((item for item in owed if item.ref == ref and item.is_done), None)
    said = _as_read(item, Locale(locale_of(session, company, colleague))) if item else None
    can_change = not is_over and not values["manager"]
    values |= {"said": said, "can_change": can_change, "is_late": bool(item and item.late)}
    return Notice(_key(asked), "stand-in-settled", values, item=ref if can_change else None)


def _as_read(item: OwedItem, locale: Locale) -> dict[str, object]:
    """An answer in the figures and words that the report prints, for a text; what was not given is empty."""
    update, money = item.answer or MilestoneUpdate(), item.resources or Resources()

    def amount(value: Decimal | None) -> str:
        if value is None:
            return ""
        return locale.money(value, item.currency) if item.currency else locale.number(value)

    return {
        "percent": "" if update.percent_complete is None else locale.percent(update.percent_complete),
        "status": update.status or "",
        "forecast": locale.date_long(update.forecast) if update.forecast else "",
        "spent": amount(money.actual_cost),
        "at_completion": amount(money.forecast_at_completion),
        "deliverables": list(update.deliverables),
        "impact": update.impact or "",
        "note": update.note or money.budget_note or "",
        "recovery": update.recovery or "",
    }


def _settle(
    session: Session,
    asked: StandIn,
    state: StandInState,
    person: Person | None,
    moment: Moment,
    *,
    among: Collection[StandInState] = STANDING,
) -> bool:
    if not stand_ins.settle(session, asked.id, state, moment.now, among=among):
        return False
    note(session, person, Deed.STAND_IN_ENDED, subject_of(asked), moment, **detail_of(asked), state=str(state))
    return True


def item_of(asked: StandIn) -> ItemRef:
    """The item that somebody was asked for."""
    return ItemRef(asked.project, asked.quarter, asked.milestone)


def subject_of(asked: StandIn) -> str:
    """What the audit trail calls the item that somebody was asked for."""
    return item_subject(asked.project, asked.milestone)


def detail_of(asked: StandIn) -> dict[str, str]:
    """What the audit trail says of a request: who is asked (our row) for whom, and why."""
    people = {"owner": str(asked.owner), "to": str(asked.person)}
    return {"request": str(asked.id), "kind": str(asked.kind), "quarter": str(asked.quarter), **people}


def _waiting(company: Company) -> Iterator[StandIn]:
    return (asked for asked in company.stand_ins if asked.kind is StandInKind.COLLEAGUE and asked.is_waiting)


def _take_back_others(session: Session, company: Company, person: Person, ref: ItemRef, moment: Moment) -> None:
    """One colleague at a time is asked for an item: a second request takes the place of the first."""
    for asked in _waiting(company):
        if item_of(asked) == ref:
            _end(session, company, asked, StandInState.TAKEN_BACK, person, moment)


def _lending(company: Company, ref: ItemRef) -> tuple[Action, Project, Milestone | None]:
    """What somebody needs to be allowed to let a colleague answer an item."""
    project = company.project(ref.project)
    action = Action.LEND_BUDGET if ref.is_resources else Action.LEND_MILESTONE
    return action, project, project.milestone(ref.milestone)


def _owners(company: Company, ref: ItemRef) -> tuple[Person, ...]:
    _, project, milestone = _lending(company, ref)
    return project.owners_of(milestone)


def _request(session: Session, number: int) -> StandIn:
    asked = stand_ins.stand_in(session, number)
    if asked is None or asked.kind is not StandInKind.COLLEAGUE:
        raise NotFound("This request is no longer here.")
    return asked


def _key(asked: StandIn) -> str:
    return f"stand-in:{asked.id}"


def _values(session: Session, company: Company, ref: ItemRef) -> dict[str, object]:
    manager = company.project(ref.project).manager.name if reports.latest(session, ref.project, ref.quarter) else ""
    return {**item_values(company, ref), "manager": manager}
