"""HTTP mode: Slack's requests, each dispatched on a worker thread so that the event loop never waits."""

from __future__ import annotations

import logging
import re
import time

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
_TIMESTAMP = re.compile(r"[0-9]{1,12}")  # anything else would make the SDK's check of the signature raise


def slack_route(app: App, signing_secret: str, on_ack: OnAck) -> Route:
    """The route that takes Slack's requests; every signature is checked."""
    limiter = CapacityLimiter(_THREADS)
    verifier = SignatureVerifier(signing_secret)

    async def take(request: Request) -> Response:
        began = time.perf_counter()
        is_stamped = _TIMESTAMP.fullmatch(request.headers.get("x-slack-request-timestamp", ""))
        body = await _body(request) if is_stamped else None
        if body is None:
            return PlainTextResponse("not a request from Slack", status_code=400)
        answer = await to_thread.run_sync(_answer, app, verifier, request, body, limiter=limiter)
        on_ack(time.perf_counter() - began, is_answered=answer.status == 200)
        return to_starlette_response(answer)

    return Route(EVENTS_PATH, take, methods=["POST"])


def _answer(app: App, verifier: SignatureVerifier, request: Request, body: bytes) -> BoltResponse:
    try:
        return app.dispatch(to_bolt_request(request, body))
    except Exception:  # Bolt stumbles over what is not shaped like a payload, even before it checks the signature
        if not verifier.is_valid_request(body, dict(request.headers)):
            return BoltResponse(status=401)
        logger.exception("a payload could not be read")
        return answer_unknown(None)


async def _body(request: Request) -> bytes | None:
    """The body; None as soon as it is larger than any of Slack's, since nobody has checked its signature yet."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST_BODY:
            return None
    return bytes(body)
