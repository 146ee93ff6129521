"""One request to a tracker's API: bounded in time and size, and every way in which it can fail as one plain sentence."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from datetime import date
from email.message import Message
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPMessage, HTTPResponse
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from bot.domain.errors import TrackerFailed, TrackerRefused

PATIENCE = 10.0  # seconds for one answer from its first byte to its last, and for the connection before it
_LARGEST = 2_000_000  # bytes of an answer; an issue's text is 65,536 characters at most, a page of a hundred short
_CHUNK = 65_536
_REST = 60.0  # seconds to wait where a limit was met and nothing says how long (GitHub: "at least one minute")
_LONGEST_REST = 3600.0  # GitHub's limit is counted by the hour


class JsonApi:
    """Reads JSON objects below one address.

    `name` is the tracker's, for people; `credentials` names the settings that let us in, for those who have to mend them.
    """

    def __init__(
        self, name: str, address: str, *, headers: Mapping[str, str], credentials: str, patience: float = PATIENCE
    ) -> None:
        self.name = name
        self._address = address.rstrip("/") + "/"
        self._headers = {"User-Agent": "quarterdeck", **headers}
        self._credentials = credentials
        self._patience = patience
        self._opener = build_opener(_SameSite)

    def get(self, path: str, about: str, **query: str) -> Answer:
        """The object at a path; `about` says for people what is asked for. Raises TrackerFailed."""
        address = urljoin(self._address, path) + (f"?{urlencode(query)}" if query else "")
        try:
            request = Request(address, headers=dict(self._headers))  # noqa: S310 - the settings take web addresses only
            with self._opener.open(request, timeout=self._patience) as response:
                body = self._body(response)
        except HTTPError as refusal:
            with refusal:
                raise self._refused(refusal.code, refusal.headers, about) from None
        except (OSError, HTTPException) as error:
            raise TrackerFailed(f"{self.name} could not be reached: {_reason(error)}.", concerns_all=True) from None
        except ValueError:  # a header that cannot be sent is quoted in the error, and holds the token
            raise TrackerRefused(f"{self._credentials} cannot be sent to {self.name}.") from None
        return Answer(self.name, self._object(body))

    def _body(self, response: HTTPResponse) -> bytes:
        """The whole answer. A server that sends a byte now and then is not waited for."""
        ends_at, body = time.monotonic() + self._patience, bytearray()
        while chunk := response.read1(_CHUNK):
            body += chunk
            if len(body) > _LARGEST:
                raise TrackerFailed(f"{self.name} sent more than {_LARGEST // 1_000_000} MB, which was not read.")
            if time.monotonic() > ends_at:
                raise TimeoutError("timed out")
        return bytes(body)

    def _object(self, body: bytes) -> object:
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            raise malformed(self.name) from None

    def _refused(self, status: int, headers: Message, about: str) -> TrackerFailed:
        if status == 429 or (status == 403 and _is_limited(headers)):
            return TrackerFailed(f"{self.name} asks to be left alone for a while.", retry_after=_rest(headers))
        if status in (401, 407):
            return TrackerRefused(f"{self.name} did not accept {self._credentials}.")
        if status in (403, 404, 410):
            return TrackerFailed(f"{self.name} has no {about}, or {self._credentials} may not see it.")
        return TrackerFailed(f"{self.name} answered {status}.", concerns_all=status >= 500)


class Answer:
    """An object that a tracker sent. A field that is not as its documentation says is a failure, never a guess."""

    def __init__(self, name: str, body: object) -> None:
        if not isinstance(body, dict):
            raise malformed(name)
        self._name = name
        self._body: dict[str, Any] = body

    def text(self, field: str) -> str:
        """A text; empty where there is none."""
        return self._of(str, field) or ""

    def count(self, field: str) -> int:
        """A number of things."""
        value = self._body.get(field)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise malformed(self._name)
        return value

    def day(self, field: str) -> date | None:
        """The day of a date or an instant."""
        try:
            return date.fromisoformat(self.text(field)[:10]) if self.text(field) else None
        except ValueError:
            raise malformed(self._name) from None

    def part(self, field: str) -> Answer | None:
        """The object within a field, where there is one."""
        value = self._of(dict, field)
        return None if value is None else Answer(self._name, value)

    def needed(self, field: str) -> Answer:
        """The object within a field that is always there."""
        return Answer(self._name, self._body.get(field))

    def parts(self, field: str) -> Iterator[Answer]:
        """The objects of a list."""
        return (Answer(self._name, item) for item in self._of(list, field) or ())

    def _of(self, kind: type, field: str) -> Any:
        value = self._body.get(field)
        if value is not None and not isinstance(value, kind):
            raise malformed(self._name)
        return value


class _SameSite(HTTPRedirectHandler):
    """Follows a redirect within the site alone, as of a repository that was renamed: the token is for nobody else."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        """The request to send instead; None refuses, and the redirect is the answer."""
        if urlsplit(req.full_url)[:2] != urlsplit(newurl)[:2]:
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def malformed(name: str) -> TrackerFailed:
    """An answer in another shape than the tracker documents."""
    return TrackerFailed(f"{name} answered in a form that is not known here.")


def _is_limited(headers: Message) -> bool:
    """Whether a refusal is about the rate (GitHub: either header says so) and not about rights."""
    return headers.get("X-RateLimit-Remaining") == "0" or "Retry-After" in headers


def _rest(headers: Message) -> float:
    """How many seconds the tracker wants to be left alone: by one header, or by the instant that another one names."""
    try:
        if "Retry-After" in headers:
            seconds = float(headers["Retry-After"])
        else:
            seconds = float(headers["X-RateLimit-Reset"]) - parsedate_to_datetime(headers["Date"]).timestamp()
    except (TypeError, ValueError):
        return _REST
    return min(max(seconds, 1.0), _LONGEST_REST)


def _reason(error: Exception) -> str:
    reason = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, TimeoutError):
        return "it did not answer in time"
    return str(getattr(reason, "strerror", None) or type(error).__name__)
