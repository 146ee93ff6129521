"""An admin stops the messages to owners, and resumes them: nothing goes meanwhile, and afterwards each gets exactly one."""

from __future__ import annotations

from datetime import UTC, datetime

from world import OPENING, Q3, World, opened

from bot.app import Bot
from bot.sandbox.seen import SeenView
from bot.store import ledger
from bot.store.ledger import NudgeState

AMERICANS = ("maya", "omar", "ines")  # whose opening comes at OPENING
FIRST_REMINDER, SECOND_REMINDER = datetime(2025, 9, 26, 14, tzinfo=UTC), datetime(2025, 10, 1, 14, tzinfo=UTC)


def home_of(world: World, name: str) -> SeenView:
    """Somebody's Home, opened anew."""
    person = world.person(name)
    before = len(world.calls("views.publish"))
    person.open_home()
    person.wait_for(lambda: len(world.calls("views.publish")) > before)
    home = person.home()
    assert home is not None
    return home


def counts(world: World) -> dict[str, int]:
    """How many messages the American owners have."""
    return {name: len(world.cards(name)) for name in AMERICANS}


def restart(world: World) -> None:
    """End the bot and start it again on the same database."""
    world.bot.stop()
    world.bot = Bot(world.settings, world.clock)
    world.bot.start()


def test_stopped_nothing_goes_resumed_each_gets_exactly_one(troubled_world: World) -> None:
    world = troubled_world
    ada = world.person("ada")
    ada.command("/compile-report stop")
    assert "Stopped" in ada.messages()[-1].words
    world.arrive(OPENING)
    restart(world)
    world.arrive(OPENING)
    assert set(counts(world).values()) == {0}
    home = home_of(world, "ada")
    assert "Messages to owners are stopped: Ada Admin" in home.words
    ada.click(home, "Resume sending")
    world.settle()
    assert set(counts(world).values()) == {1}
    assert "No messages to owners are going out" in home_of(world, "ada").words
    world.arrive(OPENING)
    assert set(counts(world).values()) == {1}
    assert world.refused() == []


def test_while_stopped_answers_are_shown_and_a_replaced_reminder_is_never_sent(world: World) -> None:
    ada = world.person("ada")
    ada.click(home_of(world, "ada"), "Stop sending")
    world.arrive(FIRST_REMINDER)
    assert counts(world) == dict.fromkeys(AMERICANS, 1)
    omar = world.person("omar")
    omar.click(world.card("omar"), "Update")
    omar.submit(opened(omar), {"Percent complete": "30"})
    assert "30%" in world.card("omar").words
    assert "stopped: Ada Admin" in world.review().words
    world.arrive(SECOND_REMINDER)
    ada.command("/compile-report resume")
    world.settle()
    assert counts(world) == {"maya": 2, "omar": 1, "ines": 2}
    with world.database.reading() as session:
        reminders = [nudge for nudge in ledger.nudges(session, Q3) if nudge.step == "reminder-5"]
    reasons = {nudge.reason for nudge in reminders if nudge.state is NudgeState.DROPPED}
    assert reasons == {"replaced by reminder-2", "nothing missing any more, or too late"}


def test_a_manager_is_told_who_can_stop_and_has_no_button(world: World) -> None:
    petra = world.person("petra")
    petra.command("/compile-report stop")
    assert "Only admins can stop or resume the messages: Ada Admin" in petra.messages()[-1].words
    home = home_of(world, "petra")
    assert "Stop sending" not in home.words
    assert "No messages" not in home.words
