"""Published revisions, frozen, and who has acknowledged them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeAlias, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.domain.portfolio_report import ALL, PortfolioReport
from bot.domain.quarter import Quarter
from bot.domain.report import QuarterlyReport
from bot.store import codec
from bot.store.tables import AcknowledgementRow, ReportRow

R = TypeVar("R", QuarterlyReport, PortfolioReport)


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


def latest_of_all(session: Session, quarter: Quarter) -> dict[str, Published]:
    """The newest revision of every project that has one for the quarter, by project key."""
    newest = (
        select(ReportRow.subject, func.max(ReportRow.revision).label("revision"))
        .where(ReportRow.quarter == str(quarter), ReportRow.subject != ALL)
        .group_by(ReportRow.subject)
        .subquery()
    )
    is_newest = (ReportRow.subject == newest.c.subject) & (ReportRow.revision == newest.c.revision)
    query = select(ReportRow).join(newest, is_newest).where(ReportRow.quarter == str(quarter))
    return {row.subject: _revision(QuarterlyReport, row) for row in session.scalars(query)}


def latest_portfolio(session: Session, quarter: Quarter) -> PublishedPortfolio | None:
    """The newest revision of the portfolio's quarter."""
    return _find(session, PortfolioReport, ALL, quarter, None)


def portfolio_revision(session: Session, quarter: Quarter, number: int) -> PublishedPortfolio | None:
    """One revision of the portfolio's quarter."""
    return _find(session, PortfolioReport, ALL, quarter, number)


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


def acknowledge(session: Session, report_id: int, slack_id: str, at: datetime) -> bool:
    """Note that a reader has read a revision; False when that was known."""
    if session.get(AcknowledgementRow, (report_id, slack_id)):
        return False
    session.add(AcknowledgementRow(report_id=report_id, slack_id=slack_id, at=at))
    session.flush()
    return True


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
