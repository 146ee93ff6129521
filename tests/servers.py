"""A real PostgreSQL server for the tests, from a package: it starts in a second and ends when the tests do."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import make_url
from sqlalchemy.engine import URL

KINDS = ("sqlite", "postgresql")
KEEPER = Path(__file__).with_name("keep_postgres.py")
# Tests need no safety from power loss.
_IN_HASTE = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")


class Postgres:
    """A server that makes databases: each a copy of a template that was filled once."""

    def __init__(self, url: str, keeper: subprocess.Popen[str] | None = None) -> None:
        self._url = make_url(url)
        self._keeper = keeper
        self._templates: dict[str, str] = {}
        self._made: set[str] = set()

    def make(self, template: str, fill: Callable[[str], object]) -> str:
        """The address of a new database; the first use of a template makes it, `fill` brings it to life by its address."""
        if template not in self._templates:
            self._templates[template] = name = self._create("template1")
            fill(self._address(name))
        return self._address(self._create(self._templates[template]))

    def drop(self, url: str) -> None:
        """Remove a database, whoever is still connected to it."""
        name = make_url(url).database or ""
        self.run(f"DROP DATABASE {name} WITH (FORCE)")
        self._made.remove(name)

    def drop_all(self) -> None:
        """Remove every database that was made, on a server that goes on without us."""
        for name in list(self._made):
            self.drop(self._address(name))

    def cut_off(self, url: str) -> int:
        """End every connection to a database, as a failover does; returns how many there were."""
        query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        return len(self.run(query, make_url(url).database))

    def stop(self) -> None:
        """Stop the server, as on a machine that goes down; `start` brings it back with all that was committed."""
        self._tell("stop")

    def start(self) -> None:
        """Start a stopped server again."""
        self._tell("start")

    def run(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """Carry out a statement of an administrator's; returns the rows that it gives."""
        address = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), values or None)
            return cursor.fetchall() if cursor.description else []

    def _create(self, template: str) -> str:
        name = f"quarterdeck_{uuid.uuid4().hex[:12]}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")  # measured: 26 ms instead of 84
        self._made.add(name)
        return name

    def _address(self, name: str) -> str:
        url: URL = self._url.set(drivername="postgresql+psycopg", database=name)
        return url.render_as_string(hide_password=False)

    def _tell(self, word: str) -> None:
        assert self._keeper and self._keeper.stdin and self._keeper.stdout, "only a server of our own can be stopped"
        self._keeper.stdin.write(f"{word}\n")
        self._keeper.stdin.flush()
        assert self._keeper.stdout.readline() == "done\n"


@contextmanager
def postgres(*, of_our_own: bool = False) -> Iterator[Postgres]:
    """A running server: the one that TEST_POSTGRES_URL names, in which databases may be made, else one `of our own`."""
    url = os.environ.get("TEST_POSTGRES_URL")
    if url and not of_our_own:
        server = Postgres(url)
        yield server
        server.drop_all()
        return
    command = [sys.executable, str(KEEPER)]
    # In a session of its own: an interrupt from the keyboard is for the tests, which then close its input.
    keeper = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert keeper.stdin and keeper.stdout
    try:
        server = Postgres(keeper.stdout.readline().strip(), keeper)
        for setting in _IN_HASTE:
            server.run(f"ALTER SYSTEM SET {setting}")
        server.run("SELECT pg_reload_conf()")
        yield server
    finally:
        keeper.stdin.close()
        keeper.wait(30)
        keeper.stdout.close()
