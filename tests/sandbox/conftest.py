"""One small workspace, a real Bolt app connected to it, and a browser."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from kit import APP, CHANNELS, PEOPLE, NewSandbox
from playwright.sync_api import Browser, Page, sync_playwright
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from bot.sandbox.server import Sandbox

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


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
    return App(name="tests", client=client, listener_executor=ThreadPoolExecutor(4))


@pytest.fixture
def counted(bolt: App) -> Counter[str]:
    """How often each command text arrived."""
    counts: Counter[str] = Counter()

    @bolt.command("/report")
    def report(ack: Any, command: dict[str, Any]) -> None:
        counts[command["text"]] += 1
        ack()

    return counts


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


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium, as installed on this machine; without one the test is skipped."""
    if CHROMIUM is None:
        pytest.skip("no chromium, chromium-browser or google-chrome is installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, new_sandbox: Callable[..., Sandbox]) -> Iterator[Page]:
    """A page that fails the test when its scripts do, and leaves before the sandboxes stop."""
    problems: list[str] = []
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    page.close()
    assert problems == []
