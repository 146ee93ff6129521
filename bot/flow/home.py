"""Home: what a person finds whenever they open the bot: what they owe, and how the projects they manage stand."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.domain.build import build_report
from bot.domain.project import Person
from bot.domain.quarter import Quarter
from bot.domain.report import Coverage
from bot.flow.ask import owner_card
from bot.flow.company import Company
from bot.flow.messages import OwnerCard, Step
from bot.flow.moment import Moment
from bot.store import answers as answer_store
from bot.store import people as people_store

_MOST_MANAGED = 20  # a home view shows no more; `/compile-report` reaches every project


@dataclass(frozen=True, slots=True)
class ManagedProject:
    """A project as its manager's home shows it."""

    key: str
    name: str
    coverage: Coverage
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Home:
    """A person's home. `card` is what they owe, None for somebody who owes nothing; `managed` is empty for non-managers."""

    person: Person
    quarter: Quarter
    quarter_label: str
    card: OwnerCard | None
    managed: tuple[ManagedProject, ...]
    unlisted: int = 0


def home_of(session: Session, company: Company, person: Person, moment: Moment) -> Home:
    """Somebody's home as it stands now."""
    quarter = company.latest_opened(moment.now)
    card = owner_card(session, company, person, quarter, step=Step.OPENING, key="home", now=moment.now)
    managed = company.managed_by(person)
    return Home(
        person=person,
        quarter=quarter,
        quarter_label=company.label(quarter),
        card=card if card.items else None,
        managed=_managed(session, company, [p.key for p in managed[:_MOST_MANAGED]], quarter, moment),
        unlisted=max(0, len(managed) - _MOST_MANAGED),
    )


def _managed(
    session: Session, company: Company, keys: list[str], quarter: Quarter, moment: Moment
) -> tuple[ManagedProject, ...]:
    if not keys:
        return ()
    histories = answer_store.histories(session, quarter)
    names = people_store.names_by_ref(session)
    found = []
    for key in keys:
        project = company.projects[key]
        history = histories.get(key, {})
        report = build_report(company.facts_from(project, quarter, moment.now, history=history, names=names))
        missing = tuple(line.name for line in report.milestones if line.key in report.coverage.missing)
        found.append(ManagedProject(key, project.name, report.coverage, missing))
    return tuple(found)
