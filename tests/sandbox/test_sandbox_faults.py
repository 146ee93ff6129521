"""Faults between the app and Slack: planned by tests or over HTTP, met by calls and by deliveries."""

import http.client
import json
from collections import Counter
from collections.abc import Callable
from queue import Queue
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit import APP, fetch, post, texts
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

from bot.sandbox import delivery
from bot.sandbox.api.calls import METHODS
from bot.sandbox.faults import ANY_METHOD, CALL_FAULTS, DELIVERIES, Faults
from bot.sandbox.server import Sandbox

Connect = Callable[..., SocketModeHandler]

BROKEN = (OSError, http.client.HTTPException, SlackApiError)


def control(sandbox: Sandbox, method: str = "POST", path: str = "", **wish: Any) -> dict[str, Any]:
    """Ask the control of faults for something, over HTTP."""
    body = json.dumps(wish).encode() if wish else None
    answer = fetch(f"{sandbox.url}/ui/faults{path}", body, "application/json", method)
    decoded: dict[str, Any] = json.loads(answer.body)
    return decoded


def fired(sandbox: Sandbox) -> list[int]:
    return [fault["fired"] for fault in control(sandbox, "GET")["faults"]]


def test_the_sdk_waits_out_a_rate_limit(sandbox: Sandbox) -> None:
    sandbox.faults.add("chat.postMessage", "ratelimited", retry_after=0)
    client = WebClient(token=APP.bot_token, base_url=sandbox.api_url)
    client.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=1))
    post(client)
    assert [call.error for call in sandbox.calls] == ["ratelimited", None]


def test_a_method_can_be_limited_for_real(sandbox: Sandbox, client: WebClient) -> None:
    sandbox.faults.limit("chat.postMessage", calls=2)
    post(client)
    post(client)
    with pytest.raises(SlackApiError) as caught:
        post(client)
    assert 1 <= int(caught.value.response.headers["Retry-After"]) <= 61
    assert client.auth_test()["ok"]


def test_the_sdks_own_retry_after_a_lost_reply_posts_twice(sandbox: Sandbox) -> None:
    sandbox.faults.add("chat.postMessage", "lost_reply")
    post(WebClient(token=APP.bot_token, base_url=sandbox.api_url))
    assert texts(sandbox) == ["t", "t"]


def test_errors_of_slack_can_be_planned(sandbox: Sandbox, client: WebClient) -> None:
    sandbox.faults.add("chat.postMessage", "internal_error", times=2)
    sandbox.faults.add("chat.postMessage", "http_500")
    for error in ("internal_error", "internal_error"):
        with pytest.raises(SlackApiError, match=error):
            post(client)
    with pytest.raises(SlackApiError) as caught:
        post(client)
    assert caught.value.response.status_code == 500
    post(client)
    assert len(sandbox.refused) == 2


@pytest.mark.parametrize("kind", CALL_FAULTS)
def test_each_fault_of_a_call_by_the_control(sandbox: Sandbox, kind: str) -> None:
    client = WebClient(token=APP.bot_token, base_url=sandbox.api_url, retry_handlers=[], timeout=1)
    planned = control(sandbox, target="chat.postMessage", kind=kind, times=1, retry_after=30)
    assert [(fault["kind"], fault["over"]) for fault in planned["faults"]] == [(kind, False)]
    client.api_test()
    assert fired(sandbox) == [0]
    with pytest.raises(BROKEN) as caught:
        post(client)
    if isinstance(caught.value, SlackApiError):
        answer = caught.value.response
        expected = {"ratelimited": (429, "30"), "http_500": (500, None)}[kind]
        assert (answer.status_code, answer.headers.get("Retry-After")) == expected
    post(client, "next")
    assert texts(sandbox) == (["t", "next"] if kind == "lost_reply" else ["next"])
    (over,) = control(sandbox, "GET")["faults"]
    assert (over["fired"], over["over"]) == (1, True)


def struck(sandbox: Sandbox, calls: int) -> list[bool]:
    """Which of a row of calls failed."""
    client = WebClient(token=APP.bot_token, base_url=sandbox.api_url, retry_handlers=[])
    before = len(sandbox.calls)
    for _ in range(calls):
        try:
            client.api_test()
        except SlackApiError:
            continue
    return [call.error is not None for call in sandbox.calls[before:]]


def test_a_share_of_the_calls_fails_the_same_ones_for_the_same_seed(sandbox: Sandbox) -> None:
    rows = []
    for seed in (1, 1, 2):
        control(sandbox, "DELETE")
        control(sandbox, target="any", kind="http_500", share=0.2, seed=seed)
        rows.append(struck(sandbox, 60))
        assert fired(sandbox) == [sum(rows[-1])]
    assert rows[0] == rows[1] != rows[2]
    assert all(4 <= sum(row) <= 24 for row in rows)


def test_every_call_fails_at_a_share_of_one_until_it_is_cleared(sandbox: Sandbox) -> None:
    (fault,) = control(sandbox, target="any", kind="internal_error", share=1)["faults"]
    assert struck(sandbox, 3) == [True] * 3
    control(sandbox, target="auth.test", kind="internal_error", times=1)
    left = control(sandbox, "DELETE", f"/{fault['number']}")["faults"]
    assert [fault["target"] for fault in left] == ["auth.test"]
    assert struck(sandbox, 3) == [False] * 3
    assert control(sandbox, "DELETE")["faults"] == []


def test_a_counted_fault_goes_before_a_share(sandbox: Sandbox, client: WebClient) -> None:
    sandbox.faults.add(ANY_METHOD, "internal_error", share=1)
    sandbox.faults.add("chat.postMessage", "msg_too_long")
    for error in ("msg_too_long", "internal_error"):
        with pytest.raises(SlackApiError, match=error):
            post(client)


def test_the_page_itself_never_meets_a_fault(sandbox: Sandbox, client: WebClient) -> None:
    post(client)
    control(sandbox, target="any", kind="http_500", share=1)
    control(sandbox, target="deliveries", kind="reset", share=1)
    deed = json.dumps({"as": "UALICE", "do": "say", "conversation": "CGENERAL", "text": "still here"}).encode()
    assert json.loads(fetch(f"{sandbox.url}/ui/act", deed, "application/json").body) == {"ok": True}
    for path in ("/", "/page/app.js", "/ui/bootstrap", "/ui/state?as=UALICE", "/ui/faults"):
        assert fetch(sandbox.url + path).status == 200
    assert fired(sandbox)[0] == 0
    assert texts(sandbox) == ["t", "still here"]


def test_a_strike_is_a_change_that_the_page_hears_of(sandbox: Sandbox) -> None:
    control(sandbox, target="any", kind="http_500", times=1)
    before = sandbox.workspace.changes.version
    struck(sandbox, 1)
    shown = json.loads(fetch(f"{sandbox.url}/ui/state?as=UALICE").body)
    assert (shown["version"] > before, shown["faults"][0]["fired"]) == (True, 1)


@pytest.mark.parametrize(
    ("kind", "arrived", "answered"), [("repeat", 2, True), ("lost_reply", 1, False), ("reset", 0, False)]
)
def test_each_fault_of_a_delivery_by_the_control(
    sandbox: Sandbox, bolt: App, connect: Connect, counted: Counter[str], kind: str, arrived: int, answered: bool
) -> None:
    connect(bolt, ping_interval=0.2)
    control(sandbox, target="deliveries", kind=kind, times=1)
    alice = sandbox.person("UALICE")
    alice.command("/report first")
    assert (counted["first"], alice.notice() is None) == (arrived, answered)
    sandbox.wait_for_app()
    alice.command("/report next")
    assert (counted["next"], alice.notice(), fired(sandbox)) == (1, None, [1])


@pytest.fixture
def homes(sandbox: Sandbox, bolt: App, connect: Connect) -> Queue[tuple[str, str]]:
    """Whose Home tab was opened (person, event_id), in the order in which the app's socket was told."""
    bolt.event("app_home_opened")(lambda event: None)
    told: Queue[tuple[str, str]] = Queue()

    def read(text: str) -> None:
        payload = json.loads(text).get("payload", {})
        if payload.get("event", {}).get("type") == "app_home_opened":
            told.put((payload["event"]["user"], payload["event_id"]))

    connect(bolt).client.on_message_listeners.append(read)
    return told


def test_a_delivery_comes_after_the_next_one(sandbox: Sandbox, homes: Queue[tuple[str, str]]) -> None:
    control(sandbox, target="deliveries", kind="reorder", times=1)
    for person in ("UALICE", "UBOB"):
        sandbox.person(person).open_home()
    assert [homes.get(timeout=5)[0] for _ in range(2)] == ["UBOB", "UALICE"]


def test_a_delivery_that_nothing_overtakes_comes_all_the_same(
    sandbox: Sandbox, homes: Queue[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "LONGEST_HOLD", 0.05)
    control(sandbox, target="deliveries", kind="reorder", share=1)
    sandbox.person("UALICE").open_home()
    assert homes.get(timeout=5)[0] == "UALICE"


@pytest.mark.parametrize("kind", ["repeat", "lost_reply"])
def test_an_event_told_twice_keeps_its_id(sandbox: Sandbox, homes: Queue[tuple[str, str]], kind: str) -> None:
    control(sandbox, target="deliveries", kind=kind, times=1)
    sandbox.person("UALICE").open_home()
    assert homes.get(timeout=5) == homes.get(timeout=5)


GOOD = {"target": "any", "kind": "http_500", "times": 1}


@pytest.mark.parametrize(
    "wish",
    [
        {**GOOD, "target": "chat.postMesage"},
        {**GOOD, "kind": "No Such Thing"},
        {**GOOD, "kind": "repeat"},
        {**GOOD, "target": "deliveries"},
        {**GOOD, "times": 0},
        {**GOOD, "times": True},
        {**GOOD, "share": 0.5},
        {**GOOD, "retry_after": -1},
        {**GOOD, "seed": "one"},
        {**GOOD, "colour": "red"},
        {"target": "any", "kind": "http_500"},
        {"target": "any", "kind": "http_500", "share": 0},
        {"target": "any", "kind": "http_500", "share": 1.01},
        {"target": "any", "kind": "http_500", "share": "20%"},
    ],
    ids=str,
)
def test_what_is_no_fault_is_refused_the_same_way_by_both_doors(sandbox: Sandbox, wish: dict[str, Any]) -> None:
    answer = control(sandbox, **wish)
    assert (answer["ok"], answer["error"][-1]) == (False, ".")
    with pytest.raises(ValueError, match=r"\.$") as caught:
        sandbox.faults.plan(wish)
    assert str(caught.value) == answer["error"]
    assert sandbox.faults.shown() == []


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b"7", b"\xff", b"[" * 100_000], ids=["cut", "list", "number", "bytes", "deep"]
)
@pytest.mark.parametrize("path", ["/ui/faults", "/ui/act", "/respond/key"])
def test_a_body_that_is_no_object_is_refused(sandbox: Sandbox, path: str, body: bytes) -> None:
    assert fetch(f"{sandbox.url}{path}", body, "application/json").status == 400


@given(planned=st.lists(st.integers(1, 4), max_size=4), calls=st.integers(0, 12))
def test_counted_faults_strike_in_turn_and_exactly_as_often_as_planned(planned: list[int], calls: int) -> None:
    strikes: list[None] = []
    faults = Faults(METHODS, lambda: strikes.append(None))
    for number, times in enumerate(planned):
        faults.add(ANY_METHOD, f"error_{number}", times)
    faults.add(DELIVERIES, "repeat", share=1)
    met = [strike.kind for strike in (faults.next_call("api.test") for _ in range(calls)) if strike]
    wanted = [f"error_{number}" for number, times in enumerate(planned) for _ in range(times)]
    assert met == wanted[:calls]
    assert len(strikes) == len(met)
