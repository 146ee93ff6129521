"""Log lines: one event each, as text for people or as JSON for machines; a token that slips into one is blotted out."""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime

# At INFO these libraries log payloads, which hold people's words.
_TALKATIVE = ("slack_bolt", "slack_bolt.App", "slack_sdk", "apscheduler", "alembic", "uvicorn")
_TOKEN = re.compile(r"\bx(?:ox[a-z]|app)-[A-Za-z0-9-]+")
_FIELD = re.compile(r"(\w+)=%[^\s,]")  # our own lines say event and fields: "tick due=%d queued=%d"


def set_up_logging(level: str, log_format: str) -> None:
    """Write logs to standard error, as `text` or `json`, from a level on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonFormatter() if log_format == "json" else _TextFormatter(_TEXT, _SECONDS))
    logging.basicConfig(handlers=[handler], level=level)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


_TEXT = "%(asctime)s %(levelname)s %(name)s %(message)s"
_SECONDS = "%Y-%m-%dT%H:%M:%S%z"


class _TextFormatter(logging.Formatter):
    """A line a record, with its traceback below."""

    def format(self, record: logging.LogRecord) -> str:
        """The record without tokens."""
        return _TOKEN.sub("[token]", super().format(record))


class _JsonFormatter(logging.Formatter):
    """An object a record: `at`, `level`, `logger`, `message`, the fields that the message names, and `error`."""

    def format(self, record: logging.LogRecord) -> str:
        """The record on one line, without tokens."""
        told: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            told["error"] = self.formatException(record.exc_info)
        return _TOKEN.sub("[token]", json.dumps(_fields(record) | told, default=str, ensure_ascii=False))


def _fields(record: logging.LogRecord) -> dict[str, object]:
    """The values that a message names, by name; none where some have no name."""
    names, values = _FIELD.findall(str(record.msg)), record.args
    return dict(zip(names, values, strict=True)) if isinstance(values, tuple) and len(names) == len(values) else {}
