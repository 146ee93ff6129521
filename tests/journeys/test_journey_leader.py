"""Leadership reads the post, acknowledges it and asks; and what everybody finds in the bot's Home."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from world import PORTFOLIO, World, opened

from bot.domain.quarter import Quarter
from bot.sandbox.actor import Actor
from bot.sandbox.seen import SeenView
from bot.store import reports


@pytest.fixture
def published(world: World) -> World:
    """The billing report is in the leadership channel."""
    world.publish()
    return world


def readers(world: World) -> list[str]:
    """Who has acknowledged the newest revision."""
    with world.database.reading() as session:
        report = reports.latest(session, "billing", Quarter(2025, 3))
        assert report is not None
        return reports.readers(session, report.id)


def whisper(person: Actor, channel: str) -> str:
    """The latest words that only this person sees in a channel."""
    message = person.messages(channel)[-1]
    assert message.ephemeral
    return message.words


def test_the_full_report_opens_with_every_section(published: World) -> None:
    lena = published.person("lena")
    (post,) = published.posts()
    lena.click(post, "Full report")
    words = opened(lena).words
    assert all(
        title in words for title in ("Key milestones", "Risks and blockers", "Rating Engine", "Provider certificate")
    )


def test_acknowledging_twice_is_noted_once_and_the_post_counts_its_readers(published: World) -> None:
    lena = published.person("lena")
    (post,) = published.posts()
    lena.click(post, "Acknowledge")
    assert "Thank you" in whisper(lena, post.conversation)
    lena.click(post, "Acknowledge")
    assert "already" in whisper(lena, post.conversation)
    assert readers(published) == [lena.id]
    published.settle()
    (post,) = published.posts()
    assert "Read by 1" in post.words
    published.person("henrik").click(post, "Acknowledge")
    published.settle()
    assert "Read by 2" in published.posts()[0].words
    assert not any(m.ephemeral for m in published.channel("maya")), "nobody else sees it"


def test_a_question_goes_to_the_thread_and_the_manager_and_its_answer_back(published: World) -> None:
    lena, petra = published.person("lena"), published.person("petra")
    (post,) = published.posts()
    lena.click(post, "Ask a question")
    assert lena.submit(opened(lena), {"Your question": "Why <!here> is Aiko's certificate late?"}) is None
    asked = published.card("petra")
    assert "Lena Brandt asks about the report" in asked.words
    question = published.thread()[-1]
    assert (question.thread_ts, "Lena Brandt" in question.words) == (post.ts, True)
    assert "<!here>" not in question.words + asked.words
    petra.click(asked, "Answer")
    assert petra.submit(opened(petra), {"Answer": "The provider moved its audit."}) is None
    published.settle()
    answer = published.thread()[-1]
    assert answer.thread_ts == post.ts
    assert all(words in answer.words for words in ("Petra Manager", "Lena Brandt", "The provider moved its audit."))


def test_a_repeated_delivery_of_a_question_asks_once(published: World) -> None:
    lena = published.person("lena")
    lena.click(published.posts()[0], "Ask a question")
    before = len(published.thread())
    published.sandbox.faults.repeat_delivery()
    lena.submit(opened(lena), {"Your question": "Once?"})
    published.settle()
    assert len(published.thread()) == before + 1
    assert len(published.cards("petra")) == 1


def test_a_question_is_answered_once_and_a_second_answer_is_refused(published: World) -> None:
    lena, petra = published.person("lena"), published.person("petra")
    lena.click(published.posts()[0], "Ask a question")
    lena.submit(opened(lena), {"Your question": "When?"})
    petra.click(published.card("petra"), "Answer")
    published.sandbox.faults.repeat_delivery()
    petra.submit(opened(petra), {"Answer": "In May."})
    published.settle()
    assert sum("In May." in reply.words for reply in published.thread()) == 1
    settled = published.card("petra")
    assert "Petra Manager has answered this question" in settled.words
    assert not any(block["type"] == "actions" for block in settled.blocks)


def home(world: World, name: str, holds: Callable[[SeenView], bool] = lambda _: True) -> SeenView:
    """Somebody's Home, once the bot has drawn it."""
    person = world.person(name)
    person.open_home()
    return person.wait_for(lambda: (view := person.home()) and holds(view) and view)


def test_an_owner_finds_what_is_owed_and_answers_from_home(world: World) -> None:
    maya = world.person("maya")
    view = home(world, "maya")
    assert all(words in view.words for words in ("Q3 2025", "Rating Engine", "Invoice Portal"))
    maya.click(view, "Update", near="Invoice Portal")
    assert maya.submit(opened(maya), {"Percent complete": "50"}) is None
    assert "35 → 50%" in home(world, "maya", lambda view: "50%" in view.words).words


def test_a_manager_finds_the_coverage_of_every_project(shared_world: World) -> None:
    words = home(shared_world, "petra").words
    assert "Billing Renewal" in words
    assert "Core Network" in words
    assert "Tooling" not in words


def test_somebody_without_a_part_is_told_why_there_is_nothing(shared_world: World) -> None:
    words = home(shared_world, "lena").words
    assert "There is nothing for you to do here" in words
    assert "Ada Admin can add you" in words
    assert "Billing Renewal" not in words


def test_a_button_in_home_whose_milestone_has_gone_says_so(world: World) -> None:
    """Home is drawn when it is opened: by the time a button is pressed the milestone may have been dropped."""
    view = home(world, "maya")
    lines = PORTFOLIO.read_text().splitlines()
    world.load("\n".join(line for line in lines if "invoice-portal" not in line), "--yes")
    world.person("maya").click(view, "Update", near="Invoice Portal")
    assert "no longer part of Billing Renewal" in opened(world.person("maya")).words
