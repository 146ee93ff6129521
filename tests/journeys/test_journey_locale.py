"""Figures and dates as each person's Slack is set: in messages, Home and dialogs, and when they type them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from world import OLGA, OPENING, STARTS, World, accounts, channels, slack_app, slack_id

from bot.clock import Clock
from bot.sandbox.server import Sandbox

GERMAN = "ines"  # who answers for the budget
ODD = {"omar": "", "maya": "xx-YY", "jonas": "en-GB", GERMAN: "de-DE", "petra": "de-DE"}


@pytest.fixture
def world(new_world) -> World:
    """The company on opening day; some of its people have their Slack in other languages."""
    clock = Clock(STARTS)
    by_id = {slack_id(name): locale for name, locale in ODD.items()}
    everybody = [replace(person, locale=by_id.get(person.id, person.locale)) for person in accounts()]
    sandbox = Sandbox([*everybody, OLGA], channels(), app=slack_app(), now=clock.now)
    world = new_world(sandbox=sandbox, clock=clock)
    world.arrive(OPENING)
    return world


def resources(world: World):
    """What is recorded of the billing project's money."""
    given = world.answers("billing").resources
    assert given is not None
    return given.value


def budget_of(world: World, name: str):
    """The dialog for resources and budget, in front of somebody."""
    return world.open(name, "Budget")


def test_a_message_says_dates_and_figures_as_its_reader_writes_them(world: World) -> None:
    assert "Fri, Oct 3" not in world.card(GERMAN).words
    assert "Fr., 3. Okt." in world.card(GERMAN).words
    ines = world.person(GERMAN)
    ines.open_home()
    assert "3. Okt." in ines.wait_for(ines.home).words
    ines.submit(budget_of(world, GERMAN), {"Actual cost to date": "1.200.000,50"})
    assert "1.200.000,50" in world.card(GERMAN).words


@pytest.mark.parametrize(
    ("typed", "meant"), [("1.200.000,50", "1200000.50"), ("1.2 Mio", "1200000"), ("640000", "640000")]
)
def test_a_figure_is_read_as_the_dialog_was_shown(world: World, typed: str, meant: str) -> None:
    assert world.person(GERMAN).submit(budget_of(world, GERMAN), {"Actual cost to date": typed}) is None
    assert resources(world).actual_cost == Decimal(meant)


def test_what_a_german_may_mean_in_two_ways_is_asked_back_and_read_at_once_from_an_american(world: World) -> None:
    ines = world.person(GERMAN)
    asked = ines.submit(budget_of(world, GERMAN), {"Actual cost to date": "1,200"})
    assert asked is not None and "Is that 1.200 or 1,20?" in str(asked.errors)
    ines.close(asked)
    world.sandbox.change_person(slack_id(GERMAN), locale="en-US")
    _read_directory(world)
    assert ines.submit(budget_of(world, GERMAN), {"Actual cost to date": "1,200"}) is None
    assert resources(world).actual_cost == Decimal(1200)


def test_an_open_dialog_is_read_as_it_was_shown_though_slack_was_set_otherwise_meanwhile(world: World) -> None:
    dialog = budget_of(world, GERMAN)
    world.sandbox.change_person(slack_id(GERMAN), locale="en-US")
    _read_directory(world)
    asked = world.person(GERMAN).submit(dialog, {"Actual cost to date": "1,200"})
    assert asked is not None and "Is that 1.200 or 1,20?" in str(asked.errors)


def test_languages_that_are_none_are_answered_as_the_company_writes(world: World) -> None:
    for name in ("omar", "maya"):
        assert "Fri, Oct 3" in world.card(name).words
    assert "Fri 3 Oct" in world.card("jonas").words, "British order"


def test_what_leaders_read_stays_as_the_company_writes_it(world: World) -> None:
    ines = world.person(GERMAN)
    ines.submit(
        budget_of(world, GERMAN),
        {"Actual cost to date": "1.200.000,50", "Forecast at completion": "2.500.000", "Budget note": "Mehr Tests."},
    )
    world.publish("billing")
    (post,) = world.posts()
    said = "\n".join([post.words, *(reply.words for reply in world.thread())])
    assert "$1,200,000.50" in said
    assert "1.200.000" not in said


def _read_directory(world: World) -> None:
    """Let the bot read Slack's directory now, as it does daily."""
    world.bot._whereabouts._people._due_at = None
    world.bot.beat()
    world.settle()
