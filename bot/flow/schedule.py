"""Schedule: what is due now, from the database and the clock alone. Safe to run twice, safe to miss."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.domain.ladder import AWAY, NO_GOOD_MOMENT, Action, Decision, Rung
from bot.domain.project import Person
from bot.domain.quarter import Quarter
from bot.flow.ask import MANAGER_STEPS, step_kind
from bot.flow.company import Company
from bot.flow.messages import Notice
from bot.flow.moment import Moment
from bot.flow.notices import tell
from bot.flow.planner import Planner
from bot.flow.snooze import SNOOZED
from bot.store import ledger, outbox
from bot.store import people as people_store
from bot.store.ledger import Nudge, NudgeState
from bot.store.session import Database

logger = logging.getLogger(__name__)

_STATES = {Action.SEND: NudgeState.QUEUED, Action.SKIP: NudgeState.SKIPPED, Action.DROP: NudgeState.DROPPED}
_BATCH = 100  # people in one transaction: short enough that an answer never waits for a campaign
_SOON = timedelta(minutes=30)
_WRITING = (Action.SEND, Action.WAIT)
_CANNOT_ASK = (AWAY, NO_GOOD_MOMENT)
NO_ACCOUNT = "no Slack account was found"
T = TypeVar("T")


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
    moment = Moment(now, real_now)
    with database.reading() as session:
        company = load_company(session)
        plan = [p for p in plan_nudges(session, company, now) if p.decision.action is not Action.WAIT]
        told = {p.person.id: p.decision.rung.step for p in plan if p.decision.action is Action.SEND}
        on_request = list(_settled(session, company, told, now))
    queued = sum(_write(database, company, batch, moment) for batch in _batches(plan))
    queued += sum(_settle(database, batch, real_now) for batch in _batches(on_request))
    if plan or on_request:
        logger.info("tick due=%d on_request=%d queued=%d", len(plan), len(on_request), queued)
    return queued


def _batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[start : start + _BATCH] for start in range(0, len(items), _BATCH))


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
    """The instants in (start, end] at which a step comes due or a message stops waiting: a moved clock stops at each."""
    moments = set(outbox.held_until(session))
    for moment, planned in forecast_plan(session, company, start, end + timedelta(seconds=1)):
        moments |= {moment, planned.decision.waits_until or moment}
    return sorted(moment for moment in moments if start < moment <= end)


def due_soon(session: Session, company: Company, now: datetime) -> list[str]:
    """The accounts for which a step has come or comes within half an hour: whose do-not-disturb is worth asking for.

    Slack tells of so few at a time that asking begins before a step comes due; those whose message waits come first.
    """
    soon = now + _SOON
    planned = plan_nudges(session, company, soon)
    found = [*ledger.waiting_accounts(session, soon)]
    found += [p.person.slack_id for p in planned if p.decision.action in _WRITING and p.person.slack_id]
    return list(dict.fromkeys(found))


def nudge_key(person_id: int, quarter: Quarter, step: str, n: int) -> str:
    """The business key of a nudge's message: nobody is asked twice for the same step."""
    return f"nudge:{person_id}:{quarter}:{step}:{n}"


def _as_it_is(_: Person, decision: Decision) -> Decision:
    return decision


def _reachable(person: Person, decision: Decision) -> Decision:
    if decision.action is Action.SEND and person.slack_id is None:
        return Decision(decision.rung, Action.SKIP, NO_ACCOUNT)
    return decision


def _write(database: Database, company: Company, batch: Sequence[PlannedNudge], moment: Moment) -> int:
    """Record a batch of the plan; returns how many of its nudges were queued."""
    sends = [planned for planned in batch if planned.decision.action is Action.SEND]
    try:
        with database.writing() as session:
            ledger.add(session, map(_ledger_row, batch))
            _put(session, ((planned.message_key, planned.decision.rung.step) for planned in sends), moment.real)
            _tell_whom_nobody_asked(session, company, batch, moment)
    except IntegrityError:
        # Another replica planned the same steps first; what is left is planned again at the next tick.
        logger.info("tick batch was planned elsewhere size=%d", len(batch))
        return 0
    return len(sends)


def _put(session: Session, messages: Iterable[tuple[str, str]], real_now: datetime) -> None:
    """Queue messages by their keys and steps."""
    outbox.put_all(
        session,
        [
            (key, step, {}) if step in MANAGER_STEPS else (key, "nudge", {"step": step_kind(step)})
            for key, step in messages
        ],
        now=real_now,
    )


def _tell_whom_nobody_asked(session: Session, company: Company, batch: Iterable[PlannedNudge], moment: Moment) -> None:
    """Nobody is forgotten: where no good moment was left to ask somebody, their managers are told, once a quarter."""
    for planned in batch:
        if planned.decision.reason not in _CANNOT_ASK or planned.decision.rung.step in MANAGER_STEPS:
            continue
        person, quarter = planned.person, planned.quarter
        values = {
            "person": person.name,
            "quarter": company.label(quarter),
            "missing": planned.missing,
            "away": planned.decision.reason == AWAY,
        }
        managers = {p.manager.id: p.manager for p in company.live_projects_by_person.get(person.id, ())}
        for manager in managers.values():
            if manager.id != person.id:
                key = f"cannot-ask:{person.id}:{quarter}:{manager.id}"
                tell(session, company, manager, Notice(key, "cannot-ask", values), moment)


def _settled(session: Session, company: Company, told: dict[int, str], now: datetime) -> Iterator[Nudge]:
    """What becomes of nudges that people planned for an instant that has come: a manager's, or a "remind me later".

    Where the instant has become a bad one meanwhile (the bot was down over night), it is put off to the next good one.
    `told` are the steps that this tick sends anyway, by person (our row): nobody gets two messages at once.
    """
    come = ledger.planned(session, now)
    people = people_store.all_people(session) if come else {}
    planners = {quarter: Planner(session, company, quarter, now) for quarter in {nudge.quarter for nudge in come}}
    told = dict(told)
    for nudge in come:
        settled = _settled_one(planners[nudge.quarter], nudge, people[nudge.person_id], told, now)
        if settled.state is NudgeState.QUEUED:
            told[nudge.person_id] = nudge.step
        yield settled


def _settled_one(planner: Planner, nudge: Nudge, person: Person, told: Mapping[int, str], now: datetime) -> Nudge:
    """One planned nudge as it stands after this tick: queued, put off, skipped, or replaced."""
    if person.id in told:
        return replace(nudge, state=NudgeState.DROPPED, reason=f"replaced by {told[person.id]}")
    good = planner.good_moment(person)
    window = planner.window_of(person)
    until = window.due_at if nudge.step == SNOOZED else window.grace_until
    if person.slack_id is None:
        return replace(nudge, state=NudgeState.SKIPPED, reason=NO_ACCOUNT)
    if good is None or good >= until:
        return replace(nudge, state=NudgeState.SKIPPED, reason=AWAY if good is None else NO_GOOD_MOMENT)
    if good > now:
        return replace(nudge, planned_at=good)
    key = nudge_key(nudge.person_id, nudge.quarter, nudge.step, nudge.n)
    return replace(nudge, state=NudgeState.QUEUED, message_key=key)


def _settle(database: Database, batch: Sequence[Nudge], real_now: datetime) -> int:
    """Record what became of planned nudges; returns how many were queued."""
    with database.writing() as session:
        settled = [nudge for nudge in batch if ledger.settle_planned(session, nudge)]
        queued = [(nudge.message_key or "", nudge.step) for nudge in settled if nudge.state is NudgeState.QUEUED]
        _put(session, queued, real_now)
    return len(queued)


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
