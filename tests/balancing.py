"""A load balancer in front of bots in HTTP mode: requests go round, past who takes none."""

from __future__ import annotations

import http.client
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from types import TracebackType
from typing import Self

Answer = tuple[int, bytes, str]


class Balancer:
    """Passes requests on to `backends`, ports of this machine, by turns. `answered` counts; `under_way` was passed on last.

    While `doubles` is set, every request goes to each of them, as one that was repeated on its way; the last answer is given.
    """

    def __init__(self) -> None:
        self.backends: list[int] = []
        self.answered: Counter[int] = Counter()
        self.under_way = threading.Event()
        self.doubles = False
        self._turns = count()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def passed_on(self, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        """The answer to a request, from whoever's turn it is."""
        turn, there = next(self._turns), list(self.backends)
        if self.doubles:
            *_, last = [self._ask(port, path, body, headers) for port in there]
            return last
        return self._ask(there[turn % len(there)], path, body, headers)

    def _ask(self, port: int, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("POST", path, body, headers)
            self.under_way.set()
            response = connection.getresponse()
            self.answered[port] += 1
            return response.status, response.read(), response.headers.get("Content-Type", "")
        finally:
            connection.close()


def _handler(balancer: Balancer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
            status, content, kind = balancer.passed_on(self.path, body, headers)
            self.send_response_only(status)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(content)

    return Handler
