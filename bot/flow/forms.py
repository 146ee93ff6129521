"""What dialogs, the review and other views are filled with, as plain values; the Slack room draws them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from bot.domain.life import LifeState
from bot.domain.milestone_line import Known, MilestoneLine
from bot.domain.portfolio_report import PortfolioReport
from bot.domain.project import Milestone, Person, Project, RagStatus
from bot.domain.quarter import Quarter
from bot.domain.report import Check, DecisionLine, QuarterlyReport
from bot.domain.said import SaidUpdate
from bot.domain.thresholds import Thresholds
from bot.domain.tracker import TrackerFigure
from bot.domain.update import (
    Decision,
    MilestoneUpdate,
    Objective,
    ProjectSummary,
    Resources,
    Risk,
    Verdict,
    Wording,
)
from bot.flow.messages import DecisionRef, ItemRef, ReturnedUpdate


@dataclass(frozen=True, slots=True)
class RulingForm:
    """The dialog in which a leader gives a word on a decision."""

    ref: DecisionRef
    verdict: Verdict
    report: QuarterlyReport
    decision: DecisionLine


@dataclass(frozen=True, slots=True)
class Said:
    """A leader's word as it came back from the dialog; `option` is the one chosen where the decision offered some."""

    verdict: Verdict
    comment: str | None = None
    option: str | None = None


@dataclass(frozen=True, slots=True)
class AskForm:
    """The dialog for a reader's question about a report; `milestones` are its keys and names."""

    ref: ItemRef
    project_name: str
    quarter_label: str
    milestones: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class DueObjective:
    """An objective that has come due and waits for its owner's word, or for the manager's."""

    key: str
    title: str
    promised_in: str


@dataclass(frozen=True, slots=True)
class OthersAnswer:
    """What somebody else has answered for a milestone; `at` is UTC."""

    by: str
    at: datetime
    percent_complete: Decimal | None
    status: RagStatus | None


@dataclass(frozen=True, slots=True)
class TrackerSays:
    """A tracker's figure beside the field for the owner's; `zone` is that of the person who looks at it."""

    figure: TrackerFigure
    zone: str
    is_of_today: bool


@dataclass(frozen=True, slots=True)
class Walk:
    """How far "Update all" is: "Update 2 of 5" has position 2, total 5, one item `before` it and three `after` it.

    A long walk may know only the items nearest to it: the last of `before`, the first of `after`.
    """

    position: int
    total: int
    before: tuple[ItemRef, ...] = ()
    after: tuple[ItemRef, ...] = ()


@dataclass(frozen=True, slots=True)
class MilestoneForm:
    """The milestone update dialog: `update` prefills it, `last` is the answer before this quarter's.

    `walk` says how far "Update all" is, where that opened it. `seen_version` is the version this form was opened on
    (0: none yet); `others` is somebody else's answer, and `warning` the sentence about it. `returned` is there while the
    manager asks for another look; `edited_by` is who put the update into other words for the report. `tracker` is what is
    told where the work is kept: offered, never filled in by itself. `risks` are the milestone's open ones, the gravest
    first; `people` are those whom its decisions name, by the ref that stands there. `decided_by` is who decides about what
    is sent, by name, once the report is published.
    """

    ref: ItemRef
    project: Project
    milestone: Milestone
    quarter_label: str
    locale: str
    update: MilestoneUpdate | None = None
    known: Known | None = None
    objectives: tuple[Objective, ...] = ()
    decisions: tuple[Decision, ...] = ()
    decided: frozenset[str] = frozenset()  # keys of decisions that were taken: nothing in this dialog reopens them
    due_objectives: tuple[DueObjective, ...] = ()
    last: MilestoneUpdate | None = None
    walk: Walk | None = None
    seen_version: int = 0
    others: OthersAnswer | None = None
    warning: str | None = None
    returned: ReturnedUpdate | None = None
    edited_by: str | None = None
    tracker: TrackerSays | None = None
    risks: tuple[Risk, ...] = ()
    people: Mapping[str, Person] = field(default_factory=dict)
    decided_by: str | None = None


@dataclass(frozen=True, slots=True)
class MilestoneSubmission:
    """What came back from the milestone dialog."""

    update: MilestoneUpdate
    objectives: tuple[Objective, ...] = ()
    decisions: tuple[Decision, ...] = ()


@dataclass(frozen=True, slots=True)
class RisksForm:
    """The list of a person's open risks, project by project, each kept, changed or closed with one click."""

    quarter: Quarter
    quarter_label: str
    projects: tuple[tuple[Project, tuple[Risk, ...]], ...]
    handled: Mapping[str, str] = field(default_factory=dict)  # risk key -> "kept" or "closed", as clicked in this view


@dataclass(frozen=True, slots=True)
class RiskForm:
    """The dialog for one risk or blocker; `risk` None is a new one. `people` has its owner, by the ref that stands there."""

    project: Project
    quarter: Quarter
    quarter_label: str
    locale: str
    risk: Risk | None = None
    milestone: str | None = None
    people: Mapping[str, Person] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ResourcesForm:
    """The resources and budget dialog, filled with this quarter's answer, else the last one's; `decided_by` as above."""

    ref: ItemRef
    project: Project
    quarter_label: str
    locale: str
    resources: Resources | None = None
    thresholds: Thresholds = field(default_factory=Thresholds)
    walk: Walk | None = None
    seen_version: int = 0
    others: OthersAnswer | None = None
    warning: str | None = None
    decided_by: str | None = None


@dataclass(frozen=True, slots=True)
class Sending:
    """How the messages to owners stand: `sent` and `waiting` of the step under way, and the stop that holds, if any.

    `stopped_by` is a name; `zone` is the company's, `locale` the reader's.
    """

    sent: int = 0
    waiting: int = 0
    stopped_by: str | None = None
    stopped_at: datetime | None = None
    zone: str = "UTC"
    locale: str = "en_US"


@dataclass(frozen=True, slots=True)
class LateRef:
    """One version of one item; `kind` is milestone, risk, objective, decision or resources."""

    kind: str
    key: str
    version: int


@dataclass(frozen=True, slots=True)
class LateChange:
    """An answer after publication: the fields that differ (name, what was printed, what was said), and what was decided.

    `is_left` is None while nobody has decided; `is_new` where nothing was printed of it; `at` is UTC.
    """

    ref: LateRef
    title: str
    by: str
    at: datetime
    changes: tuple[tuple[str, object, object], ...]
    is_left: bool | None = None
    is_new: bool = False
    is_confirmed: bool = False


@dataclass(frozen=True, slots=True)
class PublishedAs:
    """A revision that stands in the channel: who published it, and when (UTC); `readers` have acknowledged it, by name."""

    revision: int
    by: str
    at: datetime
    readers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WordingForm:
    """The words of one update: its owner's, and those that the report prints.

    `fingerprint` tells the owner's words apart from any that come later; `is_overtaken` says that they came while the
    dialog was open, and then `printed` is what the manager had typed.
    """

    ref: ItemRef
    milestone: str
    owner: str
    quarter_label: str
    original: Wording
    printed: Wording
    fingerprint: str
    is_overtaken: bool = False


@dataclass(frozen=True, slots=True)
class ReadForm:
    """The updates of a project's quarter as the report prints them, for reading, rewording and returning.

    Where they were opened from a check (its id is `check_id`) they are those that it is about, silent milestones' last ones
    too; `check` is None where it does not fire any more, and then they are all. `returned` are the keys of those that
    wait for their owners; `zone` is the company's.
    """

    ref: ItemRef
    report: QuarterlyReport
    updates: tuple[SaidUpdate, ...]
    returned: frozenset[str]
    zone: str
    check_id: str = ""
    check: Check | None = None


@dataclass(frozen=True, slots=True)
class ReviewForm:
    """What a project manager sees between `/compile-report` and Publish.

    `summary` holds the manager's own words where some were given; the report carries them, or what was drafted.
    `facts` is the hash of what is being reviewed, `seen` the newest answer in it; `stale_edits` names
    fields (``executive_summary``, ``conclusion``) edited before the facts under them changed, `overtaken` the milestones
    whose owners have chosen other words since the manager's. `silent_budget` names who is asked for the budget and has not
    answered, `due_objectives` are the promises of which nobody but the manager is asked. `life` says where the report
    stands, `published` what is in the channel; `zone` is the company's.
    """

    project: Project
    quarter: Quarter
    report: QuarterlyReport
    summary: ProjectSummary
    layouts: tuple[str, ...]
    channel: str
    facts: str
    stale_edits: tuple[str, ...] = ()
    saved: str | None = None  # a short line after an action at the top of the view, such as "Asked again"
    sent: str | None = None  # the same beside the buttons below, such as "A preview is in your messages"
    seen: int = 0
    sending: Sending = Sending()
    life: LifeState = LifeState.COLLECTING
    published: PublishedAs | None = None
    returned: tuple[ReturnedUpdate, ...] = ()
    overtaken: tuple[str, ...] = ()
    late: tuple[LateChange, ...] = ()
    zone: str = "UTC"
    silent_budget: str = ""
    due_objectives: tuple[DueObjective, ...] = ()


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What somebody confirmed: the hash of its facts, the newest answer in it, and the number it was to be published under."""

    facts: str
    seen: int
    revision: int | None


@dataclass(frozen=True, slots=True)
class ConfirmForm:
    """The view between Publish and the channel: it names channel, coverage and checks without a note.

    `facts`, `seen`, `returned` and `late` as in the review. `is_changed` where the facts are no longer those that were
    confirmed; `changes` says what changed since the review, a line each. `overtaken_by` is a revision that somebody
    published meanwhile; `already` is the one that holds these very facts, where there is nothing to publish; `zone` is the
    company's. `has_post` says that the channel has a post of the report, or is about to:
    not where Slack refused it.
    """

    project: Project
    quarter: Quarter
    report: QuarterlyReport
    channel: str
    facts: str
    has_post: bool
    seen: int = 0
    is_shared_channel: bool = False
    is_changed: bool = False
    changes: tuple[str, ...] = ()
    returned: tuple[ReturnedUpdate, ...] = ()
    late: tuple[LateChange, ...] = ()
    overtaken_by: PublishedAs | None = None
    already: PublishedAs | None = None
    zone: str = "UTC"

    @property
    def confirmed(self) -> Confirmed:
        """What somebody confirms who presses Publish in it."""
        return Confirmed(self.facts, self.seen, self.report.revision)


@dataclass(frozen=True, slots=True)
class ManagedMilestone:
    """A milestone as its manager sees it. `due_at` is UTC; `excuse` is the reason where it is excused.

    `stand_ins` are the names of those who are asked in an owner's place.
    """

    line: MilestoneLine
    due_at: datetime
    has_more_time: bool = False
    excuse: str = ""
    offered_to: str | None = None
    is_returned: bool = False  # it waits for its owner's second look
    stand_ins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ManageForm:
    """Who answers for a project's milestones, and by when; `paused_because` is None while the project is not paused.

    `due_at` is the deadline of all that were not given more time (UTC); `zone` is the company's.
    """

    project: Project
    quarter: Quarter
    quarter_label: str
    due_at: datetime
    locale: str
    zone: str
    milestones: tuple[ManagedMilestone, ...]
    paused_because: str | None = None


@dataclass(frozen=True, slots=True)
class HandoverForm:
    """Which milestones an owner can hand over, each with its project."""

    quarter: Quarter
    quarter_label: str
    locale: str
    milestones: tuple[tuple[ItemRef, str, str], ...]  # the item, the milestone's name and the project's


@dataclass(frozen=True, slots=True)
class Lent:
    """A request to a colleague that waits for their answer: its number, the item's title, and the colleague's name."""

    number: int
    title: str
    colleague: str


@dataclass(frozen=True, slots=True)
class LendForm:
    """What an owner can let a colleague answer (the item, its title and its project's name), and what they have let already."""

    quarter: Quarter
    quarter_label: str
    locale: str
    items: tuple[tuple[ItemRef, str, str], ...]
    lent: tuple[Lent, ...]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What somebody had before their eyes: the hash of its facts, and when they were compiled (UTC)."""

    facts: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PortfolioForm:
    """What an admin sees between `/compile-report all` and the channel, in the review and in the confirming view.

    `reviewed` marks what is being looked at. `changes` says what changed since the review, when something did; then
    nothing is published yet. `saved` is a short line after an action inside the review; `has_post` as in a project's.
    """

    report: PortfolioReport
    channel: str
    reviewed: Reviewed
    has_post: bool
    is_shared_channel: bool = False
    changes: tuple[str, ...] = ()
    saved: str | None = None


@dataclass(frozen=True, slots=True)
class ProjectChoice:
    """Which project to compile, when a manager has several."""

    quarter: Quarter | None
    projects: tuple[Project, ...]


@dataclass(frozen=True, slots=True)
class CommandHelp:
    """What `/compile-report help` says, or why something could not be done; `problem` comes first where there is one."""

    problem: str | None = None
    today: date | None = None
