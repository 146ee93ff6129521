"""Published revisions, frozen, and who has acknowledged them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.quarter import Quarter
from bot.domain.report import QuarterlyReport
from bot.store import codec
from bot.store.portfolio import project_id
from bot.store.tables import AcknowledgementRow, ProjectRow, ReportRow


@dataclass(frozen=True, slots=True)
class Published:
    """One revision as it was published. `texts` are its renderings by format; `facts` fingerprints what was reviewed."""

    id: int
    project: str
    quarter: Quarter
    revision: int
    report: QuarterlyReport
    texts: dict[str, str]
    facts: str
    channel: str
    published_by: str
    published_at: datetime


def latest(session: Session, project: str, quarter: Quarter) -> Published | None:
    """The newest revision of a project's quarter."""
    return _find(session, project, quarter, None)


def revision(session: Session, project: str, quarter: Quarter, number: int) -> Published | None:
    """One revision of a project's quarter."""
    return _find(session, project, quarter, number)


def freeze(
    session: Session,
    report: QuarterlyReport,
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
            project_id=project_id(session, report.project_key),
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


def _find(session: Session, project: str, quarter: Quarter, number: int | None) -> Published | None:
    query = (
        select(ReportRow)
        .join(ProjectRow, ProjectRow.id == ReportRow.project_id)
        .where(ProjectRow.key == project, ReportRow.quarter == str(quarter))
        .order_by(ReportRow.revision.desc())
        .limit(1)
    )
    row = session.scalar(query if number is None else query.where(ReportRow.revision == number))
    return _published(row, project) if row else None


def _published(row: ReportRow, project: str) -> Published:
    return Published(
        id=row.id,
        project=project,
        quarter=Quarter.parse(row.quarter),
        revision=row.revision,
        report=codec.load(QuarterlyReport, row.value),
        texts=row.texts,
        facts=row.facts,
        channel=row.channel,
        published_by=row.published_by,
        published_at=row.published_at,
    )
