"""Socket Mode: Slack's payloads over a WebSocket that the bot opens."""

from __future__ import annotations

import threading

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.domain.errors import BotError

# Seconds between looks at the connection. One that broke in silence is given up at the fifth: at the default, after a minute.
_PING = 2.0
_CLOSING = 4.0  # seconds; the client looks up from its socket every three


def check_app_token(app_token: str, api_url: str) -> str | None:
    """Why Slack would not open a connection for an app-level token; None where it would. Opens none."""
    try:
        WebClient(base_url=api_url).apps_connections_open(app_token=app_token)
    except SlackApiError as error:
        return str(error.response["error"])
    except OSError as error:
        return f"no answer: {error}"
    return None


class SocketConnection:
    """The connection to Slack. The built-in client reconnects by itself when Slack or the network ends it."""

    def __init__(self, app: App, app_token: str, api_url: str) -> None:
        # Asking for a new address may be repeated: a client of its own, with the SDK's ordinary retries.
        self._handler = SocketModeHandler(app, app_token, web_client=WebClient(base_url=api_url), ping_interval=_PING)

    def start(self) -> None:
        """Connect; returns when payloads can arrive. Raises BotError where Slack refuses."""
        try:
            self._handler.client.connect()
        except SlackApiError as error:
            raise BotError(f"Slack did not accept SLACK_APP_TOKEN: {error.response['error']}") from error
        except OSError as error:
            raise BotError(f"Slack could not be reached: {error}") from error

    def stop(self) -> None:
        """Take no more payloads. The client can wait for ever for a session that it was just renewing: we do not."""
        closing = threading.Thread(target=self._handler.client.close, name="socket-close", daemon=True)
        closing.start()
        closing.join(_CLOSING)
