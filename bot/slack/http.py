"""HTTP mode: Slack's requests over Starlette, each dispatched on a worker thread so that the event loop never waits."""

from __future__ import annotations

import re
import threading

import uvicorn
from anyio import CapacityLimiter, to_thread
from slack_bolt import App
from slack_bolt.adapter.starlette.handler import to_bolt_request, to_starlette_response
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.domain.errors import BotError
from bot.slack.manifest import EVENTS_PATH

_THREADS = 8  # measured: more threads only queue behind the database
_LARGEST_BODY = 1_000_000  # bytes; a view's state is bounded by Slack to 250 KB
_TIMESTAMP = re.compile(r"[0-9]{1,12}")  # anything else would make the SDK's check of the signature raise


class HttpConnection:
    """A web server for Slack's requests, in a thread of its own."""

    def __init__(self, app: App, host: str, port: int) -> None:
        config = uvicorn.Config(web_application(app), host=host, port=port, log_config=None, ws="none")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, name="http", daemon=True)
        self._address = f"{host}:{port}"

    def start(self) -> None:
        """Listen; returns when requests can arrive. Raises BotError where the address cannot be used."""
        self._thread.start()
        while not self._server.started:
            self._thread.join(timeout=0.01)
            if not self._thread.is_alive():
                raise BotError(f"{self._address} cannot be listened on. Is another program using it? Set HOST or PORT.")

    def stop(self) -> None:
        """Finish the requests under way and take no more."""
        self._server.should_exit = True
        self._thread.join(timeout=10)


def web_application(app: App) -> Starlette:
    """The web application that takes Slack's requests; Bolt checks every signature."""
    limiter = CapacityLimiter(_THREADS)

    async def take(request: Request) -> Response:
        body = await request.body()
        if len(body) > _LARGEST_BODY or not _TIMESTAMP.fullmatch(request.headers.get("x-slack-request-timestamp", "")):
            return PlainTextResponse("not a request from Slack", status_code=400)
        answer = await to_thread.run_sync(app.dispatch, to_bolt_request(request, body), limiter=limiter)
        return to_starlette_response(answer)

    return Starlette(routes=[Route(EVENTS_PATH, take, methods=["POST"])])
