"""The order in which a reader should meet milestones: what needs a look comes first."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from bot.domain.milestone_line import LineState, MilestoneLine
from bot.domain.movement import WAYS, Movement
from bot.domain.project import RagStatus

_WORST = {RagStatus.OFF_TRACK: 0, RagStatus.AT_RISK: 2}
_STANDING = {RagStatus.ON_TRACK: 4, RagStatus.NOT_STARTED: 6}
_MISSING, _NEWS, _UNRATED, _SILENT, _COMPLETE, _ASIDE = 1, 3, 5, 7, 8, 9
_SET_ASIDE = (LineState.EXCUSED, LineState.PAUSED, LineState.DROPPED)


def worst_first(milestones: Iterable[MilestoneLine]) -> list[MilestoneLine]:
    """Off track, no update, at risk; what moved or was finished; then on track, not rated, not started, complete, set aside.

    Within each, worse before better, then the latest and the furthest moved. What was never reported has nothing to say: it
    stands behind those that have.
    """
    return sorted(milestones, key=_rank)


def _rank(milestone: MilestoneLine) -> tuple[int, int, int, Decimal, str]:
    change = abs(milestone.percent_change or Decimal(0))
    return _group(milestone), WAYS.index(milestone.movement), -(milestone.slippage_days or 0), -change, milestone.key


def _group(milestone: MilestoneLine) -> int:
    if milestone.state is LineState.MISSING:
        return _MISSING if milestone.known else _SILENT
    if milestone.state in _SET_ASIDE:
        return _ASIDE
    if milestone.status in _WORST:
        return _WORST[milestone.status]
    if _is_news(milestone):
        return _NEWS
    if milestone.is_complete:
        return _COMPLETE
    return _STANDING.get(milestone.status, _UNRATED) if milestone.status else _UNRATED


def _is_news(milestone: MilestoneLine) -> bool:
    """Whether it moved, or was finished in this quarter."""
    is_first_told = milestone.is_complete and milestone.state is LineState.ANSWERED and milestone.known is None
    return is_first_told or milestone.is_finished_now or milestone.movement in (Movement.WORSE, Movement.BETTER)
