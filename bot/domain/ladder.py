"""The ladder of nudges: when each step is due on a person's own clock, and what is to be done now. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
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
NOTHING_MISSING = "nothing missing"
COLLEAGUE_ASKED = "a colleague was asked to answer; the last call comes if nobody has"
_ABOUT = "@"


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

    `until` is the instant from which it is not worth sending.
    """

    step: str
    at: datetime
    until: datetime

    def about(self, deadline: date) -> Rung:
        """The same step of a deadline that not everybody has: its name in the ledger carries the day."""
        return replace(self, step=f"{self.step}{_ABOUT}{deadline:%m-%d}")


def plain_step(step: str) -> str:
    """A step's name without the deadline that it is about."""
    return step.partition(_ABOUT)[0]


def ladder(window: ReportingWindow, rules: ReportingRules, hours: Hours) -> list[Rung]:
    """The steps of a quarter for one person, in time order; each at the first good moment of its day.

    Days before due are the person's own working days. The last call is on the due day's morning, or at the last good
    moment before. Reminders that would fall on or before the opening, or on or after the deadline, are left out.
    """
    # East of the company the day begins before its window opens.
    start = max(window.opens_at, instant(window.opens_on, time(0), hours.zone))
    opening = Rung("opening", hours.next_moment(start), window.due_at)
    if opening.at >= window.due_at:
        # Nobody may be written to in time: the step comes due as the window opens, and is skipped with that reason.
        return [Rung("opening", start, window.due_at)]
    due_day = window.due_at.astimezone(hours.zone).date()
    days = ((n, hours.calendar.shift(due_day, -n)) for n in sorted(rules.reminders, reverse=True))
    reminders = [Rung(f"reminder-{n}", hours.on_day(day), window.due_at) for n, day in days]
    last_call = max(opening.at, hours.last_before(window.due_at) or opening.at)
    between = (rung for rung in reminders if opening.at < rung.at < window.due_at)
    return [opening, *between, Rung("last-call", last_call, window.due_at)]


def overdue_rung(window: ReportingWindow, hours: Hours) -> Rung:
    """The step after the deadline: on the first working day after the due day, worth sending until the grace ends."""
    due_day = window.due_at.astimezone(hours.zone).date()
    return Rung("overdue", hours.on_day(hours.calendar.shift(due_day, 1)), window.grace_until)


def climb(ladders: Iterable[Sequence[Rung]]) -> list[Rung]:
    """One way up several ladders, which are given in the order of their deadlines, each step in time order.

    From the first step of an earlier deadline to its last call the messages speak of everything, so others have no steps.
    Steps of one name are one step. Of steps at one instant the one that ends first comes last: it is the one that is sent.
    """
    way: dict[str, Rung] = {}
    spoken: list[tuple[datetime, datetime]] = []
    for rungs in ladders:
        for rung in rungs:
            if not any(start <= rung.at < end for start, end in spoken):
                same = way.get(rung.step, rung)
                way[rung.step] = Rung(rung.step, min(same.at, rung.at), max(same.until, rung.until))
        spoken.append((rungs[0].at, max(rung.at for rung in rungs if rung.until == rungs[0].until)))
    by_end = sorted(way.values(), key=lambda rung: rung.until, reverse=True)
    return sorted(by_end, key=lambda rung: rung.at)


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done about a step now, and why; `waits_until` is the good moment (UTC) that one which waits waits for."""

    rung: Rung
    action: Action
    reason: str | None = None
    waits_until: datetime | None = None


def decide(
    rungs: Iterable[Rung], *, is_missing: bool, hours: Hours, now: datetime, presence: Presence = PRESENT
) -> Iterator[Decision]:
    """What to do about those of the open steps that have come due: at most one is sent, the latest of them.

    Earlier ones that were missed (the bot was down) are dropped, since the later one says all they would have said.
    Outside their hours, in do-not-disturb or while away a person's step waits; where no good moment is left, it is skipped.
    """
    pending = [rung for rung in rungs if rung.at <= now]
    if not pending:
        return
    good = first_good(now, presence, hours.next_moment)
    latest = next((rung for rung in reversed(pending) if now < rung.until), pending[-1])
    for rung in pending:
        if rung is not latest:
            yield _decide_missed(rung, latest, is_missing=is_missing, now=now, good=good)
    yield _decide_latest(latest, is_missing=is_missing, now=now, good=good)


def foresee(
    rungs: Sequence[Rung], *, is_missing: bool, hours: Hours, presence: Presence = PRESENT
) -> Iterator[Decision]:
    """What will be decided about each open step as it comes due, if nobody answers and presence stays what it is now."""
    for rung, following in zip_longest(rungs, rungs[1:]):
        good = first_good(rung.at, presence, hours.next_moment)
        decision = _decide_latest(rung, is_missing=is_missing, now=rung.at, good=good)
        sent_at = decision.waits_until or rung.at
        if following and decision.action in (Action.SEND, Action.WAIT) and following.at <= sent_at:
            decision = Decision(rung, Action.DROP, f"replaced by {following.step}")
        yield decision


def _decide_missed(rung: Rung, latest: Rung, *, is_missing: bool, now: datetime, good: datetime | None) -> Decision:
    """A later step says what an earlier one would have said, unless it has to wait beyond the earlier one's deadline."""
    comes_too_late = good is not None and now < rung.until <= good < latest.until
    if is_missing and comes_too_late:
        return Decision(rung, Action.SKIP, NO_GOOD_MOMENT)
    return Decision(rung, Action.DROP, f"replaced by {latest.step}")


def _decide_latest(rung: Rung, *, is_missing: bool, now: datetime, good: datetime | None) -> Decision:
    if not is_missing:
        return Decision(rung, Action.SKIP, NOTHING_MISSING)
    if now >= rung.until:
        return Decision(rung, Action.DROP, "the deadline has passed")
    if good is None:
        return Decision(rung, Action.SKIP, AWAY)
    if good >= rung.until:
        return Decision(rung, Action.SKIP, NO_GOOD_MOMENT)
    return Decision(rung, Action.SEND) if good == now else Decision(rung, Action.WAIT, waits_until=good)
