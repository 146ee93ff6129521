"""When a quarter is asked for, by the default rules and by a company's own."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot.calendars import working_calendar
from bot.domain.quarter import (
    FiscalYear,
    Quarter,
    QuarterDates,
    ReportingRules,
    ReportingWindow,
    WorkingCalendar,
    reporting_window,
)

NEW_YORK = ZoneInfo("America/New_York")


def window_of(
    quarter: Quarter, rules: ReportingRules | None = None, dates: QuarterDates | None = None, country: str | None = "US"
) -> ReportingWindow:
    return reporting_window(
        quarter,
        fiscal_year=FiscalYear(),
        rules=rules or ReportingRules(),
        calendar=working_calendar(country),
        zone=NEW_YORK,
        dates=dates,
    )


def test_the_default_window_of_a_quarter_without_holidays_in_it() -> None:
    window = window_of(Quarter(2025, 3))
    assert window.due_on == date(2025, 10, 3)
    assert window.opens_on == date(2025, 9, 19)
    assert window.due_at == datetime(2025, 10, 3, 21, tzinfo=UTC)  # 17:00 in New York's summer
    assert window.grace_until == datetime(2025, 10, 8, 21, tzinfo=UTC)


def test_public_holidays_are_not_counted() -> None:
    """Around the turn of the year Christmas, New Year's Day and Martin Luther King Day fall out of the count."""
    window = window_of(Quarter(2025, 4), ReportingRules(grace=10))
    assert window.due_on == date(2026, 1, 6)
    assert window.opens_on == date(2025, 12, 19)
    assert window.due_at == datetime(2026, 1, 6, 22, tzinfo=UTC)  # 17:00 in New York's winter
    assert window.grace_until == datetime(2026, 1, 21, 22, tzinfo=UTC)


def test_independence_day_on_a_saturday_closes_the_friday_before() -> None:
    assert window_of(Quarter(2026, 2)).due_on == date(2026, 7, 6)
    assert window_of(Quarter(2026, 2), country=None).due_on == date(2026, 7, 3)


def test_a_company_s_own_rules_and_one_quarter_s_own_dates() -> None:
    rules = ReportingRules(due=5, due_time=time(12), opens=2, grace=1)
    assert window_of(Quarter(2025, 3), rules).due_on == date(2025, 10, 7)
    moved = window_of(Quarter(2025, 3), rules, QuarterDates(due=date(2025, 10, 8)))
    assert (moved.opens_on, moved.due_on) == (date(2025, 10, 6), date(2025, 10, 8))
    assert moved.grace_until == datetime(2025, 10, 9, 16, tzinfo=UTC)
    fixed = window_of(Quarter(2025, 3), rules, QuarterDates(opens=date(2025, 9, 1), grace=date(2025, 10, 31)))
    assert (fixed.opens_on, fixed.due_on) == (date(2025, 9, 1), date(2025, 10, 7))
    assert fixed.grace_until == datetime(2025, 10, 31, 16, tzinfo=UTC)


@given(st.integers(1, 20), st.integers(1, 20), st.integers(1, 12), st.integers(2000, 2050), st.integers(1, 4))
def test_a_window_opens_before_it_is_due_and_ends_after(
    due: int, opens: int, starts: int, year: int, number: int
) -> None:
    fiscal_year, calendar = FiscalYear(starts), WorkingCalendar()
    window = reporting_window(
        Quarter(year, number),
        fiscal_year=fiscal_year,
        rules=ReportingRules(due=due, opens=opens),
        calendar=calendar,
        zone=NEW_YORK,
    )
    assert calendar.between(fiscal_year.last_day(window.quarter), window.due_on) == due
    assert calendar.between(window.opens_on, window.due_on) == opens
    assert window.due_at < window.grace_until
