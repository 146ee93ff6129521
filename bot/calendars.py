"""Working days of a country and a company: the only place that knows the holidays package."""

from __future__ import annotations

from datetime import date
from functools import cache, lru_cache

import holidays

from bot.domain.quarter import WorkingCalendar


@lru_cache(maxsize=256)
def working_calendar(country: str | None, closing_days: frozenset[date] = frozenset()) -> WorkingCalendar:
    """The calendar of a country (ISO 3166, with a subdivision as ``US-NY``; None for weekends only) and a company's closing days.

    Raises ValueError for a country or subdivision that the holidays package does not know.
    """
    if country is None:
        return WorkingCalendar(closing_days.__contains__)
    code, _, subdivision = country.partition("-")
    try:
        holidays.country_holidays(code, subdiv=subdivision or None)
    except NotImplementedError as error:
        raise ValueError(
            f'"{country}" is not a country with known public holidays; expected such as US or DE-BY'
        ) from error
    return WorkingCalendar(lambda day: day in closing_days or day in _public_holidays(code, subdivision, day.year))


@cache
def _public_holidays(code: str, subdivision: str, year: int) -> frozenset[date]:
    """The public holidays of one year, complete before any thread sees them: the package fills its own year by year."""
    return frozenset(holidays.country_holidays(code, subdiv=subdivision or None, years=year))
