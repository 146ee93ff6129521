"""Edits of messages: what is asked for in a burst is drawn once at its beginning and once at its end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.store import outbox
from bot.store.outbox import EDIT_PAUSE, Parcel, SendState
from bot.store.session import Database
from bot.store.tables import OutboxRow
from tests.servers import KINDS

pytestmark = pytest.mark.parametrize("database_kind", KINDS, scope="session")

NOON = datetime(2025, 10, 1, 12, tzinfo=UTC)
LANE = "nudge:1"


def ask(database: Database, at: datetime, kind: str = "card") -> None:
    with database.writing() as session:
        outbox.put_edit(session, kind=kind, subject={"of": LANE}, lane=LANE, now=at)


def sent(database: Database, at: datetime) -> Parcel | None:
    """What a worker sends at an instant, if anything may go out."""
    with database.claiming() as session:
        parcel = outbox.claim(session, "worker", at, ["card", "home"])
        if parcel:
            outbox.finish(session, parcel, "worker", SendState.SENT, now=at)
    return parcel


def test_a_burst_of_answers_is_two_edits_and_the_second_one_is_drawn_when_it_is_over(database: Database) -> None:
    drawn = []
    for tenth in range(30):
        at = NOON + timedelta(milliseconds=100 * tenth)
        if at < NOON + EDIT_PAUSE:
            ask(database, at)
        if sent(database, at):
            drawn.append(at - NOON)
    assert len(drawn) == 2
    assert drawn[0] == timedelta(0), "who answers once does not wait"
    assert drawn[1] >= EDIT_PAUSE


def test_an_edit_that_waits_is_the_next_ones_too(database: Database) -> None:
    for _ in range(3):
        ask(database, NOON)
    ask(database, NOON, kind="home")
    with database.reading() as session:
        rows = session.execute(select(OutboxRow.kind, OutboxRow.subject, OutboxRow.due_at)).all()
    assert [tuple(row) for row in rows] == [("card", {"of": LANE}, NOON), ("home", {"of": LANE}, NOON)]


def test_an_edit_after_a_pause_goes_out_at_once(database: Database) -> None:
    for at in (NOON, NOON + 2 * EDIT_PAUSE):
        ask(database, at)
        assert sent(database, at) is not None
    ask(database, NOON - timedelta(days=1))  # the clock was set back
    assert sent(database, NOON - timedelta(days=1) + EDIT_PAUSE) is not None
