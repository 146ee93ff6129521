"""The sandbox as one thing to start: Web API, Socket Mode and the page, on one port of this machine."""

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote
from weakref import WeakValueDictionary

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.sandbox.actor import Actor
from bot.sandbox.acts import Acts
from bot.sandbox.api.calls import METHODS, ApiError, Call, Context
from bot.sandbox.api.endpoint import WebApi
from bot.sandbox.bodies import json_object
from bot.sandbox.control import FaultControl
from bot.sandbox.delivery import Delivery, SignedRequests, SocketMode, Transport
from bot.sandbox.faults import Faults
from bot.sandbox.guard import OwnPageOnly
from bot.sandbox.modals import Modals
from bot.sandbox.people import SlackApp, SlackChannel, SlackPerson, Tour
from bot.sandbox.responses import ResponseUrls
from bot.sandbox.ui import Page
from bot.sandbox.workspace import Workspace

T = TypeVar("T")
Address = tuple[Any, ...]

SLACK_PATIENCE = 3.0  # seconds for an ack, and the life of a trigger (docs.slack.dev/surfaces/modals)
STOP_SECONDS = 5.0


def _system_time() -> datetime:
    return datetime.now(UTC)


class _Connection(H11Protocol):
    """An HTTP connection whose transport can be found by its remote address, to be dropped on purpose."""

    open: WeakValueDictionary[Address, asyncio.Transport]

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as H11Protocol
        super().connection_made(transport)
        self.open[tuple(transport.get_extra_info("peername"))] = transport


class Sandbox:
    """A local stand-in for one Slack workspace with one app in it, for demos and tests.

    `now` gives business time, which message times follow; acks, triggers and rate limits run on real time,
    `patience` seconds long. With `request_url`, payloads go there as signed HTTP requests instead of over Socket Mode.
    """

    def __init__(
        self,
        people: Sequence[SlackPerson],
        channels: Sequence[SlackChannel],
        *,
        app: SlackApp,
        now: Callable[[], datetime] = _system_time,
        port: int = 0,
        tour: Tour | None = None,
        workspace_name: str = "Demo workspace",
        request_url: str | None = None,
        patience: float = SLACK_PATIENCE,
    ) -> None:
        self._listener = socket.create_server(("127.0.0.1", port))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.api_url = f"{self.url}/api/"
        self.workspace = Workspace(people, channels, app, now, workspace_name)
        self.faults = Faults(METHODS, self.workspace.changes.touch)
        self.modals = Modals(self.workspace, patience)
        self.socket_mode = SocketMode(patience, self.workspace.changes.stir, self._drop)
        self._closing = asyncio.Event()
        context = Context(self.workspace, self.modals, self.url, self._new_socket_url)
        self._api = WebApi(context, self.faults, self._drop, self._closing)
        self._urls = ResponseUrls(context)
        transport: Transport = self.socket_mode
        if request_url is not None:
            transport = SignedRequests(request_url, app.signing_secret, patience)
        self.acts = Acts(context, self._api, Delivery(transport, self.faults), self._urls)
        self._page = Page(self.workspace, self.modals, self.acts, self.faults, tour or Tour())
        self._connections: WeakValueDictionary[Address, asyncio.Transport] = WeakValueDictionary()
        self._server = self._new_server()
        self._thread = threading.Thread(target=self._run, name="sandbox", daemon=True)
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def calls(self) -> Sequence[Call]:
        """Every call of the Web API so far, in order."""
        return tuple(self._api.calls)

    @property
    def refused(self) -> Sequence[Call]:
        """The calls answered `ok: false`, and the acks that Slack would not take (`ack:…`)."""
        return tuple(self._api.refused)

    def start(self) -> Self:
        """Start serving; returns when the sandbox answers."""
        self._thread.start()
        self._ready.wait()
        return self

    def stop(self) -> None:
        """Stop serving, within a second, whatever is still connected."""
        if self._loop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._close_down)
            self._thread.join(STOP_SECONDS)
        self._listener.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def person(self, person_id: str) -> Actor:
        """Someone to act as, from any thread but the sandbox's own."""
        if person_id not in self.workspace.people:
            raise LookupError(f"nobody here has the id {person_id}")
        return Actor(self, person_id)

    def see(self, person: SlackPerson) -> dict[str, Any]:
        """What the page shows this person now. To be called on the sandbox's own thread."""
        return self._page.state(person)

    def wait_for_app(self, timeout: float = STOP_SECONDS) -> None:
        """Wait until the app is connected over Socket Mode. Raises TimeoutError after `timeout` seconds."""
        self.workspace.changes.wait_for(lambda: self.socket_mode.connections, timeout)

    def drop_socket(self) -> None:
        """Break the app's Socket Mode connections without a word."""
        self.call(self.socket_mode.drop)

    def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask the app to reconnect, as Slack does every few hours."""
        self.run(self.socket_mode.disconnect(reason))

    def change_person(self, person_id: str, **changes: Any) -> None:
        """Change fields of a person, and tell the app (`user_change`)."""

        def change() -> None:
            self.acts.events.person_changed(self.workspace.change_person(person_id, changes))

        self.call(change)

    def change_channel(self, channel_id: str, **changes: Any) -> None:
        """Change a channel: `topic`, `is_archived`, `is_ext_shared`, or `members` (the app is `app.bot_user`)."""
        self.call(lambda: self.workspace.change_channel(channel_id, changes))

    def call(self, function: Callable[[], T]) -> T:
        """Call a function on the sandbox's thread and return its result."""

        async def work() -> T:
            return function()

        return self.run(work())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the sandbox's thread and wait for it. Not to be called from that thread."""
        if self._loop is None:
            work.close()
            raise RuntimeError("the sandbox is not running")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.call_soon(self._ready.set)
        await self._server.serve(sockets=[self._listener])

    def _close_down(self) -> None:
        self._closing.set()
        self._server.should_exit = True
        for transport in list(self._connections.values()):
            transport.abort()

    def _new_server(self) -> uvicorn.Server:
        connection = type("Connection", (_Connection,), {"open": self._connections})
        config = uvicorn.Config(
            self._web_app(),
            http=connection,
            ws="wsproto",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=1,
        )
        return uvicorn.Server(config)

    def _web_app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/api/{method}", self._api.answer, methods=["GET", "POST"]),
                Route("/upload/{key}", self._take_upload, methods=["POST"]),
                Route("/files-pri/{file_id}", self._give_file),
                Route("/respond/{key}", self._take_response, methods=["POST"]),
                Route("/archives/{channel}/{message}", self._show_message),
                WebSocketRoute("/socket", self.socket_mode.serve),
                *FaultControl(self.faults, self.workspace.changes.touch).routes(),
                *self._page.routes(),
            ],
            middleware=[Middleware(OwnPageOnly)],
        )

    def _new_socket_url(self) -> str:
        return f"{self.url.replace('http', 'ws')}/socket?ticket={self.socket_mode.new_ticket()}"

    def _drop(self, connection: HTTPConnection) -> None:
        client = connection.client
        transport = self._connections.get(tuple(client)) if client else None
        if transport is not None:
            transport.abort()

    async def _take_upload(self, request: Request) -> Response:
        file = self.workspace.files.awaiting(request.path_params["key"])
        content = await request.body()
        if file is None or len(content) != file.size:
            return PlainTextResponse("upload refused", status_code=400)
        file.content = content
        return PlainTextResponse(f"OK - {file.size}")

    async def _give_file(self, request: Request) -> Response:
        """A file's bytes for the app; as Slack does, everybody else gets the page on which people sign in."""
        app = self.workspace.app
        file = self.workspace.files.get(request.path_params["file_id"])
        may_read = request.headers.get("authorization") == f"Bearer {app.bot_token}" and "files:read" in app.scopes
        if not may_read:
            return HTMLResponse("<!DOCTYPE html><title>Sign in</title>")
        if file is None or file.content is None:
            return Response(status_code=404)
        return Response(file.content, media_type=file.mimetype)

    async def _take_response(self, request: Request) -> Response:
        body = await json_object(request)
        try:
            self._urls.respond(request.path_params["key"], body)
        except ApiError as error:
            self._api.record("response_url", body, error.error)
            return JSONResponse({"ok": False, "error": error.error, **error.more}, status_code=404)
        self._api.record("response_url", body, None)
        return PlainTextResponse("ok")

    async def _show_message(self, request: Request) -> Response:
        thread = request.query_params.get("thread_ts", "")
        return RedirectResponse(f"/#//{quote(request.path_params['channel'])}/{quote(thread)}".rstrip("/"))
