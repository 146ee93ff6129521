"""Connections that a failover has ended are replaced before anybody notices."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from bot.store.session import Database
from bot.store.tables import PersonRow
from tests.servers import Postgres


@pytest.fixture(scope="module")
def database_kind() -> str:
    """SQLite has no connection that somebody else could end."""
    return "postgresql"


@pytest.mark.parametrize("kind", ["writing", "claiming", "answering", "reading", "showing"])
def test_the_first_use_after_a_failover_works(
    database: Database, database_url: str, postgres_server: Postgres, kind: str
) -> None:
    with database.writing() as session:
        session.add(PersonRow(name="Ana"))
    with database.reading() as one, database.reading() as another:  # so that several connections lie idle
        assert one.scalar(select(func.count(PersonRow.id))) == another.scalar(select(func.count(PersonRow.id))) == 1
    assert postgres_server.cut_off(database_url) > 1
    with getattr(database, kind)() as session:
        assert session.scalar(select(PersonRow.name)) == "Ana"
