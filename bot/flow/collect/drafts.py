"""Drafts: what somebody typed and did not send yet opens again where it was; nobody else sees it, and no report holds it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from bot.domain.project import Person
from bot.domain.quarter import Quarter
from bot.flow.company import Company
from bot.flow.moment import Moment
from bot.store import drafts
from bot.store.drafts import Draft, Opening, Typed

_AT_THE_SAME_TIME = timedelta(minutes=30)  # a dialog left open longer than this is taken for given up


@dataclass(frozen=True, slots=True)
class Opened:
    """A dialog that is being opened: what its person typed before, and who else has it open (the latest)."""

    draft: Draft | None
    other: Opening | None


def open_dialog(session: Session, person: Person, dialog: str, quarter: Quarter, moment: Moment) -> Opened:
    """Note that somebody opens a dialog, named by what it is about."""
    draft = drafts.open_dialog(session, person.id, dialog, quarter, moment.now)
    others = drafts.others(session, person.id, dialog, moment.now - _AT_THE_SAME_TIME)
    return Opened(draft, others[0] if others else None)


def keep(
    session: Session, person: Person, dialog: str, quarter: Quarter, typed: Typed, *, order: str, moment: Moment
) -> None:
    """Keep what stands in a dialog while it is being filled; `order` is Slack's stamp of the keystroke."""
    if person.id:
        drafts.keep(session, person.id, dialog, quarter, typed, order=order, at=moment.now)


def discard(session: Session, person: Person, dialog: str) -> None:
    """Forget what was typed into a dialog: it was sent, or its person starts over."""
    drafts.discard(session, person.id, dialog)


def close_old(session: Session, company: Company, moment: Moment) -> None:
    """Forget the drafts of quarters in which nobody can answer any more."""
    drafts.close_before(session, company.latest_opened(moment.now))
