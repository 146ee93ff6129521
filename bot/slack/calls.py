"""A call to Slack: how it may end, and what each end means for trying again."""

from __future__ import annotations

import errno
import http.client
import logging
import re
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web import SlackResponse

from bot.domain.errors import DeliveryFailed, NotPermitted
from bot.slack.accounts import fields, items, text

logger = logging.getLogger(__name__)
R = TypeVar("R")

# What Slack may have done although it says so: the message may be there.
_UNCERTAIN = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout", "server_error"})
# The app itself is shut out or the limit is long: nothing was done, and an operator has to act. Seconds until the next try.
_SHUT_OUT = frozenset({
    "invalid_auth", "account_inactive", "token_revoked", "token_expired", "not_authed", "not_allowed_token_type",
    "team_access_not_granted", "ekm_access_denied", "accesslimited", "app_access_restricted", "message_limit_exceeded",
})  # fmt: skip
_SHUT_OUT_PAUSE = 300.0
_RATE_LIMITED = frozenset({"ratelimited", "rate_limited"})
_RATE_PAUSE = 30.0  # seconds, where Slack does not say how long
_PASSING = frozenset({"team_added_to_org", "org_login_required", "external_channel_migrating", "too_many_requests"})
# What a message looks like was refused, not that there is one: it may be sent in a plainer form.
_UNDRAWABLE = frozenset({
    "invalid_blocks", "invalid_blocks_format", "invalid_attachments", "too_many_attachments", "msg_blocks_too_long",
    "msg_too_long", "only_one_table_allowed",
})  # fmt: skip
# The permission that a method needs, for an answer that does not name it (docs.slack.dev, the methods' pages).
_SCOPES = {
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "chat.postEphemeral": "chat:write",
    "files.getUploadURLExternal": "files:write",
    "files.completeUploadExternal": "files:write",
    "files.info": "files:read",
    "users.list": "users:read",
    "conversations.list": "channels:read",
    "conversations.info": "channels:read",
    "conversations.open": "im:write",
    "conversations.history": "im:history",
    "dnd.teamInfo": "dnd:read",
}
_VOICE = "chat:write"  # without it the bot is mute: that is to be shut out
# No connection was made: nobody listens, no name was found, no way leads there, or the other side is not whom it says it is.
_NEVER_MADE = (ConnectionRefusedError, socket.gaierror, ssl.SSLError)
_NO_WAY = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN})
_CODE = re.compile(r"[a-z][a-z0-9_.:]{0,99}")
_POINTER = re.compile(r"/(?:blocks|attachments|view|metadata|text)(?:/[A-Za-z0-9_]+)*")
_MOST_POINTERS = 5


class NotDrawn(DeliveryFailed):
    """Slack refused what a message looks like; nothing was sent."""

    def __init__(self, code: str) -> None:
        super().__init__(code, outcome="final")


class Caller:
    """Makes calls; each raises DeliveryFailed where it fails. Of a permission that is missing the log hears once."""

    def __init__(self) -> None:
        self._missed: set[tuple[str, str]] = set()

    def __call__(self, method: Callable[..., R], **arguments: Any) -> R:
        """Call a method of Slack's client."""
        try:
            return method(**arguments)
        except SlackApiError as error:
            raise self._from_answer(error) from error
        except SlackRequestError as error:  # an upload's bytes were refused: nothing was shared yet
            raise DeliveryFailed("the upload was refused", outcome="retry") from error
        except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
            raise DeliveryFailed(f"no answer: {type(error).__name__}", outcome=_outcome_of(error)) from error
        except (ValueError, AttributeError) as error:  # the SDK stumbles over JSON that is no object, and broken text
            logger.warning("an answer cannot be read error=%s", type(error).__name__)
            raise DeliveryFailed("an answer that is not Slack's", outcome="unknown") from error

    def _from_answer(self, error: SlackApiError) -> DeliveryFailed:
        response, method = error.response, _method_of(error)
        status = response.status_code if isinstance(response, SlackResponse) else 0
        code = code_of(response)
        if status == 429 or code in _RATE_LIMITED:
            return DeliveryFailed(code or "ratelimited", outcome="retry", retry_after=_retry_after(response.headers))
        if code is None or status >= 500 or code in _UNCERTAIN:
            logger.warning("slack's answer leaves open what was done method=%s http=%s error=%s", method, status, code)
            return DeliveryFailed(code or f"http {status}, not Slack's answer", outcome="unknown")
        if code == "missing_scope":
            return self._not_permitted(method, text(response.get("needed")))
        if code in _SHUT_OUT:
            return _shut_out(code)
        if code in _PASSING:
            return DeliveryFailed(code, outcome="retry")
        _log_pointers(response, method, code)
        return NotDrawn(code) if code in _UNDRAWABLE else DeliveryFailed(code, outcome="final")

    def _not_permitted(self, method: str, needed: str) -> DeliveryFailed:
        scope = needed if _CODE.fullmatch(needed) else _SCOPES.get(method, "unknown")
        if scope == _VOICE:
            return _shut_out(f"missing_scope, {scope}")
        if (method, scope) not in self._missed:
            self._missed.add((method, scope))
            logger.error(
                "slack permits the app too little method=%s scope=%s, add it in OAuth & Permissions and reinstall the app",
                method,
                scope,
            )
        return NotPermitted(scope)


def code_of(response: Any) -> str | None:
    """Slack's error code; None in an answer that is not Slack's, such as a proxy's page."""
    code = response.get("error")
    return code if isinstance(code, str) and _CODE.fullmatch(code) else None


def send_bytes(*, url: object, content: bytes, timeout: float) -> None:
    """Hand a file's bytes to the address that Slack gave for them; seconds until that is given up."""
    address = text(url)
    if not address.startswith("http"):
        raise DeliveryFailed("no address for the file", outcome="retry")
    request = urllib.request.Request(address, data=content, method="POST")  # noqa: S310 - as Slack's answer gave it
    with urllib.request.urlopen(request, timeout=timeout) as answer:  # noqa: S310 - as above
        answer.read()


def _shut_out(why: str) -> DeliveryFailed:
    logger.error("slack shut the app out error=%s", why)
    return DeliveryFailed(why, outcome="retry", retry_after=_SHUT_OUT_PAUSE)


def _method_of(error: SlackApiError) -> str:
    return str(getattr(error.response, "api_url", "")).partition("?")[0].rpartition("/")[2]


def _log_pointers(response: Any, method: str, code: str) -> None:
    """Where in a payload Slack found something wrong; what it says there could repeat people's words."""
    told = items(fields(response.get("response_metadata")).get("messages"))
    pointers = [pointer for message in told for pointer in _POINTER.findall(text(message))]
    if told:
        logger.error("slack refused a payload method=%s error=%s at=%s", method, code, pointers[:_MOST_POINTERS])


def _retry_after(headers: Mapping[str, Any]) -> float:
    told = next((str(value) for name, value in headers.items() if name.lower() == "retry-after"), "")
    return float(told) if told.isascii() and told.isdigit() and len(told) < 6 else _RATE_PAUSE  # under 28 hours


def _outcome_of(error: Exception) -> str:
    """A connection that was never made did nothing; one that broke may have been heard."""
    reason = getattr(error, "reason", None)  # only what goes wrong before an answer is awaited has one
    was_made = not isinstance(reason, _NEVER_MADE) and getattr(reason, "errno", None) not in _NO_WAY
    return "unknown" if was_made else "retry"
