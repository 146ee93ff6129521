"""The audit trail: told by subject and day, played again, and brought over from the first version with its people's rows."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import MetaData, Table

import bot.store
from bot.store import audit, people
from bot.store.audit import Deed, Entry, Replay, Via, replay
from bot.store.session import Database
from bot.store.upgrade import make_ready

NOON = datetime(2025, 10, 1, 12, tzinfo=UTC)


def entry(subject: str, *, days: int = 0, what: Deed = Deed.EXCUSED, **detail: str) -> Entry:
    return Entry(NOON + timedelta(days=days), 7, what, subject, detail)


def test_a_project_s_trail_holds_its_milestones_and_no_other_project_s(database: Database) -> None:
    told = [
        entry("portal"),
        entry("portal/front-end"),
        entry("portal-2"),
        entry("other/portal"),
        entry("portal/b", days=2),
    ]
    with database.writing() as session:
        audit.record(session, *told)
        assert list(audit.trail(session)) == told
        assert list(audit.trail(session, "portal")) == [told[0], told[1], told[4]]
        assert list(audit.trail(session, "portal/front-end")) == [told[1]]
        assert list(audit.trail(session, "portal", NOON + timedelta(days=1))) == [told[4]]


@pytest.mark.parametrize("subject", ["%", "_ortal", "portal%", "' OR '1'='1", "portal'; DELETE FROM audit; --", "\\"])
def test_a_subject_is_no_pattern_and_no_query(database: Database, subject: str) -> None:
    with database.writing() as session:
        audit.record(session, entry("portal"), entry("portal/front-end"))
        assert list(audit.trail(session, subject)) == []
        assert len(list(audit.trail(session))) == 2


STATES = st.sampled_from(["planned", "queued", "sent", "dropped"])
KEYS = st.tuples(
    st.integers(1, 3),
    st.sampled_from(["2025-Q1", "2025-Q3"]),
    st.sampled_from(["opening", "reminder-5"]),
    st.integers(0, 2),
)


@given(st.lists(st.tuples(KEYS, STATES)))
def test_a_replay_ends_where_the_last_line_of_each_nudge_left_it(steps: list[tuple[audit.NudgeKey, str]]) -> None:
    lines = [
        Entry(
            NOON, None, Deed.NUDGE, audit.person_subject(person), {"quarter": q, "step": s, "n": str(n), "state": state}
        )
        for (person, q, s, n), state in steps
    ]
    assert replay(lines) == Replay(dict(steps), frozenset())
    pruned = replay([*lines, Entry(NOON, None, Deed.PRUNED, "all", {"before": "2025-Q2"})])
    assert pruned.nudges == {key: state for key, state in dict(steps).items() if key[1] == "2025-Q3"}


def test_a_replay_knows_every_published_revision() -> None:
    lines = [entry("portal", what=Deed.PUBLISHED, quarter="2025-Q3", revision=str(n)) for n in (1, 2)]
    redacted = entry("portal", what=Deed.REDACTED, quarter="2025-Q3", revision="1")
    assert replay([*lines, redacted]).revisions == {("portal", "2025-Q3", 1), ("portal", "2025-Q3", 2)}


def test_the_first_version_s_trail_names_people_by_row_from_now_on(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'old.db'}")
    config = Config()
    config.set_main_option("script_location", str(Path(bot.store.__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    lines = [
        {"who": "U0ALICE", "what": "offered", "detail": {"offer": "1", "to": "bob@example.com"}},
        {"who": "bob@example.com", "what": "accepted", "detail": {"offer": "1"}},
        {"who": "", "what": "lapsed", "detail": {"offer": "2"}},
        {"who": "U0ADMIN", "what": "reassigned", "detail": {"before": "U0ALICE", "after": "gone@example.com"}},
    ]
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        tables = MetaData()
        rows = {name: Table(name, tables, autoload_with=connection) for name in ("people", "person_refs", "audit")}
        known = [{"id": 1, "name": "Alice", "slack_id": "U0ALICE"}, {"id": 2, "name": "Bob", "slack_id": None}]
        connection.execute(rows["people"].insert(), known)
        connection.execute(rows["person_refs"].insert(), {"ref": "bob@example.com", "person_id": 2})
        for line in lines:
            connection.execute(rows["audit"].insert(), {"at": NOON.replace(tzinfo=None), "subject": "portal", **line})
    make_ready(database)
    with database.reading() as session:
        found = list(audit.trail(session))
        admin = people.person_by_slack_id(session, "U0ADMIN")
    database.close()
    assert admin
    assert [(e.person, e.via) for e in found] == [
        (1, Via.SLACK),
        (2, Via.SLACK),
        (None, Via.BOT),
        (admin.id, Via.SLACK),
    ]
    assert [dict(e.detail) for e in found] == [
        {"offer": "1", "to": "2"},
        {"offer": "1"},
        {"offer": "2"},
        {"before": "1", "after": ""},
    ]
    assert "example.com" not in json.dumps([dict(e.detail) for e in found])
