"""How the messages to owners stand, in the review and in the Home."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from builders import FIELDS, FLAVOURS, a_review, outline, the_words
from homes import a_company, a_home, a_project, drawn

from bot.flow.forms import Sending
from bot.flow.home.pages import page_of
from bot.sandbox.rules import check_view
from bot.slack import campaign
from bot.slack.blocks import Block
from bot.slack.ids import Action
from bot.slack.review import review

WORDS = the_words()
GOING = Sending(sent=6120, waiting=3880)
STOPPED = Sending(6120, 3880, "Ada Admin", datetime(2025, 9, 19, 13, 40, tzinfo=UTC), zone="America/New_York")
PROGRESS = "Messages going out: 6,120 of 10,000, about 13 minutes left"
STOP = "Messages to owners are stopped: Ada Admin, Fri, Sep 19 at 9:40 AM · 3,880 messages waiting"


def a_managers_home(sending: Sending, *, is_admin: bool = False) -> Block:
    company = a_company(sending=sending) if is_admin else None
    projects = page_of([a_project()], 0, 1)
    return drawn(a_home(projects=projects, sending=sending, company=company), WORDS)


@pytest.mark.parametrize(("sending", "line"), [(GOING, PROGRESS), (STOPPED, STOP)])
def test_the_same_plain_line_stands_in_the_review_and_in_the_home(sending: Sending, line: str) -> None:
    form = replace(a_review(), sending=sending)
    views = [review.build(form, WORDS, FIELDS), a_managers_home(sending), a_managers_home(sending, is_admin=True)]
    for view in views:
        assert not check_view(view)
        text = outline(view["blocks"]).replace("\u202f", " ")  # before AM and PM, by the locale
        assert text.count(line) == 1


def test_figures_follow_the_company_s_locale() -> None:
    assert "6.120 of 10.000" in outline(campaign.standing(replace(GOING, locale="de_DE"), WORDS))


def test_the_last_message_takes_a_minute_at_most() -> None:
    assert "9 of 10, about 1 minute left" in outline(campaign.standing(Sending(9, 1), WORDS))


def test_only_admins_have_a_button_and_it_is_the_one_that_can_be_pressed() -> None:
    def controls(view: Block) -> list[str]:
        beside = [block["accessory"]["action_id"] for block in view["blocks"] if "accessory" in block]
        return [action for action in beside if action in (Action.STOP_SENDING, Action.RESUME_SENDING)]

    assert controls(a_managers_home(GOING)) == []
    assert controls(a_managers_home(GOING, is_admin=True)) == [Action.STOP_SENDING]
    assert controls(a_managers_home(Sending(), is_admin=True)) == [Action.STOP_SENDING]
    assert controls(a_managers_home(STOPPED, is_admin=True)) == [Action.RESUME_SENDING]


def test_nothing_is_said_of_a_campaign_where_none_is() -> None:
    assert campaign.standing(Sending(), WORDS) == []


@pytest.mark.parametrize("name", FLAVOURS.values(), ids=FLAVOURS)
def test_any_name_of_an_admin_fits(name: str) -> None:
    view = a_managers_home(replace(STOPPED, stopped_by=name), is_admin=True)
    assert not check_view(view)
