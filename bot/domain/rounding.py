"""How figures are rounded for people: alike on every surface, or a post and its document would disagree."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal


def rounded(value: Decimal, places: int = 0) -> Decimal:
    """A figure with so many decimals, a half away from zero as at school; below 0 it keeps tens, hundreds and so on.

    What comes to nothing has no sign.
    """
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) + 0


def one_decimal(value: Decimal) -> Decimal:
    """A figure as leaders read it: rounded to one decimal, whole ones without any."""
    tenths = rounded(value, 1)
    return rounded(tenths) if tenths == tenths.to_integral_value() else tenths
