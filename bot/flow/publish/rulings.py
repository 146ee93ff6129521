"""Rulings: decisions as they stand between two reports: who can take them, and what leaders said to them since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.domain.errors import NotFound
from bot.domain.project import Person, Project
from bot.domain.quarter import Quarter
from bot.domain.report import DecisionLine, QuarterlyReport
from bot.domain.update import Decision, Ruling
from bot.flow.messages import DecisionRef
from bot.flow.people import acting_person
from bot.store import answers as answer_store
from bot.store import decisions as decision_store
from bot.store import people as people_store
from bot.store import portfolio as portfolio_store
from bot.store import reports
from bot.store.reports import Published


def standing(session: Session, ref: DecisionRef) -> tuple[Quarter, Decision]:
    """A decision as last said, with the quarter in which that was. Raises NotFound where it was never asked for."""
    found = answer_store.latest_decisions(session, ref.project).get((ref.project, ref.key))
    if found is None:
        raise NotFound("This decision is no longer there.")
    return found


def printed(session: Session, published: Published, key: str) -> Decision | None:
    """A decision as a revision printed it: who takes it is who was named there, not in an answer that nobody reviewed."""
    found = decision_store.printed(session, published.subject, published.quarter, published.seen)
    return found.get(key)


def decider_of(session: Session, who: str | None) -> Person | None:
    """Whom a decision names: by a ref of the portfolio, a Slack id, an e-mail or an @handle.

    None for other words, such as a title: anybody could give themselves that as their name.
    """
    if who is None:
        return None
    if known := people_store.person_by_ref(session, who):
        return known
    entry = people_store.entry_of(session, who) or people_store.account_at(session, who)
    return acting_person(session, entry.slack_id) if entry else None


def ways_to_name(session: Session, person: Person) -> set[str]:
    """In small letters, all by which a decision may name somebody; whether one does, `decider_of` says."""
    entry = people_store.entry_of(session, person.slack_id) if person.slack_id else None
    account = (entry.email, f"@{entry.name}") if entry else ()
    known = {person.ref, person.slack_id, *people_store.refs_of(session, person.id), *account}
    return {name.lower() for name in known if name}


def deciders(session: Session, project: Project, decision: Decision) -> tuple[str, ...]:
    """The names of those who can take a decision, beside admins: whom it names, and the project's sponsor."""
    people = (decider_of(session, decision.who), project.sponsor)
    return tuple(dict.fromkeys(person.name for person in people if person))


def is_printed(session: Session, project: str, ruling: Ruling) -> bool:
    """Whether a report of the project went out after a leader's word."""
    return any(published_at > ruling.at for _, published_at in reports.publications(session, project))


@dataclass(frozen=True, slots=True)
class Rulings:
    """What leaders said to decisions, by project and key, as reports say it: with their names, on the company's clock."""

    said: Mapping[tuple[str, str], Ruling]

    @classmethod
    def load(cls, session: Session, project: str | None = None) -> Rulings:
        """What was said in one project, or in all."""
        latest = answer_store.latest_decisions(session, project)
        said = {item: decision.ruling for item, (_, decision) in latest.items() if decision.ruling}
        names = people_store.names_of(session, {ruling.by for ruling in said.values()})
        company = portfolio_store.portfolio(session)
        zone = ZoneInfo(company.timezone) if company else UTC
        return cls(
            {
                item: replace(ruling, by=names.get(ruling.by, ruling.by), at=ruling.at.astimezone(zone))
                for item, ruling in said.items()
            }
        )

    def on(self, report: QuarterlyReport) -> QuarterlyReport:
        """A published report with what was said to its decisions since. What owners changed since is not in it."""
        lines = (self._on_line(line, self.said.get((report.project_key, line.key))) for line in report.decisions)
        return replace(report, decisions=tuple(lines))

    @staticmethod
    def _on_line(line: DecisionLine, ruling: Ruling | None) -> DecisionLine:
        return replace(line, state=ruling.state, ruling=ruling) if ruling else line
