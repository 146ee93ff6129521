"""Finding the Slack account of a person that a file names: never by a guess."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.project import Person


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    """One account of Slack's directory. `name` is the handle; `is_reachable` is False for bots and closed accounts.

    `is_away` is what the person's status says, until `away_until` (UTC) where that is set.
    """

    slack_id: str
    name: str
    display_name: str
    email: str | None = None
    timezone: str | None = None
    is_reachable: bool = True
    is_away: bool = False
    away_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """The account found for a person, or why none was: ``not-found``, ``several`` or ``unreachable``."""

    person: Person
    entry: DirectoryEntry | None
    problem: str | None = None


def match_person(person: Person, directory: Sequence[DirectoryEntry]) -> Match:
    """The account by the id as given, else by e-mail, else by exact unique name, then by unique display name."""
    found = _candidates(person, directory)
    if not found:
        return Match(person, None, "not-found")
    if len(found) > 1:
        return Match(person, None, "several")
    return Match(person, found[0], None if found[0].is_reachable else "unreachable")


def _candidates(person: Person, directory: Sequence[DirectoryEntry]) -> list[DirectoryEntry]:
    if person.slack_id:
        return [entry for entry in directory if entry.slack_id == person.slack_id]
    if person.email and (found := [e for e in directory if (e.email or "").lower() == person.email.lower()]):
        return found
    known_as = {n.removeprefix("@").lower() for n in (person.handle, person.name) if n and n != person.email}
    by_name = [entry for entry in directory if entry.name.lower() in known_as]
    return by_name or [entry for entry in directory if entry.display_name.lower() in known_as]
