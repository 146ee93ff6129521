"""Owed: what a person answers for in a quarter, and on whose clock and calendar they do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.calendars import working_calendar
from bot.domain.confirm import why_not_confirmed
from bot.domain.facts import ReportFacts, has_budget, live_milestones, state_of
from bot.domain.project import Milestone, Person, Project
from bot.domain.quarter import Quarter, WorkingCalendar
from bot.domain.report import Known, LineState
from bot.flow.company import Company
from bot.flow.messages import ItemRef, OwedItem
from bot.store import answers as answer_store
from bot.store import handovers
from bot.store import people as people_store

RESOURCES = "Resources and budget"  # the item beside the milestones, by the field's standard term
_OWED = (LineState.MISSING, LineState.ANSWERED, LineState.CONFIRMED)


def calendar_of(company: Company, person: Person) -> WorkingCalendar:
    """The days that a person works: by their own country where it is known, and the company's closing days."""
    country = person.country or company.portfolio.country
    return working_calendar(country, company.portfolio.closing_days)


def zone_of(session: Session, company: Company, person: Person) -> ZoneInfo:
    """A person's zone: the portfolio's word, else Slack's, else the company's."""
    entry = people_store.entry_of(session, person.slack_id) if person.slack_id else None
    return ZoneInfo(person.timezone or (entry.timezone if entry else None) or company.portfolio.timezone)


def owed_items(
    session: Session, company: Company, person: Person, quarter: Quarter, now: datetime
) -> tuple[OwedItem, ...]:
    """Everything that a person answers for in a quarter that has opened, answered or not, project by project."""
    pressed = answer_store.was_handled(session, nothing_changed_key(person, quarter))
    asked = (p for p in projects_of(company, person) if company.window(quarter, p).opens_at <= now)
    facts = (company.standing(session, project, quarter, now) for project in asked)
    offered = offers(session, company)
    return tuple(
        replace(item, offered_to=offered.get((item.ref.project, item.ref.milestone)))
        for found in facts
        for item in items_in(found, person, explains=pressed)
    )


def offers(session: Session, company: Company) -> dict[tuple[str, str], str]:
    """To whom their owners offer milestones (project and key) just now, by name."""
    standing = handovers.standing(session)
    return {
        (offer.project, offer.milestone): receiver.name
        for offer in standing
        if company.answers_for(offer.giver, offer.project, offer.milestone)
        and (receiver := people_store.person(session, offer.receiver))
    }


def projects_of(company: Company, person: Person) -> Iterator[Project]:
    """The projects in which a person owes something."""
    yield from company.projects_by_person.get(person.id, ())


def nothing_changed_key(person: Person, quarter: Quarter) -> str:
    """The mark that a person pressed "Nothing changed": from then on the message says what needs a word."""
    return f"nothing-changed:{person.id}:{quarter}"


def items_in(facts: ReportFacts, person: Person, *, explains: bool = False) -> Iterator[OwedItem]:
    """What a person answers for in one project; `explains` says of each open item why it needs a word."""
    for milestone in live_milestones(facts):
        if milestone.owner.id == person.id and state_of(facts, milestone) in _OWED:
            yield _milestone_item(facts, milestone, explains=explains)
    if facts.project.answers_for_budget.id == person.id and has_budget(facts) and not facts.is_paused:
        given = facts.answers.resources
        yield OwedItem(
            ref=ItemRef(facts.project.key, facts.quarter),
            project_name=facts.project.name,
            title=RESOURCES,
            resources=given.value if given else None,
            currency=facts.project.currency,
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
        more_time=facts.extended.get(milestone.key),
    )
