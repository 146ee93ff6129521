"""The updates behind a check: who said what and when, within Slack's limits, and a menu beside those of the quarter."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from builders import FELL, FIELDS, FLAVOURS, Q2, Q4, a_line, a_report, a_report_of, a_review, outline, the_words

from bot.domain.milestone_line import AsWritten, LineState, MilestoneLine
from bot.domain.report import Check, CheckEvidence
from bot.domain.said import SaidUpdate
from bot.flow.forms import ReadForm
from bot.flow.messages import ItemRef
from bot.sandbox.rules import check_view
from bot.slack.blocks import Block
from bot.slack.forms import reading
from bot.slack.ids import Action
from bot.slack.review import review

SAID_AT = datetime(2027, 1, 4, 19, 3, tzinfo=UTC)
PUSH = a_line(
    "push", "Push notifications", 80, answered_by="Lena Brandt", answered_at=SAID_AT, note="Two types rebuilt."
)


def view_of(*lines: MilestoneLine, quarter: Any = Q4) -> Block:
    check = Check("progress-fell", "Progress fell, and no note says why", (FELL,))
    said = tuple(SaidUpdate(quarter, line) for line in lines)
    ref = ItemRef("portal", Q4)
    form = ReadForm(ref, a_report(), said, frozenset(), "America/New_York", check_id=check.id, check=check)
    view = reading.build(form, the_words(), review="V0REVIEW")
    check_view(view)
    return view


def read(*lines: MilestoneLine, **values: Any) -> str:
    return outline(view_of(*lines, **values)["blocks"])


def test_an_update_is_shown_with_its_values_its_words_who_and_when() -> None:
    text = read(PUSH)
    assert "*Push notifications* · Lena Brandt · 80%" in text
    assert "_Note:_ Two types rebuilt." in text
    assert "(Answered by Lena Brandt · Mon, Jan 4, 2:03\u202fPM)" in text, "in the company's zone"
    assert "no update since" not in text


@pytest.mark.parametrize(
    ("line", "quarter", "said"),
    [
        (replace(PUSH, state=LineState.CONFIRMED), Q4, "“Nothing changed”, said by Lena Brandt · "),
        (
            replace(PUSH, answered_by="Ravi", answered_for="Lena Brandt"),
            Q4,
            "Answered by Ravi in place of Lena Brandt · ",
        ),
        (PUSH, Q2, " · in Q2, two quarters ago; no update since"),
        (a_line("audit", "Audit", state=LineState.MISSING), Q4, "Nothing has been said about it yet."),
    ],
)
def test_it_says_by_what_way_it_was_said(line: MilestoneLine, quarter: Any, said: str) -> None:
    assert said in read(line, quarter=quarter)


def test_a_milestone_without_an_answer_has_nothing_to_press() -> None:
    view = view_of(PUSH, a_line("audit", "Audit", state=LineState.MISSING))
    assert "submit" not in view
    menus = [block["accessory"]["type"] for block in view["blocks"] if "accessory" in block]
    assert menus == ["overflow"]


def test_words_that_are_printed_otherwise_stand_below_as_they_were_written() -> None:
    edited = replace(PUSH, as_written=AsWritten(("Rebuilt",), None, "A mess.", "Dana", SAID_AT))
    assert "✎ Wording edited by Dana. Lena Brandt wrote: Rebuilt / A mess." in read(edited)


def test_a_check_that_fires_no_more_says_so_over_all_updates() -> None:
    form = ReadForm(ItemRef("portal", Q4), a_report(), (SaidUpdate(Q4, PUSH),), frozenset(), "UTC", check_id="gone")
    text = outline(reading.build(form, the_words(), review="V0REVIEW")["blocks"])
    assert text.splitlines()[0] == "✓ This check finds nothing any more. These are all updates."


@pytest.mark.parametrize("text", FLAVOURS.values(), ids=FLAVOURS)
def test_as_many_whole_updates_as_fit_are_shown_and_the_rest_is_counted(text: str) -> None:
    lines = a_report_of(text, 60).milestones
    assert "more update" in read(*lines)


def test_long_words_are_shown_to_their_end() -> None:
    assert "The end." in read(replace(PUSH, note="word " * 2_500 + "The end."))


def test_a_check_about_milestones_has_a_button_that_shows_them_and_another_has_none() -> None:
    stray = Check("stray-figure", "A figure", (CheckEvidence("413, in the conclusion"),))
    form = a_review(a_report(checks=(Check("progress-fell", "Fell", (FELL,)), stray)))
    blocks = review.build(form, the_words(), FIELDS)["blocks"]
    beside = [block["accessory"] for block in blocks if "accessory" in block]
    assert [button["value"] for button in beside if button["action_id"] == Action.SHOW_UPDATES] == ["progress-fell"]
