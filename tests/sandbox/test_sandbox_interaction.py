"""Commands, clicks, dialogs and events between people and a real Bolt app over Socket Mode."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from queue import Queue
from typing import Any

import pytest
from kit import APP, NewSandbox, actions, button, fetch, field, modal, option, plain, section
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.sandbox.actor import Actor
from bot.sandbox.reach import RefusedError
from bot.sandbox.seen import SeenMessage, SeenView
from bot.sandbox.server import Sandbox

Connect = Callable[[App], SocketModeHandler]
WAIT = 5


def the_view(actor: Actor) -> SeenView:
    """The view in front, which must be there."""
    view = actor.top_view()
    assert view is not None
    return view


def the_dm(actor: Actor) -> SeenMessage:
    """The last message with the app, which must be there."""
    message = actor.last_dm()
    assert message is not None
    return message


@pytest.fixture
def alice(sandbox: Sandbox) -> Actor:
    return sandbox.person("UALICE")


@pytest.fixture
def opens(bolt: App, connect: Connect, alice: Actor) -> Callable[..., SeenView]:
    """Let Alice open a given view with a button, and return it as she sees it."""
    views: list[dict[str, Any]] = []

    @bolt.action("open")
    def open_view(ack: Any, body: Mapping[str, Any], client: WebClient) -> None:
        client.views_open(trigger_id=body["trigger_id"], view=views[-1])
        ack()

    connect(bolt)

    def opened(*blocks: dict[str, Any], **more: Any) -> SeenView:
        views.append(modal(*blocks, **more))
        bolt.client.chat_postMessage(channel=alice.id, text="t", blocks=[actions(button("Open", "open"))])
        alice.click(the_dm(alice), "Open")
        return the_view(alice)

    return opened


def test_a_command_arrives_whole_and_its_ack_answers_privately(
    sandbox: Sandbox, bolt: App, connect: Connect, alice: Actor
) -> None:
    got: Queue[dict[str, Any]] = Queue()

    @bolt.command("/report")
    def report(ack: Any, command: dict[str, Any]) -> None:
        got.put(command)
        ack(f"Working on {command['text']}")

    connect(bolt)
    alice.command("/report portal 2025-Q3", "CGENERAL")
    command = got.get(timeout=WAIT)
    assert (command["user_id"], command["user_name"], command["channel_id"], command["channel_name"]) == (
        "UALICE",
        "alice",
        "CGENERAL",
        "general",
    )
    assert (command["command"], command["text"]) == ("/report", "portal 2025-Q3")
    (reply,) = alice.messages("CGENERAL")
    assert (reply.text, reply.ephemeral) == ("Working on portal 2025-Q3", True)
    assert sandbox.person("UBOB").messages("CGENERAL") == []


def test_a_reply_in_channel_shows_the_command_too(sandbox: Sandbox, bolt: App, connect: Connect, alice: Actor) -> None:
    bolt.command("/report")(lambda ack: ack(text="Done", response_type="in_channel"))
    connect(bolt)
    alice.command("/report", "CGENERAL")
    assert [m.text for m in sandbox.person("UBOB").messages("CGENERAL")] == ["/report", "Done"]


def test_a_silent_app_shows_as_operation_timeout(new_sandbox: NewSandbox) -> None:
    alice = new_sandbox(patience=0.05).person("UALICE")
    alice.command("/report")
    assert alice.notice() == '/report failed with the error "operation_timeout"'
    assert alice.messages() == []


def test_an_unacked_submission_leaves_the_dialog_open(
    sandbox: Sandbox, bolt: App, opens: Callable[..., SeenView], alice: Actor
) -> None:
    released = threading.Event()
    bolt.view("form")(lambda: released.wait(WAIT))
    view = opens()
    sandbox.drop_socket()
    assert alice.submit(view, {"Name": "Ann"}) is not None
    assert alice.notice() == "We had some trouble connecting. Try again?"
    released.set()


@pytest.mark.parametrize(("person", "text"), [("UALICE", "/unknown"), ("UOUT", "/report")])
def test_who_cannot_send_a_command(sandbox: Sandbox, person: str, text: str) -> None:
    with pytest.raises(RefusedError, match="not a valid command"):
        sandbox.person(person).command(text)


def test_a_click_says_who_where_and_what(sandbox: Sandbox, bolt: App, connect: Connect) -> None:
    got: Queue[dict[str, Any]] = Queue()

    @bolt.action("pick")
    def pick(ack: Any, body: dict[str, Any]) -> None:
        got.put(body)
        ack()

    connect(bolt)
    menu = {"type": "static_select", "action_id": "pick", "options": [option("One", "1"), option("Two", "2")]}
    blocks = [section("A", block_id="a", accessory=menu), section("B", block_id="b", accessory=menu)]
    ts = bolt.client.chat_postMessage(channel="CSHARED", text="t", blocks=blocks)["ts"]
    olga = sandbox.person("UOUT")
    (message,) = olga.messages("CSHARED")
    olga.select(message, "pick", "Two", near="B")
    body = got.get(timeout=WAIT)
    assert (body["user"]["id"], body["user"]["team_id"], body["team"]["id"]) == (
        "UOUT",
        "T0ELSEWHERE",
        "T0ELSEWHERE",
    )
    assert body["container"] == {
        "type": "message",
        "message_ts": ts,
        "channel_id": "CSHARED",
        "is_ephemeral": False,
    }
    (action,) = body["actions"]
    assert (action["block_id"], action["type"], action["selected_option"]["value"]) == ("b", "static_select", "2")
    assert body["message"]["blocks"] == bolt.client.conversations_history(channel="CSHARED")["messages"][0]["blocks"]


def test_a_click_on_what_is_gone_or_not_on_offer_is_not_sent(sandbox: Sandbox, client: WebClient) -> None:
    menu = {"type": "static_select", "action_id": "pick", "options": [option("One", "1")]}
    posted = client.chat_postMessage(channel="UALICE", text="t", blocks=[actions(menu, button())])
    alice = sandbox.person("UALICE")
    message = the_dm(alice)
    with pytest.raises(RefusedError):
        alice.click(message, "pick", selected_option=option("Two", "2"))
    with pytest.raises(LookupError, match="0 elements match"):
        alice.click(message, "Go away")
    client.chat_update(channel=posted["channel"], ts=posted["ts"], text="t", blocks=[section()])
    with pytest.raises(RefusedError):
        alice.click(message, "Go")
    with pytest.raises(RefusedError, match="cannot sign in"):
        sandbox.person("UGONE").click(message, "Go")


def test_a_dialog_round_trip_with_errors_push_and_update(
    bolt: App, opens: Callable[..., SeenView], alice: Actor
) -> None:
    second = modal(field("Reason", "reason"), callback_id="second", title=plain("Second"))
    changed = modal(field("Name", "name"), field("More", "more", optional=True), title=plain("Changed"))

    @bolt.view("form")
    def submit(ack: Any, view: dict[str, Any]) -> None:
        name = view["state"]["values"]["name"]["value"]["value"]
        answers: dict[str, dict[str, Any]] = {
            "short": {"response_action": "errors", "errors": {"name": "Too short"}},
            "push": {"response_action": "push", "view": second},
            "update": {"response_action": "update", "view": changed},
        }
        ack(**answers.get(name, {}))

    bolt.view("second")(lambda ack: ack(response_action="clear"))
    view = alice.submit(opens(), {"Name": "short"})
    assert view is not None
    assert (view.errors, view.value("Name")) == ({"name": "Too short"}, "short")
    view = alice.submit(view, {"Name": "update"})
    assert view is not None
    assert (view.title, view.errors, view.value("Name"), view.labels) == (
        "Changed",
        {},
        "update",
        ["Name", "More"],
    )
    pushed = alice.submit(view, {"Name": "push"})
    assert pushed is not None
    assert (pushed.title, pushed.definition["previous_view_id"]) == ("Second", view.id)
    assert alice.submit(pushed, {"Reason": "because"}) is None


@pytest.mark.parametrize(
    "body",
    [
        {"response_action": "errors", "errors": {"value": "keyed by action_id"}},
        {"response_action": "push", "view": modal(title=plain("t" * 25))},
    ],
    ids=["error key", "long title"],
)
def test_an_invalid_ack_is_shown_to_the_person_and_recorded(
    sandbox: Sandbox, bolt: App, opens: Callable[..., SeenView], alice: Actor, body: dict[str, Any]
) -> None:
    bolt.view("form")(lambda ack: ack(**body))
    view = opens()
    assert the_view(alice).id == view.id
    alice.submit(view, {"Name": "Ann"})
    assert alice.notice() == "We had some trouble connecting. Try again?"
    assert the_view(alice).id == view.id
    assert [call.method for call in sandbox.refused] == ["ack:view_submission"]


def _number(**more: Any) -> dict[str, Any]:
    return {"type": "number_input", "action_id": "v", "is_decimal_allowed": False, **more}


@pytest.mark.parametrize(
    ("element", "wrong", "right"),
    [
        ({"type": "plain_text_input", "action_id": "v"}, None, "x"),
        ({"type": "plain_text_input", "action_id": "v", "max_length": 3}, "four", "for"),
        ({"type": "plain_text_input", "action_id": "v", "min_length": 3}, "no", "yes"),
        (_number(min_value="0", max_value="100"), 101, 100),
        (_number(min_value="0"), -1, 0),
        (_number(), "1.5", "2"),
        (_number(), "lots", "1"),
        ({"type": "email_text_input", "action_id": "v"}, "ann", "ann@example.org"),
        ({"type": "url_text_input", "action_id": "v"}, "example.org", "https://example.org"),
        ({"type": "datepicker", "action_id": "v"}, None, "2025-09-30"),
        ({"type": "multi_users_select", "action_id": "v"}, [], ["UBOB"]),
    ],
)
def test_what_the_client_refuses_is_never_sent(
    bolt: App, opens: Callable[..., SeenView], alice: Actor, element: dict[str, Any], wrong: Any, right: Any
) -> None:
    sent: Queue[dict[str, Any]] = Queue()

    @bolt.view("form")
    def submit(ack: Any, view: dict[str, Any]) -> None:
        sent.put(view["state"]["values"]["b"]["v"])
        ack()

    view = opens(field("Answer", "b", element))
    with pytest.raises(RefusedError) as refused:
        alice.submit(view, {"Answer": wrong})
    assert set(refused.value.errors) == {"b"}
    assert the_view(alice).errors == refused.value.errors
    assert alice.submit(view, {"Answer": right}) is None
    assert [value for key, value in sent.get(timeout=WAIT).items() if key != "type"] in ([right], [str(right)])
    assert sent.empty()


def test_every_field_arrives_as_slack_sends_it(bolt: App, opens: Callable[..., SeenView], alice: Actor) -> None:
    sent: Queue[dict[str, Any]] = Queue()

    @bolt.view("form")
    def submit(ack: Any, view: dict[str, Any]) -> None:
        sent.put(view["state"]["values"])
        ack()

    def of(kind: str, **more: Any) -> dict[str, Any]:
        return field(kind, kind, {"type": kind, "action_id": "v", **more}, optional=True)

    options = {"options": [option("Red", "r"), option("Blue", "b")]}
    view = opens(
        of("plain_text_input"),
        of("static_select", **options),
        of("multi_static_select", **options),
        of("checkboxes", **options, initial_options=[option("Red", "r")]),
        of("radio_buttons", **options),
        of("users_select"),
        of("multi_users_select"),
        of("datepicker", initial_date="2025-09-30"),
        of("conversations_select"),
    )
    assert view.value("checkboxes") == ["r"]
    alice.submit(view, {"static_select": "Blue", "multi_static_select": ["Red", "b"], "users_select": "UBOB"})
    values = {block_id: answers["v"] for block_id, answers in sent.get(timeout=WAIT).items()}
    assert values["static_select"] == {"type": "static_select", "selected_option": option("Blue", "b")}
    assert values["multi_static_select"]["selected_options"] == [option("Red", "r"), option("Blue", "b")]
    assert values["plain_text_input"] == {"type": "plain_text_input", "value": None}
    assert values["radio_buttons"] == {"type": "radio_buttons", "selected_option": None}
    assert values["multi_users_select"] == {"type": "multi_users_select", "selected_users": []}
    assert values["users_select"]["selected_user"] == "UBOB"
    assert values["datepicker"]["selected_date"] == "2025-09-30"


def test_typed_text_is_kept_while_its_ids_are_kept(bolt: App, opens: Callable[..., SeenView], alice: Actor) -> None:
    def named(block_id: str, initial: str) -> dict[str, Any]:
        element = {"type": "plain_text_input", "action_id": "value", "initial_value": initial}
        return field(block_id, block_id, element)

    hashes: Queue[dict[str, Any]] = Queue()

    @bolt.action("more")
    def add(ack: Any, body: dict[str, Any], client: WebClient) -> None:
        view = modal(named("kept", "new"), named("reset-2", "new"), actions(button("More", "more")))
        hashes.put(client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=view)["view"])
        ack()

    view = opens(named("kept", "old"), named("reset-1", "old"), actions(button("More", "more")))
    alice.fill(view, {"kept": "typed", "reset-1": "typed"})
    alice.click(view, "More")
    now = the_view(alice)
    assert (now.id, now.value("kept"), now.value("reset-2")) == (view.id, "typed", "new")
    assert now.hash == hashes.get(timeout=WAIT)["hash"] != view.hash


def test_a_stale_hash_is_refused(bolt: App, opens: Callable[..., SeenView]) -> None:
    view = opens()
    update = bolt.client.views_update
    update(view_id=view.id, hash=view.hash, view=modal())
    with pytest.raises(SlackApiError, match="hash_conflict"):
        update(view_id=view.id, hash=view.hash, view=modal())
    update(view_id=view.id, view=modal())


def test_a_closed_dialog_cannot_be_updated(bolt: App, opens: Callable[..., SeenView], alice: Actor) -> None:
    closed: Queue[dict[str, Any]] = Queue()

    @bolt.view_closed("form")
    def on_close(ack: Any, body: dict[str, Any]) -> None:
        closed.put(body)
        ack()

    view = opens(notify_on_close=True)
    alice.fill(view, {"Name": "half"})
    alice.close(view)
    body = closed.get(timeout=WAIT)
    assert (body["view"]["id"], body["is_cleared"]) == (view.id, False)
    assert body["view"]["state"]["values"]["name"]["value"]["value"] == "half"
    with pytest.raises(SlackApiError, match="not_found"):
        bolt.client.views_update(view_id=view.id, view=modal())
    with pytest.raises(RefusedError, match="not open any more"):
        alice.submit(view)


def test_a_trigger_opens_one_view_while_it_is_fresh(new_sandbox: NewSandbox, connect: Connect) -> None:
    sandbox = new_sandbox(patience=0.3)
    client = WebClient(token=APP.bot_token, base_url=sandbox.api_url, retry_handlers=[])
    bolt = App(client=client)
    triggers: Queue[str] = Queue()

    @bolt.command("/report")
    def report(ack: Any, command: dict[str, Any]) -> None:
        triggers.put(command["trigger_id"])
        ack()

    connect(bolt)
    alice = sandbox.person("UALICE")
    alice.command("/report")
    trigger = triggers.get(timeout=WAIT)
    assert client.views_open(trigger_id=trigger, view=modal())["view"]["id"] == the_view(alice).id
    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        client.views_open(trigger_id=trigger, view=modal())
    with pytest.raises(SlackApiError, match="invalid_trigger_id"):
        client.views_open(trigger_id="12345.98765.abcd", view=modal())
    alice.command("/report")
    late = triggers.get(timeout=WAIT)
    threading.Event().wait(0.35)  # a trigger's life is real time, there is nothing else to wait for
    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        client.views_open(trigger_id=late, view=modal())


def test_a_stack_holds_three_dialogs(bolt: App, opens: Callable[..., SeenView], alice: Actor) -> None:
    errors: Queue[str] = Queue()

    @bolt.action("deeper")
    def deeper(ack: Any, body: dict[str, Any], client: WebClient) -> None:
        try:
            client.views_push(trigger_id=body["trigger_id"], view=modal(actions(button("Deeper", "deeper"))))
        except SlackApiError as error:
            errors.put(error.response["error"])
        ack()

    first = opens(actions(button("Deeper", "deeper")))
    for _ in range(2):
        alice.click(the_view(alice), "Deeper")
    third = the_view(alice)
    assert third.definition["root_view_id"] == first.id
    alice.click(third, "Deeper")
    assert errors.get(timeout=WAIT) == "push_limit_reached"
    with pytest.raises(RefusedError, match="in front"):
        alice.submit(first)
    alice.close(third)
    assert the_view(alice).id == third.definition["previous_view_id"]
    alice.close(the_view(alice), whole_stack=True)
    assert alice.top_view() is None


def test_external_ids_are_unique_and_find_the_view(bolt: App, opens: Callable[..., SeenView]) -> None:
    view = opens(external_id="mine")
    updated = bolt.client.views_update(external_id="mine", view=modal(external_id="mine"))
    assert updated["view"]["id"] == view.id
    with pytest.raises(SlackApiError, match="duplicate_external_id"):
        bolt.client.views_publish(user_id="UBOB", view={"type": "home", "blocks": [], "external_id": "mine"})


def test_the_home_tab(sandbox: Sandbox, bolt: App, connect: Connect, alice: Actor) -> None:
    clicked: Queue[dict[str, Any]] = Queue()

    @bolt.event("app_home_opened")
    def opened(event: dict[str, Any], client: WebClient) -> None:
        blocks = [section(f"Hello {event['user']}"), actions(button("Refresh", "refresh"))]
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    @bolt.action("refresh")
    def refresh(ack: Any, body: dict[str, Any]) -> None:
        clicked.put(body)
        ack()

    connect(bolt)
    assert alice.home() is None
    alice.open_home()
    home = alice.wait_for(alice.home)
    assert home.words == "Hello UALICE\nRefresh"
    assert sandbox.person("UBOB").home() is None
    alice.click(home, "Refresh")
    body = clicked.get(timeout=WAIT)
    assert (body["container"], body["view"]["type"]) == ({"type": "view", "view_id": home.id}, "home")
    stale = {"user_id": "UALICE", "hash": "0.0", "view": {"type": "home", "blocks": []}}
    with pytest.raises(SlackApiError, match="hash_conflict"):
        bolt.client.views_publish(**stale)


def test_response_urls_answer_replace_and_run_out(bolt: App, connect: Connect, sandbox: Sandbox, alice: Actor) -> None:
    urls: Queue[str] = Queue()

    @bolt.action("go")
    def go(ack: Any, body: dict[str, Any]) -> None:
        urls.put(body["response_url"])
        ack()

    connect(bolt)
    bolt.client.chat_postMessage(channel="CGENERAL", text="old", blocks=[actions(button())])
    (message,) = alice.messages("CGENERAL")
    alice.click(message, "Go")
    url = urls.get(timeout=WAIT)

    def respond(**body: Any) -> int:
        return fetch(url, json.dumps(body).encode(), "application/json").status

    assert respond(text="private") == 200
    assert respond(text="public", response_type="in_channel") == 200
    assert respond(text="new", replace_original=True) == 200
    assert [(m.text, m.ephemeral) for m in alice.messages("CGENERAL")] == [
        ("new", False),
        ("private", True),
        ("public", False),
    ]
    assert [m.text for m in sandbox.person("UBOB").messages("CGENERAL")] == ["new", "public"]
    assert respond(text="") == 404
    assert respond(delete_original=True) == 200
    assert respond(text="fifth") == 200
    assert respond(text="sixth") == 404
    assert [call.error for call in sandbox.refused] == ["no_text", "used_url"]


def test_an_external_select_asks_the_app_for_options(bolt: App, opens: Callable[..., SeenView], alice: Actor) -> None:
    @bolt.options("city")
    def cities(ack: Any, payload: dict[str, Any]) -> None:
        ack(options=[option(f"{payload['value']}-{n}") for n in range(101 if payload["value"] == "many" else 2)])

    element = {"type": "external_select", "action_id": "city", "min_query_length": 2}
    view = opens(field("City", "city_block", element))
    assert [o["value"] for o in alice.suggestions(view, "city", "Rom")] == ["Rom-0", "Rom-1"]
    assert alice.suggestions(view, "city", "R") == []
    assert alice.suggestions(view, "city", "many") == []


def test_a_dispatching_input_tells_the_app_as_it_is_filled(
    bolt: App, opens: Callable[..., SeenView], alice: Actor
) -> None:
    got: Queue[dict[str, Any]] = Queue()

    @bolt.action("value")
    def value(ack: Any, body: dict[str, Any]) -> None:
        got.put(body)
        ack()

    view = opens(field(dispatch_action=True), field("Quiet", "quiet"))
    alice.fill(view, {"Quiet": "one", "Name": "two"})
    body = got.get(timeout=WAIT)
    assert body["actions"][0]["value"] == "two"
    assert body["view"]["state"]["values"]["quiet"]["value"]["value"] == "one"
    assert got.empty()


def test_messages_of_people_reach_the_app_where_it_may_read(
    sandbox: Sandbox, bolt: App, connect: Connect, alice: Actor
) -> None:
    got: Queue[dict[str, Any]] = Queue()

    @bolt.event("message")
    @bolt.event("app_mention")
    def heard(event: dict[str, Any]) -> None:
        got.put(event)

    connect(bolt)
    alice.say("hello app")
    event = got.get(timeout=WAIT)
    assert (event["channel_type"], event["text"], event["user"]) == ("im", "hello app", "UALICE")
    sandbox.person("UBOB").say("not for the app", "COPEN")
    alice.say("<@UBOT> help", "CGENERAL")
    assert {got.get(timeout=WAIT)["type"] for _ in range(2)} == {"message", "app_mention"}
    alice.upload("notes.txt", b"notes", "CGENERAL")
    event = got.get(timeout=WAIT)
    assert (event["subtype"], event["files"][0]["name"]) == ("file_share", "notes.txt")
    assert got.empty()


def test_an_event_without_subscription_or_scope_is_not_sent(new_sandbox: NewSandbox, connect: Connect) -> None:
    sandbox = new_sandbox(app=replace(APP, scopes=["chat:write"], events=["message.im", "user_change"]))
    bolt = App(client=WebClient(token=APP.bot_token, base_url=sandbox.api_url))
    got: Queue[str] = Queue()
    bolt.event("message")(lambda: got.put("message"))
    bolt.event("app_home_opened")(lambda: got.put("home"))
    bolt.event("user_change")(lambda: got.put("user"))
    connect(bolt)
    alice = sandbox.person("UALICE")
    alice.say("unread")
    alice.open_home()
    sandbox.change_person("UBOB", deleted=True)
    assert got.get(timeout=WAIT) == "user"


def test_shortcuts(bolt: App, connect: Connect, alice: Actor) -> None:
    got: Queue[dict[str, Any]] = Queue()

    @bolt.shortcut("ask")
    def ask(ack: Any, body: dict[str, Any], client: WebClient) -> None:
        client.views_open(trigger_id=body["trigger_id"], view=modal())
        ack()

    @bolt.shortcut("quote")
    def quote(ack: Any, body: dict[str, Any]) -> None:
        got.put(body)
        ack()

    connect(bolt)
    alice.shortcut("ask")
    assert the_view(alice).callback_id == "form"
    ts = bolt.client.chat_postMessage(channel="CGENERAL", text="quotable")["ts"]
    alice.shortcut("quote", alice.messages("CGENERAL")[0])
    body = got.get(timeout=WAIT)
    assert (body["type"], body["message"]["text"], body["message_ts"]) == ("message_action", "quotable", ts)
    with pytest.raises(RefusedError):
        alice.shortcut("quote")


def test_a_file_input_hands_over_files(bolt: App, opens: Callable[..., SeenView], alice: Actor) -> None:
    sent: Queue[dict[str, Any]] = Queue()

    @bolt.view("form")
    def submit(ack: Any, view: dict[str, Any]) -> None:
        sent.put(view["state"]["values"]["plan"]["v"]["files"][0])
        ack()

    view = opens(field("Plan", "plan", {"type": "file_input", "action_id": "v"}))
    alice.submit(view, {"Plan": [{"name": "plan.txt", "content_base64": "cGxhbg=="}]})
    file = sent.get(timeout=WAIT)
    assert file["name"] == "plan.txt"
    assert fetch(file["url_private"]).body.startswith(b"<!DOCTYPE html>"), "without the token, the page to sign in"
    assert fetch(file["url_private"], token=APP.bot_token).body == b"plan"


def test_the_app_hears_of_a_file_that_is_dropped_where_it_can_see_it(bolt: App, connect: Connect, alice: Actor) -> None:
    heard: Queue[dict[str, Any]] = Queue()

    @bolt.event("file_shared")
    def shared(event: dict[str, Any]) -> None:
        heard.put(event)

    connect(bolt)
    alice.upload("plan.yaml", b"company: x")
    event = heard.get(timeout=WAIT)
    assert (event["user_id"], event["channel_id"]) == (alice.id, the_dm(alice).conversation)
    assert bolt.client.files_info(file=event["file_id"])["file"]["name"] == "plan.yaml"


def test_the_app_hears_that_it_was_invited(bolt: App, connect: Connect, sandbox: Sandbox) -> None:
    heard: Queue[dict[str, Any]] = Queue()

    @bolt.event("member_joined_channel")
    def joined(event: dict[str, Any]) -> None:
        heard.put(event)

    connect(bolt)
    bob = sandbox.person("UBOB")
    with pytest.raises(RefusedError):
        bob.command("/invite @somebody", "COPEN")
    bob.command("/invite @Helper", "COPEN")
    event = heard.get(timeout=WAIT)
    assert (event["user"], event["channel"]) == (APP.bot_user, "COPEN")
    assert bolt.client.conversations_info(channel="COPEN")["channel"]["is_member"]
