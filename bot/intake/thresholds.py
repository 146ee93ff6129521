"""The thresholds of a portfolio file: the figures at which rules and checks fire, each within sensible limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any

from bot.domain.thresholds import Thresholds
from bot.intake import values
from bot.intake.fields import Fields
from bot.locales import Locale

FIELDS = tuple(field.name for field in fields(Thresholds))

_MOST_DAYS = 500  # working days, about two years: slippage beyond it is no question of degree any more
_MOST_QUARTERS = 12
_MOST_CPI = 2


@dataclass(frozen=True, slots=True)
class _Order:
    """Two thresholds of which the first must be the lower one."""

    lower: str
    higher: str


_ORDERS = (  # at risk comes before off track; an index is better the higher it is
    _Order("at_risk_slippage_days", "off_track_slippage_days"),
    _Order("at_risk_over_budget_percent", "off_track_over_budget_percent"),
    _Order("off_track_cpi", "at_risk_cpi"),
)


def read_thresholds(own: Fields, usual: Thresholds, locale: Locale) -> Thresholds:
    """The usual thresholds with those that a group of fields gives; what is wrong with them is noted there."""
    given = {name: own.read(name, reader) for name, reader in _readers(locale).items() if own.has(name)}
    merged = replace(usual, **{name: value for name, value in given.items() if value is not None})
    wrong = {name for name, value in given.items() if value is None}
    for order in _ORDERS:
        if wrong.isdisjoint((order.lower, order.higher)):
            _check(order, own, merged)
    return merged


def _readers(locale: Locale) -> Mapping[str, Callable[[str], Any]]:
    kinds = {
        "days": values.whole(0, _MOST_DAYS),
        "quarters": values.whole(1, _MOST_QUARTERS),
        "percent": _above_nothing(values.percent(locale, 0, 100), 100),
        "points": _above_nothing(values.percent(locale, 0, 100), 100),
        "cpi": _above_nothing(values.number(locale), _MOST_CPI),
    }
    return {name: kinds[name.rpartition("_")[2]] for name in FIELDS}


def _above_nothing(read: Callable[[str], Decimal], highest: int) -> Callable[[str], Decimal]:
    """A reader of figures that are more than 0: a limit of nothing would fire for what was never given."""

    def limited(text: str) -> Decimal:
        value = read(text)
        if not 0 < value <= highest:
            raise ValueError(f"{text} is out of range; expected more than 0 and at most {highest}")
        return value

    return limited


def _check(order: _Order, own: Fields, merged: Thresholds) -> None:
    """Note two thresholds in the wrong order, at the one that is given; a project may give one of two."""
    lower, higher = getattr(merged, order.lower), getattr(merged, order.higher)
    if lower < higher:
        return
    if own.has(order.lower):
        own.problem(order.lower, f"{lower} is too much; expected less than {order.higher}, which is {higher}")
    elif own.has(order.higher):
        own.problem(order.higher, f"{higher} is too little; expected more than {order.lower}, which is {lower}")
