"""A project manager compiles, reviews and publishes; whatever happens in between is said, and nothing is lost."""

from __future__ import annotations

import json

import pytest
from world import DUE_DAY, LEADERSHIP, OLGA, OPENING, PARTNERS, PORTFOLIO, World, filled_review, opened

from bot.sandbox.seen import SeenMessage
from tests.servers import KINDS

pytestmark = pytest.mark.parametrize("database_kind", KINDS, scope="session")

UPDATES = """
quarter: 2025-Q3
projects:
  billing:
    milestones:
      rating-engine: {percent_complete: 80, status: On track, forecast: 2025-12-15, promised: {parallel-run: kept}}
      invoice-portal: {percent_complete: 50, status: On track, forecast: 2025-12-12}
      data-migration: {percent_complete: 55, status: On track, forecast: 2025-11-28}
"""
LAST_ONE = """
quarter: 2025-Q3
projects:
  billing:
    milestones:
      payment-gateway: {percent_complete: 70, status: At risk, forecast: 2025-11-14, note: Direct debit is tested.}
"""
WITHOUT_PETRA = PORTFOLIO.read_text().replace("manager: petra@example.com", "manager: rita@example.com")


@pytest.fixture
def answered(world: World) -> World:
    """Three of the four milestones of the billing project are answered."""
    world.load(UPDATES, command="answers")
    return world


def post(world: World) -> SeenMessage:
    """The only post in the leadership channel."""
    (found,) = world.posts()
    return found


def frozen(world: World, revision: int, form: str = "md") -> str:
    """A published revision, as the command line prints it."""
    arguments = ("--project", "billing", "--quarter", "2025-Q3", "--revision", str(revision), "--format", form)
    ran = world.cli("compile", *arguments)
    assert ran.status == 0, ran.err
    return ran.out


def test_help_is_for_everybody(shared_world: World) -> None:
    omar = shared_world.person("omar")
    for words in ("help", "HELP"):
        omar.command(f"/compile-report {words}")
        assert "/compile-report portal 2025-Q3" in omar.messages()[-1].words
    assert omar.top_view() is None


def test_a_project_whose_name_begins_like_a_word_of_the_command_is_compiled_by_its_name(world: World) -> None:
    world.load(PORTFOLIO.read_text().replace("name: Billing Renewal", "name: Help Desk"))
    petra = world.person("petra")
    petra.command("/compile-report help desk")
    assert "Help Desk" in filled_review(petra).words


def test_a_mistyped_project_gets_the_nearest(shared_world: World) -> None:
    petra = shared_world.person("petra")
    petra.command("/compile-report biling")
    assert 'Did you mean "billing"?' in petra.messages()[-1].words


def test_a_mistyped_quarter_is_named_with_an_example(shared_world: World) -> None:
    petra = shared_world.person("petra")
    petra.command("/compile-report billing 2025-Q9")
    words = petra.messages()[-1].words
    assert '"2025-Q9" is not a quarter' in words and "billing 2025-Q3" in words


def test_a_stranger_is_told_who_can(shared_world: World) -> None:
    omar = shared_world.person("omar")
    for words, names in (("", ("Petra Manager", "Rita Manager")), ("billing", ("Petra Manager",))):
        omar.command(f"/compile-report {words}")
        assert all(name in omar.messages()[-1].words for name in names)
    assert omar.top_view() is None


def test_a_manager_of_one_project_gets_its_review_at_once(shared_world: World) -> None:
    assert "*Tooling · Q3 2025*" in shared_world.review("", "rita").words


def test_a_manager_of_several_projects_chooses(shared_world: World) -> None:
    petra = shared_world.person("petra")
    petra.command("/compile-report")
    choice = opened(petra)
    assert choice.labels == ["Project"]
    petra.submit(choice, {"Project": "Core Network"})
    assert "*Core Network · Q3 2025*" in filled_review(petra).words


def test_an_admin_reaches_every_project(shared_world: World) -> None:
    assert "*Billing Renewal · Q3 2025*" in shared_world.review("billing", "ada").words


def test_an_explicit_quarter_is_compiled(shared_world: World) -> None:
    words = shared_world.review("Billing Renewal Q2 2025").words
    assert "*Billing Renewal · Q2 2025*" in words
    assert "4 of 4" in words


def test_the_quarter_before_is_compiled_until_the_next_one_opens(new_world) -> None:
    world = new_world()
    assert "Q2 2025" in world.review("network").words
    world.person("petra").close(opened(world.person("petra")))
    world.arrive(OPENING)
    assert "Q3 2025" in world.review("network").words


def test_the_review_shows_coverage_the_missing_and_the_checks(answered: World) -> None:
    review = answered.review()
    assert "3 of 4" in review.words
    assert "*Payment Gateway* · Aiko Tanaka · last known 45%, at risk" in review.words
    assert "An update is missing" in review.words
    assert review.value("Executive summary"), "it is drafted"
    labels = ["Project status", "Why", "Status note", "Phase", "Scheduled completion", "Impact on company goals"]
    assert review.labels[:8] == [*labels, "Executive summary", "Conclusion"]


def test_nudge_all_asks_those_who_have_not_answered_once_more_and_nobody_twice_a_day(answered: World) -> None:
    answered.arrive(DUE_DAY.replace(day=2))
    before = len(answered.cards("aiko"))
    answered.review()
    petra = answered.person("petra")
    petra.click(opened(petra), "Nudge all")
    assert "will be asked again" in opened(petra).words or "asked within the last day" in opened(petra).words
    petra.click(opened(petra), "Nudge all")
    assert "nobody is asked twice" in opened(petra).words
    assert len(answered.cards("aiko")) <= before + 1


def test_a_note_under_a_check_survives_and_is_printed(answered: World) -> None:
    petra = answered.person("petra")
    review = petra.fill(answered.review(), {"Status note": "Typed before the note."})
    petra.click(review, "Note", near="check:missing-update")
    review = petra.submit(opened(petra), {"Note, printed with the report": "Aiko is on leave."})
    assert review is not None
    assert (review.callback_id, review.value("Status note")) == ("review", "Typed before the note.")
    assert "_Your note:_ Aiko is on leave." in review.words
    petra.close(review)
    review = answered.review()
    assert "Aiko is on leave." in review.words
    confirm = answered.confirming(review)
    assert "An update is missing" not in confirm.words, "what has a note is not listed as published without one"


def test_show_brings_up_the_update_behind_a_check_as_it_was_said(answered: World) -> None:
    petra = answered.person("petra")
    review = petra.fill(answered.review(), {"Status note": "Typed before."})
    petra.click(review, "Read", near="evidence:missing-update")
    shown = opened(petra)
    assert "Payment Gateway" in shown.words
    assert "in Q2; no update since" in shown.words or "Nothing has been said about it yet." in shown.words
    petra.close(shown)
    assert opened(petra).value("Status note") == "Typed before.", "the review under it is untouched"


def test_thresholds_judge_the_next_report_and_leave_published_ones_alone(answered: World) -> None:
    answered.load(UPDATES.replace("2025-11-28", "2025-12-05"), command="answers")  # five working days late
    answered.publish()
    published = [frozen(answered, 1, form) for form in ("md", "json", "slack")]
    strict = "reporting: {thresholds: {at_risk_slippage_days: 1, off_track_slippage_days: 4}}"
    answered.load(f"{PORTFOLIO.read_text()}{strict}\n")
    assert [frozen(answered, 1, form) for form in ("md", "json", "slack")] == published
    present = answered.cli("compile", "--project", "billing", "--quarter", "2025-Q3", "--format", "json").out
    assert [json.loads(text)["status"]["by_rule"] for text in (published[1], present)] == ["At risk", "Off track"]


def test_the_preview_is_what_leadership_will_see_with_buttons_that_say_so(answered: World) -> None:
    petra = answered.person("petra")
    petra.click(answered.review(), "Preview")
    preview = answered.card("petra")
    petra.close(opened(petra))
    for button in ("Full report", "Ask a question", "Acknowledge"):
        petra.click(preview, button)
        assert "preview" in opened(petra).words
        petra.close(opened(petra))
    assert answered.posts() == []
    answered.publish()
    assert post(answered).words == preview.words


def test_publishing_names_the_channel_and_the_coverage_then_posts_report_sections_and_document(answered: World) -> None:
    confirm = answered.confirming(answered.review())
    assert "#leadership" in confirm.words
    assert "3 of 4 updates" in confirm.words
    assert "Payment Gateway" in confirm.words
    assert answered.posts() == [], "nothing is there before the second word"
    assert answered.person("petra").submit(confirm) is None
    answered.settle()
    assert "*Billing Renewal · Q3 2025*" in post(answered).words or "Billing Renewal · Q3 2025" in post(answered).words
    thread = answered.thread()
    assert {reply.thread_ts for reply in thread} == {post(answered).ts}
    for section in ("Key milestones", "Risks and blockers", "Resources and budget", "Sources"):
        assert sum(f"*{section}*" in reply.words for reply in thread) <= 1
    assert "*Key milestones*" in "\n".join(reply.words for reply in thread)
    assert "billing-2025-Q3-r1.md" in {file["name"] for reply in thread for file in reply.files}


def test_facts_that_changed_before_the_confirmation_are_said_and_the_second_one_publishes(answered: World) -> None:
    petra = answered.person("petra")
    confirm = answered.confirming(answered.review())
    answered.load(LAST_ONE, command="answers")
    again = petra.submit(confirm)
    assert again is not None
    assert again.callback_id == "confirm"
    assert "Nothing is published yet" in again.words
    assert "Payment Gateway" in again.words
    assert "4 of 4 updates" in again.words
    assert answered.posts() == []
    assert petra.submit(again) is None
    answered.settle()
    assert "All 4 updates received" in post(answered).words


def test_facts_that_changed_before_publish_was_pressed_are_said_too(answered: World) -> None:
    review = answered.review()
    answered.load(LAST_ONE, command="answers")
    confirm = answered.confirming(review)
    assert "Nothing is published yet" in confirm.words
    assert "Payment Gateway answered: 45% → 70%" in confirm.words


def test_the_managers_own_words_are_no_change_that_somebody_made_meanwhile(answered: World) -> None:
    petra = answered.person("petra")
    answered.confirming(answered.review(), **{"Executive summary": "We hold our dates."})
    petra.close(opened(petra))
    again = answered.confirming(opened(petra))
    assert "Nothing is published yet" not in again.words


def test_confirming_twice_publishes_once(answered: World) -> None:
    confirm = answered.confirming(answered.review())
    answered.sandbox.faults.repeat_delivery()
    assert answered.person("petra").submit(confirm) is None
    answered.settle()
    assert post(answered)
    assert answered.person("petra").top_view() is None
    assert sum(reply.words.startswith("*Key milestones*") for reply in answered.thread()) == 1


def test_publishing_again_edits_the_post_and_tells_the_thread(answered: World) -> None:
    answered.publish()
    first, frozen_before = post(answered), [frozen(answered, 1, form) for form in ("md", "json", "slack")]
    answered.load(LAST_ONE, command="answers")
    answered.publish()
    second = post(answered)
    assert second.ts == first.ts
    assert "All 4 updates received" in second.words
    (note,) = (reply for reply in answered.thread() if "Revision 2" in reply.words)
    assert "Payment Gateway" in note.words
    assert "Had acknowledged" not in note.words
    assert [frozen(answered, 1, form) for form in ("md", "json", "slack")] == frozen_before
    assert frozen(answered, 2) != frozen_before[0]


def test_a_revision_names_those_who_had_acknowledged_the_one_before(answered: World) -> None:
    answered.publish()
    for name in ("lena", "henrik"):
        answered.person(name).click(post(answered), "Acknowledge")
    answered.load(LAST_ONE, command="answers")
    answered.publish()
    (note,) = (reply for reply in answered.thread() if "Revision 2" in reply.words)
    assert "Had acknowledged the revision before: Henrik Dahl, Lena Brandt. Please look again." in note.words


def test_publishing_the_same_facts_again_is_said_at_once_and_sends_nothing(answered: World) -> None:
    answered.publish()
    sent = len(answered.sandbox.calls)
    said = answered.person("petra").submit(answered.review())
    assert said is not None
    assert "Petra Manager published this report as revision 1" in said.words
    assert "revision 2" not in said.words
    channel_calls = {"chat.postMessage", "chat.update", "files.completeUploadExternal"}
    assert not channel_calls & {call.method for call in answered.sandbox.calls[sent:]}


def test_an_edit_that_slack_refuses_becomes_a_new_post_whose_place_is_remembered(answered: World) -> None:
    answered.publish()
    first = post(answered)
    delete(answered, first)
    answered.expected.add(("chat.update", "message_not_found"))
    answered.load(LAST_ONE, command="answers")
    answered.publish()
    (second,) = (m for m in answered.posts() if m.ts != first.ts)
    assert "All 4 updates received" in second.words
    (note,) = (reply for reply in answered.thread() if "Revision 2" in reply.words)
    assert note.thread_ts == second.ts
    answered.load(LAST_ONE.replace("70", "75"), command="answers")
    answered.publish()
    assert [m.ts for m in answered.posts()] == [second.ts], "the third revision edits the post that is there"
    assert "75%" in next(m for m in answered.posts() if m.ts == second.ts).words


def delete(world: World, message: SeenMessage) -> None:
    """Somebody with the right to deletes a message of the bot."""

    def take_away() -> None:
        conversation = world.sandbox.workspace.conversations[message.conversation]
        conversation.messages[:] = [m for m in conversation.messages if m.ts != message.ts]

    world.sandbox.call(take_away)


def test_the_managers_summary_survives_a_recompile_and_a_stale_one_is_pointed_out(answered: World) -> None:
    petra = answered.person("petra")
    answered.confirming(answered.review(), **{"Executive summary": "We hold our dates."})
    petra.close(opened(petra), whole_stack=True)
    again = answered.review()
    assert again.value("Executive summary") == "We hold our dates."
    assert "since you edited" not in again.words
    petra.close(again)
    answered.load(LAST_ONE, command="answers")
    stale = answered.review()
    assert stale.value("Executive summary") == "We hold our dates."
    assert "since you edited the executive summary" in stale.words
    assert petra.submit(answered.confirming(stale)) is None
    answered.settle()
    assert "We hold our dates." in post(answered).words


def test_words_changed_after_a_look_at_the_confirmation_are_the_words_that_are_published(answered: World) -> None:
    petra = answered.person("petra")
    answered.confirming(answered.review(), **{"Executive summary": "A first try."})
    petra.close(opened(petra))
    confirm = answered.confirming(opened(petra), **{"Executive summary": "A better sentence."})
    assert petra.submit(confirm) is None
    answered.settle()
    assert "A better sentence." in post(answered).words


def test_another_status_than_the_rules_needs_a_reason(answered: World) -> None:
    petra = answered.person("petra")
    review = answered.review()
    view = petra.submit(review, {"Project status": "Off track"})
    assert view is not None
    assert view.callback_id == "review"
    assert len(view.errors) == 1
    confirm = petra.submit(view, {"Why": "The sponsor stopped the money."})
    assert confirm is not None
    assert "Off track" in confirm.words
    assert petra.submit(confirm) is None
    answered.settle()
    assert "Off track" in post(answered).words


def test_a_channel_without_the_bot_is_told_and_nothing_is_lost(answered: World) -> None:
    answered.expected.add(("chat.postMessage", "not_in_channel"))
    members = ["U0LENA", "U0PETRA"]
    answered.sandbox.change_channel(LEADERSHIP, members=members)
    answered.publish()
    told = answered.card("petra").words
    assert "Slack refused the post in #leadership" in told
    assert "publish again" in told
    assert answered.posts() == []
    answered.sandbox.change_channel(LEADERSHIP, members=[*members, "U0BOT"])
    answered.publish()
    assert "3 of 4 updates received" in post(answered).words
    assert any(reply.files for reply in answered.thread())


def test_a_manager_who_was_replaced_meanwhile_cannot_confirm(answered: World) -> None:
    petra = answered.person("petra")
    confirm = answered.confirming(answered.review())
    answered.load(WITHOUT_PETRA)
    refused = petra.submit(confirm)
    assert refused is not None
    assert "Rita Manager" in refused.words
    answered.settle()
    assert answered.posts() == []


@pytest.mark.parametrize("button", ["Nudge all", "Preview", "Return to owner", "Note"])
def test_a_manager_who_was_replaced_meanwhile_can_press_nothing(answered: World, button: str) -> None:
    petra = answered.person("petra")
    review = answered.review()
    answered.load(WITHOUT_PETRA)
    near = "check:missing-update" if button == "Note" else None
    petra.click(review, button, near=near)
    assert "Rita Manager" in opened(petra).words
    answered.settle()
    assert len(answered.cards("petra")) == 0


def test_a_shared_channel_is_confirmed_by_name_and_outsiders_can_press_nothing(world: World) -> None:
    confirm = world.confirming(world.review("", "rita"), "rita")
    assert "#partners is shared with people outside the company" in confirm.words
    assert world.person("rita").submit(confirm) is None
    world.settle()
    (found,) = world.posts("rita", PARTNERS)
    olga = world.sandbox.person(OLGA.id)
    for button in ("Full report", "Ask a question", "Acknowledge"):
        olga.click(found, button)
        assert "Only people of this workspace" in opened(olga).words
        olga.close(opened(olga))


def test_a_report_without_a_channel_says_where_to_set_one(new_world) -> None:
    world = new_world()
    world.arrive(OPENING)
    world.load(PORTFOLIO.read_text().replace('leadership_channel: "#leadership"\n', "", 1))
    petra = world.person("petra")
    petra.command("/compile-report billing")
    words = petra.wait_for(lambda: (v := petra.top_view()) and v.callback_id == "message" and v.words)
    assert "No channel is set for Billing Renewal" in words
