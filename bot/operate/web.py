"""A web server in a thread of its own: for Slack's requests in HTTP mode, and for those who watch the bot."""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route

from bot.domain.errors import BotError

_FINISH = 5  # seconds for requests under way when the server stops; Slack gives an ack up after three
_BACKLOG = 2048  # connections that may wait to be taken


class WebServer:
    """Answers a few routes on one address."""

    def __init__(self, routes: Sequence[Route], host: str, port: int) -> None:
        config = uvicorn.Config(
            Starlette(routes=routes),
            log_config=None,
            access_log=False,
            ws="none",
            lifespan="off",
            timeout_graceful_shutdown=_FINISH,
        )
        self._server = uvicorn.Server(config)
        self._address = (host, port)
        self._thread: threading.Thread | None = None

    @property
    def is_up(self) -> bool:
        """Whether requests are answered."""
        return self._thread is not None and self._thread.is_alive() and not self._server.should_exit

    def start(self) -> None:
        """Listen; returns when requests can arrive. Raises BotError where the address cannot be used."""
        host, port = self._address
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            listener = socket.create_server((host, port), family=family, backlog=_BACKLOG)
        except OSError as error:
            raise BotError(
                f"{host}:{port} cannot be listened on. Is another program using it? Set HOST or PORT."
            ) from error
        serve = {"sockets": [listener]}
        self._thread = threading.Thread(target=self._server.run, kwargs=serve, name="web", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the requests under way and take no more."""
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(timeout=_FINISH * 2)
