"""Home by role, through the real app: what each finds, presses and reads there, and that it stays true and in its place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from world import OLGA, PATIENCE, PORTFOLIO, World, filled_review, opened, slack_id

from bot.sandbox.seen import SeenView
from bot.store import handovers
from bot.store import people as people_store

PLAN = PORTFOLIO.read_text()


def home(world: World, name: str) -> SeenView:
    """Somebody's Home, freshly opened."""
    person = world.person(name)
    before = len(world.calls("views.publish"))
    person.open_home()
    person.wait_for(lambda: len(world.calls("views.publish")) > before, PATIENCE)
    return present(world, name)


def present(world: World, name: str) -> SeenView:
    """Somebody's Home as it is before them."""
    shown = world.person(name).home()
    assert shown is not None
    return shown


def row_of(view: SeenView, project: str) -> str:
    """The block with the buttons of a managed project: the one below the last paragraph that names it."""
    blocks = list(view.blocks)
    named = [i for i, block in enumerate(blocks) if block["type"] == "section" and project in str(block["text"])]
    return str(blocks[named[-1] + 1]["block_id"])


def press(world: World, name: str, button: str, project: str) -> SeenView:
    """Press a button of a project in somebody's Home; the dialog that opens."""
    view = present(world, name)
    world.person(name).click(view, button, near=row_of(view, project))
    return opened(world.person(name))


def becomes(world: World, name: str, holds: Callable[[str], bool]) -> str:
    """The words of somebody's Home once they hold something, without its being opened again."""
    person = world.person(name)
    return person.wait_for(lambda: (view := person.home()) and holds(view.words) and view, PATIENCE).words


def test_an_owner_sees_what_is_owed_change_as_it_is_answered(world: World) -> None:
    maya = world.person("maya")
    view = home(world, "maya")
    assert "Welcome, Maya Okafor" in view.words
    assert "because you answer for something" in view.words
    assert "All projects" not in view.words
    maya.click(view, "Update", near="Invoice Portal")
    maya.submit(opened(maya), {"Percent complete": "50"})
    becomes(world, "maya", lambda words: "35 → 50%" in words)
    maya.click(present(world, "maya"), "Nothing changed")
    becomes(world, "maya", lambda words: "something promised for this quarter has come due" in words)


def test_an_owner_reads_past_answers_and_can_change_nothing_there(world: World) -> None:
    maya = world.person("maya")
    maya.click(home(world, "maya"), "Past answers")
    view = opened(maya)
    assert "*Rating Engine* · Billing Renewal · Q2 2025" in view.words
    assert "Percent complete:" in view.words
    assert [block["type"] for block in view.blocks if block["type"] == "input"] == []
    maya.select(view, "choose_past", "Invoice Portal · Billing Renewal")
    words = opened(maya).words
    assert "*Invoice Portal*" in words
    assert "*Rating Engine*" not in words


def test_the_greeting_stays_until_it_is_put_away(world: World) -> None:
    maya = world.person("maya")
    assert "Welcome" in home(world, "maya").words
    assert "Welcome" in home(world, "maya").words
    maya.click(present(world, "maya"), "Got it")
    assert "Welcome" not in present(world, "maya").words
    assert "Welcome" not in home(world, "maya").words


def test_hours_are_changed_from_home_and_shown_at_once(world: World) -> None:
    maya = world.person("maya")
    view = home(world, "maya")
    assert "from 9:30\u202fAM to 4:30\u202fPM (New York time), the company's hours" in view.words
    maya.click(view, "Change my hours")
    maya.submit(opened(maya), {"Write to me from": "11:00", "Write to me until": "15:00"})
    becomes(world, "maya", lambda words: "from 11:00\u202fAM to 3:00\u202fPM (New York time), as you chose" in words)


def test_a_manager_sees_who_is_missing_and_excuses_and_compiles_from_home(world: World) -> None:
    petra = world.person("petra")
    view = home(world, "petra")
    assert "*Billing Renewal* · 0 of 4 updates" in view.words
    assert "Data Migration (Jonas Weber)" in view.words
    assert "Tooling" not in view.words
    petra.select(
        press(world, "petra", "People and dates", "Billing Renewal"), "manage_item", "Excuse", near="Data Migration"
    )
    petra.submit(opened(petra), {"Reason": "On leave"})
    words = becomes(world, "petra", lambda words: "0 of 3 updates, 1 excused" in words)
    assert "Data Migration (Jonas Weber)" not in words
    petra.close(opened(petra), whole_stack=True)
    press(world, "petra", "Compile", "Core Network")
    assert "Core Network" in filled_review(petra).words


def test_after_publication_manager_sponsor_and_reader_find_the_report_and_its_post(world: World) -> None:
    assert "No report has been published yet." in home(world, "henrik").words
    world.publish()
    (post,) = world.posts()
    address = f"archives/{post.conversation}/p{post.ts.replace('.', '')}|Open the post"
    assert "Latest report: Q3 2025" in home(world, "petra").words
    assert address in str(present(world, "petra").blocks)
    henrik, lena = world.person("henrik"), world.person("lena")
    assert address in str(home(world, "henrik").blocks)
    henrik.click(present(world, "henrik"), "Full report")
    assert "Key milestones" in opened(henrik).words
    assert "There is nothing for you to do here" in home(world, "lena").words
    lena.click(post, "Acknowledge")
    assert "*Billing Renewal*\nQ3 2025" in home(world, "lena").words


def test_a_question_is_answered_from_home_and_its_asker_reads_the_answer_there(world: World) -> None:
    world.publish()
    lena, petra = world.person("lena"), world.person("petra")
    lena.click(world.posts()[0], "Ask a question")
    lena.submit(opened(lena), {"Your question": "Why so late?"})
    view = home(world, "petra")
    assert "A question waits for your answer" in view.words
    assert "Not answered yet." in home(world, "lena").words
    petra.click(view, "Answer")
    petra.submit(opened(petra), {"Answer": "The provider moved its audit."})
    becomes(world, "petra", lambda words: "waits for your answer" not in words)
    assert "*Petra Manager:* The provider moved its audit." in home(world, "lena").words


def test_a_leader_finds_a_decision_with_its_days_and_decides_there(world: World) -> None:
    omar, lena = world.person("omar"), world.person("lena")
    omar.click(world.card("omar"), "Update")
    omar.click(opened(omar), "Add a decision")
    said = {
        "Percent complete": "40",
        "Decision needed": "Second supplier?",
        "Who decides": slack_id("lena"),
        "Decide by": "2025-09-30",
    }
    assert omar.submit(opened(omar), said) is None
    assert "decision" not in home(world, "lena").words, "nobody has reviewed it yet"
    world.publish("network")
    view = home(world, "lena")
    assert "A decision waits for you" in view.words
    assert "decide by Tue, Sep 30, 7 working days left" in view.words
    lena.click(view, "Approve")
    lena.submit(opened(lena))
    becomes(world, "lena", lambda words: "A decision waits" not in words)


def test_an_offer_is_accepted_from_home(world: World) -> None:
    with world.database.writing() as session:
        jonas, omar = (people_store.person_by_slack_id(session, slack_id(name)) for name in ("jonas", "omar"))
        assert jonas is not None
        assert omar is not None
        now = world.clock.now()
        handovers.offer(
            session,
            "tooling",
            "build-farm",
            giver=jonas.id,
            receiver=omar.id,
            at=now,
            lapses_at=now + timedelta(days=2),
        )
    view = home(world, "omar")
    assert "Jonas Weber would like to hand *Build Farm* of Tooling over to you" in view.words
    world.person("omar").click(view, "Accept")
    words = becomes(world, "omar", lambda words: "Would you take over?" not in words)
    assert "*Build Farm*" in words


def test_an_admin_finds_the_company_stops_sending_and_reads_the_trail(world: World) -> None:
    world.load(PLAN.replace("owner: omar@example.com", "owner: nobody@example.com"))
    ada = world.person("ada")
    view = home(world, "ada")
    assert "*Example Networks Inc. · Q3 2025*\n3 projects · not yet published: 3" in view.words
    assert "*nobody@example.com* · no Slack account was found · Core Network" in view.words
    assert "last heartbeat" in view.words
    assert "*Tooling*" in view.words, "an admin manages every project"
    ada.click(view, "Stop sending")
    ada.click(present(world, "ada"), "Audit trail")
    words = opened(ada).words
    assert "Ada Admin stopped all messages to owners" in words
    ada.close(opened(ada))
    ada.click(present(world, "ada"), "Compile all projects")
    ada.wait_for(lambda: (top := ada.top_view()) and top.callback_id == "portfolio_review", PATIENCE)


def test_somebody_of_another_company_reads_nothing_and_can_press_nothing(world: World) -> None:
    world.expected.add(("views.publish", "user_not_found"))
    olga = world.sandbox.person(OLGA.id)
    olga.open_home()
    shown = olga.wait_for(olga.home, PATIENCE)
    assert "only its people can use me" in shown.words
    assert "Example Networks" not in shown.words
    assert "Ada" not in shown.words


@pytest.fixture
def large_world(world: World) -> World:
    """Petra manages fifteen projects."""
    more = "".join(
        f"  - key: p{n:02d}\n    name: Project {n:02d}\n    manager: petra@example.com\n"
        f"    milestones: [{{key: m, name: Step {n:02d}, owner: petra@example.com}}]\n"
        for n in range(13)
    )
    world.load(PLAN + more)
    return world


def test_long_lists_are_turned_and_stay_where_they_were_while_something_is_done(large_world: World) -> None:
    petra = large_world.person("petra")
    view = home(large_world, "petra")
    assert "1–6 of 15" in view.words
    petra.click(view, "Next", near="projects")
    assert "7–12 of 15" in present(large_world, "petra").words
    petra.click(present(large_world, "petra"), "Next", near="owed")
    words = present(large_world, "petra").words
    assert "7–12 of 15" in words, "the other list stays where it is"
    assert "9–13 of 13" in words
    petra.select(press(large_world, "petra", "People and dates", "Project 09"), "manage_item", "Excuse", near="Step 09")
    petra.submit(opened(petra), {"Reason": "Not yet"})
    words = becomes(large_world, "petra", lambda words: "1 excused" in words)
    assert "7–12 of 15" in words
    petra.click(present(large_world, "petra"), "Back", near="projects")
    assert "1–6 of 15" in present(large_world, "petra").words
    assert "1–6 of 15" in home(large_world, "petra").words


def test_a_click_on_a_home_that_was_drawn_again_meanwhile_is_carried_out_all_the_same(world: World) -> None:
    world.fail("views.publish", "hash_conflict")
    ada = world.person("ada")
    view = home_with_retry(world, "ada")
    world.fail("views.publish", "hash_conflict")
    ada.click(view, "Stop sending")
    assert "Messages to owners are stopped" in becomes(world, "ada", lambda words: "are stopped" in words)


def test_what_is_pressed_in_a_home_draws_it_once(world: World) -> None:
    """A worker that drew it too, and faster, would take the view from under the press."""
    ada = world.person("ada")
    view = home(world, "ada")
    world.bot.settle(PATIENCE)
    before = len(world.calls("views.publish"))
    ada.click(view, "Stop sending")
    world.bot.settle(PATIENCE)
    assert len(world.calls("views.publish")) == before + 1


def home_with_retry(world: World, name: str) -> SeenView:
    """Somebody's Home, opened until it is drawn."""
    person = world.person(name)
    person.open_home()
    return person.wait_for(lambda: person.home() or person.open_home(), PATIENCE)
