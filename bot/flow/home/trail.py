"""The audit trail as an admin reads it in Slack: a page at a time, the newest lines first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.domain.project import Person
from bot.flow.company import Company
from bot.flow.home.pages import Page, page_of
from bot.flow.people import require_admin
from bot.flow.schedule.owed import locale_of
from bot.store import audit
from bot.store import people as people_store
from bot.store.audit import Deed, Entry

PAGE = 15  # lines that are read at a time
_BY_THE_BOT = (Deed.NUDGE,)  # ten thousand a quarter; the ledger of messages shows them better


@dataclass(frozen=True, slots=True)
class TrailLine:
    """One line: who (a name; empty for the bot or a command), and to what. Neither holds people's words."""

    at: datetime
    who: str
    via: str
    what: str
    subject: str
    detail: str


@dataclass(frozen=True, slots=True)
class TrailPage:
    """A page of what people did; `until` is the newest line there was when it was opened, so that pages stay as they are."""

    until: int
    page: Page[TrailLine]
    zone: str
    locale: str


def trail_page(session: Session, company: Company, person: Person, *, until: int | None, page: int) -> TrailPage:
    """One page of the trail without the bot's own lines. Raises NotAllowed for anybody but admins."""
    require_admin(session, company, person, to_do="read the audit trail")
    until = audit.newest(session) if until is None else until
    total = audit.count(session, until, _BY_THE_BOT)
    shown = page_of(range(total), page, PAGE)
    entries = audit.latest(session, until, skip=shown.number * PAGE, most=PAGE, but=_BY_THE_BOT)
    names = people_store.names_of_rows(session, {entry.person for entry in entries if entry.person})
    lines = (_line(entry, names) for entry in entries)
    return TrailPage(until, shown.holding(lines), company.portfolio.timezone, locale_of(session, company, person))


def _line(entry: Entry, names: dict[int, str]) -> TrailLine:
    who = names.get(entry.person, f"person:{entry.person}") if entry.person else ""
    detail = " ".join(f"{name}={value}" for name, value in entry.detail.items())
    return TrailLine(entry.at, who, entry.via, entry.what, entry.subject, detail)
