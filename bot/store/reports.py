"""Published revisions, frozen, and who has acknowledged them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeAlias, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.domain.portfolio_report import ALL, PortfolioReport
from bot.domain.quarter import Quarter
from bot.domain.report import QuarterlyReport
from bot.store import codec
from bot.store.audit import RevisionKey
from bot.store.conflicts import add_new
from bot.store.tables import AcknowledgementRow, ReportFileRow, ReportRow

R = TypeVar("R", QuarterlyReport, PortfolioReport)

_BATCH = 50  # reports that are fetched at a time


@dataclass(frozen=True, slots=True)
class Revision(Generic[R]):
    """One revision as it was published. `texts` are its renderings by format; `facts` fingerprints what was reviewed.

    `subject` is the key of its project, or ALL for the portfolio.
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


Published: TypeAlias = Revision[QuarterlyReport]
PublishedPortfolio: TypeAlias = Revision[PortfolioReport]


def latest(session: Session, project: str, quarter: Quarter) -> Published | None:
    """The newest revision of a project's quarter."""
    return _find(session, QuarterlyReport, project, quarter, None)


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


def readers(session: Session, report_id: int) -> list[str]:
    """The Slack ids of those who have acknowledged a revision."""
    query = select(AcknowledgementRow.slack_id).where(AcknowledgementRow.report_id == report_id)
    return list(session.scalars(query.order_by(AcknowledgementRow.at)))


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
    )
