"""How many clicks things take, counted as what people's clicks send to the bot.

A click is every button, choice and dialog sent; typing is not one. Going to the message that asks is one more, since Slack
asks for it; a command is typed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from world import OPENING, PORTFOLIO, World, filled_review, opened

from bot.sandbox.delivery import Ack, Delivery, Kind
from bot.slack.ids import Action
from bot.slack.manifest import COMMAND

GO_TO_THE_MESSAGE = 1
QUARTER_BEFORE = "quarter: 2025-Q2\nprojects:\n  many:\n    milestones:\n"


@pytest.fixture
def clicks(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What was clicked and sent so far, in order: an action's id, or the callback id of a dialog that was sent."""
    sent: list[str] = []
    deliver = Delivery.send

    async def counted(delivery: Delivery, kind: Kind, payload: Mapping[str, Any]) -> Ack:
        if kind == "interactive":
            pressed = [action["action_id"] for action in payload.get("actions", ())]
            sent.extend(pressed or [payload.get("callback_id") or payload["view"]["callback_id"]])
        return await deliver(delivery, kind, payload)

    monkeypatch.setattr(Delivery, "send", counted)
    yield sent


def without_typing(clicks: list[str]) -> list[str]:
    """The clicks among what fields and buttons sent."""
    return [what for what in clicks if what != Action.INPUT]


def with_milestones(world: World, count: int) -> None:
    """Give Ada so many milestones with a last quarter, before the quarter opens; then it opens."""
    keys = [f"m{number}" for number in range(count)]
    text = PORTFOLIO.read_text(encoding="utf-8")
    lines = [f"      - {{key: {key}, name: Milestone {key}, owner: '@ada'}}\n" for key in keys]
    head = "  - key: many\n    name: Many\n    manager: rita@example.com\n    milestones:\n"
    world.load(f"{text.rstrip()}\n{head}{''.join(lines)}")
    said = "{percent_complete: 40, status: On track, forecast: 2025-12-15}"
    world.load(QUARTER_BEFORE + "".join(f"      {key}: {said}\n" for key in keys), command="answers")


@pytest.mark.parametrize("count", [1, 8, 30])
def test_nothing_changed_takes_two_clicks_however_many_milestones(
    troubled_world: World, clicks: list[str], count: int
) -> None:
    world = troubled_world
    with_milestones(world, count)
    world.arrive(OPENING)
    world.person("ada").click(world.card("ada"), "Nothing changed")
    assert GO_TO_THE_MESSAGE + len(clicks) == 2
    given = world.answers("many").milestones
    assert len(given) == count
    assert all(answer.provenance.confirmed for answer in given.values())


def test_update_all_of_three_takes_one_click_and_one_for_each(troubled_world: World, clicks: list[str]) -> None:
    world = troubled_world
    with_milestones(world, 3)
    world.arrive(OPENING)
    ada = world.person("ada")
    view = world.open("ada", "Update all")
    for percent in ("50", "60", "70"):
        view = ada.submit(view or opened(ada), {"Percent complete": percent})
    assert view is None, "the last one ends it"
    assert without_typing(clicks) == [Action.UPDATE_ALL, *["milestone"] * 3]
    assert "Thank you, all three are in" in world.card("ada").words


def test_publishing_takes_three_clicks_from_the_command(world: World, clicks: list[str]) -> None:
    petra = world.person("petra")
    petra.command(COMMAND)
    petra.submit(opened(petra), {"Project": "Billing Renewal"})
    confirming = petra.submit(filled_review(petra))
    assert confirming is not None
    assert petra.submit(confirming) is None
    world.settle()
    assert len(world.posts()) == 1
    assert without_typing(clicks) == ["choose_project", "review", "confirm"]


def test_a_message_becomes_a_part_of_the_update_with_two_clicks(world: World, clicks: list[str]) -> None:
    """The shortcut, and Send."""
    omar = world.person("omar")
    omar.say("The switch is in the rack.")
    omar.shortcut("add_message_to_update", omar.messages()[-1])
    assert omar.submit(opened(omar)) is None
    assert without_typing(clicks) == ["add_message_to_update", "milestone"]
    note = world.answers("network").milestones["core-switch"].value.note
    assert note is not None
    assert "The switch is in the rack." in note
