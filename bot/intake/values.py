"""Single values of files: text in, a domain value out. Every reader raises ValueError with what was expected."""

from __future__ import annotations

import re
import zoneinfo
from calendar import monthrange
from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime, time
from decimal import Decimal
from difflib import SequenceMatcher, get_close_matches
from enum import StrEnum
from functools import cache
from typing import TypeVar

from bot.calendars import working_calendar
from bot.domain.attachment import Attachment, read_attachment
from bot.domain.channel import is_channel
from bot.domain.dates import YEARS, read_instant
from bot.domain.errors import BotError
from bot.domain.quarter import Quarter
from bot.intake.problems import quoted
from bot.locales import Locale, UnreadableNumber, is_currency

_LONGEST_LINE = 200
_LONGEST_WORD = 100
_LONGEST_TEXT = 20_000

_KEY = re.compile(r"[^\W_][\w.-]{0,63}")
_RESERVED_KEYS = ("all", "help")  # words of the /compile-report command
_SLACK_ID = re.compile(r"[UW][A-Z0-9]{1,30}")
_EMAIL = re.compile(r"[^\s@<>,]+@[^\s@<>,]+")
_HANDLE = re.compile(r"@[^\s@<>,]+")
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")

# Of a percentage for which `as_share` knows another one, `whole`.
MAY_BE_SHARE = "less than 1%; if it is a share of 1, write {whole}"

EnumT = TypeVar("EnumT", bound=StrEnum)


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word most like this one, of which no more is looked at than a name has: 21,000 letters took six seconds."""
    begins = word[:_LONGEST_LINE].casefold()
    return max(known, key=lambda other: SequenceMatcher(None, begins, other.casefold()).ratio())


def as_share(percent: Decimal | None) -> Decimal | None:
    """The percentage that was meant where it was given as a share of 1, as spreadsheets keep it: 45 for 0.45; else None."""
    return percent * 100 if percent is not None and 0 < percent < 1 else None


def line(text: str) -> str:
    """A name: text on one line, 200 characters at most."""
    return _within(_LONGEST_LINE, " ".join(text.split()))


def word(text: str) -> str:
    """A short name, such as a unit or a layout: on one line, 100 characters at most."""
    return _within(_LONGEST_WORD, " ".join(text.split()))


def one_of(what: str, known: Collection[str]) -> Callable[[str], str]:
    """A reader of a name among those that are known; of any short name where none is."""

    def read(text: str) -> str:
        name = word(text)
        if known and name not in known:
            raise ValueError(f'{quoted(name)} is no {what}; did you mean "{nearest(name, sorted(known))}"?')
        return name

    return read


def words(text: str) -> str:
    """Free text of one or more lines, 20,000 characters at most."""
    return _within(_LONGEST_TEXT, text.strip())


def evidence(text: str) -> Attachment:
    """A link with what it is called before or behind it, such as ``Load test https://example.com/runs/7``."""
    try:
        return read_attachment(text)
    except BotError as wrong:
        raise ValueError(str(wrong)) from wrong


def _within(limit: int, text: str) -> str:
    if len(text) > limit:
        raise ValueError(f"{len(text)} characters long; expected {limit} at most")
    return text


def key(text: str) -> str:
    """A key of a milestone, risk, objective or decision."""
    if not _KEY.fullmatch(text):
        raise ValueError(
            f"{quoted(text)} is not a key; expected letters, digits, - and _ such as front-end, 64 at most"
        )
    return text


def project_key(text: str) -> str:
    """A key of a project; words that commands use are not free."""
    if text.casefold() in _RESERVED_KEYS:
        raise ValueError(f"{quoted(text)} is a word of the /compile-report command; choose another key")
    return key(text)


def headline(text: str) -> str:
    """What a text that has no title is called: its first sentence, without the full stop, in 200 characters at most."""
    flat = " ".join(text.split())
    first = re.split(r"(?<=[.!?。！？])\s", flat, maxsplit=1)[0].rstrip(".。")
    return first if len(first) <= _LONGEST_LINE else f"{first[: _LONGEST_LINE - 1].rsplit(' ', 1)[0]}…"


def key_from(title: str) -> str:
    """The key of something that was given a title only; empty where the title has no letters."""
    return re.sub(r"[\W_]+", "-", title.casefold()).strip("-")[:64]


def day(text: str) -> date:
    """A date written YYYY-MM-DD."""
    match = _DAY.fullmatch(text)
    if match is None:
        raise ValueError(f"{quoted(text)} is not a date; expected YYYY-MM-DD, such as 2025-09-30")
    year, month, number = map(int, match.groups())
    if year not in YEARS:
        raise ValueError(f"{quoted(text)} is not a date; expected a year from {YEARS[0]} to {YEARS[-1]}")
    month = min(max(month, 1), 12)
    closest = date(year, month, min(max(number, 1), monthrange(year, month)[1]))
    if closest.isoformat() != text:
        raise ValueError(f"{quoted(text)} is not a date; expected YYYY-MM-DD, such as {closest}")
    return closest


def clock_time(text: str) -> time:
    """A time of day written HH:MM on the 24-hour clock."""
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise ValueError(f"{quoted(text)} is not a time; expected HH:MM, such as 17:00")
    return time(int(match[1]), int(match[2]))


def instant(text: str) -> datetime:
    """An instant with its zone, as UTC."""
    utc = read_instant(text)
    if utc is None or utc.year not in YEARS:
        raise ValueError(f"{quoted(text)} is not an instant; expected such as 2023-12-18T10:00:00Z")
    return utc


def quarter(text: str) -> Quarter:
    """A quarter of the fiscal year, written YYYY-Qn."""
    found = Quarter.parse(text)
    if found.year not in YEARS:
        raise ValueError(f"{quoted(text)} is not a quarter; expected a year from {YEARS[0]} to {YEARS[-1]}")
    return found


def person_ref(text: str) -> str:
    """How a person is named: a Slack id, an e-mail address or an @handle; returned as written."""
    if not is_person_ref(text):
        expected = "a Slack id (U…), an e-mail address or an @handle"
        raise ValueError(f"{quoted(text)} does not name a person; expected {expected}")
    return text


def is_person_ref(text: str) -> bool:
    """Whether a text names a person rather than describing somebody."""
    return len(text) <= _LONGEST_WORD and any(shape.fullmatch(text) for shape in (_SLACK_ID, _EMAIL, _HANDLE))


def slack_id(text: str) -> str:
    """A Slack user id."""
    if not _SLACK_ID.fullmatch(text):
        raise ValueError(f"{quoted(text)} is not a Slack id; expected such as U012AB3CD")
    return text


def email(text: str) -> str:
    """An e-mail address."""
    if not _EMAIL.fullmatch(text):
        raise ValueError(f"{quoted(text)} is not an e-mail address; expected such as pm@example.com")
    return text


def handle(text: str) -> str:
    """A name in Slack, with its @."""
    if not _HANDLE.fullmatch(text):
        raise ValueError(f'{quoted(text)} is not a handle; expected such as "@lead"')
    return text


def channel(text: str) -> str:
    """A channel's name or id."""
    if not is_channel(text):
        raise ValueError(f'{quoted(text)} is not a channel; expected such as "#leadership" or C012AB3CD')
    return text


def timezone(text: str) -> str:
    """A zone of the tz database."""
    if text not in _zones():
        raise ValueError(f"{quoted(text)} is not a time zone; did you mean {nearest(text, _zones())}?")
    return text


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def country(text: str) -> str:
    """A country with known holidays, with a subdivision as ``US-NY``."""
    working_calendar(text)
    return text


def locale_code(text: str) -> str:
    """A locale, such as ``en_US``."""
    return Locale(text).code


def currency(text: str) -> str:
    """An ISO 4217 code."""
    if not is_currency(text):
        raise ValueError(f"{quoted(text)} is not a currency; expected an ISO 4217 code such as USD")
    return text


def whole(lowest: int, highest: int) -> Callable[[str], int]:
    """A reader of whole numbers within limits."""

    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,6}", text) or not lowest <= int(text) <= highest:
            raise ValueError(f"{quoted(text)} is not a whole number from {lowest} to {highest}")
        return int(text)

    return read


def number(
    locale: Locale, currency: str | None = None, *, lowest: int = 0, above: bool = False
) -> Callable[[str], Decimal]:
    """A reader of numbers, or amounts of a currency; `above` makes the lowest value itself too low."""

    def read(text: str) -> Decimal:
        value = _readable(lambda: locale.read_number(text, currency))
        if value < lowest or (above and value == lowest):
            raise ValueError(f"{quoted(text)} is too low; expected {'more than' if above else 'at least'} {lowest}")
        return value

    return read


def percent(locale: Locale, lowest: int, highest: int) -> Callable[[str], Decimal]:
    """A reader of percentages within limits; ``33.333``, as programs write a third, cannot mean 33,333 of a hundred."""

    def read(text: str) -> Decimal:
        value = _readable(lambda: _possible(lambda: locale.read_percent(text), lowest, highest))
        if not lowest <= value <= highest:
            raise ValueError(f"{quoted(text)} is not a percentage from {lowest} to {highest}")
        return value

    return read


def _possible(read: Callable[[], Decimal], lowest: int, highest: int) -> Decimal:
    """What is read; of two readings the one within limits, where only one is."""
    try:
        return read()
    except UnreadableNumber as unreadable:
        within = [value for value in unreadable.readings if lowest <= value <= highest]
        if unreadable.reason != "ambiguous" or len(within) != 1:
            raise
        return within[0]


def _readable(read: Callable[[], Decimal]) -> Decimal:
    try:
        return read()
    except UnreadableNumber as unreadable:
        raise ValueError(str(unreadable)) from unreadable


def choice(options: Iterable[EnumT]) -> Callable[[str], EnumT]:
    """A reader of one of some words, in capitals or not."""
    by_word = {option.casefold(): option for option in options}

    def read(text: str) -> EnumT:
        found = by_word.get(" ".join(text.casefold().split()))
        if found is None:
            offered = ", ".join(by_word.values())
            close = get_close_matches(text.casefold(), by_word, n=1)  # "Green" is not like "Complete", though nearest
            hint = f'; did you mean "{by_word[close[0]]}"?' if close else ""
            raise ValueError(f"{quoted(text)} is none of {offered}{hint}")
        return found

    return read
