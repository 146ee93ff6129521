"""One small workspace, and a real Bolt app connected to it."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from kit import APP, CHANNELS, PEOPLE, NewSandbox
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from bot.sandbox.server import Sandbox


@pytest.fixture
def new_sandbox() -> Iterator[NewSandbox]:
    """Start sandboxes with other settings; they stop with the test."""
    started: list[Sandbox] = []

    def start(**settings: Any) -> Sandbox:
        everything = {"people": PEOPLE, "channels": CHANNELS, "app": APP, **settings}
        started.append(Sandbox(**everything).start())
        return started[-1]

    yield start
    for sandbox in started:
        sandbox.stop()


@pytest.fixture
def sandbox(new_sandbox: NewSandbox) -> Sandbox:
    """The usual workspace."""
    return new_sandbox()


@pytest.fixture
def client(sandbox: Sandbox) -> WebClient:
    """The app's Web API client, without retries of its own."""
    return WebClient(token=APP.bot_token, base_url=sandbox.api_url, retry_handlers=[])


@pytest.fixture
def bolt(client: WebClient) -> App:
    """A Bolt app that is not connected yet."""
    return App(client=client, listener_executor=ThreadPoolExecutor(4))


@pytest.fixture
def connect() -> Iterator[Callable[..., SocketModeHandler]]:
    """Connect Bolt apps over Socket Mode; they disconnect with the test."""
    handlers: list[SocketModeHandler] = []

    def open_socket(app: App, ping_interval: float = 10) -> SocketModeHandler:
        handlers.append(SocketModeHandler(app, APP.app_token, ping_interval=ping_interval))
        handlers[-1].connect()
        return handlers[-1]

    yield open_socket
    for handler in handlers:
        _close(handler)


def _close(handler: SocketModeHandler) -> None:
    """Close without the seconds that the client's two reading loops would otherwise sleep on."""
    client = handler.client
    client.closed = True
    client.auto_reconnect_enabled = False
    client.current_session_state.terminated = True
    client.message_queue.put("")
    if client.current_session is not None:
        client.current_session.ping("bye")
    handler.close()
