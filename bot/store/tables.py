"""The tables. Truth is here: what was loaded, what was answered, what was sent, what was published."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, stored and returned in UTC. SQLite forgets zones, so naive values are refused on the way in."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC; raises ValueError for a naive instant."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a stored instant needs a zone: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back an aware instant in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class ExactDecimal(TypeDecorator[Decimal]):
    """A decimal kept as text, so that no database rounds money, percents or weights by way of floating point."""

    impl = String(40)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        """Write the digits as they are."""
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        """Read the digits back."""
        return None if value is None else Decimal(value)


class Base(DeclarativeBase):
    """The base of every table; constraints are named so that migrations can name them on every database."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcDateTime, Decimal: ExactDecimal, dict[str, Any]: JSON}


class PortfolioRow(Base):
    """What holds for the whole company; one row. `mark` is new after every change of the company, see `store.marks`."""

    __tablename__ = "portfolio"

    id: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[dict[str, Any]]
    mark: Mapped[str | None] = mapped_column(String(32))


class PersonRow(Base):
    """Somebody the portfolio names or who acted in Slack."""

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    slack_id: Mapped[str | None] = mapped_column(String(40), unique=True)
    email: Mapped[str | None] = mapped_column(String(320))
    handle: Mapped[str | None] = mapped_column(String(100))
    timezone: Mapped[str | None] = mapped_column(String(64))
    country: Mapped[str | None] = mapped_column(String(16))
    hours_open: Mapped[time | None]
    hours_close: Mapped[time | None]


class PersonRefRow(Base):
    """How files name a person; several refs can mean the same one."""

    __tablename__ = "person_refs"

    ref: Mapped[str] = mapped_column(String(320), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)


class DeputyRow(Base):
    """Who is asked in somebody's place while they are away; days that are None leave that side open."""

    __tablename__ = "deputies"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    deputy_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    from_on: Mapped[date | None]
    until_on: Mapped[date | None]


class SlackUserRow(Base):
    """What Slack's directory said of one of its people when it was last read."""

    __tablename__ = "slack_users"

    slack_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    display_name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(320))
    timezone: Mapped[str | None] = mapped_column(String(64))
    is_reachable: Mapped[bool]
    is_away: Mapped[bool]
    away_until: Mapped[datetime | None]
    locale: Mapped[str | None] = mapped_column(String(35))
    dnd_from: Mapped[datetime | None]
    dnd_until: Mapped[datetime | None]
    dnd_read_at: Mapped[datetime | None]


class ProjectRow(Base):
    """A project as last loaded."""

    __tablename__ = "projects"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(100), unique=True)
    name: Mapped[str] = mapped_column(String(300))
    manager_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    budget_owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    sponsor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    industry: Mapped[str | None] = mapped_column(Text)
    phase: Mapped[str | None] = mapped_column(Text)
    audience: Mapped[str | None] = mapped_column(Text)
    prepared_by: Mapped[str | None] = mapped_column(Text)
    layout: Mapped[str | None] = mapped_column(String(100))
    currency: Mapped[str | None] = mapped_column(String(3))
    budget_at_completion: Mapped[Decimal | None]
    staffing_unit: Mapped[str] = mapped_column(String(100))
    scheduled_completion: Mapped[str | None] = mapped_column(Text)
    leadership_channel: Mapped[str | None] = mapped_column(String(100))
    reporting: Mapped[dict[str, Any] | None]


class MilestoneRow(Base):
    """A milestone as last loaded; a dropped one keeps its row and its answers."""

    __tablename__ = "milestones"
    __table_args__ = (UniqueConstraint("project_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    key: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(300))
    owner_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    baseline: Mapped[date | None]
    weight: Mapped[Decimal]
    position: Mapped[int]
    live_from: Mapped[date | None]
    dropped_on: Mapped[date | None]
    tracker: Mapped[dict[str, Any] | None]


class CoOwnerRow(Base):
    """Somebody who answers for a milestone beside its owner, in the order of `position`."""

    __tablename__ = "co_owners"

    milestone_id: Mapped[int] = mapped_column(ForeignKey("milestones.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    position: Mapped[int]


class ChangeRow(Base):
    """A trail of the plan: what was added, dropped, renamed, handed over or moved, and by whom (a ref; None: a file)."""

    __tablename__ = "changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_key: Mapped[str] = mapped_column(String(100), index=True)
    milestone_key: Mapped[str] = mapped_column(String(100))
    what: Mapped[str] = mapped_column(String(40))
    old: Mapped[str | None] = mapped_column(Text)
    new: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime]
    by: Mapped[str | None] = mapped_column(String(320))


class AnswerRow(Base):
    """One version of one answer. Rows are added, never changed: the highest version of an item is what holds."""

    __tablename__ = "answers"
    __table_args__ = (
        UniqueConstraint("project_id", "quarter", "kind", "item_key", "version"),
        # Decisions are few among many answers, and looked for by whom they name.
        Index(
            "ix_answers_decisions",
            "project_id",
            "item_key",
            sqlite_where=text("kind = 'decision'"),
            postgresql_where=text("kind = 'decision'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    quarter: Mapped[str] = mapped_column(String(7))
    kind: Mapped[str] = mapped_column(String(20))
    item_key: Mapped[str] = mapped_column(String(100))
    version: Mapped[int]
    body: Mapped[dict[str, Any]]
    by: Mapped[str] = mapped_column(String(320))
    at: Mapped[datetime]
    is_confirmed: Mapped[bool]
    for_whom: Mapped[str | None] = mapped_column(String(320))


class TrackingRow(Base):
    """What a tracker of one kind told last of a milestone in a quarter; one that failed later keeps its figure.

    `body` is the figure, None where there never was any; `problem` is why the last try failed, None where it did not.
    """

    __tablename__ = "trackings"

    project_key: Mapped[str] = mapped_column(String(100), primary_key=True)
    milestone_key: Mapped[str] = mapped_column(String(100), primary_key=True)
    quarter: Mapped[str] = mapped_column(String(7), primary_key=True)
    source: Mapped[str] = mapped_column(String(20), primary_key=True)
    body: Mapped[dict[str, Any] | None]
    problem: Mapped[str | None] = mapped_column(Text)
    tried_at: Mapped[datetime]


class DraftRow(Base):
    """A dialog that somebody has open or left half-filled. `typed` is None until something was typed.

    `typed_order` is Slack's stamp of the last keystroke taken in: deliveries can overtake each other.
    """

    __tablename__ = "drafts"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    dialog: Mapped[str] = mapped_column(String(300), primary_key=True, index=True)
    quarter: Mapped[str] = mapped_column(String(7))
    opened_at: Mapped[datetime]
    typed: Mapped[dict[str, Any] | None]
    typed_at: Mapped[datetime | None]
    typed_order: Mapped[str] = mapped_column(String(40))


class HomeRow(Base):
    """Somebody's Home as it was last drawn: the page of each of its lists, and when the greeting was put away."""

    __tablename__ = "homes"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    pages: Mapped[dict[str, Any]]
    greeted_at: Mapped[datetime | None]


class HandledRow(Base):
    """An interaction that was carried out; a repeated delivery finds its key here and does nothing."""

    __tablename__ = "handled"

    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    at: Mapped[datetime]


class NudgeRow(Base):
    """The ledger of messages that ask: one row a person, quarter, step and snooze, with what became of it and why."""

    __tablename__ = "nudges"
    __table_args__ = (UniqueConstraint("person_id", "quarter", "step", "n"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    quarter: Mapped[str] = mapped_column(String(7), index=True)
    step: Mapped[str] = mapped_column(String(20))
    n: Mapped[int]
    state: Mapped[str] = mapped_column(String(20), index=True)
    planned_at: Mapped[datetime]
    reason: Mapped[str | None] = mapped_column(Text)
    message_key: Mapped[str | None] = mapped_column(String(255), unique=True)


class ExceptionRow(Base):
    """A manager's exception: a milestone excused or given more time for a quarter, or a project paused.

    `milestone_key` is empty for a whole project, `quarter` for every quarter until `ended_at`.
    """

    __tablename__ = "exceptions"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    project_key: Mapped[str] = mapped_column(String(100), index=True)
    milestone_key: Mapped[str] = mapped_column(String(100))
    quarter: Mapped[str] = mapped_column(String(7))
    until: Mapped[date | None]
    reason: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(320))
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class HandoverRow(Base):
    """A milestone that its owner wants to hand over; until it is accepted the giver is still asked."""

    __tablename__ = "handovers"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_key: Mapped[str] = mapped_column(String(100), index=True)
    milestone_key: Mapped[str] = mapped_column(String(100))
    from_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    to_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    state: Mapped[str] = mapped_column(String(20))
    offered_at: Mapped[datetime]
    lapses_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]


class StandInRow(Base):
    """Somebody who was asked to answer an item of a quarter in its owner's place; `milestone_key` is empty for the budget.

    `ends_at` is when a request that nobody answered ends by itself.
    """

    __tablename__ = "stand_ins"
    __table_args__ = (
        # A deputy is asked for an item once at a time, however many workers find that the owner is away.
        Index(
            "ux_stand_ins_deputy",
            "project_key",
            "milestone_key",
            "quarter",
            "person_id",
            unique=True,
            sqlite_where=text("kind = 'deputy' AND state IN ('asked', 'answered')"),
            postgresql_where=text("kind = 'deputy' AND state IN ('asked', 'answered')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    project_key: Mapped[str] = mapped_column(String(100), index=True)
    milestone_key: Mapped[str] = mapped_column(String(100))
    quarter: Mapped[str] = mapped_column(String(7))
    owner_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    state: Mapped[str] = mapped_column(String(20), index=True)
    asked_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class AuditRow(Base):
    """Who did what to which thing, when and from where. Triggers refuse to change or remove a row; no people's words.

    `person_id` is no foreign key: a row of people may be merged into another, and the trail cannot follow.
    """

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    person_id: Mapped[int | None]
    what: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(255), index=True)
    detail: Mapped[dict[str, Any]]
    via: Mapped[str] = mapped_column(String(20))


class ControlRow(Base):
    """What an admin decided for the whole company, and who it was (a ref); the row is there for as long as it holds."""

    __tablename__ = "controls"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    by: Mapped[str] = mapped_column(String(320))
    at: Mapped[datetime]


class OutboxRow(Base):
    """Something to be sent, once. Rows of one lane go out strictly in their order.

    `place_*` is where it stands in Slack after it was sent. Leases and due times are real time, never the moved clock.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        # What can still go out, in its order: a claim must not read everything that was ever sent.
        Index("ix_outbox_open", "id", sqlite_where=text("done_at IS NULL"), postgresql_where=text("done_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(255), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[dict[str, Any]]
    lane: Mapped[str] = mapped_column(String(255), index=True)
    state: Mapped[str] = mapped_column(String(20))
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    lease_by: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None]
    place_channel: Mapped[str | None] = mapped_column(String(40))
    place_ts: Mapped[str | None] = mapped_column(String(40))
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class ReportRow(Base):
    """A published revision, frozen: the compiled value and every text as it was rendered.

    `subject` is a project's key, or "all" for the portfolio: one column, so that its uniqueness holds for both. `seen` is
    the newest answer that it was compiled from; what is said later is late. 0 for the portfolio, which has no answers.
    """

    __tablename__ = "reports"
    __table_args__ = (UniqueConstraint("subject", "quarter", "revision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(100))
    quarter: Mapped[str] = mapped_column(String(7))
    revision: Mapped[int]
    facts: Mapped[str] = mapped_column(String(64))
    value: Mapped[dict[str, Any]]
    texts: Mapped[dict[str, Any]]
    channel: Mapped[str] = mapped_column(String(100))
    published_by: Mapped[str] = mapped_column(String(320))
    published_at: Mapped[datetime]
    seen: Mapped[int] = mapped_column(default=0)


class ReportFileRow(Base):
    """A document of a published revision, byte for byte as it was first made."""

    __tablename__ = "report_files"

    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    content: Mapped[bytes]


class AcknowledgementRow(Base):
    """A reader who pressed Acknowledge on a revision."""

    __tablename__ = "acknowledgements"

    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"), primary_key=True)
    slack_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime]


class QuestionRow(Base):
    """A reader's question about a report, and its answer. `milestone_key` is None for the whole project."""

    __tablename__ = "questions"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    quarter: Mapped[str] = mapped_column(String(7))
    milestone_key: Mapped[str | None] = mapped_column(String(100))
    question: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[str] = mapped_column(String(40))
    asked_at: Mapped[datetime]
    answer: Mapped[str | None] = mapped_column(Text)
    answered_by: Mapped[str | None] = mapped_column(String(40))
    answered_at: Mapped[datetime | None]
