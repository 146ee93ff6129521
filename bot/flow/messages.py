"""What is said to people, as plain values. The Slack room turns each into blocks; tests read them as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from bot.domain.milestone_line import Known
from bot.domain.portfolio_report import PortfolioReport
from bot.domain.project import Person
from bot.domain.quarter import Quarter
from bot.domain.report import DecisionLine, QuarterlyReport
from bot.domain.tracker import TrackerFigure
from bot.domain.update import (
    MilestoneUpdate,
    Resources,
)


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
class DecisionRef:
    """A decision that the published report of a project's quarter asks for."""

    project: str
    quarter: Quarter
    key: str


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A reader's question that waits: `milestone` is a name, "" for the whole project; `days` is how long it waits."""

    number: int
    project_name: str
    quarter_label: str
    milestone: str
    text: str
    asked_by: str
    days: int


class Late(StrEnum):
    """What becomes of an answer that was given after its report was published."""

    WAITING = "waiting"  # the manager has not decided
    TAKEN = "taken"  # into the next revision
    LEFT = "left"  # out of the report


@dataclass(frozen=True, slots=True)
class OwedItem:
    """An item as its owner's message shows it: what was known, and what this quarter's answer is, as the report prints it."""

    ref: ItemRef
    project_name: str
    title: str
    known: Known | None = None
    answer: MilestoneUpdate | None = None
    resources: Resources | None = None
    last_resources: tuple[Quarter, Resources] | None = None  # the latest before this quarter
    currency: str | None = None
    is_done: bool = False
    is_confirmed: bool = False
    needs_word: str | None = None  # after "Nothing changed": why this one could not be confirmed (a rule's name)
    forecast_passed: bool = False
    more_time: date | None = None  # the last day, where the manager gave more time than the others have
    offered_to: str | None = None  # to whom its owner offers it, until that person has answered
    shared_with: tuple[str, ...] = ()  # the other owners
    in_place_of: str | None = None  # for a deputy: the owner who is away
    waits_for: str | None = None  # a colleague whom an owner asked to answer
    answered_by: str | None = None  # where it was somebody else
    answered_at: datetime | None = None
    returned: str | None = None  # the manager's comment, while they ask for another look
    is_reworded: bool = False  # the manager put it into other words for the report
    tracker: TrackerFigure | None = None  # where it is far from the answer
    published_by: str | None = None  # who decides about answers by now, by name: the project's report is published
    late: Late | None = None


@dataclass(frozen=True, slots=True)
class Snooze:
    """One choice of "remind me later": its name and the instant (UTC) at which the reminder would come."""

    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OwnerCard:
    """The one message to a person for a step, covering everything that person owes for the quarter.

    `key` is the message's business key; `days_left` are whole working days of the person until `due_at` (UTC), none
    also before a deadline on a day that is not worked; `is_due_today` is by the date on the person's clock.
    `zone` is the person's zone; `snoozed_until` is when the reminder comes that they chose (UTC). `is_superseded` marks an
    older message whose buttons are being taken off.
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
    snoozed_until: datetime | None = None
    questions: tuple[OpenQuestion, ...] = ()
    is_due_today: bool = False
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
    """A project's line in a digest: updates received of updates due, and whether its report is out."""

    ref: ItemRef
    name: str
    received: int
    due: int
    is_published: bool = False


@dataclass(frozen=True, slots=True)
class DigestItem:
    """A milestone without an answer: its owner, what was last known, how often the owner was asked, and where they are.

    Or the budget, of which `last_resources` is what was last known, in `currency`.
    `is_unconfirmed` says that Slack refused or did not confirm a message; `sponsor` is who is told of a second silence;
    `until` is the last day of one that was given more time, which is not silent yet; `also_asked` are co-owners, and those
    who stand in for an owner.
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
    also_asked: tuple[str, ...] = ()
    last_resources: tuple[Quarter, Resources] | None = None
    currency: str | None = None


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
    returned: tuple[ReturnedUpdate, ...] = ()  # for a manager: answered, and waiting for the owner's second look
    is_for_sponsor: bool = False

    @property
    def silent(self) -> tuple[DigestItem, ...]:
        """What is missing although its deadline has passed."""
        return tuple(item for item in self.items if item.until is None)


@dataclass(frozen=True, slots=True)
class ReportPost:
    """The post that leadership reads. A preview has the same content and inert buttons.

    `readers` is how many have acknowledged it; `asked` are the keys of the decisions for which its texts ask, which leaders
    may have taken since.
    """

    key: str
    report: QuarterlyReport
    is_preview: bool = False
    readers: int = 0
    asked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class DecisionReply:
    """A decision that a report asks for, as a reply in its thread, with what was said to it since.

    `deciders` are the names of those who can take it, beside admins.
    """

    key: str
    report: QuarterlyReport
    decision: DecisionLine
    deciders: tuple[str, ...]
    can_be_taken_back: bool = False


@dataclass(frozen=True, slots=True)
class SectionReply:
    """One section of the report as a reply in the post's thread; `index` counts from 0."""

    key: str
    report: QuarterlyReport
    index: int


@dataclass(frozen=True, slots=True)
class RevisionReply:
    """What changed since the revision before, as a reply in the thread; `readers` have acknowledged an earlier one, by name."""

    key: str
    report: QuarterlyReport | PortfolioReport
    changes: tuple[str, ...]
    is_broadcast: bool
    readers: tuple[str, ...] = ()


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


Message = (
    OwnerCard
    | OverdueDigest
    | ReportPost
    | DecisionReply
    | SectionReply
    | RevisionReply
    | PortfolioPost
    | ProjectReply
    | Notice
)


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
class ReturnedUpdate:
    """An update that came back to its owner and was not answered again: who returned it, when (UTC), and why."""

    milestone: str
    owner: str
    by: str
    at: datetime
    comment: str
