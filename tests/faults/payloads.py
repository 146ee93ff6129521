"""Payloads as Slack sends them, filled with what people may type and choose; and with what nobody could have sent."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from hypothesis import strategies as st

from bot.sandbox.forms import fields
from bot.sandbox.people import TEAM_ID
from bot.sandbox.rules.objects import all_options
from bot.slack.ids import Action, Shortcut, View
from bot.slack.manifest import COMMAND, EVENTS
from tests.faults.explored import Payload
from tests.journeys.world import LEADERSHIP, NAMES, OLGA, slack_id

PEOPLE = [*map(slack_id, NAMES), "U0NOBODY", "USLACKBOT"]
TEAMS = [TEAM_ID, OLGA.team_id]
_LONGEST = 3000  # characters in a text field (docs.slack.dev/reference/block-kit/block-elements)

# Besides anything at all: what is typed into number and date fields, and what means something elsewhere.
TYPED = st.text(max_size=60) | st.sampled_from([
    "85", "85%", "1.200", "-1", "1e999", "NaN", "٣", "1,2,3", "€ 1 200 000", "999999999999999999999", "0x10", "∞",
    "2025-02-30", "31/12/2025", "next week", "Q4 2025", "=1+1", "{{ 7*7 }}", "<!channel>", "*_~`", "\x00", "\u202e",
    "🏴" * 500, "x" * _LONGEST, "&" * _LONGEST, "\n" * 100, "' OR 1=1 --", "../../etc/passwd", "%s%n", "billing | tooling",
])  # fmt: skip
_JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


def interaction(kind: str, person: str, **more: Any) -> dict[str, Any]:
    """What every interaction carries; its trigger is no good."""
    common = {"team": {"id": TEAM_ID}, "api_app_id": "A0", "trigger_id": "1.2.used", "action_ts": "1.1"}
    return {"type": kind, "user": {"id": person, "team_id": TEAM_ID}, **common, **more}


@st.composite
def submissions(draw: st.DrawFn, met: Sequence[Payload]) -> Payload:
    """One of some dialogs, filled in as anybody could, and sent by anybody."""
    payload = draw(st.sampled_from(met))
    view = {**payload["view"], "hash": uuid.uuid4().hex, "state": {"values": draw(_filled(payload["view"]))}}
    return {**payload, "user": draw(_anybody(payload)), "view": view}


@st.composite
def clicks(draw: st.DrawFn, met: Sequence[Payload]) -> Payload:
    """One of some things to press, pressed by anybody who could see it or has a copy of its message."""
    payload = draw(st.sampled_from(met))
    action = {**payload["actions"][0], "action_ts": f"{draw(st.integers(1, 2**31))}.000100"}
    pressed = {**payload, "user": draw(_anybody(payload)), "actions": [action]}
    if "view" in payload:
        pressed["view"] = {**payload["view"], "state": {"values": draw(_filled(payload["view"]))}}
    return pressed


@st.composite
def shortcuts(draw: st.DrawFn, met: Sequence[Payload]) -> Payload:
    """A shortcut, used by anybody; one on a message on one that says anything, by anybody or an app."""
    payload = draw(st.sampled_from(met))
    used = {**payload, "user": draw(_anybody(payload)), "action_ts": f"{draw(st.integers(1, 2**31))}.000100"}
    if "message" in payload:
        by = st.fixed_dictionaries(
            {}, optional={"user": st.sampled_from(PEOPLE), "username": TYPED, "blocks": st.just([])}
        )
        used["message"] = {"type": "message", "ts": "1.1", "text": draw(TYPED), **draw(by)}
    return used


def _anybody(payload: Payload) -> st.SearchStrategy[dict[str, str]]:
    """Most often who has done it in truth."""
    others = st.fixed_dictionaries({"id": st.sampled_from(PEOPLE), "team_id": st.sampled_from(TEAMS)})
    return st.just(payload["user"]) | others


@st.composite
def _filled(draw: st.DrawFn, view: Payload) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for block, element, slot in fields(view):
        answer = {"type": element["type"], slot.key: draw(_value(element))}
        values.setdefault(block["block_id"], {})[element["action_id"]] = answer
    return values


def _value(element: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """What Slack lets people give in a field; None or nothing for an empty one."""
    kind, options = element["type"], all_options(element)
    if kind in ("checkboxes", "multi_static_select"):
        return st.lists(st.sampled_from(options), unique_by=str)
    if kind == "file_input":
        file = st.fixed_dictionaries(
            {"id": st.just("F0"), "name": TYPED, "permalink": st.just("https://slack.com/files/F0")}
        )
        return st.lists(file, max_size=2)
    if kind == "multi_users_select":
        return st.lists(st.sampled_from(PEOPLE), unique=True, max_size=4)
    return st.none() | {
        "datepicker": st.dates(date(1900, 1, 1), date(2100, 1, 1)).map(date.isoformat),
        "timepicker": st.times().map(lambda time: time.strftime("%H:%M")),
        "users_select": st.sampled_from(PEOPLE),
        "conversations_select": st.sampled_from([LEADERSHIP, "C0ELSEWHERE"]),
        "channels_select": st.sampled_from([LEADERSHIP, "C0ELSEWHERE"]),
        "static_select": st.sampled_from(options) if options else st.none(),
        "radio_buttons": st.sampled_from(options) if options else st.none(),
    }.get(kind, TYPED.map(lambda text: text[: element.get("max_length", _LONGEST)]).filter(bool))


_WORDS = ["billing", "biling", "all", "help", "2025-Q3", "2025-Q9", "Q3", "stop", "resume", "9999-Q1", "0000-Q0"]
COMMANDS = st.fixed_dictionaries({
    "command": st.just(COMMAND),
    "text": TYPED | st.lists(st.sampled_from(_WORDS), max_size=4).map(" ".join),
    "user_id": st.sampled_from(PEOPLE),
    "user_name": st.just("somebody"),
    "team_id": st.sampled_from(TEAMS),
    "channel_id": st.sampled_from([LEADERSHIP, "D0", "C0ELSEWHERE"]),
    "channel_name": st.just("somewhere"),
    "response_url": st.just("http://127.0.0.1:1/never-called"),
})  # fmt: skip

_PROFILES = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("real_name", "display_name", "email", "status_text", "status_emoji", "title", "phone"), TYPED),
        "status_expiration": st.integers(0, 2**40),
    },
)
_ACCOUNTS = st.fixed_dictionaries(
    {"id": st.sampled_from(PEOPLE), "profile": _PROFILES},
    optional={
        "name": TYPED, "real_name": TYPED, "tz": st.sampled_from(["Europe/Berlin", "Mars/Base", "", "../../etc/passwd"]),
        "deleted": st.booleans(), "is_bot": st.booleans(), "is_restricted": st.booleans(),
        "team_id": st.sampled_from(TEAMS), "updated": st.integers(0, 2**40),
    },
)  # fmt: skip


def _event(event: dict[str, Any]) -> dict[str, Any]:
    identity = {"team_id": TEAM_ID, "api_app_id": "A0", "authorizations": [{"team_id": TEAM_ID, "is_bot": True}]}
    return {"type": "event_callback", "event_id": f"Ev{uuid.uuid4().hex}", "event_time": 1, **identity, "event": event}


def _events(kind: str, **more: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"type": st.just(kind), "event_ts": st.just("1.1"), **more})


_PERSON, _CHANNEL = st.sampled_from(PEOPLE), st.sampled_from(["D0", LEADERSHIP, "C0ELSEWHERE"])
EVENTS_SENT = st.one_of(
    _events("app_home_opened", user=_PERSON, tab=st.sampled_from(["home", "messages"]), channel=_CHANNEL),
    _events("user_change", user=_ACCOUNTS),
    _events("file_shared", user_id=_PERSON, file_id=TYPED, channel_id=_CHANNEL),
    _events("member_joined_channel", user=st.sampled_from([*PEOPLE, "U0BOT"]), channel=_CHANNEL, team=st.just(TEAM_ID)),
).map(_event)

# Nobody can send these, since Slack signs what the bot itself has put there; they must be answered all the same.
_PLACES = st.dictionaries(
    st.sampled_from(["view", "message", "channel", "container"]),
    st.dictionaries(st.text(max_size=10), _JUNK, max_size=3),
)
_VALUES = st.dictionaries(
    st.sampled_from(["value", "selected_option", "selected_user", "selected_date", "block_id"]), _JUNK
)
_METADATA = st.sampled_from(["", "{}", "[]", "null", '{"project": "nothing"}']) | st.text(max_size=20)
_VIEWS = st.fixed_dictionaries({
    "id": st.just("V1"), "hash": st.just("1.a"), "type": st.just("modal"), "blocks": st.just([]),
    "callback_id": st.sampled_from([*View, "unknown"]), "private_metadata": _METADATA,
    "state": _JUNK | st.fixed_dictionaries({"values": _JUNK}),
})  # fmt: skip
_PRESSED = st.builds(
    lambda action, value: {"type": "button", "action_id": action, "action_ts": "1.1", **value},
    st.sampled_from([*Action, "unknown"]),
    _VALUES,
)
IMPOSSIBLE = st.one_of(
    st.builds(
        lambda who, what, more: interaction("block_actions", who, actions=[what], **more), _PERSON, _PRESSED, _PLACES
    ),
    st.builds(
        lambda kind, who, view: interaction(kind, who, view=view),
        st.sampled_from(["view_submission", "view_closed"]),
        _PERSON,
        _VIEWS,
    ),
    st.builds(
        lambda kind, who, callback, more: interaction(kind, who, callback_id=callback, **more),
        st.sampled_from(["shortcut", "message_action"]),
        _PERSON,
        st.sampled_from([*Shortcut, "unknown"]),
        _PLACES,
    ),
    st.builds(
        lambda kind, more: _event({"type": kind, **more}),
        st.sampled_from([*EVENTS, "unknown"]),
        st.dictionaries(
            st.sampled_from(["tab", "item", "file_id", "channel_id"]), _JUNK
        ),  # Bolt itself reads the others
    ),
)
