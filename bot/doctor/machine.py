"""What is on this machine: its address for others, the files of words, and room on its disk."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from bot.doctor.finding import Finding
from bot.operate.watch import HEALTH_PATH
from bot.settings import Settings
from bot.store.session import Database
from bot.surfaces import ReportDocuments

_LEAST_ROOM = 100  # MB: low, and early enough to be heard of before SQLite stumbles over it
_PATIENCE = 5.0  # seconds for whoever has the address to say who it is


def look_at_address(settings: Settings) -> Iterator[Finding]:
    """Whether the bot can listen where the settings say, or listens there already."""
    what = f"address {settings.host}:{settings.port}"
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        socket.create_server((settings.host, settings.port), family=family).close()
    except OSError as error:
        if _is_bot(settings):
            yield Finding(f"{what}, a bot answers there")
        else:
            yield Finding(what, f"it cannot be listened on: {error.strerror}; set HOST or PORT")
        return
    yield Finding(f"{what}, free to listen on")


def _is_bot(settings: Settings) -> bool:
    """Whether it is a bot of ours that has the address."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - to be asked, not offered
    connection = HTTPConnection(host, settings.port, timeout=_PATIENCE)
    try:
        connection.request("GET", HEALTH_PATH)
        return "heartbeat" in json.loads(connection.getresponse().read())
    except (OSError, HTTPException, ValueError, TypeError):
        return False
    finally:
        connection.close()


def look_at_words(documents: ReportDocuments) -> Iterator[Finding]:
    """Whether every file of words can be read."""
    problems = documents.words.problems()
    yield from (Finding("words", problem) for problem in problems)
    if not problems:
        yield Finding("prompts and templates")


def look_at_room(database: Database) -> Iterator[Finding]:
    """Whether there is room on the disk that holds an SQLite file; of PostgreSQL's disk, which may be elsewhere, nothing."""
    if not database.is_sqlite:
        return
    free = shutil.disk_usage(Path(database.engine.url.database or "").absolute().parent).free // 1_000_000
    mend = "make room: on a full disk no answer is taken, and nobody is asked" if free < _LEAST_ROOM else None
    yield Finding(f"the database's disk, {free:,} MB free", mend)
