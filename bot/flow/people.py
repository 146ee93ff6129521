"""People: find the Slack accounts of those whom the portfolio names, and tell the managers of whom none was found."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from bot.domain.directory import Directory, DirectoryEntry, Match
from bot.domain.errors import NotAllowed
from bot.domain.permissions import Action
from bot.domain.project import Milestone, Person, Project
from bot.domain.quarter import Quarter, instant
from bot.flow.ask.notices import good_moment, tell
from bot.flow.company import Company
from bot.flow.messages import Notice
from bot.flow.moment import Moment
from bot.flow.schedule.owed import calendar_of, locale_of, zone_of
from bot.locales import Locale
from bot.store import people as people_store

logger = logging.getLogger(__name__)

_DAYS_TO_ANSWER = 2  # working days of who is asked to take something over (product rule)


def find_accounts(session: Session, entries: Sequence[DirectoryEntry]) -> list[Match]:
    """Keep Slack's directory and tie the portfolio's people to it; returns those for whom that did not work."""
    people_store.save_directory(session, entries)
    return tie_accounts(session, entries)


def tie_accounts(session: Session, entries: Sequence[DirectoryEntry]) -> list[Match]:
    """Tie the portfolio's people to the accounts of a directory; returns those for whom that did not work."""
    directory = Directory(entries)
    matches = [directory.match(person) for person in people_store.all_people(session).values()]
    for match in matches:
        if match.entry and match.problem is None and _tells_something(match.entry, match.person):
            people_store.set_account(session, match.person.id, match.entry)
    lost = [match for match in matches if match.problem]
    logger.info("directory entries=%d people=%d unmatched=%d", len(entries), len(matches), len(lost))
    return lost


def _tells_something(entry: DirectoryEntry, person: Person) -> bool:
    """Whether an account says more of its person than is known."""
    is_unnamed = person.name in {person.email, person.handle, person.slack_id}
    return person.slack_id != entry.slack_id or is_unnamed or (person.email is None and entry.email is not None)


def acting_person(session: Session, slack_id: str) -> Person:
    """Who is behind an account, named by the portfolio or not."""
    known = people_store.person_by_slack_id(session, slack_id)
    if known:
        return known
    entry = people_store.entry_of(session, slack_id)
    return Person(ref=slack_id, name=entry.display_name if entry else slack_id, slack_id=slack_id)


def chosen_person(session: Session, slack_id: str) -> Person | None:
    """Somebody who was chosen in Slack, known to us from now on; None for an account at which nobody can be asked."""
    entry = people_store.entry_of(session, slack_id)
    known = people_store.person_by_slack_id(session, slack_id)
    if entry is None or not entry.is_reachable:
        return known if entry is None else None
    if known is not None:
        return known
    number = people_store.save_person(session, Person(ref=slack_id, name=entry.display_name, slack_id=slack_id))
    return people_store.all_people(session)[number]


def require_manager(company: Company, person: Person, project: Project, *, to_do: str = "compile its report") -> None:
    """A project is for its manager and for admins; raises NotAllowed for others, in a sentence that says who can."""
    if not company.can_manage(person, project):
        raise NotAllowed(f"Only {project.manager.name}, who manages {project.name}, and admins can {to_do}.")


def answer_by(session: Session, company: Company, person: Person, now: datetime) -> datetime:
    """By when somebody who is asked now has to answer: some working days after they can first read of it, at that time."""
    zone = zone_of(session, company, person)
    start = good_moment(session, company, person, now).astimezone(zone)
    return instant(calendar_of(company, person).shift(start.date(), _DAYS_TO_ANSWER), start.time(), zone)


def day_for(session: Session, company: Company, person: Person, at: datetime) -> str:
    """The day of an instant on a person's own clock, with its weekday, as their language writes it."""
    locale, zone = Locale(locale_of(session, company, person)), zone_of(session, company, person)
    return locale.weekday_date(at.astimezone(zone).date())


def require_admin(session: Session, company: Company, person: Person, *, to_do: str) -> None:
    """Raises NotAllowed for anybody but admins, in a sentence that names them."""
    if company.may(person, Action.RUN_COMPANY):
        return
    admins = ", ".join(admin_names(session, company))
    raise NotAllowed(f"Only admins can {to_do}: {admins or 'the portfolio names none yet'}.")


def admin_names(session: Session, company: Company) -> list[str]:
    """What the admins are called, in the portfolio's order."""
    names = people_store.names_by_ref(session)
    return [names.get(ref, ref) for ref in company.portfolio.admins]


def beside_owner(
    company: Company, project: Project, milestone: Milestone, quarter: Quarter
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who is asked for a milestone beside its owner, by name: co-owners, and those who stand in for one of them."""
    asked = company.answerers(project, milestone, quarter)
    co_owners = tuple(person.name for person in milestone.owners if person.id != milestone.owner.id)
    return co_owners, tuple(person.name for person in asked if not milestone.is_owned_by(person.id))


def tell_managers(session: Session, company: Company, lost: Sequence[Match], moment: Moment) -> None:
    """Tell each manager once a quarter, in one message a project, whom of their people nothing can be sent to.

    Where the manager is one of them, the admins are told instead.
    """
    people = people_store.all_people(session)
    for match in lost:
        people.pop(match.person.id, None)
    admins = [person for person in people.values() if company.is_admin(person)]
    for project in company.projects.values():
        concerned = [[match.person.name, match.problem] for match in lost if owes_in(project, match.person)]
        if not concerned:
            continue
        quarter = company.latest_opened(moment.now, project)
        values = {"project": project.name, "quarter": company.label(quarter), "people": concerned}
        manager = people.get(project.manager.id)
        for person in [manager] if manager else admins:
            key = f"unreachable:{project.key}:{quarter}:{person.id}"
            tell(session, company, person, Notice(key, "unreachable-people", values), moment)


def owes_in(project: Project, person: Person) -> bool:
    """Whether somebody answers for something in a project: for a milestone, or for the budget where there is one."""
    owners = {owner.id for m in project.milestones if m.dropped_on is None for owner in m.owners}
    has_budget = project.budget_at_completion is not None or project.budget_owner is not None
    return person.id in owners or (has_budget and person.id == project.answers_for_budget.id)
