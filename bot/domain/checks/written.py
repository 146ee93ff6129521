"""Numbers and dates as people write them in texts, and what each may mean."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

Reading = Decimal | date | tuple[int, int]  # a number, a day, or a month and the day in it

# Each begins with one character, which the engine looks for first. 1,200 and 1.2 and 1 200 are one figure each, and so are
# 15.07.2025 and 2025-07-15; a quarter (Q3, 2025-Q3, Q3 FY2026) names a period and is none.
_FIGURE = re.compile(
    r"[\dQq](?:(?<=\b[Qq])(?P<quarter>[1-4]\b(?:\s+(?:[Ff][Yy]\s*)?\d{4})?)|(?<=\d)(?:(?P<year>\d{3}-[Qq][1-4]\b)"
    r"|\d?[./]\d\d?[./]\d{2,4}\b|\d{3}-\d\d-\d\d\b"
    r"|(?:\d{0,2}(?: \d{3})+\b(?:[.,]\d+)?|\d*(?:[.,\u00a0\u202f']\d+)*)"
    r"(?:[ \u00a0\u202f]?(?i:k|tsd|thousand|mn?|mln|mio|millions?|bn?|mrd|billions?)\b)?))"
)
_DIGITS = re.compile(r"[\d .,\u00a0\u202f'/-]*\d")
_GAP = re.compile(r"[ .,\u00a0\u202f'/-]")
_POWERS = {"k": 1, "t": 1, "m": 2, "b": 3}  # of a thousand, by the word's first letter
_MILLIARD = "mrd"
_LEAP_YEAR = 2000  # for a day without a year

_TEENS = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen",
    "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_LONGEST_SPELLED = len(" seventy-seven ")
_PERCENT = re.compile(r"%|per ?cent\b|Per ?cent\b")
_SPELLED = re.compile(
    rf"\b(?:({'|'.join(_TENS)})(?:[- ]({'|'.join(_TEENS[:9])}))?|({'|'.join(reversed(_TEENS))})|((?:an?|one) )?hundred)[ -]?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as written, and everything it may mean: "12.07" is a number or a day in July."""

    written: str
    readings: frozenset[Reading]


def figures_in(text: str) -> list[Figure]:
    """The figures of a text: numbers in digits, dates in digits, and percentages spelled out up to a hundred."""
    found = [Figure(match[0], _readings(match[0])) for match in _FIGURE.finditer(text) if match.lastgroup is None]
    return found + [Figure(match[0].rstrip(), frozenset({_spelled(match)})) for match in _spelled_out(text)]


def readings_in(text: str) -> set[Reading]:
    """Everything that the figures of a long text may mean."""
    written = {match[0] for match in _FIGURE.finditer(text) if match.lastgroup is None}
    return {reading for figure in written for reading in _readings(figure)} | {_spelled(m) for m in _spelled_out(text)}


def _readings(written: str) -> frozenset[Reading]:
    """What digits may mean: of a date its days; else one number, times a thousand where "k" follows."""
    digits = _DIGITS.match(written)
    bare = digits[0] if digits else written
    parts = _GAP.split(bare)
    days = list(_days(parts))
    if len(parts) == 3 and days:
        return frozenset(days)
    number = _number(parts)
    return frozenset([number, number * 1_000 ** _power(written[len(bare) :].strip().lower()), *days])


def _power(word: str) -> int:
    return 3 if word == _MILLIARD else _POWERS[word[0]] if word else 0


def _number(parts: list[str]) -> Decimal:
    """One number for the ways of writing it: groups of three are thousands, any other last group is a fraction."""
    if len(parts) > 1 and any(len(part) != 3 for part in parts[1:]):
        return Decimal("".join(parts[:-1]) + "." + parts[-1])
    return Decimal("".join(parts))


def _days(parts: list[str]) -> Iterator[Reading]:
    """The days that groups of digits may name, the year first or last or left out, day and month in either order."""
    if not 2 <= len(parts) <= 3 or any(len(part) not in (1, 2, 4) for part in parts):
        return
    groups = [int(part) for part in parts]
    if len(parts[0]) == 4:
        groups = [*groups[1:], groups[0]]
    year = groups[2] + 2000 * (groups[2] < 100) if len(groups) == 3 else _LEAP_YEAR
    for month, day in {(groups[0], groups[1]), (groups[1], groups[0])}:
        with suppress(ValueError):
            named = date(year, month, day)
            yield named if len(groups) == 3 else (month, day)


def _spelled_out(text: str) -> Iterator[re.Match[str]]:
    for sign in _PERCENT.finditer(text):
        if match := _SPELLED.search(text[max(0, sign.start() - _LONGEST_SPELLED) : sign.start()]):
            yield match


def _spelled(match: re.Match[str]) -> Decimal:
    tens, ones, teens, _ = (word and word.lower() for word in match.groups())
    if tens:
        return Decimal(20 + 10 * _TENS.index(tens) + (1 + _TEENS.index(ones) if ones else 0))
    return Decimal(1 + _TEENS.index(teens) if teens else 100)
