"""Bringing payloads to the app: over Socket Mode, or as signed HTTP requests (docs.slack.dev/apis/events-api)."""

import asyncio
import hashlib
import hmac
import http.client
import itertools
import json
import logging
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple, Protocol
from urllib.parse import urlencode, urlsplit

from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.sandbox.faults import Faults
from bot.sandbox.people import APP_ID

logger = logging.getLogger(__name__)

Kind = Literal["slash_commands", "interactive", "events_api"]

MOST_CONNECTIONS = 10
LONGEST_HOLD = 1.0  # seconds that a payload waits to be overtaken, well within the 3 of an ack


class Ack(NamedTuple):
    """The app's answer to one payload: whether it came in time, and the body it carried."""

    answered: bool
    body: Mapping[str, Any] | None = None


NO_ACK = Ack(answered=False)


class Transport(Protocol):
    """One way to reach the app."""

    async def send(self, kind: Kind, payload: Mapping[str, Any], retry: int) -> Ack:
        """Deliver once and wait for the ack, for as long as Slack does."""

    def drop(self) -> None:
        """Break what is open towards the app, without a word."""


class Delivery:
    """Sends each payload once over the transport in use, unless a fault is in store for it."""

    def __init__(self, transport: Transport, faults: Faults) -> None:
        self._transport = transport
        self._faults = faults
        self._overtaken = asyncio.Event()

    async def send(self, kind: Kind, payload: Mapping[str, Any]) -> Ack:
        """Deliver a payload and return the app's ack; a repeated one keeps the first answer.

        An event without ack is sent once more at once; Slack's later retries, minutes apart, are left out.
        """
        fault = self._faults.next_delivery()
        if fault == "reorder":
            await self._let_another_pass()
        ack = await self._first(kind, payload, fault)
        if kind == "events_api" and not ack.answered:
            ack = await self._transport.send(kind, payload, 1)
        self._pass_those_held_back()
        if fault == "repeat":
            again = await self._transport.send(kind, payload, 0)
            logger.info("delivery repeated kind=%s answered=%s", kind, again.answered)
        return ack

    async def _first(self, kind: Kind, payload: Mapping[str, Any], fault: str | None) -> Ack:
        if fault == "reset":
            self._transport.drop()
            return NO_ACK
        ack = await self._transport.send(kind, payload, 0)
        return NO_ACK if fault == "lost_reply" else ack

    async def _let_another_pass(self) -> None:
        try:
            await asyncio.wait_for(self._overtaken.wait(), LONGEST_HOLD)
        except TimeoutError:
            logger.info("delivery held back but nothing came to overtake it")

    def _pass_those_held_back(self) -> None:
        overtaken, self._overtaken = self._overtaken, asyncio.Event()
        overtaken.set()


class SocketMode:
    """The server side of Socket Mode.

    `limit` is how long an ack may take, in seconds of real time; `changed` is called when a connection
    comes or goes, `drop` breaks one.
    """

    def __init__(self, limit: float, changed: Callable[[], None], drop: Callable[[HTTPConnection], None]) -> None:
        self._limit = limit
        self._changed = changed
        self._drop = drop
        self._tickets: set[str] = set()
        self._sockets: list[WebSocket] = []
        self._turn = itertools.count()
        self._awaited: dict[str, asyncio.Future[Mapping[str, Any] | None]] = {}

    @property
    def connections(self) -> int:
        """How many sockets take payloads to the app."""
        return len(self._sockets)

    def new_ticket(self) -> str:
        """What makes a socket URL good for one connection."""
        ticket = uuid.uuid4().hex
        self._tickets.add(ticket)
        return ticket

    async def serve(self, socket: WebSocket) -> None:
        """Speak with one connection of the app until it ends."""
        ticket = socket.query_params.get("ticket", "")
        if ticket not in self._tickets or len(self._sockets) >= MOST_CONNECTIONS:
            await socket.close(code=1008)
            return
        self._tickets.discard(ticket)
        await socket.accept()
        await socket.send_json(self._hello())
        self._sockets.append(socket)
        self._changed()
        try:
            while True:
                self._take_ack(await socket.receive_text())
        except WebSocketDisconnect:
            logger.info("socket closed connections=%d", len(self._sockets) - 1)
        finally:
            self._forget(socket)

    async def send(self, kind: Kind, payload: Mapping[str, Any], retry: int) -> Ack:
        """Send an envelope to one of the connections, in turn; without any the payload is lost."""
        if not self._sockets:
            return NO_ACK
        socket = self._sockets[next(self._turn) % len(self._sockets)]
        envelope_id = str(uuid.uuid4())
        self._awaited[envelope_id] = asyncio.get_running_loop().create_future()
        try:
            await socket.send_json(self._envelope(kind, payload, envelope_id, retry))
            return Ack(answered=True, body=await asyncio.wait_for(self._awaited[envelope_id], self._limit))
        except (TimeoutError, WebSocketDisconnect, RuntimeError):
            return NO_ACK
        finally:
            del self._awaited[envelope_id]

    async def disconnect(self, reason: str) -> None:
        """Ask the app to open new connections, as Slack does every few hours (`refresh_requested`).

        The old ones are closed at once, but for a `warning`, which comes some seconds ahead.
        """
        for socket in list(self._sockets):
            await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "sandbox"}})
            if reason != "warning":
                self._forget(socket)
                await socket.close()

    def drop(self) -> None:
        """Break every connection without a word."""
        for socket in list(self._sockets):
            self._forget(socket)
            self._drop(socket)

    def _forget(self, socket: WebSocket) -> None:
        if socket in self._sockets:
            self._sockets.remove(socket)
            self._changed()

    def _hello(self) -> dict[str, Any]:
        return {
            "type": "hello",
            "num_connections": len(self._sockets) + 1,
            "debug_info": {"host": "sandbox", "approximate_connection_time": 18060},
            "connection_info": {"app_id": APP_ID},
        }

    def _envelope(self, kind: Kind, payload: Mapping[str, Any], envelope_id: str, retry: int) -> dict[str, Any]:
        retries = {"retry_attempt": retry, "retry_reason": "timeout" if retry else ""}
        return {
            "envelope_id": envelope_id,
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
            **(retries if kind == "events_api" else {}),
        }

    def _take_ack(self, text: str) -> None:
        ack = json.loads(text)
        awaited = self._awaited.get(ack.get("envelope_id"))
        if awaited is not None and not awaited.done():
            awaited.set_result(ack.get("payload"))


class SignedRequests:
    """HTTP delivery to the app's request URL. `limit` is how long an ack may take, in seconds."""

    def __init__(self, request_url: str, signing_secret: str, limit: float) -> None:
        self._target = urlsplit(request_url)
        self._secret = signing_secret.encode()
        self._limit = limit

    async def send(self, kind: Kind, payload: Mapping[str, Any], retry: int) -> Ack:
        """Post one payload; anything but an answer of 2xx in time is no ack."""
        body, content_type = self._encode(kind, payload)
        headers = {"Content-Type": content_type, **self._signature(body)}
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"}
        try:
            return await asyncio.wait_for(asyncio.to_thread(self._post, body, headers), self._limit)
        except (OSError, TimeoutError, http.client.HTTPException):
            return NO_ACK

    def drop(self) -> None:
        """Nothing stays open between two requests."""

    def _encode(self, kind: Kind, payload: Mapping[str, Any]) -> tuple[bytes, str]:
        form = "application/x-www-form-urlencoded"
        if kind == "events_api":
            return json.dumps(payload).encode(), "application/json"
        if kind == "slash_commands":
            return urlencode(payload).encode(), form
        return urlencode({"payload": json.dumps(payload)}).encode(), form

    def _signature(self, body: bytes) -> dict[str, str]:
        timestamp = str(int(time.time()))
        digest = hmac.new(self._secret, b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256)
        return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest.hexdigest()}"}

    def _post(self, body: bytes, headers: Mapping[str, str]) -> Ack:
        kind = http.client.HTTPSConnection if self._target.scheme == "https" else http.client.HTTPConnection
        connection = kind(self._target.hostname or "", self._target.port, timeout=self._limit)
        try:
            connection.request("POST", self._target.path or "/", body, dict(headers))
            response = connection.getresponse()
            return _ack_of(response.status, response.read())
        finally:
            connection.close()


def _ack_of(status: int, body: bytes) -> Ack:
    if not 200 <= status < 300:
        return NO_ACK
    if not body.strip():
        return Ack(answered=True)
    try:
        decoded = json.loads(body)
    except ValueError:
        decoded = None
    text = {"text": body.decode("utf-8", "replace")}
    return Ack(answered=True, body=decoded if isinstance(decoded, dict) else text)
