"""The compiled quarterly report: one value that every surface renders, and how it is built from what people said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from bot.domain.project import RagStatus
from bot.domain.quarter import Quarter
from bot.domain.update import DecisionState, PromiseResult, Rating, RiskKind


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


@dataclass(frozen=True, slots=True)
class Known:
    """What was last said of a milestone before this quarter."""

    quarter: Quarter
    percent_complete: Decimal | None
    status: RagStatus | None
    forecast: date | None


@dataclass(frozen=True, slots=True)
class MilestoneLine:
    """One milestone's row. Figures are this quarter's only; `known` is the last value before it, with its quarter.

    Percents are 0 to 100; `slippage_days` (baseline to forecast) and `forecast_moved_days` (last forecast to this one)
    are working days, positive when later.
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
    deliverables: tuple[str, ...] = ()
    impact: str | None = None
    note: str | None = None
    recovery: str | None = None
    more: Mapping[str, str] = field(default_factory=dict)
    known: Known | None = None
    unanswered_quarters: int = 0
    answered_by: str | None = None
    answered_at: datetime | None = None

    @property
    def percent_change(self) -> Decimal | None:
        """Points gained since the last known value; None where either is not known."""
        if self.percent_complete is None or self.known is None or self.known.percent_complete is None:
            return None
        return self.percent_complete - self.known.percent_complete

    @property
    def is_moved(self) -> bool:
        """Whether percent, status or forecast differ from the last known value."""
        if self.known is None or self.state is LineState.MISSING:
            return False
        status_moved = self.known.status is not None and self.status is not self.known.status
        return bool(self.percent_change) or bool(self.forecast_moved_days) or status_moved


@dataclass(frozen=True, slots=True)
class RiskLine:
    """One risk or blocker. `age_quarters` is 0 in the quarter it was opened; `owner` is a name."""

    key: str
    title: str
    kind: RiskKind
    challenge: str | None
    mitigation: str | None
    probability: Rating | None
    impact: Rating | None
    owner: str | None
    due: date | None
    waits_on: str | None
    since: date | None
    opened: Quarter
    age_quarters: int
    is_open: bool
    severity: int
    is_unmanaged: bool
    milestone: str | None = None
    more: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ObjectiveLine:
    """One objective promised for the next quarter; `milestone` is a name."""

    key: str
    title: str
    detail: str | None
    deliverable: str | None
    starts: str | None
    target: str | None
    milestone: str | None = None


@dataclass(frozen=True, slots=True)
class PromiseLine:
    """An objective that came due, and what became of it; `result` None means that nobody answered."""

    key: str
    title: str
    promised_in: Quarter
    result: PromiseResult | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """A decision needed; `who` is a name, `asked_in` the quarter it was first asked for."""

    key: str
    what: str
    who: str | None
    by: date | None
    options: tuple[str, ...]
    state: DecisionState
    outcome: str | None
    asked_in: Quarter


@dataclass(frozen=True, slots=True)
class ResourcesLine:
    """Money and people. Amounts are in `currency`; percentages are of the budget, variance positive when over it."""

    currency: str | None
    budget_at_completion: Decimal | None
    actual_cost: Decimal | None
    forecast_at_completion: Decimal | None
    percent_used: Decimal | None
    percent_variance: Decimal | None
    previous_percent_variance: Decimal | None
    budget_note: str | None
    staffing_unit: str
    staffing_planned: Decimal | None
    staffing_actual: Decimal | None
    staffing_note: str | None
    vendors: str | None
    dependencies: tuple[str, ...]
    more: Mapping[str, str] = field(default_factory=dict)


class Movement(StrEnum):
    """Where a status went since last quarter."""

    WORSE = "worse"
    BETTER = "better"
    SAME = "same"


_HEIGHTS = {RagStatus.OFF_TRACK: 0, RagStatus.AT_RISK: 1, RagStatus.ON_TRACK: 2, RagStatus.COMPLETE: 3}


def movement(now: RagStatus, before: RagStatus | None) -> Movement | None:
    """Whether a status is better, worse or the same; None where one of them cannot be compared."""
    if now is before:
        return Movement.SAME
    if before is None or now not in _HEIGHTS or before not in _HEIGHTS:
        return None
    return Movement.BETTER if _HEIGHTS[now] > _HEIGHTS[before] else Movement.WORSE


@dataclass(frozen=True, slots=True)
class ProjectStatus:
    """What the manager says, what the rule says, and what was reported last quarter."""

    claimed: RagStatus | None
    by_rule: RagStatus
    previous: RagStatus | None
    why: str | None = None
    note: str | None = None
    phase: str | None = None

    @property
    def shown(self) -> RagStatus:
        """The status the report leads with: the claim where one was made, else the rule's."""
        return self.claimed or self.by_rule

    @property
    def differs(self) -> bool:
        """Whether the claim and the rule disagree."""
        return self.claimed is not None and self.claimed is not self.by_rule

    @property
    def movement(self) -> Movement | None:
        """Where the shown status went since last quarter."""
        return movement(self.shown, self.previous)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Updates received of updates due; `missing` and `excused` are milestone keys."""

    due: int
    received: int
    missing: tuple[str, ...] = ()
    excused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """One honest look at the report: a sentence, its evidence, and the manager's printed note where one was given."""

    id: str
    sentence: str
    evidence: tuple[str, ...] = ()
    note: str | None = None
    audience: str = "all"  # "pm" is never shown to leadership


@dataclass(frozen=True, slots=True)
class Source:
    """Who reported what, and when (UTC)."""

    item: str
    by: str
    at: datetime
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Narrative:
    """What was drafted from the facts, as plain text."""

    executive_summary: str
    conclusion: str


@dataclass(frozen=True, slots=True)
class QuarterlyReport:
    """A project's quarter as every surface renders it. Texts are plain; nothing is formatted for one surface."""

    company: str
    locale: str
    project_key: str
    project_name: str
    quarter: Quarter
    quarter_label: str
    report_date: date
    layout: str
    status: ProjectStatus
    coverage: Coverage
    milestones: tuple[MilestoneLine, ...]
    industry: str | None = None
    audience: str | None = None
    prepared_by: str | None = None
    period: tuple[date, date] | None = None
    scheduled_completion: str | None = None
    impact: str | None = None
    risks: tuple[RiskLine, ...] = ()
    objectives: tuple[ObjectiveLine, ...] = ()
    promises: tuple[PromiseLine, ...] = ()
    decisions: tuple[DecisionLine, ...] = ()
    resources: ResourcesLine | None = None
    executive_summary: str = ""
    conclusion: str = ""
    checks: tuple[Check, ...] = ()
    sources: tuple[Source, ...] = ()
    revision: int | None = None
    is_draft: bool = False

    @property
    def title(self) -> str:
        """What the report is about, as a heading names it."""
        return self.project_name

    @property
    def open_decisions(self) -> tuple[DecisionLine, ...]:
        """Decisions that still wait, soonest first."""
        waiting = (d for d in self.decisions if d.state is DecisionState.OPEN)
        return tuple(sorted(waiting, key=lambda d: (d.by or date.max, d.key)))

    @property
    def open_risks(self) -> tuple[RiskLine, ...]:
        """Open risks and blockers, the gravest and then the oldest first."""
        return tuple(sorted((r for r in self.risks if r.is_open), key=lambda r: (-r.severity, -r.age_quarters)))
