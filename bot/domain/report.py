"""The compiled quarterly report: one value that every surface renders, and the rows that it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from bot.domain.milestone_line import MilestoneLine
from bot.domain.movement import Movement, movement
from bot.domain.project import RagStatus
from bot.domain.quarter import Quarter
from bot.domain.sections import PlacedAnswer
from bot.domain.update import DecisionState, PromiseResult, Rating, RiskKind, Ruling


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
    """An objective that came due, and what became of it; `result` None means that nobody answered.

    `promised_in` is None for one that was answered for and is in no earlier quarter, so that only its key is known.
    """

    key: str
    title: str
    promised_in: Quarter | None
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
    MOVED = "moved"
    RENAMED = "renamed"
    HANDED_OVER = "handed over"
    BASELINE_MOVED = "baseline moved"
    REBASELINED = "budget rebaselined"


@dataclass(frozen=True, slots=True)
class ScopeChange:
    """One change of the plan since last quarter. `key` and `name` are the milestone's, or the project's for the budget.

    `before` and `after` are names, dates or amounts as their kind has them (a date as ISO text, an amount as decimal
    text; of a milestone that was moved, the projects' names); `days` is by how many working days a baseline moved,
    positive when later. `by` is a person's name, None where it is not known who did it.
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
    """Money and people. Amounts are in `currency`; percentages are of the budget, variance positive when over it.

    Where a percentage was given that disagrees with the amounts, these win, and the `reported_` one is what was given.
    """

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
    reported_percent_used: Decimal | None = None
    reported_percent_variance: Decimal | None = None


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
    `key` tells the rows of a report apart: ``milestone:front-end``, ``risk:training``, ``objective:api``,
    ``decision:vendor``, ``resources``, ``summary``, ``tracker:front-end``; empty in what was stored before it was kept.
    A tracker's row says its `percent`, and the `link` to its page.
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
    """A project's quarter as every surface renders it. Texts are plain; nothing is formatted for one surface.

    `report_date` is printed; `judged_on` is the day by which what is past its date, and what comes next, are told apart.
    """

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
    placed_answers: tuple[PlacedAnswer, ...] = ()  # printed in another section than where they were asked
    checks: tuple[Check, ...] = ()
    sources: tuple[Source, ...] = ()
    revision: int | None = None
    is_draft: bool = False
    judged_on: date | None = None  # unknown in what earlier versions stored

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
