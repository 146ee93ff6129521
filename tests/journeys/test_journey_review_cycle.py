"""A report goes back and forth before it goes out: returned, put into other words, answered late; two managers at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from world import OPENING, PORTFOLIO, Q3, World, filled_review, opened

from bot.sandbox.actor import Actor
from bot.sandbox.seen import SeenMessage, SeenView
from bot.store import audit, reports
from tests.servers import KINDS

pytestmark = pytest.mark.parametrize("database_kind", KINDS, scope="session")

UPDATES = """
quarter: 2025-Q3
projects:
  billing:
    milestones:
      rating-engine: {percent_complete: 80, status: On track, forecast: 2025-12-15, promised: {parallel-run: kept}}
      invoice-portal: {percent_complete: 50, status: On track, forecast: 2025-12-12}
      data-migration:
        percent_complete: 55
        status: On track
        forecast: 2025-11-28
        deliverables: [Addresses cleaned]
        note: We kind of hope it works.
"""
COMMENT = "Which <@U0LENA> addresses are left?"
MIGRATION, PORTAL = "Data Migration · Jonas Weber", "Invoice Portal · Maya Okafor"


@pytest.fixture
def answered(world: World) -> World:
    """Three of the four milestones of the billing project are answered."""
    world.load(UPDATES, command="answers")
    return world


class Counted:
    """Somebody whose clicks are counted: every button that is pressed and every dialog that is sent."""

    def __init__(self, actor: Actor) -> None:
        self._actor = actor
        self.clicks = 0

    def click(self, where: SeenMessage | SeenView, what: str) -> SeenView:
        """Press a button; the dialog that opens."""
        self.clicks += 1
        self._actor.click(where, what)
        return opened(self._actor)

    def submit(self, view: SeenView, answers: Mapping[str, Any] | None = None) -> SeenView | None:
        """Send a dialog."""
        self.clicks += 1
        return self._actor.submit(view, answers)


def send_back(world: World, *which: str, comment: str = COMMENT, manager: str = "petra") -> SeenView:
    """Return updates from the review; the review that is then in front."""
    petra = world.person(manager)
    petra.click(world.review("billing", manager), "Return to owner")
    review = petra.submit(opened(petra), {"Which updates": list(which or [MIGRATION]), "Comment": comment})
    assert review is not None and review.callback_id == "review", review and review.errors
    return review


def notices(world: World, name: str, words: str) -> list[SeenMessage]:
    """Somebody's messages with some words in them."""
    world.settle()
    return [message for message in world.cards(name) if words in message.words]


def menu(world: World, milestone: str, choice: str, manager: str = "petra") -> SeenView:
    """Choose in the menu of an update behind "Read and edit"; the view that is then in front."""
    petra = world.person(manager)
    if opened(petra).callback_id == "review":
        petra.click(opened(petra), "Read and edit")
    petra.select(opened(petra), "read_item", choice, near=milestone)
    return opened(petra)


def deeds(world: World, subject: str) -> list[str]:
    """What the audit trail says was done to a milestone, beside answering for it."""
    with world.database.reading() as session:
        return [e.what.value for e in audit.trail(session, subject) if e.what is not audit.Deed.SAID]


def test_a_returned_update_is_two_clicks_from_its_submission(answered: World) -> None:
    send_back(answered)
    (returned,) = notices(answered, "jonas", "asks for another look")
    assert "Petra Manager asks for another look at *Data Migration*." in returned.words
    assert "<@U0LENA>" not in returned.words
    jonas = Counted(answered.person("jonas"))
    dialog = jonas.click(returned, "Update")
    assert dialog.words.index("Petra Manager asks for another look") < dialog.words.index("Last known")
    assert "addresses are left?" in dialog.words
    assert (dialog.value("Percent complete"), dialog.value("Note")) == ("55", "We kind of hope it works.")
    assert jonas.submit(dialog) is None
    assert jonas.clicks == 2
    assert notices(answered, "jonas", "asks for another look") == []
    assert notices(answered, "jonas", "thank you, *Data Migration* has been updated")


def test_while_it_is_returned_everybody_who_manages_sees_it_and_the_last_answer_counts(answered: World) -> None:
    petra = answered.person("petra")
    review = send_back(answered, MIGRATION, PORTAL)
    assert "✓ Returned: Data Migration and Invoice Portal." in review.words
    assert "3 of 4" in review.words
    assert "↩ *Data Migration* · Jonas Weber · Petra Manager asked on" in review.words
    petra.click(review, "People and dates")
    assert "↩ returned, waiting for Jonas Weber" in opened(petra).words
    petra.close(opened(petra))
    confirm = answered.confirming(filled_review(petra))
    assert "Returned and not answered again: Invoice Portal and Data Migration" in confirm.words
    petra.close(confirm, whole_stack=True)
    jonas = answered.person("jonas")
    jonas.click(notices(answered, "jonas", "asks for another look")[0], "Update")
    jonas.submit(opened(jonas), {"Percent complete": "60"})
    review = answered.review()
    assert "↩ *Invoice Portal*" in review.words
    assert "↩ *Data Migration*" not in review.words


def test_the_owner_s_card_says_so_at_once_until_it_is_answered(answered: World) -> None:
    before = len(answered.cards("maya"))
    send_back(answered, PORTAL)
    (card,) = notices(answered, "maya", "another look, please:")
    assert len(answered.cards("maya")) == before + 1, "one message, and the card is edited in place"
    maya = answered.person("maya")
    maya.click(card, "Update", near="Invoice Portal")
    maya.submit(opened(maya), {"Percent complete": "51"})
    assert notices(answered, "maya", "another look, please:") == []


def test_a_return_keeps_to_the_owner_s_hours_and_never_goes_out_once_it_is_answered(answered: World) -> None:
    answered.arrive(OPENING.replace(hour=20))  # 22:00 in Berlin
    send_back(answered)
    assert notices(answered, "jonas", "asks for another look") == []
    jonas = answered.person("jonas")
    (card,) = notices(answered, "jonas", "another look, please:")
    jonas.click(card, "Update", near="Data Migration")
    jonas.submit(opened(jonas), {"Percent complete": "60"})
    answered.arrive(OPENING.replace(day=22))
    assert notices(answered, "jonas", "asks for another look") == []


def test_the_manager_takes_a_return_back(answered: World) -> None:
    send_back(answered)
    view = menu(answered, "Data Migration", "Take back the return")
    assert "Data Migration stands as it was answered" in view.words
    assert notices(answered, "jonas", "stands as you wrote it; nothing is needed")
    petra = answered.person("petra")
    petra.close(view)
    assert "↩" not in petra.wait_for(lambda: (v := petra.top_view()) and v.callback_id == "review" and v).words
    assert deeds(answered, "billing/data-migration") == ["returned", "return-taken-back"]


def test_returning_twice_and_repeated_deliveries_are_one_return(answered: World) -> None:
    petra = answered.person("petra")
    petra.click(answered.review(), "Return to owner")
    form = opened(petra)
    answered.sandbox.faults.repeat_delivery()
    petra.submit(form, {"Which updates": [MIGRATION], "Comment": COMMENT})
    answered.settle()
    assert len(notices(answered, "jonas", "asks for another look")) == 1
    assert deeds(answered, "billing/data-migration") == ["returned"]


def test_a_second_comment_takes_the_place_of_the_first(answered: World) -> None:
    send_back(answered)
    notices(answered, "jonas", "asks for another look")
    answered.person("petra").close(opened(answered.person("petra")))
    send_back(answered, comment="And the date?", manager="ada")
    (standing,) = notices(answered, "jonas", "asks for another look")
    assert "And the date?" in standing.words
    assert "Ada Admin" in standing.words
    assert notices(answered, "jonas", "came back with another comment, below")


def test_what_was_never_answered_is_not_offered_for_return(answered: World) -> None:
    petra = answered.person("petra")
    petra.click(answered.review(), "Return to owner")
    offered = next(b for b in opened(petra).blocks if b["block_id"].startswith("milestones"))["element"]["options"]
    assert len(offered) == 3
    assert not any("Payment Gateway" in option["text"]["text"] for option in offered)


def test_a_return_after_publication_speaks_of_the_next_revision(answered: World) -> None:
    answered.publish()
    send_back(answered)
    assert notices(answered, "jonas", "for the next revision; revision 1 is published")


def test_other_words_are_printed_and_marked_and_the_owner_s_are_kept(answered: World) -> None:
    petra = answered.person("petra")
    answered.review()
    dialog = menu(answered, "Data Migration", "Edit the wording")
    assert dialog.labels == ["Completed deliverables", "Impact on company goals", "Note"], "no figures"
    assert "as Jonas Weber wrote it" in dialog.words
    before = len(answered.cards("jonas"))
    view = petra.submit(dialog, {"Note": "The addresses are clean."})
    assert view is not None and view.callback_id == "read_updates"
    assert "The addresses are clean." in view.words
    assert "Wording edited by Petra Manager. Jonas Weber wrote: " in view.words
    dialog = menu(answered, "Data Migration", "Edit the wording")
    assert "We kind of hope it works." in dialog.words
    assert dialog.value("Note") == "The addresses are clean."
    petra.close(dialog, whole_stack=True)
    answered.publish()
    thread = "\n".join(reply.words for reply in answered.thread())
    assert "The addresses are clean." in thread
    assert "We kind of hope" not in thread
    assert "(wording edited by Petra Manager on " in thread
    ran = answered.cli("compile", "--project", "billing", "--quarter", "2025-Q3", "--format", "json")
    milestone = next(m for m in json.loads(ran.out)["milestones"] if m["key"] == "data-migration")
    assert milestone["note"] == "The addresses are clean."
    assert milestone["as_written"]["note"] == "We kind of hope it works."
    assert milestone["as_written"]["edited_by"] == "Petra Manager"
    assert len(answered.cards("jonas")) == before, "no ping"
    assert notices(answered, "jonas", "wording edited for the report")
    assert deeds(answered, "billing/data-migration") == ["reworded"]


def test_the_owner_s_own_words_can_be_put_back(answered: World) -> None:
    petra = answered.person("petra")
    answered.review()
    petra.submit(menu(answered, "Data Migration", "Edit the wording"), {"Note": "Clean."})
    view = menu(answered, "Data Migration", "Use the owner's words")
    assert "We kind of hope it works." in view.words
    assert "Wording edited" not in view.words
    assert "wording edited for the report" not in answered.card("jonas").words


def test_an_edit_outlives_new_figures_and_is_pointed_out_once_the_words_are_others(answered: World) -> None:
    petra, jonas = answered.person("petra"), answered.person("jonas")
    answered.review()
    petra.submit(menu(answered, "Data Migration", "Edit the wording"), {"Note": "Clean."})
    petra.close(opened(petra), whole_stack=True)
    jonas.click(answered.card("jonas"), "Update", near="Data Migration")
    assert "Petra Manager put this update into other words for the report" in opened(jonas).words
    assert opened(jonas).value("Note") == "We kind of hope it works."
    jonas.submit(opened(jonas), {"Percent complete": "60"})
    review = answered.review()
    assert "since you edited the wording" not in review.words
    petra.click(review, "Read and edit")
    assert "Clean." in opened(petra).words
    petra.close(opened(petra), whole_stack=True)
    jonas.click(answered.card("jonas"), "Update", near="Data Migration")
    jonas.submit(opened(jonas), {"Note": "It works."})
    review = answered.review()
    assert (
        "Data Migration: answered in other words since you edited the wording, so your edit is not used" in review.words
    )
    petra.click(review, "Read and edit")
    assert "It works." in opened(petra).words
    assert "Clean." not in opened(petra).words


def test_an_answer_that_comes_while_its_wording_is_edited_is_shown_and_nothing_typed_is_lost(answered: World) -> None:
    petra = answered.person("petra")
    answered.review()
    dialog = menu(answered, "Data Migration", "Edit the wording")
    answered.load(UPDATES.replace("We kind of hope it works.", "It works."), command="answers")
    again = petra.submit(dialog, {"Note": "Clean."})
    assert again is not None and again.callback_id == "edit_wording"
    assert "just now, while you were editing" in again.words
    assert "It works." in again.words
    assert again.value("Note") == "Clean."
    view = petra.submit(again)
    assert view is not None and "Clean." in view.words


LATE = """
quarter: 2025-Q3
projects:
  billing:
    milestones:
      payment-gateway: {percent_complete: 70, status: At risk, forecast: 2025-11-14, note: Direct debit is tested.}
      invoice-portal: {percent_complete: 65, status: On track, forecast: 2025-12-12}
"""


@pytest.fixture
def late(answered: World) -> World:
    """Published, and two answers came after that."""
    answered.publish()
    answered.load(LATE, command="answers")
    return answered


def frozen(world: World, revision: int) -> dict[str, Any]:
    """What a revision says of each milestone."""
    with world.database.reading() as session:
        published = reports.revision(session, "billing", Q3, revision)
    assert published is not None
    return {line.key: line.percent_complete for line in published.report.milestones}


def under(view: SeenView, text: str) -> str:
    """The row of buttons under a line."""
    start = next(i for i, block in enumerate(view.blocks) if text in str(block.get("text", {}).get("text", "")))
    return next(str(block["block_id"]) for block in view.blocks[start:] if block["type"] == "actions")


def test_late_answers_are_listed_old_and_new_and_left_ones_do_not_enter(late: World) -> None:
    petra = late.person("petra")
    review = late.review()
    assert "*Answered after revision 1: 2*" in review.words
    assert "• percent complete: 50% → 65%" in review.words
    assert "*Payment Gateway*" in review.words and "was not answered" in review.words
    petra.click(review, "Leave", near=under(review, "Payment Gateway* · Aiko Tanaka,"))
    review = opened(petra)
    assert "✗ *left out*" in review.words
    assert "3 of 4" in review.words
    petra.click(review, "Take", near=under(review, "Invoice Portal* · Maya Okafor,"))
    review = opened(petra)
    assert "✓ *taken*" in review.words
    assert "All are decided." in review.words
    assert "Petra Manager takes it into the next revision" in late.card("maya").words
    confirm = late.confirming(review)
    assert "Late answers taken: Invoice Portal." in confirm.words
    assert "Late answers left out: Payment Gateway." in confirm.words
    assert petra.submit(confirm) is None
    late.settle()
    assert "takes it into" not in late.card("maya").words
    assert frozen(late, 2) == {"rating-engine": 80, "invoice-portal": 65, "payment-gateway": None, "data-migration": 55}
    assert deeds(late, "billing/payment-gateway") == ["left"]
    assert deeds(late, "billing/invoice-portal") == ["taken"]
    review = late.review()
    assert "*Answered after revision 2: 1*" in review.words
    petra.click(review, "Take", near=under(review, "Payment Gateway* · Aiko Tanaka,"))
    assert "4 of 4" in opened(petra).words


def test_what_nobody_decided_goes_in_and_the_confirming_view_says_so(late: World) -> None:
    confirm = late.confirming(late.review())
    assert "Nobody decided about these late answers, so *they go in*: " in confirm.words
    assert "Payment Gateway" in confirm.words
    assert late.person("petra").submit(confirm) is None
    late.settle()
    assert frozen(late, 2)["payment-gateway"] == 70
    assert deeds(late, "billing/payment-gateway") == ["taken"]
    assert "Nothing has changed since." in late.review().words


def test_take_all_decides_at_once(late: World) -> None:
    petra = late.person("petra")
    petra.click(late.review(), "Take all")
    assert "2 answers go into the next revision" in opened(petra).words
    assert "All are decided." in opened(petra).words


def test_a_double_click_decides_once_and_the_owner_sees_their_answer_whatever_is_left(late: World) -> None:
    petra, maya = late.person("petra"), late.person("maya")
    review = late.review()
    late.expected.add(("views.update", "hash_conflict"))  # the second delivery finds the review drawn again
    late.sandbox.faults.repeat_delivery()
    petra.click(review, "Leave", near=under(review, "Invoice Portal* · Maya Okafor,"))
    assert deeds(late, "billing/invoice-portal") == ["left"]
    maya.click(late.card("maya"), "Update", near="Invoice Portal")
    assert opened(maya).value("Percent complete") == "65"


def test_a_click_on_what_was_answered_again_meanwhile_decides_nothing(late: World) -> None:
    petra = late.person("petra")
    review = late.review()
    late.load(LATE.replace("70", "75"), command="answers")
    petra.click(review, "Leave", near=under(review, "Payment Gateway* · Aiko Tanaka,"))
    review = opened(petra)
    assert "Nothing was decided" in review.words
    assert "percent complete: 75%" in review.words
    assert deeds(late, "billing/payment-gateway") == []


def test_two_managers_with_the_same_report_publish_it_once_and_the_second_is_told(answered: World) -> None:
    petra, ada = answered.person("petra"), answered.person("ada")
    confirms = {name: answered.confirming(answered.review("billing", name), name) for name in ("petra", "ada")}
    assert petra.submit(confirms["petra"]) is None
    told = ada.submit(confirms["ada"])
    assert told is not None
    assert "Petra Manager published this report as revision 1" in told.words
    answered.settle()
    assert len(answered.posts()) == 1
    assert not [reply for reply in answered.thread() if "Revision 2" in reply.words]


def test_the_second_of_two_managers_sees_that_another_revision_is_out_and_then_makes_the_next(answered: World) -> None:
    petra, ada = answered.person("petra"), answered.person("ada")
    seen_by_ada = answered.review("billing", "ada")
    first = answered.confirming(answered.review("billing", "petra"), "petra", Conclusion="Petra's word.")
    second = answered.confirming(seen_by_ada, "ada", Conclusion="Ada's word.")
    assert "Conclusion: changed" not in first.words, "her own"
    assert "Conclusion: changed" in second.words
    again = petra.submit(first)
    assert again is not None and "Nothing is published yet" in again.words
    assert "Conclusion: changed" in again.words
    assert petra.submit(again) is None
    answered.load(UPDATES.replace("55", "60"), command="answers")
    again = ada.submit(second)
    assert again is not None and again.callback_id == "confirm"
    assert "Petra Manager published revision 1" in again.words
    assert "This becomes revision 2" in again.words
    assert ada.submit(again) is None
    answered.settle()
    assert frozen(answered, 1)["data-migration"] == 55
    assert frozen(answered, 2)["data-migration"] == 60


def test_an_expired_trigger_asks_for_one_more_click_and_loses_nothing(answered: World) -> None:
    petra = answered.person("petra")
    review = petra.fill(answered.review(), {"Status note": "Half typed."})
    for button in ("Return to owner", "Read and edit"):
        answered.fail("views.push", "expired_trigger_id", times=2)
        petra.click(review, button)
        review = opened(petra)
        assert "press it once more" in review.words
        assert review.value("Status note") == "Half typed."
        petra.click(review, button)
        assert opened(petra).callback_id in ("return_to_owner", "read_updates")
        petra.close(opened(petra))
        review = petra.wait_for(lambda: (v := petra.top_view()) and v.callback_id == "review" and v)


def test_a_view_that_changed_under_a_click_loses_nothing(late: World) -> None:
    petra = late.person("petra")
    review = petra.fill(late.review(), {"Status note": "Half typed."})
    late.fail("views.update", "hash_conflict")
    petra.click(review, "Leave", near=under(review, "Payment Gateway* · Aiko Tanaka,"))
    assert opened(petra).value("Status note") == "Half typed."
    petra.click(opened(petra), "Take", near=under(review, "Invoice Portal* · Maya Okafor,"))
    assert "✗ *left out*" in opened(petra).words
    assert opened(petra).value("Status note") == "Half typed."


@pytest.mark.parametrize("button", ["Read and edit", "Return to owner"])
def test_whoever_is_no_manager_any_more_can_press_nothing(answered: World, button: str) -> None:
    petra = answered.person("petra")
    review = answered.review()
    answered.load(PORTFOLIO.read_text().replace("manager: petra@example.com", "manager: rita@example.com"))
    petra.click(review, button)
    assert "Rita Manager" in opened(petra).words
