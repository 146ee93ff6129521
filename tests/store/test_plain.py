"""What a transaction was told once it is not asked again, unless it may have changed."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import event

from bot.domain.directory import DirectoryEntry
from bot.domain.presence import Presence
from bot.store import people
from bot.store.session import Database

ANA = DirectoryEntry("U0ANA", "ana", "Ana", timezone="Europe/Lisbon", is_away=True)


def test_a_look_asks_once_and_the_next_look_anew(database: Database) -> None:
    with database.writing() as session:
        people.save_entry(session, ANA)
    asked: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *called: asked.append(called[2]))
    with database.reading() as session:
        assert people.entry_of(session, "U0ANA") == people.entry_of(session, "U0ANA") == ANA
        assert people.zones(session, "U0ANA") == {"U0ANA": "Europe/Lisbon"}
        assert people.presences(session, "U0ANA") == {"U0ANA": Presence(is_away=True)}
        assert people.entry_of(session, "U0BEN") is None
    assert len([statement for statement in asked if "FROM slack_users" in statement]) == 2
    with database.writing() as session:
        people.save_entry(session, replace(ANA, timezone=None, is_away=False))
    with database.reading() as session:
        assert people.zones(session, "U0ANA") == {}
        assert people.presences(session, "U0ANA") == {"U0ANA": Presence()}


def test_who_writes_is_told_what_was_written_meanwhile(database: Database) -> None:
    with database.writing() as session:
        for entry in (ANA, replace(ANA, display_name="Ana Reis")):
            people.save_entry(session, entry)
            assert people.entry_of(session, "U0ANA") == entry
