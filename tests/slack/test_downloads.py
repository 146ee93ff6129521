"""A file is fetched with the token from Slack's own host and no other, and what is no file is not taken for one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from bot.domain.errors import DeliveryFailed
from bot.slack.downloads import download

TOKEN = "xoxb-secret"
ANSWERS: dict[str, tuple[int, str, bytes]] = {
    "/file": (200, "text/csv", b"0123456789"),
    "/login": (200, "text/html; charset=utf-8", b"<!DOCTYPE html>"),
    "/moved": (302, "text/plain", b""),
    "/gone": (404, "text/plain", b""),
    "/busy": (429, "text/plain", b""),
    "/broken": (503, "text/plain", b""),
}


class Slack(BaseHTTPRequestHandler):
    """Gives files, and notes with which token they were asked for."""

    asked: list[tuple[str, str | None]]

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers.get("Authorization")))
        status, kind, body = ANSWERS[self.path]
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if status == 302:
            self.send_header("Location", "/file")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing to say."""


@pytest.fixture
def slack() -> Iterator[tuple[str, list[tuple[str, str | None]]]]:
    """The address of a host that gives files, and what it was asked."""
    handler = type("Handler", (Slack,), {"asked": []})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", handler.asked
        server.shutdown()
        thread.join()


def test_a_file_is_fetched_with_the_token(slack: tuple[str, list[tuple[str, str | None]]]) -> None:
    url, asked = slack
    assert download(f"{url}/file", TOKEN, api_url=f"{url}/api/", most=10) == b"0123456789"
    assert asked == [("/file", f"Bearer {TOKEN}")]


@pytest.mark.parametrize(
    ("path", "outcome"),
    [("/login", "final"), ("/moved", "final"), ("/gone", "final"), ("/busy", "retry"), ("/broken", "retry")],
)
def test_what_is_no_file_is_a_failure(slack: tuple[str, list[tuple[str, str | None]]], path: str, outcome: str) -> None:
    url, asked = slack
    with pytest.raises(DeliveryFailed) as failure:
        download(f"{url}{path}", TOKEN, api_url=f"{url}/api/", most=10)
    assert failure.value.outcome == outcome
    assert len(asked) == 1, "no redirect takes the token along"
    assert TOKEN not in str(failure.value)


def test_more_than_was_allowed_is_not_read(slack: tuple[str, list[tuple[str, str | None]]]) -> None:
    url, _ = slack
    with pytest.raises(DeliveryFailed, match="larger"):
        download(f"{url}/file", TOKEN, api_url=f"{url}/api/", most=9)


def test_a_host_that_does_not_answer_may_later(slack: tuple[str, list[tuple[str, str | None]]]) -> None:
    with HTTPServer(("127.0.0.1", 0), Slack) as closed:
        url = f"http://127.0.0.1:{closed.server_port}"
    with pytest.raises(DeliveryFailed) as failure:
        download(f"{url}/file", TOKEN, api_url=f"{url}/api/", most=9)
    assert failure.value.outcome == "retry"


@pytest.mark.parametrize(
    "url",
    [
        "https://files.slack.com.example.com/x",
        "https://example.com/files.slack.com",
        "https://evilslack.com/x",
        "https://slack.com@example.com/x",
        "http://files.slack.com/x",
        "https://files.slack.com:8443/x",
        "file:///etc/hostname",
        "",
    ],
)
def test_the_token_goes_to_no_other_host(url: str) -> None:
    """The tests' own guard would fail the test as soon as anything tried to connect."""
    with pytest.raises(DeliveryFailed, match="another host"):
        download(url, TOKEN, api_url="https://slack.com/api/", most=9)
