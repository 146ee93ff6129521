"""The reporting period: quarters of a fiscal year, working days, and the window in which answers are asked for."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache, total_ordering
from itertools import accumulate
from typing import Self
from zoneinfo import ZoneInfo

from bot.domain.thresholds import Thresholds

_FILE_FORM = re.compile(r"(\d{4})-Q([1-4])")
_PRINTED_FORM = re.compile(r"Q([1-4])[ -]*(?:FY *)?(\d{4})", re.IGNORECASE)


@total_ordering
@dataclass(frozen=True, slots=True)
class Quarter:
    """One quarter of a fiscal year, printed as ``2025-Q3``. The year is the fiscal year's name."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if self.number not in (1, 2, 3, 4):
            raise ValueError(f"a quarter is numbered 1 to 4, not {self.number}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``2025-Q3``; raises ValueError for anything else."""
        match = _FILE_FORM.fullmatch(text.strip().upper())
        if match is None:
            raise ValueError(f'"{text}" is not a quarter; expected YYYY-Qn, such as 2025-Q3')
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def find(cls, text: str) -> Self | None:
        """The quarter that a text names as a whole (``2024-Q1``, ``Q1 2024``, ``Q1 FY2024``), None for other words."""
        stripped = text.strip()
        if match := _FILE_FORM.fullmatch(stripped.upper()):
            return cls(int(match[1]), int(match[2]))
        if match := _PRINTED_FORM.fullmatch(stripped):
            return cls(int(match[2]), int(match[1]))
        return None

    @property
    def next(self) -> Self:
        """The quarter after this one."""
        return self.shifted(1)

    @property
    def previous(self) -> Self:
        """The quarter before this one."""
        return self.shifted(-1)

    def shifted(self, quarters: int) -> Self:
        """This quarter moved by a number of quarters, later when positive."""
        year, index = divmod(self.year * 4 + self.number - 1 + quarters, 4)
        return type(self)(year, index + 1)

    def since(self, other: Quarter) -> int:
        """How many quarters this one is after the other."""
        return (self.year - other.year) * 4 + self.number - other.number

    def __lt__(self, other: Quarter) -> bool:
        return (self.year, self.number) < (other.year, other.number)

    def __str__(self) -> str:
        return f"{self.year:04d}-Q{self.number}"


@dataclass(frozen=True, slots=True)
class FiscalYear:
    """Which months a company's quarters are: its year's first month, and whether the year is named by its end."""

    starts_month: int = 1
    named_by_end: bool = True

    def first_day(self, quarter: Quarter) -> date:
        """The first calendar day of a quarter."""
        starts_earlier = self.starts_month > 1 and self.named_by_end
        months = (quarter.year - starts_earlier) * 12 + self.starts_month - 1 + 3 * (quarter.number - 1)
        return date(months // 12, months % 12 + 1, 1)

    def last_day(self, quarter: Quarter) -> date:
        """The last calendar day of a quarter."""
        return self.first_day(quarter.next) - timedelta(days=1)

    def quarter_of(self, day: date) -> Quarter:
        """The quarter that holds a day."""
        months = day.year * 12 + day.month - self.starts_month
        starts_earlier = self.starts_month > 1 and self.named_by_end
        return Quarter(months // 12 + starts_earlier, months % 12 // 3 + 1)

    def label(self, quarter: Quarter) -> str:
        """The quarter as screens show it: ``Q3 2025``, or ``Q3 FY2026`` where the year is not the calendar's."""
        prefix = "" if self.starts_month == 1 else "FY"
        return f"Q{quarter.number} {prefix}{quarter.year}"


def _never(_: date) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Which days are worked: Monday to Friday, less the days that `is_closed` names (public holidays, closing days)."""

    is_closed: Callable[[date], bool] = field(default=_never)

    def is_working_day(self, day: date) -> bool:
        """Whether people work on this day."""
        return day.weekday() < 5 and not self.is_closed(day)

    def shift(self, day: date, working_days: int) -> date:
        """The working day so many working days after (positive) or before (negative) a day."""
        step = timedelta(days=1 if working_days > 0 else -1)
        left = abs(working_days)
        while left:
            day += step
            left -= self.is_working_day(day)
        return day

    def between(self, earlier: date, later: date) -> int:
        """Working days after the first day up to and including the second; negative when the second comes first."""
        if later < earlier:
            return -self.between(later, earlier)
        whole_years = sum(_worked_in(self, year)[-1] for year in range(earlier.year, later.year))
        return whole_years + self._worked_by(later) - self._worked_by(earlier)

    def _worked_by(self, day: date) -> int:
        return _worked_in(self, day.year)[day.timetuple().tm_yday - 1]


@lru_cache(maxsize=1024)
def _worked_in(calendar: WorkingCalendar, year: int) -> tuple[int, ...]:
    """Working days of a year up to and including each of its days: a portfolio counts between days some 100,000 times."""
    first = date(year, 1, 1)
    days = (first + timedelta(days=n) for n in range((date(year, 12, 31) - first).days + 1))
    return tuple(accumulate(map(calendar.is_working_day, days)))


@dataclass(frozen=True, slots=True)
class ReportingRules:
    """How a quarter is reported (product rule: portfolio `reporting`).

    The numbers count working days and say when answers are asked for; `thresholds` say how the answers are judged.
    """

    due: int = 3
    due_time: time = time(17)
    opens: int = 10
    grace: int = 3
    reminders: tuple[int, ...] = (5, 2)
    hours: tuple[time, time] = (time(9, 30), time(16, 30))
    thresholds: Thresholds = field(default_factory=Thresholds)


@dataclass(frozen=True, slots=True)
class QuarterDates:
    """Dates set by hand for one quarter; what is None follows the rules."""

    opens: date | None = None
    due: date | None = None
    grace: date | None = None


@dataclass(frozen=True, slots=True)
class ReportingWindow:
    """When one quarter's answers are asked for.

    `opens_on` and `due_on` are days in the company's zone; `opens_at` (that day's midnight there), `due_at` and
    `grace_until` are UTC instants.
    """

    quarter: Quarter
    opens_on: date
    opens_at: datetime
    due_on: date
    due_at: datetime
    grace_until: datetime


@lru_cache(maxsize=1024)
def reporting_window(
    quarter: Quarter,
    *,
    fiscal_year: FiscalYear,
    rules: ReportingRules,
    calendar: WorkingCalendar,
    zone: ZoneInfo,
    dates: QuarterDates | None = None,
) -> ReportingWindow:
    """The window of a quarter: due some working days after its last day, opening and grace counted from the due day."""
    own = dates or QuarterDates()
    due_on = own.due or calendar.shift(fiscal_year.last_day(quarter), rules.due)
    opens_on = own.opens or calendar.shift(due_on, -rules.opens)
    grace_on = own.grace or calendar.shift(due_on, rules.grace)
    return ReportingWindow(
        quarter=quarter,
        opens_on=opens_on,
        opens_at=instant(opens_on, time(0), zone),
        due_on=due_on,
        due_at=instant(due_on, rules.due_time, zone),
        grace_until=instant(grace_on, rules.due_time, zone),
    )


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """A wall-clock time as a UTC instant.

    A time that the clocks skip becomes the first minute after the gap; one that comes twice is its first occurrence.
    """
    utc = ZoneInfo("UTC")
    wall = datetime.combine(day, at, tzinfo=zone)
    if wall.astimezone(utc).astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return wall.astimezone(utc)
    return _end_of_gap(wall).astimezone(utc)


def _end_of_gap(wall: datetime) -> datetime:
    """The first existing minute after a wall-clock time that the clocks skip; a gap is at most a few hours long."""
    offset_before = wall.replace(fold=0).utcoffset()
    offset_after = wall.replace(fold=1).utcoffset() or timedelta()
    moment = (wall.replace(tzinfo=None) - offset_after).replace(tzinfo=ZoneInfo("UTC"))
    while moment.astimezone(wall.tzinfo).utcoffset() == offset_before:
        moment += timedelta(minutes=1)
    return moment
