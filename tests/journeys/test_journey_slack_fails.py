"""Slack fails: replies are lost, limits are reached, connections break. Nobody hears twice, and nothing is forgotten."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from world import OPENING, World, opened

from bot.sandbox.seen import SeenMessage
from bot.slack import messenger, socket_mode
from bot.slack.messenger import SlackMessenger

OUTCOMES = ["lost_reply", "timeout", "http_500", "reset"]


@pytest.fixture(autouse=True)
def short_timeouts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call without an answer is given up soon."""
    monkeypatch.setattr(messenger, "_SEND_TIMEOUT", 2)


def openings(world: World) -> dict[str, int]:
    """How many messages each owner who works now has."""
    return {name: len(world.cards(name)) for name in ("maya", "jonas", "omar", "ines")}


@pytest.mark.parametrize("fault", OUTCOMES)
def test_a_nudge_whose_reply_is_lost_is_looked_for_and_not_sent_twice(troubled_world: World, fault: str) -> None:
    world = troubled_world
    world.fail("chat.postMessage", fault, times=2)
    world.arrive(OPENING)
    assert openings(world) == {"maya": 1, "jonas": 1, "omar": 1, "ines": 1}
    assert len(world.calls("conversations.history")) == 2, "looked for where the outcome was unknown, and only there"
    omar = world.person("omar")
    assert omar.submit(world.open("omar", "Update"), {"Percent complete": "25"}) is None
    assert "20 → 25%" in world.card("omar").words, "the message that was found is the one that is edited"
    assert world.refused() == []


def test_a_rate_limit_is_waited_for_as_long_as_slack_asks(troubled_world: World) -> None:
    world = troubled_world
    world.fail("chat.postMessage", "ratelimited", times=1, retry_after=2)
    started = time.monotonic()
    world.arrive(OPENING)
    assert openings(world) == {"maya": 1, "jonas": 1, "omar": 1, "ines": 1}
    assert time.monotonic() - started >= 2
    assert len(world.calls("chat.postMessage")) == 5
    assert world.refused() == []


def test_an_edit_whose_reply_is_lost_is_made_again(world: World) -> None:
    world.fail("chat.update", "lost_reply")
    assert world.person("omar").submit(world.open("omar", "Update"), {"Percent complete": "25"}) is None
    assert "20 → 25%" in world.card("omar").words
    assert len(world.cards("omar")) == 1


def test_a_view_call_that_slack_does_not_answer_says_so_and_the_next_press_works(world: World) -> None:
    omar, asked = world.person("omar"), world.card("omar")
    world.fail("views.open", "http_500", times=2)
    omar.click(asked, "Update")
    assert "did not answer" in omar.messages()[-1].words
    omar.click(asked, "Update")
    assert opened(omar).callback_id == "milestone"


def test_a_review_is_filled_however_slowly_slack_opens_its_view(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real workspace takes some 300 ms for it; a worker needs a tenth of that."""
    open_view = SlackMessenger.open_view

    def open_late(*what: Any) -> None:
        threading.Event().wait(0.5)
        open_view(*what)

    monkeypatch.setattr(SlackMessenger, "open_view", open_late)
    assert "Coverage" in world.review().words


def test_a_post_that_slack_refused_is_posted_by_the_next_revision(world: World) -> None:
    world.fail("chat.postMessage", "is_archived")
    world.publish()
    assert world.posts() == []
    assert "Slack refused the post" in world.card("petra").words
    again = world.confirming(world.review())
    assert "revision 2, with a new post" in again.words
    assert world.person("petra").submit(again) is None
    world.settle()
    (post,) = world.posts()
    assert {reply.thread_ts for reply in world.thread()} == {post.ts}
    petra = world.person("petra")
    again = petra.submit(world.review())
    assert again and "with these very words" in again.words


@pytest.fixture
def unconfirmed(world: World) -> World:
    """The report is in the channel, but the bot was not told."""
    world.fail("chat.postMessage", "lost_reply")
    world.publish()
    return world


def test_a_post_that_slack_did_not_confirm_is_not_repeated_and_its_manager_is_told(unconfirmed: World) -> None:
    told = unconfirmed.card("petra")
    assert "Slack did not confirm the post in #leadership" in told.words
    assert len(unconfirmed.posts()) == 1
    assert unconfirmed.thread() == [], "the thread waits for a word"
    assert not unconfirmed.calls("conversations.history"), "the channel is never read"


def test_it_is_there_gives_the_thread_its_place(unconfirmed: World) -> None:
    petra = unconfirmed.person("petra")
    (post,) = unconfirmed.posts()
    petra.click(unconfirmed.card("petra"), "It is there")
    view = petra.submit(opened(petra), {"Link to the post": "somewhere"})
    assert view is not None
    assert len(view.errors) == 1
    elsewhere = link_to(post).replace(post.conversation, "C0ELSEWHERE")
    view = petra.submit(view, {"Link to the post": elsewhere})
    assert view is not None
    (problem,) = view.errors.values()
    assert "#leadership" in problem
    assert petra.submit(view, {"Link to the post": link_to(post)}) is None
    unconfirmed.settle()
    replies = unconfirmed.thread()
    assert {reply.thread_ts for reply in replies} == {post.ts}
    assert any(reply.files for reply in replies)
    assert len(unconfirmed.posts()) == 1


def test_post_it_again_posts_once_more(unconfirmed: World) -> None:
    petra, told = unconfirmed.person("petra"), unconfirmed.card("petra")
    unconfirmed.sandbox.faults.repeat_delivery()
    petra.click(told, "Post it again")
    unconfirmed.settle()
    first, second = unconfirmed.posts()
    assert {reply.thread_ts for reply in unconfirmed.thread()} == {second.ts}
    if petra.top_view():
        petra.close(opened(petra), whole_stack=True)
    petra.click(told, "Post it again")
    assert "settled already" in opened(petra).words
    unconfirmed.settle()
    assert [m.ts for m in unconfirmed.posts()] == [first.ts, second.ts]


def test_a_lost_reply_in_the_thread_is_told_and_the_rest_follows_after_a_word(world: World) -> None:
    confirm = world.confirming(world.review())
    world.sandbox.faults.limit("chat.postMessage", 1000)
    world.fail("files.completeUploadExternal", "lost_reply")
    assert world.person("petra").submit(confirm) is None
    world.settle()
    told = world.card("petra")
    assert "did not confirm a part of the thread" in told.words
    assert sum(len(reply.files) for reply in world.thread()) == 1


def test_the_bot_comes_back_when_its_connection_breaks(new_world, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket_mode, "_PING", 0.5)  # four of them late: the client takes the connection for dead
    world = new_world()
    world.arrive(OPENING)
    view = world.open("omar", "Update")
    world.sandbox.drop_socket()
    world.sandbox.wait_for_app(20)
    world.sandbox.disconnect()
    world.sandbox.wait_for_app(20)
    assert world.person("omar").submit(view, {"Percent complete": "25"}) is None
    assert "20 → 25%" in world.card("omar").words


def link_to(message: SeenMessage) -> str:
    """What Slack copies for a message."""
    return f"https://sandbox.slack.com/archives/{message.conversation}/p{message.ts.replace('.', '')}"


def test_a_bot_that_starts_while_slack_gives_no_directory_still_asks(new_world) -> None:
    """What Slack does not tell is done without: the accounts that are known keep getting their messages."""
    world = new_world()
    world.fail("users.list", "missing_scope", times=1)
    world.arrive(OPENING)
    assert openings(world)["maya"] == 1


def test_without_the_permission_for_files_the_words_are_there_and_the_manager_hears_once(world: World) -> None:
    world.fail("files.getUploadURLExternal", "missing_scope", times=50)
    world.publish()
    assert len(world.thread()) > 2
    assert not any(reply.files for reply in world.thread())
    told = [card.words for card in world.cards("petra") if "files:write" in card.words]
    assert len(told) == 1
    assert "OAuth & Permissions" in told[0]
    asked = len(world.calls("files.getUploadURLExternal"))
    world.bot.beat()
    world.settle()
    assert len(world.calls("files.getUploadURLExternal")) == asked, "nothing is tried again"
