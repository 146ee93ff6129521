"""The page in a real browser, with the real sandbox and a small Bolt app behind it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
from browsing import PHONE, sideways, visit
from kit import actions, button, field, modal, mrkdwn, option, plain, section
from playwright.sync_api import Page, expect
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler

from bot.sandbox.people import Stop, Tour
from bot.sandbox.server import Sandbox

pytestmark = pytest.mark.browser

Connect = Callable[[App], SocketModeHandler]

HOSTILE = "<script>document.title='owned'</script> <img src=x onerror=alert(1)> <!channel> &amp; it's"
ESCAPED = HOSTILE.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
NOON_IN_PARIS = 1769857200  # 2026-01-31 12:00, Alice's wall clock, in UNIX seconds
CHOICES = [option("Red", "red"), option("Green", "green"), option("Blue", "blue")]


def element(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "action_id": "value", **more}


EVERY_FIELD = {
    "line": element("plain_text_input", focus_on_load=True),
    "lines": element("plain_text_input", multiline=True, max_length=200),
    "number": element("number_input", is_decimal_allowed=True),
    "email": element("email_text_input"),
    "url": element("url_text_input"),
    "rich": element("rich_text_input"),
    "date": element("datepicker"),
    "time": element("timepicker"),
    "moment": element("datetimepicker"),
    "static": element("static_select", options=CHOICES),
    "grouped": element("static_select", option_groups=[{"label": plain("Colours"), "options": CHOICES}]),
    "external": element("external_select", min_query_length=1),
    "person": element("users_select"),
    "place": element("conversations_select"),
    "channel": element("channels_select"),
    "statics": element("multi_static_select", options=CHOICES, initial_options=CHOICES[:1]),
    "people": element("multi_users_select"),
    "radio": element("radio_buttons", options=CHOICES),
    "boxes": element("checkboxes", options=CHOICES),
    "file": element("file_input"),
}
TYPED = {
    "lines": "One\nTwo",
    "number": "12.5",
    "email": "a@example.org",
    "url": "https://example.org/",
    "rich": "Rich",
    "date": "2026-01-31",
    "time": "09:30",
    "moment": "2026-01-31T12:00",
}
CHOSEN = {
    "static": "Green",
    "grouped": "Blue",
    "external": "Found r",
    "person": "Bobby",
    "place": "#general",
    "channel": "#general",
    "statics": "Blue",
    "people": "Alice",
}
RICH = {"type": "rich_text_section", "elements": [{"type": "text", "text": "Rich"}]}
ARRIVED = {
    "line": {"value": HOSTILE},
    "lines": {"value": "One\nTwo"},
    "number": {"value": "12.5"},
    "email": {"value": "a@example.org"},
    "url": {"value": "https://example.org/"},
    "rich": {"rich_text_value": {"type": "rich_text", "elements": [RICH]}},
    "date": {"selected_date": "2026-01-31"},
    "time": {"selected_time": "09:30"},
    "moment": {"selected_date_time": NOON_IN_PARIS},
    "static": {"selected_option": CHOICES[1]},
    "grouped": {"selected_option": CHOICES[2]},
    "external": {"selected_option": option("Found r")},
    "person": {"selected_user": "UBOB"},
    "place": {"selected_conversation": "CGENERAL"},
    "channel": {"selected_channel": "CGENERAL"},
    "statics": {"selected_options": [CHOICES[0], CHOICES[2]]},
    "people": {"selected_users": ["UALICE"]},
    "radio": {"selected_option": CHOICES[1]},
    "boxes": {"selected_options": [CHOICES[0], CHOICES[2]]},
}


@pytest.fixture
def submissions(sandbox: Sandbox, bolt: App, connect: Connect) -> Queue[dict[str, Any]]:
    """An app that asks Alice in a dialog for everything, tells what it got, and says so in a message."""
    received: Queue[dict[str, Any]] = Queue()
    blocks = [field(name.title(), name, shown) for name, shown in EVERY_FIELD.items()]

    @bolt.action("ask")
    def ask(ack: Any, body: Any, client: Any) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=modal(*blocks))

    @bolt.options("value")
    def offer(ack: Any, payload: Any) -> None:
        ack(options=[option(f"Found {payload['value']}")])

    @bolt.view("form")
    def take(ack: Any, view: Any, client: Any) -> None:
        values = view["state"]["values"]
        received.put(values)
        ack()
        words = values["line"]["value"]["value"].replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        client.chat_postMessage(channel="UALICE", text="Thank you", blocks=[section(f"Thank you: {words}")])

    invite(bolt)
    connect(bolt)
    return received


def invite(bolt: App) -> None:
    ask = actions(button("Fill in", "ask"), block_id="doors")
    bolt.client.chat_postMessage(channel="UALICE", text="Please fill in", blocks=[section("Please"), ask])


def choose(page: Page, name: str, words: str) -> None:
    """Pick in a select as people do: type a little, take what is offered."""
    page.get_by_test_id(f"field-{name}").press_sequentially(words.removeprefix("Found ").removeprefix("#"))
    page.get_by_test_id("option").filter(has_text=words).click()


def fill_in_everything(page: Page, folder: Path) -> None:
    page.get_by_test_id("field-line").fill(HOSTILE)
    for name, text in TYPED.items():
        page.get_by_test_id(f"field-{name}").fill(text)
    for name, words in CHOSEN.items():
        choose(page, name, words)
    page.get_by_test_id("field-radio").get_by_label("Green").check()
    page.get_by_test_id("field-boxes").get_by_label("Red").check()
    page.get_by_test_id("field-boxes").get_by_label("Blue").check()
    (folder / "plan.txt").write_text("plan")
    page.get_by_test_id("field-file").set_input_files(folder / "plan.txt")
    expect(page.get_by_test_id("field-file")).to_have_attribute("data-files", "1")


def test_every_kind_of_field_reaches_the_app(
    page: Page, sandbox: Sandbox, submissions: Queue[dict[str, Any]], tmp_path: Path
) -> None:
    visit(page, sandbox)
    page.get_by_test_id("button-ask").click()
    fill_in_everything(page, tmp_path)
    page.get_by_test_id("modal-submit").click()

    values = submissions.get(timeout=10)
    files = values.pop("file")["value"]["files"]
    expected = {name: {"value": {"type": EVERY_FIELD[name]["type"], **value}} for name, value in ARRIVED.items()}
    assert values == expected
    assert [file["name"] for file in files] == ["plan.txt"]
    expect(page.get_by_test_id("modal")).to_have_count(0)
    expect(page.get_by_test_id("messages").get_by_text(f"Thank you: {HOSTILE}")).to_be_visible()


def test_text_of_people_is_shown_as_typed_and_pings_nobody(page: Page, sandbox: Sandbox, bolt: App) -> None:
    bolt.client.chat_postMessage(
        channel="CGENERAL",
        text="quoted",
        blocks=[
            section(ESCAPED, block_id="escaped"),
            {"type": "header", "text": plain(HOSTILE), "block_id": "plain"},
            section("<!channel>", block_id="raw"),
        ],
    )
    visit(page, sandbox)
    page.get_by_test_id("conversation-CGENERAL").click()

    expect(page.get_by_test_id("block-escaped")).to_have_text(HOSTILE)
    expect(page.get_by_test_id("block-plain")).to_have_text(HOSTILE)
    expect(page.get_by_test_id("messages").locator("script, img")).to_have_count(0)
    expect(page.locator("[data-ping]")).to_have_count(1)
    expect(page.get_by_test_id("block-raw").locator("[data-ping=channel]")).to_be_visible()


DRAWN = {
    "*bold* _it_ ~st~": "<strong>bold</strong> <em>it</em> <s>st</s>",
    "*a _b_ c*": "<strong>a <em>b</em> c</strong>",
    "snake_case_name 2*3*4 a~b~c": "snake_case_name 2*3*4 a~b~c",
    "* not bold * and *neither*this": "* not bold * and *neither*this",
    "`*code* &lt;x&gt;`": "<code>*code* &lt;x&gt;</code>",
    "&amp;lt; &lt;b&gt; &quot;": "&amp;lt; &lt;b&gt; &amp;quot;",
    "> one\n&gt; two\nthree": "<blockquote>one\ntwo</blockquote>three",
    "```\n*x* <y\n```": "<pre>*x* &lt;y</pre>",
    "``` never closed": "``` never closed",
    "<javascript:alert(1)|click>": "click",
    "<!date^1769857200^{date_num} at {time}|then>": '<time title="then">2026-01-31 at 12:00</time>',
    ":no_such_emoji: 10:30:45": ":no_such_emoji: 10:30:45",
}


def test_mrkdwn_is_drawn_by_slacks_rules(page: Page, sandbox: Sandbox, bolt: App) -> None:
    blocks = [section(text, block_id=f"b{number}") for number, text in enumerate(DRAWN)]
    bolt.client.chat_postMessage(channel="UALICE", text="samples", blocks=blocks)
    visit(page, sandbox)
    drawn = [page.get_by_test_id(f"block-b{n}").locator(".section-text").inner_html() for n in range(len(DRAWN))]
    assert dict(zip(DRAWN, drawn, strict=True)) == DRAWN


def test_long_hostile_mrkdwn_is_drawn_in_no_time(page: Page, sandbox: Sandbox, bolt: App) -> None:
    texts = ["*" + "`a`" * 900, "_" + "&lt;_a" * 400, "*" + "<a>" * 900, "*_~" * 900]
    blocks = [section(text, block_id=f"b{number}") for number, text in enumerate(texts)]
    bolt.client.chat_postMessage(channel="UALICE", text="samples", blocks=blocks)
    visit(page, sandbox)
    expect(page.get_by_test_id("block-b3")).to_be_attached()


def test_what_a_person_writes_is_escaped_and_names_become_mentions(page: Page, sandbox: Sandbox) -> None:
    visit(page, sandbox)
    page.get_by_test_id("conversation-CGENERAL").click()
    page.get_by_test_id("composer").fill("@Bobby <!channel> & more")
    page.get_by_test_id("send").click()

    expect(page.get_by_test_id("messages").get_by_text("@Bobby <!channel> & more")).to_be_visible()
    [message] = sandbox.person("UALICE").messages("CGENERAL")
    assert message.text == "<@UBOB> &lt;!channel&gt; &amp; more"


def test_dialog_works_by_keyboard_and_an_error_gets_the_focus(
    page: Page, sandbox: Sandbox, bolt: App, connect: Connect
) -> None:
    view = modal(field("Name", "name"), field("Note", "note", optional=True))

    @bolt.action("ask")
    def ask(ack: Any, body: Any, client: Any) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=view)

    @bolt.view("form")
    def take(ack: Any, view: Any) -> None:
        name = view["state"]["values"]["name"]["value"]["value"]
        ack() if name == "Ada" else ack(response_action="errors", errors={"name": "Only Ada."})

    invite(bolt)
    connect(bolt)
    visit(page, sandbox)
    page.get_by_test_id("messages").focus()
    reach(page, "button-ask")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("field-name")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("error-name")).to_contain_text("required")
    expect(page.get_by_test_id("modal-submit")).not_to_have_attribute("aria-busy", "true")
    page.keyboard.type("Bob")
    reach(page, "field-note")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("error-name")).to_contain_text("Only Ada.")
    expect(page.get_by_test_id("modal-submit")).not_to_have_attribute("aria-busy", "true")
    expect(page.get_by_test_id("field-name")).to_be_focused()
    expect(page.get_by_test_id("field-name")).to_have_value("Bob")
    page.keyboard.press("Control+A")
    page.keyboard.type("Ada")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("modal")).to_have_count(0)


def reach(page: Page, testid: str) -> None:
    """Press Tab until the control has the focus."""
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.testid") == testid:
            return
    pytest.fail(f"{testid} cannot be reached with Tab")


def test_typed_text_and_focus_survive_an_update_of_the_dialog(
    page: Page, sandbox: Sandbox, bolt: App, connect: Connect
) -> None:
    more = {"type": "static_select", "action_id": "more", "options": CHOICES}
    first = modal(field("Name", "name"), actions(more, block_id="more"))
    second = modal(section("*Green* it is", block_id="news"), field("Full name", "name"), field("Name", "fresh"))

    @bolt.action("ask")
    def ask(ack: Any, body: Any, client: Any) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=first)

    @bolt.action("more")
    def update(ack: Any, body: Any, client: Any) -> None:
        ack()
        client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=second)

    invite(bolt)
    connect(bolt)
    visit(page, sandbox)
    page.get_by_test_id("button-ask").click()
    page.get_by_test_id("field-name").fill("Ada")
    page.get_by_test_id("element-more").click()
    page.get_by_test_id("option").filter(has_text="Green").click()

    expect(page.get_by_test_id("block-news")).to_have_text("Green it is")
    expect(page.get_by_test_id("field-name")).to_have_value("Ada")
    expect(page.get_by_test_id("field-fresh")).to_have_value("")


def test_message_that_arrives_leaves_what_is_being_written(page: Page, sandbox: Sandbox, bolt: App) -> None:
    visit(page, sandbox)
    page.get_by_test_id("conversation-CGENERAL").click()
    page.get_by_test_id("composer").fill("half a sent")
    bolt.client.chat_postMessage(channel="CGENERAL", text="Meanwhile")
    expect(page.get_by_test_id("messages").get_by_text("Meanwhile")).to_be_visible()
    expect(page.get_by_test_id("announcer")).to_contain_text("New message from Helper in general: Meanwhile")
    expect(page.get_by_test_id("composer")).to_have_value("half a sent")
    expect(page.get_by_test_id("composer")).to_be_focused()


def test_phone_shows_one_pane_at_a_time_without_sideways_scrolling(page: Page, sandbox: Sandbox, bolt: App) -> None:
    cell = {"type": "raw_text", "text": "A cell that is rather wide"}
    bolt.client.chat_postMessage(
        channel="CGENERAL",
        text="wide",
        blocks=[
            section("w" * 400),
            {"type": "context", "elements": [mrkdwn("https://example.org/" + "x" * 300)]},
            actions(*[button(f"A button of some width {n}", f"b{n}") for n in range(4)]),
            {"type": "table", "rows": [[cell] * 8] * 3},
        ],
    )
    page.set_viewport_size(PHONE)
    visit(page, sandbox)
    assert not sideways(page)
    page.get_by_test_id("conversation-CGENERAL").click()
    expect(page.get_by_test_id("composer")).to_be_visible()
    expect(page.get_by_test_id("person-switcher")).to_be_hidden()
    expect(page.get_by_role("region", name="Table")).to_be_visible()
    assert not sideways(page)
    page.get_by_test_id("back").click()
    expect(page.get_by_test_id("person-switcher")).to_be_visible()


def test_phone_says_where_to_start_until_the_guide_is_put_away(page: Page, new_sandbox: Callable[..., Sandbox]) -> None:
    page.set_viewport_size(PHONE)
    visit(page, new_sandbox(tour=Tour("Move the clock.")))
    page.get_by_test_id("guide-hint").click()
    expect(page.get_by_test_id("guide")).to_be_visible()
    page.get_by_test_id("guide-dismiss").click()
    expect(page.get_by_test_id("person-switcher")).to_be_visible()
    expect(page.get_by_test_id("guide-hint")).to_be_hidden()


def test_phone_leaves_the_guide_for_what_a_stop_brings(page: Page, new_sandbox: Callable[..., Sandbox]) -> None:
    clock = [datetime(2026, 1, 5, 8, tzinfo=UTC)]
    stop = Stop("opening", "Opening day", datetime(2026, 1, 12, 8, tzinfo=UTC))
    page.set_viewport_size(PHONE)
    visit(page, new_sandbox(now=lambda: clock[-1], tour=Tour("Go.", stops=lambda: [stop], move_to=clock.append)))
    page.get_by_test_id("guide-hint").click()
    page.get_by_test_id("clock-stop-opening").click()
    expect(page.get_by_test_id("clock-stop-opening")).to_contain_text("passed")
    expect(page.get_by_test_id("person-switcher")).to_be_visible()


def test_one_becomes_another_person_by_searching_their_name(page: Page, sandbox: Sandbox) -> None:
    visit(page, sandbox)
    page.get_by_test_id("person-switcher").click()
    page.get_by_test_id("person-search").fill("bob")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("person-switcher")).to_contain_text("Bobby")
    expect(page).to_have_url(re.compile("#/UBOB"))


def test_home_tab_opens_with_its_fields_and_buttons(page: Page, sandbox: Sandbox, bolt: App, connect: Connect) -> None:
    pressed: Queue[dict[str, Any]] = Queue()
    blocks = [field("Filter", "filter"), actions(button("Show", "show"), block_id="shows")]

    @bolt.event("app_home_opened")
    def publish(event: Any, client: Any) -> None:
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    @bolt.action("show")
    def show(ack: Any, body: Any) -> None:
        ack()
        pressed.put(body["view"]["state"]["values"])

    connect(bolt)
    visit(page, sandbox)
    page.get_by_test_id("tab-home").click()
    page.get_by_test_id("home").get_by_test_id("field-filter").fill("late")
    page.get_by_test_id("button-show").click()
    assert pressed.get(timeout=10) == {"filter": {"value": {"type": "plain_text_input", "value": "late"}}}


def test_command_is_completed_and_its_answer_marked_as_private(
    page: Page, sandbox: Sandbox, bolt: App, connect: Connect
) -> None:
    @bolt.command("/report")
    def report(ack: Any, command: Any) -> None:
        ack(f"Working on {command['text']}")

    connect(bolt)
    visit(page, sandbox)
    page.get_by_test_id("composer").press_sequentially("/re")
    expect(page.get_by_test_id("command-report")).to_contain_text("[project]")
    page.keyboard.press("Tab")
    page.keyboard.type("portal")
    page.keyboard.press("Enter")
    answer = page.get_by_role("article").filter(has_text="Working on portal")
    expect(answer).to_contain_text("Only visible to you")


def test_clock_moves_to_a_stop_which_is_then_passed(page: Page, new_sandbox: Callable[..., Sandbox]) -> None:
    clock = [datetime(2026, 1, 5, 8, tzinfo=UTC)]
    stop = Stop("opening", "Opening day", datetime(2026, 1, 12, 8, tzinfo=UTC))
    tour = Tour("Move the clock.", stops=lambda: [stop], move_to=clock.append)
    sandbox = new_sandbox(now=lambda: clock[-1], tour=tour)
    visit(page, sandbox)
    expect(page.get_by_test_id("guide")).to_contain_text("Move the clock.")
    expect(page.get_by_test_id("clock-now")).to_contain_text("Mon 5 Jan 2026, 09:00")
    page.get_by_test_id("clock-stop-opening").click()
    expect(page.get_by_test_id("clock-now")).to_contain_text("Mon 12 Jan 2026, 09:00")
    expect(page.get_by_test_id("clock-stop-opening")).to_contain_text("passed")
    expect(page.get_by_test_id("clock-stop-opening")).to_be_disabled()


def test_permalink_of_a_reply_opens_its_thread(page: Page, sandbox: Sandbox, bolt: App) -> None:
    root = bolt.client.chat_postMessage(channel="CGENERAL", text="Root")["ts"]
    reply = bolt.client.chat_postMessage(channel="CGENERAL", text="Deep answer", thread_ts=root)["ts"]
    visit(page, sandbox)
    page.goto(bolt.client.chat_getPermalink(channel="CGENERAL", message_ts=reply)["permalink"])
    expect(page.get_by_test_id("thread-messages")).to_contain_text("Deep answer")
    expect(page.get_by_test_id(f"thread-{root}")).to_have_text("💬 1 reply")
