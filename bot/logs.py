"""Log lines: one event each, as text for people or as JSON for machines; a secret that slips into one is blotted out."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from urllib.parse import quote

# At INFO these libraries log payloads, which hold people's words. The SDK's client asks for the level of its own logger
# alone: while that has none, it writes out every payload and every answer for a line that nobody reads.
_TALKATIVE = (
    "slack_bolt", "slack_bolt.App", "slack_sdk", "slack_sdk.web.base_client", "apscheduler", "alembic", "uvicorn",
)  # fmt: skip
_BLOT = "[secret]"
_SHORTEST = 6  # characters of a secret that is looked for: a shorter one would blot out half of what is told
# Secrets that are in no setting of ours, by their shape: tokens of Slack, GitHub and Atlassian, what stands in an
# Authorization header, passwords in web and database addresses.
_SHAPES = re.compile(
    r"\bx(?:ox[a-z]|app)-[\w.-]+"
    r"|\b(?:gh[a-z]_|github_pat_)\w+"
    r"|\bAT[A-Z]TT3[\w=-]+"
    r"|(?<=\bBearer )[\w.~+/=-]+"
    r"|(?i:(?<=authorization: )|(?<=authorization': ')|(?<=authorization\": \"))(?:\w+ )?[\w.~+/=-]+"
    r"|(?<=://)[^\s/:@]*:[^\s/@]+(?=@)"
    r"|(?<=\bpassword=)[^\s&]+"
)
_FIELD = re.compile(r"(\w+)=%[^\s,]")  # our own lines say event and fields: "tick due=%d queued=%d"


def set_up_logging(level: str, log_format: str, secrets: Iterable[str] = ()) -> None:
    """Write logs to standard error, as `text` or `json`, from a level on. The `secrets` are told in no form."""
    blot = blotter(secrets)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonFormatter(blot) if log_format == "json" else _TextFormatter(blot))
    logging.basicConfig(handlers=[handler], level=level)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def blotter(secrets: Iterable[str]) -> Callable[[str], str]:
    """What takes these secrets out of a text, however they are quoted in it, and whatever looks like a secret."""
    known = {form for secret in secrets if len(secret) >= _SHORTEST for form in _forms(secret)}
    exact = re.compile("|".join(map(re.escape, sorted(known, key=len, reverse=True))) or r"(?!)")
    return lambda text: _SHAPES.sub(_BLOT, exact.sub(_BLOT, text))


def _forms(secret: str) -> tuple[str, ...]:
    """How a secret may stand in a text: as it is, in a Python value or JSON, in an address."""
    in_python = repr(secret)[1:-1], repr(f'"{secret}')[2:-1]
    in_json = (json.dumps(secret, ensure_ascii=is_ascii)[1:-1] for is_ascii in (True, False))
    return secret, *in_python, *in_json, quote(secret), quote(secret, safe="")


_TEXT = "%(asctime)s %(levelname)s %(name)s %(message)s"
_SECONDS = "%Y-%m-%dT%H:%M:%S%z"


class _TextFormatter(logging.Formatter):
    """A line a record, with its traceback below."""

    def __init__(self, blot: Callable[[str], str]) -> None:
        super().__init__(_TEXT, _SECONDS)
        self._blot = blot

    def format(self, record: logging.LogRecord) -> str:
        """The record without secrets."""
        return self._blot(super().format(record))


class _JsonFormatter(logging.Formatter):
    """An object a record: `at`, `level`, `logger`, `message`, the fields that the message names, and `error`."""

    def __init__(self, blot: Callable[[str], str]) -> None:
        super().__init__()
        self._blot = blot

    def format(self, record: logging.LogRecord) -> str:
        """The record on one line, without secrets."""
        told: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            told["error"] = self.formatException(record.exc_info)
        return json.dumps(
            {name: self._safe(value) for name, value in (_fields(record) | told).items()}, ensure_ascii=False
        )

    def _safe(self, value: object) -> object:
        """A value as it is told: numbers as numbers, all else as text."""
        text = self._blot(str(value))
        return value if isinstance(value, (int, float)) and text == str(value) else text


def _fields(record: logging.LogRecord) -> dict[str, object]:
    """The values that a message names, by name; none where some have no name."""
    names, values = _FIELD.findall(str(record.msg)), record.args
    return dict(zip(names, values, strict=True)) if isinstance(values, tuple) and len(names) == len(values) else {}
