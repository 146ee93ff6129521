"""Payloads as Slack sends them, filled with what people may type and choose; and with what nobody could have sent."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from hypothesis import strategies as st

from bot.sandbox.forms import fields
from bot.sandbox.people import TEAM_ID
from bot.sandbox.rules.objects import all_options
from bot.sandbox.seen import SeenView
from bot.slack.ids import Action, View
from bot.slack.manifest import COMMAND, EVENTS
from tests.faults.surfaces import Button, Dialog
from tests.journeys.world import LEADERSHIP, NAMES, slack_id

PEOPLE = [*map(slack_id, NAMES), "U0NOBODY", "USLACKBOT"]
_MOST = 3000  # characters in a text field (docs.slack.dev/reference/block-kit/block-elements)

# Besides anything at all: what is typed into number and date fields, and what means something elsewhere.
TYPED = st.one_of(
    st.text(max_size=60),
    st.sampled_from([
        "85", "85%", "1.200", "-1", "1e999", "NaN", "٣", "1,2,3", "€ 1 200 000", "999999999999999999999", "0x10", "∞",
        "2025-02-30", "31/12/2025", "next week", "Q4 2025", "=1+1", "{{ 7*7 }}", "<!channel>", "*_~`", "\x00", "\u202e",
        "🏴" * 500, "x" * _MOST, "\n" * 100, "' OR 1=1 --", "../../etc/passwd", "%s%n",
    ]),
)  # fmt: skip
_JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


def user(person: str, team: str = TEAM_ID) -> dict[str, str]:
    """Somebody in an interaction."""
    return {"id": person, "username": person.lower(), "name": person.lower(), "team_id": team}


def interaction(kind: str, person: str, **more: Any) -> dict[str, Any]:
    """What every interaction carries; its trigger is used up."""
    common = {"team": {"id": TEAM_ID}, "api_app_id": "A0", "trigger_id": f"1.2.{uuid.uuid4().hex}"}
    return {"type": kind, "user": user(person), **common, **more}


def payload_of(view: SeenView, values: Mapping[str, Any]) -> dict[str, Any]:
    """A view with these values, not seen in this state before."""
    of_view = {"id": view.id, "hash": uuid.uuid4().hex, "root_view_id": view.id, "previous_view_id": None}
    rest = {"private_metadata": "", "external_id": "", "team_id": TEAM_ID}
    return {**rest, **view.definition, **of_view, "type": "modal", "state": {"values": values}}


@st.composite
def submissions(draw: st.DrawFn, dialogs: list[Dialog]) -> tuple[Dialog, dict[str, Any]]:
    """One of some dialogs, filled in as anybody could, and sent by anybody."""
    dialog = draw(st.sampled_from(dialogs))
    person = draw(st.just(dialog.person) | st.sampled_from(PEOPLE))
    view = payload_of(dialog.view, draw(_filled(dialog.view)))
    return dialog, interaction("view_submission", person, view=view)


@st.composite
def _filled(draw: st.DrawFn, view: SeenView) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for block, element, slot in fields(view.definition):
        answer = {"type": element["type"], slot.key: draw(_value(element))}
        values.setdefault(block["block_id"], {})[element["action_id"]] = answer
    return values


def _value(element: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """What Slack lets people give in a field; None or nothing for an empty one."""
    kind = element["type"]
    if kind == "datepicker":
        return st.none() | st.dates(date(1900, 1, 1), date(2100, 1, 1)).map(date.isoformat)
    if kind == "users_select":
        return st.none() | st.sampled_from(PEOPLE)
    if kind in ("static_select", "radio_buttons"):
        return st.none() | st.sampled_from(all_options(element))
    if kind in ("checkboxes", "multi_static_select"):
        return st.lists(st.sampled_from(all_options(element)), unique_by=str)
    if kind == "timepicker":
        return st.none() | st.times().map(lambda time: time.strftime("%H:%M"))
    return st.none() | TYPED.filter(bool)


@st.composite
def clicks(draw: st.DrawFn, buttons: list[Button]) -> dict[str, Any]:
    """One of some buttons, pressed by anybody who could see it or has a copy of its message."""
    button = draw(st.sampled_from(buttons))
    person = draw(st.just(button.person) | st.sampled_from(PEOPLE))
    action = {**button.action, "block_id": "b", "action_ts": f"{draw(st.integers(1, 2**31))}.000100"}
    if button.view is not None:
        view = payload_of(button.view, draw(_filled(button.view)))
        return interaction("block_actions", person, view=view, actions=[action], container={"type": "view"})
    assert button.message is not None
    place = {"channel": {"id": button.message.conversation}, "message": {"ts": button.message.ts}}
    container = {"type": "message", "message_ts": button.message.ts, "channel_id": button.message.conversation}
    return interaction("block_actions", person, **place, actions=[action], container=container)


COMMANDS = st.builds(
    lambda person, team, text, channel: {
        "command": COMMAND,
        "text": text,
        "user_id": person,
        "user_name": "somebody",
        "team_id": team,
        "channel_id": channel,
        "channel_name": "somewhere",
        "trigger_id": f"1.2.{uuid.uuid4().hex}",
        "response_url": "http://127.0.0.1:1/never-called",
    },
    st.sampled_from(PEOPLE),
    st.sampled_from([TEAM_ID, "T0ELSEWHERE"]),
    TYPED
    | st.lists(
        st.sampled_from(["billing", "biling", "all", "help", "2025-Q3", "2025-Q9", "Q3", "stop", "resume", "9999-Q1"])
    ).map(" ".join),
    st.sampled_from([LEADERSHIP, "D0", "C0ELSEWHERE"]),
)

_PROFILES = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        ("real_name", "display_name", "email", "status_text", "status_emoji", "title", "phone"), TYPED
    )
    | {"status_expiration": st.integers(0, 2**40)},
)
_ACCOUNTS = st.fixed_dictionaries(
    {"id": st.sampled_from(PEOPLE), "profile": _PROFILES},
    optional={
        "name": TYPED, "real_name": TYPED, "tz": st.sampled_from(["Europe/Berlin", "Mars/Base", "", "../../etc/passwd"]),
        "deleted": st.booleans(), "is_bot": st.booleans(), "is_restricted": st.booleans(),
        "team_id": st.sampled_from([TEAM_ID, "T0ELSEWHERE"]), "updated": st.integers(0, 2**40),
    },
)  # fmt: skip


def _event(event: dict[str, Any]) -> dict[str, Any]:
    identity = {"team_id": TEAM_ID, "api_app_id": "A0", "authorizations": [{"team_id": TEAM_ID, "is_bot": True}]}
    return {"type": "event_callback", "event_id": f"Ev{uuid.uuid4().hex}", "event_time": 1, **identity, "event": event}


EVENTS_SENT = st.one_of(
    st.builds(
        lambda person, tab: {"type": "app_home_opened", "user": person, "tab": tab, "channel": "D0", "event_ts": "1.1"},
        st.sampled_from(PEOPLE),
        st.sampled_from(["home", "messages"]),
    ),
    _ACCOUNTS.map(lambda account: {"type": "user_change", "user": account, "event_ts": "1.1"}),
    st.builds(
        lambda person, file, channel: {
            "type": "file_shared", "user_id": person, "file_id": file, "file": {"id": file}, "channel_id": channel,
        },
        st.sampled_from(PEOPLE),
        TYPED,
        st.sampled_from(["D0", LEADERSHIP]),
    ),
    st.builds(
        lambda person, channel: {"type": "member_joined_channel", "user": person, "channel": channel, "team": TEAM_ID},
        st.sampled_from([*PEOPLE, "U0BOT"]),
        st.sampled_from([LEADERSHIP, "C0ELSEWHERE"]),
    ),
).map(_event)  # fmt: skip

# Nobody can send these, since Slack signs what the bot itself has put there; they must be answered all the same.
IMPOSSIBLE = st.one_of(
    st.builds(
        lambda person, action, value, more: interaction(
            "block_actions", person, actions=[{"type": "button", "action_id": action, "action_ts": "1.1", **value}], **more
        ),
        st.sampled_from(PEOPLE),
        st.sampled_from([*Action, "unknown"]),
        st.dictionaries(st.sampled_from(["value", "selected_option", "selected_user", "block_id"]), _JUNK),
        st.dictionaries(st.sampled_from(["view", "message", "channel", "container"]), _JUNK),
    ),
    st.builds(
        lambda person, view, metadata, values: interaction(
            "view_submission",
            person,
            view={
                "id": "V1", "hash": "1.a", "type": "modal", "callback_id": view, "private_metadata": metadata,
                "state": {"values": values}, "blocks": [],
            },
        ),
        st.sampled_from(PEOPLE),
        st.sampled_from([*View, "unknown"]),
        st.sampled_from(["", "{}", "[]", "null", '{"project": "nothing"}']) | st.text(max_size=20),
        _JUNK,
    ),
    st.builds(lambda kind, more: _event({"type": kind, **more}), st.sampled_from([*EVENTS, "unknown"]),
              st.dictionaries(st.sampled_from(["user", "channel", "file_id", "tab", "item"]), _JUNK)),
)  # fmt: skip
