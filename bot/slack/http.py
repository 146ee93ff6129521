"""HTTP mode: Slack's requests, each dispatched on a worker thread so that the event loop never waits."""

from __future__ import annotations

import logging
import quopri
import re
import time
from http import HTTPStatus

from anyio import CapacityLimiter, to_thread
from slack_bolt import App, BoltResponse
from slack_bolt.adapter.starlette.handler import to_bolt_request, to_starlette_response
from slack_sdk.signature import SignatureVerifier
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.slack.listeners.rest import answer_unknown
from bot.slack.manifest import EVENTS_PATH
from bot.slack.observers import OnAck

logger = logging.getLogger(__name__)

_THREADS = 8  # measured: more threads only queue behind the database
_LARGEST_BODY = 1_000_000  # bytes; a view's state is bounded by Slack to 250 KB
_LONGEST_DELAY = 300  # seconds: what is older than that is refused, as Slack asks (docs.slack.dev, verifying requests)
_TELL_EVERY = 60.0  # seconds: anybody may send what is refused
_TIMESTAMP = re.compile(r"[0-9]{1,12}")  # anything else would make the SDK's check of the signature raise

_FORM, _PAYLOAD = b"payload=", b"payload=%7B"  # how Slack sends what people press: an object, and nothing beside it


def slack_route(app: App, signing_secret: str, on_ack: OnAck) -> Route:
    """The route that takes Slack's requests; every signature is checked."""
    limiter = CapacityLimiter(_THREADS)
    verifier = SignatureVerifier(signing_secret)
    refusals = _Refusals()

    async def take(request: Request) -> Response:
        began = time.perf_counter()
        is_stamped = _TIMESTAMP.fullmatch(request.headers.get("x-slack-request-timestamp", ""))
        body = await _body(request) if is_stamped else None
        if body is None:
            return PlainTextResponse("not a request from Slack", status_code=400)
        answer = await to_thread.run_sync(_answer, app, verifier, request, body, limiter=limiter)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            refusals.count(int(request.headers["x-slack-request-timestamp"]), time.time())
        on_ack(time.perf_counter() - began, is_answered=answer.status == 200)
        return to_starlette_response(answer)

    return Route(EVENTS_PATH, take, methods=["POST"])


class _Refusals:
    """Tells the log of requests whose signature does not hold, and what may be wrong at our end; once a minute at most."""

    def __init__(self) -> None:
        self._untold = 0
        self._told_at = float("-inf")

    def count(self, signed_at: int, now: float) -> None:
        """One more, signed at an instant that its sender names; both in UNIX seconds."""
        self._untold += 1
        if now - self._told_at < _TELL_EVERY:
            return
        off = round(now - signed_at)
        why = "this machine's clock, or theirs" if abs(off) > _LONGEST_DELAY else "not signed with SLACK_SIGNING_SECRET"
        logger.warning("requests refused count=%d seconds_off=%d reason=%s", self._untold, off, why)
        self._untold, self._told_at = 0, now


def _answer(app: App, verifier: SignatureVerifier, request: Request, body: bytes) -> BoltResponse:
    if not _is_slacks(verifier, request, body):
        return BoltResponse(status=HTTPStatus.UNAUTHORIZED)
    try:
        return app.dispatch(to_bolt_request(request, _readable(body)))
    except Exception:  # Bolt stumbles over what is not shaped like a payload
        logger.exception("a payload could not be read")
        return answer_unknown(None)


def _is_slacks(verifier: SignatureVerifier, request: Request, body: bytes) -> bool:
    """Whether Slack signed a request. Asked before anything reads it: what fails later is told in Slack to whom it names."""
    try:
        return verifier.is_valid_request(body, dict(request.headers))
    except (TypeError, UnicodeDecodeError):  # a signature or a body with bytes that Slack's never have
        return False


def _readable(body: bytes) -> bytes:
    """A body as Bolt reads it fastest: of a form that holds one payload, the payload's JSON.

    Bolt leaves forms to Python's urllib, at 0.4 ms of the processor for 10 KB. Quoted-printable is the same but for its mark,
    and is read in C: 0.02 ms.
    """
    if not body.startswith(_PAYLOAD) or b"&" in body:
        return body
    value = body.removeprefix(_FORM).replace(b"+", b" ").replace(b"=", b"=3D").replace(b"%", b"=")
    return quopri.decodestring(value)


async def _body(request: Request) -> bytes | None:
    """The body; None as soon as it is larger than any of Slack's, since nobody has checked its signature yet."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST_BODY:
            return None
    return bytes(body)
