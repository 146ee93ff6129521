"""What the steps need from outside: a clock, Slack, and documents. The app puts the real ones in; tests put fakes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.directory import DirectoryEntry
from bot.domain.plan import PlanFile
from bot.domain.portfolio_report import PortfolioReport
from bot.domain.project import Milestone, Portfolio, Project
from bot.domain.report import Narrative, QuarterlyReport
from bot.domain.sections import Sections
from bot.domain.tracker import Tracked, TrackerFigure
from bot.flow.forms import PortfolioForm, ReviewForm
from bot.flow.messages import Document, Message, ReportFile


class Clock(Protocol):
    """Business time, which trials may move."""

    def now(self) -> datetime:
        """The present instant, aware and in UTC."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message stands in Slack: its conversation and its timestamp there."""

    channel: str
    ts: str


class Messenger(Protocol):
    """Slack, as the steps use it. Every method raises DeliveryFailed, which says whether trying again can help."""

    def post(self, to: str, message: Message, thread: Place | None = None, *, is_broadcast: bool = False) -> Place:
        """Send a message to a person's or channel's id, or as a reply under a message."""

    def edit(self, place: Place, message: Message) -> None:
        """Replace a message of ours."""

    def upload(self, thread: Place, documents: Sequence[Document]) -> None:
        """Put files under a message, together."""

    def fill_review(self, external_id: str, form: ReviewForm | PortfolioForm) -> None:
        """Put the compiled report into the review view that is waiting for it."""

    def refuse_review(self, external_id: str, problem: str) -> None:
        """Say in the waiting review view why there is no report."""

    def with_room(self, kinds: Collection[str]) -> Collection[str]:
        """Those of some kinds of outbox rows for which Slack's limits leave room just now for one more."""

    def find_own_message(self, person: str, key: str) -> Place | None:
        """The message with this key in our conversation with a person, if Slack has it."""


class Roster(Protocol):
    """What Slack tells of people and channels. Every method raises DeliveryFailed like those of Messenger."""

    def read_channels(self) -> None:
        """Learn the ids of channels, which the portfolio may name."""

    def directory(self) -> Sequence[DirectoryEntry]:
        """Everybody in the workspace."""

    def do_not_disturb(self, people: Sequence[str]) -> Mapping[str, tuple[datetime, datetime] | None]:
        """The present or next do-not-disturb window of people (Slack ids), None for those who have none."""


class PortfolioDocuments(Protocol):
    """Documents made from the portfolio's report."""

    def markdown(self, report: PortfolioReport) -> str:
        """The report as a document."""

    def json(self, report: PortfolioReport) -> str:
        """The report as data."""

    def pdf(self, report: PortfolioReport) -> bytes:
        """The report as PDF. Raises NotInstalled where that part of the program is not there."""

    def docx(self, report: PortfolioReport) -> bytes:
        """The report as a Word document. Raises NotInstalled likewise."""

    def csv(self, report: PortfolioReport) -> bytes:
        """The report's projects and risks as rows of a spreadsheet."""

    @property
    def chart_names(self) -> tuple[str, ...]:
        """The names of all charts that a report may have, in their order."""

    def charts(self, report: PortfolioReport) -> tuple[ReportFile, ...]:
        """The charts that the report has, as pictures (PNG). Raises NotInstalled likewise."""

    def slack(self, report: PortfolioReport) -> str:
        """The post as Slack's blocks, in JSON."""

    def changes(self, before: PortfolioReport | None, after: PortfolioReport) -> tuple[str, ...]:
        """What changed from one report to another, a line each; nothing where there is none before."""

    def news(self, report: PortfolioReport, since: datetime) -> tuple[str, ...]:
        """What was published since an instant, a line each; where nothing was, the coverage as it stands."""


class PlanReader(Protocol):
    """Reading the plan as people give it: in files, or field by field, by the same rules."""

    def reads(self, name: str) -> bool:
        """Whether a file of this name can be read."""

    def text(self, content: bytes, name: str) -> str:
        """The text of a file. Raises BotError where it is no text."""

    def file(self, text: str, name: str, portfolio: Portfolio | None) -> PlanFile:
        """What a file says. Raises BotError with all that is wrong, a line each."""

    def project(self, given: Mapping[str, str], portfolio: Portfolio) -> Project:
        """A project from its fields. Raises InvalidInput by the names of the fields."""

    def milestone(self, given: Mapping[str, str], portfolio: Portfolio) -> Milestone:
        """A milestone from its fields. Raises InvalidInput likewise."""


@dataclass(frozen=True, slots=True)
class SharedFile:
    """A file that somebody dropped into a conversation; `size` in bytes, `source` is where they are fetched."""

    name: str
    size: int
    source: str


class SharedFiles(Protocol):
    """Files that people drop, as Slack keeps them. Every method raises DeliveryFailed like those of Messenger."""

    def shared_file(self, file_id: str) -> SharedFile:
        """What is known of a file."""

    def content(self, file: SharedFile, *, most: int) -> bytes:
        """The bytes of a file; where there are more than `most`, that is a final failure."""


class Tracker(Protocol):
    """A place where the work on milestones is kept."""

    def read(self, tracked: Tracked, at: datetime) -> TrackerFigure:
        """What it tells of a milestone, as read at an instant (UTC). Raises TrackerFailed."""


class Documents(Protocol):
    """Documents made from a report."""

    @property
    def portfolio(self) -> PortfolioDocuments:
        """Those made from the portfolio's report."""

    @property
    def sections(self) -> Sections:
        """Where the answers to a company's own questions are printed."""

    def draft(self, report: QuarterlyReport) -> Narrative:
        """The executive summary and the conclusion, drafted from the facts."""

    def check_lines(
        self, check: str, evidence: Sequence[dict[str, object]], report: QuarterlyReport
    ) -> tuple[str, tuple[str, ...]]:
        """A check's sentence and the lines of its evidence, as the report's locale writes figures and dates."""

    def markdown(self, report: QuarterlyReport) -> str:
        """The report in its layout."""

    def json(self, report: QuarterlyReport) -> str:
        """The report as data."""

    def pdf(self, report: QuarterlyReport) -> bytes:
        """The report as PDF. Raises NotInstalled where that part of the program is not there."""

    def docx(self, report: QuarterlyReport) -> bytes:
        """The report as a Word document. Raises NotInstalled likewise."""

    def csv(self, report: QuarterlyReport) -> bytes:
        """The report's milestones and risks as rows of a spreadsheet."""

    @property
    def chart_names(self) -> tuple[str, ...]:
        """The names of all charts that a report may have, in their order."""

    def charts(self, report: QuarterlyReport) -> tuple[ReportFile, ...]:
        """The charts that the report has, as pictures (PNG). Raises NotInstalled likewise."""

    def slack(self, report: QuarterlyReport) -> str:
        """The post as Slack's blocks, in JSON."""

    def changes(self, before: QuarterlyReport | None, after: QuarterlyReport) -> tuple[str, ...]:
        """What changed from one report to another, a line each; everything where there is none before."""

    def section_count(self, report: QuarterlyReport) -> int:
        """How many replies the report's sections take in the thread."""

    def layouts(self) -> tuple[str, ...]:
        """The names of the layouts that can be chosen."""
