"""Characters that do something instead of being read: files refuse the same ones that dialogs take out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.intake.problems import unwanted
from bot.slack.blocks import clean

CHARACTERS = st.characters(exclude_categories=()) | st.sampled_from("\x00\x1b\x7f\x84\x86\u202e\u2069\ud800\udfff")


@given(character=CHARACTERS)
def test_a_dialog_takes_out_what_a_file_refuses(character: str) -> None:
    is_taken_out = clean(f"a{character}b") == "ab"
    assert is_taken_out is (unwanted(f"a{character}b") is not None) or character == "\r"


@given(text=st.lists(CHARACTERS).map("".join))
def test_what_a_dialog_took_can_be_kept(text: str) -> None:
    assert clean(text).encode().decode() == clean(text)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x85"])
def test_a_line_break_of_any_system_stays_one(end: str) -> None:
    assert clean(f"one{end}two") == "one\ntwo"
