"""Rules that answers must keep in a dialog, and the project's status by rule. Pure functions over values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from bot.domain.project import RagStatus
from bot.domain.quarter import WorkingCalendar
from bot.domain.report import EarnedValue
from bot.domain.thresholds import Thresholds
from bot.domain.update import MilestoneUpdate, Rating, Resources, Risk, RiskKind

_TENTH = Decimal("0.1")  # of a point: percentages are printed with one decimal


@dataclass(frozen=True, slots=True)
class Problem:
    """Something a dialog cannot accept: the field it is at, the rule's name, and the figures its sentence needs."""

    at: str
    rule: str
    values: Mapping[str, object] = field(default_factory=dict)


def check_update(
    update: MilestoneUpdate,
    *,
    baseline: date | None,
    previous: MilestoneUpdate | None,
    calendar: WorkingCalendar,
) -> list[Problem]:
    """What is missing or contradicts itself in a milestone update (product rules of the dialog).

    Complete below 100 % and Not started above 0 % are mostly a percentage that was left as it was; a note says that it is meant.
    """
    problems = []
    if is_contrary(update) and not update.note:
        said = {"status": update.status, "percent": update.percent_complete}
        problems.append(Problem("percent_complete", "status-and-percent", said))
    if update.status is RagStatus.OFF_TRACK and not update.recovery:
        problems.append(Problem("recovery", "recovery-missing"))
    if update.percent_complete == 100 and update.status is RagStatus.AT_RISK:
        problems.append(Problem("status", "complete-at-risk"))
    if has_fallen(update, previous) and not update.note:
        before = previous.percent_complete if previous else None
        problems.append(Problem("note", "fell-without-note", {"before": before, "now": update.percent_complete}))
    late_by = slippage(baseline, update.forecast, calendar) or 0
    if update.status is RagStatus.ON_TRACK and late_by > 0 and not update.note:
        values = {"forecast": update.forecast, "baseline": baseline, "days": late_by}
        problems.append(Problem("forecast", "late-but-on-track", values))
    return problems


def check_resources(resources: Resources, thresholds: Thresholds, *, budget: Decimal | None) -> list[Problem]:
    """What is missing in a budget answer: a variance beyond the limit needs a note, and so does a total below what is spent.

    The forecast at completion holds what is spent (PMI); one below it is mostly what is still to come.
    """
    if resources.budget_note:
        return []
    problems = []
    total, spent = resources.forecast_at_completion, resources.actual_cost
    if total is not None and spent is not None and total < spent:
        problems.append(Problem("forecast_at_completion", "forecast-below-spent"))
    variance = over_budget(resources, budget)
    if variance is not None and abs(variance) > thresholds.budget_note_percent:
        problems.append(Problem("budget_note", "variance-needs-note", {"variance": variance}))
    return problems


def is_contrary(update: MilestoneUpdate) -> bool:
    """Whether the percentage says something else than the status: Complete below 100 %, or Not started above 0 %."""
    percent = update.percent_complete
    if percent is None:
        return False
    return (update.status is RagStatus.COMPLETE and percent < 100) or (
        update.status is RagStatus.NOT_STARTED and percent > 0
    )


def has_fallen(update: MilestoneUpdate, previous: MilestoneUpdate | None) -> bool:
    """Whether percent complete is lower than it was."""
    if previous is None or previous.percent_complete is None or update.percent_complete is None:
        return False
    return update.percent_complete < previous.percent_complete


def slippage(baseline: date | None, forecast: date | None, calendar: WorkingCalendar) -> int | None:
    """Working days from the baseline to the forecast, positive when later; None where either was not given."""
    if baseline is None or forecast is None:
        return None
    return calendar.between(baseline, forecast)


def budget_of(resources: Resources | None, budget: Decimal | None) -> Decimal | None:
    """The budget that money is held against: the one that was answered, be it 0, else the project's."""
    given = resources.budget_at_completion if resources else None
    return budget if given is None else given


def over_budget(resources: Resources | None, budget: Decimal | None) -> Decimal | None:
    """Percent by which the forecast passes the budget, negative when under it; amounts win over a percentage."""
    if resources is None:
        return None
    total = budget_of(resources, budget)
    if total and resources.forecast_at_completion is not None:
        return (resources.forecast_at_completion - total) / total * 100
    return resources.percent_variance


def overrun(resources: Resources | None, budget: Decimal | None) -> Decimal:
    """Percent by which the project is over its budget, by forecast or by what is spent; 0 where neither is over.

    What is spent can only be a lower bound of what the project will have cost (PMI: the forecast at completion is actual cost
    plus what is still to do), so spending beyond the budget counts like a forecast of as much, and before a lower one.
    """
    spent_over = (percent_used(resources, budget) or Decimal(0)) - 100
    return max(over_budget(resources, budget) or Decimal(0), spent_over, Decimal(0))


def mismatches(resources: Resources | None, budget: Decimal | None) -> list[Problem]:
    """The percentages of a budget answer that disagree with what its amounts make, which win.

    A percentage agrees as far as it was given: 53 does with 53.3, and 53.1 does not. Each problem's values are the percentage as
    `given` and as reckoned `by_amounts`.
    """
    if resources is None:
        return []
    bare = replace(resources, percent_used=None, percent_variance=None)
    pairs = (
        ("percent_used", resources.percent_used, percent_used(bare, budget)),
        ("percent_variance", resources.percent_variance, over_budget(bare, budget)),
    )
    return [
        Problem(at, "amounts-win", {"given": given, "by_amounts": reckoned})
        for at, given, reckoned in pairs
        if given is not None and reckoned is not None and abs(given - reckoned) >= _last_place(given)
    ]


def _last_place(percent: Decimal) -> Decimal:
    """The unit of the last place of a figure: 1 of 53, a tenth of 53.1 and, as far as is printed, of 53.12."""
    return Decimal(1) if percent == percent.to_integral_value() else _TENTH


def percent_used(resources: Resources | None, budget: Decimal | None) -> Decimal | None:
    """Percent of the budget at completion spent so far; amounts win over a percentage."""
    if resources is None:
        return None
    total = budget_of(resources, budget)
    if total and resources.actual_cost is not None:
        return resources.actual_cost / total * 100
    return resources.percent_used


def is_unmanaged(risk: Risk) -> bool:
    """Whether an open High risk or blocker has no mitigation or no owner."""
    is_grave = risk.kind is RiskKind.BLOCKER or Rating.HIGH in (risk.probability, risk.impact)
    return risk.is_open and is_grave and not (risk.mitigation and risk.owner)


@dataclass(frozen=True, slots=True)
class Standing:
    """One live milestone as the status rule sees it; `update` is this quarter's answer, None where there is none.

    One that is neither due nor was complete (excused, paused, new) counts in no average; it only is not complete.
    """

    weight: Decimal
    update: MilestoneUpdate | None
    slippage: int | None
    is_due: bool
    was_complete: bool = False
    baseline: date | None = None

    @property
    def is_complete(self) -> bool:
        """Complete now, or in an earlier quarter."""
        return self.was_complete or (self.update is not None and self.update.status is RagStatus.COMPLETE)

    @property
    def is_told(self) -> bool:
        """Whether there is anything to judge: complete in an earlier quarter, or any figure in this quarter's answer."""
        given = self.update
        figures = (given.percent_complete, given.status, given.forecast) if given else ()
        return self.was_complete or any(figure is not None for figure in figures)

    @property
    def is_idle(self) -> bool:
        """Whether somebody said that it has not begun: its status, else 0 %. A forecast alone says nothing of that."""
        if self.update is None or self.update.status is not None:
            return self.update is not None and self.update.status is RagStatus.NOT_STARTED
        return self.update.percent_complete == 0


def tells_of_work(update: MilestoneUpdate) -> bool:
    """Whether an answer says that work has begun: by its status, else by its percentage."""
    if update.status is not None:
        return update.status is not RagStatus.NOT_STARTED
    return bool(update.percent_complete)


def earned_value(
    standings: Sequence[Standing], resources: Resources | None, budget: Decimal | None, *, on: date
) -> EarnedValue:
    """Planned value, earned value and their indices (PMI, Practice Standard for Earned Value Management).

    Work is planned by the fixed 0/100 formula: a milestone's share of the budget falls due on its baseline, so up to and
    including the day `on`. It is earned by percent complete, weighted. What lacks an input is None: a missing update or
    baseline is never averaged away.
    """
    counted = [s for s in standings if s.is_due or s.was_complete]
    total = budget_of(resources, budget)
    planned = _share(total, [(s.weight, _planned_percent(s, on)) for s in counted])
    earned = _share(total, [(s.weight, _percent_of(s)) for s in counted])
    cost = resources.actual_cost if resources else None
    return EarnedValue(
        planned_value=planned,
        earned_value=earned,
        actual_cost=cost,
        cost_performance_index=earned / cost if earned is not None and cost else None,
        schedule_performance_index=earned / planned if earned is not None and planned else None,
    )


def _share(total: Decimal | None, parts: Sequence[tuple[Decimal, Decimal | None]]) -> Decimal | None:
    """The part of a budget that weighted percentages make; None where the budget or one of them was not given."""
    weight = sum((weight for weight, _ in parts), Decimal(0))
    given = [(weight, percent) for weight, percent in parts if percent is not None]
    if not total or not weight or len(given) < len(parts):
        return None
    return total * sum((weight * percent for weight, percent in given), Decimal(0)) / weight / 100


def _planned_percent(standing: Standing, on: date) -> Decimal | None:
    if standing.baseline is None:
        return None
    return Decimal(100) if standing.baseline <= on else Decimal(0)


def _percent_of(standing: Standing) -> Decimal | None:
    if standing.update is not None and standing.update.percent_complete is not None:
        return standing.update.percent_complete
    return Decimal(100) if standing.is_complete else None


def status_by_rule(
    standings: Sequence[Standing],
    *,
    over: Decimal,
    cpi: Decimal | None,
    risks: Iterable[Risk],
    thresholds: Thresholds,
    has_begun: bool = False,
) -> RagStatus:
    """The project's status from its figures alone: the first rule that fits. Figures not given fire nothing.

    `over` is what `overrun` gives, `cpi` the cost performance index that `earned_value` does. `has_begun` says that something
    other than these milestones tells of work begun or money spent. Where nothing was due and not all is complete, nothing
    is known: no project is on track by silence, nor by an answer in words alone. Slippage is that of a forecast, so a milestone
    that is Complete has none: its lateness stays in its row and says nothing of what is still to come.
    """
    told = [s for s in standings if s.is_told]
    if told and all(s.is_complete for s in standings):
        return RagStatus.COMPLETE
    if not told or _percent_told(standings) < thresholds.answered_percent:
        return RagStatus.NOT_KNOWN
    if not has_begun and all(s.is_idle for s in told):
        return RagStatus.NOT_STARTED
    statuses = {s.update.status for s in told if s.update}
    slip = max((s.slippage for s in told if s.slippage is not None and not s.is_complete), default=0)
    if RagStatus.OFF_TRACK in statuses or thresholds.make_off_track(slip, over, cpi):
        return RagStatus.OFF_TRACK
    if RagStatus.AT_RISK in statuses or thresholds.make_at_risk(slip, over, cpi) or any(map(is_unmanaged, risks)):
        return RagStatus.AT_RISK
    return RagStatus.ON_TRACK


def has_spent(resources: Resources | None) -> bool:
    """Whether a budget answer tells of money spent."""
    return bool(resources and (resources.actual_cost or resources.percent_used))


def _percent_told(standings: Sequence[Standing]) -> Decimal:
    """How much of the weight that was due is answered for with a figure, 0 to 100."""
    due = [s for s in standings if s.is_due]
    total = sum((s.weight for s in due), Decimal(0))
    if not total:
        return Decimal(0)
    return sum((s.weight for s in due if s.is_told), Decimal(0)) / total * 100
