"""What is on this machine: its address for others, and the files of words."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException

from bot.doctor.finding import Finding
from bot.operate.watch import HEALTH_PATH
from bot.settings import Settings
from bot.surfaces import ReportDocuments

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
