"""Dialogs that people have open or left half-filled: private to each, and gone when sent or when the quarter is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from bot.domain.quarter import Quarter
from bot.store.conflicts import put, put_newest
from bot.store.plain import execute, table
from bot.store.tables import DraftRow, PersonRow

Typed = Mapping[str, str | None]

_DRAFTS, _PEOPLE = table(DraftRow), table(PersonRow)
_DISCARD = delete(_DRAFTS).where(_DRAFTS.c.person_id == bindparam("of"), _DRAFTS.c.dialog == bindparam("about"))
_OTHERS = (
    select(_PEOPLE.c.name, _DRAFTS.c.opened_at)
    .join(_PEOPLE, _PEOPLE.c.id == _DRAFTS.c.person_id)
    .where(_DRAFTS.c.dialog == bindparam("about"), _DRAFTS.c.person_id != bindparam("besides"))
    .where(_DRAFTS.c.opened_at >= bindparam("since"))
    .order_by(_DRAFTS.c.opened_at.desc())
)


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody typed into a dialog and did not send: each field's name with its text, None where it was emptied."""

    typed: Typed
    at: datetime


@dataclass(frozen=True, slots=True)
class Opening:
    """Somebody else who has the same dialog open, or left it without sending."""

    name: str
    at: datetime


def open_dialog(session: Session, person_id: int, dialog: str, quarter: Quarter, at: datetime) -> Draft | None:
    """Note that a dialog is being opened; returns what its person typed there before and did not send."""
    new = {"person_id": person_id, "dialog": dialog, "quarter": str(quarter), "opened_at": at, "typed_order": ""}
    row = put(session, new, ("opened_at",), DraftRow.typed, DraftRow.typed_at)
    return Draft(row.typed, row.typed_at or at) if row.typed else None


def keep(
    session: Session, person_id: int, dialog: str, quarter: Quarter, typed: Typed, *, order: str, at: datetime
) -> None:
    """Keep what stands in a dialog, unless something newer is kept; `order` is Slack's stamp of the keystroke.

    Stamps such as ``1757944800.000100`` all have as many digits (docs.slack.dev/messaging), so they sort as text.
    """
    opened = {"person_id": person_id, "dialog": dialog, "quarter": str(quarter), "opened_at": at}
    kept = {"typed": dict(typed), "typed_at": at, "typed_order": order}
    put_newest(session, DraftRow, {**opened, **kept}, kept, "typed_order")


def discard(session: Session, person_id: int, dialog: str) -> None:
    """Forget a dialog: it was sent, or its person starts over."""
    execute(session, _DISCARD, {"of": person_id, "about": dialog})


def others(session: Session, person_id: int, dialog: str, since: datetime) -> list[Opening]:
    """Who else has opened a dialog since an instant and has not sent it, the latest first."""
    found = execute(session, _OTHERS, {"besides": person_id, "about": dialog, "since": since})
    return [Opening(row.name, row.opened_at) for row in found]


def close_before(session: Session, quarter: Quarter) -> None:
    """Forget every dialog of the quarters before one."""
    session.execute(delete(DraftRow).where(DraftRow.quarter < str(quarter)))
