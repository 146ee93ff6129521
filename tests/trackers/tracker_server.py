"""A small HTTP server in the place of trackers: it answers as it is told, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bot.domain.tracker import Tracked
from bot.domain.tracker_ref import TrackerSource, read_place

SHAPES = Path(__file__).parent / "shapes"
NOW = datetime(2025, 9, 22, 13, 10, tzinfo=UTC)
PATIENCE = 0.3  # seconds: of tests that wait for nothing to come


@dataclass(frozen=True)
class Asked:
    """One request: its path, its query, its headers in lower case."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass
class Reply:
    """What is answered: the bytes, sent at once, or with `pause` one by one with so many seconds between them."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    pause: float | None = None


class TrackerServer:
    """Answers paths with the replies that were put there; of several the first is given once, the last for ever."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.ended = threading.Event()
        self._replies: dict[str, list[Reply]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/"

    def put(self, path: str, body: object, status: int = 200, *, pause: float | None = None, **headers: str) -> None:
        """Answer a path with JSON, or with bytes as they are."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._replies.setdefault(path, []).append(Reply(content, status, named, pause))

    def stop(self) -> None:
        """End every answer and the server."""
        self.ended.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                server.asked.append(Asked(parts.path, query, {k.lower(): v for k, v in self.headers.items()}))
                replies = server._replies.get(parts.path) or [Reply(b'{"message": "Not Found"}', 404)]
                self._send(replies.pop(0) if len(replies) > 1 else replies[0])

            def _send(self, reply: Reply) -> None:
                self.send_response_only(reply.status)  # the headers are all the reply's own, the date too
                for name, value in ({"Content-Length": str(len(reply.body))} | dict(reply.headers)).items():
                    self.send_header(name, value)
                self.end_headers()
                try:
                    for piece in [reply.body] if reply.pause is None else [bytes([byte]) for byte in reply.body]:
                        self.wfile.write(piece)
                        self.wfile.flush()
                        if reply.pause is not None and server.ended.wait(reply.pause):
                            return
                except OSError:
                    return  # whoever asked has gone

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        return Handler


def shape(name: str) -> Any:
    """A recorded answer of a public API."""
    return json.loads((SHAPES / f"{name}.json").read_text(encoding="utf-8"))


def tracked(source: str, place: str, milestone: str = "front-end") -> Tracked:
    """A milestone of the portal at a place."""
    return Tracked("portal", milestone, read_place(TrackerSource(source), place))
