"""Rulings: decisions as they stand between two reports: who can take them, and what leaders said to them since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from bot.domain.directory import Directory
from bot.domain.errors import NotFound
from bot.domain.project import Person, Project
from bot.domain.quarter import Quarter
from bot.domain.report import DecisionLine, QuarterlyReport
from bot.domain.update import Decision, DecisionState, Ruling, Verdict
from bot.flow.messages import DecisionRef
from bot.flow.people import acting_person
from bot.store import answers as answer_store
from bot.store import people as people_store
from bot.store import reports


def standing(session: Session, ref: DecisionRef) -> tuple[Quarter, Decision]:
    """A decision as last said, with the quarter in which that was. Raises NotFound where it was never asked for."""
    found = answer_store.latest_decisions(session, ref.project).get((ref.project, ref.key))
    if found is None:
        raise NotFound("This decision is no longer there.")
    return found


def decider_of(session: Session, decision: Decision) -> Person | None:
    """Whom a decision names, found as people of files are; None for words that name nobody, or several."""
    who = decision.who
    if who is None:
        return None
    if known := people_store.person_by_ref(session, who):
        return known
    if people_store.entry_of(session, who):
        return acting_person(session, who)
    named = Person(who, who, email=who if "@" in who[1:] else None)
    match = Directory(people_store.directory(session)).match(named)
    return acting_person(session, match.entry.slack_id) if match.entry and match.problem is None else None


def deciders(session: Session, project: Project, decision: Decision) -> tuple[str, ...]:
    """The names of those who can take a decision, beside admins: whom it names, and the project's sponsor."""
    people = (decider_of(session, decision), project.sponsor)
    return tuple(dict.fromkeys(person.name for person in people if person))


def is_printed(session: Session, project: str, ruling: Ruling) -> bool:
    """Whether a report of the project went out after a leader's word."""
    return any(published_at > ruling.at for _, published_at in reports.publications(session, project))


def state_after(verdict: Verdict) -> DecisionState:
    """How a decision stands after a leader's word."""
    return DecisionState.OPEN if verdict is Verdict.NEED_MORE else DecisionState.DECIDED


@dataclass(frozen=True, slots=True)
class Rulings:
    """What leaders said to decisions, by project and key, with their names."""

    said: Mapping[tuple[str, str], Ruling]

    @classmethod
    def load(cls, session: Session, project: str | None = None) -> Rulings:
        """What was said in one project, or in all."""
        latest = answer_store.latest_decisions(session, project)
        said = {item: decision.ruling for item, (_, decision) in latest.items() if decision.ruling}
        names = people_store.names_of(session, {ruling.by for ruling in said.values()})
        return cls({item: replace(ruling, by=names.get(ruling.by, ruling.by)) for item, ruling in said.items()})

    def on(self, report: QuarterlyReport) -> QuarterlyReport:
        """A published report with what was said to its decisions since. What owners changed since is not in it."""
        lines = (self._on_line(line, self.said.get((report.project_key, line.key))) for line in report.decisions)
        return replace(report, decisions=tuple(lines))

    @staticmethod
    def _on_line(line: DecisionLine, ruling: Ruling | None) -> DecisionLine:
        return replace(line, state=state_after(ruling.verdict), ruling=ruling) if ruling else line
