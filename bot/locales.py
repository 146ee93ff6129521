"""Numbers, money and dates as people of a locale write them, and the reading of what they type: the only Babel import.

Reading never guesses between two values: what can be meant in two ways is refused with both readings.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from datetime import time as time_of_day
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

import babel
from babel import dates, numbers

from bot.domain.errors import BotError
from bot.domain.rounding import rounded

# What Babel makes of a pattern, a day or a time is worked out once; a Home alone shows ten of each. Of so many, the last.
_LOCALES, _DAYS = 200, 4_000
_LONGEST_TEXT = 60
_MOST_DECIMALS = 10
_BELOW = Decimal(10) ** 15  # in minor units of a currency with three decimals this still fits a 64-bit integer

_DECIMAL_MARKS = (".", ",", "٫")
_GROUP_MARKS = ".,'’٬ "
_SAME_CHARACTER = str.maketrans("−‐‑﹣－＋．，％﹪٪＄￥`´ʼ＇", "-----+.,%%%$¥''''")
_PERCENT_MARKS = ("%", "percent", "per cent")
_ENGLISH_UNITS = {
    "k": 3, "thousand": 3, "m": 6, "mn": 6, "mio": 6, "million": 6, "millions": 6, "b": 9, "bn": 9, "billion": 9,
    "billions": 9, "lakh": 5, "lakhs": 5, "lac": 5, "lacs": 5, "crore": 7, "crores": 7,
}  # fmt: skip

UnreadableReason = Literal["ambiguous", "currency", "not a number", "too large"]


class UnreadableNumber(BotError):
    """A typed number that cannot be taken as it is; the message is a sentence with an example.

    `readings` are the values it may mean: two or more when ambiguous, the bare number when only the currency is wrong.
    """

    def __init__(self, message: str, reason: UnreadableReason, readings: tuple[Decimal, ...] = ()) -> None:
        super().__init__(message)
        self.reason = reason
        self.readings = readings


def is_currency(code: str) -> bool:
    """Whether a code names a currency (ISO 4217, capital letters)."""
    return code in numbers.list_currencies()


def is_locale(code: str) -> bool:
    """Whether a code, such as ``en_US`` or ``de-DE``, names a locale."""
    try:
        _parsed(code)
    except ValueError:
        return False
    return True


class Locale:
    """One locale, such as ``en_US``: prints values its way and reads what its people type.

    Raises ValueError for a code that names no locale.
    """

    def __init__(self, code: str) -> None:
        self._babel = _parsed(code)
        self.code = str(self._babel)

    def date_long(self, day: date) -> str:
        """``December 31, 2023``."""
        return dates.format_date(day, "long", self._babel)

    def date_short(self, day: date) -> str:
        """Day and short month, ``Feb 12``."""
        return _day_as("MMMd", day, self._babel)

    def weekday_date(self, day: date) -> str:
        """``Wed, Jan 6``."""
        return _day_as("MMMEd", day, self._babel)

    def month_name(self, day: date) -> str:
        """``January``."""
        return dates.format_date(day, "MMMM", self._babel)

    def time(self, instant: datetime, zone: ZoneInfo) -> str:
        """The time of day that clocks in a zone show at an instant, ``5:00 PM``."""
        return self.clock(instant.astimezone(zone).time())

    def clock(self, at: time_of_day) -> str:
        """A time of day on any clock, ``5:00 PM``."""
        return _clock(at.replace(second=0, microsecond=0), self._babel)

    def number(self, value: Decimal) -> str:
        """All digits of a number, grouped: ``1,200.5``."""
        return numbers.format_decimal(value, locale=self._babel, decimal_quantization=False)

    def percent(self, value: Decimal) -> str:
        """A percentage (85 for 85 %) with at most one decimal: ``85%``."""
        share = rounded(value, 1).scaleb(-2)
        return numbers.format_percent(share, locale=self._babel, decimal_quantization=False)

    def money(self, amount: Decimal, currency: str) -> str:
        """An amount with its currency; whole amounts without minor units: ``$1,200,000``, ``$99.50``."""
        digits = numbers.get_currency_precision(currency)
        shown = rounded(amount, digits)
        pattern = self._babel.currency_formats["standard"].pattern
        if shown == shown.to_integral_value():
            pattern = re.sub(r"\.0+", "", pattern)
        return numbers.format_currency(
            shown, currency, pattern, locale=self._babel, currency_digits=False, decimal_quantization=False
        )

    def money_short(self, amount: Decimal, currency: str) -> str:
        """An amount at a glance: three digits from a million on (``$1.04M``), whole units below (``$640,000``)."""
        if abs(amount) < Decimal(10) ** 6:
            return self.money(rounded(amount), currency)
        three_digits = rounded(amount, 2 - amount.adjusted())
        return numbers.format_compact_currency(three_digits, currency, locale=self._babel, fraction_digits=2)

    def read_number(self, text: str, currency: str | None = None) -> Decimal:
        """The number that a person typed, such as ``1.2M``, ``1 200 000`` or, with a currency, ``€ 1.200.000,50``.

        Raises UnreadableNumber for what is no number, may mean two numbers, or names a currency other than this one.
        """
        return self._read(text, self._spellings(currency) if currency else (), self._units, currency)

    def read_percent(self, text: str) -> Decimal:
        """The percentage that a person typed, with or without its sign: 85 for ``85 %``.

        Raises UnreadableNumber as `read_number` does. It may be of any size or sign: the caller knows the limits.
        """
        return self._read(text, _PERCENT_MARKS, {}, None)

    def _read(
        self, text: str, marks: Collection[str], units: Mapping[str, frozenset[int]], currency: str | None
    ) -> Decimal:
        plain = _plain(text)
        readings = self._readings(plain, marks, units)
        if not readings:
            raise self._foreign(text, plain, units, currency) or _not_a_number(text)
        if any(abs(value) >= _BELOW or _decimal_places(value) > _MOST_DECIMALS for value in readings):
            raise UnreadableNumber(f'"{_cut(text)}" is out of range; write it such as 1200', "too large")
        if len(readings) > 1:
            raise self._ambiguous(readings)
        return readings[0]

    def _readings(self, plain: str, marks: Collection[str], units: Mapping[str, frozenset[int]]) -> tuple[Decimal, ...]:
        """All values that a text may mean, ascending; none when it is no number."""
        match = _shape(marks).fullmatch(plain) if len(plain) <= _LONGEST_TEXT else None
        if match is None or (match["mark"] and match["mark_after"]) or (match["sign"] and match["sign_after_mark"]):
            return ()
        exponents = units.get(_unit_word(match["unit"]), frozenset()) if match["unit"] else {0}
        sign = -1 if "-" in (match["sign"], match["sign_after_mark"]) else 1
        found = {_tidy(sign * value.scaleb(e)) for value in self._values(match["digits"]) for e in exponents}
        return tuple(sorted(found))

    def _values(self, digits: str) -> set[Decimal]:
        """What digits and their marks may mean: ``1.200`` is 1200 and 1.2, ``1,200.5`` is one number."""
        values = {value for mark in ("", *_DECIMAL_MARKS) if (value := _value(digits, mark)) is not None}
        if len(values) > 1 and "," in digits and self._groups_by_comma:
            return {max(values)}  # the dot has no such rule: every program writes it for decimals, in every locale
        return values

    @cached_property
    def _groups_by_comma(self) -> bool:
        separators = numbers.get_group_symbol(self._babel), numbers.get_decimal_symbol(self._babel)
        return separators == (",", ".")

    @cached_property
    def _units(self) -> dict[str, frozenset[int]]:
        """Words such as ``million`` to powers of ten: English and the locale's own; a word of both may have two."""
        powers: defaultdict[str, set[int]] = defaultdict(set)
        for word, power in (*_ENGLISH_UNITS.items(), *_compact_words(self._babel)):
            powers[word].add(power)
        return {word: frozenset(found) for word, found in powers.items()}

    def _spellings(self, currency: str) -> set[str]:
        """How people write a currency: its code, the locale's sign, and English signs that mean no other one here."""
        of_others = {sign for code, sign in self._babel.currency_symbols.items() if code != currency}
        english = {numbers.get_currency_symbol(currency, code) for code in ("en", "en_001")}  # $ and US$
        return {currency, numbers.get_currency_symbol(currency, self._babel)} | (english - of_others)

    def _ambiguous(self, readings: tuple[Decimal, ...]) -> UnreadableNumber:
        shown = " or ".join(self._with_cents(value) for value in readings[::-1])
        typed = " or ".join(self._typed(value) for value in readings[::-1])
        return UnreadableNumber(f"Is that {shown}? Write {typed}.", "ambiguous", readings[::-1])

    def _foreign(
        self, text: str, plain: str, units: Mapping[str, frozenset[int]], currency: str | None
    ) -> UnreadableNumber | None:
        """The refusal of a number that names some other currency; None when the text names none."""
        bare = " ".join(_without_currencies(plain).split())
        if bare == plain:
            return None
        readings = self._readings(bare, (), units)
        example = self._typed(readings[-1]) if readings else "1200"
        wanted = f"Amounts here are in {currency}" if currency else "This is a number without a currency"
        return UnreadableNumber(f'{wanted}, not "{_cut(text)}". Write it such as {example}.', "currency", readings)

    def _with_cents(self, value: Decimal) -> str:
        """A reading as people see it: grouped, and a fraction with two decimals at least."""
        return self.number(value) if value == value.to_integral_value() else self._decimals(value, "#,##0.00")

    def _typed(self, value: Decimal) -> str:
        """A reading as it can be typed without being asked again: no grouping, and never just three decimals."""
        if value == value.to_integral_value():
            return self._decimals(value, "0")
        return self._decimals(value, "0.0000" if _decimal_places(value) == 3 else "0.00")

    def _decimals(self, value: Decimal, pattern: str) -> str:
        return numbers.format_decimal(value, pattern, locale=self._babel, decimal_quantization=False)


@lru_cache(_DAYS)
def _day_as(skeleton: str, day: date, locale: babel.Locale) -> str:
    return dates.format_skeleton(skeleton, day, locale=locale)


@lru_cache(_DAYS)
def _clock(at: time_of_day, locale: babel.Locale) -> str:
    return dates.format_time(at, "short", locale=locale)


@lru_cache(_LOCALES)
def _parsed(code: str) -> babel.Locale:
    unknown = f'"{code}" is not a locale; expected such as en_US or de_DE'
    parts = code.strip().replace("-", "_").split("_")
    try:
        locale = babel.Locale.parse("_".join(parts))
    except (babel.UnknownLocaleError, ValueError) as error:
        raise ValueError(unknown) from error
    # Babel falls back to a likely neighbour where it has no data (en_ZZ becomes en_US): figures of another country.
    countries = [part.upper() for part in parts[1:]]
    if locale.language != parts[0].lower() or (countries and locale.territory not in countries):
        raise ValueError(unknown)
    return locale


def _plain(text: str) -> str:
    """A text with one kind of digit, minus, apostrophe and space, each letter written one way; direction marks are dropped."""
    text = unicodedata.normalize("NFC", text)
    visible = (ch for ch in text.translate(_SAME_CHARACTER) if unicodedata.category(ch) != "Cf")
    return " ".join("".join(str(unicodedata.decimal(ch, ch)) for ch in visible).split())


def _shape(marks: Iterable[str]) -> re.Pattern[str]:
    """Sign, mark (currency or percent) on either side, digits, unit word."""
    mark = "|".join(re.escape(m) for m in sorted(map(_plain, marks), key=len, reverse=True)) or "(?!)"
    return re.compile(
        rf"(?P<sign>[-+])? ?(?P<mark>{mark})? ?(?P<sign_after_mark>[-+])? ?"
        rf"(?P<digits>[.,٫]?\d(?:[\d{_GROUP_MARKS}٫]*\d)?) ?(?P<unit>[^\d\s](?:\D*?\S)??)?? ?(?P<mark_after>{mark})?",
        re.IGNORECASE,
    )


def _value(digits: str, decimal_mark: str) -> Decimal | None:
    """The value if this mark (none when empty) separates the decimals; None where the digits do not allow that."""
    whole, mark, fraction = digits.partition(decimal_mark) if decimal_mark else (digits, "", "")
    if mark != decimal_mark or (mark and not fraction.isdigit()):
        return None
    if whole and not whole.isdigit() and not _is_grouped(whole):
        return None
    return Decimal(re.sub(r"[^0-9]", "", whole) + "." + fraction)


def _is_grouped(whole: str) -> bool:
    """Whether one kind of mark sets digits in threes (``1 200 000``) or, as in India, in twos before the last three."""
    marks = set(re.sub(r"\d", "", whole))
    if len(marks) != 1 or not marks <= set(_GROUP_MARKS):
        return False
    mark = re.escape(marks.pop())
    return bool(re.fullmatch(rf"[1-9]\d{{0,2}}(?:{mark}\d{{3}})+|[1-9]\d?(?:{mark}\d\d)+{mark}\d{{3}}", whole))


def _unit_word(text: str) -> str:
    return re.sub(r"\s", "", _plain(text)).rstrip(".").casefold()


def _compact_words(locale: babel.Locale) -> Iterable[tuple[str, int]]:
    """The locale's words for powers of ten, from CLDR patterns such as ``00 thousand`` for 10000."""
    for plurals in locale.compact_decimal_formats.values():
        for patterns in plurals.values():
            for size, pattern in patterns.items():
                zeros = pattern.pattern.count("0")
                word = _unit_word(re.sub("[0']", "", pattern.pattern))
                if zeros and word:
                    yield word, len(size) - zeros


def _without_currencies(text: str) -> str:
    no_signs = "".join(ch for ch in text if unicodedata.category(ch) != "Sc")
    return re.sub(r"[A-Z]{3}(?![A-Za-z])", lambda code: "" if is_currency(code[0]) else code[0], no_signs)


def _tidy(value: Decimal) -> Decimal:
    """The same number without an exponent or trailing zeros; never a negative zero."""
    return Decimal(f"{value.normalize():f}") + 0


def _decimal_places(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def _not_a_number(text: str) -> UnreadableNumber:
    return UnreadableNumber(f'"{_cut(text)}" is not a number; write it such as 1200', "not a number")


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _LONGEST_TEXT else flat[: _LONGEST_TEXT - 1] + "…"
