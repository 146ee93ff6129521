"""Fetching a file that Slack keeps: with the bot's token, which goes to no other host than Slack's own."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from bot.domain.errors import DeliveryFailed

_TIMEOUT = 20  # seconds: shorter than a lease
_PAGE = "text/html"  # where the token may not read a file, Slack answers with its login page


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect would take the token along, to wherever it leads."""

    def redirect_request(self, *_: Any) -> None:
        """None: the redirect is an error."""


def download(url: str, token: str, *, api_url: str, most: int) -> bytes:
    """The bytes of a file (its `url_private`). Raises DeliveryFailed; for more than `most` bytes that is final."""
    _require_slack(url, api_url)
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})  # noqa: S310 - checked above
    opener = urllib.request.build_opener(_NoRedirects)
    try:
        with opener.open(request, timeout=_TIMEOUT) as answer:
            return _body(answer, most)
    except urllib.error.HTTPError as error:
        error.close()  # it holds the connection
        outcome = "final" if error.code < 500 and error.code != 429 else "retry"
        raise DeliveryFailed(f"the file was refused: {error.code}", outcome=outcome) from error
    except (http.client.HTTPException, OSError) as error:
        raise DeliveryFailed(f"no answer: {type(error).__name__}", outcome="retry") from error


def _body(answer: http.client.HTTPResponse, most: int) -> bytes:
    if answer.headers.get_content_type() == _PAGE:
        raise DeliveryFailed("no access to the file; is the scope files:read granted?", outcome="final")
    content = answer.read(most + 1)
    if len(content) > most:
        raise DeliveryFailed("the file is larger than Slack said", outcome="final")
    return content


def _require_slack(url: str, api_url: str) -> None:
    """Slack's own address or one below it (files.slack.com for slack.com), spoken to in the same way."""
    file, api = urlsplit(url), urlsplit(api_url)
    is_below = bool(file.hostname) and f".{file.hostname}".endswith(f".{api.hostname}")
    if (file.scheme, file.port) != (api.scheme, api.port) or not is_below:
        raise DeliveryFailed("the file is kept on another host than Slack's", outcome="final")
