"""The ladder of nudges: when each step is due on a person's own clock, and what is to be done now. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.quarter import ReportingRules, ReportingWindow, WorkingCalendar, instant


class Action(StrEnum):
    """What is to be done about a step that has come due."""

    SEND = "send"
    WAIT = "wait"  # until the person's next working hours
    SKIP = "skip"
    DROP = "drop"


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
    """One step of one person's ladder: its name in the ledger and the instant (UTC) at which it is due."""

    step: str
    at: datetime


def ladder(window: ReportingWindow, rules: ReportingRules, hours: Hours) -> list[Rung]:
    """The steps of a quarter for one person, in time order; each at the first good moment of its day.

    Days before due are the person's own working days. The last call is on the due day's morning, or at the last good
    moment before; a step that would fall on or after the deadline is left out (the last call stands for it).
    """
    due_day = window.due_at.astimezone(hours.zone).date()
    days = [("opening", window.opens_on)]
    days += [(f"reminder-{n}", hours.calendar.shift(due_day, -n)) for n in sorted(rules.reminders, reverse=True)]
    rungs = [Rung(step, hours.on_day(day)) for step, day in days]
    last_call = hours.last_before(window.due_at)
    if last_call is not None:
        rungs.append(Rung("last-call", max(last_call, rungs[0].at)))
    return sorted((rung for rung in rungs if rung.at < window.due_at), key=lambda rung: rung.at)


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done about a step now, and why."""

    rung: Rung
    action: Action
    reason: str | None = None


def decide(
    rungs: Collection[Rung],
    *,
    settled: Collection[str],
    is_missing: bool,
    due_at: datetime,
    hours: Hours,
    now: datetime,
) -> Iterator[Decision]:
    """What to do about the steps that have come due and are not settled: at most one is sent, the latest of them.

    Earlier ones that were missed (the bot was down) are dropped, since the later one says all they would have said.
    """
    pending = [rung for rung in rungs if rung.at <= now and rung.step not in settled]
    if not pending:
        return
    *missed, latest = pending
    for rung in missed:
        yield Decision(rung, Action.DROP, f"replaced by {latest.step}")
    if not is_missing:
        yield Decision(latest, Action.SKIP, "nothing missing")
    elif now >= due_at:
        yield Decision(latest, Action.DROP, "the deadline has passed")
    elif (moment := hours.next_moment(now)) > now:
        late = moment >= due_at
        yield Decision(
            latest, Action.SKIP if late else Action.WAIT, "no good moment before the deadline" if late else None
        )
    else:
        yield Decision(latest, Action.SEND)
