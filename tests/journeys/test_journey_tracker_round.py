"""A day's round of trackers in a bot as `run` starts it: GitHub and Jira are read by themselves, and stand beside the owners'."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.quarter import Quarter
from bot.domain.tracker import TrackerFigure
from bot.flow.company import Company
from bot.sandbox.seen import SeenMessage, SeenView
from bot.store.session import Database
from bot.store.trackings import trackings
from tests.running import PATIENCE, RunningBot, a_portfolio
from tests.trackers.tracker_server import TrackerServer, shape

MILESTONE = "/repos/octo-org/portal/milestones/3"
TRACKED = (
    a_portfolio(2)
    .replace("owner0@example.com}", "owner0@example.com, tracker: {github: octo-org/portal/milestone/3}}")
    .replace("owner1@example.com}", "owner1@example.com, tracker: {jira: PORTAL-7}}")
)


@pytest.fixture
def server() -> Iterator[TrackerServer]:
    """GitHub and Jira at one address: 72% and two of three issues done."""
    server = TrackerServer()
    server.put(MILESTONE, shape("github-milestone"))
    server.put("/rest/api/3/issue/PORTAL-7", shape("jira-issue"))
    server.put("/rest/api/3/search/jql", shape("jira-children"))
    server.put("/rest/api/3/search/jql", shape("jira-last-children"))
    yield server
    server.stop()


@pytest.fixture
def bot(tmp_path: Path, server: TrackerServer) -> Iterator[RunningBot]:
    """A bot on opening day, with the settings of both trackers."""
    settings = {
        "GITHUB_API_URL": server.url, "GITHUB_TOKEN": "ghp_round",
        "JIRA_URL": server.url, "JIRA_EMAIL": "bot@example.com", "JIRA_TOKEN": "ATATTround",
    }  # fmt: skip
    with RunningBot(tmp_path, **settings) as bot:
        bot.load(TRACKED)
        yield bot.start()


def figures(bot: RunningBot) -> dict[str, TrackerFigure]:
    """What was kept of the round, once both milestones were read."""
    database, deadline = Database(bot.database_url), time.monotonic() + PATIENCE
    try:
        while True:
            with database.reading() as session:
                told = trackings(session, Quarter(2025, 3), list(Company.load(session).projects.values()))
            if "portal" in told and len(told["portal"].figures) == 2:
                return dict(told["portal"].figures)
            assert time.monotonic() < deadline, told
            time.sleep(0.05)
    finally:
        database.close()


def dialog(bot: RunningBot, person: str, *, near: str) -> SeenView:
    """The dialog behind the Update button of somebody's opening message."""
    actor = bot.sandbox.person(person)

    def opening() -> SeenMessage | None:
        return next((message for message in actor.messages() if near in message.words), None)

    actor.click(actor.wait_for(opening, PATIENCE), "Update")
    return actor.wait_for(actor.top_view, PATIENCE)


def words_of(view: SeenView | None) -> str:
    """What a view says; nothing where there is none yet."""
    return view.words if view else ""


def test_a_round_offers_each_owner_the_tracker_s_figure_and_tells_owner_and_manager_where_they_differ(
    bot: RunningBot, server: TrackerServer
) -> None:
    assert {key: str(figure.percent) for key, figure in figures(bot).items()} == {"m0": "72", "m1": "66.7"}
    assert {asked.headers["authorization"].partition(" ")[0] for asked in server.asked} == {"Bearer", "Basic"}

    first = dialog(bot, "U0OWNER0", near="Part 0")
    assert "GitHub says 72% (18 of 25 issues closed), due Oct 31, read today" in first.words
    assert "https://github.com/octo-org/portal/milestone/3" in str(first.blocks)
    second = dialog(bot, "U0OWNER1", near="Part 1")
    assert "Jira says 66.7% (2 of 3 issues done), due Nov 14, read today" in second.words
    assert f"{server.url}browse/PORTAL-7" in str(second.blocks)

    owner, manager = bot.sandbox.person("U0OWNER0"), bot.sandbox.person("U0PAT")
    assert owner.submit(first, {"Percent complete": "95", "Status": "On track"}) is None
    owner.wait_for(lambda: any("GitHub says 72%" in message.words for message in owner.messages()), PATIENCE)
    other = bot.sandbox.person("U0OWNER1")
    assert other.submit(second, {"Percent complete": "67", "Status": "On track"}) is None
    other.wait_for(lambda: any("67%" in message.words for message in other.messages()), PATIENCE)
    assert not any("Jira says" in message.words for message in other.messages()), "a third of a point is no difference"

    manager.command("/compile-report portal")
    manager.wait_for(lambda: "Part 0: 95%" in words_of(manager.top_view()), PATIENCE)
    review = words_of(manager.top_view())
    assert "more than 10 points from its tracker" in review
    assert "GitHub said 72%" in review
    assert "Part 1: 67%" not in review

    asked = len(server.asked)
    assert bot.end()[0] == 0
    bot.start().wait_until_ready()
    bot.wait_for("/metrics", lambda answer: 'nudges{outcome="sent"' in answer.text)
    assert len(server.asked) == asked, "one round a day, whoever restarts meanwhile"
