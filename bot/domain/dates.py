"""Dates and instants as people write them: ISO 8601 in one form alone, so that nothing is taken for a date by accident."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

# A slip such as 0205 would make every count of working days run for centuries. Files and commands tell of history too.
YEARS = range(1900, 2200)
TYPED_YEARS = range(2000, 2100)  # what people type in Slack

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    rf"{_DAY.pattern}[T ][0-9]{{2}}:[0-9]{{2}}(:[0-9]{{2}}(\.[0-9]{{1,6}})?)?(Z|[+-][0-9]{{2}}:[0-9]{{2}})"
)


def read_day(text: str) -> date | None:
    """A date written YYYY-MM-DD; None for anything else."""
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def read_instant(text: str) -> datetime | None:
    """An instant with its zone, such as ``2025-09-15T14:00:00Z``, in UTC; None for anything else."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC) if _INSTANT.fullmatch(text) else None
    except (ValueError, OverflowError):
        return None
