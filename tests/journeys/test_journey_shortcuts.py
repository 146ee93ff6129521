"""Shortcuts: an update begun from anywhere, and a message that is added to one."""

from __future__ import annotations

from typing import Any

import pytest
from world import LEADERSHIP, PARTNERS, World, opened, slack_id

from bot.sandbox.reach import RefusedError
from bot.sandbox.seen import SeenMessage, SeenView
from bot.slack.ids import Shortcut


def said(world: World, name: str, text: str, channel: str = LEADERSHIP) -> SeenMessage:
    """A message that somebody writes into a channel, which they come into for it."""
    world.sandbox.call(lambda: world.sandbox.acts.add_member(channel, slack_id(name)))
    world.person(name).say(text, channel)
    return world.person(name).messages(channel)[-1]


def adding(world: World, name: str, message: SeenMessage) -> SeenView:
    """The dialog that "Add to my update" opens on a message."""
    person = world.person(name)
    person.shortcut(Shortcut.ADD_MESSAGE, message)
    return opened(person)


def test_update_my_milestones_opens_update_all_at_the_first_unanswered(world: World) -> None:
    maya = world.person("maya")
    maya.shortcut(Shortcut.UPDATE)
    view = opened(maya)
    assert (view.title, "Rating Engine" in view.words) == ("Update 1 of 2", True)
    answers = {"Percent complete": "70", "Promised last quarter: Parallel run for one month": "Kept"}
    assert maya.submit(view, answers) is not None
    maya.close(opened(maya))
    maya.shortcut(Shortcut.UPDATE)
    assert opened(maya).title == "Update 2 of 2"


def test_where_everything_is_answered_one_can_be_chosen_and_changed(world: World) -> None:
    jonas = world.person("jonas")
    jonas.click(world.card("jonas"), "Nothing changed")
    jonas.shortcut(Shortcut.UPDATE)
    view = opened(jonas)
    assert "Both are in, thank you" in view.words
    chosen = jonas.submit(view, {"Which milestone": "Build Farm · Tooling"})
    assert chosen is not None
    assert "Build Farm" in chosen.words
    assert jonas.submit(chosen, {"Percent complete": "60"}) is None
    assert world.answers("tooling").milestones["build-farm"].value.percent_complete == 60


@pytest.mark.parametrize("name", ["lena", "petra"])
def test_who_owns_nothing_is_told_so_kindly(shared_world: World, name: str) -> None:
    person = shared_world.person(name)
    person.shortcut(Shortcut.UPDATE)
    view = opened(person)
    assert "Nothing is asked of you for Q3 2025" in view.words
    assert "Petra Manager" in view.words
    assert view.definition["submit"] is None
    person.close(view)
    message = said(shared_world, "petra", "Anything", LEADERSHIP)
    assert "Nothing is asked of you" in adding(shared_world, name, message).words


def test_before_a_portfolio_is_loaded_a_shortcut_is_answered_with_a_sentence(tmp_path: Any, stopping: Any) -> None:
    world = World(f"sqlite:///{tmp_path / 'empty.db'}", tmp_path).start()
    try:
        world.person("maya").shortcut(Shortcut.UPDATE)
        assert "No portfolio has been loaded yet" in opened(world.person("maya")).words
    finally:
        stopping.submit(world.stop)


def test_a_colleagues_message_is_quoted_in_the_note_with_name_and_link(world: World) -> None:
    message = said(world, "petra", "Load test passed at 400 &lt; 500 ms, thanks <@U0OMAR>!")
    omar = world.person("omar")
    said(world, "omar", "I am here.")
    view = adding(world, "omar", message)
    assert (view.title, "Core Switch" in view.words) == ("Update", True)
    link = f"{world.sandbox.url}/archives/{LEADERSHIP}/p{message.ts.replace('.', '')}"
    quoted = f"Petra Manager, {link}: “Load test passed at 400 < 500 ms, thanks Omar Haddad!”"
    assert view.value("Note") == quoted
    assert omar.submit(view, {"Percent complete": "30"}) is None
    assert world.answers("network").milestones["core-switch"].value.note == quoted


def test_what_was_typed_stays_and_the_quotation_comes_behind_it(world: World) -> None:
    omar = world.person("omar")
    omar.fill(world.open("omar", "Update"), {"Note": "The switch is in the rack.", "Percent complete": "28"})
    omar.close(opened(omar))
    view = adding(world, "omar", said(world, "omar", "It is powered, too."))
    note = view.value("Note").splitlines()
    assert note[0] == "The switch is in the rack."
    assert note[1].endswith("“It is powered, too.”")
    assert view.value("Percent complete") == "28"
    omar.close(view)
    assert world.open("omar", "Update").value("Note").splitlines() == note, "closed at once, it is still there"


def test_with_several_milestones_one_is_chosen_first_and_the_words_can_be_edited(world: World) -> None:
    maya = world.person("maya")
    view = adding(world, "maya", said(world, "petra", "The portal is live for 50 customers."))
    assert view.title == "Add to my update"
    assert "The portal is live" in view.value("Add to the note")
    answers = {"Which milestone": "Invoice Portal · Billing Renewal", "Add to the note": "Live for 50 customers."}
    view = maya.submit(view, answers)
    assert view is not None
    assert "Invoice Portal" in view.words
    assert view.value("Note") == "Live for 50 customers."
    assert maya.submit(view, {"Percent complete": "60"}) is None
    assert world.answers("billing").milestones["invoice-portal"].value.note == "Live for 50 customers."


def test_a_message_of_files_alone_becomes_a_sentence_and_evidence(world: World) -> None:
    omar = world.person("omar")
    omar.upload("plan.pdf", b"%PDF")
    message = omar.messages()[-1]
    view = adding(world, "omar", message)
    assert view.value("Note").startswith("Shared plan.pdf: ")
    assert omar.submit(view, {"Percent complete": "30"}) is None
    (piece,) = world.answers("network").milestones["core-switch"].value.evidence
    assert (piece.title, piece.file) == ("plan.pdf", message.files[0]["id"])


def test_a_long_message_is_cut_and_a_full_note_is_said_to_be_full(world: World) -> None:
    omar = world.person("omar")
    message = said(world, "omar", "word " * 3000)
    view = adding(world, "omar", message)
    assert len(view.value("Note")) < 1200
    omar.fill(view, {"Note": "x" * 2800})
    omar.close(view)
    full = adding(world, "omar", message)
    assert "is full" in full.words
    omar.close(full)
    assert world.open("omar", "Update").value("Note") == "x" * 2800


def test_a_shortcut_is_not_offered_to_people_of_another_company(shared_world: World) -> None:
    message = said(shared_world, "rita", "For partners", PARTNERS)
    with pytest.raises(RefusedError, match="no such shortcut"):
        shared_world.sandbox.person("U0OLGA").shortcut(Shortcut.ADD_MESSAGE, message)
