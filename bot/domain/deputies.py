"""Deputies who name each other: nobody would be left to be asked. Pure."""

from __future__ import annotations

from collections.abc import Callable

from bot.domain.project import Deputy, Person


def circle_of(person: Person, deputy: Deputy, person_of: Callable[[Deputy], Person | None]) -> list[Person]:
    """The people through whom somebody's deputy leads back to them on some day, themselves first and last.

    Empty where it does not. `deputy` is the one that the person has or is about to name.
    """
    way, leading = [person], deputy
    while (following := person_of(leading)) is not None:
        way.append(following)
        if _is_same(following, person):
            return way
        is_known = any(_is_same(following, known) for known in way[:-1])
        if following.deputy is None or is_known or not following.deputy.overlaps(deputy):
            break
        leading = following.deputy
    return []


def _is_same(one: Person, other: Person) -> bool:
    """Whether two are one person: by our row, else by the ref that a file gives them."""
    return one.id == other.id if one.id and other.id else one.ref == other.ref
