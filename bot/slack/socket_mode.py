"""Socket Mode: Slack's payloads over a WebSocket that the bot opens."""

from __future__ import annotations

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.domain.errors import BotError


class SocketConnection:
    """The connection to Slack. The built-in client reconnects by itself when Slack or the network ends it."""

    def __init__(self, app: App, app_token: str, api_url: str) -> None:
        # Asking for a new address may be repeated: a client of its own, with the SDK's ordinary retries.
        self._handler = SocketModeHandler(app, app_token, web_client=WebClient(base_url=api_url))

    def start(self) -> None:
        """Connect; returns when payloads can arrive. Raises BotError where Slack refuses."""
        try:
            self._handler.client.connect()
        except SlackApiError as error:
            raise BotError(f"Slack did not accept SLACK_APP_TOKEN: {error.response['error']}") from error
        except OSError as error:
            raise BotError(f"Slack could not be reached: {error}") from error

    def stop(self) -> None:
        """Take no more payloads."""
        self._handler.client.close()
