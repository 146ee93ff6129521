"""The view behind a check's Show button: updates as they were said, within Slack's limits, and nothing to press."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from builders import FELL, FIELDS, FLAVOURS, Q2, Q4, a_line, a_report, a_report_of, a_review, outline, the_words

from bot.domain.report import Check, CheckEvidence, LineState, MilestoneLine
from bot.domain.said import SaidUpdate
from bot.flow.forms import UpdatesForm
from bot.sandbox.rules import check_view
from bot.slack.blocks import Block
from bot.slack.ids import Action
from bot.slack.review import review, updates

SAID_AT = datetime(2027, 1, 4, 19, 3, tzinfo=UTC)
PUSH = a_line(
    "push", "Push notifications", 80, answered_by="Lena Brandt", answered_at=SAID_AT, note="Two types rebuilt."
)


def view_of(*lines: MilestoneLine, quarter: Any = Q4) -> Block:
    check = Check("progress-fell", "Progress fell, and no note says why", (FELL,))
    said = tuple(SaidUpdate(quarter, line) for line in lines)
    view = updates.build(UpdatesForm(a_report(), check, said, "America/New_York"), the_words())
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


def test_it_can_only_be_closed() -> None:
    view = view_of(PUSH)
    assert "submit" not in view
    assert {block["type"] for block in view["blocks"]} == {"section", "divider", "context"}


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
    shown = [
        e["value"]
        for b in blocks
        if b["type"] == "actions"
        for e in b["elements"]
        if e["action_id"] == Action.SHOW_UPDATES
    ]
    assert shown == ["progress-fell"]
