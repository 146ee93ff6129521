"""The people of a portfolio file: one Person a human, however often and by whichever name the file mentions them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.domain.project import Person
from bot.intake import values
from bot.intake.fields import Fields

ENTRY_FIELDS = ("slack", "email", "handle", "name", "timezone", "country")


class People:
    """Everybody a file names. Names that differ only in capitals, or that one `people:` entry joins, are one person."""

    def __init__(self) -> None:
        self._persons: list[Person] = []
        self._numbers: dict[str, int] = {}  # every folded way to name a person, to their place in _persons
        self._referred: set[int] = set()

    def describe(self, fields: Fields) -> None:
        """Take one entry of the `people:` list; a problem where it names nobody or somebody described before."""
        person = _described(fields)
        if person is None:
            return
        for name in ways_to_name(person):
            if name in self._numbers:
                fields.problem("slack", f"{name} is described twice")
            self._numbers[name] = len(self._persons)
        self._persons.append(person)

    def named(self, ref: str) -> Person:
        """The person that a ref names; the first ref used for a person, as written, is the one they keep."""
        number = self._numbers.setdefault(ref.casefold(), len(self._persons))
        if number == len(self._persons):
            self._persons.append(_mentioned(ref))
        elif number not in self._referred:
            self._persons[number] = replace(self._persons[number], ref=ref)
        self._referred.add(number)
        return self._persons[number]

    def all(self) -> tuple[Person, ...]:
        """Everybody: the described first, then in the order of the file."""
        return tuple(self._persons)


def by_any_name(people: Iterable[Person]) -> dict[str, Person]:
    """People by every folded way to name them."""
    return {name: person for person in people for name in ways_to_name(person)}


def ways_to_name(person: Person) -> set[str]:
    """The folded ways in which a file can name a person."""
    return {name.casefold() for name in (person.ref, person.slack_id, person.email, person.handle) if name}


def _described(fields: Fields) -> Person | None:
    slack = fields.read("slack", values.slack_id)
    email = fields.read("email", values.email)
    handle = fields.read("handle", values.handle)
    ref = slack or email or handle
    if ref is None:
        if not any(map(fields.has, ("slack", "email", "handle"))):
            fields.problem("slack", "missing; expected slack, email or handle")
        return None
    person = _mentioned(ref)
    return replace(
        person,
        name=fields.read("name", values.line) or person.name,
        slack_id=slack,
        email=email,
        handle=handle,
        timezone=fields.read("timezone", values.timezone),
        country=fields.read("country", values.country),
    )


def _mentioned(ref: str) -> Person:
    """A person of whom only a ref is known; it stands in for the name until Slack tells that."""
    if ref.startswith("@"):
        return Person(ref, ref, handle=ref)
    return Person(ref, ref, email=ref) if "@" in ref else Person(ref, ref, slack_id=ref)
