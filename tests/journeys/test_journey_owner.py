"""A milestone owner answers: from the message that asks to the thanks at its end."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from world import PORTFOLIO, TOKYO_MORNING, World, beside, opened

from bot.domain.project import RagStatus
from bot.sandbox.reach import RefusedError
from bot.sandbox.seen import SeenView
from tests.servers import KINDS

A_FILE = {"name": "route.png", "mimetype": "image/png", "content_base64": "b2s="}

pytestmark = pytest.mark.parametrize("database_kind", KINDS, scope="session")


def versions(world: World, project: str, key: str) -> int:
    """How many versions of a milestone's answer are recorded for the quarter."""
    given = world.answers(project).milestones.get(key)
    return given.version if given else 0


def errors_by_label(view: SeenView) -> dict[str, str]:
    """The sentences beside fields, by the labels of the fields."""
    labels = {block["block_id"]: block["label"]["text"] for block in view.blocks if block["type"] == "input"}
    return {labels[block]: sentence for block, sentence in view.errors.items()}


def test_the_opening_message_says_what_is_asked_and_what_was_last_known(shared_world: World) -> None:
    words = shared_world.card("maya").words
    assert words.startswith("*Billing Renewal · Q3 2025 update*")
    assert "2 milestones" in words
    assert "*Rating Engine* · last quarter 65%, on track, forecast Dec 15" in words
    assert "#leadership" in words


def test_nobody_is_asked_outside_their_own_hours(world: World) -> None:
    """At 10 in New York it is 23:00 in Tokyo: Aiko's message comes with her morning."""
    assert world.cards("aiko") == []
    world.arrive(TOKYO_MORNING)
    assert "Payment Gateway" in world.card("aiko").words
    assert len(world.cards("maya")) == 1


def test_problems_stand_beside_their_fields_and_the_answer_edits_the_same_message(world: World) -> None:
    maya, asked = world.person("maya"), world.card("maya")
    view = world.open("maya", "Update", near="Rating Engine")
    view = maya.submit(
        view, {"Percent complete": "eighty", "Promised last quarter: Parallel run for one month": "Kept"}
    )
    assert view is not None
    assert list(errors_by_label(view)) == ["Percent complete"]
    view = maya.submit(view, {"Percent complete": "60"})
    assert view is not None
    assert list(errors_by_label(view)) == ["Note"], "a falling percentage asks for a note"
    assert versions(world, "billing", "rating-engine") == 0
    assert maya.submit(view, {"Note": "The estimate <!channel> was too good."}) is None
    now = world.card("maya")
    assert now.ts == asked.ts
    assert "*1 of 2 done*" in now.words
    given = world.answers("billing").milestones["rating-engine"].value
    assert (given.percent_complete, given.note) == (Decimal(60), "The estimate <!channel> was too good.")
    assert "<!channel>" not in now.words


def test_a_status_that_asks_for_a_recovery_plan_gets_the_field_and_keeps_what_was_typed(world: World) -> None:
    omar = world.person("omar")
    view = omar.fill(world.open("omar", "Update"), {"Percent complete": "25", "Note": "The supplier is late."})
    view = omar.fill(view, {"Status": "Off track"})
    assert "Recovery plan" in view.labels
    assert (view.value("Percent complete"), view.value("Note")) == ("25", "The supplier is late.")
    with pytest.raises(RefusedError) as refused:
        omar.submit(view)
    assert len(refused.value.errors) == 1, "Slack's own client asks for it"
    assert omar.submit(view, {"Recovery plan": "A second supplier by May, Omar."}) is None
    given = world.answers("network").milestones["core-switch"].value
    assert (given.status, given.recovery) == (RagStatus.OFF_TRACK, "A second supplier by May, Omar.")


def test_update_all_walks_through_everything_and_ends(world: World) -> None:
    jonas = world.person("jonas")
    first = world.open("jonas", "Update all")
    assert first.title == "Update 1 of 2"
    second = jonas.submit(first, {"Percent complete": "45", "Note": "One more trial run."})
    assert second is not None
    assert (second.title, "Build Farm" in second.words) == ("Update 2 of 2", True)
    assert second.value("Percent complete") == "50", "the next milestone starts from its own figures"
    assert jonas.submit(second, {"Percent complete": "55"}) is None
    assert "Thank you, both are in" in world.card("jonas").words
    assert (versions(world, "billing", "data-migration"), versions(world, "tooling", "build-farm")) == (1, 1)


def test_nothing_changed_takes_one_click_and_says_which_need_a_word(world: World) -> None:
    world.person("maya").click(world.card("maya"), "Nothing changed")
    words = world.card("maya").words
    assert "confirmed unchanged: 35%" in words
    assert versions(world, "billing", "rating-engine") == 0, "a promise has come due: it needs a word"
    assert "*1 of 2 done*" in words
    needing = next(line for line in words.splitlines() if "*Rating Engine*" in line)
    assert "promised" in words[words.index(needing) :].lower()
    view = world.open("maya", "Update", near="Rating Engine")
    assert world.person("maya").submit(view, {"Promised last quarter: Parallel run for one month": "Kept"}) is None
    assert "Thank you, both are in" in world.card("maya").words


def test_nothing_changed_is_two_clicks_for_an_owner_whose_milestones_all_stand(world: World) -> None:
    world.person("jonas").click(world.card("jonas"), "Nothing changed")
    words = world.card("jonas").words
    assert "Thank you, both are in" in words
    assert all(world.answers(p).milestones[m].provenance.confirmed for p, m in JONAS_OWNS)


JONAS_OWNS = (("billing", "data-migration"), ("tooling", "build-farm"))


def test_risks_are_kept_closed_changed_and_added(world: World) -> None:
    maya = world.person("maya")
    listed = world.open("maya", "Risks")
    assert all(title in listed.words for title in ("Duplicate addresses", "Provider certificate", "One engineer"))
    maya.click(listed, "Keep", near=beside(listed, "Duplicate addresses"))
    maya.click(listed := opened(maya), "Close", near=beside(listed, "Provider certificate"))
    maya.click(listed := opened(maya), "Change", near=beside(listed, "One engineer"))
    assert maya.submit(opened(maya), {"Mitigation": "Pairing on tariffs."}) is not None
    maya.click(opened(maya), "Add a risk")
    maya.submit(opened(maya), {"Title": "Year end freeze", "Challenge": "No releases in December."})
    risks = world.answers("billing").risks
    assert risks["address-data"].value.is_open
    assert not risks["certificate"].value.is_open
    assert risks["key-engineer"].value.mitigation == "Pairing on tariffs."
    assert "Year end freeze" in {given.value.title for given in risks.values()}
    maya.close(opened(maya), whole_stack=True)
    reopened = world.open("maya", "Risks").words
    assert "Year end freeze" in reopened
    assert "Provider certificate" not in reopened


def test_a_closed_risk_stays_in_sight_with_its_mark_until_the_list_is_opened_again(world: World) -> None:
    maya = world.person("maya")
    listed = world.open("maya", "Risks")
    maya.click(listed, "Close", near=beside(listed, "Provider certificate"))
    after = opened(maya)
    assert "Provider certificate" in after.words
    assert after.words.count("Change") == listed.words.count("Change") - 1


def test_an_ambiguous_amount_shows_both_readings_and_a_clear_one_is_read(world: World) -> None:
    ines = world.person("ines")
    view = ines.submit(world.open("ines", "Budget"), {"Actual cost to date": "1.200"})
    assert view is not None
    sentence = errors_by_label(view)["Actual cost to date"]
    assert "1,200" in sentence
    assert "1.20" in sentence
    view = ines.submit(view, {"Actual cost to date": "1.4M", "Forecast at completion": "$2,900,000"})
    assert view is not None
    assert list(errors_by_label(view)) == ["Budget note"], "20 % over budget asks for a note"
    assert ines.submit(view, {"Budget note": "The hosting contract grew."}) is None
    resources = world.answers("billing").resources
    assert resources is not None
    assert resources.value.actual_cost == Decimal(1_400_000)
    assert resources.value.forecast_at_completion == Decimal(2_900_000)
    assert "Thank you, it is in" in world.card("ines").words


def test_objectives_and_decisions_are_added_to_the_same_dialog_and_recorded(world: World) -> None:
    omar = world.person("omar")
    view = omar.fill(world.open("omar", "Update"), {"Percent complete": "30", "Note": "Typed before."})
    omar.click(view, "Add an objective")
    view = omar.fill(opened(omar), {"Objective": "Both sites on the new core", "Target": "Q4 2025"})
    omar.click(view, "Add a decision")
    view = opened(omar)
    assert view.id == opened(omar).id
    kept = [view.value(name) for name in ("Percent complete", "Note", "Objective", "Target")]
    assert kept == ["30", "Typed before.", "Both sites on the new core", "Q4 2025"]
    answers = {"Decision needed": "Which weekend to switch", "Who decides": "U0HENRIK", "Decide by": "2025-10-20"}
    assert omar.submit(view, answers) is None
    given = world.answers("network")
    assert [o.value.title for o in given.objectives.values()] == ["Both sites on the new core"]
    (decision,) = (d.value for d in given.decisions.values())
    assert (decision.what, decision.by) == ("Which weekend to switch", date(2025, 10, 20))


def test_a_risk_added_from_the_milestones_dialog_stands_there_at_once_beside_all_that_was_typed(world: World) -> None:
    omar = world.person("omar")
    under = world.open("omar", "Update")
    for button in ("Add an objective", "Add evidence"):
        omar.click(under, button)
        under = opened(omar)
    under = omar.fill(under, {"Percent complete": "33", "Status": "Off track", "Objective": "Second route"})
    under = omar.fill(under, {"Recovery plan": "Dig.", "Files": [A_FILE]})
    omar.click(under, "Add a risk")
    back = omar.submit(opened(omar), {"Title": "Fibre cut", "Challenge": "One route only."})
    assert back is not None and back.id == under.id
    assert "Fibre cut" in opened(omar).words
    (risk,) = (given.value for given in world.answers("network").risks.values())
    assert (risk.title, risk.milestone) == ("Fibre cut", "core-switch")
    assert omar.submit(opened(omar), {"Target": "Q1 2026"}) is None
    given = world.answers("network")
    said = given.milestones["core-switch"].value
    assert (said.percent_complete, said.recovery) == (33, "Dig.")
    assert [piece.title for piece in said.evidence] == ["route.png"]
    assert [(o.value.title, o.value.target) for o in given.objectives.values()] == [("Second route", "Q1 2026")]


def test_a_risk_is_changed_from_the_milestones_dialog_and_nobody_is_overtaken_by_that(world: World) -> None:
    maya, petra = world.person("maya"), world.person("petra")
    under = world.open("maya", "Update", near="Rating Engine")
    assert "One engineer knows the tariffs" in under.words
    assert "Duplicate addresses" not in under.words, "a risk of another milestone"
    petra.click(world.review("billing"), "People and dates")
    petra.select(opened(petra), "manage_item", "Answer for the owner", near="Rating Engine")
    petra.submit(opened(petra), {"Percent complete": "70", "Promised last quarter: Parallel run for one month": "Kept"})
    maya.click(under, "Change", near="One engineer knows the tariffs")
    back = maya.submit(opened(maya), {"Title": "Two engineers know the tariffs"})
    assert back is not None and "Two engineers know" in back.words
    warned = maya.submit(back, {"Percent complete": "66"})
    assert warned is not None and "Petra Manager answered" in warned.words


def test_a_risk_added_to_the_list_stands_there_at_once(world: World) -> None:
    maya = world.person("maya")
    under = world.open("maya", "Risks")
    maya.click(under, "Keep", near=beside(under, "Duplicate addresses"))
    maya.click(opened(maya), "Add a risk")
    back = maya.submit(opened(maya), {"Title": "Year end freeze", "Challenge": "Nothing is released in December."})
    assert back is not None and back.id == under.id
    assert "Year end freeze" in back.words
    assert "✓ Kept as it is" in back.words


def test_a_repeated_delivery_of_a_submission_stores_one_version(world: World) -> None:
    view = world.open("omar", "Update")
    world.sandbox.faults.repeat_delivery()
    assert world.person("omar").submit(view, {"Percent complete": "25"}) is None
    assert versions(world, "network", "core-switch") == 1


def test_a_repeated_delivery_adds_no_second_objective_and_no_second_risk(world: World) -> None:
    omar = world.person("omar")
    omar.click(world.open("omar", "Update"), "Add an objective")
    view = omar.fill(opened(omar), {"Percent complete": "25", "Objective": "Once", "Target": "Q4 2025"})
    omar.click(view, "Add a risk")
    world.sandbox.faults.repeat_delivery()
    view = omar.submit(opened(omar), {"Title": "Fibre cut", "Challenge": "One route only."})
    assert view is not None
    world.sandbox.faults.repeat_delivery()
    assert omar.submit(view) is None
    given = world.answers("network")
    assert (len(given.objectives), len(given.risks)) == (1, 1)


def test_a_double_click_on_nothing_changed_confirms_once(world: World) -> None:
    jonas, asked = world.person("jonas"), world.card("jonas")
    world.fail("chat.update", "ratelimited")  # the second click comes before the button is gone
    jonas.click(asked, "Nothing changed")
    world.sandbox.faults.repeat_delivery()
    jonas.click(asked, "Nothing changed")
    assert "Thank you, both are in" in world.card("jonas").words
    assert [versions(world, *item) for item in JONAS_OWNS] == [1, 1]


def test_a_repeated_click_on_a_risk_is_one_answer(world: World) -> None:
    maya = world.person("maya")
    listed = world.open("maya", "Risks")
    world.sandbox.faults.repeat_delivery()
    maya.click(listed, "Keep", near=beside(listed, "Duplicate addresses"))
    assert world.answers("billing").risks["address-data"].version == 1
    world.expected.add(("views.update", "hash_conflict"))


def test_a_button_of_an_answered_item_opens_with_what_was_said(world: World) -> None:
    omar = world.person("omar")
    omar.submit(world.open("omar", "Update"), {"Percent complete": "25", "Note": "Racks are in."})
    view = world.open("omar", "Update")
    assert (view.value("Percent complete"), view.value("Note")) == ("25", "Racks are in.")
    assert omar.submit(view, {"Percent complete": "30"}) is None
    assert versions(world, "network", "core-switch") == 2
    assert "20 → 30%" in world.card("omar").words


def test_somebody_who_no_longer_answers_for_a_milestone_is_told_who_does(world: World) -> None:
    asked = world.card("omar")
    world.load(PORTFOLIO.read_text().replace("omar@example.com, baseline", "maya@example.com, baseline"))
    omar = world.person("omar")
    omar.click(asked, "Update")
    told = opened(omar).words
    assert "Maya Okafor" in told
    assert "Petra Manager" in told
    assert versions(world, "network", "core-switch") == 0


def test_a_dialog_that_was_open_when_the_milestone_changed_hands_is_refused_at_submission(world: World) -> None:
    view = world.open("omar", "Update")
    world.load(PORTFOLIO.read_text().replace("omar@example.com, baseline", "maya@example.com, baseline"))
    refused = world.person("omar").submit(view, {"Percent complete": "25"})
    assert refused is not None
    assert "Maya Okafor" in refused.words
    assert versions(world, "network", "core-switch") == 0


def test_a_milestone_dropped_meanwhile_is_a_sentence_and_nothing_is_recorded(world: World) -> None:
    view = world.open("maya", "Update", near="Invoice Portal")
    lines = PORTFOLIO.read_text().splitlines()
    world.load("\n".join(line for line in lines if "invoice-portal" not in line), "--yes")
    refused = world.person("maya").submit(view, {"Percent complete": "40"})
    assert refused is not None
    assert "no longer part of Billing Renewal" in refused.words
    assert versions(world, "billing", "invoice-portal") == 0


def test_a_trigger_that_came_too_late_asks_for_one_more_press_and_the_next_one_works(world: World) -> None:
    omar, asked = world.person("omar"), world.card("omar")
    world.fail("views.open", "expired_trigger_id", times=2)
    omar.click(asked, "Update")
    whisper = omar.messages()[-1]
    assert whisper.ephemeral
    assert "once more" in whisper.words
    omar.click(asked, "Update")
    assert opened(omar).callback_id == "milestone"


ANSWERED_BY_PETRA = """
quarter: 2025-Q3
projects:
  network:
    milestones:
      core-switch:
        percent_complete: 28
        status: On track
        forecast: 2025-12-01
        by: petra@example.com
"""


def test_an_answer_given_meanwhile_is_shown_and_a_second_submission_goes_on_top(world: World) -> None:
    omar = world.person("omar")
    view = world.open("omar", "Update")
    world.load(ANSWERED_BY_PETRA, command="answers")
    warned = omar.submit(view, {"Percent complete": "35", "Note": "Mine."})
    assert warned is not None
    assert all(word in warned.words for word in ("Petra Manager", "28"))
    assert (warned.value("Percent complete"), warned.value("Note")) == ("35", "Mine.")
    assert world.answers("network").milestones["core-switch"].value.percent_complete == Decimal(28)
    assert omar.submit(warned) is None
    assert world.answers("network").milestones["core-switch"].value.percent_complete == Decimal(35)


def test_an_answer_given_before_is_told_at_opening_and_replaced_without_asking_again(world: World) -> None:
    world.load(ANSWERED_BY_PETRA, command="answers")
    view = world.open("omar", "Update")
    assert "Petra Manager" in view.words
    assert view.value("Percent complete") == "28"
    assert world.person("omar").submit(view, {"Percent complete": "30"}) is None
    assert world.answers("network").milestones["core-switch"].value.percent_complete == Decimal(30)
