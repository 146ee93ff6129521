"""What is said to people, as plain values. The Slack room turns each into blocks; tests read them as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from bot.domain.portfolio_report import PortfolioReport
from bot.domain.project import Milestone, Person, Project, RagStatus
from bot.domain.quarter import Quarter
from bot.domain.report import Known, MilestoneLine, QuarterlyReport
from bot.domain.update import Decision, MilestoneUpdate, Objective, ProjectSummary, Resources, Risk


class Step(StrEnum):
    """The steps of the ladder, in their order; the value is part of keys and of the ledger."""

    OPENING = "opening"
    REMINDER = "reminder"
    LAST_CALL = "last-call"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class ItemRef:
    """One thing that a person owes: a milestone's update, or a project's resources (`milestone` empty)."""

    project: str
    quarter: Quarter
    milestone: str = ""

    @property
    def is_resources(self) -> bool:
        """Whether the item is "Resources and budget"."""
        return not self.milestone


@dataclass(frozen=True, slots=True)
class OwedItem:
    """An item as its owner's message shows it: what was known, and what this quarter's answer is."""

    ref: ItemRef
    project_name: str
    title: str
    known: Known | None = None
    answer: MilestoneUpdate | None = None
    resources: Resources | None = None
    currency: str | None = None
    is_done: bool = False
    is_confirmed: bool = False
    needs_word: str | None = None  # after "Nothing changed": why this one could not be confirmed (a rule's name)
    forecast_passed: bool = False
    more_time: date | None = None  # the last day, where the manager gave more time than the others have
    offered_to: str | None = None  # to whom its owner offers it, until that person has answered


@dataclass(frozen=True, slots=True)
class Snooze:
    """One choice of "remind me later": its name and the instant (UTC) at which the reminder would come."""

    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OwnerCard:
    """The one message to a person for a step, covering everything that person owes for the quarter.

    `key` is the message's business key; `days_left` are whole working days of the person until `due_at` (UTC).
    `zone` is the person's zone. `is_superseded` marks an older message whose buttons are being taken off.
    """

    key: str
    step: Step
    person: Person
    quarter: Quarter
    quarter_label: str
    due_at: datetime
    zone: str
    days_left: int
    locale: str
    asked_by: tuple[str, ...]
    channel: str
    items: tuple[OwedItem, ...]
    snoozes: tuple[Snooze, ...] = ()
    is_closed: bool = False
    is_superseded: bool = False

    @property
    def done(self) -> int:
        """How many items are answered."""
        return sum(item.is_done for item in self.items)

    def superseded(self) -> OwnerCard:
        """The same message when a newer one has taken its place."""
        return replace(self, is_superseded=True)

    @property
    def open_items(self) -> tuple[OwedItem, ...]:
        """What is still to be answered."""
        return tuple(item for item in self.items if not item.is_done)


@dataclass(frozen=True, slots=True)
class DigestProject:
    """A project's line in a digest: updates received of updates due."""

    ref: ItemRef
    name: str
    received: int
    due: int


@dataclass(frozen=True, slots=True)
class DigestItem:
    """A milestone without an answer: its owner, what was last known, how often the owner was asked, and where they are.

    `is_unconfirmed` says that Slack refused or did not confirm a message; `sponsor` is who is told of a second silence;
    `until` is the last day of one that was given more time, which is not silent yet.
    """

    ref: ItemRef
    project_name: str
    title: str
    owner: str
    known: Known | None
    asked: int
    is_unconfirmed: bool
    has_account: bool
    is_away: bool
    away_until: datetime | None
    silent_quarters: int
    sponsor: str | None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class OverdueDigest:
    """The one message to a manager after the deadline; to a sponsor about milestones that are silent again."""

    key: str
    person: Person
    quarter: Quarter
    quarter_label: str
    locale: str
    zone: str
    projects: tuple[DigestProject, ...]
    items: tuple[DigestItem, ...]
    is_for_sponsor: bool = False

    @property
    def silent(self) -> tuple[DigestItem, ...]:
        """The milestones whose deadline has passed."""
        return tuple(item for item in self.items if item.until is None)


@dataclass(frozen=True, slots=True)
class ReportPost:
    """The post that leadership reads. A preview has the same content and inert buttons."""

    key: str
    report: QuarterlyReport
    is_preview: bool = False


@dataclass(frozen=True, slots=True)
class SectionReply:
    """One section of the report as a reply in the post's thread; `index` counts from 0."""

    key: str
    report: QuarterlyReport
    index: int


@dataclass(frozen=True, slots=True)
class RevisionReply:
    """What changed since the revision before, as a reply in the thread."""

    key: str
    report: QuarterlyReport | PortfolioReport
    changes: tuple[str, ...]
    is_broadcast: bool


@dataclass(frozen=True, slots=True)
class PortfolioPost:
    """The post on all projects. It has no buttons, so that a preview looks the same."""

    key: str
    report: PortfolioReport


@dataclass(frozen=True, slots=True)
class ProjectReply:
    """One project of the portfolio as a reply in the post's thread; `index` counts from 0, the worst first."""

    key: str
    report: PortfolioReport
    index: int


@dataclass(frozen=True, slots=True)
class Notice:
    """A plain message to one person; `name` is its file in prompts/notices, `values` fill it.

    `buttons` are (action, label name, value) for the rare notice that asks for a click; `item` gets an Update button, or
    where it `asks_for_owner`, a manager's Reassign.
    """

    key: str
    name: str
    values: Mapping[str, object] = field(default_factory=dict)
    buttons: tuple[tuple[str, str, str], ...] = ()
    item: ItemRef | None = None
    asks_for_owner: bool = False


Message = OwnerCard | OverdueDigest | ReportPost | SectionReply | RevisionReply | PortfolioPost | ProjectReply | Notice


@dataclass(frozen=True, slots=True)
class Document:
    """A file for the thread: its name, its bytes and what it is called; `alt` says what a picture shows."""

    filename: str
    title: str
    content: bytes
    alt: str = ""


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A file of a report that `make` makes. Its `name` tells the files of a report apart: ``pdf``, ``budget.png``."""

    name: str
    title: str
    make: Callable[[], bytes]
    alt: str = ""


@dataclass(frozen=True, slots=True)
class DueObjective:
    """An objective that has come due and waits for its owner's word."""

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
class MilestoneForm:
    """The milestone update dialog: `update` prefills it, `queue` holds what "Update all" opens next.

    `position` is (2, 5) for "Update 2 of 5". `seen_version` is the version this form was opened on (0: none yet);
    `others` is somebody else's answer, and `warning` the sentence about it.
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
    due_objectives: tuple[DueObjective, ...] = ()
    position: tuple[int, int] | None = None
    queue: tuple[ItemRef, ...] = ()
    seen_version: int = 0
    others: OthersAnswer | None = None
    warning: str | None = None


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
    """The dialog for one risk or blocker; `risk` None is a new one."""

    project: Project
    quarter: Quarter
    quarter_label: str
    locale: str
    risk: Risk | None = None
    milestone: str | None = None


@dataclass(frozen=True, slots=True)
class ResourcesForm:
    """The resources and budget dialog, filled with this quarter's answer, else the last one's."""

    ref: ItemRef
    project: Project
    quarter_label: str
    locale: str
    resources: Resources | None = None
    position: tuple[int, int] | None = None
    queue: tuple[ItemRef, ...] = ()
    seen_version: int = 0


@dataclass(frozen=True, slots=True)
class Sending:
    """How the messages to owners stand: `sent` and `waiting` of the step under way, and the stop that holds, if any.

    `stopped_by` is a name; `zone` and `locale` are the company's.
    """

    sent: int = 0
    waiting: int = 0
    stopped_by: str | None = None
    stopped_at: datetime | None = None
    zone: str = "UTC"
    locale: str = "en_US"


@dataclass(frozen=True, slots=True)
class ReviewForm:
    """What a project manager sees between `/compile-report` and Publish.

    `summary` holds the manager's own words where some were given; the report carries them, or what was drafted.
    `facts` is the hash of what is being reviewed, `seen` the newest answer in it; `stale_edits` names
    fields (``executive_summary``, ``conclusion``) edited before the facts under them changed.
    """

    project: Project
    quarter: Quarter
    report: QuarterlyReport
    summary: ProjectSummary
    layouts: tuple[str, ...]
    channel: str
    facts: str
    stale_edits: tuple[str, ...] = ()
    saved: str | None = None  # a short line after an action inside the view, such as "Preview sent"
    seen: int = 0
    sending: Sending = Sending()


@dataclass(frozen=True, slots=True)
class ConfirmForm:
    """The view between Publish and the channel: it names channel, coverage and checks without a note.

    `facts` and `seen` as in the review. `is_changed` where the facts are no longer those that were confirmed; `changes`
    says what changed since the review, a line each.
    """

    project: Project
    quarter: Quarter
    report: QuarterlyReport
    channel: str
    facts: str
    seen: int = 0
    is_shared_channel: bool = False
    is_changed: bool = False
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ManagedMilestone:
    """A milestone as its manager sees it. `due_at` is UTC; `excuse` is the reason where it is excused."""

    line: MilestoneLine
    due_at: datetime
    has_more_time: bool = False
    excuse: str = ""
    offered_to: str | None = None


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
class Reviewed:
    """What somebody had before their eyes: the hash of its facts, and when they were compiled (UTC)."""

    facts: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PortfolioForm:
    """What an admin sees between `/compile-report all` and the channel, in the review and in the confirming view.

    `reviewed` marks what is being looked at. `changes` says what changed since the review, when something did; then
    nothing is published yet. `saved` is a short line after an action inside the review.
    """

    report: PortfolioReport
    channel: str
    reviewed: Reviewed
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
