"""What the steps need from outside: a clock, Slack, and documents. The app puts the real ones in; tests put fakes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.directory import DirectoryEntry
from bot.domain.portfolio_report import PortfolioReport
from bot.domain.report import Narrative, QuarterlyReport
from bot.flow.messages import Document, Message, PortfolioForm, ReviewForm


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

    def upload(self, thread: Place, document: Document) -> None:
        """Put a file under a message."""

    def fill_review(self, external_id: str, form: ReviewForm | PortfolioForm) -> None:
        """Put the compiled report into the review view that is waiting for it."""

    def refuse_review(self, external_id: str, problem: str) -> None:
        """Say in the waiting review view why there is no report."""

    def must_wait(self, kind: str) -> bool:
        """Whether Slack's limits leave no room just now for one more of this kind of outbox row."""

    def find_own_message(self, person: str, key: str) -> Place | None:
        """The message with this key in our conversation with a person, if Slack has it."""

    def directory(self) -> Sequence[DirectoryEntry]:
        """Everybody in the workspace."""


class PortfolioDocuments(Protocol):
    """Documents made from the portfolio's report."""

    def markdown(self, report: PortfolioReport) -> str:
        """The report as a document."""

    def json(self, report: PortfolioReport) -> str:
        """The report as data."""

    def slack(self, report: PortfolioReport) -> str:
        """The post as Slack's blocks, in JSON."""

    def changes(self, before: PortfolioReport | None, after: PortfolioReport) -> tuple[str, ...]:
        """What changed from one report to another, a line each; nothing where there is none before."""

    def news(self, report: PortfolioReport, since: datetime) -> tuple[str, ...]:
        """What was published since an instant, a line each; where nothing was, the coverage as it stands."""


class Documents(Protocol):
    """Documents made from a report."""

    @property
    def portfolio(self) -> PortfolioDocuments:
        """Those made from the portfolio's report."""

    def draft(self, report: QuarterlyReport) -> Narrative:
        """The executive summary and the conclusion, drafted from the facts."""

    def check_lines(
        self, check: str, evidence: Sequence[dict[str, object]], locale: str
    ) -> tuple[str, tuple[str, ...]]:
        """A check's sentence and the lines of its evidence."""

    def markdown(self, report: QuarterlyReport) -> str:
        """The report in its layout."""

    def json(self, report: QuarterlyReport) -> str:
        """The report as data."""

    def slack(self, report: QuarterlyReport) -> str:
        """The post as Slack's blocks, in JSON."""

    def changes(self, before: QuarterlyReport | None, after: QuarterlyReport) -> tuple[str, ...]:
        """What changed from one report to another, a line each; everything where there is none before."""

    def section_count(self, report: QuarterlyReport) -> int:
        """How many replies the report's sections take in the thread."""

    def layouts(self) -> tuple[str, ...]:
        """The names of the layouts that can be chosen."""
