"""Schedule: what is due now, from the database and the clock alone. Safe to run twice, safe to miss."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.domain.ladder import Action, Decision, Hours, Rung, decide, ladder
from bot.domain.project import Person
from bot.domain.quarter import Quarter, ReportingWindow
from bot.flow.ask import hours_of, owed_items, projects_of, step_kind
from bot.flow.company import Company
from bot.store import ledger, outbox
from bot.store.ledger import Nudge, NudgeState
from bot.store.session import Database

logger = logging.getLogger(__name__)

_STATES = {Action.SEND: NudgeState.QUEUED, Action.SKIP: NudgeState.SKIPPED, Action.DROP: NudgeState.DROPPED}
_BATCH = 100  # people in one transaction: short enough that an answer never waits for a campaign


@dataclass(frozen=True, slots=True)
class PlannedNudge:
    """One line of the plan: who, which step, when it is due, and what is to be done about it at the moment of planning."""

    person: Person
    quarter: Quarter
    decision: Decision
    missing: int
    n: int = 0

    @property
    def message_key(self) -> str:
        """The business key of its message."""
        return nudge_key(self.person.id, self.quarter, self.decision.rung.step, self.n)


def tick(database: Database, load_company: Callable[[Session], Company], now: datetime, real_now: datetime) -> int:
    """Queue every nudge that is due now and record what is skipped or dropped; returns how many were queued."""
    with database.reading() as session:
        plan = [p for p in plan_nudges(session, load_company(session), now) if p.decision.action is not Action.WAIT]
    for batch in _batches(plan):
        _write(database, batch, real_now)
    queued = sum(p.decision.action is Action.SEND for p in plan) + _queue_planned(database, now, real_now)
    if plan:
        logger.info("tick due=%d queued=%d", len(plan), queued)
    return queued


def plan_nudges(session: Session, company: Company, now: datetime) -> Iterator[PlannedNudge]:
    """What is to be done now, person by person. Reads only."""
    quarter = company.latest_opened(now)
    settled: dict[int, set[str]] = {}
    for nudge in ledger.nudges(session, quarter):
        settled.setdefault(nudge.person_id, set()).add(nudge.step)
    for person in people_who_owe(company):
        rungs, window, hours = _ladder_of(session, company, person, quarter)
        done = settled.get(person.id, set())
        if now >= window.grace_until:
            continue  # nudges have ended; what was never sent is not worth a row now
        if not any(rung.at <= now and rung.step not in done for rung in rungs):
            continue
        items = owed_items(session, company, person, quarter, now)
        if not items:
            continue
        missing = sum(not item.is_done for item in items)
        for decision in decide(rungs, settled=done, is_missing=missing > 0, due_at=window.due_at, hours=hours, now=now):
            yield PlannedNudge(person, quarter, _reachable(person, decision), missing)


def forecast_plan(
    session: Session, company: Company, start: datetime, end: datetime
) -> Iterator[tuple[datetime, PlannedNudge]]:
    """Every step that falls into [start, end), as it would be planned if nobody answered meanwhile. Reads only."""
    found = []
    quarter = company.latest_opened(start)
    while company.window(quarter).opens_on <= company.today(end):
        for person in people_who_owe(company):
            rungs, _, _ = _ladder_of(session, company, person, quarter)
            items = owed_items(session, company, person, quarter, start)
            if not items:
                continue
            missing = sum(not item.is_done for item in items)
            action = Decision(rungs[0], Action.SEND) if missing else Decision(rungs[0], Action.SKIP, "nothing missing")
            found += [
                (rung.at, PlannedNudge(person, quarter, _reachable(person, replace(action, rung=rung)), missing))
                for rung in rungs
                if start <= rung.at < end
            ]
        quarter = quarter.next
    yield from sorted(found, key=lambda pair: (pair[0], pair[1].person.id))


def next_instants(session: Session, company: Company, start: datetime, end: datetime) -> list[datetime]:
    """The instants in (start, end] at which some step comes due, so that a moved clock can stop at each."""
    moments = {moment for moment, _ in forecast_plan(session, company, start, end + timedelta(seconds=1))}
    return sorted(moment for moment in moments if moment > start)


def people_who_owe(company: Company) -> list[Person]:
    """Everybody who owns a live milestone or answers for a budget, each once."""
    people: dict[int, Person] = {}
    for project in company.projects.values():
        for milestone in project.milestones:
            if milestone.dropped_on is None:
                people.setdefault(milestone.owner.id, milestone.owner)
        people.setdefault(project.answers_for_budget.id, project.answers_for_budget)
    return list(people.values())


def _ladder_of(
    session: Session, company: Company, person: Person, quarter: Quarter
) -> tuple[list[Rung], ReportingWindow, Hours]:
    """A person's ladder follows the earliest deadline among their projects: one message covers them all."""
    projects = list(projects_of(company, person))
    project = min(projects, key=lambda p: company.window(quarter, p).due_at)
    rules, window = company.rules(project), company.window(quarter, project)
    hours = hours_of(session, company, person, rules)
    return ladder(window, rules, hours), window, hours


def _reachable(person: Person, decision: Decision) -> Decision:
    if decision.action is Action.SEND and person.slack_id is None:
        return Decision(decision.rung, Action.SKIP, "no Slack account was found")
    return decision


def _batches(plan: list[PlannedNudge]) -> Iterator[list[PlannedNudge]]:
    for start in range(0, len(plan), _BATCH):
        yield plan[start : start + _BATCH]


def _write(database: Database, batch: list[PlannedNudge], real_now: datetime) -> None:
    try:
        with database.writing() as session:
            ledger.add(session, map(_ledger_row, batch))
            for planned in batch:
                if planned.decision.action is Action.SEND:
                    step = step_kind(planned.decision.rung.step)
                    outbox.put(session, key=planned.message_key, kind="nudge", subject={"step": step}, now=real_now)
    except IntegrityError:
        # Another replica planned the same steps first; what is left is planned again at the next tick.
        logger.info("tick batch was planned elsewhere size=%d", len(batch))


def _queue_planned(database: Database, now: datetime, real_now: datetime) -> int:
    """Queue what people planned for an instant that has come, such as a manager's "Nudge all"."""
    with database.reading() as session:
        if not ledger.planned(session, now):
            return 0
    with database.writing() as session:
        due = ledger.planned(session, now)
        for nudge in due:
            key = nudge_key(nudge.person_id, nudge.quarter, nudge.step, nudge.n)
            ledger.queue(session, nudge, key)
            outbox.put(session, key=key, kind="nudge", subject={"step": step_kind(nudge.step)}, now=real_now)
    return len(due)


def nudge_key(person_id: int, quarter: Quarter, step: str, n: int) -> str:
    """The business key of a nudge's message: nobody is asked twice for the same step."""
    return f"nudge:{person_id}:{quarter}:{step}:{n}"


def _ledger_row(planned: PlannedNudge) -> Nudge:
    decision = planned.decision
    return Nudge(
        person_id=planned.person.id,
        quarter=planned.quarter,
        step=decision.rung.step,
        n=planned.n,
        state=_STATES[decision.action],
        planned_at=decision.rung.at,
        reason=decision.reason,
        message_key=planned.message_key if decision.action is Action.SEND else None,
    )
