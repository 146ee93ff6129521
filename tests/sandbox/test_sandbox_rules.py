"""Each limit of Slack: the last value that passes, and the first that does not."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit import actions, button, field, modal, mrkdwn, option, plain, section

from bot.sandbox.rules import check_ack, check_message, check_update, check_view

Blocks = list[dict[str, Any]]
Make = Callable[[int], Any]


def message(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"text": "x", "blocks": list(blocks), **more}


def codes(problems: list[Any]) -> list[str]:
    return [problem.error for problem in problems]


def select(**more: Any) -> dict[str, Any]:
    return {"type": "static_select", "action_id": "s", "options": [option("a")], **more}


def choices(kind: str, count: int) -> dict[str, Any]:
    return {"type": kind, "action_id": "c", "options": [option(str(n)) for n in range(count)]}


def typed(**more: Any) -> dict[str, Any]:
    return {"type": "plain_text_input", "action_id": "t", **more}


def number(**more: Any) -> dict[str, Any]:
    return {"type": "number_input", "action_id": "n", "is_decimal_allowed": False, **more}


def table(rows: int, columns: int, text: str = "x") -> dict[str, Any]:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": text}] * columns] * rows}


def rich(text: str) -> dict[str, Any]:
    part = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [part]}


CONFIRM = {"title": plain("t"), "text": mrkdwn("t"), "confirm": plain("y"), "deny": plain("n")}

# (what, the greatest that passes, how to make one of a size)
MESSAGE_LIMITS: list[tuple[str, int, Make]] = [
    ("blocks", 50, lambda n: message(*[{"type": "divider"}] * n)),
    ("block_id", 255, lambda n: message({"type": "divider", "block_id": "b" * n})),
    ("header", 150, lambda n: message({"type": "header", "text": plain("h" * n)})),
    ("section text", 3000, lambda n: message(section("s" * n))),
    ("section fields", 10, lambda n: message({"type": "section", "fields": [mrkdwn("f")] * n})),
    ("section field", 2000, lambda n: message({"type": "section", "fields": [mrkdwn("f" * n)]})),
    ("context elements", 10, lambda n: message({"type": "context", "elements": [mrkdwn("c")] * n})),
    ("actions", 25, lambda n: message(actions(*[button(action_id=f"a{i}") for i in range(n)]))),
    ("action_id", 255, lambda n: message(actions(button(action_id="a" * n)))),
    ("button text", 75, lambda n: message(actions(button("b" * n)))),
    ("button value", 2000, lambda n: message(actions(button(value="v" * n)))),
    ("button label", 75, lambda n: message(actions(button(accessibility_label="v" * n)))),
    ("button url", 3000, lambda n: message(actions(button(url="https://" + "u" * (n - 8))))),
    ("options", 100, lambda n: message(actions(select(options=[option(str(i)) for i in range(n)])))),
    ("option text", 75, lambda n: message(actions(select(options=[option("o" * n, "v")])))),
    ("option value", 150, lambda n: message(actions(select(options=[option("o", "v" * n)])))),
    ("placeholder", 150, lambda n: message(actions(select(placeholder=plain("p" * n))))),
    ("radio buttons", 10, lambda n: message(actions(choices("radio_buttons", n)))),
    ("checkboxes", 10, lambda n: message(actions(choices("checkboxes", n)))),
    ("overflow options", 5, lambda n: message(actions(choices("overflow", n)))),
    ("confirm title", 100, lambda n: message(actions(button(confirm={**CONFIRM, "title": plain("t" * n)})))),
    ("confirm text", 300, lambda n: message(actions(button(confirm={**CONFIRM, "text": plain("t" * n)})))),
    ("confirm button", 30, lambda n: message(actions(button(confirm={**CONFIRM, "deny": plain("t" * n)})))),
    ("alt text", 2000, lambda n: message({"type": "image", "image_url": "https://a.b", "alt_text": "t" * n})),
    ("list indent", 8, lambda n: message(rich_list(n))),
    ("table rows", 100, lambda n: message(table(n, 1))),
    ("table columns", 20, lambda n: message(table(1, n))),
    ("table characters", 10_000, lambda n: message(long_table(n))),
    ("markdown", 12_000, lambda n: message({"type": "markdown", "text": "m" * n})),
    ("all blocks", 13_000, lambda n: message(*[section("s" * 3000)] * 4, section("s" * (n - 12_000)))),
    ("text", 40_000, lambda n: {"text": "t" * n}),
    ("markdown_text", 12_000, lambda n: {"markdown_text": "t" * n}),
    ("attachments", 100, lambda n: {"text": "t", "attachments": [{"text": "a"}] * n}),
]


def long_table(characters: int) -> dict[str, Any]:
    rows = table(99, 1, "c" * 100)["rows"]
    return {"type": "table", "rows": [*rows, [{"type": "raw_text", "text": "c" * (characters - 9900)}]]}


def rich_list(indent: int) -> dict[str, Any]:
    items = rich("x")["elements"]
    part = {"type": "rich_text_list", "style": "bullet", "indent": indent, "elements": items}
    return {"type": "rich_text", "elements": [part]}


VIEW_LIMITS: list[tuple[str, int, Make]] = [
    ("title", 24, lambda n: modal(title=plain("t" * n))),
    ("submit", 24, lambda n: modal(submit=plain("t" * n))),
    ("close", 24, lambda n: modal(close=plain("t" * n))),
    ("blocks", 100, lambda n: modal(*[{"type": "divider"}] * n)),
    ("private_metadata", 3000, lambda n: modal(private_metadata="m" * n)),
    ("callback_id", 255, lambda n: modal(callback_id="c" * n)),
    ("external_id", 255, lambda n: modal(external_id="c" * n)),
    ("label", 2000, lambda n: modal(field("l" * n))),
    ("hint", 2000, lambda n: modal(field(hint=plain("h" * n)))),
    ("initial value", 3000, lambda n: modal(field(element=typed(initial_value="i" * n)))),
    ("max_length", 3000, lambda n: modal(field(element=typed(max_length=n)))),
    ("min_length", 3000, lambda n: modal(field(element=typed(min_length=n)))),
    ("own max_length", 10, lambda n: modal(field(element=typed(max_length=10, initial_value="i" * n)))),
    ("number", 10, lambda n: modal(field(element=number(max_value="10", initial_value=str(n))))),
    ("files", 10, lambda n: modal(field(element={"type": "file_input", "max_files": n}))),
    ("lines", 100, lambda n: modal(field(element={"type": "rich_text_input", "max_lines": n}))),
]


@pytest.mark.parametrize(("what", "most", "make"), MESSAGE_LIMITS, ids=lambda v: v if isinstance(v, str) else "")
def test_message_limit(what: str, most: int, make: Make) -> None:
    assert check_message(make(most)) == []
    assert len(check_message(make(most + 1))) == 1


@pytest.mark.parametrize(("what", "most", "make"), VIEW_LIMITS, ids=lambda v: v if isinstance(v, str) else "")
def test_view_limit(what: str, most: int, make: Make) -> None:
    assert check_view(make(most)) == []
    assert codes(check_view(make(most + 1))) == ["invalid_arguments"]


EVERY_INPUT = [
    typed(),
    number(),
    select(),
    choices("radio_buttons", 1),
    choices("checkboxes", 1),
    choices("multi_static_select", 1),
    *(
        {"type": kind, "action_id": "e"}
        for kind in (
            "email_text_input",
            "url_text_input",
            "rich_text_input",
            "datepicker",
            "timepicker",
            "datetimepicker",
            "external_select",
            "multi_external_select",
            "users_select",
            "multi_users_select",
            "conversations_select",
            "multi_conversations_select",
            "channels_select",
            "multi_channels_select",
        )
    ),
]


@pytest.mark.parametrize("element", EVERY_INPUT, ids=lambda element: element["type"])
def test_every_input_element_stands_in_messages_and_modals(element: dict[str, Any]) -> None:
    assert check_message(message(field(element=element))) == []
    assert check_view(modal(field(element=element))) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "section"},
        {"type": "section", "text": "plain string"},
        {"type": "section", "text": mrkdwn("")},
        {"type": "section", "text": {"type": "mrkdwn", "text": "t", "emoji": True}},
        {"type": "section", "text": mrkdwn("t"), "colour": "red"},
        {"type": "header", "text": mrkdwn("no mrkdwn in a header")},
        {"type": "actions", "elements": []},
        {"type": "actions", "elements": [typed()]},
        {"type": "actions", "elements": [button(), button()]},
        {"type": "actions", "elements": [button(style="green")]},
        {"type": "actions", "elements": [select(initial_option=option("b"))]},
        {"type": "actions", "elements": [select(options=[option("a"), option("b", "a")])]},
        {"type": "actions", "elements": [select(option_groups=[])]},
        {"type": "actions", "elements": [{"type": "datepicker", "initial_date": "2025-02-30"}]},
        {"type": "actions", "elements": [{"type": "datepicker", "initial_date": "20250203"}]},
        {"type": "actions", "elements": [{"type": "timepicker", "initial_time": "24:00"}]},
        {"type": "actions", "elements": [{"type": "timepicker", "timezone": "Mars/Olympus"}]},
        {"type": "actions", "elements": [{"type": "users_select", "initial_user": "alice"}]},
        {"type": "actions", "elements": [{"type": "conversations_select", "filter": {}}]},
        {"type": "image", "alt_text": "neither url nor file"},
        {"type": "image", "alt_text": "a", "image_url": "https://a.b", "slack_file": {"id": "F12345678"}},
        {"type": "alert", "text": mrkdwn("only in modals")},
        {"type": "data_table"},
        field(element={"type": "file_input", "action_id": "f"}),
        field(element=number(max_value="1", min_value="2")),
        field(element=number(initial_value="1.5")),
        rich(""),
    ],
    ids=str,
)
def test_message_with_a_wrong_block_is_refused(wrong: dict[str, Any]) -> None:
    assert codes(check_message(message(section(), wrong))) == ["invalid_blocks"]


def test_a_problem_points_at_the_culprit() -> None:
    (problem,) = check_message(message(section(), actions(button("b" * 76))))
    assert problem.pointer == "/blocks/1/elements/0/text/text"
    assert problem.message == "must be less than 76 characters"


def test_block_ids_must_differ_and_action_ids_only_within_a_block() -> None:
    twice = message(actions(block_id="a"), actions(block_id="b"))
    assert check_message(twice) == []
    twice["blocks"][1]["block_id"] = "a"
    assert [problem.pointer for problem in check_message(twice)] == ["/blocks/1/block_id"]


def test_emoji_beyond_the_basic_plane_count_twice() -> None:
    assert check_message(message({"type": "header", "text": plain("é" * 150)})) == []
    assert check_message(message({"type": "header", "text": plain("🚀" * 75)})) == []
    assert codes(check_message(message({"type": "header", "text": plain("🚀" * 75 + "a")}))) == ["invalid_blocks"]


def test_one_table_a_message() -> None:
    (problem,) = check_message(message(table(1, 1), table(1, 1)))
    assert (problem.error, problem.message) == ("invalid_attachments", "only_one_table_allowed")


def test_cells_are_text_numbers_or_rich_text() -> None:
    cells = [{"type": "raw_number", "value": 1.5}, {"type": "raw_text", "text": "t"}, rich("t")]
    columns = [{"align": "right", "is_wrapped": True}, None]
    assert check_message(message({"type": "table", "rows": [cells], "column_settings": columns})) == []
    for wrong in ({"type": "raw_number", "value": "1.5"}, {"type": "raw_text", "text": ""}, mrkdwn("t")):
        assert codes(check_message(message({"type": "table", "rows": [[wrong]]}))) == ["invalid_blocks"]


def test_attachments_are_checked_like_blocks() -> None:
    assert check_message({"attachments": [{"color": "#fff", "blocks": [section()]}]}) == []
    (problem,) = check_message({"attachments": [{"blocks": [{"type": "header", "text": mrkdwn("t")}]}]})
    assert (problem.error, problem.pointer) == ("invalid_attachments", "/attachments/0/blocks/0/text/type")
    assert codes(check_message({"text": "t", "attachments": "[]"})) == ["invalid_attachments"]


def test_markdown_blocks_share_one_limit() -> None:
    halves = [{"type": "markdown", "text": "m" * 6000}, {"type": "markdown", "text": "m" * 6001}]
    assert codes(check_message(message(*halves))) == ["invalid_blocks"]


def test_the_totals_have_codes_of_their_own() -> None:
    assert codes(check_message(message(*[section("s" * 3000)] * 5))) == ["msg_blocks_too_long"]
    assert codes(check_message({"text": "t" * 40_001})) == ["msg_too_long"]
    assert codes(check_message({"text": "  "})) == ["no_text"]
    assert codes(check_message({"text": "t", "markdown_text": "m"})) == ["markdown_text_conflict"]


def test_an_update_takes_less_text_than_a_post() -> None:
    assert check_update({"text": "t" * 4000}) == []
    assert codes(check_update({"text": "t" * 4001})) == ["msg_too_long"]
    assert check_message({"text": "t" * 4001}) == []


@pytest.mark.parametrize(
    ("metadata", "error"),
    [
        ({"event_type": "sent"}, "invalid_metadata_format"),
        ({"event_type": "", "event_payload": {}}, "invalid_metadata_format"),
        ({"event_type": "sent", "event_payload": {}, "more": 1}, "invalid_metadata_format"),
        ({"event_type": "sent", "event_payload": {"x": "y" * 9000}}, "metadata_too_large"),
    ],
)
def test_metadata(metadata: dict[str, Any], error: str) -> None:
    assert check_message({"text": "t", "metadata": {"event_type": "sent", "event_payload": {"id": 1}}}) == []
    assert codes(check_message({"text": "t", "metadata": metadata})) == [error]


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": plain("t"), "submit": plain("s")},
        {**modal(), "submit_label": "s"},
        {key: value for key, value in modal().items() if key != "submit"},
        {key: value for key, value in modal().items() if key != "title"},
        {**modal(), "type": "message"},
        {"type": "home", "title": plain("t"), "blocks": []},
        {"type": "home", "blocks": [{"type": "alert", "text": plain("t")}]},
        modal(*[field(block_id=b, element=typed(focus_on_load=True)) for b in "ab"]),
        modal({"type": "markdown", "text": "m"}),
        modal(table(1, 1)),
    ],
    ids=str,
)
def test_a_wrong_view_is_refused(wrong: dict[str, Any]) -> None:
    assert codes(check_view(wrong)) == ["invalid_arguments"]


def test_a_view_is_measured_in_bytes() -> None:
    wide = [{"type": "section", "text": plain("é" * 3000)} for _ in range(50)]
    assert codes(check_view(modal(*wide))) == ["view_too_large"]
    assert check_view(modal(*wide[:40])) == []


@pytest.mark.parametrize(
    ("body", "accepted"),
    [
        (None, True),
        ({}, True),
        ({"response_action": "clear"}, True),
        ({"response_action": "errors", "errors": {"name": "Too short"}}, True),
        ({"response_action": "errors", "errors": {"value": "an action_id is not a block_id"}}, False),
        ({"response_action": "errors", "errors": {"rule": "not an input block"}}, False),
        ({"response_action": "errors", "errors": {}}, False),
        ({"response_action": "errors", "errors": {"name": ""}}, False),
        ({"response_action": "update", "view": modal()}, True),
        ({"response_action": "push", "view": modal(title=plain("t" * 25))}, False),
        ({"response_action": "push", "view": {"type": "home", "blocks": []}}, False),
        ({"response_action": "close"}, False),
        ({"text": "an ack with a text breaks the closing of a view"}, False),
    ],
)
def test_acks_of_a_submission(body: dict[str, Any] | None, accepted: bool) -> None:
    view = modal(field(), {"type": "divider", "block_id": "rule"})
    assert (check_ack(body, view) == []) is accepted


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
SOUND = message(
    section(fields=[mrkdwn("f")], accessory=select(initial_option=option("a"))),
    actions(button(confirm=CONFIRM), choices("overflow", 2)),
    field(element=number(min_value="1", initial_value="2")),
    rich("words"),
    table(2, 2),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every path to a part of a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] * bool(path) + [found for key, inner in items for found in places(inner, (*path, key))]


@given(st.sampled_from(places(SOUND["blocks"])), JSON)
def test_no_damage_to_a_sound_message_makes_the_check_fall_over(path: tuple[Any, ...], junk: Any) -> None:
    damaged = copy.deepcopy(SOUND)
    holder = damaged["blocks"]
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = junk
    for problem in check_message(damaged) + check_view({**modal(), "blocks": damaged["blocks"]}):
        assert problem.pointer.startswith("/blocks")


@given(JSON)
def test_whatever_comes_as_ack_is_judged(body: Any) -> None:
    assert isinstance(check_ack(body if isinstance(body, dict) else None, modal()), list)


def test_the_sound_message_is_sound() -> None:
    assert check_message(SOUND) == []
