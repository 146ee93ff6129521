"""Plan: what is going to be asked of whom and when, in words, before anybody is asked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from bot.domain.ladder import Action
from bot.domain.project import Person
from bot.flow.company import Company
from bot.flow.schedule.owed import zone_of
from bot.flow.schedule.schedule import PlannedNudge, forecast_plan, plan_nudges
from bot.store import people as people_store

PLAN_HEADER = ("UTC", "LOCAL TIME", "STEP", "QUARTER", "PERSON", "MISSING", "WHAT HAPPENS")
NOT_LOOKED_UP = (
    "Slack accounts have not been looked up yet: the plan takes it that everybody has one. Run: quarterdeck doctor"
)

PlanLine = tuple[str, str, str, str, str, str, str]


def plan_lines(
    session: Session, company: Company, now: datetime, span: tuple[datetime, datetime] | None = None
) -> list[PlanLine]:
    """The plan as lines under `PLAN_HEADER`, by time: what is due now, or what comes due in a span of time.

    Nobody is left out for want of a Slack account before Slack's directory was first read. Reads only.
    """
    unknown = not people_store.has_directory(session)
    if span:
        plan: Iterable[PlannedNudge] = (p for _, p in forecast_plan(session, company, *span, assumes_accounts=unknown))
    else:
        due = plan_nudges(session, company, now, assumes_accounts=unknown)
        plan = sorted(due, key=lambda planned: (planned.decision.rung.at, planned.person.id))
    return [_line(session, company, planned) for planned in plan]


def local_time(session: Session, company: Company, person: Person, moment: datetime) -> str:
    """An instant as a person's own clock and calendar show it, with the zone."""
    zone = zone_of(session, company, person)
    return f"{moment.astimezone(zone):%a %d %b %H:%M} {zone.key}"


def _line(session: Session, company: Company, planned: PlannedNudge) -> PlanLine:
    person, decision = planned.person, planned.decision
    return (
        f"{decision.rung.at:%Y-%m-%dT%H:%M:%SZ}",
        local_time(session, company, person, decision.rung.at),
        decision.rung.step,
        str(planned.quarter),
        person.name if person.name == person.ref else f"{person.name} ({person.ref})",
        str(planned.missing),
        _what_happens(session, company, planned),
    )


def _what_happens(session: Session, company: Company, planned: PlannedNudge) -> str:
    decision = planned.decision
    if decision.action is Action.WAIT and decision.waits_until:
        return f"wait until {local_time(session, company, planned.person, decision.waits_until)}"
    return f"{decision.action}: {planned.reason}" if planned.reason else str(decision.action)
