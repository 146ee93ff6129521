"""The filters of templates for leaders: figures and dates as the report's locale writes them, and small grammar."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from itertools import groupby
from typing import Any

from markupsafe import Markup

from bot.documents import escape
from bot.domain.attachment import Attachment
from bot.domain.dates import read_day
from bot.domain.keys import in_words as key_in_words
from bot.domain.quarter import Quarter
from bot.domain.report import StatusPoint
from bot.domain.rounding import one_decimal, rounded
from bot.locales import Locale

_NUMBER_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def filters(locale: Locale, *, names_fiscal_years: bool) -> dict[str, Callable[..., Any]]:
    """Every filter by its name in templates. Fiscal years that are not calendar years are printed as ``FY2026``."""
    return {
        **_figures(locale),
        **_times(locale, "FY" if names_fiscal_years else ""),
        "plural": plural,
        "in_words": partial(in_words, locale),
        "listed": listed,
        "itemised": itemised,
        "sentence": sentence,
        "capital": capital,
        "question": question,
        "linked": linked,
        "prose": escape.prose,
        "cell": escape.cell,
        "under": under,
    }


def _figures(locale: Locale) -> dict[str, Callable[..., Any]]:
    def money(amount: Decimal, currency: str | None) -> str:
        return locale.money(amount, currency) if currency else locale.number(amount)

    def amount(text: str | None, currency: str | None) -> str:
        return money(Decimal(text), currency) if text else "none"

    def signed(value: Decimal) -> str:
        shown = one_decimal(value)
        return f"{'−' if shown < 0 else '+' if shown else ''}{locale.number(abs(shown))}"

    def against_budget(variance: Decimal) -> str:
        """``4.2% over budget``, ``on budget``."""
        shown = one_decimal(variance)
        if not shown:
            return "on budget"
        return f"{locale.percent(abs(shown))} {'over' if shown > 0 else 'under'} budget"

    return {
        "percent": locale.percent,
        "number": locale.number,
        "rounded": one_decimal,
        "money": money,
        "amount": amount,
        "whole": rounded,
        "index": lambda value: locale.number(rounded(value, 2)),
        "signed": signed,
        "against_budget": against_budget,
    }


def _times(locale: Locale, year_mark: str) -> dict[str, Callable[..., Any]]:
    def quarter(value: Quarter) -> str:
        return f"Q{value.number} {year_mark}{value.year}"

    def when(text: str) -> str:
        return _when(text, locale, quarter)

    def aged(value: Quarter, age: int) -> str:
        """``Q2 2025, two quarters ago``; the age is left out where it is the quarter before."""
        return f"{quarter(value)}, {in_words(locale, age)} quarters ago" if age > 1 else quarter(value)

    def spans(points: Sequence[StatusPoint]) -> list[str]:
        """Statuses in their order, equal ones in a row together: ``on track (Q1 2025)``, ``at risk (Q2 2025 to Q4 2025)``."""
        said = []
        for status, run in groupby(points, key=lambda point: point.status):
            quarters = [quarter(point.quarter) for point in run]
            ends = quarters if len(quarters) == 1 else [quarters[0], quarters[-1]]
            said.append(f"{status.lower()} ({' to '.join(ends)})")
        return said

    return {
        "date": locale.date_long,
        "day": locale.date_short,
        "quarter": quarter,
        "when": when,
        "aged": aged,
        "spans": spans,
    }


def plural(count: Decimal | int, one: str, many: str) -> str:
    """The word that goes with a number of things."""
    return one if abs(count) == 1 else many


def in_words(locale: Locale, count: int) -> str:
    """Numbers up to ten in words, larger ones in digits, grouped."""
    return _NUMBER_WORDS[count] if 0 <= count < len(_NUMBER_WORDS) else locale.number(Decimal(count))


def listed(names: Sequence[str]) -> str:
    """Several names as one phrase: ``a, b and c``; semicolons where a name has a comma of its own."""
    if any(re.search(r"[,;]", name) for name in names):
        return "; ".join(names)
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def linked(pieces: Sequence[Attachment]) -> Markup:
    """Evidence as links of a Markdown document, ``[Load test](https://example.com/7), [plan.pdf](https://…)``."""
    links = (escape.link(piece.title or piece.url, piece.url) for piece in pieces)
    return Markup(", ").join(links)


def itemised(items: Sequence[str]) -> str:
    """Several items, each as typed, in one sentence: ``New login; Faster search.`` Nothing where there are none."""
    return sentence("; ".join([*(item.strip().removesuffix(".") for item in items[:-1]), *items[-1:]])) if items else ""


def sentence(text: str) -> str:
    """A text that ends as a sentence does."""
    return text if re.search(r"[.!?…:;。！？؟۔।][\"'”’»)\]]*\s*$", text) else f"{text.rstrip()}."


def capital(text: str) -> str:
    """A text whose first letter is a capital."""
    return text[:1].upper() + text[1:]


def question(key: str) -> str:
    """How a company's own question is printed where only its key is known: ``my-question`` as ``My question``."""
    return key_in_words(key)


def under(block: str, marker: str) -> Markup:
    """A block of Markdown as it stands under a list item: indented by the width of its marker (``-``, ``12.``)."""
    margin = " " * (len(marker) + 1)
    lines = (f"{margin}{line}" if line.strip() else "" for line in block.strip("\n").splitlines())
    return Markup("".join(f"{line}\n" for line in lines))  # noqa: S704 - the block comes rendered


def _when(text: str, locale: Locale, quarter: Callable[[Quarter], str]) -> str:
    """A target as typed, its date in the locale's long form or its quarter as screens show it; words stay words."""
    if day := read_day(text.strip()):
        return locale.date_long(day)
    found = Quarter.find(text)
    return quarter(found) if found else text
