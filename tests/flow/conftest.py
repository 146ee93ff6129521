"""What the bot does it does alike on both databases: each test runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest

from tests.servers import KINDS


@pytest.fixture(scope="session", params=KINDS)
def database_kind(request: pytest.FixtureRequest) -> str:
    """One of the databases that the bot runs on."""
    kind: str = request.param
    return kind
