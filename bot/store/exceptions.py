"""Managers' exceptions: milestones that were excused or given more time for a quarter, and paused projects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.domain.quarter import Quarter
from bot.store.tables import ExceptionRow


class ExceptionKind(StrEnum):
    """What a manager decided."""

    EXCUSED = "excused"
    EXTENDED = "extended"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class ManagersException:
    """One decision. A pause has neither milestone nor quarter; `until` is the last day of an extension."""

    kind: ExceptionKind
    project: str
    milestone: str
    quarter: str
    until: date | None
    reason: str
    at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Exceptions:
    """Every exception that matters for some quarter, in the order they were made."""

    made: tuple[ManagersException, ...] = ()

    def excused(self, project: str, quarter: Quarter) -> dict[str, str]:
        """The milestones of a project that are excused in a quarter, with the reason of each."""
        return {e.milestone: e.reason for e in self._of(ExceptionKind.EXCUSED, project, quarter)}

    def all_excused(self) -> Iterator[tuple[str, Quarter, str]]:
        """Every milestone that is excused in some quarter: project, quarter and milestone."""
        excused = (e for e in self.made if e.kind is ExceptionKind.EXCUSED)
        return ((e.project, Quarter.parse(e.quarter), e.milestone) for e in excused)

    def extended(self, project: str, quarter: Quarter) -> dict[str, date]:
        """The milestones of a project that were given more time in a quarter, with the last day of each."""
        return {e.milestone: e.until for e in self._of(ExceptionKind.EXTENDED, project, quarter) if e.until}

    def first_pause(self, project: str) -> datetime | None:
        """When a project was paused for the first time (UTC); None where it never was."""
        pauses = (e.at for e in self.made if e.kind is ExceptionKind.PAUSED and e.project == project)
        return min(pauses, default=None)

    def pause_at(self, project: str, instant: datetime) -> str | None:
        """Why a project was paused at an instant; None where it was not."""
        pauses = (e for e in self.made if e.kind is ExceptionKind.PAUSED and e.project == project)
        return next((e.reason for e in pauses if e.at <= instant and (not e.ended_at or instant < e.ended_at)), None)

    def _of(self, kind: ExceptionKind, project: str, quarter: Quarter) -> list[ManagersException]:
        return [e for e in self.made if (e.kind, e.project, e.quarter) == (kind, project, str(quarter))]


def exceptions(session: Session) -> Exceptions:
    """What managers decided and did not take back; pauses that are over too, since they mattered in their time."""
    query = select(ExceptionRow).where(or_(ExceptionRow.ended_at.is_(None), ExceptionRow.kind == ExceptionKind.PAUSED))
    return Exceptions(tuple(map(_exception, session.scalars(query.order_by(ExceptionRow.id)))))


def extended(session: Session, quarter: Quarter) -> dict[tuple[str, str], date]:
    """Every milestone (project and key) that was given more time in a quarter, with the last day of each."""
    query = select(ExceptionRow).where(
        ExceptionRow.kind == ExceptionKind.EXTENDED,
        ExceptionRow.quarter == str(quarter),
        ExceptionRow.ended_at.is_(None),
    )
    return {(row.project_key, row.milestone_key): row.until for row in session.scalars(query) if row.until}


def excuse(
    session: Session, project: str, milestone: str, quarter: Quarter, reason: str, *, by: str, at: datetime
) -> None:
    """Excuse a milestone for a quarter; a new reason takes the place of the one before."""
    take_back_excuse(session, project, milestone, quarter, at=at)
    _add(session, ExceptionKind.EXCUSED, project, milestone, str(quarter), reason=reason, by=by, at=at)


def take_back_excuse(session: Session, project: str, milestone: str, quarter: Quarter, *, at: datetime) -> bool:
    """Count a milestone again; says whether it was excused."""
    return _end(session, ExceptionKind.EXCUSED, project, milestone, str(quarter), at=at)


def extend(
    session: Session, project: str, milestone: str, quarter: Quarter, until: date, *, by: str, at: datetime
) -> None:
    """Give a milestone time until a day, in place of any extension before."""
    _end(session, ExceptionKind.EXTENDED, project, milestone, str(quarter), at=at)
    _add(session, ExceptionKind.EXTENDED, project, milestone, str(quarter), until=until, by=by, at=at)


def pause(session: Session, project: str, reason: str, *, by: str, at: datetime) -> bool:
    """Ask nothing of a project until it is resumed; says whether it was running."""
    if exceptions(session).pause_at(project, at) is not None:
        return False
    _add(session, ExceptionKind.PAUSED, project, reason=reason, by=by, at=at)
    return True


def resume(session: Session, project: str, *, at: datetime) -> bool:
    """Ask of a project again; says whether it was paused."""
    return _end(session, ExceptionKind.PAUSED, project, at=at)


def _add(
    session: Session,
    kind: ExceptionKind,
    project: str,
    milestone: str = "",
    quarter: str = "",
    *,
    by: str,
    at: datetime,
    until: date | None = None,
    reason: str = "",
) -> None:
    session.add(
        ExceptionRow(
            kind=kind,
            project_key=project,
            milestone_key=milestone,
            quarter=quarter,
            until=until,
            reason=reason,
            by=by,
            at=at,
        )
    )
    session.flush()


def _end(
    session: Session, kind: ExceptionKind, project: str, milestone: str = "", quarter: str = "", *, at: datetime
) -> bool:
    query = select(ExceptionRow).where(
        ExceptionRow.kind == kind,
        ExceptionRow.project_key == project,
        ExceptionRow.milestone_key == milestone,
        ExceptionRow.quarter == quarter,
        ExceptionRow.ended_at.is_(None),
    )
    rows = session.scalars(query.with_for_update()).all()
    for row in rows:
        row.ended_at = at
    session.flush()
    return bool(rows)


def _exception(row: ExceptionRow) -> ManagersException:
    return ManagersException(
        kind=ExceptionKind(row.kind),
        project=row.project_key,
        milestone=row.milestone_key,
        quarter=row.quarter,
        until=row.until,
        reason=row.reason,
        at=row.at,
        ended_at=row.ended_at,
    )
