"""What is told of Slack's payloads and of calls to Slack, to whoever counts them."""

from __future__ import annotations

from typing import Any, Protocol

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.slack.calls import code_of


class OnAck(Protocol):
    """Hears of every payload that was handled."""

    def __call__(self, seconds: float, *, is_answered: bool) -> None:
        """It took so many seconds; `is_answered` where it was acknowledged."""


class OnCall(Protocol):
    """Hears of every call."""

    def __call__(self, method: str, result: str) -> None:
        """`result` is `ok`, Slack's error code, or `no answer`."""


def nobody(*_: object, **__: object) -> None:
    """Hears of everything and keeps nothing."""


class ObservedClient(WebClient):
    """A client that tells what came of every call."""

    def __init__(self, *arguments: Any, on_call: OnCall, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._on_call = on_call

    def api_call(self, api_method: str, **arguments: Any) -> SlackResponse:
        """Call a method as the SDK does."""
        result = "no answer"
        try:
            response = super().api_call(api_method, **arguments)
            result = "ok"
        except SlackApiError as error:
            result = _code(error)
            raise
        finally:
            self._on_call(api_method, result)
        return response


def _code(error: SlackApiError) -> str:
    """Slack's error code; without one, such as from a proxy, the HTTP status."""
    response: Any = error.response
    if code := code_of(response):
        return code
    status = response.status_code if isinstance(response, SlackResponse) else response.get("status")
    return f"http {status}"
