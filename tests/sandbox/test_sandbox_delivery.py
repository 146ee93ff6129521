"""Sockets that come and go, signed requests, and how the server starts and stops."""

import http.client
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from kit import APP, CHANNELS, PEOPLE, NewSandbox, actions, button, modal, post, texts
from slack_bolt import App, BoltRequest
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from bot.sandbox.server import Sandbox

Connect = Callable[..., SocketModeHandler]


def test_each_payload_goes_to_one_of_several_connections(
    sandbox: Sandbox, bolt: App, connect: Connect, counted: Counter[str]
) -> None:
    connect(bolt)
    connect(bolt)
    for number in range(6):
        sandbox.person("UALICE").command(f"/report {number}")
    assert counted == Counter(map(str, range(6)))


def test_a_payload_can_be_delivered_twice(sandbox: Sandbox, bolt: App, connect: Connect, counted: Counter[str]) -> None:
    connect(bolt)
    sandbox.faults.repeat_delivery()
    sandbox.person("UALICE").command("/report twice")
    sandbox.person("UALICE").command("/report once")
    assert counted == Counter({"twice": 2, "once": 1})


def test_a_submission_delivered_twice_closes_one_dialog(sandbox: Sandbox, bolt: App, connect: Connect) -> None:
    seen: Counter[str] = Counter()

    @bolt.action("go")
    def go(ack: Any, body: dict[str, Any], client: WebClient) -> None:
        client.views_open(trigger_id=body["trigger_id"], view=modal())
        ack()

    @bolt.view("form")
    def submit(ack: Any, view: dict[str, Any]) -> None:
        seen[f"{view['id']} {view['hash']}"] += 1
        ack()

    connect(bolt)
    alice = sandbox.person("UALICE")
    bolt.client.chat_postMessage(channel="UALICE", text="t", blocks=[actions(button())])
    alice.click(alice.messages()[0], "Go")
    view = alice.top_view()
    assert view is not None
    sandbox.faults.repeat_delivery()
    assert alice.submit(view, {"Name": "Ann"}) is None
    assert seen == {f"{view.id} {view.hash}": 2}
    assert (alice.notice(), sandbox.refused) == (None, ())


def test_the_app_comes_back_when_asked_to_reconnect(
    sandbox: Sandbox, bolt: App, connect: Connect, counted: Counter[str]
) -> None:
    connect(bolt)
    sandbox.disconnect()
    sandbox.wait_for_app()
    sandbox.person("UALICE").command("/report again")
    assert counted["again"] == 1
    assert sum(call.method == "apps.connections.open" for call in sandbox.calls) == 2


def test_the_app_comes_back_after_a_broken_connection(
    sandbox: Sandbox, bolt: App, connect: Connect, counted: Counter[str]
) -> None:
    connect(bolt, ping_interval=0.2)
    sandbox.drop_socket()
    sandbox.wait_for_app()
    sandbox.person("UALICE").command("/report again")
    assert counted["again"] == 1


def test_a_socket_url_is_good_once(sandbox: Sandbox, bolt: App, connect: Connect) -> None:
    used = connect(bolt).client.wss_uri
    assert used is not None
    host, _, path = used.removeprefix("ws://").partition("/")
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
    }
    connection = http.client.HTTPConnection(host, timeout=5)
    connection.request("GET", f"/{path}", headers=upgrade)
    assert connection.getresponse().status == 403
    connection.close()


class _BoltServer(ThreadingHTTPServer):
    """Bolt behind a plain HTTP server."""

    app: App | None = None
    statuses: list[int]


class _BoltRequestHandler(BaseHTTPRequestHandler):
    server: _BoltServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        assert self.server.app is not None
        headers: dict[str, Any] = {name: [value] for name, value in self.headers.items()}
        answer = self.server.app.dispatch(BoltRequest(body=body, headers=headers))
        self.server.statuses.append(answer.status)
        self.send_response(answer.status)
        for name, values in answer.headers.items():
            self.send_header(name, values[0])
        self.end_headers()
        self.wfile.write(answer.body.encode())

    def log_message(self, *args: Any) -> None:
        """Keep the test's output free of requests."""


@pytest.fixture
def bolt_server() -> Iterator[_BoltServer]:
    with _BoltServer(("127.0.0.1", 0), _BoltRequestHandler) as server:
        server.statuses = []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("secret", [APP.signing_secret, "another-secret"])
def test_http_mode_signs_what_it_sends(new_sandbox: NewSandbox, bolt_server: _BoltServer, secret: str) -> None:
    sandbox = new_sandbox(request_url=f"http://127.0.0.1:{bolt_server.server_port}/slack/events")
    client = WebClient(token=APP.bot_token, base_url=sandbox.api_url)
    bolt = bolt_server.app = App(client=client, signing_secret=secret, listener_executor=ThreadPoolExecutor(2))
    bolt.command("/report")(lambda ack: ack("Over HTTP"))
    bolt.event("app_home_opened")(lambda event: None)

    @bolt.action("go")
    def go(ack: Any, body: dict[str, Any], client: WebClient) -> None:
        client.views_open(trigger_id=body["trigger_id"], view=modal())
        ack()

    bolt.view("form")(lambda ack: ack(response_action="errors", errors={"name": "Über"}))
    alice = sandbox.person("UALICE")
    if secret != APP.signing_secret:
        alice.command("/report")
        assert (alice.notice() is None, set(bolt_server.statuses)) == (False, {401})
        return
    alice.command("/report")
    assert texts(sandbox, "DALICE") == ["Over HTTP"]
    alice.open_home()
    client.chat_postMessage(channel="UALICE", text="t", blocks=[actions(button())])
    message = alice.last_dm()
    assert message is not None
    alice.click(message, "Go")
    view = alice.top_view()
    assert view is not None
    view = alice.submit(view, {"Name": "Ann"})
    assert view is not None
    assert view.errors == {"name": "Über"}
    assert set(bolt_server.statuses) == {200}


def test_a_request_url_nobody_serves_is_a_timeout_for_the_person(new_sandbox: NewSandbox) -> None:
    alice = new_sandbox(request_url="http://127.0.0.1:9/slack/events").person("UALICE")
    alice.command("/report")
    assert alice.notice() == '/report failed with the error "operation_timeout"'


def test_hundreds_of_calls_a_second(sandbox: Sandbox, client: WebClient) -> None:
    began = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: post(client, str(number)), range(400)))
    assert time.monotonic() - began < 4
    assert sorted(map(int, texts(sandbox))) == list(range(400))
    assert len({message.ts for message in sandbox.person("UBOB").messages("CGENERAL")}) == 400


def test_stopping_takes_less_than_a_second_whatever_is_open() -> None:
    sandbox = Sandbox(PEOPLE, CHANNELS, app=APP).start()
    client = WebClient(token=APP.bot_token, base_url=sandbox.api_url, retry_handlers=[])
    sandbox.faults.add("chat.postMessage", "timeout")
    with ThreadPoolExecutor(1) as pool:
        hanging = pool.submit(post, client)
        live = http.client.HTTPConnection(sandbox.url.removeprefix("http://"), timeout=5)
        live.request("GET", "/ui/bootstrap")
        live.getresponse().read()
        sandbox.workspace.changes.wait_for(lambda: sandbox.calls, 5)
        began = time.monotonic()
        sandbox.stop()
        assert time.monotonic() - began < 1
        with pytest.raises((OSError, http.client.HTTPException)):
            hanging.result(timeout=5)
        live.close()
    assert not any(thread.name == "sandbox" and thread.is_alive() for thread in threading.enumerate())
    with pytest.raises(OSError):
        post(client)


def test_waiting_for_what_never_happens_ends(sandbox: Sandbox) -> None:
    with pytest.raises(TimeoutError):
        sandbox.person("UALICE").wait_for(lambda: None, timeout=0.01)
