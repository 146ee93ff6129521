"""Explain: what was sent to whom, what was not, and why: the ledger in words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.domain.project import Project
from bot.domain.quarter import Quarter
from bot.flow.company import Company
from bot.flow.schedule.owed import zone_of
from bot.store import ledger
from bot.store import people as people_store


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One row of the ledger for people: `when` is on the person's own clock."""

    person: str
    step: str
    state: str
    when: str
    reason: str


def ledger_lines(
    session: Session, company: Company, projects: Collection[Project], quarter: Quarter
) -> list[LedgerLine]:
    """Everything planned, sent, skipped or failed for the people of some projects, in the order it came due."""
    concerned = {owner.id for project in projects for m in project.milestones for owner in m.owners}
    concerned |= {project.answers_for_budget.id for project in projects}
    concerned |= {asked.person for asked in company.stand_ins if asked.project in {p.key for p in projects}}
    people = people_store.all_people(session)
    zones = {person_id: zone_of(session, company, people[person_id]) for person_id in concerned}
    rows = sorted(ledger.nudges(session, quarter), key=lambda nudge: nudge.planned_at)
    return [
        LedgerLine(
            person=people[nudge.person_id].name,
            step=nudge.step,
            state=nudge.state,
            when=f"{nudge.planned_at.astimezone(zones[nudge.person_id]):%a %d %b %H:%M}",
            reason=nudge.reason or "",
        )
        for nudge in rows
        if nudge.person_id in concerned
    ]
