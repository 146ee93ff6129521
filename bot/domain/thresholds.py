"""The figures at which the status rule and the checks fire: a company sets them, a project may have its own."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When a rule fires (product rule: portfolio `reporting: thresholds`).

    Days are working days, percents are of the budget, and a CPI is a cost performance index. A limit in days is passed by
    more than it ("over 10 working days"), one in percent or quarters is reached by as many ("over budget by 5 %"), and an index
    fires below it. Each tolerance is counted as the rule counts, so that a check asks exactly where the rule says At risk.

    The two tolerances are those of the checks that hold On track against dates and money. `answered_percent` is the share
    of the due weight without which a status is not known; `budget_note_percent` the variance beyond which a note is asked
    for ("passes 5 %"). `tracker_mismatch_points` are the percentage points by which an owner's figure may differ from a
    tracker's.
    """

    at_risk_slippage_days: int = 10
    off_track_slippage_days: int = 30
    at_risk_over_budget_percent: Decimal = Decimal(5)
    off_track_over_budget_percent: Decimal = Decimal(10)
    at_risk_cpi: Decimal = Decimal("0.9")
    off_track_cpi: Decimal = Decimal("0.8")
    answered_percent: Decimal = Decimal(50)
    schedule_tolerance_days: int = 10
    budget_tolerance_percent: Decimal = Decimal(5)
    spend_vs_progress_cpi: Decimal = Decimal("0.9")
    stalled_quarters: int = 2
    ageing_quarters: int = 3
    budget_note_percent: Decimal = Decimal(5)
    tracker_mismatch_points: Decimal = Decimal(10)

    def make_off_track(self, slippage: int, over: Decimal, cpi: Decimal | None) -> bool:
        """Whether figures alone make a project Off track: working days, percent over budget, and the index where it is known."""
        return (
            slippage > self.off_track_slippage_days
            or over >= self.off_track_over_budget_percent
            or (cpi is not None and cpi < self.off_track_cpi)
        )

    def make_at_risk(self, slippage: int, over: Decimal, cpi: Decimal | None) -> bool:
        """The same of At risk."""
        return (
            slippage > self.at_risk_slippage_days
            or over >= self.at_risk_over_budget_percent
            or (cpi is not None and cpi < self.at_risk_cpi)
        )
