"""The audit trail: who did what to which thing, and when. It is only ever added to, and holds keys, never people's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.store.tables import AuditRow


class Deed(StrEnum):
    """What can be done to a project or a milestone beside answering for it."""

    EXCUSED = "excused"
    EXCUSE_TAKEN_BACK = "excuse-taken-back"
    EXTENDED = "extended"
    PAUSED = "paused"
    RESUMED = "resumed"
    REASSIGNED = "reassigned"
    NUDGED = "nudged"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    DISOWNED = "disowned"  # its owner said "not mine"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the trail. `who` is a Slack id or a ref, empty for the bot; `subject` a project or project/milestone."""

    at: datetime
    who: str
    what: Deed
    subject: str
    detail: Mapping[str, str]


def record(session: Session, entry: Entry) -> None:
    """Add a line."""
    session.add(AuditRow(at=entry.at, who=entry.who, what=entry.what, subject=entry.subject, detail=dict(entry.detail)))
    session.flush()


def trail(session: Session, subject: str) -> list[Entry]:
    """Everything that was done to one thing, oldest first."""
    rows = session.scalars(select(AuditRow).where(AuditRow.subject == subject).order_by(AuditRow.id))
    return [Entry(row.at, row.who, Deed(row.what), row.subject, row.detail) for row in rows]
