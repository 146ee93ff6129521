"""A whole quarter on a moved clock: who hears what and when, over holidays, weekends and the change to winter time."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from world import NAMES, PORTFOLIO, ZONES, World, slack_id

from bot.calendars import working_calendar
from bot.flow.company import Company
from bot.flow.schedule.schedule import next_instants
from bot.sandbox.workspace import Message
from bot.slack.ids import Action
from tests.servers import KINDS

pytestmark = pytest.mark.parametrize("database_kind", KINDS, scope="session")

COUNTRIES = {"jonas": "DE", "henrik": "DE", "aiko": "JP"}
OWNERS = ("maya", "jonas", "aiko", "omar", "ines")
WINTER = (  # closes after the clocks have changed in Berlin (October 26) and New York (November 2)
    'quarters: {2025-Q3: {due: 2025-11-05, opens: 2025-10-22}}\nadmins: ["@ada"]'
)


def walk(world: World, end: datetime) -> None:
    """Move the clock to an instant, halting wherever something comes due."""
    with world.database.reading() as session:
        halts = next_instants(session, Company.load(session), world.clock.now(), end)
    for halt in [*halts, end]:
        world.arrive(halt)


def sent_to(world: World, name: str) -> list[Message]:
    """The messages that somebody got from the bot, with the business instants at which they came."""
    return world.sandbox.call(lambda: list(world.sandbox.workspace.direct(slack_id(name)).messages))


def kinds(world: World, name: str) -> list[str]:
    """The steps that somebody's messages stand for, in order."""
    marks = {"opening": "opening", "reminder": "reminder", "last-call": "last-call"}
    keys = [str((m.metadata or {}).get("event_payload", {}).get("key", "")) for m in sent_to(world, name)]
    return [next((kind for mark, kind in marks.items() if f":{mark}" in key), key) for key in keys]


def is_in_hours(name: str, instant: datetime) -> bool:
    """Whether somebody works at an instant: between 09:30 and 16:30 on a working day of theirs."""
    local = instant.astimezone(ZoneInfo(ZONES.get(name, "America/New_York")))
    works = working_calendar(COUNTRIES.get(name, "US")).is_working_day(local.date())
    return works and time(9, 30) <= local.time() < time(16, 30)


def everything_sent(world: World) -> list[tuple[str, datetime]]:
    """Who was written to, and when."""
    return [(name, message.at) for name in NAMES for message in sent_to(world, name)]


@pytest.fixture
def season(new_world) -> World:
    """The day before the third quarter opens."""
    return new_world()


def test_only_those_with_something_missing_hear_again_and_nobody_twice_for_a_step(season: World) -> None:
    walk(season, datetime(2025, 9, 22, 12, tzinfo=UTC))
    assert all(kinds(season, name) == ["opening"] for name in OWNERS)
    season.person("jonas").click(season.card("jonas"), "Nothing changed")
    season.person("omar").submit(season.open("omar", "Update"), {"Percent complete": "30"})
    walk(season, datetime(2025, 10, 3, 20, tzinfo=UTC))
    assert kinds(season, "jonas") == kinds(season, "omar") == ["opening"]
    assert kinds(season, "maya") == ["opening", "reminder", "reminder", "last-call"]
    assert kinds(season, "ines") == ["opening", "reminder", "reminder", "last-call"]
    days = Counter(message.at.astimezone(ZoneInfo(ZONES["aiko"])).date() for message in sent_to(season, "aiko"))
    assert set(days.values()) == {1}, "one message a day at most"
    assert "due today, Fri, Oct 3" in season.card("maya").words
    assert "due Sat, Oct 4" in season.card("aiko").words, "her last call comes on the working day before"
    assert season.refused() == []


def test_nobody_is_written_to_outside_their_hours_on_weekends_or_holidays(season: World) -> None:
    walk(season, datetime(2025, 10, 6, 22, tzinfo=UTC))
    sent = everything_sent(season)
    assert len(sent) >= 3 * len(OWNERS)
    assert [(name, at) for name, at in sent if name in OWNERS and not is_in_hours(name, at)] == []


def test_the_change_to_winter_time_moves_nobodys_morning(season: World) -> None:
    season.load(PORTFOLIO.read_text().replace('admins: ["@ada"]', WINTER))
    walk(season, datetime(2025, 11, 5, 23, tzinfo=UTC))
    sent = everything_sent(season)
    assert [(name, at) for name, at in sent if name in OWNERS and not is_in_hours(name, at)] == []
    mornings = {
        at.astimezone(ZoneInfo("America/New_York")).time().replace(microsecond=0) for n, at in sent if n == "maya"
    }
    assert {moment.replace(second=0) for moment in mornings} == {time(9, 30)}
    hours = {at.hour for name, at in sent if name == "maya"}
    assert hours == {13, 14}, "half past nine in New York is another hour in UTC after November 2"


def test_a_tick_that_is_missed_or_made_twice_sends_nothing_twice(season: World) -> None:
    season.arrive(datetime(2025, 10, 1, 14, tzinfo=UTC))
    for _ in range(3):
        season.bot.beat()
    season.settle()
    for name in ("maya", "jonas", "omar", "ines"):
        assert len(kinds(season, name)) == 1, "what a later step has replaced is not sent any more"


def test_older_messages_lose_their_buttons_when_a_newer_one_comes(season: World) -> None:
    walk(season, datetime(2025, 10, 1, 20, tzinfo=UTC))
    *older, newest = season.cards("maya")
    assert all(not buttons(message.blocks) for message in older)
    assert buttons(newest.blocks)


def test_a_new_quarter_closes_the_old_messages_and_starts_from_what_was_said(season: World) -> None:
    walk(season, datetime(2025, 9, 22, 12, tzinfo=UTC))
    season.person("omar").submit(season.open("omar", "Update"), {"Percent complete": "30"})
    walk(season, datetime(2025, 12, 23, 20, tzinfo=UTC))
    *older, newest = season.cards("omar")
    assert "Q4 2025" in newest.words
    assert "last quarter 30%" in newest.words
    assert all(not buttons(message.blocks) for message in older), "the quarter before is closed"
    unanswered = [message for message in season.cards("maya") if "Q3 2025" in message.words]
    assert all(not buttons(message.blocks) for message in unanswered)


def buttons(blocks) -> list[str]:
    """The action ids of the buttons in blocks."""
    elements = [e for b in blocks for e in (*b.get("elements", ()), b.get("accessory") or {})]
    return [e["action_id"] for e in elements if e.get("action_id") in set(Action)]


def test_somebody_without_an_account_is_told_to_the_manager(new_world) -> None:
    world = new_world()
    world.load(PORTFOLIO.read_text().replace("omar@", "nobody@").replace("Omar Haddad", "No Body"))
    world.bot._whereabouts._people._due_at = None
    world.arrive(datetime(2025, 9, 19, 14, tzinfo=UTC))
    assert "cannot be asked for an update" in world.card("petra").words
    world.arrive(datetime(2025, 9, 19, 14, tzinfo=UTC) + timedelta(days=3))
    assert len([m for m in world.cards("petra") if "cannot be asked" in m.words]) == 1
