"""Slack's objects are read whatever is in them, and nothing comes out that a database or a clock could not take."""

from __future__ import annotations

import logging
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.accounts import channel_of, dnd_window, entry_of_user, file_of
from bot.store.tables import SlackUserRow

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=400),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
ZONES = st.sampled_from(
    ["Europe/London", "US/Pacific-New", "Nowhere/Bad", "", "America", "../etc/passwd", "/etc", "a" * 300]
)


def objects(*names: str, **known: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Objects that have some of the fields, with whatever in them; and what is no object."""
    told = {name: known.get(name, ANYTHING) | ANYTHING for name in (*names, *known)}
    return st.fixed_dictionaries({}, optional=told) | ANYTHING


PROFILES = objects("display_name", "real_name", "email", "status_emoji", "status_text", "status_expiration")
USERS = objects(
    "name", "real_name", "deleted", "is_bot", "is_stranger", "team_id", "locale",
    id=st.just("U1"), tz=ZONES, profile=PROFILES, enterprise_user=objects("teams"),
)  # fmt: skip


@given(user=USERS, team=st.sampled_from(["", "T1"]))
def test_any_user_becomes_an_account_that_can_be_kept(user: Any, team: str) -> None:
    entry = entry_of_user(user, team)
    if entry is None:
        assert not isinstance(user, dict) or user.get("id") != "U1"
        return
    for name, column in SlackUserRow.__table__.columns.items():
        value = getattr(entry, name, None)
        if isinstance(value, str):
            value.encode()
            assert "\0" not in value
            assert len(value) <= column.type.length
    assert entry.timezone is None or ZoneInfo(entry.timezone)
    assert entry.away_until is None or entry.away_until.tzinfo is UTC


def test_no_name_turns_the_words_behind_it_around() -> None:
    entry = entry_of_user({"id": "U1", "profile": {"display_name": "Max \u202eteP\u2066"}}, "T1")
    assert entry is not None
    assert entry.display_name == "Max teP"


@given(found=objects("name", "is_ext_shared", "is_member", id=st.just("C1")))
def test_any_channel_is_read(found: Any) -> None:
    channel = channel_of(found)
    assert channel is None or (channel.id and isinstance(channel.name, str))


@given(found=objects("dnd_enabled", "next_dnd_start_ts", "next_dnd_end_ts"))
def test_any_do_not_disturb_is_read(found: Any) -> None:
    window = dnd_window(found)
    assert window is None or all(moment.tzinfo is UTC for moment in window)


@given(found=objects("name", "size", "url_private"))
def test_any_file_is_read(found: Any) -> None:
    file = file_of(found)
    assert isinstance(file.size, int)
    assert isinstance(file.name + file.source, str)


def test_a_zone_that_is_not_known_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        for number in range(3):
            entry = entry_of_user({"id": f"U{number}", "tz": "Mars/Olympus-Mons"}, "T1")
            assert entry is not None
            assert entry.timezone is None
    assert caplog.text.count("Mars/Olympus-Mons") == 1
