"""Schedule: what is due now, from the database and the clock alone. Safe to run twice, safe to miss."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.domain.ladder import AWAY, NO_GOOD_MOMENT, Action, Decision, Rung
from bot.domain.project import Person
from bot.domain.quarter import Quarter
from bot.flow.ask import MANAGER_STEPS, step_kind
from bot.flow.company import Company
from bot.flow.planner import Planner
from bot.store import ledger, outbox
from bot.store import people as people_store
from bot.store.ledger import Nudge, NudgeState
from bot.store.session import Database

logger = logging.getLogger(__name__)

_STATES = {Action.SEND: NudgeState.QUEUED, Action.SKIP: NudgeState.SKIPPED, Action.DROP: NudgeState.DROPPED}
_BATCH = 100  # people in one transaction: short enough that an answer never waits for a campaign
_CANNOT_ASK = (AWAY, NO_GOOD_MOMENT)


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
        company = load_company(session)
        plan = [p for p in plan_nudges(session, company, now) if p.decision.action is not Action.WAIT]
    batches = (plan[start : start + _BATCH] for start in range(0, len(plan), _BATCH))
    queued = sum(_write(database, company, batch, real_now) for batch in batches)
    queued += _queue_planned(database, load_company, now, real_now)
    if plan or queued:
        logger.info("tick due=%d queued=%d", len(plan), queued)
    return queued


def plan_nudges(
    session: Session, company: Company, now: datetime, *, assumes_accounts: bool = False
) -> Iterator[PlannedNudge]:
    """What is to be done now, person by person. Reads only.

    `assumes_accounts` plans for people whose Slack accounts have not been looked for yet as if they had one.
    """
    quarter = company.latest_opened(now)
    planner = Planner(session, company, quarter, now)
    judged = _as_it_is if assumes_accounts else _reachable
    for person, decision, missing in planner.due():
        yield PlannedNudge(person, quarter, judged(person, decision), missing)


def forecast_plan(
    session: Session, company: Company, start: datetime, end: datetime, *, assumes_accounts: bool = False
) -> Iterator[tuple[datetime, PlannedNudge]]:
    """Every open step that falls into [start, end), as it would be planned if nobody answered meanwhile. Reads only."""
    found: list[tuple[datetime, PlannedNudge]] = []
    judged = _as_it_is if assumes_accounts else _reachable
    quarter = company.latest_opened(start)
    while company.window(quarter).opens_on <= company.today(end):
        planner = Planner(session, company, quarter, start)
        found += [
            (decision.rung.at, PlannedNudge(person, quarter, judged(person, decision), missing))
            for person, decision, missing in planner.foreseen(start, end)
        ]
        quarter = quarter.next
    found += ((nudge.decision.rung.at, nudge) for nudge in _on_request(session, company, start, end))
    yield from sorted(found, key=lambda pair: (pair[0], pair[1].person.id))


def _on_request(session: Session, company: Company, start: datetime, end: datetime) -> Iterator[PlannedNudge]:
    """What people themselves put into the plan for [start, end): a "remind me later", a manager's nudge."""
    waiting = [nudge for nudge in ledger.planned(session, end) if start <= nudge.planned_at < end]
    people = people_store.all_people(session) if waiting else {}
    planners = {quarter: Planner(session, company, quarter, start) for quarter in {n.quarter for n in waiting}}
    for nudge in waiting:
        person = people[nudge.person_id]
        decision = _reachable(person, Decision(Rung(nudge.step, nudge.planned_at), Action.SEND))
        missing = planners[nudge.quarter].items_missing(person) or 0
        yield PlannedNudge(person, nudge.quarter, decision, missing, nudge.n)


def next_instants(session: Session, company: Company, start: datetime, end: datetime) -> list[datetime]:
    """The instants in (start, end] at which some step comes due or stops waiting, so that a moved clock can stop at each."""
    plan = list(forecast_plan(session, company, start, end + timedelta(seconds=1)))
    moments = {moment for moment, _ in plan} | {p.decision.waits_until or moment for moment, p in plan}
    return sorted(moment for moment in moments if start < moment <= end)


def due_soon(session: Session, company: Company, now: datetime) -> list[Person]:
    """Whom the next tick would write to: those whose do-not-disturb is worth asking for."""
    planned = plan_nudges(session, company, now)
    return [p.person for p in planned if p.decision.action is Action.SEND and p.person.slack_id]


def nudge_key(person_id: int, quarter: Quarter, step: str, n: int) -> str:
    """The business key of a nudge's message: nobody is asked twice for the same step."""
    return f"nudge:{person_id}:{quarter}:{step}:{n}"


def _as_it_is(_: Person, decision: Decision) -> Decision:
    return decision


def _reachable(person: Person, decision: Decision) -> Decision:
    if decision.action is Action.SEND and person.slack_id is None:
        return Decision(decision.rung, Action.SKIP, "no Slack account was found")
    return decision


def _write(database: Database, company: Company, batch: Sequence[PlannedNudge], real_now: datetime) -> int:
    """Record a batch of the plan; returns how many of its nudges were queued."""
    sends = [planned for planned in batch if planned.decision.action is Action.SEND]
    try:
        with database.writing() as session:
            ledger.add(session, map(_ledger_row, batch))
            for planned in sends:
                _put(session, planned.message_key, planned.decision.rung.step, real_now)
            _tell_whom_nobody_asked(session, company, batch, real_now)
    except IntegrityError:
        # Another replica planned the same steps first; what is left is planned again at the next tick.
        logger.info("tick batch was planned elsewhere size=%d", len(batch))
        return 0
    return len(sends)


def _put(session: Session, key: str, step: str, real_now: datetime) -> None:
    if step in MANAGER_STEPS:
        outbox.put(session, key=key, kind=step, subject={}, now=real_now)
    else:
        outbox.put(session, key=key, kind="nudge", subject={"step": step_kind(step)}, now=real_now)


def _tell_whom_nobody_asked(
    session: Session, company: Company, batch: Iterable[PlannedNudge], real_now: datetime
) -> None:
    """Nobody is forgotten: where no good moment was left to ask somebody, their managers are told, once a quarter."""
    for planned in batch:
        if planned.decision.reason not in _CANNOT_ASK or planned.decision.rung.step in MANAGER_STEPS:
            continue
        person, quarter = planned.person, planned.quarter
        managers = {p.manager.id: p.manager for p in company.projects.values() if _answers_in(person, p.key, company)}
        for manager in managers.values():
            if manager.slack_id and manager.id != person.id:
                outbox.put(
                    session,
                    key=f"cannot-ask:{person.id}:{quarter}:{manager.id}",
                    kind="notice",
                    subject={
                        "to": manager.slack_id,
                        "name": "cannot-ask",
                        "values": {
                            "person": person.name,
                            "quarter": company.label(quarter),
                            "missing": planned.missing,
                            "away": planned.decision.reason == AWAY,
                        },
                    },
                    now=real_now,
                )


def _answers_in(person: Person, project: str, company: Company) -> bool:
    found = company.projects[project]
    owns = any(m.owner.id == person.id and m.dropped_on is None for m in found.milestones)
    return owns or found.answers_for_budget.id == person.id


def _queue_planned(
    database: Database, load_company: Callable[[Session], Company], now: datetime, real_now: datetime
) -> int:
    """Queue what people planned for an instant that has come: a manager's nudge, or an owner's "remind me later".

    Where the instant has become a bad one meanwhile (the bot was down over night), it is put off to the next good one.
    """
    with database.reading() as session:
        if not ledger.planned(session, now):
            return 0
    queued = 0
    with database.writing() as session:
        company = load_company(session)
        people = people_store.all_people(session)
        for nudge in ledger.planned(session, now):
            planner = Planner(session, company, nudge.quarter, now)
            queued += _settle(session, planner, nudge, people[nudge.person_id], now, real_now)
    return queued


def _settle(
    session: Session, planner: Planner, nudge: Nudge, person: Person, now: datetime, real_now: datetime
) -> bool:
    """Queue one planned nudge, put it off, or skip it; says whether it was queued."""
    good = planner.good_moment(person)
    if good is None or good >= planner.window_of(person).grace_until or person.slack_id is None:
        ledger.settle_planned(session, nudge, NudgeState.SKIPPED, reason=AWAY if good is None else NO_GOOD_MOMENT)
        return False
    if good > now:
        ledger.settle_planned(session, nudge, NudgeState.PLANNED, planned_at=good)
        return False
    key = nudge_key(nudge.person_id, nudge.quarter, nudge.step, nudge.n)
    ledger.settle_planned(session, nudge, NudgeState.QUEUED, message_key=key)
    _put(session, key, nudge.step, real_now)
    return True


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
