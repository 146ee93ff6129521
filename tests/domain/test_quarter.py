"""Quarters of every fiscal year, working days, and instants where clocks are moved."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.quarter import FiscalYear, Quarter, WorkingCalendar, instant

FISCAL_YEARS = st.builds(FiscalYear, st.integers(1, 12), st.booleans())
DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))
QUARTERS = st.builds(Quarter, st.integers(1990, 2100), st.integers(1, 4))
CALENDARS = st.sets(st.dates(date(2025, 1, 1), date(2025, 12, 31)), max_size=40).map(
    lambda closed: WorkingCalendar(closed.__contains__)
)
YEAR = st.dates(date(2025, 1, 1), date(2025, 12, 31))


@given(FISCAL_YEARS, DAYS)
def test_every_day_lies_in_exactly_one_quarter(fiscal_year: FiscalYear, day: date) -> None:
    quarter = fiscal_year.quarter_of(day)
    holding = [
        near
        for near in (quarter.shifted(n) for n in range(-5, 6))
        if fiscal_year.first_day(near) <= day <= fiscal_year.last_day(near)
    ]
    assert holding == [quarter]


@given(FISCAL_YEARS, QUARTERS)
def test_quarters_follow_each_other_without_gap_and_last_three_months(
    fiscal_year: FiscalYear, quarter: Quarter
) -> None:
    first, last = fiscal_year.first_day(quarter), fiscal_year.last_day(quarter)
    assert first.day == 1
    assert last + timedelta(days=1) == fiscal_year.first_day(quarter.next)
    assert (last.year - first.year) * 12 + last.month - first.month == 2
    assert fiscal_year.quarter_of(first) == fiscal_year.quarter_of(last) == quarter


@given(QUARTERS, st.integers(-50, 50))
def test_next_and_previous_undo_each_other(quarter: Quarter, steps: int) -> None:
    assert quarter.next.previous == quarter.previous.next == quarter
    assert quarter.shifted(steps).shifted(-steps) == quarter
    assert quarter.shifted(steps).since(quarter) == steps
    assert (quarter.shifted(steps) > quarter) == (steps > 0)


@given(st.integers(1, 12), QUARTERS)
def test_a_year_is_named_by_the_calendar_year_in_which_it_ends_or_starts(starts: int, quarter: Quarter) -> None:
    year = Quarter(quarter.year, 1)
    by_end, by_start = FiscalYear(starts, named_by_end=True), FiscalYear(starts, named_by_end=False)
    assert by_end.last_day(year.shifted(3)).year == quarter.year
    assert by_start.first_day(year).year == quarter.year


@pytest.mark.parametrize(
    ("fiscal_year", "day", "quarter"),
    [
        (FiscalYear(), date(2025, 12, 31), Quarter(2025, 4)),
        (FiscalYear(10), date(2025, 10, 1), Quarter(2026, 1)),
        (FiscalYear(10, named_by_end=False), date(2025, 9, 30), Quarter(2024, 4)),
        (FiscalYear(4, named_by_end=False), date(2025, 3, 31), Quarter(2024, 4)),
        (FiscalYear(2), date(2025, 1, 31), Quarter(2025, 4)),
    ],
)
def test_known_days_of_known_fiscal_years(fiscal_year: FiscalYear, day: date, quarter: Quarter) -> None:
    assert fiscal_year.quarter_of(day) == quarter


def test_labels_name_the_fiscal_year_only_where_it_is_not_the_calendar_year() -> None:
    assert FiscalYear().label(Quarter(2025, 3)) == "Q3 2025"
    assert FiscalYear(10).label(Quarter(2026, 3)) == "Q3 FY2026"


@given(FISCAL_YEARS, QUARTERS)
def test_a_quarter_is_read_back_from_every_way_it_is_printed(fiscal_year: FiscalYear, quarter: Quarter) -> None:
    assert Quarter.parse(str(quarter)) == quarter
    assert Quarter.find(str(quarter)) == quarter
    assert Quarter.find(fiscal_year.label(quarter)) == quarter


@pytest.mark.parametrize("text", ["2025-Q5", "2025Q3", "Q3 2025", "25-Q3", "", "2025-Q3 and more"])
def test_other_words_are_not_a_quarter_of_a_file(text: str) -> None:
    with pytest.raises(ValueError, match="2025-Q3"):
        Quarter.parse(text)


@pytest.mark.parametrize("text", ["January 2024", "before Q1 2024", "Q5 2024", "2024", "Q1"])
def test_words_that_only_mention_a_quarter_are_words(text: str) -> None:
    assert Quarter.find(text) is None


@pytest.mark.parametrize("number", [0, 5, -1])
def test_there_is_no_fifth_quarter(number: int) -> None:
    with pytest.raises(ValueError, match="1 to 4"):
        Quarter(2025, number)


@given(CALENDARS, YEAR, st.integers(1, 30))
def test_shifting_forward_is_undone_by_counting(calendar: WorkingCalendar, day: date, count: int) -> None:
    later = calendar.shift(day, count)
    assert calendar.is_working_day(later)
    assert calendar.between(day, later) == count


@given(CALENDARS, YEAR, st.integers(1, 30))
def test_shifting_back_from_a_working_day_is_undone_by_shifting_forward(
    calendar: WorkingCalendar, day: date, count: int
) -> None:
    start = calendar.shift(day, 1)
    earlier = calendar.shift(start, -count)
    assert calendar.is_working_day(earlier)
    assert calendar.shift(earlier, count) == start
    assert calendar.between(start, earlier) == -count


@given(CALENDARS, YEAR, YEAR)
def test_counting_there_and_back_differs_in_sign_alone(calendar: WorkingCalendar, one: date, other: date) -> None:
    assert calendar.between(one, other) == -calendar.between(other, one)


@given(CALENDARS, st.dates(date(2019, 12, 1), date(2026, 2, 1)), st.integers(0, 1_200))
def test_working_days_between_two_days_are_those_one_counts_off(
    calendar: WorkingCalendar, start: date, length: int
) -> None:
    days = [start + timedelta(days=n + 1) for n in range(length)]
    assert calendar.between(start, start + timedelta(days=length)) == sum(map(calendar.is_working_day, days))


def test_weekends_and_closed_days_are_not_worked() -> None:
    calendar = WorkingCalendar({date(2025, 12, 24), date(2025, 12, 25)}.__contains__)
    assert calendar.shift(date(2025, 12, 23), 1) == date(2025, 12, 26)
    assert calendar.shift(date(2025, 12, 29), -1) == date(2025, 12, 26)
    assert calendar.between(date(2025, 12, 23), date(2025, 12, 29)) == 2
    assert calendar.shift(date(2025, 12, 25), 0) == date(2025, 12, 25)


@pytest.mark.parametrize(
    ("zone", "day", "at", "utc"),
    [
        # New York skips 02:00 to 03:00: the first minute after the gap is 03:00 summer time.
        ("America/New_York", date(2025, 3, 9), time(2, 30), "2025-03-09T07:00Z"),
        # ... and shows 01:30 twice: the first is summer time.
        ("America/New_York", date(2025, 11, 2), time(1, 30), "2025-11-02T05:30Z"),
        # Lord Howe moves by half an hour: 02:00 to 02:30 is skipped, 01:30 to 02:00 comes twice.
        ("Australia/Lord_Howe", date(2025, 10, 5), time(2, 10), "2025-10-04T15:30Z"),
        ("Australia/Lord_Howe", date(2025, 4, 6), time(1, 45), "2025-04-05T14:45Z"),
        # Days that have no midnight begin at 01:00.
        ("America/Santiago", date(2025, 9, 7), time(0), "2025-09-07T04:00Z"),
        ("Asia/Beirut", date(2025, 3, 30), time(0, 30), "2025-03-29T22:00Z"),
        # Morocco goes back for Ramadan (02:30 comes twice) and forward after it (02:30 is skipped).
        ("Africa/Casablanca", date(2025, 2, 23), time(2, 30), "2025-02-23T01:30Z"),
        ("Africa/Casablanca", date(2025, 4, 6), time(2, 30), "2025-04-06T02:00Z"),
        # Samoa had no 30 December 2011 at all.
        ("Pacific/Apia", date(2011, 12, 30), time(12), "2011-12-30T10:00Z"),
        ("Asia/Tokyo", date(2025, 4, 1), time(8, 30), "2025-03-31T23:30Z"),
    ],
)
def test_skipped_times_become_the_first_minute_after_and_repeated_ones_the_first(
    zone: str, day: date, at: time, utc: str
) -> None:
    assert instant(day, at, ZoneInfo(zone)) == datetime.fromisoformat(utc)


ZONES = st.sampled_from(
    [
        "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Beirut", "Africa/Casablanca",
        "Europe/London", "Asia/Kolkata", "Pacific/Chatham", "America/St_Johns", "Africa/Cairo", "UTC",
    ]
)  # fmt: skip
MINUTES = st.builds(time, st.integers(0, 23), st.integers(0, 59))


@given(ZONES, st.dates(date(2024, 1, 1), date(2026, 12, 31)), MINUTES)
@example("Africa/Cairo", date(2025, 4, 25), time(0))
def test_an_instant_shows_its_wall_time_or_the_end_of_the_gap(name: str, day: date, at: time) -> None:
    zone = ZoneInfo(name)
    found = instant(day, at, zone)
    shown = found.astimezone(zone)
    asked = datetime.combine(day, at)
    if shown.replace(tzinfo=None) == asked:
        earlier = (found - timedelta(hours=3)).astimezone(UTC)
        walls = [(earlier + timedelta(minutes=n)).astimezone(zone).replace(tzinfo=None) for n in range(180)]
        assert asked not in walls  # there was no earlier occurrence
    else:
        before = (found - timedelta(minutes=1)).astimezone(zone)
        assert before.replace(tzinfo=None) < asked < shown.replace(tzinfo=None)


@given(ZONES, st.dates(date(2024, 1, 1), date(2026, 12, 31)))
def test_a_day_s_instants_are_in_the_order_of_its_hours(name: str, day: date) -> None:
    hours = [instant(day, time(hour), ZoneInfo(name)) for hour in range(24)]
    assert all(one <= other for one, other in pairwise(hours))
