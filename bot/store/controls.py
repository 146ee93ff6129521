"""Controls: what admins decide for the whole company. It outlives restarts, and every worker sees it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.store.conflicts import add_new
from bot.store.tables import ControlRow

NUDGES_STOPPED = "nudges-stopped"
_FORGOTTEN = "forgotten-"


@dataclass(frozen=True, slots=True)
class Stop:
    """Since when no nudge goes out, and by whose word (a ref)."""

    by: str
    at: datetime


def nudges_stopped(session: Session) -> Stop | None:
    """The stop that holds; None where nudges go out."""
    row = session.get(ControlRow, NUDGES_STOPPED)
    return Stop(row.by, row.at) if row else None


def stop_nudges(session: Session, stop: Stop) -> bool:
    """Let no nudge be claimed any more; False where that holds already."""
    return bool(add_new(session, [{"name": NUDGES_STOPPED, "by": stop.by, "at": stop.at}], ControlRow.name))


def resume_nudges(session: Session) -> bool:
    """Let nudges be claimed again; False where nothing held them."""
    gone = delete(ControlRow).where(ControlRow.name == NUDGES_STOPPED).returning(ControlRow.name)
    return session.scalar(gone) is not None


def forget_account(session: Session, slack_id: str, at: datetime) -> None:
    """Read nothing of an account from Slack's directory any more; only a fingerprint of its id is kept."""
    session.merge(ControlRow(name=_forgotten(slack_id), by="", at=at))


def forgotten_accounts(session: Session) -> Callable[[str], bool]:
    """Tells of a Slack id whether the account is to stay forgotten."""
    names = set(session.scalars(select(ControlRow.name).where(ControlRow.name.startswith(_FORGOTTEN))))
    return lambda slack_id: _forgotten(slack_id) in names


def _forgotten(slack_id: str) -> str:
    return _FORGOTTEN + hashlib.sha256(slack_id.encode()).hexdigest()[:30]  # a name has 40 characters
