"""The audit trail of a whole quarter: replayed it gives the ledger and the reports, and it holds nobody's name or words."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from world import DUE_DAY, NAMES, World, slack_id

from bot.flow.keep.trail import disagreements
from bot.store import audit
from bot.store.tables import AuditRow

SECRET = "the very words of a person"


def test_a_quarter_s_trail_gives_what_is_stored_and_names_nobody(world: World) -> None:
    omar = world.person("omar")
    assert omar.submit(world.open("omar", "Update"), {"Percent complete": "25", "Note": SECRET}) is None
    world.arrive(DUE_DAY)
    world.publish("network")
    world.arrive(DUE_DAY + timedelta(days=5))
    with world.database.reading() as session:
        nudges, revisions, differences = disagreements(session)
        assert (nudges > 10, revisions, differences) == (True, 1, [])
        states = {entry.detail["state"] for entry in audit.trail(session) if entry.what is audit.Deed.NUDGE}
        assert {"queued", "sent"} <= states
        rows = [str((row.what, row.subject, row.detail, row.via)) for row in session.scalars(select(AuditRow))]
    trail = "\n".join(rows)
    assert [name for name in NAMES if NAMES[name] in trail or slack_id(name) in trail or f"{name}@" in trail] == []
    assert SECRET not in trail
    told = world.cli("audit").out
    assert f"{NAMES['omar']} answered for " in told
    assert "The trail agrees" in world.cli("audit", "--check").out
