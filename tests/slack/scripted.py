"""A Slack that answers as a test has written: what a real one, or a proxy before it, may say."""

from __future__ import annotations

import json
import threading
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

OK = {"ok": True, "channel": "C1", "ts": "100.1"}


class ScriptedSlack:
    """Answers the calls of each method in the order that was written, the last answer for ever; keeps what was asked.

    An answer is an object, or the text of a body that is none.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.headers: dict[str, str] = {}
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._answers: dict[str, deque[object]] = defaultdict(lambda: deque([OK]))

    def answers(self, method: str, *bodies: object) -> None:
        """Write the answers of a method."""
        self._answers[method] = deque(bodies)

    def calls(self, method: str) -> list[dict[str, Any]]:
        """What a method was asked."""
        return [asked for name, asked in self.asked if name == method]

    def answer(self, method: str, asked: dict[str, Any]) -> str:
        """The body for one call."""
        self.asked.append((method, asked))
        left = self._answers[method]
        body = left.popleft() if len(left) > 1 else left[0]
        return body if isinstance(body, str) else json.dumps(body)


@contextmanager
def scripted_slack() -> Iterator[ScriptedSlack]:
    """One that listens while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
            asked = json.loads(raw) if raw.startswith("{") else {}
            body = slack.answer(self.path.rpartition("/")[2], asked).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            for name, value in slack.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing to say."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        slack = ScriptedSlack(f"http://127.0.0.1:{server.server_port}/api/")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield slack
        finally:
            server.shutdown()
            thread.join()
