"""A click inside a dialog that comes too late for Slack, and a manager who answers for an owner."""

from __future__ import annotations

from world import World, opened

from bot.store import answers as answer_store


def test_a_late_click_inside_a_dialog_says_so_and_keeps_what_was_typed(world: World) -> None:
    maya = world.person("maya")
    maya.click(world.card("maya"), "Update", near="Rating Engine")
    form = maya.fill(opened(maya), {"Note": "half typed"})
    world.fail("views.push", "expired_trigger_id", times=2)
    maya.click(form, "Add a risk")
    shown = opened(maya)
    assert "press it once more" in shown.words
    assert shown.value("Note") == "half typed"
    maya.click(shown, "Add a risk")
    assert "Challenge" in opened(maya).labels


def test_an_answer_after_publication_says_before_and_after_it_is_sent_who_decides_about_it(world: World) -> None:
    world.publish("network")
    omar = world.person("omar")
    assert "The report is published. Your word is still welcome: Petra Manager decides" in world.card("omar").words
    view = world.open("omar", "Update")
    assert (
        "The report is published: Petra Manager decides whether what you send goes into the next revision."
        in view.words
    )
    assert omar.submit(view, {"Percent complete": "25"}) is None
    assert "Petra Manager decides now whether it goes into the next revision" in world.card("omar").words


def test_a_manager_answers_for_an_owner(world: World) -> None:
    petra = world.person("petra")
    petra.click(world.review("billing"), "People and dates")
    petra.select(opened(petra), "manage_item", "Answer for the owner", near="Rating Engine")
    petra.submit(opened(petra), {"Percent complete": "70", "Status": "At risk", "Note": "Told me on the phone."})
    with world.bot.database.reading() as session:
        quarter = max(answer_store.history(session, "billing"))
        given = answer_store.history(session, "billing")[quarter].milestones["rating-engine"]
    assert given.value.percent_complete == 70
    assert given.provenance.by == petra.id
