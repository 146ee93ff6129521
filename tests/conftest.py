"""What every test may use: a database, a clock to set; and nothing reaches beyond this machine."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from bot.store.session import Database
from tests.copies import Copies, Filling, nothing
from tests.scale import SEED, fuzzed
from tests.servers import Postgres, postgres

# The machines that run this are shared: a slow example is not a failure, a wrong one is.
settings.register_profile("quarterdeck", deadline=None, max_examples=fuzzed(60))
settings.load_profile("quarterdeck")


class SettableClock:
    """A clock that stands still until it is set."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> SettableClock:
    """Noon in London on the day the third quarter of 2025 opens by the default rules, without holidays."""
    return SettableClock(datetime(2025, 9, 19, 12, tzinfo=UTC))


@pytest.fixture(scope="session")
def copies(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Copies:
    """Makes databases for the tests of one process."""
    return Copies(tmp_path_factory.mktemp("templates"), lambda: request.getfixturevalue("postgres_server"))


@pytest.fixture(scope="session")
def empty_database(copies: Copies) -> Path:
    """A file at the present schema, migrated once, copied by each test that needs one."""
    return copies.template(nothing)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """A PostgreSQL server for the tests of one process."""
    with postgres() as server:
        yield server


@pytest.fixture(scope="session")
def database_kind() -> str:
    """Which database a test runs on, "sqlite" or "postgresql"; some folders run their tests on each."""
    return "sqlite"


@pytest.fixture(scope="session")
def filling() -> Filling:
    """What a test's own database holds at first. A module whose tests begin with the same rows names what puts them in."""
    return nothing


@pytest.fixture
def database_url(database_kind: str, filling: Filling, copies: Copies, tmp_path: Path) -> Iterator[str]:
    """The address of a test's own database, at the present schema."""
    url = copies.make(database_kind, tmp_path / "quarterdeck.db", filling)
    yield url
    copies.drop(url)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A test's own database at the present schema."""
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture(autouse=True)
def only_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse connections to anywhere but the loopback addresses."""
    for method in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, method, _guarded(getattr(socket.socket, method)))


@pytest.fixture(autouse=True, scope="session")
def certificates_read_once() -> Iterator[None]:
    """Slack's socket client reads this machine's root certificates for each connection (22 ms), though none here is encrypted."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))
        yield


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the tests of faults counted, with the seed that replays them."""
    reports = [report for found in terminalreporter.stats.values() for report in found]
    counted: Counter[str] = Counter()
    for report in reports:
        if isinstance(report, pytest.TestReport) and report.when == "call":
            counted.update(dict(report.user_properties))
    if counted:
        figures = ", ".join(f"{count:,} {name}" for name, count in sorted(counted.items()))
        terminalreporter.write_line(f"seed {SEED}: {figures}")


def _guarded(connect: Callable[[socket.socket, Any], Any]) -> Callable[[socket.socket, Any], Any]:
    def to_loopback(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_loopback(address[0]):
            pytest.fail(f"a test tried to reach {address[0]}")
        return connect(self, address)

    return to_loopback


def _is_loopback(host: str) -> bool:
    return host == "localhost" or ipaddress.ip_address(host).is_loopback
