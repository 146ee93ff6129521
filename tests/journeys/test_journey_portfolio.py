"""An admin compiles, reviews and publishes all projects together; nobody else can, and nothing unread goes out."""

from __future__ import annotations

import json

import pytest
from world import PATIENCE, PORTFOLIO, World

from bot.sandbox.actor import Actor
from bot.sandbox.seen import SeenMessage, SeenView

UPDATES = """
quarter: 2025-Q3
projects:
  billing:
    milestones:
      rating-engine: {percent_complete: 80, status: On track, forecast: 2025-12-15}
      invoice-portal: {percent_complete: 50, status: On track, forecast: 2025-12-12}
      data-migration: {percent_complete: 55, status: On track, forecast: 2025-11-28}
      payment-gateway: {percent_complete: 70, status: At risk, forecast: 2025-11-14}
"""
NEW_ADMIN = PORTFOLIO.read_text().replace('admins: ["@ada"]', "admins: [petra@example.com]")
NO_CHANNEL = PORTFOLIO.read_text().replace('leadership_channel: "#leadership"\n', "", 1)


@pytest.fixture
def published(world: World) -> World:
    """The billing project is answered and published; the other two are not."""
    world.load(UPDATES, command="answers")
    world.publish("billing")
    return world


def filled(person: Actor, callback: str = "portfolio_review") -> SeenView:
    """The view in front of somebody, once it is filled."""

    def view() -> SeenView | None:
        top = person.top_view()
        return top if top and top.callback_id == callback else None

    return person.wait_for(view, PATIENCE)


def review(world: World, words: str = "all") -> SeenView:
    world.person("ada").command(f"/compile-report {words}")
    return filled(world.person("ada"))


def publish(world: World) -> None:
    """Review, publish and confirm."""
    ada = world.person("ada")
    ada.submit(review(world), {})
    assert ada.submit(filled(ada, "portfolio_confirm")) is None
    world.settle()


def posts(world: World) -> list[SeenMessage]:
    return [post for post in world.posts() if "portfolio" in post.words]


def thread(world: World) -> list[SeenMessage]:
    (post,) = posts(world)
    return [reply for reply in world.thread() if reply.thread_ts == post.ts]


def compiled(world: World, *options: str) -> str:
    ran = world.cli("compile", "--project", "all", "--quarter", "2025-Q3", *options)
    assert ran.status == 0, ran.err
    return ran.out


def test_others_are_told_who_can(world: World) -> None:
    for name in ("petra", "omar"):
        person = world.person(name)
        person.command("/compile-report all")
        assert "Only admins can report on all projects: Ada Admin." in person.messages()[-1].words
        assert person.top_view() is None


def test_the_review_shows_coverage_and_what_is_not_published(published: World) -> None:
    words = review(published, "ALL 2025-Q3").words
    assert "Coverage *4 of 6* updates\n*1 of 3* projects published:" in words
    assert "*Core Network* · Petra Manager · 0 of 1 update" in words


def test_another_quarter_can_be_compiled(published: World) -> None:
    assert "portfolio · Q2 2025*" in review(published, "all 2025-Q2").words


def test_the_preview_is_what_leadership_will_see(published: World) -> None:
    ada = published.person("ada")
    ada.click(review(published), "Preview")
    published.settle()
    preview = next(card for card in reversed(published.cards("ada")) if not card.files)
    publish_view = filled(ada)
    assert "A preview is in your messages" in publish_view.words
    ada.submit(publish_view, {})
    ada.submit(filled(ada, "portfolio_confirm"))
    published.settle()
    assert posts(published)[0].words == preview.words


def test_published_it_is_one_post_with_a_document_and_a_reply_a_project(published: World) -> None:
    publish(published)
    (post,) = posts(published)
    assert "🟠 *1* At risk" in post.words
    assert "Not yet published: Core Network (0 of 1 update) and Tooling (0 of 1 update)" in post.words
    chart, papers, *replies = thread(published)
    assert [found["name"] for found in chart.files] == ["portfolio-2025-Q3-r1-statuses.png"]
    assert [found["name"] for found in papers.files] == [
        f"portfolio-2025-Q3-r1.{end}" for end in ("pdf", "docx", "csv", "md")
    ]
    assert [reply.words.partition("*")[2].partition("*")[0] for reply in replies] == [
        "Billing Renewal",
        "Core Network",
        "Tooling",
    ]


def test_publishing_again_edits_the_post_and_says_what_changed(published: World) -> None:
    publish(published)
    published.publish("network")
    publish(published)
    (post,) = posts(published)
    assert "Not yet published: Tooling" in post.words
    revision, chart, papers = thread(published)[-3:]
    assert "*Revision 2 · what changed*\n• Core Network: published, Not known" in revision.words
    assert [found["name"] for found in chart.files] == ["portfolio-2025-Q3-r2-statuses.png"]
    assert [found["name"] for found in papers.files] == [
        f"portfolio-2025-Q3-r2.{end}" for end in ("pdf", "docx", "csv", "md")
    ]


def test_what_was_published_while_reading_is_told_before_it_goes_out(published: World) -> None:
    ada = published.person("ada")
    opened = review(published)
    ada.submit(opened, {})
    confirming = filled(ada, "portfolio_confirm")
    published.publish("network")
    again = ada.submit(confirming)
    assert again is not None
    assert "Nothing is sent yet" in again.words
    assert "Core Network: published, Not known" in again.words
    assert posts(published) == []
    assert ada.submit(again) is None
    published.settle()
    assert "*2 of 3* projects published" in posts(published)[0].words


def test_a_second_confirmation_of_the_same_facts_publishes_nothing_more(published: World) -> None:
    publish(published)
    publish(published)
    assert len(posts(published)) == 1
    assert not any("Revision 2" in reply.words for reply in thread(published))


@pytest.mark.parametrize("stage", ["portfolio_review", "portfolio_confirm"])
def test_who_is_no_longer_an_admin_is_refused_at_submission(published: World, stage: str) -> None:
    ada = published.person("ada")
    view = review(published)
    if stage == "portfolio_confirm":
        ada.submit(view, {})
        view = filled(ada, stage)
    published.load(NEW_ADMIN)
    answer = ada.submit(view, {})
    published.settle()
    assert answer is not None
    assert "Only admins can report on all projects: Petra Manager." in answer.words
    assert posts(published) == []


def test_without_a_channel_the_review_says_how_to_set_one(published: World) -> None:
    published.load(NO_CHANNEL)
    ada = published.person("ada")
    ada.command("/compile-report all")
    assert "Set leadership_channel in the portfolio" in filled(ada, "message").words


def test_a_post_that_slack_did_not_confirm_is_settled_by_an_admin(published: World) -> None:
    published.fail("chat.postMessage", "internal_error")
    publish(published)
    asked = published.cards("ada")[-1]
    assert "Slack did not confirm the post" in asked.words
    published.person("ada").click(asked, "Post it again")
    published.settle()
    assert len(posts(published)) == 1
    assert len(thread(published)) == 5


def test_the_command_line_prints_what_was_published_and_what_is_known_today(published: World) -> None:
    publish(published)
    frozen = compiled(published, "--revision", "1")
    published.publish("network")
    assert compiled(published, "--revision", "1") == frozen
    today = json.loads(compiled(published, "--format", "json"))
    assert (today["kind"], today["revision"], today["is_draft"], today["not_published"]) == (
        "portfolio",
        1,
        True,
        ["tooling"],
    )
    assert "**Draft:**" in compiled(published)
    assert json.loads(compiled(published, "--format", "slack"))["blocks"][0]["type"] == "header"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--revision", "7"), "all 2025-Q3 has no revision 7."),
        (("--layout", "memo"), "--layout is for the report of one project"),
    ],
)
def test_wrong_words_on_the_command_line_end_with_2(world: World, options: tuple[str, ...], said: str) -> None:
    ran = world.cli("compile", "--project", "all", "--quarter", "2025-Q3", *options)
    assert (ran.status, ran.out) == (2, "")
    assert said in ran.err


def test_a_file_that_cannot_be_written_ends_with_1(world: World) -> None:
    ran = world.cli("compile", "--project", "all", "--quarter", "2025-Q3", "-o", world.folder / "no" / "such.md")
    assert ran.status == 1
    assert "cannot be written" in ran.err
