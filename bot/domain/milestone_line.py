"""One milestone's row in the report: what was said this quarter, and where it went since it was last known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from bot.domain.attachment import Attachment
from bot.domain.movement import Movement, movement, way
from bot.domain.project import RagStatus
from bot.domain.quarter import Quarter
from bot.domain.tracker import TrackerFigure


class LineState(StrEnum):
    """Why a milestone's row reads as it does."""

    ANSWERED = "answered"
    CONFIRMED = "confirmed"  # "nothing changed"
    MISSING = "missing"
    NEW = "new"  # added too late in the window to be due
    EXCUSED = "excused"
    PAUSED = "paused"
    COMPLETE = "complete"  # in an earlier quarter; listed, never asked
    DROPPED = "dropped"


def _is_done(status: RagStatus | None, percent: Decimal | None) -> bool:
    """Whether somebody said so, or gave 100 % without a status that says otherwise."""
    return status is RagStatus.COMPLETE or (status is None and percent == 100)


_COMPARED = (LineState.ANSWERED, LineState.CONFIRMED, LineState.COMPLETE)


@dataclass(frozen=True, slots=True)
class Known:
    """What was last said of a milestone before this quarter.

    `slippage_days` are working days from the present baseline to that forecast, positive when later; `slippage_from_first_days`
    the same from the baseline it had at first, where that was moved. None where they are not known.
    """

    quarter: Quarter
    percent_complete: Decimal | None
    status: RagStatus | None
    forecast: date | None
    slippage_days: int | None = None
    slippage_from_first_days: int | None = None

    @property
    def is_complete(self) -> bool:
        """Whether it was done then."""
        return _is_done(self.status, self.percent_complete)


@dataclass(frozen=True, slots=True)
class AsWritten:
    """An owner's words where the manager has edited them for the report; `edited_by` is a name, `edited_at` UTC."""

    deliverables: tuple[str, ...]
    impact: str | None
    note: str | None
    edited_by: str
    edited_at: datetime


@dataclass(frozen=True, slots=True)
class MilestoneLine:
    """One milestone's row. Figures are this quarter's only; `known` is the last value before it, with its quarter.

    `known_age_quarters` is how many quarters old that value is; 1 for last quarter's.

    Percents are 0 to 100; `slippage_days` (baseline to forecast) and `forecast_moved_days` (last forecast to this one)
    are working days, positive when later. Where the baseline was moved, `first_baseline` is the one it had at first, and
    `slippage_from_first_days` counts from there, so that moving a baseline hides nothing; both are None elsewhere.

    `owner` is the first-named one; `answered_for` is the owner in whose place somebody answered.
    `as_written` keeps the owner's own words where the manager edited them. `tracker` is what a tracker told beside the owner.
    """

    key: str
    name: str
    owner: str
    weight: Decimal
    state: LineState
    percent_complete: Decimal | None = None
    status: RagStatus | None = None
    baseline: date | None = None
    forecast: date | None = None
    slippage_days: int | None = None
    forecast_moved_days: int | None = None
    first_baseline: date | None = None
    slippage_from_first_days: int | None = None
    deliverables: tuple[str, ...] = ()
    impact: str | None = None
    note: str | None = None
    recovery: str | None = None
    evidence: tuple[Attachment, ...] = ()
    more: Mapping[str, str] = field(default_factory=dict)
    known: Known | None = None
    known_age_quarters: int | None = None
    unanswered_quarters: int = 0
    answered_by: str | None = None
    answered_at: datetime | None = None
    co_owners: tuple[str, ...] = ()
    answered_for: str | None = None
    as_written: AsWritten | None = None
    tracker: TrackerFigure | None = None

    @property
    def is_answered(self) -> bool:
        """Whether somebody answered for it this quarter, be it "nothing changed"."""
        return self.state in (LineState.ANSWERED, LineState.CONFIRMED)

    @property
    def is_complete(self) -> bool:
        """Whether it is done, now or in an earlier quarter."""
        return self.state is LineState.COMPLETE or _is_done(self.status, self.percent_complete)

    @property
    def is_finished_now(self) -> bool:
        """Whether it is done now and was not when it was last known."""
        return self.is_complete and self.known is not None and not self.known.is_complete

    @property
    def percent_change(self) -> Decimal | None:
        """Points gained since the last known value; None where either is not known."""
        if self.percent_complete is None or self.known is None or self.known.percent_complete is None:
            return None
        return self.percent_complete - self.known.percent_complete

    @property
    def movement(self) -> Movement | None:
        """Where the milestone went since its last known value; None where that cannot be said, as of a missing update.

        Complete is better than any other. Else the worst of status, forecast (earlier is better) and percentage wins, so that
        no better word hides a figure that got worse.
        """
        if self.known is None or self.state not in _COMPARED:
            return None
        by_status = movement(self.status, self.known.status) if self.status else None
        if by_status is Movement.BETTER and self.status is RagStatus.COMPLETE:
            return by_status
        later = -self.forecast_moved_days if self.forecast_moved_days is not None else None
        ways = [gone for gone in (by_status, way(later), way(self.percent_change)) if gone]
        for worst_first in (Movement.WORSE, Movement.BETTER):
            if worst_first in ways:
                return worst_first
        return Movement.SAME if ways and not self._has_other_status else None

    @property
    def _has_other_status(self) -> bool:
        before = self.known.status if self.known else None
        return None not in (self.status, before) and self.status is not before
