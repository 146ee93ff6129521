"""Another web page that somebody has open can neither act in the sandbox nor read from it."""

import http.client
import json
from urllib.parse import urlsplit

import pytest

from bot.sandbox.server import Sandbox

WISH = json.dumps({"as": "UALICE", "do": "say", "conversation": "COPEN", "text": "not by Alice"}).encode()
FOREIGN = {
    "a page elsewhere": {"Origin": "https://evil.example"},
    "a page without an address of its own": {"Origin": "null"},
    "another program's page on this machine": {"Origin": "http://localhost:3000"},
    "a picture or link, which tells no origin": {"Sec-Fetch-Site": "cross-site"},
    "the same from another port": {"Sec-Fetch-Site": "same-site"},
    "a name that points to this machine": {"Host": "evil.example", "Origin": "http://evil.example"},
    "a name that begins like this machine": {"Host": "127.0.0.1.evil.example"},
    "a name behind ours": {"Host": "localhost:80@evil.example"},
}
UPGRADE = {
    "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}  # fmt: skip


def ask(sandbox: Sandbox, path: str, headers: dict[str, str], body: bytes | None = None) -> int:
    """Send one request with these headers; the status of the answer."""
    parts = urlsplit(sandbox.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        connection.request("GET" if body is None else "POST", path, body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN)
def test_another_page_neither_acts_nor_reads(sandbox: Sandbox, headers: dict[str, str]) -> None:
    said, calls = sandbox.person("UALICE").messages("COPEN"), len(sandbox.calls)
    assert ask(sandbox, "/ui/act", {**headers, "Content-Type": "text/plain"}, WISH) == 403
    assert ask(sandbox, "/ui/state?as=UALICE", headers) == 403
    post = f"/api/chat.postMessage?token={sandbox.workspace.app.bot_token}&channel=COPEN&text=not+by+the+app"
    assert ask(sandbox, post, headers) == 403
    assert ask(sandbox, "/ui/live", {**UPGRADE, **headers}) == 403
    assert sandbox.person("UALICE").messages("COPEN") == said
    assert len(sandbox.calls) == calls


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_its_own_page_and_programs_of_this_machine_do(sandbox: Sandbox, host: str) -> None:
    port = urlsplit(sandbox.url).port
    own = {"Host": f"{host}:{port}", "Origin": f"http://{host}:{port}", "Sec-Fetch-Site": "same-origin"}
    assert ask(sandbox, "/ui/act", own, WISH) == 200
    assert ask(sandbox, "/ui/live", {**UPGRADE, **own}) == 101
    assert ask(sandbox, "/", {"Host": host, "Sec-Fetch-Site": "none"}) == 200
