"""People: how files name them, and their accounts in Slack's directory."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Row, and_, bindparam, delete, func, or_, select, tuple_, update
from sqlalchemy.orm import Session

from bot.domain.directory import DirectoryEntry
from bot.domain.presence import Presence
from bot.domain.project import Deputy, Person
from bot.store import controls
from bot.store.plain import execute, once, table
from bot.store.tables import (
    CoOwnerRow,
    DeputyRow,
    DraftRow,
    HandoverRow,
    HomeRow,
    MilestoneRow,
    NudgeRow,
    PersonRefRow,
    PersonRow,
    ProjectRow,
    SlackUserRow,
    StandInRow,
)

_USERS = table(SlackUserRow)
_ZONES = select(_USERS.c.slack_id, _USERS.c.timezone)
_PRESENCES = select(_USERS.c.slack_id, _USERS.c.is_away, _USERS.c.away_until, _USERS.c.dnd_from, _USERS.c.dnd_until)
_PEOPLE = select(table(PersonRow))
_REFS = select(PersonRefRow.person_id, PersonRefRow.ref).order_by(PersonRefRow.ref)  # the last of somebody's counts
_ACCOUNT = select(_USERS).where(_USERS.c.slack_id == bindparam("slack_id"))
_CALLED = select(_USERS.c.slack_id, _USERS.c.name, _USERS.c.email, _USERS.c.display_name)
_NAMES = select(PersonRefRow.ref, PersonRow.name).join(PersonRow, PersonRow.id == PersonRefRow.person_id)
_REFS_OF = select(table(PersonRefRow).c.ref).where(table(PersonRefRow).c.person_id == bindparam("person_id"))


def all_people(session: Session) -> dict[int, Person]:
    """Everybody known, by row id."""
    refs = {row.person_id: row.ref for row in execute(session, _REFS)}
    deputies = {row.person_id: _deputy(row, refs) for row in session.scalars(select(DeputyRow))}
    rows = execute(session, _PEOPLE)
    return {row.id: _person(row, refs.get(row.id), deputies.get(row.id)) for row in rows}


def people_by_ref(session: Session) -> dict[str, Person]:
    """Everybody known, by each of the refs that files use for them."""
    people = all_people(session)
    return {row.ref: people[row.person_id] for row in session.scalars(select(PersonRefRow))}


def person(session: Session, number: int) -> Person | None:
    """Somebody by our row's id."""
    row = session.get(PersonRow, number)
    first_ref = select(PersonRefRow.ref).where(PersonRefRow.person_id == number).order_by(PersonRefRow.ref.desc())
    return _person(row, session.scalar(first_ref.limit(1)), _deputy_of(session, row)) if row else None


def person_by_ref(session: Session, ref: str) -> Person | None:
    """The person whom files, or answers from Slack, name so; None for words that name nobody."""
    known = session.get(PersonRefRow, ref)
    return person(session, known.person_id) if known else person_by_slack_id(session, ref)


def person_by_slack_id(session: Session, slack_id: str) -> Person | None:
    """The person behind an account; None for somebody whom nothing names."""
    row = session.scalar(select(PersonRow).where(PersonRow.slack_id == slack_id))
    return _person(row, slack_id, _deputy_of(session, row)) if row else None


def save_person(session: Session, person: Person) -> int:
    """Add somebody by the ref a file uses, or bring what is known of them up to date; returns the row's id."""
    ref = session.get(PersonRefRow, person.ref)
    row = session.get(PersonRow, ref.person_id) if ref else None
    account = _row_with_account(session, person.slack_id)
    if row and account and row is not account:
        _merge(session, row, into=account)
    row = account or row
    if row is None:
        row = PersonRow(name=person.name)
        session.add(row)
    _write(row, person)
    session.flush()
    if ref is None:
        session.add(PersonRefRow(ref=person.ref, person_id=row.id))
        session.flush()
    return row.id


def set_account(session: Session, person_id: int, entry: DirectoryEntry) -> None:
    """Tie a person to the account that was found; two refs that turn out to be one account become one person."""
    row = session.get_one(PersonRow, person_id)
    account = _row_with_account(session, entry.slack_id)
    if account is not None and account is not row:
        _merge(session, row, into=account)
        row = account
    row.slack_id = entry.slack_id
    if not _is_named(row):
        row.name = entry.display_name or entry.name
    row.email = row.email or entry.email


def save_directory(session: Session, entries: Iterable[DirectoryEntry]) -> None:
    """Bring what is known of Slack's directory up to date, without the accounts that are to stay forgotten.

    Only what has changed is written: nobody's answer waits for thousands of rows that say what they said yesterday.
    """
    is_forgotten = _forgotten(session)
    told = {entry.slack_id: entry for entry in entries if not is_forgotten(entry.slack_id)}
    known = {row.slack_id: row for row in session.scalars(select(SlackUserRow))}
    session.execute(delete(SlackUserRow).where(SlackUserRow.slack_id.in_(known.keys() - told.keys())))
    for slack_id, entry in told.items():
        row = known.get(slack_id)
        if row is None:
            session.add(_user_row(entry))
        elif _entry(row) != entry:
            session.merge(_user_row(entry))


def save_entry(session: Session, entry: DirectoryEntry) -> None:
    """Bring one account of Slack's directory up to date, unless it is to stay forgotten.

    A language that an event leaves out stays as it was read.
    """
    if not _forgotten(session)(entry.slack_id):
        known = entry_of(session, entry.slack_id)
        session.merge(_user_row(replace(entry, locale=entry.locale or (known.locale if known else None))))


def directory(session: Session) -> list[DirectoryEntry]:
    """Slack's directory as last read."""
    return list(map(_entry, session.scalars(select(SlackUserRow))))


def has_directory(session: Session) -> bool:
    """Whether Slack's directory was ever read."""
    return session.scalar(select(SlackUserRow.slack_id).limit(1)) is not None


def set_hours(session: Session, person_id: int, hours: tuple[time, time] | None) -> None:
    """Keep a person's own working hours; None goes back to the company's."""
    row = session.get_one(PersonRow, person_id)
    row.hours_open, row.hours_close = hours or (None, None)


def set_deputy(
    session: Session, person_id: int, deputy_id: int | None, from_on: date | None = None, until_on: date | None = None
) -> None:
    """Keep who is asked while a person is away, and on which days (both included); None for nobody."""
    session.execute(delete(DeputyRow).where(DeputyRow.person_id == person_id))
    if deputy_id is not None:
        row = DeputyRow(person_id=person_id, deputy_id=deputy_id, from_on=from_on, until_on=until_on)
        session.add(row)
    session.flush()


def zones(session: Session, only: str | None = None) -> dict[str, str]:
    """The zones that Slack knows of people, by Slack id; of everybody, or of one account only."""
    rows = execute(session, _ZONES) if only is None else _rows_of(session, only)
    return {row.slack_id: row.timezone for row in rows if row.timezone}


def presences(session: Session, only: str | None = None) -> dict[str, Presence]:
    """What is known of presence, by Slack id; everybody's, or that of one account only."""
    rows = execute(session, _PRESENCES) if only is None else _rows_of(session, only)
    return {row.slack_id: Presence(row.is_away, row.away_until, row.dnd_from, row.dnd_until) for row in rows}


def closed_accounts(session: Session) -> set[str]:
    """The accounts to which nothing can be sent, by Slack id."""
    return set(session.scalars(select(SlackUserRow.slack_id).where(SlackUserRow.is_reachable.is_(False))))


def presence_of(session: Session, slack_id: str) -> Presence:
    """What is known of one person's presence; somebody Slack did not tell of is present."""
    row = session.get(SlackUserRow, slack_id)
    return Presence(row.is_away, row.away_until, row.dnd_from, row.dnd_until) if row else Presence()


def without_fresh_dnd(session: Session, slack_ids: Collection[str], since: datetime) -> list[str]:
    """Those of some accounts whose do-not-disturb was not asked for since an instant."""
    query = select(SlackUserRow.slack_id).where(SlackUserRow.dnd_read_at >= since)
    fresh = set(session.scalars(query))
    return [slack_id for slack_id in slack_ids if slack_id not in fresh]


def save_dnd(session: Session, windows: Mapping[str, tuple[datetime, datetime] | None], at: datetime) -> None:
    """Keep the do-not-disturb windows that Slack told of; None for nobody's."""
    for row in session.scalars(select(SlackUserRow).where(SlackUserRow.slack_id.in_(windows))):
        row.dnd_from, row.dnd_until = windows[row.slack_id] or (None, None)
        row.dnd_read_at = at


def entry_of(session: Session, slack_id: str) -> DirectoryEntry | None:
    """One account of the directory."""
    return next(map(_entry, _rows_of(session, slack_id)), None)


def _rows_of(session: Session, slack_id: str) -> Sequence[Row[Any]]:
    """The row of one account, if there is one."""
    return once(session, ("account", slack_id), lambda: execute(session, _ACCOUNT, {"slack_id": slack_id}).all())


def account_at(session: Session, address: str) -> DirectoryEntry | None:
    """The account with an e-mail or an @handle, capitals or not; None where none that can be reached has it, or several.

    Display names are not looked at: everybody gives themselves theirs.
    """
    column = SlackUserRow.name if address.startswith("@") else SlackUserRow.email
    is_there = (func.lower(column) == address.removeprefix("@").lower(), SlackUserRow.is_reachable.is_(True))
    found = session.scalars(select(SlackUserRow).where(*is_there)).all()
    return _entry(found[0]) if len(found) == 1 else None


def refs_of(session: Session, number: int) -> set[str]:
    """Every ref that files use for somebody, by our row's id."""
    return set(execute(session, _REFS_OF, {"person_id": number}).scalars())


def names_by_ref(session: Session) -> dict[str, str]:
    """Names to print for refs and Slack ids that answers hold."""
    names = {address: row.display_name for row in execute(session, _CALLED) for address in _addresses(row)}
    return names | {row.ref: row.name for row in execute(session, _NAMES)}


def names_of(session: Session, refs: Collection[str]) -> dict[str, str]:
    """Names to print for some refs and Slack ids, where they are known; two statements for any number."""
    return {ref: person.name for ref, person in named(session, refs).items()}


def named(session: Session, refs: Collection[str]) -> dict[str, Person]:
    """Name and account of those whom some refs stand for, as far as the portfolio or else Slack's directory knows them.

    A ref is one that files use, a Slack id, or an e-mail address or @handle of the directory. Two statements for any number.
    """
    if not refs:
        return {}
    people = select(PersonRefRow.ref, PersonRow.name, PersonRow.slack_id).join(
        PersonRow, PersonRow.id == PersonRefRow.person_id
    )
    rows = session.execute(people.where(PersonRefRow.ref.in_(refs)))
    found = {ref: Person(ref, name, slack_id=slack_id) for ref, name, slack_id in rows}
    sought = set(refs) - found.keys()
    places = [SlackUserRow.slack_id.in_(sought)]
    if written := {ref for ref in sought if "@" in ref}:  # only then is the directory looked through
        handles = {ref.removeprefix("@") for ref in written}
        places += [SlackUserRow.email.in_(written), SlackUserRow.name.in_(handles)]
    for row in session.scalars(select(SlackUserRow).where(or_(*places))) if sought else ():
        shown = Person(row.slack_id, row.display_name, slack_id=row.slack_id)
        found |= dict.fromkeys(sought & _addresses(row), shown)
    return found


def _addresses(row: SlackUserRow | Row[Any]) -> set[str]:
    """What somebody who is written down may be called by."""
    return {row.slack_id, f"@{row.name}", *([row.email] if row.email else [])}


def names_of_rows(session: Session, numbers: Collection[int]) -> dict[int, str]:
    """The names of some people by our rows."""
    if not numbers:
        return {}
    return dict(session.execute(select(PersonRow.id, PersonRow.name).where(PersonRow.id.in_(numbers))).all())


def _forgotten(session: Session) -> Callable[[str], bool]:
    """Tells whether an account is to stay forgotten: until the portfolio names it again, or its person acts again."""
    is_forgotten = controls.forgotten_accounts(session)
    named = set(session.scalars(select(PersonRow.slack_id).where(PersonRow.slack_id.is_not(None))))
    return lambda slack_id: slack_id not in named and is_forgotten(slack_id)


def _user_row(entry: DirectoryEntry) -> SlackUserRow:
    return SlackUserRow(
        slack_id=entry.slack_id,
        name=entry.name,
        display_name=entry.display_name,
        email=entry.email,
        timezone=entry.timezone,
        is_reachable=entry.is_reachable,
        is_away=entry.is_away,
        away_until=entry.away_until,
        locale=entry.locale,
    )


def _entry(row: SlackUserRow | Row[Any]) -> DirectoryEntry:
    return DirectoryEntry(
        slack_id=row.slack_id,
        name=row.name,
        display_name=row.display_name,
        email=row.email,
        timezone=row.timezone,
        is_reachable=row.is_reachable,
        is_away=row.is_away,
        away_until=row.away_until,
        locale=row.locale,
    )


def _deputy_of(session: Session, row: PersonRow) -> Deputy | None:
    deputy = session.get(DeputyRow, row.id)
    if deputy is None:
        return None
    refs = select(PersonRefRow.person_id, PersonRefRow.ref).where(PersonRefRow.person_id == deputy.deputy_id)
    return _deputy(deputy, dict(session.execute(refs.order_by(PersonRefRow.ref)).all()))


def _deputy(row: DeputyRow, refs: Mapping[int, str]) -> Deputy:
    return Deputy(refs.get(row.deputy_id, ""), row.deputy_id, row.from_on, row.until_on)


def _person(row: PersonRow | Row[Any], ref: str | None, deputy: Deputy | None) -> Person:
    return Person(
        ref=ref or row.slack_id or row.email or row.name,
        name=row.name,
        id=row.id,
        slack_id=row.slack_id,
        email=row.email,
        handle=row.handle,
        timezone=row.timezone,
        country=row.country,
        hours=(row.hours_open, row.hours_close) if row.hours_open and row.hours_close else None,
        deputy=deputy,
    )


def _write(row: PersonRow, person: Person) -> None:
    """What a file gives wins; what it leaves out stays as it was learned."""
    if person.name != person.ref or not row.name:
        row.name = person.name
    row.slack_id = person.slack_id or row.slack_id
    row.email = person.email or row.email
    row.handle = person.handle or row.handle
    row.timezone = person.timezone or row.timezone
    row.country = person.country or row.country


def _row_with_account(session: Session, slack_id: str | None) -> PersonRow | None:
    return session.scalar(select(PersonRow).where(PersonRow.slack_id == slack_id)) if slack_id else None


def _is_named(row: PersonRow) -> bool:
    """Whether a name is known, not only a ref that stands in for one."""
    return row.name not in {row.email, row.handle, row.slack_id}


def _merge(session: Session, row: PersonRow, *, into: PersonRow) -> None:
    """Make two rows one; what was known of either stays known."""
    if _is_named(row) and not _is_named(into):
        into.name = row.name
    for name in ("email", "handle", "timezone", "country"):
        setattr(into, name, getattr(into, name) or getattr(row, name))
    for column in (
        ProjectRow.manager_id,
        ProjectRow.budget_owner_id,
        ProjectRow.sponsor_id,
        MilestoneRow.owner_id,
        HandoverRow.from_id,
        HandoverRow.to_id,
        StandInRow.owner_id,
        DeputyRow.deputy_id,
    ):
        session.execute(update(column.class_).where(column == row.id).values({column.key: into.id}))
    _merge_seats(session, row.id, into.id)
    session.execute(update(PersonRefRow).where(PersonRefRow.person_id == row.id).values(person_id=into.id))
    # Plans, drafts and Home go: the other row has its own, and what this one had was without an account or for a wrong one.
    session.execute(delete(NudgeRow).where(NudgeRow.person_id == row.id))
    session.execute(delete(DraftRow).where(DraftRow.person_id == row.id))
    session.execute(delete(HomeRow).where(HomeRow.person_id == row.id))
    session.delete(row)
    session.flush()


def _merge_seats(session: Session, row: int, into: int) -> None:
    """Move what names a person once in each place; where both stand in it, or would be their own deputy, one row is enough."""
    shared = select(CoOwnerRow.milestone_id).where(CoOwnerRow.person_id == into)
    session.execute(delete(CoOwnerRow).where(CoOwnerRow.person_id == row, CoOwnerRow.milestone_id.in_(shared)))
    session.execute(update(CoOwnerRow).where(CoOwnerRow.person_id == row).values(person_id=into))
    _merge_requests(session, row, into)
    if session.get(DeputyRow, into):
        session.execute(delete(DeputyRow).where(DeputyRow.person_id == row))
    session.execute(update(DeputyRow).where(DeputyRow.person_id == row).values(person_id=into))
    session.execute(delete(DeputyRow).where(DeputyRow.person_id == DeputyRow.deputy_id))


def _merge_requests(session: Session, row: int, into: int) -> None:
    """Move what somebody is asked in others' places; one who is asked as deputy under both rows is asked once."""
    item = (StandInRow.project_key, StandInRow.milestone_key, StandInRow.quarter)
    holds = and_(StandInRow.kind == "deputy", StandInRow.state.in_(("asked", "answered")))
    shared = select(*item).where(StandInRow.person_id == into, holds)
    session.execute(delete(StandInRow).where(StandInRow.person_id == row, holds, tuple_(*item).in_(shared)))
    session.execute(update(StandInRow).where(StandInRow.person_id == row).values(person_id=into))
