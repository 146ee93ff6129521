"""The page's API: what one person sees, what they do, the clock, and live changes."""

import base64
import json
import logging
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from queue import Queue
from typing import Any

import pytest
from kit import APP, NewSandbox, actions, button, fetch, field, modal, option, section
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.socket_mode.builtin.connection import Connection, ConnectionState

from bot.sandbox.people import Stop, Tour
from bot.sandbox.server import Sandbox

OPENING = datetime(2025, 9, 15, 8, tzinfo=UTC)
CLOSING = datetime(2025, 9, 30, 8, tzinfo=UTC)


def state(sandbox: Sandbox, person: str = "UALICE") -> dict[str, Any]:
    shown: dict[str, Any] = json.loads(fetch(f"{sandbox.url}/ui/state?as={person}").body)
    return shown


def act(sandbox: Sandbox, do: str, person: str = "UALICE", **body: Any) -> dict[str, Any]:
    sent = json.dumps({"as": person, "do": do, **body}).encode()
    answer: dict[str, Any] = json.loads(fetch(f"{sandbox.url}/ui/act", sent, "application/json").body)
    return answer


def conversation(shown: dict[str, Any], wanted: str) -> dict[str, Any]:
    (found,) = (c for c in shown["conversations"] if c["id"] == wanted)
    return dict(found)


def test_bootstrap_names_everybody_but_bots(new_sandbox: NewSandbox) -> None:
    guide = [{"person": "UALICE", "text": "Press Update"}]
    sandbox = new_sandbox(tour=Tour("Try it", guide), workspace_name="Acme")
    boot = json.loads(fetch(f"{sandbox.url}/ui/bootstrap").body)
    assert (boot["workspace"], boot["intro"], boot["guide"]) == ("Acme", "Try it", guide)
    people = {person["id"]: person for person in boot["people"]}
    assert "UBOT" not in people
    assert (people["UALICE"]["initials"], people["UBOB"]["name"]) == ("AA", "Bobby")
    assert (people["UOUT"]["external"], people["UGONE"]["deleted"]) == (True, True)
    assert boot["app"]["commands"][0] == {
        "command": "/report",
        "description": "Make a report",
        "usage_hint": "[project]",
    }


def test_a_person_sees_their_own_conversations(sandbox: Sandbox, client: WebClient) -> None:
    sandbox.person("UBOB").say("for members", "COPEN")
    client.chat_postMessage(channel="UBOB", text="for Bob")
    shown = state(sandbox)
    listed = {c["id"]: (c["kind"], c["member"], len(c["messages"])) for c in shown["conversations"]}
    assert listed == {
        "CGENERAL": ("channel", True, 0),
        "CSHARED": ("channel", True, 0),
        "COPEN": ("channel", False, 0),
        "COLD": ("channel", False, 0),
        "DALICE": ("im", True, 0),
    }
    outside = {c["id"] for c in state(sandbox, "UOUT")["conversations"]}
    assert outside == {"CSHARED", "DOUT"}
    assert conversation(state(sandbox, "UBOB"), "DBOB")["messages"][0]["author"] == "Helper"


def test_unread_counts_until_read(sandbox: Sandbox, client: WebClient) -> None:
    for number in range(3):
        client.chat_postMessage(channel="CGENERAL", text=str(number))
    sandbox.person("UALICE").say("mine", "CGENERAL")
    assert conversation(state(sandbox), "CGENERAL")["unread"] == 3
    before = state(sandbox)["version"]
    assert act(sandbox, "read", conversation="CGENERAL") == {"ok": True}
    after = state(sandbox)
    assert (conversation(after, "CGENERAL")["unread"], after["version"] > before) == (0, True)
    act(sandbox, "read", conversation="CGENERAL")
    assert state(sandbox)["version"] == after["version"]
    assert conversation(state(sandbox, "UBOB"), "CGENERAL")["unread"] == 4


@pytest.fixture
def form(bolt: App, connect: Callable[..., SocketModeHandler]) -> Queue[dict[str, Any]]:
    """A Bolt app with a button that opens a dialog; the queue gets what is submitted."""
    sent: Queue[dict[str, Any]] = Queue()
    picker = {"type": "external_select", "action_id": "city", "min_query_length": 0}

    @bolt.action("open")
    def open_view(ack: Any, body: dict[str, Any], client: WebClient) -> None:
        view = modal(field(), field("City", "city", picker, optional=True))
        client.views_open(trigger_id=body["trigger_id"], view=view)
        ack()

    @bolt.view("form")
    def submit(ack: Any, view: dict[str, Any]) -> None:
        name = view["state"]["values"]["name"]["value"]["value"]
        if name == "bad":
            ack(response_action="errors", errors={"name": "Not this one"})
        else:
            ack()
            sent.put(view["state"]["values"])

    bolt.options("city")(lambda ack: ack(options=[option("Rome"), option("Oslo")]))
    connect(bolt)
    bolt.client.chat_postMessage(channel="UALICE", text="t", blocks=[actions(button("Open", "open"), block_id="b")])
    return sent


def test_a_dialog_by_the_page(sandbox: Sandbox, form: Queue[dict[str, Any]]) -> None:
    message = conversation(state(sandbox), "DALICE")["messages"][0]
    place = {"conversation": "DALICE", "ts": message["ts"], "block_id": "b"}
    assert act(sandbox, "click", **place, action={"action_id": "open", "type": "button"}) == {"ok": True}
    (shown,) = state(sandbox)["modals"]
    assert shown["values"]["name"]["value"] == {"type": "plain_text_input", "value": None}
    view = {"view": shown["view"]["id"]}

    def typed(name: str) -> dict[str, Any]:
        return {"name": {"value": {"type": "plain_text_input", "value": name}}}

    refused = act(sandbox, "submit", **view, values=typed(""))
    assert refused["ok"] is False
    assert state(sandbox)["modals"][0]["errors"] == {"name": "This is a required field"}
    assert act(sandbox, "submit", **view, values=typed("bad")) == {"ok": True}
    assert state(sandbox)["modals"][0]["errors"] == {"name": "Not this one"}
    found = act(sandbox, "suggest", **view, block_id="city", action_id="city", value="")
    assert [o["value"] for o in found["options"]] == ["Rome", "Oslo"]
    city = {"city": {"city": {"type": "external_select", "selected_option": found["options"][1]}}}
    assert act(sandbox, "submit", **view, values={**typed("good"), **city}) == {"ok": True}
    assert state(sandbox)["modals"] == []
    values = form.get(timeout=5)
    assert (values["name"]["value"]["value"], values["city"]["city"]["selected_option"]["value"]) == ("good", "Oslo")


@pytest.mark.parametrize(
    "body",
    [
        {"do": "fly"},
        {"do": "say", "conversation": "CGENERAL"},
        {"do": "say", "conversation": "COPEN", "text": "not a member"},
        {"do": "click", "conversation": "CGENERAL", "ts": "1.1", "block_id": "b", "action": {"action_id": "a"}},
        {"do": "submit", "view": "V123"},
        {"do": "move_clock", "stop": "opening"},
        {"do": "upload", "conversation": "CGENERAL", "name": "a", "content_base64": "?"},
    ],
    ids=str,
)
def test_what_cannot_be_done_comes_back_as_a_sentence(sandbox: Sandbox, body: dict[str, Any]) -> None:
    answer = act(sandbox, **body)
    assert answer["ok"] is False
    assert answer["error"].endswith(".")


def test_a_dropped_file_downloads_as_it_was(sandbox: Sandbox) -> None:
    content = base64.b64encode(b"<b>notes</b>").decode()
    assert act(sandbox, "upload", conversation="CGENERAL", name="Notes é.html", content_base64=content)["ok"]
    (message,) = conversation(state(sandbox, "UBOB"), "CGENERAL")["messages"]
    answer = fetch(sandbox.url + message["files"][0]["url"])
    assert answer.body == b"<b>notes</b>"
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''Notes%20%C3%A9.html"
    assert fetch(f"{sandbox.url}/ui/files/F404").status == 404


def test_the_clock_moves_to_stops_and_only_forward(new_sandbox: NewSandbox) -> None:
    now = [OPENING]
    moving, arrived = threading.Event(), threading.Event()

    def move_to(to: datetime) -> None:
        moving.set()
        arrived.wait(5)
        now[0] = to

    stops = [Stop("opening", "Opening day", OPENING), Stop("closing", "Due", CLOSING)]
    sandbox = new_sandbox(now=lambda: now[0], tour=Tour(stops=lambda: stops, move_to=move_to))
    clock = state(sandbox)["clock"]
    assert (clock["now"], clock["moving"]) == ("2025-09-15T08:00:00Z", False)
    assert [stop["passed"] for stop in clock["stops"]] == [True, False]
    answers: Queue[dict[str, Any]] = Queue()
    mover = threading.Thread(target=lambda: answers.put(act(sandbox, "move_clock", stop="closing")))
    mover.start()
    assert moving.wait(5)
    assert state(sandbox)["clock"]["moving"]
    assert act(sandbox, "move_clock", stop="closing")["ok"] is False
    arrived.set()
    mover.join(5)
    assert answers.get(timeout=5) == {"ok": True}
    assert state(sandbox)["clock"]["now"] == "2025-09-30T08:00:00Z"
    assert act(sandbox, "move_clock", to="2025-09-29T08:00:00Z")["ok"] is False
    assert act(sandbox, "move_clock", to="2025-10-01T10:00:00+02:00")["ok"]
    assert now[0] == datetime(2025, 10, 1, 8, tzinfo=UTC)


@pytest.fixture
def live(sandbox: Sandbox) -> Iterator[Queue[int]]:
    """The versions that a page of Alice's is told of."""
    versions: Queue[int] = Queue()
    url = f"{sandbox.url.replace('http', 'ws')}/ui/live?as=UALICE"
    connection = Connection(
        url,
        logging.getLogger("live"),
        on_message_listener=lambda text: versions.put(json.loads(text)["version"]),
    )
    connection.connect()
    until = ConnectionState()
    reader = threading.Thread(target=connection.run_until_completion, args=(until,))
    reader.start()
    yield versions
    until.terminated = True
    connection.ping("bye")
    reader.join(5)
    connection.close()


def test_a_page_hears_of_every_change(sandbox: Sandbox, client: WebClient, live: Queue[int]) -> None:
    first = live.get(timeout=5)
    client.chat_postMessage(channel="CGENERAL", text="t")
    assert live.get(timeout=5) > first
    assert state(sandbox)["version"] > first


def test_a_permalink_leads_to_the_page(sandbox: Sandbox, client: WebClient) -> None:
    ts = client.chat_postMessage(channel="CGENERAL", text="t", blocks=[section()])["ts"]
    link = client.chat_getPermalink(channel="CGENERAL", message_ts=ts)["permalink"]
    assert fetch(link).headers["location"] == "/#//CGENERAL"


def test_an_unanswered_click_leaves_a_notice_until_the_next_deed(new_sandbox: NewSandbox) -> None:
    sandbox = new_sandbox(patience=0.05)
    client = WebClient(token=APP.bot_token, base_url=sandbox.api_url)
    client.chat_postMessage(channel="UALICE", text="t", blocks=[actions(block_id="b")])
    message = conversation(state(sandbox), "DALICE")["messages"][0]
    place = {"conversation": "DALICE", "ts": message["ts"], "block_id": "b"}
    assert act(sandbox, "click", **place, action={"action_id": "go"}) == {"ok": True}
    assert state(sandbox)["notice"] == {
        "level": "error",
        "text": "Helper did not answer in time (operation_timeout)",
    }
    act(sandbox, "say", conversation="DALICE", text="hello?")
    assert state(sandbox)["notice"] is None
