"""The ladder of nudges: when each step is due on a person's own clock, and what is to be done now. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import zip_longest
from zoneinfo import ZoneInfo

from bot.domain.presence import PRESENT, Presence, first_good
from bot.domain.quarter import ReportingRules, ReportingWindow, WorkingCalendar, instant


class Action(StrEnum):
    """What is to be done about a step that has come due."""

    SEND = "send"
    WAIT = "wait"  # until the person's next working hours
    SKIP = "skip"
    DROP = "drop"


AWAY = "away, and no end is known"
NO_GOOD_MOMENT = "no good moment before the deadline"


@dataclass(frozen=True, slots=True)
class Hours:
    """When a person may be written to: from `opens` until before `closes`, on working days, in their own zone."""

    zone: ZoneInfo
    calendar: WorkingCalendar
    opens: time
    closes: time

    def next_moment(self, moment: datetime) -> datetime:
        """The first instant (UTC) at or after a moment that lies in the person's hours."""
        day = moment.astimezone(self.zone).date()
        while True:
            if self.calendar.is_working_day(day):
                opens, closes = self._of(day)
                if moment < closes:
                    return max(moment, opens)
            day += timedelta(days=1)

    def on_day(self, day: date) -> datetime:
        """The first good moment on a day, or on the next working day after it."""
        return self.next_moment(instant(day, time(0), self.zone))

    def last_before(self, moment: datetime) -> datetime | None:
        """The start of the last working hours that begin before a moment; None where the month before has none."""
        day = moment.astimezone(self.zone).date()
        for _ in range(31):
            opens, _closes = self._of(day)
            if self.calendar.is_working_day(day) and opens < moment:
                return opens
            day -= timedelta(days=1)
        return None

    def _of(self, day: date) -> tuple[datetime, datetime]:
        return instant(day, self.opens, self.zone), instant(day, self.closes, self.zone)


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of one person's ladder: its name in the ledger and the instant (UTC) at which it is due.

    `until` is the instant from which it is not worth sending; None for the deadline itself.
    """

    step: str
    at: datetime
    until: datetime | None = None


def ladder(window: ReportingWindow, rules: ReportingRules, hours: Hours) -> list[Rung]:
    """The steps of a quarter for one person, in time order; each at the first good moment of its day.

    Days before due are the person's own working days. The last call is on the due day's morning, or at the last good
    moment before. Reminders that would fall on or before the opening, or on or after the deadline, are left out.
    """
    # East of the company the day begins before its window opens.
    start = max(window.opens_at, instant(window.opens_on, time(0), hours.zone))
    opening = Rung("opening", hours.next_moment(start))
    if opening.at >= window.due_at:
        # Nobody may be written to in time: the step comes due as the window opens, and is skipped with that reason.
        return [Rung("opening", start)]
    due_day = window.due_at.astimezone(hours.zone).date()
    days = ((n, hours.calendar.shift(due_day, -n)) for n in sorted(rules.reminders, reverse=True))
    reminders = [Rung(f"reminder-{n}", hours.on_day(day)) for n, day in days]
    last_call = max(opening.at, hours.last_before(window.due_at) or opening.at)
    between = (rung for rung in reminders if opening.at < rung.at < window.due_at)
    return [opening, *between, Rung("last-call", last_call)]


def overdue_rung(window: ReportingWindow, hours: Hours) -> Rung:
    """The step after the deadline: on the first working day after the due day, worth sending until the grace ends."""
    due_day = window.due_at.astimezone(hours.zone).date()
    return Rung("overdue", hours.on_day(hours.calendar.shift(due_day, 1)), window.grace_until)


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done about a step now, and why; `waits_until` is the good moment (UTC) that one which waits waits for."""

    rung: Rung
    action: Action
    reason: str | None = None
    waits_until: datetime | None = None


def decide(
    rungs: Collection[Rung],
    *,
    settled: Collection[str],
    is_missing: bool,
    due_at: datetime,
    hours: Hours,
    now: datetime,
    presence: Presence = PRESENT,
) -> Iterator[Decision]:
    """What to do about the steps that have come due and are not settled: at most one is sent, the latest of them.

    Earlier ones that were missed (the bot was down) are dropped, since the later one says all they would have said.
    Outside their hours, in do-not-disturb or while away a person's step waits; where no good moment is left, it is skipped.
    """
    pending = [rung for rung in rungs if rung.at <= now and rung.step not in settled]
    if not pending:
        return
    *missed, latest = pending
    for rung in missed:
        yield Decision(rung, Action.DROP, f"replaced by {latest.step}")
    yield _decide_latest(
        latest,
        is_missing=is_missing,
        until=latest.until or due_at,
        now=now,
        good=first_good(now, presence, hours.next_moment),
    )


def foresee(
    rungs: Sequence[Rung],
    *,
    is_missing: bool,
    due_at: datetime,
    hours: Hours,
    presence: Presence = PRESENT,
) -> Iterator[Decision]:
    """What will be decided about each step as it comes due, if nobody answers and presence stays what it is now."""
    for rung, following in zip_longest(rungs, rungs[1:]):
        good = first_good(rung.at, presence, hours.next_moment)
        decision = _decide_latest(rung, is_missing=is_missing, until=rung.until or due_at, now=rung.at, good=good)
        sent_at = decision.waits_until or rung.at
        if following and decision.action in (Action.SEND, Action.WAIT) and following.at <= sent_at:
            decision = Decision(rung, Action.DROP, f"replaced by {following.step}")
        yield decision


def _decide_latest(rung: Rung, *, is_missing: bool, until: datetime, now: datetime, good: datetime | None) -> Decision:
    if not is_missing:
        return Decision(rung, Action.SKIP, "nothing missing")
    if now >= until:
        return Decision(rung, Action.DROP, "the deadline has passed")
    if good is None:
        return Decision(rung, Action.SKIP, AWAY)
    if good >= until:
        return Decision(rung, Action.SKIP, NO_GOOD_MOMENT)
    return Decision(rung, Action.SEND) if good == now else Decision(rung, Action.WAIT, waits_until=good)
