"""People: find the Slack accounts of those whom the portfolio names, and tell the managers of whom none was found."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from sqlalchemy.orm import Session

from bot.domain.directory import Directory, DirectoryEntry, Match
from bot.domain.project import Person, Project
from bot.flow.company import Company
from bot.flow.moment import Moment
from bot.store import outbox
from bot.store import people as people_store

logger = logging.getLogger(__name__)


def find_accounts(session: Session, entries: Sequence[DirectoryEntry]) -> list[Match]:
    """Keep Slack's directory and tie the portfolio's people to it; returns those for whom that did not work."""
    people_store.save_directory(session, entries)
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


def tell_managers(session: Session, company: Company, lost: Sequence[Match], moment: Moment) -> None:
    """Tell each manager once a quarter, in one message, whom of their people nothing can be sent to."""
    quarter = company.latest_opened(moment.now)
    people = people_store.all_people(session)
    for project in company.projects.values():
        manager = people.get(project.manager.id)
        concerned = [match for match in lost if owes_in(project, match.person)]
        if not concerned or manager is None or manager.slack_id is None:
            continue
        outbox.put(
            session,
            key=f"unreachable:{project.key}:{quarter}",
            kind="notice",
            subject={
                "to": manager.slack_id,
                "name": "unreachable-people",
                "values": {
                    "project": project.name,
                    "quarter": company.label(quarter),
                    "people": [[match.person.name, match.problem] for match in concerned],
                },
            },
            now=moment.real,
        )


def owes_in(project: Project, person: Person) -> bool:
    owners = {m.owner.id for m in project.milestones if m.dropped_on is None}
    return person.id in owners | {project.answers_for_budget.id}
