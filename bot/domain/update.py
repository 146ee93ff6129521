"""What people answer for a quarter: milestone updates, risks, objectives, decisions, resources, project summary."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Generic, TypeVar

from bot.domain.attachment import Attachment
from bot.domain.project import RagStatus
from bot.domain.quarter import Quarter

_BULLET = re.compile(r"^\s*[-*•]\s+")


def lines_of(text: str) -> tuple[str, ...]:
    """The lines of a text, such as deliverables, as items: without empty ones and the marks of a list."""
    lines = (_BULLET.sub("", line).strip() for line in text.splitlines())
    return tuple(line for line in lines if line)


class PromiseResult(StrEnum):
    """What became of an objective that came due."""

    KEPT = "kept"
    CARRIED_OVER = "carried over"
    DROPPED = "dropped"


class RiskKind(StrEnum):
    """A risk may happen; a blocker has happened."""

    RISK = "risk"
    BLOCKER = "blocker"


class Rating(StrEnum):
    """Probability or impact of a risk."""

    LOW = "Low"
    MEDIUM = "Medium"
    HIGH = "High"


@dataclass(frozen=True, slots=True)
class Promise:
    """An owner's answer for one objective that came due."""

    result: PromiseResult
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Provenance:
    """Who said something and when (UTC). `by` is a person's ref; `confirmed` marks a "nothing changed".

    `for_whom` is the ref of the owner in whose place a deputy or a colleague said it; None where somebody spoke for themselves.
    `is_dated` is False where nobody said when, so that `at` is taken for want of better; it is not stored.
    """

    by: str
    at: datetime
    confirmed: bool = False
    for_whom: str | None = None
    is_dated: bool = field(default=True, compare=False)


@dataclass(frozen=True, slots=True)
class MilestoneUpdate:
    """One owner's answers for one milestone and quarter. `percent_complete` is 0 to 100; what was not given is None."""

    percent_complete: Decimal | None = None
    status: RagStatus | None = None
    forecast: date | None = None
    deliverables: tuple[str, ...] = ()
    impact: str | None = None
    note: str | None = None
    recovery: str | None = None
    promised: Mapping[str, Promise] = field(default_factory=dict)
    more: Mapping[str, str] = field(default_factory=dict)
    evidence: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Risk:
    """A risk or blocker of a project, or of one milestone. `owner` is a person's ref or words."""

    key: str
    title: str
    challenge: str | None = None
    kind: RiskKind = RiskKind.RISK
    mitigation: str | None = None
    probability: Rating | None = None
    impact: Rating | None = None
    owner: str | None = None
    due: date | None = None
    waits_on: str | None = None
    since: date | None = None
    opened: Quarter | None = None
    is_open: bool = True
    milestone: str | None = None
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def severity(self) -> int:
        """How pressing it is, for ordering: probability times impact (1 to 9; 0 unrated), a blocker above any risk."""
        score = _SCORE[self.probability] * _SCORE[self.impact]
        return score + 10 * (self.kind is RiskKind.BLOCKER)


_SCORE = {None: 0, Rating.LOW: 1, Rating.MEDIUM: 2, Rating.HIGH: 3}


@dataclass(frozen=True, slots=True)
class Objective:
    """What is promised for the next quarter. `starts` and `target` are a date, a quarter or words, kept as typed."""

    key: str
    title: str
    detail: str | None = None
    deliverable: str | None = None
    starts: str | None = None
    target: str | None = None
    milestone: str | None = None
    is_withdrawn: bool = False  # taken back in the dialog in the quarter it was made


class DecisionState(StrEnum):
    """Whether a decision still waits."""

    OPEN = "open"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"


class Verdict(StrEnum):
    """What a leader said to a decision that was asked for."""

    APPROVED = "approved"
    DECLINED = "declined"
    NEED_MORE = "need more"  # it stays open


@dataclass(frozen=True, slots=True)
class Ruling:
    """A leader's word on a decision. `by` is a person's ref, in a report a name; `at` is UTC, in a report on the company's clock.

    `option` is the one that was chosen where the decision offered some.
    """

    verdict: Verdict
    by: str
    at: datetime
    comment: str | None = None
    option: str | None = None

    @property
    def state(self) -> DecisionState:
        """How the decision stands after it."""
        return DecisionState.OPEN if self.verdict is Verdict.NEED_MORE else DecisionState.DECIDED


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision that somebody must take. `who` is a person's ref or words; `ruling` is what was last said to it in Slack."""

    key: str
    what: str
    who: str | None = None
    by: date | None = None
    options: tuple[str, ...] = ()
    state: DecisionState = DecisionState.OPEN
    outcome: str | None = None
    milestone: str | None = None
    ruling: Ruling | None = None


@dataclass(frozen=True, slots=True)
class ReaderQuestion:
    """A reader's question about the published report of a project's quarter, and its answer once there is one.

    `milestone` is a key, None for the whole project; `asked_by` and `answered_by` are people's refs; instants are UTC.
    """

    number: int
    project: str
    quarter: Quarter
    text: str
    asked_by: str
    asked_at: datetime
    milestone: str | None = None
    answer: str | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Resources:
    """A project's money and people.

    Amounts are in the project's currency; percentages count from the budget, `percent_variance` positive when over it.
    """

    budget_at_completion: Decimal | None = None
    actual_cost: Decimal | None = None
    forecast_at_completion: Decimal | None = None
    percent_used: Decimal | None = None
    percent_variance: Decimal | None = None
    budget_note: str | None = None
    staffing_planned: Decimal | None = None
    staffing_actual: Decimal | None = None
    staffing_note: str | None = None
    vendors: str | None = None
    dependencies: tuple[str, ...] = ()
    more: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProjectSummary:
    """The project manager's own words for a quarter; texts left None are drafted from the facts.

    `status_why` is the reason for a status other than the rule's; `report_date` is printed on the report; `more` are answers
    to a company's own questions;
    `check_notes` are the printed notes under checks, by check id. `drafted` holds, for each text that was edited, the
    draft that stood there, so that an edit whose facts have changed since is noticed.
    """

    report_date: date | None = None
    phase: str | None = None
    status: RagStatus | None = None
    status_why: str | None = None
    status_note: str | None = None
    scheduled_completion: str | None = None
    impact: str | None = None
    executive_summary: str | None = None
    conclusion: str | None = None
    promised: Mapping[str, Promise] = field(default_factory=dict)
    check_notes: Mapping[str, str] = field(default_factory=dict)
    drafted: Mapping[str, str] = field(default_factory=dict)
    layout: str | None = None
    more: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Return:
    """The manager's request to look at an update once more; `comment` None takes it back. Any later answer settles it.

    `notice` is the key of the message that told the owner.
    """

    comment: str | None
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of an update, without its figures."""

    deliverables: tuple[str, ...] = ()
    impact: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class WordingEdit:
    """The manager's words for the report in place of an owner's `original` ones; both the same means no edit."""

    original: Wording
    edited: Wording


@dataclass(frozen=True, slots=True)
class LateChoice:
    """What the manager decided about an answer given after publication: taken into the next revision, or left.

    Where it is left, version `instead` of the same item stands (0: none).
    """

    is_left: bool
    instead: int = 0


T_co = TypeVar("T_co", covariant=True)

Answer = MilestoneUpdate | Risk | Objective | Decision | Resources | ProjectSummary
Remark = Return | WordingEdit | LateChoice  # what the manager says about answers


@dataclass(frozen=True, slots=True)
class Given(Generic[T_co]):
    """An answer as it stands, with who gave it and how often it was given (version 1 is the first)."""

    value: T_co
    provenance: Provenance
    version: int = 1


@dataclass(frozen=True, slots=True)
class QuarterAnswers:
    """Everything a project's people said in one quarter, the latest version of each item, keyed by the item's key.

    `returns` (those that still wait for an answer) and `wordings` are the manager's, keyed by milestone.
    """

    milestones: Mapping[str, Given[MilestoneUpdate]] = field(default_factory=dict)
    risks: Mapping[str, Given[Risk]] = field(default_factory=dict)
    objectives: Mapping[str, Given[Objective]] = field(default_factory=dict)
    decisions: Mapping[str, Given[Decision]] = field(default_factory=dict)
    resources: Given[Resources] | None = None
    summary: Given[ProjectSummary] | None = None
    returns: Mapping[str, Given[Return]] = field(default_factory=dict)
    wordings: Mapping[str, Given[WordingEdit]] = field(default_factory=dict)
