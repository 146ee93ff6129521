"""Working days by country, subdivision and company."""

import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from bot.calendars import working_calendar
from bot.domain.quarter import WorkingCalendar


@pytest.mark.parametrize(
    ("country", "day", "is_worked"),
    [
        ("US", date(2025, 7, 4), False),
        (
            "US",
            date(2021, 12, 31),
            False,
        ),  # New Year's Day of 2022 is a Saturday, kept on the Friday of the year before
        ("US", date(2025, 7, 7), True),
        ("FR", date(2025, 7, 14), False),
        ("FR", date(2025, 7, 4), True),
        ("DE", date(2025, 6, 19), True),
        ("DE-BY", date(2025, 6, 19), False),  # Corpus Christi is kept in Bavaria, not in all of Germany
        (None, date(2025, 12, 25), True),
        (None, date(2025, 12, 27), False),
    ],
)
def test_public_holidays_of_a_country_are_not_worked(country: str | None, day: date, is_worked: bool) -> None:
    assert working_calendar(country).is_working_day(day) is is_worked


@pytest.mark.parametrize("country", ["US", None])
def test_a_company_s_closing_days_are_not_worked(country: str | None) -> None:
    calendar = working_calendar(country, frozenset({date(2025, 8, 15)}))
    assert not calendar.is_working_day(date(2025, 8, 15))
    assert calendar.is_working_day(date(2025, 8, 14))


@pytest.mark.parametrize("country", ["XX", "Atlantis", "US-ZZ", ""])
def test_an_unknown_country_is_refused_by_name(country: str) -> None:
    with pytest.raises(ValueError, match=f'"{country}"'):
        working_calendar(country)


def test_threads_that_ask_for_a_new_year_at_once_all_see_its_holidays(switching_threads: None) -> None:
    """The couriers, the heartbeat and the listeners share one calendar."""
    for year in range(1980, 2020):
        calendar, start = working_calendar("US", frozenset({date(year, 1, 2)})), threading.Barrier(4)
        with ThreadPoolExecutor(4) as threads:
            looks = [threads.submit(_look, start, calendar, date(year, 12, 25)) for _ in range(4)]
        assert not any(look.result() for look in looks)


@pytest.fixture
def switching_threads() -> Iterator[None]:
    """Python changes threads as often as it can, so that what can go wrong between two steps does."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


def _look(start: threading.Barrier, calendar: WorkingCalendar, day: date) -> bool:
    start.wait()
    return calendar.is_working_day(day)
