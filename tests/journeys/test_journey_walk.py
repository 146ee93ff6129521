""" "Update all": one item after another, skipped, gone back to, left and taken up again; nothing that was typed is lost."""

from __future__ import annotations

from world import PORTFOLIO, World, opened

from bot.sandbox.actor import Actor
from bot.sandbox.seen import SeenView

RATING = {"Percent complete": "70", "Promised last quarter: Parallel run for one month": "Kept"}


def press(person: Actor, view: SeenView, button: str) -> SeenView:
    """Press a button of a dialog; the dialog that is then in front."""
    person.click(view, button)
    return opened(person)


def buttons(view: SeenView) -> set[str]:
    """The words on a dialog's buttons."""
    return {e["text"]["text"] for block in view.blocks if block["type"] == "actions" for e in block["elements"]}


def with_budget(world: World) -> None:
    """Let Maya answer for the budget as well, which makes three items."""
    world.load(PORTFOLIO.read_text(encoding="utf-8").replace("budget_owner: ines@", "budget_owner: maya@"))
    world.bot.beat()


def test_skip_sends_nothing_and_what_was_skipped_stays_owed(world: World) -> None:
    maya = world.person("maya")
    first = world.open("maya", "Update all")
    assert (first.title, "Rating Engine" in first.words) == ("Update 1 of 2", True)
    maya.fill(first, {"Percent complete": "71"})
    second = press(maya, first, "Skip")
    assert (second.id, second.title, "Invoice Portal" in second.words) == (first.id, "Update 2 of 2", True)
    assert second.value("Percent complete") == "35", "the next milestone's own figures"
    assert maya.submit(second, {"Percent complete": "50"}) is None
    assert list(world.answers("billing").milestones) == ["invoice-portal"]
    assert "*1 of 2 done*" in world.card("maya").words


def test_back_shows_what_was_typed_and_what_was_sent(world: World) -> None:
    maya = world.person("maya")
    view = maya.fill(world.open("maya", "Update all"), {"Percent complete": "71", "Note": "Half a sen"})
    view = maya.fill(press(maya, view, "Skip"), {"Note": "On the second."})
    view = press(maya, view, "Back")
    assert (view.title, view.value("Percent complete"), view.value("Note")) == ("Update 1 of 2", "71", "Half a sen")
    second = maya.submit(view, {**RATING, "Note": "Half a sentence, now whole."})
    assert second is not None
    assert second.value("Note") == "On the second."
    view = press(maya, second, "Back")
    assert (view.value("Percent complete"), view.value("Note")) == ("70", "Half a sentence, now whole.")
    assert maya.submit(press(maya, view, "Skip"), {"Percent complete": "50"}) is None
    assert "Thank you, both are in" in world.card("maya").words


def test_the_first_has_no_way_back_and_the_last_none_further(world: World) -> None:
    maya = world.person("maya")
    first = world.open("maya", "Update all")
    assert {"Skip"} == buttons(first) & {"Skip", "Back"}
    assert {"Back"} == buttons(press(maya, first, "Skip")) & {"Skip", "Back"}
    maya.close(opened(maya))
    assert not buttons(world.open("maya", "Update", near="Rating Engine")) & {"Skip", "Back"}


def test_left_and_come_back_it_opens_at_the_first_unanswered_with_its_draft(world: World) -> None:
    with_budget(world)
    maya = world.person("maya")
    second = maya.submit(world.open("maya", "Update all"), RATING)
    assert second is not None
    maya.fill(second, {"Percent complete": "36", "Note": "Before lunch"})
    maya.close(second)
    again = world.open("maya", "Update all")
    assert (again.title, "Invoice Portal" in again.words) == ("Update 2 of 3", True)
    assert (again.value("Percent complete"), again.value("Note")) == ("36", "Before lunch")
    assert press(maya, again, "Back").value("Percent complete") == "70", "what was sent can be changed on the way"


def test_a_draft_outlives_being_left_more_than_once(world: World) -> None:
    """Opened again, its fields hold the draft from the start: they are still not sent when it is left once more."""
    maya = world.person("maya")
    for answer in ({"Percent complete": "41"}, {"Note": "Only this was typed the second time."}):
        view = maya.fill(world.open("maya", "Update", near="Invoice Portal"), answer)
        maya.close(view)
    view = world.open("maya", "Update", near="Invoice Portal")
    assert (view.value("Percent complete"), view.value("Note")) == ("41", "Only this was typed the second time.")


def test_an_item_that_is_gone_meanwhile_is_passed_over_and_no_answer_is_lost(world: World) -> None:
    jonas = world.person("jonas")
    first = world.open("jonas", "Update all")
    portfolio = PORTFOLIO.read_text(encoding="utf-8")
    handed_over = "{key: build-farm, name: Build Farm, owner: rita@example.com"
    world.load(portfolio.replace("{key: build-farm, name: Build Farm, owner: jonas@example.com", handed_over))
    assert jonas.submit(first, {"Percent complete": "45", "Note": "One more trial run."}) is None
    assert "data-migration" in world.answers("billing").milestones


def test_the_budget_is_one_of_the_items(world: World) -> None:
    with_budget(world)
    maya = world.person("maya")
    view = world.open("maya", "Update all")
    assert view.title.endswith("of 3")
    view = press(maya, press(maya, view, "Skip"), "Skip")
    assert (view.title, view.callback_id) == ("Update 3 of 3", "resources")
    view = maya.fill(view, {"Budget note": "To be checked"})
    view = press(maya, press(maya, view, "Back"), "Skip")
    assert view.value("Budget note") == "To be checked"
