"""Databases for the tests: each a copy of one that was brought to the present schema and filled once in this process."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from bot.store.session import Database
from bot.store.upgrade import upgrade
from tests.servers import Postgres

Filling = Callable[[Database], object]


def nothing(database: Database) -> None:
    """Leave a database empty."""


class Copies:
    """Makes copies: files of templates that are kept in a folder, and databases on a server that starts when first needed."""

    def __init__(self, folder: Path, server: Callable[[], Postgres]) -> None:
        self._folder = folder
        self._server = server
        self._templates: dict[Filling, Path] = {}

    def make(self, kind: str, file: Path, filling: Filling = nothing) -> str:
        """The address of a new database of a kind with the rows of a filling; an SQLite one is this file."""
        if kind == "sqlite":
            return f"sqlite:///{shutil.copy(self.template(filling), file)}"
        name = f"{filling.__module__}.{filling.__qualname__}"
        return self._server().make(name, lambda url: _fill(url, filling))

    def drop(self, url: str) -> None:
        """Remove a database from the server; a file goes with its folder."""
        if not url.startswith("sqlite"):
            self._server().drop(url)

    def template(self, filling: Filling) -> Path:
        """The SQLite file that is copied."""
        if filling not in self._templates:
            path = self._folder / f"{len(self._templates)}.db"
            _fill(f"sqlite:///{path}", filling)
            self._templates[filling] = path
        return self._templates[filling]


def _fill(url: str, filling: Filling) -> None:
    database = Database(url)
    upgrade(database)
    filling(database)
    database.close()
