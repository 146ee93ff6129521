"""A tracker's figure from the portfolio's line to the report: offered to its owner, never in the way, pointed out where far."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from world import PORTFOLIO, World, opened

from tests.trackers.tracker_server import TrackerServer, shape

ENGINE = "Rating Engine"
MILESTONE = "/repos/octo-org/portal/milestones/3"
PLACED = "owner: maya@example.com, baseline: 2025-12-15, tracker: {github: octo-org/portal/milestone/3}}"


@pytest.fixture
def github(world: World) -> Iterator[TrackerServer]:
    """A GitHub in which the rating engine's work is kept, and which the bot has read: 18 of 25 issues are closed."""
    server = TrackerServer()
    server.put(MILESTONE, shape("github-milestone"))
    world.environment["GITHUB_API_URL"] = server.url
    world.load(PORTFOLIO.read_text(encoding="utf-8").replace("owner: maya@example.com, baseline: 2025-12-15}", PLACED))
    ran = world.cli("trackers")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.splitlines()[1].split() == [
        *("billing/rating-engine", "GitHub", "72%", "–", "2025-10-31"),
        *("18", "of", "25", "issues"),
    ]
    yield server
    server.stop()


def test_an_owner_takes_the_tracker_s_figure_with_one_click(world: World, github: TrackerServer) -> None:
    maya = world.person("maya")
    view = world.open("maya", "Update", near=ENGINE)
    assert "GitHub says 72% (18 of 25 issues closed), due Oct 31, read today" in view.words
    assert "https://github.com/octo-org/portal/milestone/3" in str(view.blocks)
    before = view.value("Percent complete")
    assert before not in ("", "72"), "nothing is filled in by itself"
    maya.fill(view, {"Note": "Half a sentence"})
    maya.click(opened(maya), "Use 72%")
    used = opened(maya)
    assert (used.value("Percent complete"), used.value("Note")) == ("72", "Half a sentence")
    assert "Use 72%" not in used.labels
    maya.close(used)
    again = world.open("maya", "Update", near=ENGINE)
    assert again.value("Percent complete") == "72", "it is kept as if it had been typed"
    assert maya.submit(again, {"Status": "On track"}) is None
    assert world.answers("billing").milestones["rating-engine"].value.percent_complete == 72
    assert "GitHub" not in world.card("maya").words, "they agree"


def test_an_owner_s_own_figure_wins_and_both_are_told_that_it_is_far(world: World, github: TrackerServer) -> None:
    maya = world.person("maya")
    view = world.open("maya", "Update", near=ENGINE)
    assert maya.submit(view, {"Percent complete": "95", "Status": "On track"}) is None
    assert "95%, on track" in world.card("maya").words
    assert "GitHub says 72%" in world.card("maya").words
    remark = "A milestone's answer is more than 10 points from its tracker · only you see this"
    review = world.review("billing")
    assert remark.replace(" · only you see this", "") in review.words.replace("*", "")
    assert "Rating Engine: 95% (Maya Okafor, Sep 19); GitHub said 72% on Sep 19" in review.words


def test_the_report_names_the_tracker_among_its_sources_and_says_nothing_of_a_mismatch(
    world: World, github: TrackerServer
) -> None:
    maya = world.person("maya")
    assert (
        maya.submit(world.open("maya", "Update", near=ENGINE), {"Percent complete": "95", "Status": "On track"}) is None
    )
    world.settle()
    world.publish("billing")
    draft = json.loads(world.cli("compile", "--project", "billing", "--quarter", "2025-Q3", "--format", "json").out)
    (told,) = [line["tracker"] for line in draft["milestones"] if line["tracker"]]
    assert (told["source"], told["percent"], told["link"]) == (
        *("github", 72),
        "https://github.com/octo-org/portal/milestone/3",
    )
    assert told["read_at"].startswith("2025-09-19T")
    assert "tracker-mismatch" in {check["id"] for check in draft["checks"]}
    assert not draft["is_draft"], "what a tracker says is no new fact"
    options = ("--project", "billing", "--quarter", "2025-Q3", "--revision", "1")
    published = world.cli("compile", *options).out
    assert "Rating Engine (tracker: 72%, https://github.com/octo-org/portal/milestone/3)" in published
    assert "points from its tracker" not in published
    revision = json.loads(world.cli("compile", *options, "--format", "json").out)
    assert "tracker-mismatch" not in {check["id"] for check in revision["checks"]}
    thread = "\n".join(message.words for message in world.thread())
    assert "Rating Engine: tracker GitHub 72%" in thread
    assert "points from its tracker" not in thread


def test_a_tracker_that_cannot_be_read_is_told_to_the_manager_and_stops_nobody(
    world: World, github: TrackerServer
) -> None:
    github.put(MILESTONE, shape("github-not-found"), 404)
    world.cli("trackers")
    ran = world.cli("trackers")
    reason = "GitHub has no octo-org/portal/milestone/3, or GITHUB_TOKEN may not see it."
    assert ran.status == 1
    assert f"billing/rating-engine: {reason}" in ran.err
    assert "1 of 1 could not be read." in ran.err
    assert reason in world.review("billing").words
    maya = world.person("maya")
    view = world.open("maya", "Update", near=ENGINE)
    assert "GitHub says 72%" in view.words, "with the day it was read, the last figure is still worth something"
    assert maya.submit(view, {"Percent complete": "75", "Status": "On track"}) is None


def test_a_table_fills_in_for_trackers_that_cannot_be_read(world: World) -> None:
    file = world.folder / "progress.csv"
    file.write_text("milestone_key,percent\nrating-engine,66\n", encoding="utf-8")
    shown = world.cli("prefill", file, "--dry-run")
    assert shown.status == 0
    assert "billing/rating-engine  progress.csv  66%" in shown.out
    assert "progress.csv" not in world.open("maya", "Update", near=ENGINE).words
    world.person("maya").close(opened(world.person("maya")))
    assert world.cli("prefill", file).out == shown.out
    assert "progress.csv says 66%, read today" in world.open("maya", "Update", near=ENGINE).words


def test_a_table_with_mistakes_is_refused_as_a_whole(world: World) -> None:
    file = world.folder / "progress.csv"
    file.write_text("milestone_key,percent\nrating-engine,66\nnothing,5\n", encoding="utf-8")
    ran = world.cli("prefill", file)
    assert ran.status == 2
    assert ran.err.splitlines()[-1] == "1 problem, nothing was changed."
    assert "progress.csv" not in world.open("maya", "Update", near=ENGINE).words
