"""The compiled quarterly report: one value that every surface renders, and how it is built from what people said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from bot.domain.attachment import Attachment
from bot.domain.project import RagStatus
from bot.domain.quarter import Quarter
from bot.domain.tracker import TrackerFigure
from bot.domain.update import DecisionState, PromiseResult, Rating, RiskKind, Ruling


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
        return bool(self.percent_change) or bool(self.forecast_moved_days) or self._has_other_status

    @property
    def movement(self) -> Movement | None:
        """Where the milestone went since its last known value; None where that cannot be said, as of a missing update.

        A status that got better or worse decides, and Complete is better than any other. Else the forecast (earlier is
        better) and the percentage do, and the worse of the two wins.
        """
        if self.known is None or self.state not in _COMPARED:
            return None
        by_status = movement(self.status, self.known.status) if self.status else None
        if by_status in (Movement.WORSE, Movement.BETTER):
            return by_status
        later = -self.forecast_moved_days if self.forecast_moved_days is not None else None
        ways = [way for change in (later, self.percent_change) if (way := _way(change))]
        for way in (Movement.WORSE, Movement.BETTER):
            if way in ways:
                return way
        return Movement.SAME if (ways or by_status) and not self._has_other_status else None

    @property
    def _has_other_status(self) -> bool:
        before = self.known.status if self.known else None
        return None not in (self.status, before) and self.status is not before


class Movement(StrEnum):
    """Where something went since last quarter."""

    WORSE = "worse"
    BETTER = "better"
    SAME = "same"


_COMPARED = (LineState.ANSWERED, LineState.CONFIRMED, LineState.COMPLETE)


def _way(change: Decimal | int | None) -> Movement | None:
    """Which way a figure went that is better when it grows."""
    if change is None:
        return None
    return Movement.SAME if change == 0 else Movement.BETTER if change > 0 else Movement.WORSE


@dataclass(frozen=True, slots=True)
class RiskLine:
    """One risk or blocker. `age_quarters` is 0 in the quarter it was opened; `owner` is a name.

    `severity_before` is its severity as last said in an earlier quarter; None for one that is new.
    """

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
    severity_before: int | None = None


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
class PromiseTally:
    """What became of the objectives that came due in one quarter."""

    quarter: Quarter
    kept: int = 0
    carried_over: int = 0
    dropped: int = 0
    unanswered: int = 0

    @property
    def due(self) -> int:
        """How many came due."""
        return self.answered + self.unanswered

    @property
    def answered(self) -> int:
        """How many of them somebody answered for."""
        return self.kept + self.carried_over + self.dropped


class ScopeChangeKind(StrEnum):
    """What was changed in the plan itself, as opposed to progress against it."""

    ADDED = "added"
    DROPPED = "dropped"
    RENAMED = "renamed"
    HANDED_OVER = "handed over"
    BASELINE_MOVED = "baseline moved"
    REBASELINED = "budget rebaselined"


@dataclass(frozen=True, slots=True)
class ScopeChange:
    """One change of the plan since last quarter. `key` and `name` are the milestone's, or the project's for the budget.

    `before` and `after` are names, dates or amounts as their kind has them (a date as ISO text, an amount as decimal
    text); `days` is by how many working days a baseline moved, positive when later. `by` is a person's name, None where
    it is not known who did it.
    """

    kind: ScopeChangeKind
    key: str
    name: str
    before: str | None = None
    after: str | None = None
    days: int | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """A decision needed; `who` is a name, `asked_in` the quarter it was first asked for, `age_quarters` 0 in that one.

    `ruling` is a leader's word in Slack; after "need more" the decision is still open.
    """

    key: str
    what: str
    who: str | None
    by: date | None
    options: tuple[str, ...]
    state: DecisionState
    outcome: str | None
    asked_in: Quarter
    age_quarters: int = 0
    ruling: Ruling | None = None


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """A reader's question about a report, and its answer; people and the milestone by name.

    `asked_in` is the quarter whose report it is about; `age_quarters` is 0 in that one. Instants are UTC.
    """

    key: str
    text: str
    milestone: str | None
    asked_by: str
    asked_at: datetime
    asked_in: Quarter
    age_quarters: int = 0
    answer: str | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ResourcesBefore:
    """The money figures as last said in an earlier quarter."""

    quarter: Quarter
    budget_at_completion: Decimal | None
    actual_cost: Decimal | None
    forecast_at_completion: Decimal | None
    percent_used: Decimal | None
    percent_variance: Decimal | None


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
    previous: ResourcesBefore | None = None


@dataclass(frozen=True, slots=True)
class EarnedValue:
    """Earned-value figures (PMI, Practice Standard for Earned Value Management), amounts in the project's currency.

    `planned_value` is the budget of the milestones whose baseline has come, `earned_value` the budget times weighted
    percent complete. A figure is None where one of its inputs was not given; so is an index that would divide by zero.
    """

    planned_value: Decimal | None
    earned_value: Decimal | None
    actual_cost: Decimal | None
    cost_performance_index: Decimal | None
    schedule_performance_index: Decimal | None


_HEIGHTS = {RagStatus.OFF_TRACK: 0, RagStatus.AT_RISK: 1, RagStatus.ON_TRACK: 2}


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


@dataclass(frozen=True, slots=True)
class ProjectStatus:
    """What the manager says, what the rule says, and what was reported last, in `previous_quarter`.

    That is the quarter before where it was reported at all, else the latest one that was.
    """

    claimed: RagStatus | None
    by_rule: RagStatus
    previous: RagStatus | None
    why: str | None = None
    note: str | None = None
    phase: str | None = None
    previous_quarter: Quarter | None = None

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
        """Where the shown status went since it was last reported."""
        return movement(self.shown, self.previous)


@dataclass(frozen=True, slots=True)
class StatusPoint:
    """The status that one quarter was reported with."""

    quarter: Quarter
    status: RagStatus


@dataclass(frozen=True, slots=True)
class Coverage:
    """Updates received of updates due; `missing` and `excused` are milestone keys."""

    due: int
    received: int
    missing: tuple[str, ...] = ()
    excused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckEvidence:
    """A piece of what a check found, in words, and the answer that it stands on.

    `by` is the name of who gave that answer, `at` when (UTC), `milestone` the key of the one it is about, `source` the key of
    its row among the report's sources; each None where there is none, and in what was stored before it was kept.
    """

    text: str
    milestone: str | None = None
    by: str | None = None
    at: datetime | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One honest look at the report: a sentence, its evidence, and the manager's printed note where one was given."""

    id: str
    sentence: str
    evidence: tuple[CheckEvidence, ...] = ()
    note: str | None = None
    audience: str = "all"  # "pm" is never shown to leadership


@dataclass(frozen=True, slots=True)
class Source:
    """Who reported what, and when (UTC); `for_whom` is the owner in whose place they did.

    `edited_by` and `edited_at` say who edited the wording for the report, and when.
    `key` tells the rows of a report apart: ``milestone:front-end``, ``risk:training``, ``resources``, ``tracker:front-end``;
    empty in what was stored before it was kept. A tracker's row says its `percent`, and the `link` to its page.
    """

    item: str
    by: str
    at: datetime
    confirmed: bool = False
    for_whom: str | None = None
    key: str = ""
    edited_by: str | None = None
    edited_at: datetime | None = None
    percent: Decimal | None = None
    link: str | None = None

    @property
    def speaker(self) -> str:
        """Who reported it, with the owner in whose place: ``Bob for Maya``."""
        return f"{self.by} for {self.for_whom}" if self.for_whom else self.by

    @property
    def is_tracker(self) -> bool:
        """Whether this is what a tracker told, beside what people reported."""
        return self.percent is not None


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
    questions: tuple[QuestionLine, ...] = ()  # in the order in which they were asked
    resources: ResourcesLine | None = None
    earned_value: EarnedValue | None = None
    scope_changes: tuple[ScopeChange, ...] = ()
    promise_history: tuple[PromiseTally, ...] = ()  # oldest first, this quarter last
    status_history: tuple[StatusPoint, ...] = ()  # at most eight quarters, oldest first, this one last
    executive_summary: str = ""
    conclusion: str = ""
    more: Mapping[str, str] = field(default_factory=dict)
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

    def moved(self, movement: Movement | None) -> tuple[MilestoneLine, ...]:
        """The milestones that went one way since their last known value; None: those that cannot be compared."""
        return tuple(line for line in self.milestones if line.movement is movement)

    @property
    def kept_of_answered(self) -> tuple[int, int]:
        """How many promises were kept, and how many were answered for, over the quarters."""
        return sum(tally.kept for tally in self.promise_history), sum(tally.answered for tally in self.promise_history)

    @property
    def kept_rate(self) -> Decimal | None:
        """Percent of the promises answered for which were kept; None where none was: silence is neither."""
        kept, answered = self.kept_of_answered
        return Decimal(kept) / answered * 100 if answered else None
