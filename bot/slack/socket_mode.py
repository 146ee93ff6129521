"""Socket Mode: Slack's payloads over a WebSocket that the bot opens."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.socket_mode.internals import run_bolt_app, send_response
from slack_bolt.response import BoltResponse
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.domain.errors import BotError
from bot.slack.hands import Hands
from bot.slack.listeners.rest import answer_unknown
from bot.slack.observers import OnAck, nobody
from bot.slack.watchdog import LONGEST_SILENCE, SILENCE, Watchdog

logger = logging.getLogger(__name__)

# Seconds between looks at the connection. One that broke in silence is given up at the fifth: at the default, after a minute.
_PING = 2.0
_ACK = 3.0  # seconds: after that Slack waits for an ack no longer
_HANDS = 10  # threads for payloads, as many as the client has by itself
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
    """The connection to Slack. The built-in client reconnects by itself when Slack or the network ends it.

    What it does not notice is a connection that stays open and deaf from its first second, or its own threads standing
    still; a watchdog does. `on_lost` is called, once, where reconnecting did not help for `longest` seconds.
    """

    def __init__(
        self,
        app: App,
        app_token: str,
        api_url: str,
        *,
        on_ack: OnAck = nobody,
        on_lost: Callable[[], object] = nobody,
        silence: float = SILENCE,
        longest: float = LONGEST_SILENCE,
    ) -> None:
        self._handler = _Handler(app, app_token, api_url, on_ack)
        self._client = self._handler.client
        self._heard = 0
        self._last_pong = 0.0
        self._client.on_message_listeners.append(self._hear)
        self._watchdog = Watchdog(self._heard_so_far, self._reconnect, on_lost, silence=silence, longest=longest)
        self._look_every = min(_PING, silence / 4)
        self._reconnecting: threading.Thread | None = None
        self._closed = threading.Event()

    @property
    def is_up(self) -> bool:
        """Whether payloads can arrive: the connection is open, and Slack was heard lately."""
        return self._client.is_connected() and self._watchdog.is_heard(time.monotonic())

    def start(self) -> None:
        """Connect; returns when payloads can arrive. Raises BotError where Slack refuses."""
        try:
            self._client.connect()
        except SlackApiError as error:
            raise BotError(f"Slack did not accept SLACK_APP_TOKEN: {error.response['error']}") from error
        except OSError as error:
            raise BotError(f"Slack could not be reached: {error}") from error
        self._watchdog.begin(time.monotonic())
        threading.Thread(target=self._watch, name="socket-watchdog", daemon=True).start()

    def stop(self) -> None:
        """Finish what is being acknowledged, then take no more.

        The client can wait for ever for a session that it was just renewing: we do not.
        """
        self._closed.set()
        self._handler.under_way.wait_until_none(_ACK)
        closing = threading.Thread(target=self._close, name="socket-close", daemon=True)
        closing.start()
        closing.join(_CLOSING)

    def _close(self) -> None:
        try:
            self._client.close()
        except AttributeError:  # the client's own monitor closed the same session in this instant
            self._client.close()

    def _watch(self) -> None:
        while not self._closed.wait(self._look_every):
            self._watchdog.look(time.monotonic())

    def _hear(self, _: str) -> None:
        self._heard += 1

    def _heard_so_far(self) -> tuple[int, float]:
        """Changes with every message and every pong; a new session has had no pong yet, which is not news."""
        session = self._client.current_session
        self._last_pong = (session and session.last_ping_pong_time) or self._last_pong
        return self._heard, self._last_pong

    def _reconnect(self) -> None:
        """Ask for a new connection, in a thread of its own: the client's lock may be what stands still."""
        if self._reconnecting is not None and self._reconnecting.is_alive():
            return
        logger.warning("slack is silent, connecting anew")
        self._reconnecting = threading.Thread(target=self._connect_anew, name="socket-reconnect", daemon=True)
        self._reconnecting.start()

    def _connect_anew(self) -> None:
        try:
            self._client.connect_to_new_endpoint(force=True)
        except (SlackApiError, OSError) as error:
            logger.warning("slack could not be reached anew reason=%s", type(error).__name__)


class _Handler(SocketModeHandler):
    """Bolt's handler, which also knows what is under way and tells how long each payload took."""

    def __init__(self, app: App, app_token: str, api_url: str, on_ack: OnAck) -> None:
        # Asking for a new address may be repeated: a client of its own, with the SDK's ordinary retries.
        super().__init__(app, app_token, web_client=WebClient(base_url=api_url), ping_interval=_PING)
        self.client.message_workers = Hands(_HANDS)  # type: ignore[assignment]  # as much of a pool as the client uses
        self.under_way = _UnderWay()
        self._on_ack = on_ack

    def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]  # as Bolt's own
        """Have Bolt answer one payload."""
        began, wall = time.perf_counter(), time.time()
        with self.under_way:
            answer = self._answer(req)
            send_response(client, req, answer, wall)
        self._on_ack(time.perf_counter() - began, is_answered=answer.status == 200)

    def _answer(self, request: SocketModeRequest) -> BoltResponse:
        try:
            answer: BoltResponse = run_bolt_app(self.app, request)
        except Exception:  # Bolt stumbles over what is not shaped like a payload
            logger.exception("a payload could not be read")
            return answer_unknown(request.payload)
        return answer


class _UnderWay:
    """Counts what has begun and not ended."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._count = 0

    def __enter__(self) -> None:
        with self._changed:
            self._count += 1

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._count -= 1
            self._changed.notify_all()

    def wait_until_none(self, seconds: float) -> None:
        """Return when nothing is under way, at the latest after so many seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._count == 0, timeout=seconds)
