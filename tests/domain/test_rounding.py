"""Figures are rounded in one way, whichever surface prints them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.rounding import one_decimal, rounded
from bot.domain.tracker import share

FIGURES = st.decimals(min_value=-(10**12), max_value=10**12, places=5)


@given(value=FIGURES, places=st.integers(-6, 4))
def test_rounding_moves_a_figure_by_half_a_place_at_most_and_a_half_away_from_zero(value: Decimal, places: int) -> None:
    half = Decimal(5).scaleb(-places - 1)
    moved = abs(rounded(value, places)) - abs(value)
    assert -half < moved <= half


@given(value=FIGURES)
def test_what_comes_to_nothing_has_no_sign(value: Decimal) -> None:
    assert not rounded(value).is_signed() or rounded(value) < 0
    assert not one_decimal(value).is_signed() or one_decimal(value) < 0


@pytest.mark.parametrize(("value", "shown"), [("12.25", "12.3"), ("-12.25", "-12.3"), ("85.04", "85"), ("100", "100")])
def test_one_decimal_is_shown_only_where_there_is_one(value: str, shown: str) -> None:
    assert str(one_decimal(Decimal(value))) == shown


@pytest.mark.parametrize(("done", "total", "percent"), [(1, 16, "6.3"), (2, 3, "66.7"), (5, 5, "100"), (0, 7, "0")])
def test_a_trackers_share_is_rounded_as_an_owners_percentage_is(done: int, total: int, percent: str) -> None:
    assert str(share(done, total)) == percent
