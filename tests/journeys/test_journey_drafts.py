"""What is typed is kept: a dialog that was closed, or lost with the bot, opens again where it was; and only for its person."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select
from world import World, opened

from bot.app import Bot
from bot.store.tables import DraftRow

NEXT_OPENING = datetime(2025, 12, 22, 15, tzinfo=UTC)  # the fourth quarter of 2025 opens


def test_a_closed_dialog_opens_where_it_was_left_and_sending_ends_the_draft(world: World) -> None:
    maya = world.person("maya")
    view = world.open("maya", "Update", near="Invoice Portal")
    maya.click(view, "Add an objective")
    maya.fill(opened(maya), {"Percent complete": "41", "Note": "Half a sen", "Objective": "All layouts signed off"})
    maya.close(opened(maya))
    again = world.open("maya", "Update", near="Invoice Portal")
    assert "It has not been sent yet" in again.words
    assert again.value("Percent complete") == "41"
    assert again.value("Note") == "Half a sen"
    assert again.value("Objective") == "All layouts signed off"
    assert world.answers("billing").milestones == {}, "a draft is no answer"
    assert maya.submit(again, {"Note": "Half a sentence, now whole.", "Status": "On track"}) is None
    world.settle()
    later = world.open("maya", "Update", near="Invoice Portal")
    assert "It has not been sent yet" not in later.words
    assert later.value("Note") == "Half a sentence, now whole."


def test_start_over_forgets_what_was_typed(world: World) -> None:
    maya = world.person("maya")
    view = world.open("maya", "Update", near="Rating Engine")
    before = view.value("Percent complete")
    maya.fill(view, {"Percent complete": "12"})
    maya.close(view)
    again = world.open("maya", "Update", near="Rating Engine")
    assert again.value("Percent complete") == "12"
    maya.click(again, "Start over")
    assert opened(maya).value("Percent complete") == before
    maya.close(opened(maya))
    assert world.open("maya", "Update", near="Rating Engine").value("Percent complete") == before


def test_a_draft_outlives_the_bot_and_a_lost_connection(world: World) -> None:
    maya = world.person("maya")
    view = world.open("maya", "Update", near="Rating Engine")
    maya.fill(view, {"Percent complete": "33"})
    world.bot.stop()
    world.bot = Bot(world.settings, world.clock)
    world.bot.start()
    maya.close(view)
    assert world.open("maya", "Update", near="Rating Engine").value("Percent complete") == "33"


def test_two_people_in_one_dialog_are_told_of_each_other_and_see_only_their_own_words(world: World) -> None:
    maya, petra = world.person("maya"), world.person("petra")
    view = world.open("maya", "Update", near="Rating Engine")
    maya.fill(view, {"Note": "Between us"})
    petra.click(world.review("billing"), "People and dates")
    petra.select(opened(petra), "manage_item", "Answer for the owner", near="Rating Engine")
    theirs = opened(petra)
    assert "Maya Okafor opened this just now" in theirs.words
    assert "Between us" not in str(theirs.values)


def test_drafts_of_a_quarter_are_closed_when_the_next_one_opens(world: World) -> None:
    maya = world.person("maya")
    maya.fill(world.open("maya", "Update", near="Rating Engine"), {"Note": "Not yet sent"})
    world.arrive(NEXT_OPENING)
    with world.database.reading() as session:
        assert session.scalars(select(DraftRow)).all() == []
