"""What is said to people, as plain values. The Slack room turns each into blocks; tests read them as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from bot.domain.project import Milestone, Person, Project, RagStatus
from bot.domain.quarter import Quarter
from bot.domain.report import Known, QuarterlyReport
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
    is_done: bool = False
    is_confirmed: bool = False
    needs_word: str | None = None  # after "Nothing changed": why this one could not be confirmed (a rule's name)
    forecast_passed: bool = False


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
    report: QuarterlyReport
    changes: tuple[str, ...]
    is_broadcast: bool


@dataclass(frozen=True, slots=True)
class Notice:
    """A plain message to one person; `name` is its file in prompts/notices, `values` fill it.

    `buttons` are (action, label name, value) for the rare notice that asks for a click; `item` gets an Update button.
    """

    key: str
    name: str
    values: Mapping[str, object] = field(default_factory=dict)
    buttons: tuple[tuple[str, str, str], ...] = ()
    item: ItemRef | None = None


Message = OwnerCard | ReportPost | SectionReply | RevisionReply | Notice


@dataclass(frozen=True, slots=True)
class Document:
    """A file for the thread: its name, its bytes and what it is called."""

    filename: str
    title: str
    content: bytes


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
class ReviewForm:
    """What a project manager sees between `/compile-report` and Publish.

    `summary` holds the manager's own words where some were given; the report carries them, or what was drafted.
    `facts` is the hash of what is being reviewed; `stale_edits` names fields (``executive_summary``, ``conclusion``)
    edited before the facts under them changed.
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


@dataclass(frozen=True, slots=True)
class ConfirmForm:
    """The view between Publish and the channel: it names channel, coverage and checks without a note.

    `changes` says what changed since the review, when something did; then nothing is published yet.
    """

    project: Project
    quarter: Quarter
    report: QuarterlyReport
    channel: str
    facts: str
    is_shared_channel: bool = False
    changes: tuple[str, ...] = ()


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
