"""Attachments: where what an update says can be looked up. A link and a file in Slack are one thing: an address with a name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.domain.errors import BotError

MOST = 20  # pieces with one update
_LONGEST_ADDRESS = 2000  # characters; Slack: 3,000 for a link
_LONGEST_TITLE = 150
_SCHEMES = ("http", "https")
_FORBIDDEN = frozenset('<>"`{}|\\^')  # in no address (RFC 3986), and markup in every format that prints one
_SLACK_FILE = re.compile(r"/files/[UW][A-Z0-9]+/(F[A-Z0-9]+)(?:/|$)")


@dataclass(frozen=True, slots=True)
class Attachment:
    """One piece: its address (http or https), what it is called, and Slack's id where it is a file there, never its bytes."""

    url: str
    title: str | None = None
    file: str | None = None

    @property
    def line(self) -> str:
        """As people type it."""
        return f"{self.title} {self.url}" if self.title else self.url


def read_attachment(line: str) -> Attachment:
    """Reads a line such as ``Load test https://example.com/runs/7``. Raises BotError for one without an address."""
    words = line.split()
    address = next((word for word in words if word.lower().startswith(("http://", "https://"))), None)
    if address is None or not _is_address(address):
        raise BotError(
            f'"{line[:80]}" holds no link that can be opened; expected one such as https://example.com/results'
        )
    words.remove(address)
    title = " ".join(words).rstrip(":").rstrip()
    found = _SLACK_FILE.search(urlsplit(address).path)
    return Attachment(address, title[:_LONGEST_TITLE] or None, found[1] if found else None)


def _is_address(text: str) -> bool:
    """Whether a text is a web address that can be printed everywhere. One with a password in it would tell the password."""
    if len(text) > _LONGEST_ADDRESS or not text.isprintable() or not _FORBIDDEN.isdisjoint(text):
        return False
    try:
        parts = urlsplit(text)
        has_port = parts.port is None or parts.port > 0  # reading it raises for what is no number
    except ValueError:
        return False
    return parts.scheme in _SCHEMES and bool(parts.hostname) and "@" not in parts.netloc and has_port
