"""A copy holds everything that its original does, and can be taken back to before a quarter."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.domain.update import Provenance
from bot.store import answers, ledger, outbox, portfolio
from bot.store.copies import copied, copy_rows, forget_quarter
from bot.store.ledger import Nudge, NudgeState
from bot.store.session import Database
from bot.store.tables import Base
from tests.builders import ALICE, COMPANY, Q2, Q3, a_milestone, a_project, an_update

NOW = datetime(2025, 10, 1, 14, tzinfo=UTC)


def fill(database: Database) -> None:
    """A project that answered twice, with a nudge sent and a message that still waits."""
    with database.writing() as session:
        portfolio.save_portfolio(session, COMPANY)
        portfolio.save_project(session, a_project(a_milestone("a"), a_milestone("b")), today=date(2025, 1, 1))
        owner = portfolio.projects(session)["portal"].milestones[0].owner.id
        for quarter in (Q2, Q3):
            answers.record(session, "portal", quarter, "a", an_update(), Provenance(ALICE.ref, NOW))
            ledger.add(session, [Nudge(owner, quarter, "opening", 0, NudgeState.SENT, NOW)], at=NOW)
        outbox.put(session, key="waits", kind="notice", subject={}, now=NOW)


def counts(database: Database) -> dict[str, int]:
    with database.reading() as session:
        tables = Base.metadata.sorted_tables
        found = {table.name: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}
    return {name: count for name, count in found.items() if count}


def rows(database: Database) -> dict[str, list[tuple[object, ...]]]:
    with database.reading() as session:
        return {
            table.name: [tuple(row) for row in session.execute(select(table))]
            for table in Base.metadata.tables.values()
        }


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_copy_of_a_file_is_complete_and_the_file_stays_as_it_was(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    fill(database)
    original = Path(database_url.removeprefix("sqlite:///"))
    before = {path.name: path.read_bytes() for path in (original, original.with_name(f"{original.name}-wal"))}
    copy = copied(database_url, tmp_path / "copy.db")
    assert rows(copy) == rows(database)
    with copy.writing() as session:
        forget_quarter(session, Q3)
    copy.close()
    assert {name: (tmp_path / name).read_bytes() for name in before} == before, "the bot has it open all the while"


def test_row_by_row_a_copy_is_complete_too(database: Database, empty_database: Path, tmp_path: Path) -> None:
    """As for a database that is no file."""
    fill(database)
    target = Database(f"sqlite:///{shutil.copy(empty_database, tmp_path / 'target.db')}")
    copy_rows(database, target)
    assert rows(target) == rows(database)
    target.close()


def test_a_forgotten_quarter_is_as_if_it_had_not_begun_and_the_one_before_stays(database: Database) -> None:
    fill(database)
    before = counts(database)
    with database.writing() as session:
        forget_quarter(session, Q3)
        assert set(answers.history(session, "portal", Q3)) == {Q2}
        assert (ledger.nudges(session, Q3), len(ledger.nudges(session, Q2))) == ([], 1)
    gone = {name: before[name] - counts(database).get(name, 0) for name in before}
    assert {name: count for name, count in gone.items() if count} == {"answers": 1, "nudges": 1, "outbox": 1}
