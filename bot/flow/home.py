"""Home: what a person finds whenever they open the bot: what they owe, and how the projects they manage stand."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.domain import build
from bot.domain.project import Person
from bot.domain.quarter import Quarter
from bot.domain.report import Coverage
from bot.flow.ask import owner_card
from bot.flow.campaign import sending
from bot.flow.checklist import PlanSection, plan_section
from bot.flow.company import Company
from bot.flow.messages import OwnerCard, Sending, Step
from bot.flow.moment import Moment
from bot.store import answers as answer_store

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
    """A person's home. `card` is what they owe, None for somebody who owes nothing; `managed` is empty for non-managers.

    `sending` is None for those who manage nothing; `is_admin` says whether they may stop it; `plan` is
    what they can set up.
    """

    person: Person
    quarter: Quarter
    quarter_label: str
    card: OwnerCard | None
    managed: tuple[ManagedProject, ...]
    unlisted: int = 0
    sending: Sending | None = None
    is_admin: bool = False
    plan: PlanSection | None = None


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
        sending=sending(session, company, moment) if managed else None,
        is_admin=company.is_admin(person),
        plan=plan_section(session, company, person, moment.now),
    )


def _managed(
    session: Session, company: Company, keys: list[str], quarter: Quarter, moment: Moment
) -> tuple[ManagedProject, ...]:
    found = []
    for key, history in answer_store.histories(session, quarter, keys):
        project = company.projects[key]
        facts = company.facts_from(project, quarter, moment.now, history=history, names={})
        coverage = build.coverage(facts)
        missing = tuple(m.name for m in facts.project.milestones if m.key in coverage.missing)
        found.append(ManagedProject(key, project.name, coverage, missing))
    return tuple(found)
