"""Owed: what a person answers for in a quarter, and on whose clock and calendar they do."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.calendars import working_calendar
from bot.domain.confirm import why_not_confirmed
from bot.domain.facts import ReportFacts, has_budget, in_place_of, latest_resources, live_milestones, state_of
from bot.domain.milestone_line import Known, LineState
from bot.domain.project import Milestone, Person, Project
from bot.domain.quarter import Quarter, WorkingCalendar
from bot.domain.rewording import reworded, standing_edit
from bot.domain.tracker import TrackerFigure
from bot.domain.update import Given, MilestoneUpdate, WordingEdit
from bot.domain.zones import known_zone
from bot.flow.company import Company
from bot.flow.items import RESOURCES
from bot.flow.messages import ItemRef, Late, OwedItem
from bot.locales import is_locale
from bot.store import answers as answer_store
from bot.store import handovers, reports, trackings
from bot.store import people as people_store
from bot.store.late import late_updates
from bot.store.stand_ins import StandInKind

_LATE = {None: Late.WAITING, False: Late.TAKEN, True: Late.LEFT}  # by the manager's choice: is it left out?
OWED = (LineState.MISSING, LineState.ANSWERED, LineState.CONFIRMED)


def calendar_of(company: Company, person: Person) -> WorkingCalendar:
    """The days that a person works: by their own country where it is known, and the company's closing days."""
    country = person.country or company.portfolio.country
    return working_calendar(country, company.portfolio.closing_days)


def zone_of(session: Session, company: Company, person: Person) -> ZoneInfo:
    """A person's zone: the portfolio's word, else Slack's, else the company's."""
    entry = people_store.entry_of(session, person.slack_id) if person.slack_id else None
    return chosen_zone(person, entry.timezone if entry else None, company)


def chosen_zone(person: Person, told: str | None, company: Company) -> ZoneInfo:
    """A person's zone, where Slack told this one; a name that is not known here counts as not given."""
    return known_zone(person.timezone) or known_zone(told) or ZoneInfo(company.portfolio.timezone)


def locale_of(session: Session, company: Company, person: Person) -> str:
    """How a person reads and types dates and figures: as their Slack is set, else as the company does.

    What leadership reads, and the review of it, stays in the company's locale.
    """
    entry = people_store.entry_of(session, person.slack_id) if person.slack_id else None
    own = entry.locale if entry else None
    return own if own and is_locale(own) else company.portfolio.locale


def owed_items(
    session: Session, company: Company, person: Person, quarter: Quarter, now: datetime
) -> tuple[OwedItem, ...]:
    """Everything that a person answers for in a quarter that has opened, answered or not, project by project."""
    pressed = answer_store.was_handled(session, nothing_changed_key(person, quarter))
    asked = [p for p in projects_of(company, person) if company.window(quarter, p).opens_at <= now]
    said = company.heard.histories(session, [project.key for project in asked], quarter)
    told = trackings.trackings(session, quarter, asked)
    facts = (
        company.facts_from(p, quarter, now, history=said[p.key], names={}, trackings=told.get(p.key)) for p in asked
    )
    offered = offers(session, company)
    late = _Published(session, company, quarter, asked)
    items = [
        replace(
            late.told(item),
            offered_to=offered.get((item.ref.project, item.ref.milestone)),
            waits_for=None if item.is_done else asked_colleague(company, item.ref),
        )
        for found in facts
        for item in items_in(found, person, explains=pressed)
    ]
    refs = {item.answered_by for item in items if item.answered_by}
    names = people_store.names_of(session, refs) if refs else {}
    return tuple(replace(i, answered_by=names.get(i.answered_by or "", i.answered_by)) for i in items)


class _Published:
    """The reports of a quarter that are published already, and what became of the answers that came after them."""

    def __init__(self, session: Session, company: Company, quarter: Quarter, projects: Collection[Project]) -> None:
        self._company = company
        self._seen = reports.seen_in(session, quarter, [project.key for project in projects])
        self._late = late_updates(session, quarter, self._seen) if self._seen else {}

    def told(self, item: OwedItem) -> OwedItem:
        """An item with who decides about it by now, and what became of it."""
        project, key = item.ref.project, (item.ref.project, item.ref.milestone)
        if project not in self._seen:
            return item
        is_late = item.is_done and key in self._late
        state = _LATE[self._late[key]] if is_late else None
        return replace(item, published_by=self._company.projects[project].manager.name, late=state)


def asked_colleague(company: Company, ref: ItemRef) -> str | None:
    """Whom an item's owner has asked to answer it and who has not yet, by name."""
    asked = company.asked_for(ref.project, ref.milestone, ref.quarter)
    waiting = (request for request in asked if request.kind is StandInKind.COLLEAGUE and request.is_waiting)
    return next((company.people[request.person].name for request in waiting), None)


def owed_now(session: Session, company: Company, person: Person, now: datetime) -> list[OwedItem]:
    """What a person answers for in the latest quarter of each project that has opened, by the project's own rules."""
    return [
        item
        for quarter in company.opened_quarters(now)
        for item in owed_items(session, company, person, quarter, now)
        if company.latest_opened(now, company.project(item.ref.project)) == quarter
    ]


def offers(session: Session, company: Company) -> dict[tuple[str, str], str]:
    """To whom their owners offer milestones (project and key) just now, by name."""
    standing = [
        offer
        for offer in handovers.standing(session)
        if company.answers_for(offer.giver, offer.project, offer.milestone)
    ]
    names = people_store.names_of_rows(session, {offer.receiver for offer in standing})
    return {(offer.project, offer.milestone): names[offer.receiver] for offer in standing}


def projects_of(company: Company, person: Person) -> Iterator[Project]:
    """The projects in which a person owes something."""
    yield from company.projects_by_person.get(person.id, ())


def nothing_changed_key(person: Person, quarter: Quarter) -> str:
    """The mark that a person pressed "Nothing changed": from then on the message says what needs a word."""
    return f"nothing-changed:{person.id}:{quarter}"


def items_in(facts: ReportFacts, person: Person, *, explains: bool = False) -> Iterator[OwedItem]:
    """What a person answers for in one project, as owner, co-owner or deputy.

    `explains` says of each open item why it needs a word. Whoever answered in the person's place is there by their ref.
    """
    for milestone in live_milestones(facts):
        is_asked = milestone.is_owned_by(person.id) or in_place_of(facts, milestone.key, person.id)
        if is_asked and state_of(facts, milestone) in OWED:
            yield _milestone_item(facts, milestone, person, explains=explains)
    is_asked = facts.project.answers_for_budget.id == person.id or in_place_of(facts, "", person.id)
    if is_asked and has_budget(facts) and not facts.is_paused:
        given = facts.answers.resources
        yield OwedItem(
            ref=ItemRef(facts.project.key, facts.quarter),
            project_name=facts.project.name,
            title=RESOURCES,
            resources=given.value if given else None,
            last_resources=latest_resources(facts),
            currency=facts.project.currency,
            is_done=given is not None,
            in_place_of=in_place_of(facts, "", person.id),
            **_others_answer(given, person),
        )


def is_by(given: Given[object], person: Person) -> bool:
    """Whether an answer was given by somebody, under any of the names files use for them."""
    return given.provenance.by in {person.ref, person.slack_id, person.email, person.handle}


def _others_answer(given: Given[Any] | None, person: Person) -> dict[str, Any]:
    """Who answered in somebody's place, and when."""
    if given is None or is_by(given, person):
        return {}
    return {"answered_by": given.provenance.by, "answered_at": given.provenance.at}


def _milestone_item(facts: ReportFacts, milestone: Milestone, person: Person, *, explains: bool) -> OwedItem:
    given = facts.answers.milestones.get(milestone.key)
    last = facts.last_known(milestone.key)
    returned = facts.answers.returns.get(milestone.key)
    edit = standing_edit(facts.answers, milestone.key)
    known = None
    if last:
        said = last[1].value
        known = Known(last[0], said.percent_complete, said.status, said.forecast)
    return OwedItem(
        ref=ItemRef(facts.project.key, facts.quarter, milestone.key),
        project_name=facts.project.name,
        title=milestone.name,
        known=known,
        answer=_as_printed(given, edit),
        is_done=given is not None,
        is_confirmed=given is not None and given.provenance.confirmed,
        needs_word=why_not_confirmed(facts, milestone) if explains and given is None else None,
        forecast_passed=known is not None and known.forecast is not None and known.forecast < facts.today,
        more_time=facts.extended.get(milestone.key),
        shared_with=tuple(owner.name for owner in milestone.owners if owner.id != person.id),
        in_place_of=in_place_of(facts, milestone.key, person.id),
        returned=returned.value.comment if returned else None,
        is_reworded=edit is not None,
        tracker=_far_tracker(facts, milestone, given),
        **_others_answer(given, person),
    )


def _as_printed(given: Given[MilestoneUpdate] | None, edit: Given[WordingEdit] | None) -> MilestoneUpdate | None:
    """An answer in the words that the report prints."""
    if given is None:
        return None
    return reworded(given.value, edit.value) if edit else given.value


def _far_tracker(
    facts: ReportFacts, milestone: Milestone, given: Given[MilestoneUpdate] | None
) -> TrackerFigure | None:
    """What a milestone's tracker says, where its answer is far from it."""
    told = facts.trackings.figures.get(milestone.key)
    limit = facts.thresholds.tracker_mismatch_points
    return told if told and given and told.is_far_from(given.value.percent_complete, limit) else None
