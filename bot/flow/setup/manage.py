"""Manage: what a project's manager decides beside the rules: who answers, by when, and what is not asked at all."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy.orm import Session

from bot.domain.errors import BotError
from bot.domain.facts import ReportFacts
from bot.domain.milestone_line import LineState, MilestoneLine
from bot.domain.project import Milestone, Person, Project
from bot.domain.quarter import Quarter
from bot.domain.reporting import build_report
from bot.domain.rules import Problem
from bot.flow.ask.ask import ask_again, refresh_cards, refresh_project
from bot.flow.ask.digest import refresh_digests
from bot.flow.ask.handover import change_owner
from bot.flow.ask.notices import tell
from bot.flow.collect.collect import Refused, ref_of
from bot.flow.company import Company
from bot.flow.forms import ManagedMilestone, ManageForm
from bot.flow.items import item_values, milestone_of, title_of
from bot.flow.keep.trail import note
from bot.flow.messages import ItemRef, Notice
from bot.flow.moment import Moment
from bot.flow.people import beside_owner, chosen_person, require_manager
from bot.flow.schedule.owed import locale_of, offers
from bot.flow.schedule.planner import missing_items
from bot.store import answers as answer_store
from bot.store import exceptions, ledger
from bot.store.audit import Deed, item_subject

_TO_DO = "decide who answers and by when"


def manage_form(
    session: Session, company: Company, person: Person, project: Project, quarter: Quarter, moment: Moment
) -> ManageForm:
    """A project's milestones with owner, state and due date. Raises NotAllowed for all but its manager and admins."""
    require(company, person, project)
    facts = company.facts(session, project, quarter, moment.now, with_left=True)
    offered = offers(session, company)
    return ManageForm(
        project=project,
        quarter=quarter,
        quarter_label=company.label(quarter),
        due_at=company.window(quarter, project).due_at,
        locale=locale_of(session, company, person),
        zone=str(company.zone),
        milestones=tuple(
            _managed(company, facts, line, offered.get((project.key, line.key)))
            for line in build_report(facts).milestones
            if line.state is not LineState.DROPPED
        ),
        paused_because=company.paused_because(quarter, project, moment.now),
    )


def require(company: Company, person: Person, project: Project) -> None:
    """Raises NotAllowed for anybody but a project's manager and admins."""
    require_manager(company, person, project, to_do=_TO_DO)


def managed_milestone(company: Company, person: Person, ref: ItemRef) -> tuple[Project, Milestone]:
    """The milestone that a manager is about to decide on. Raises NotFound where it is gone, NotAllowed for others."""
    project, milestone = milestone_of(company, ref)
    require(company, person, project)
    return project, milestone


def excuse(
    session: Session, company: Company, person: Person, ref: ItemRef, reason: str, *, key: str, moment: Moment
) -> None:
    """Take a milestone out of the quarter's count, for a reason."""
    project, milestone = managed_milestone(company, person, ref)
    if answer_store.is_first_time(session, key, moment.now):
        by = ref_of(person)
        exceptions.excuse(session, ref.project, ref.milestone, ref.quarter, reason, by=by, at=moment.now)
        _note(session, person, Deed.EXCUSED, ref, moment)
        _refresh(session, project, milestone, ref.quarter, moment)


def take_back_excuse(
    session: Session, company: Company, person: Person, ref: ItemRef, *, key: str, moment: Moment
) -> None:
    """Count a milestone again and ask for it; one that was not excused stays as it is."""
    project, milestone = managed_milestone(company, person, ref)
    if not answer_store.is_first_time(session, key, moment.now):
        return
    if exceptions.take_back_excuse(session, ref.project, ref.milestone, ref.quarter, at=moment.now):
        _note(session, person, Deed.EXCUSE_TAKEN_BACK, ref, moment)
        _refresh(session, project, milestone, ref.quarter, moment)


def days_to_give(company: Company, project: Project, quarter: Quarter, moment: Moment) -> tuple[date, date]:
    """The first and the last day until which more time can be given: after the deadline, before the next quarter opens."""
    after_due = company.window(quarter, project).due_on + timedelta(days=1)
    last = company.window(quarter.next, project).opens_on - timedelta(days=1)
    return max(after_due, company.today(moment.now)), last


def give_more_time(
    session: Session, company: Company, person: Person, ref: ItemRef, until: date, *, key: str, moment: Moment
) -> Refused | None:
    """Move the deadline of one milestone for the quarter; None when that was done."""
    project, milestone = managed_milestone(company, person, ref)
    first, last = days_to_give(company, project, ref.quarter, moment)
    if not first <= until <= last:
        return Refused([Problem("until", "more-time", {"first": first, "last": last})])
    if answer_store.is_first_time(session, key, moment.now):
        by = ref_of(person)
        exceptions.extend(session, ref.project, ref.milestone, ref.quarter, until, by=by, at=moment.now)
        _note(session, person, Deed.EXTENDED, ref, moment, until=until.isoformat())
        _refresh(session, project, milestone, ref.quarter, moment)
    return None


def reassign(
    session: Session, company: Company, person: Person, ref: ItemRef, chosen: str, *, key: str, moment: Moment
) -> Refused | Person:
    """Make the person behind a Slack id answer for a milestone; returns whom. The same submission twice is done once."""
    project, milestone = managed_milestone(company, person, ref)
    if answer_store.was_handled(session, key):
        return milestone.owner
    to = chosen_person(session, chosen)
    if to is None:
        return Refused([Problem("person", "person-not-found")])
    if to.id == milestone.owner.id:
        return Refused([Problem("person", "person-is-owner")])
    answer_store.is_first_time(session, key, moment.now)
    _note(session, person, Deed.REASSIGNED, ref, moment, before=str(milestone.owner.id), after=str(to.id))
    change_owner(session, project, milestone, to, ref.quarter, moment, by=person)
    refresh_digests(session, [project], ref.quarter, moment.real)
    _tell_new_owner(session, company, person, to, ref, key, moment)
    return to


def nudge(
    session: Session, company: Company, person: Person, ref: ItemRef, *, key: str, moment: Moment
) -> tuple[Person, bool]:
    """Ask who answers for an item once more, each at most once a day; returns the first, and whether anybody will be asked."""
    project, title = company.project(ref.project), title_of(company, ref)
    require(company, person, project)
    if ref.milestone not in _silent(session, company, project, ref.quarter, moment):
        raise BotError(f"{title} waits for no answer just now.")
    owners = project.owners_of(project.milestone(ref.milestone))
    if not answer_store.is_first_time(session, key, moment.now):
        return owners[0], True
    is_asked = ask_again(session, company, owners, ref.quarter, moment) > 0
    if is_asked:
        _note(session, person, Deed.NUDGED, ref, moment)
    return owners[0], is_asked


def nudge_all(
    session: Session, company: Company, person: Person, project: Project, quarter: Quarter, moment: Moment
) -> tuple[int, int]:
    """Ask everybody whose answer is missing once more, each at most once a day; how many will be asked, and of how many."""
    require(company, person, project)
    silent = _silent(session, company, project, quarter, moment)
    people = {p.id: p for key in silent for p in company.answerers(project, project.milestone(key), quarter)}
    asked = ask_again(session, company, people.values(), quarter, moment)
    if asked:
        _note(session, person, Deed.NUDGED, ItemRef(project.key, quarter), moment)
    return asked, len(people)


def pause(
    session: Session,
    company: Company,
    person: Person,
    project: Project,
    quarter: Quarter,
    reason: str,
    *,
    key: str,
    moment: Moment,
) -> None:
    """Ask nothing of a project until it is resumed; one that is paused stays as it is."""
    require(company, person, project)
    if not answer_store.is_first_time(session, key, moment.now):
        return
    if exceptions.pause(session, project.key, reason, by=ref_of(person), at=moment.now):
        _note(session, person, Deed.PAUSED, ItemRef(project.key, quarter), moment)
        refresh_project(session, company, project, quarter, moment.real)


def resume(
    session: Session,
    company: Company,
    person: Person,
    project: Project,
    quarter: Quarter,
    *,
    key: str,
    moment: Moment,
) -> None:
    """Ask of a project again; one that is not paused stays as it is."""
    require(company, person, project)
    if not answer_store.is_first_time(session, key, moment.now):
        return
    if exceptions.resume(session, project.key, at=moment.now):
        _note(session, person, Deed.RESUMED, ItemRef(project.key, quarter), moment)
        refresh_project(session, company, project, quarter, moment.real)


def _silent(session: Session, company: Company, project: Project, quarter: Quarter, moment: Moment) -> list[str]:
    """What of a project waits for an answer: the keys of milestones, "" for the budget."""
    return missing_items(company.standing(session, project, quarter, moment.now))


def _managed(company: Company, facts: ReportFacts, line: MilestoneLine, offered_to: str | None) -> ManagedMilestone:
    project, quarter = facts.project, facts.quarter
    milestone = project.milestone(line.key)
    return ManagedMilestone(
        line=line,
        due_at=company.due_at(quarter, project, line.key),
        has_more_time=line.key in company.exceptions.extended(project.key, quarter),
        excuse=company.exceptions.excused(project.key, quarter).get(line.key, ""),
        offered_to=offered_to,
        is_returned=line.key in facts.answers.returns,
        stand_ins=beside_owner(company, project, milestone, quarter)[1] if milestone else (),
    )


def _tell_new_owner(
    session: Session, company: Company, person: Person, to: Person, ref: ItemRef, key: str, moment: Moment
) -> None:
    """Somebody who was asked before, or whom no step will ask any more, hears of it; others are asked by the next step."""
    is_asked_anyway = moment.now < company.window(ref.quarter, company.project(ref.project)).due_at
    if is_asked_anyway and not ledger.nudges(session, ref.quarter, to.id):
        return
    values = {**item_values(company, ref), "manager": person.name}
    tell(session, company, to, Notice(f"reassigned:{key}"[:255], "reassigned", values, item=ref), moment)


def _refresh(session: Session, project: Project, milestone: Milestone, quarter: Quarter, moment: Moment) -> None:
    """Have what its owners and its manager were told of a milestone brought up to date."""
    refresh_cards(session, milestone.owners, quarter, moment.real)
    refresh_digests(session, [project], quarter, moment.real)


def _note(session: Session, person: Person, deed: Deed, ref: ItemRef, moment: Moment, **detail: str) -> None:
    """A line of the trail: of a milestone, or of the whole project."""
    subject = item_subject(ref.project, ref.milestone)
    note(session, person, deed, subject, moment, quarter=str(ref.quarter), **detail)
