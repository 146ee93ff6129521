"""Who may talk to the sandbox: programs of this machine, and in a browser the sandbox's own page.

Its tokens are no secret, and it may hold a copy of a company's own data: another web page that somebody has open must
neither act in it nor read from it, be it across sites or under a name of its own that it lets point to this machine.
"""

import re

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

_HERE = re.compile(r"(?:127\.0\.0\.1|localhost)(?::\d+)?", re.IGNORECASE)
_OWN = (None, "same-origin", "none")  # "none": typed, or opened from a program; None: what is no browser says nothing


class OwnPageOnly:
    """Refuses what a browser sends on behalf of another page, before anything else looks at it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or WebSocket."""
        if _is_own(Headers(scope=scope)):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocketClose()(scope, receive, send)
        else:
            await PlainTextResponse("not from this page", status_code=403)(scope, receive, send)


def _is_own(headers: Headers) -> bool:
    host = headers.get("host", "")
    is_here = _HERE.fullmatch(host) is not None
    return is_here and headers.get("origin") in (None, f"http://{host}") and headers.get("sec-fetch-site") in _OWN
