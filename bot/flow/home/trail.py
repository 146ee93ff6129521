"""The audit trail as people read it: its lines with the names of today, the newest first; in Slack a page at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from bot.domain.portfolio_report import ALL
from bot.domain.project import Person
from bot.domain.quarter import Quarter
from bot.flow.company import Company
from bot.flow.home.pages import Page, page_of
from bot.flow.people import require_admin
from bot.flow.schedule.owed import locale_of
from bot.store import audit
from bot.store import people as people_store
from bot.store.audit import Deed, Entry

PAGE = 15  # lines that are read at a time
_BY_THE_BOT = (Deed.NUDGE,)  # ten thousand a quarter; the ledger of messages shows them better
_PERSON = "person:"
_PEOPLE = ("to", "before", "after", "owner", "for", "by")  # what may be a person's row in a line's detail


@dataclass(frozen=True, slots=True)
class TrailLine:
    """One line: who (a name; empty for the bot or a command) did what, and to what. It holds no words of people.

    `project`, `milestone` and `about` (a person) are names, empty where it is not about one; a project and a milestone that
    the portfolio no longer has are named by their keys. `quarter` is its label; people in `detail` are named.
    """

    at: datetime
    who: str
    via: str
    what: str
    project: str
    milestone: str
    about: str
    quarter: str
    detail: Mapping[str, str]
    until: date | None = None


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
    lines = trail_lines(session, company, entries)
    return TrailPage(until, shown.holding(lines), company.portfolio.timezone, locale_of(session, company, person))


def trail_lines(session: Session, company: Company, entries: Sequence[Entry]) -> list[TrailLine]:
    """Lines of the trail with the names that people, projects and milestones have today; one statement for any number."""
    rows = {number for entry in entries for number in _people_in(entry)}
    names = people_store.names_of_rows(session, rows)
    return [_line(company, entry, names) for entry in entries]


def _people_in(entry: Entry) -> Iterator[int]:
    if entry.person:
        yield entry.person
    if entry.subject.startswith(_PERSON):
        yield int(entry.subject.removeprefix(_PERSON))
    yield from (int(value) for name, value in entry.detail.items() if _is_person(name, value))


def _is_person(name: str, value: str) -> bool:
    return name in _PEOPLE and value.isdigit()


def _line(company: Company, entry: Entry, names: Mapping[int, str]) -> TrailLine:
    def name_of(row: int) -> str:
        return names.get(row) or f"person {row}"

    is_person = entry.subject.startswith(_PERSON)
    project, milestone = ("", "") if is_person or entry.subject == ALL else _things(company, entry.subject)
    detail = {name: name_of(int(value)) if _is_person(name, value) else value for name, value in entry.detail.items()}
    quarter, until = detail.pop("quarter", ""), detail.pop("until", "")
    return TrailLine(
        at=entry.at,
        who=name_of(entry.person) if entry.person else "",
        via=entry.via,
        what=entry.what,
        project=project,
        milestone=milestone,
        about=name_of(int(entry.subject.removeprefix(_PERSON))) if is_person else "",
        quarter=company.label(Quarter.parse(quarter)) if quarter else "",
        detail=detail,
        until=date.fromisoformat(until) if until else None,
    )


def _things(company: Company, subject: str) -> tuple[str, str]:
    """What a project and a milestone are called."""
    key, _, milestone_key = subject.partition("/")
    project = company.projects.get(key)
    milestone = project.milestone(milestone_key) if project and milestone_key else None
    return project.name if project else key, milestone.name if milestone else milestone_key
