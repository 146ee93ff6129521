"""Finding the Slack account of a person that a file names: never by a guess."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.domain import redaction
from bot.domain.project import NOBODY, Person


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    """One account of Slack's directory. `name` is the handle; `is_reachable` is False for bots, closed accounts and people
    of other companies.

    `is_away` is what the person's status says, until `away_until` (UTC) where that is set. `locale` is the language that the
    person's Slack is set to, such as ``de-DE``; None where Slack did not say.
    """

    slack_id: str
    name: str
    display_name: str
    email: str | None = None
    timezone: str | None = None
    is_reachable: bool = True
    is_away: bool = False
    away_until: datetime | None = None
    locale: str | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """The account found for a person, or why none was: ``not-found``, ``several`` or ``unreachable``."""

    person: Person
    entry: DirectoryEntry | None
    problem: str | None = None


class Directory:
    """The accounts of a workspace, to be found by what files call their people."""

    def __init__(self, entries: Iterable[DirectoryEntry]) -> None:
        everybody = list(entries)
        self._by_id = _grouped(everybody, lambda entry: entry.slack_id)
        self._by_email = _grouped(everybody, lambda entry: (entry.email or "").lower())
        self._by_name = _grouped(everybody, lambda entry: entry.name.lower())
        self._by_display_name = _grouped(everybody, lambda entry: entry.display_name.lower())

    def match(self, person: Person) -> Match:
        """The account by the id as given, else by e-mail, else by exact unique name, then by unique display name."""
        found = self._candidates(person)
        if not found:
            return Match(person, None, "not-found")
        if len(found) > 1:
            return Match(person, None, "several")
        return Match(person, found[0], None if found[0].is_reachable else "unreachable")

    def _candidates(self, person: Person) -> list[DirectoryEntry]:
        if person.ref == NOBODY.ref or person.name == redaction.NOBODY:  # anybody may call themselves so in Slack
            return []
        if person.slack_id:
            return self._by_id.get(person.slack_id, [])
        if person.email and (found := self._by_email.get(person.email.lower())):
            return found
        known_as = {n.removeprefix("@").lower() for n in (person.handle, person.name) if n and n != person.email}
        by_name = [entry for name in known_as for entry in self._by_name.get(name, [])]
        return by_name or [entry for name in known_as for entry in self._by_display_name.get(name, [])]


def _grouped(
    entries: Iterable[DirectoryEntry], key: Callable[[DirectoryEntry], str]
) -> dict[str, list[DirectoryEntry]]:
    groups: dict[str, list[DirectoryEntry]] = {}
    for entry in entries:
        groups.setdefault(key(entry), []).append(entry)
    return groups
