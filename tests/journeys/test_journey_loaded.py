"""What an administrator loads from a file while the bot runs: people's messages follow, and nobody is written to anew."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from world import PORTFOLIO, Q3, World, opened, slack_id

from bot.flow.messages import ItemRef
from bot.slack.card import item_value
from tests.servers import KINDS

pytestmark = pytest.mark.parametrize("database_kind", KINDS, scope="session")

OVERDUE = datetime(2025, 10, 6, 14, tzinfo=UTC)
ALL_OF_MAYA = """
quarter: 2025-Q3
projects:
  billing:
    milestones:
      rating-engine: {percent_complete: 80, status: On track, forecast: 2025-12-15, promised: {parallel-run: kept}}
      invoice-portal: {percent_complete: 50, status: On track, forecast: 2025-12-12}
"""
THE_REST = """
quarter: 2025-Q3
projects:
  billing:
    milestones:
      data-migration: {percent_complete: 55, status: On track, forecast: 2025-11-28}
      payment-gateway: {percent_complete: 70, status: At risk, forecast: 2025-11-14, note: Direct debit is tested.}
  network:
    milestones:
      core-switch: {percent_complete: 40, status: On track, forecast: 2025-12-01}
"""
BUDGET = "quarter: 2025-Q3\nprojects: {billing: {resources: {actual_cost: 1500000}}}"


def load(world: World, text: str, *options: str) -> None:
    """Load answers, and let the bot see it."""
    world.load(text, *options, command="answers")
    world.bot.beat()
    world.settle()


def test_the_owner_s_message_counts_what_was_loaded_as_after_a_dialog(world: World) -> None:
    (before,) = world.cards("maya")
    assert "You answer for 2 milestones" in before.words
    load(world, ALL_OF_MAYA)
    (after,) = world.cards("maya")
    assert after.ts == before.ts, "the same message, edited"
    assert "✓ both done" in after.words
    assert "80%" in after.words
    assert "done" not in world.card("jonas").words, "others have answered nothing"


def test_a_dry_run_edits_nothing(world: World) -> None:
    (before,) = world.cards("maya")
    load(world, ALL_OF_MAYA, "--dry-run")
    (after,) = world.cards("maya")
    assert after.words == before.words


def test_the_same_file_twice_edits_once(world: World) -> None:
    load(world, ALL_OF_MAYA)
    edits = len(world.calls("chat.update"))
    load(world, ALL_OF_MAYA)
    assert len(world.calls("chat.update")) == edits


def test_the_manager_s_digest_says_who_is_still_missing_and_then_that_nobody_is(world: World) -> None:
    world.arrive(OVERDUE)
    digest = world.card("petra")
    assert "0 of 4 updates are in" in digest.words
    load(world, ALL_OF_MAYA)
    assert "2 of 4 updates are in" in world.card("petra").words
    assert "Rating Engine" not in world.card("petra").words
    assert "Payment Gateway" in world.card("petra").words
    load(world, THE_REST)
    settled = world.card("petra")
    assert settled.ts == digest.ts, "one digest, edited"
    assert "4 of 4 updates are in" in settled.words
    assert "*Resources and budget* · Ines Duarte · last known $1,100,000 spent" in settled.words
    load(world, BUDGET)
    assert "Everybody has answered meanwhile." in world.card("petra").words


def test_the_manager_s_digest_follows_a_dialog_too(world: World) -> None:
    world.arrive(OVERDUE)
    assert "0 of 4 updates are in" in world.card("petra").words
    view = world.open("maya", "Update", near="Invoice Portal")
    assert world.person("maya").submit(view, {"Percent complete": "50"}) is None
    assert "1 of 4 updates are in" in world.card("petra").words


def test_a_manager_excuses_and_reassigns_from_the_digest_which_follows(world: World) -> None:
    world.arrive(OVERDUE)
    petra, digest = world.person("petra"), world.card("petra")
    payment, portal = (item_value(ItemRef("billing", Q3, key)) for key in ("payment-gateway", "invoice-portal"))
    petra.click(digest, "Excuse", near=payment)
    said = petra.submit(opened(petra), {"Reason": "The provider closed."})
    assert said is not None
    assert "Payment Gateway is excused." in said.words
    petra.close(said)
    assert "0 of 3 updates are in" in world.card("petra").words
    petra.click(world.card("petra"), "Reassign", near=portal)
    petra.submit(opened(petra), {"Who answers for it": slack_id("jonas")})
    assert "*Invoice Portal* · Jonas Weber" in world.card("petra").words


def test_a_plan_that_is_loaded_takes_a_milestone_from_one_message_and_puts_it_into_another(world: World) -> None:
    text = PORTFOLIO.read_text()
    assert "Invoice Portal" in world.card("maya").words
    world.load(text.replace("name: Invoice Portal, owner: maya@", "name: Invoice Portal, owner: omar@"))
    world.bot.beat()
    world.settle()
    assert "Invoice Portal" not in world.card("maya").words
    assert "Invoice Portal" in world.card("omar").words
