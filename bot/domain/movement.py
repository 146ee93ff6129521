"""Where something went since last quarter: better, worse, or nowhere."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from bot.domain.project import RagStatus

_HEIGHTS = {RagStatus.OFF_TRACK: 0, RagStatus.AT_RISK: 1, RagStatus.ON_TRACK: 2}


class Movement(StrEnum):
    """Where something went since last quarter."""

    WORSE = "worse"
    BETTER = "better"
    SAME = "same"


WAYS = (Movement.WORSE, Movement.BETTER, Movement.SAME, None)  # in the order of lists; None cannot be compared


def movement(now: RagStatus, before: RagStatus | None) -> Movement | None:
    """Whether a status is better, worse or the same; None where one of them cannot be compared."""
    if before is None or RagStatus.NOT_KNOWN in (now, before):
        return None
    if now is before:
        return Movement.SAME
    if RagStatus.COMPLETE in (now, before):  # better than any other, one that cannot be compared too
        return Movement.BETTER if now is RagStatus.COMPLETE else Movement.WORSE
    if now not in _HEIGHTS or before not in _HEIGHTS:
        return None
    return Movement.BETTER if _HEIGHTS[now] > _HEIGHTS[before] else Movement.WORSE


def way(change: Decimal | int | None) -> Movement | None:
    """Which way a figure went that is better when it grows."""
    if change is None:
        return None
    return Movement.SAME if change == 0 else Movement.BETTER if change > 0 else Movement.WORSE
