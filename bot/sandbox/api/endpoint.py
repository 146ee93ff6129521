"""The Web API over HTTP: reads a request, meets the faults in store, calls the method, records the call."""

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.sandbox.api import chat, conversations, files, users, views, workspace_info  # noqa: F401 - each registers its methods
from bot.sandbox.api.calls import Answer, ApiError, Call, Context, perform
from bot.sandbox.faults import TRANSPORT_FAULTS, Faults, Strike

logger = logging.getLogger(__name__)


class WebApi:
    """Answers `/api/<method>`. `drop` breaks a request's connection, `closing` is set when the server stops."""

    def __init__(
        self, context: Context, faults: Faults, drop: Callable[[HTTPConnection], None], closing: asyncio.Event
    ) -> None:
        self.calls: list[Call] = []
        self.refused: list[Call] = []
        self._context = context
        self._faults = faults
        self._drop = drop
        self._closing = closing

    async def answer(self, request: Request) -> Response:
        """Answer one call."""
        name = request.path_params["method"]
        try:
            token, args = await _read(request)
        except ApiError as error:
            self.record(name, {}, error.error)
            return JSONResponse({"ok": False, "error": error.error})
        strike = self._faults.next_call(name)
        if strike is not None:
            return await self._fail(strike, request, name, token, args)
        return self._answer(name, token, args)

    def record(self, name: str, args: dict[str, Any], error: str | None) -> None:
        """Keep a call, or an ack, for those who look at it afterwards."""
        call = Call(name, args, error is None, error, self._context.workspace.now())
        self.calls.append(call)
        if error is not None and error not in TRANSPORT_FAULTS:
            self.refused.append(call)
            logger.info("refused method=%s error=%s", name, error)
        self._context.workspace.changes.stir()

    def _answer(self, name: str, token: str | None, args: dict[str, Any]) -> Response:
        try:
            answer: Answer = perform(self._context, name, token, args)
        except ApiError as error:
            self.record(name, args, error.error)
            answer = {"ok": False, "error": error.error, **error.more}
        else:
            self.record(name, args, None)
        return JSONResponse(answer, headers={"x-oauth-scopes": ",".join(self._context.workspace.app.scopes)})

    async def _fail(
        self, strike: Strike, request: Request, name: str, token: str | None, args: dict[str, Any]
    ) -> Response:
        if strike.kind == "lost_reply":
            reply = self._answer(name, token, args)
            self._drop(request)
            return reply
        self.record(name, args, strike.kind)
        if strike.kind == "ratelimited":
            headers = {"Retry-After": str(strike.retry_after)}
            return JSONResponse({"ok": False, "error": "ratelimited"}, status_code=429, headers=headers)
        if strike.kind == "http_500":
            return PlainTextResponse("Internal Server Error", status_code=500)
        if strike.kind not in TRANSPORT_FAULTS:
            return JSONResponse({"ok": False, "error": strike.kind})
        if strike.kind == "timeout":
            await self._closing.wait()
        self._drop(request)
        return Response()


async def _read(request: Request) -> tuple[str | None, dict[str, Any]]:
    """The token and the arguments of a request, wherever a client may put them."""
    args: dict[str, Any] = dict(request.query_params)
    body = await request.body()
    if request.headers.get("content-type", "").startswith("application/json"):
        args |= _json(body)
    else:
        args |= dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    in_body = args.pop("token", None)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return (token if scheme == "Bearer" and token else in_body), args


def _json(body: bytes) -> dict[str, Any]:
    try:
        decoded = json.loads(body or b"{}")
    except ValueError as fault:
        raise ApiError("invalid_json") from fault
    if not isinstance(decoded, dict):
        raise ApiError("json_not_object")
    return decoded
