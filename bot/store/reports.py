"""Published revisions, frozen, and who has acknowledged them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import starmap
from typing import Any, Generic, TypeAlias, TypeVar

from sqlalchemy import bindparam, func, insert, literal, select
from sqlalchemy.orm import Session

from bot.domain.portfolio_report import ALL, PortfolioReport
from bot.domain.project import RagStatus
from bot.domain.quarter import Quarter
from bot.domain.report import DecisionLine, QuarterlyReport
from bot.store import codec
from bot.store.audit import RevisionKey
from bot.store.conflicts import add_new
from bot.store.plain import execute, table
from bot.store.tables import AcknowledgementRow, ReportFileRow, ReportRow

R = TypeVar("R", QuarterlyReport, PortfolioReport)

_REPORTS = table(ReportRow).c
_NEWEST = select(func.max(_REPORTS.revision)).where(
    _REPORTS.subject == bindparam("subject"), _REPORTS.quarter == bindparam("quarter")
)
_READ_BY = table(AcknowledgementRow).c
_ACKNOWLEDGED = (
    select(_REPORTS.subject, _REPORTS.quarter)
    .join(table(AcknowledgementRow), _READ_BY.report_id == _REPORTS.id)
    .where(_READ_BY.slack_id == bindparam("slack_id"))
    .distinct()
)
_SEEN = (
    select(_REPORTS.subject, _REPORTS.seen)
    .where(_REPORTS.quarter == bindparam("quarter"), _REPORTS.subject.in_(bindparam("projects", expanding=True)))
    .order_by(_REPORTS.revision)
)
_BATCH = 50  # reports that are fetched at a time


@dataclass(frozen=True, slots=True)
class Revision(Generic[R]):
    """One revision as it was published. `texts` are its renderings by format; `facts` fingerprints what was reviewed.

    `subject` is the key of its project, or ALL for the portfolio; `seen` is the number of the newest answer in it.
    """

    id: int
    subject: str
    quarter: Quarter
    revision: int
    report: R
    texts: dict[str, str]
    facts: str
    channel: str
    published_by: str
    published_at: datetime
    seen: int


Published: TypeAlias = Revision[QuarterlyReport]
PublishedPortfolio: TypeAlias = Revision[PortfolioReport]


def latest(session: Session, project: str, quarter: Quarter) -> Published | None:
    """The newest revision of a project's quarter."""
    return _find(session, QuarterlyReport, project, quarter, None)


def revision_count(session: Session, project: str, quarter: Quarter) -> int:
    """The number of the newest revision of a project's quarter; 0 before the first."""
    return execute(session, _NEWEST, {"subject": project, "quarter": str(quarter)}).scalar() or 0


def revision(session: Session, project: str, quarter: Quarter, number: int) -> Published | None:
    """One revision of a project's quarter."""
    return _find(session, QuarterlyReport, project, quarter, number)


def latest_of_all(session: Session, quarter: Quarter) -> Iterator[tuple[QuarterlyReport, datetime]]:
    """The newest report of every project that has one for the quarter, with when it was published (UTC).

    One statement, read as it is used: the reports of a thousand projects are never in memory together.
    """
    newest = (
        select(ReportRow.subject, func.max(ReportRow.revision).label("revision"))
        .where(ReportRow.quarter == str(quarter), ReportRow.subject != ALL)
        .group_by(ReportRow.subject)
        .subquery()
    )
    is_newest = (ReportRow.subject == newest.c.subject) & (ReportRow.revision == newest.c.revision)
    query = select(ReportRow.value, ReportRow.published_at).join(newest, is_newest)
    of_quarter = query.where(ReportRow.quarter == str(quarter))
    with session.execute(of_quarter, execution_options={"yield_per": _BATCH}) as found:
        for value, published_at in found:
            yield codec.load(QuarterlyReport, value), published_at


@dataclass(frozen=True, slots=True)
class Headline:
    """What a published revision leads with: the status it shows, and the one before; `published_at` is UTC."""

    project: str
    quarter: Quarter
    revision: int
    status: RagStatus
    previous: RagStatus | None
    published_at: datetime


def headlines(session: Session, projects: Collection[str], *, before: Quarter | None = None) -> dict[str, Headline]:
    """The newest revision of the latest quarter, or of the latest `before` one, of each of some projects that has any.

    One statement.
    """
    if not projects:
        return {}
    query = _HEADLINES.where(ReportRow.subject.in_(projects)).order_by(ReportRow.quarter, ReportRow.revision)
    if before is not None:
        query = query.where(ReportRow.quarter < str(before))
    return {headline.project: headline for headline in starmap(_headline, session.execute(query))}


def seen_in(session: Session, quarter: Quarter, projects: Collection[str]) -> dict[str, int]:
    """The newest answer in the newest revision of a quarter, of each of some projects that has any. One statement."""
    rows = execute(session, _SEEN, {"quarter": str(quarter), "projects": list(projects)})
    return {row.subject: row.seen for row in rows}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the newest revision of a project's latest quarter says of decisions; `seen` as in Revision."""

    project: str
    quarter: Quarter
    seen: int
    lines: tuple[DecisionLine, ...]


def asked(session: Session, projects: Collection[str]) -> list[Asked]:
    """The decisions that leadership read last, of each of some projects that has published any. One statement."""
    if not projects:
        return []
    newest_first = (ReportRow.quarter.desc(), ReportRow.revision.desc())
    place = func.row_number().over(partition_by=ReportRow.subject, order_by=newest_first).label("place")
    placed = select(ReportRow.id, place).where(ReportRow.subject.in_(projects)).subquery()
    query = select(ReportRow.subject, ReportRow.quarter, ReportRow.seen, ReportRow.value["decisions"])
    newest = query.join(placed, (placed.c.id == ReportRow.id) & (placed.c.place == 1))
    return [
        Asked(subject, Quarter.parse(quarter), seen, tuple(codec.load(DecisionLine, line) for line in lines))
        for subject, quarter, seen, lines in session.execute(newest)
    ]


def statuses(session: Session, quarter: Quarter) -> dict[str, RagStatus]:
    """The status that the newest revision of each project shows in a quarter, by project; nothing else is read."""
    query = _HEADLINES.where(ReportRow.quarter == str(quarter), ReportRow.subject != ALL).order_by(ReportRow.revision)
    return {headline.project: headline.status for headline in starmap(_headline, session.execute(query))}


_STATUS = {name: ReportRow.value["status", name].as_string() for name in ("claimed", "by_rule", "previous")}
_HEADLINES = select(ReportRow.subject, ReportRow.quarter, ReportRow.revision, ReportRow.published_at, *_STATUS.values())


def _headline(
    project: str,
    quarter: str,
    revision: int,
    published_at: datetime,
    claimed: str | None,
    by_rule: str,
    previous: str | None,
) -> Headline:
    before = RagStatus(previous) if previous else None
    return Headline(project, Quarter.parse(quarter), revision, RagStatus(claimed or by_rule), before, published_at)


def acknowledged_by(session: Session, slack_id: str) -> set[tuple[str, Quarter]]:
    """The projects (ALL for the portfolio) and quarters of which somebody has acknowledged a report."""
    found = execute(session, _ACKNOWLEDGED, {"slack_id": slack_id})
    return {(row.subject, Quarter.parse(row.quarter)) for row in found}


def quarters_of(session: Session, projects: Collection[str]) -> dict[str, list[Quarter]]:
    """The quarters of which each of some projects has published a report, in their order. One statement."""
    if not projects:
        return {}
    query = select(ReportRow.subject, ReportRow.quarter).where(ReportRow.subject.in_(projects)).distinct()
    found: dict[str, list[Quarter]] = {}
    for project, quarter in session.execute(query.order_by(ReportRow.subject, ReportRow.quarter)):
        found.setdefault(project, []).append(Quarter.parse(quarter))
    return found


def publications(session: Session, project: str) -> tuple[tuple[Quarter, datetime], ...]:
    """When each revision of a project's reports was published (UTC), with its quarter, in their order."""
    query = select(ReportRow.quarter, ReportRow.published_at).where(ReportRow.subject == project).order_by(ReportRow.id)
    return tuple((Quarter.parse(quarter), at) for quarter, at in session.execute(query))


def newest_of(session: Session, project: str) -> Published | None:
    """The newest revision of the latest quarter that a project has published; None where it never has."""
    latest_quarter = select(func.max(ReportRow.quarter)).where(ReportRow.subject == project)
    quarter = session.scalar(latest_quarter)
    return latest(session, project, Quarter.parse(quarter)) if quarter else None


def subjects(session: Session) -> set[str]:
    """The keys of the projects that have ever published a report, and ALL where the portfolio has."""
    return set(session.scalars(select(ReportRow.subject).distinct()))


def latest_portfolio(session: Session, quarter: Quarter) -> PublishedPortfolio | None:
    """The newest revision of the portfolio's quarter."""
    return _find(session, PortfolioReport, ALL, quarter, None)


def portfolio_revision(session: Session, quarter: Quarter, number: int) -> PublishedPortfolio | None:
    """One revision of the portfolio's quarter."""
    return _find(session, PortfolioReport, ALL, quarter, number)


def numbers(session: Session) -> set[RevisionKey]:
    """Every published revision: project or ALL, quarter and number."""
    query = select(ReportRow.subject, ReportRow.quarter, ReportRow.revision)
    return {(subject, quarter, revision) for subject, quarter, revision in session.execute(query)}


def channel_of(session: Session, subject: str, quarter: Quarter, number: int) -> str | None:
    """The channel (name or id) that a revision was published in; None where there is no such revision."""
    query = select(ReportRow.channel).where(
        ReportRow.subject == subject, ReportRow.quarter == str(quarter), ReportRow.revision == number
    )
    return session.scalar(query)


def freeze(
    session: Session,
    report: QuarterlyReport | PortfolioReport,
    texts: dict[str, str],
    *,
    facts: str,
    channel: str,
    by: str,
    at: datetime,
    seen: int = 0,
) -> None:
    """Keep a revision as it is published; a revision number is given once."""
    session.add(
        ReportRow(
            subject=report.project_key if isinstance(report, QuarterlyReport) else ALL,
            quarter=str(report.quarter),
            revision=report.revision,
            facts=facts,
            value=codec.dump(report),
            texts=texts,
            channel=channel,
            published_by=by,
            published_at=at,
            seen=seen,
        )
    )
    session.flush()


def file(session: Session, report_id: int, name: str) -> bytes | None:
    """A document of a revision as it was first made; None where it never was. `name` is its format, such as ``pdf``."""
    query = select(ReportFileRow.content).where(ReportFileRow.report_id == report_id, ReportFileRow.name == name)
    return session.scalar(query)


def keep_file(session: Session, report_id: int, name: str, content: bytes) -> bytes:
    """Keep a document of a revision; returns the one that counts: that which was stored first."""
    new = {"report_id": report_id, "name": name, "content": content}
    if add_new(session, [new], ReportFileRow.name):
        return content
    return file(session, report_id, name) or content  # another process was faster


def acknowledge(session: Session, report_id: int, slack_id: str, at: datetime) -> bool:
    """Note that a reader has read a revision; False when that was known."""
    new = {"report_id": report_id, "slack_id": slack_id, "at": at}
    return bool(add_new(session, [new], AcknowledgementRow.slack_id))


def hand_on_readers(session: Session, before: int, after: int) -> None:
    """Have those who have acknowledged a revision be readers of another, which has none yet and says the same."""
    read = select(literal(after), _READ_BY.slack_id, _READ_BY.at).where(_READ_BY.report_id == before)
    execute(session, insert(table(AcknowledgementRow)).from_select(["report_id", "slack_id", "at"], read))


def reader_count(session: Session, report_id: int) -> int:
    """How many have acknowledged a revision."""
    query = select(func.count()).where(AcknowledgementRow.report_id == report_id)
    return session.scalar(query) or 0


def readers(session: Session, report_id: int) -> list[str]:
    """The Slack ids of those who have acknowledged a revision."""
    query = select(AcknowledgementRow.slack_id).where(AcknowledgementRow.report_id == report_id)
    return list(session.scalars(query.order_by(AcknowledgementRow.at)))


def readers_before(session: Session, revision: Revision[Any]) -> list[str]:
    """The Slack ids of those who have acknowledged an earlier revision of the same report."""
    earlier = (
        ReportRow.subject == revision.subject,
        ReportRow.quarter == str(revision.quarter),
        ReportRow.revision < revision.revision,
    )
    query = select(AcknowledgementRow.slack_id).join(ReportRow, ReportRow.id == AcknowledgementRow.report_id)
    return list(session.scalars(query.where(*earlier).distinct()))


def _find(session: Session, kind: type[R], subject: str, quarter: Quarter, number: int | None) -> Revision[R] | None:
    query = select(ReportRow).where(ReportRow.subject == subject, ReportRow.quarter == str(quarter))
    if number is not None:
        query = query.where(ReportRow.revision == number)
    row = session.scalar(query.order_by(ReportRow.revision.desc()).limit(1))
    return _revision(kind, row) if row else None


def _revision(kind: type[R], row: ReportRow) -> Revision[R]:
    return Revision(
        id=row.id,
        subject=row.subject,
        quarter=Quarter.parse(row.quarter),
        revision=row.revision,
        report=codec.load(kind, row.value),
        texts=row.texts,
        facts=row.facts,
        channel=row.channel,
        published_by=row.published_by,
        published_at=row.published_at,
        seen=row.seen,
    )
