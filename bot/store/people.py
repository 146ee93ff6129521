"""People: how files name them, and their accounts in Slack's directory."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bot.domain.directory import DirectoryEntry
from bot.domain.project import Person
from bot.store.tables import MilestoneRow, NudgeRow, PersonRefRow, PersonRow, ProjectRow, SlackUserRow


def all_people(session: Session) -> dict[int, Person]:
    """Everybody known, by row id."""
    refs = dict(session.execute(select(PersonRefRow.person_id, PersonRefRow.ref).order_by(PersonRefRow.ref)).all())
    return {row.id: _person(row, refs.get(row.id)) for row in session.scalars(select(PersonRow))}


def people_by_ref(session: Session) -> dict[str, Person]:
    """Everybody known, by each of the refs that files use for them."""
    people = all_people(session)
    return {row.ref: people[row.person_id] for row in session.scalars(select(PersonRefRow))}


def person_by_slack_id(session: Session, slack_id: str) -> Person | None:
    """The person behind an account; None for somebody whom nothing names."""
    row = session.scalar(select(PersonRow).where(PersonRow.slack_id == slack_id))
    return _person(row, slack_id) if row else None


def save_person(session: Session, person: Person) -> int:
    """Add somebody by the ref a file uses, or bring what is known of them up to date; returns the row's id."""
    ref = session.get(PersonRefRow, person.ref)
    row = session.get(PersonRow, ref.person_id) if ref else _row_with_account(session, person.slack_id)
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
    other = _row_with_account(session, entry.slack_id)
    if other is not None and other.id != person_id:
        _merge(session, person_id, into=other.id)
        person_id = other.id
    row = session.get_one(PersonRow, person_id)
    row.slack_id = entry.slack_id
    row.email = row.email or entry.email
    if row.name in {row.email, row.handle, row.slack_id}:  # only a ref so far
        row.name = entry.display_name or entry.name


def save_directory(session: Session, entries: Iterable[DirectoryEntry]) -> None:
    """Replace what is known of Slack's directory."""
    session.execute(delete(SlackUserRow))
    session.add_all(map(_user_row, entries))


def save_entry(session: Session, entry: DirectoryEntry) -> None:
    """Bring one account of Slack's directory up to date."""
    session.merge(_user_row(entry))


def directory(session: Session) -> list[DirectoryEntry]:
    """Slack's directory as last read."""
    return list(map(_entry, session.scalars(select(SlackUserRow))))


def entry_of(session: Session, slack_id: str) -> DirectoryEntry | None:
    """One account of the directory."""
    row = session.get(SlackUserRow, slack_id)
    return _entry(row) if row else None


def names_by_ref(session: Session) -> dict[str, str]:
    """Names to print for refs and Slack ids that answers hold."""
    names = {row.slack_id: row.display_name for row in session.scalars(select(SlackUserRow))}
    return names | {ref: person.name for ref, person in people_by_ref(session).items()}


def _user_row(entry: DirectoryEntry) -> SlackUserRow:
    return SlackUserRow(
        slack_id=entry.slack_id,
        name=entry.name,
        display_name=entry.display_name,
        email=entry.email,
        timezone=entry.timezone,
        is_reachable=entry.is_reachable,
    )


def _entry(row: SlackUserRow) -> DirectoryEntry:
    return DirectoryEntry(row.slack_id, row.name, row.display_name, row.email, row.timezone, row.is_reachable)


def _person(row: PersonRow, ref: str | None) -> Person:
    return Person(
        ref=ref or row.slack_id or row.email or row.name,
        name=row.name,
        id=row.id,
        slack_id=row.slack_id,
        email=row.email,
        handle=row.handle,
        timezone=row.timezone,
        country=row.country,
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


def _merge(session: Session, person_id: int, *, into: int) -> None:
    for column in (ProjectRow.manager_id, ProjectRow.budget_owner_id, ProjectRow.sponsor_id, MilestoneRow.owner_id):
        session.execute(update(column.class_).where(column == person_id).values({column.key: into}))
    session.execute(update(PersonRefRow).where(PersonRefRow.person_id == person_id).values(person_id=into))
    # Without an account nothing was ever sent to this row, so its plans can go: the other row has its own.
    session.execute(delete(NudgeRow).where(NudgeRow.person_id == person_id))
    session.execute(delete(PersonRow).where(PersonRow.id == person_id))
