"""Several hands on one milestone: co-owners, a colleague asked once, and a deputy, as each of them sees it in Slack."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

from test_journey_handover import deeds, owned
from world import OPENING, PORTFOLIO, TOKYO_MORNING, World, opened, slack_id

from bot.domain.project import Person
from bot.sandbox.seen import SeenMessage
from bot.store import people, stand_ins

SHARED = PORTFOLIO.read_text().replace(
    "owner: aiko@example.com", "owner: aiko@example.com, co_owners: [jonas@example.com]"
)


def answer(world: World, name: str, message: SeenMessage, near: str | None, percent: str) -> None:
    """Somebody opens an item from a message and sends a percentage."""
    person = world.person(name)
    person.click(message, "Update", near=near)
    assert person.submit(opened(person), {"Percent complete": percent, "Status": "At risk"}) is None


def lend(world: World, giver: str, colleague: str, item: str) -> str:
    """Somebody lets a colleague answer; the words that say so."""
    person = world.person(giver)
    person.click(world.card(giver), "Let a colleague answer")
    shown = person.submit(
        opened(person), {"Which item": item, "Who answers this once": slack_id(colleague), "Comment": "Please."}
    )
    assert shown is not None
    person.close(shown)
    return shown.words


def request_to(world: World, name: str) -> SeenMessage:
    world.settle()
    return next(m for m in reversed(world.cards(name)) if "this once" in m.words)


def test_an_answer_by_one_owner_shows_on_the_others_message(world: World) -> None:
    world.load(SHARED, "--yes")
    world.arrive(TOKYO_MORNING)
    assert "also asked: Aiko Tanaka; one answer is enough" in owned(world, "jonas")
    answer(world, "jonas", world.card("jonas"), "Payment Gateway", "70")
    card = owned(world, "aiko")
    assert "Jonas Weber answered" in card
    assert world.answers("billing").milestones["payment-gateway"].provenance.by == slack_id("jonas")


def test_an_owner_lets_a_colleague_answer_once(world: World) -> None:
    assert "Omar Haddad is asked to answer for *Invoice Portal* this once" in lend(
        world, "maya", "omar", "Invoice Portal"
    )
    assert "waiting for Omar Haddad; you can answer too" in owned(world, "maya")
    asked = request_to(world, "omar")
    assert "Maya Okafor asks you to answer for *Invoice Portal* this once." in asked.words
    answer(world, "omar", asked, None, "55")
    assert "Omar Haddad answered" in owned(world, "maya")
    settled = next(m for m in world.cards("omar") if m.ts == asked.ts)
    assert "you answered for *Invoice Portal* in place of Maya Okafor" in settled.words
    assert "You can change it until the report is published. This is how leadership will read it:" in settled.words
    assert "*Invoice Portal* · 55% · at risk" in settled.words
    answer(world, "omar", settled, None, "56")
    world.settle()
    settled = next(m for m in world.cards("omar") if m.ts == asked.ts)
    assert "*Invoice Portal* · 56% · at risk" in settled.words
    given = world.answers("billing").milestones["invoice-portal"].provenance
    assert (given.by, given.for_whom) == (slack_id("omar"), slack_id("maya"))
    world.publish("billing")
    assert "Omar Haddad for Maya Okafor" in "\n".join(reply.words for reply in world.thread())
    world.bot.beat()
    world.settle()
    settled = next(m for m in world.cards("omar") if m.ts == asked.ts)
    assert "This is how leadership reads it:" in settled.words
    assert "You can change it" not in settled.words, "nor is there a button for it"
    assert not any(block["type"] == "actions" for block in settled.blocks)


def test_after_publication_a_colleague_reads_who_decides_about_their_answer(world: World) -> None:
    world.publish("billing")
    lend(world, "maya", "omar", "Invoice Portal")
    asked = request_to(world, "omar")
    assert "Petra Manager decides whether your answer goes into the next revision" in asked.words
    answer(world, "omar", asked, None, "55")
    world.settle()
    settled = next(m for m in world.cards("omar") if m.ts == asked.ts)
    assert "Petra Manager decides now whether it goes into the next revision" in settled.words
    assert "until the report is published" not in settled.words
    assert "Update" not in [
        element["text"]["text"] for block in settled.blocks for element in block.get("elements", ())
    ]
    assert "answered after publication" in owned(world, "maya")


def test_a_request_is_taken_back_from_the_same_dialog(world: World) -> None:
    lend(world, "maya", "omar", "Invoice Portal")
    maya, asked = world.person("maya"), request_to(world, "omar")
    maya.click(world.card("maya"), "Let a colleague answer")
    dialog = opened(maya)
    assert "waiting for Omar Haddad" in dialog.words
    maya.click(dialog, "Take back")
    assert "Invoice Portal is with you again" in opened(maya).words
    world.settle()
    assert "needs no answer from you" in next(m for m in world.cards("omar") if m.ts == asked.ts).words
    assert deeds(world, "billing/invoice-portal") == ["stand-in-asked", "stand-in-ended"]


def test_a_colleague_who_cannot_says_so_with_one_click(world: World) -> None:
    lend(world, "maya", "omar", "Invoice Portal")
    world.person("omar").click(request_to(world, "omar"), "I cannot")
    world.settle()
    assert any("cannot answer for *Invoice Portal*" in m.words for m in world.cards("maya"))


def test_somebody_names_a_deputy_beside_their_hours(world: World) -> None:
    maya = world.person("maya")
    maya.command("/compile-report hours")
    form = opened(maya)
    itself = maya.submit(form, {"Who answers for me when I am away": slack_id("maya")})
    assert itself is not None and "choose somebody else" in str(itself.errors)
    assert (
        maya.submit(opened(maya), {"Who answers for me when I am away": slack_id("omar"), "Until": "2025-12-31"})
        is None
    )
    maya.command("/compile-report hours")
    shown = opened(maya)
    assert shown.value("Who answers for me when I am away") == slack_id("omar")
    maya.close(shown)


def test_hours_and_days_can_be_changed_beside_a_deputy_without_an_account(world: World) -> None:
    maya = world.person("maya")
    with world.database.writing() as session:
        named = people.save_person(session, Person("gone@example.com", "Gabriel Old"))
        owner = people.person_by_slack_id(session, slack_id("maya"))
        assert owner is not None
        people.set_deputy(session, owner.id, named)
    maya.command("/compile-report hours")
    said = {"Write to me from": "11:00", "Write to me until": "15:00", "Until": "2025-12-31"}
    assert maya.submit(opened(maya), said) is None
    with world.database.reading() as session:
        owner = people.person_by_slack_id(session, slack_id("maya"))
        assert owner is not None and owner.deputy is not None
        assert (owner.hours, owner.deputy.id) == ((time(11), time(15)), named)
        assert owner.deputy.until_on == date(2025, 12, 31)


def test_the_deputy_of_an_owner_who_is_away_is_asked_and_told_why(world: World) -> None:
    maya = world.person("maya")
    maya.command("/compile-report hours")
    assert maya.submit(opened(maya), {"Who answers for me when I am away": slack_id("omar")}) is None
    with world.database.writing() as session:
        entry = people.entry_of(session, slack_id("maya"))
        assert entry is not None
        people.save_entry(session, replace(entry, is_away=True))
    world.arrive(OPENING + timedelta(days=7))
    assert "for Maya Okafor, who is away" in owned(world, "omar")
    with world.database.reading() as session:
        assert {asked.milestone for asked in stand_ins.standing(session)} == {"rating-engine", "invoice-portal"}
