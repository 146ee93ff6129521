"""Schedule: what is due now, from the database and the clock alone. Safe to run twice, safe to miss."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy.orm import Session

from bot.domain.ladder import AWAY, NO_GOOD_MOMENT, Action, Decision, Rung, plain_step
from bot.domain.project import Person
from bot.domain.quarter import Quarter
from bot.flow.ask.ask import note_retired, old_cards, retire_cards, step_kind, tells_only
from bot.flow.ask.notices import tell
from bot.flow.company import Company
from bot.flow.messages import Notice
from bot.flow.moment import Moment
from bot.flow.schedule.deputies import NOBODY, Stead, ask_deputy, stead_of
from bot.flow.schedule.planner import Planner
from bot.flow.schedule.reach import Reach
from bot.flow.schedule.snooze import SNOOZED
from bot.store import ledger, outbox
from bot.store.ledger import Nudge, NudgeState
from bot.store.session import Database

logger = logging.getLogger(__name__)

_STATES = {Action.SEND: NudgeState.QUEUED, Action.SKIP: NudgeState.SKIPPED, Action.DROP: NudgeState.DROPPED}
_BATCH = 100  # people in one transaction: short enough that an answer never waits for a campaign
_SOON = timedelta(minutes=30)
_CANNOT_ASK = (AWAY, NO_GOOD_MOMENT)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PlannedNudge:
    """One line of the plan: who, which step, when it is due, and what is to be done about it at the moment of planning.

    `stead` is who answers where the person cannot be asked.
    """

    person: Person
    quarter: Quarter
    decision: Decision
    missing: int
    n: int = 0
    stead: Stead = NOBODY

    @property
    def reason(self) -> str | None:
        """Why nothing is sent, and who is asked instead."""
        return self.stead.explain(self.decision.reason)

    @property
    def reaches_nobody(self) -> bool:
        """Whether the step asks somebody who cannot be asked, and nobody in their place."""
        is_lost = self.decision.reason in _CANNOT_ASK and not tells_only(self.decision.rung.step)
        return is_lost and self.stead == NOBODY

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
    queued += sum(_settle(database, batch, moment) for batch in _batches(on_request))
    if plan or on_request:
        logger.info("tick due=%d on_request=%d queued=%d", len(plan), len(on_request), queued)
    _retire(database, company, moment)
    return queued


def _retire(database: Database, company: Company, moment: Moment) -> None:
    """After a campaign, take the buttons off the messages of the quarter before that no new one has replaced."""
    with database.reading() as session:
        found = old_cards(session, company, moment.now)
    if found is None:
        return
    quarter, cards = found
    for batch in _batches(cards):
        with database.writing() as session:
            retire_cards(session, batch, moment.real)
    with database.writing() as session:
        note_retired(session, quarter, moment.now)
    logger.info("retired quarter=%s messages=%d", quarter, len(cards))


def _batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[start : start + _BATCH] for start in range(0, len(items), _BATCH))


def plan_nudges(
    session: Session, company: Company, now: datetime, *, assumes_accounts: bool = False
) -> Iterator[PlannedNudge]:
    """What is to be done now, person by person. Reads only.

    `assumes_accounts` plans for people whose Slack accounts have not been looked for yet as if they had one.
    """
    reach = Reach(session, assumes_accounts=assumes_accounts)
    for quarter in company.opened_quarters(now):
        planner = Planner(session, company, quarter, now)
        for person, decision, missing in planner.due():
            nudge = PlannedNudge(person, quarter, reach.judged(person, decision), missing)
            yield _with_stead(company, planner, reach, nudge, now)


def forecast_plan(
    session: Session, company: Company, start: datetime, end: datetime, *, assumes_accounts: bool = False
) -> Iterator[tuple[datetime, PlannedNudge]]:
    """Every open step that falls into [start, end), as it would be planned if nobody answered meanwhile. Reads only."""
    found: list[tuple[datetime, PlannedNudge]] = []
    reach = Reach(session, assumes_accounts=assumes_accounts)
    quarter, last = company.opened_quarters(start)[0], company.opened_quarters(end)[-1]
    while quarter <= last:
        planner = Planner(session, company, quarter, start)
        for person, decision, missing in planner.foreseen(start, end):
            at, nudge = decision.rung.at, PlannedNudge(person, quarter, reach.judged(person, decision), missing)
            found.append((at, _with_stead(company, planner, reach, nudge, at)))
        quarter = quarter.next
    found += ((nudge.decision.rung.at, nudge) for nudge in _on_request(session, company, start, end))
    yield from sorted(found, key=lambda pair: (pair[0], pair[1].person.id))


def _with_stead(company: Company, planner: Planner, reach: Reach, nudge: PlannedNudge, at: datetime) -> PlannedNudge:
    """A line of the plan with who answers instead, where its person cannot be asked."""
    if not nudge.reaches_nobody:
        return nudge
    stead = stead_of(company, planner, reach, nudge.person, at, nudge.decision.rung.until)
    return replace(nudge, stead=stead)


def _on_request(session: Session, company: Company, start: datetime, end: datetime) -> Iterator[PlannedNudge]:
    """What people themselves put into the plan for [start, end): a "remind me later", a manager's nudge."""
    waiting = [nudge for nudge in ledger.planned(session, end) if start <= nudge.planned_at < end]
    planners = {quarter: Planner(session, company, quarter, start) for quarter in {n.quarter for n in waiting}}
    reach = Reach(session)
    for nudge in waiting:
        person = company.people[nudge.person_id]
        planner = planners[nudge.quarter]
        rung = Rung(nudge.step, nudge.planned_at, planner.window_of(person).grace_until)
        decision = reach.judged(person, Decision(rung, Action.SEND))
        missing = planner.items_missing(person) or 0
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
    planners = (Planner(session, company, quarter, now) for quarter in company.opened_quarters(soon))
    coming = (person.slack_id for planner in planners for person in planner.coming(soon) if person.slack_id)
    return list(dict.fromkeys([*ledger.waiting_accounts(session, soon), *coming]))


def nudge_key(person_id: int, quarter: Quarter, step: str, n: int) -> str:
    """The business key of a nudge's message: nobody is asked twice for the same step."""
    return f"nudge:{person_id}:{quarter}:{step}:{n}"


def _write(database: Database, company: Company, batch: Sequence[PlannedNudge], moment: Moment) -> int:
    """Record a batch of the plan; returns how many of its nudges were queued."""
    with database.writing() as session:
        rows = {nudge.message_key: _ledger_row(nudge) for nudge in batch}
        added = ledger.add(session, list(rows.values()), at=moment.now)  # not what another replica planned first
        queued = [(nudge.message_key or "", nudge.step) for nudge in added if nudge.state is NudgeState.QUEUED]
        _put(session, queued, moment.real)
        _ask_others(session, company, [nudge for nudge in batch if rows[nudge.message_key] in added], moment)
    return len(queued)


def _put(session: Session, messages: Iterable[tuple[str, str]], real_now: datetime) -> None:
    """Queue messages by their keys and steps."""
    outbox.put_all(
        session,
        [
            (key, plain_step(step), {}) if tells_only(step) else (key, "nudge", {"step": step_kind(step)})
            for key, step in messages
        ],
        now=real_now,
    )


def _ask_others(session: Session, company: Company, nudges: Iterable[PlannedNudge], moment: Moment) -> None:
    """Nobody is forgotten: in place of those who could not be asked their deputies are, or their managers hear it."""
    for nudge in nudges:
        if nudge.stead.deputy:
            ask_deputy(session, company, nudge.person, nudge.stead.deputy, nudge.quarter, moment)
        elif nudge.reaches_nobody:
            _tell_managers(session, company, nudge.person, nudge.quarter, nudge.decision.reason, moment)


def ask_others(session: Session, company: Company, nudge: Nudge, moment: Moment) -> None:
    """The same for one whose person went away after it was planned."""
    person = company.people.get(nudge.person_id)
    if person is None:
        return
    planner = Planner(session, company, nudge.quarter, moment.now)
    until = planner.window_of(person).due_at
    stead = stead_of(company, planner, Reach(session), person, moment.now, until)
    if stead.deputy:
        ask_deputy(session, company, person, stead.deputy, nudge.quarter, moment)
    elif not stead.co_owners:
        _tell_managers(session, company, person, nudge.quarter, nudge.reason, moment)


def _tell_managers(
    session: Session, company: Company, person: Person, quarter: Quarter, reason: str | None, moment: Moment
) -> None:
    """The managers of somebody who could not be asked before the deadline hear it, once a quarter."""
    waiting = Planner(session, company, quarter, moment.now, only=person).projects_waiting(person)
    for manager in {project.manager.id: project.manager for project in waiting}.values():
        if manager.id == person.id:
            continue
        values = {
            "person": person.name,
            "quarter": company.label(quarter),
            "missing": sum(project.manager.id == manager.id for project in waiting),
            "away": reason == AWAY,
        }
        key = f"cannot-ask:{person.id}:{quarter}:{manager.id}"
        tell(session, company, manager, Notice(key, "cannot-ask", values), moment)


def _settled(session: Session, company: Company, told: dict[int, str], now: datetime) -> Iterator[Nudge]:
    """What becomes of nudges that people planned for an instant that has come: a manager's, or a "remind me later".

    Where the instant has become a bad one meanwhile (the bot was down over night), it is put off to the next good one.
    `told` are the steps that this tick sends anyway, by person (our row): nobody gets two messages at once.
    """
    come = ledger.planned(session, now)
    planners = {quarter: Planner(session, company, quarter, now) for quarter in {nudge.quarter for nudge in come}}
    told, reach = dict(told), Reach(session)
    for nudge in come:
        person = company.people[nudge.person_id]
        settled = _settled_one(planners[nudge.quarter], nudge, person, told, reach.why_not(person), now)
        if settled.state is NudgeState.QUEUED:
            told[nudge.person_id] = nudge.step
        yield settled


def _settled_one(
    planner: Planner, nudge: Nudge, person: Person, told: Mapping[int, str], why_not: str | None, now: datetime
) -> Nudge:
    """One planned nudge as it stands after this tick: queued, put off, skipped, or replaced."""
    if person.id in told:
        return replace(nudge, state=NudgeState.DROPPED, reason=f"replaced by {told[person.id]}")
    good = planner.good_moment(person)
    window = planner.window_of(person)
    until = window.due_at if nudge.step == SNOOZED else window.grace_until
    if why_not:
        return replace(nudge, state=NudgeState.SKIPPED, reason=why_not)
    if good is None or good >= until:
        return replace(nudge, state=NudgeState.SKIPPED, reason=AWAY if good is None else NO_GOOD_MOMENT)
    if good > now:
        return replace(nudge, planned_at=good)
    key = nudge_key(nudge.person_id, nudge.quarter, nudge.step, nudge.n)
    return replace(nudge, state=NudgeState.QUEUED, message_key=key)


def _settle(database: Database, batch: Sequence[Nudge], moment: Moment) -> int:
    """Record what became of planned nudges; returns how many were queued."""
    with database.writing() as session:
        settled = [nudge for nudge in batch if ledger.settle_planned(session, nudge, at=moment.now)]
        queued = [(nudge.message_key or "", nudge.step) for nudge in settled if nudge.state is NudgeState.QUEUED]
        _put(session, queued, moment.real)
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
        reason=planned.reason,
        message_key=planned.message_key if decision.action is Action.SEND else None,
    )
