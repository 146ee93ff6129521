"""Keystrokes that arrive in another order than they were made: the latest made is what stays."""

import itertools
from datetime import UTC, datetime

import pytest

from bot.domain.project import Person
from bot.domain.quarter import Quarter
from bot.store import drafts, people
from bot.store.session import Database

NOW = datetime(2025, 9, 22, 15, tzinfo=UTC)
STAMPS = ("1757944799.999999", "1757944800.000100", "1757944800.000200")


@pytest.mark.parametrize("arrival", list(itertools.permutations(range(3))))
def test_the_latest_keystroke_stays(database: Database, arrival: tuple[int, ...]) -> None:
    with database.writing() as session:
        person = people.save_person(session, Person(ref="a@example.com", name="A"))
        for number in arrival:
            typed = {"percent": str(number)}
            drafts.keep(session, person, "milestone:x", Quarter(2025, 3), typed, order=STAMPS[number], at=NOW)
    with database.writing() as session:
        draft = drafts.open_dialog(session, person, "milestone:x", Quarter(2025, 3), NOW)
        assert draft and draft.typed == {"percent": "2"}
        drafts.keep(session, person, "milestone:x", Quarter(2025, 3), {}, order=STAMPS[0], at=NOW)
    with database.writing() as session:
        again = drafts.open_dialog(session, person, "milestone:x", Quarter(2025, 3), NOW)
        assert again and again.typed == {"percent": "2"}
