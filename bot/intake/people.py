"""The people of a portfolio file: one Person a human, however often and by whichever name the file mentions them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.domain.deputies import circle_of
from bot.domain.project import Deputy, Person
from bot.intake import values
from bot.intake.fields import Fields

ENTRY_FIELDS = ("slack", "email", "handle", "name", "timezone", "country", "deputy", "deputy_from", "deputy_until")


class People:
    """Everybody a file names. Names that differ only in capitals, or that one `people:` entry joins, are one person."""

    def __init__(self) -> None:
        self._persons: list[Person] = []
        self._numbers: dict[str, int] = {}  # every folded way to name a person, to their place in _persons
        self._referred: set[int] = set()
        self._entries: list[tuple[Fields, int]] = []

    def describe(self, fields: Fields) -> None:
        """Take one entry of the `people:` list; a problem where it names nobody or somebody described before."""
        person = _described(fields)
        if person is None:
            return
        for name in ways_to_name(person):
            if name in self._numbers:
                fields.problem("slack", f"{name} is described twice")
            self._numbers[name] = len(self._persons)
        self._entries.append((fields, len(self._persons)))
        self._persons.append(person)

    def name_deputies(self) -> None:
        """Take the deputies that the entries name, once all people are described.

        A problem where somebody would deputise for themselves, straight away or by way of others on the same days.
        """
        for fields, number in self._entries:
            deputy = self._deputy(fields)
            if deputy is None:
                continue
            self._persons[number] = replace(self._persons[number], deputy=deputy)
            if circle := circle_of(self._persons[number], deputy, self._person_of):
                names = " → ".join(person.name for person in circle)
                fields.problem("deputy", f"leads back in a circle ({names}); name somebody else or other days")

    def _deputy(self, fields: Fields) -> Deputy | None:
        ref = fields.read("deputy", values.person_ref)
        from_on, until_on = (fields.read(name, values.day) for name in ("deputy_from", "deputy_until"))
        if from_on and until_on and until_on < from_on:
            fields.problem("deputy_until", "before deputy_from; expected the same day or a later one")
        if ref is None and (from_on or until_on):
            fields.problem("deputy", "missing; expected such as dev@example.com, for the days that are given")
        return Deputy(self.named(ref).ref, from_on=from_on, until_on=until_on) if ref else None

    def _person_of(self, deputy: Deputy) -> Person | None:
        number = self._numbers.get(deputy.ref.casefold())
        return None if number is None else self._persons[number]

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


def twice_named(persons: Iterable[Person]) -> str | None:
    """The ref of the first person who is there twice; None where nobody is."""
    seen: set[str] = set()
    for person in persons:
        if person.ref in seen:
            return person.ref
        seen.add(person.ref)
    return None


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
