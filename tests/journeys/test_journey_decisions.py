"""Leaders decide in the thread of the report, ask about it, and find both in the next one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from world import OLGA, PARTNERS, TOKYO_MORNING, World, opened

from bot.sandbox.reach import RefusedError
from bot.sandbox.seen import SeenMessage, SeenView

ASKED = """
quarter: 2025-Q3
projects:
  billing:
    decisions:
      - {key: contract, what: Extend the provider's contract, who: lena@example.com, by: 2025-11-15,
         options: [By a year, By two years], milestone: payment-gateway}
      - {key: hire, what: Hire two developers <!here>}
"""
OURS = "quarter: 2025-Q3\nprojects: {tooling: {decisions: [{key: farm, what: Buy a second farm}]}}\n"
DECEMBER = datetime(2025, 12, 22, 16, tzinfo=UTC)  # the fourth quarter is open
AFTERNOON = datetime(2025, 10, 7, 19, tzinfo=UTC)  # in New York; four in the morning in Tokyo


@pytest.fixture
def asked(world: World) -> World:
    """The billing report is published, and it asks for two decisions."""
    world.load(ASKED, command="answers")
    world.publish()
    return world


def decision(world: World, words: str) -> SeenMessage:
    """The newest message about a decision."""
    world.settle()
    starts = ("*Decision needed*", "✅", "❌")
    return [m for m in world.thread() if words in m.words and m.words.startswith(starts)][-1]


def buttons(message: SeenMessage) -> list[str]:
    """The words of a message's buttons."""
    return [e["text"]["text"] for block in message.blocks if block["type"] == "actions" for e in block["elements"]]


def press(world: World, name: str, words: str, button: str) -> SeenView:
    """Press a button under a decision; the dialog, or what is said instead."""
    person = world.person(name)
    person.click(decision(world, words), button)
    return opened(person)


def test_the_post_asks_and_each_decision_has_its_buttons_in_the_thread(asked: World) -> None:
    (post,) = asked.posts()
    assert "Approve, decline or ask for more in the thread" in post.words
    first, second = asked.thread()[:2]
    assert "Extend the provider" in first.words
    assert "Lena Brandt, Henrik Dahl or an admin can decide here" in first.words
    assert "Hire two developers" in second.words
    for message in (first, second):
        assert buttons(message) == ["Approve", "Decline", "Need more"]
        assert message.text == "Billing Renewal · Q3 2025: a decision is needed", "what a screen reader says first"
        assert "<!here>" not in message.words


def test_a_leader_approves_and_everybody_concerned_sees_it(asked: World) -> None:
    asked.arrive(AFTERNOON)
    view = press(asked, "lena", "Extend", "Approve")
    assert asked.person("lena").submit(view, {"Which option": "By two years", "Comment": "Until 2027."}) is None
    settled = decision(asked, "Extend")
    assert all(words in settled.words for words in ("Approved", "By two years", "Lena Brandt", "Until 2027."))
    assert settled.text == "Billing Renewal · Q3 2025: a decision was approved by Lena Brandt"
    assert buttons(settled) == ["Take back"]
    (post,) = asked.posts()
    assert "Extend the provider's contract — approved (By two years) by *Lena Brandt*" in post.words
    assert post.words.count(", after this report was published") == 1, "its summary still asks for the decision"
    told = asked.card("petra")
    assert "Lena Brandt approved a decision" in told.words
    assert "Until 2027." in told.words
    assert not any("approved a decision" in m.words for m in asked.cards("aiko")), "it is night in Tokyo"
    asked.arrive(datetime(2025, 10, 8, 1, tzinfo=UTC))
    asked.settle()
    assert any("Lena Brandt approved a decision" in m.words for m in asked.cards("aiko"))


def test_declining_and_asking_for_more_need_a_word(asked: World) -> None:
    view = press(asked, "henrik", "Hire", "Decline")
    with pytest.raises(RefusedError):
        asked.person("henrik").submit(view)
    assert asked.person("henrik").submit(view, {"Comment": "Not before spring."}) is None
    assert "❌ *Declined*" in decision(asked, "Hire").words
    view = press(asked, "lena", "Extend", "Need more")
    assert asked.person("lena").submit(view, {"Comment": "At what price?"}) is None
    waiting = decision(asked, "Extend")
    assert "Lena Brandt* asked for more" in waiting.words
    assert buttons(waiting) == ["Approve", "Decline", "Need more"]


def test_an_owner_who_is_asked_for_more_opens_the_update_from_the_message(asked: World) -> None:
    view = press(asked, "lena", "Extend", "Need more")
    asked.person("lena").submit(view, {"Comment": "At what price?"})
    asked.arrive(datetime(2025, 10, 8, 2, tzinfo=UTC))
    notice = next(m for m in asked.cards("aiko") if "needs more before deciding" in m.words)
    asked.person("aiko").click(notice, "Update")
    assert "Payment Gateway" in opened(asked.person("aiko")).words


def test_others_are_told_who_can_decide(asked: World) -> None:
    said = press(asked, "maya", "Extend", "Approve").words
    assert "Only Lena Brandt or Henrik Dahl or an admin (Ada Admin) can decide this." in said
    assert "Only Henrik Dahl or an admin" in press(asked, "lena", "Hire", "Decline").words
    assert buttons(decision(asked, "Hire")) == ["Approve", "Decline", "Need more"]


def test_of_two_leaders_in_the_same_second_the_first_decides(asked: World) -> None:
    mine = press(asked, "lena", "Extend", "Approve")
    theirs = press(asked, "henrik", "Extend", "Decline")
    asked.sandbox.faults.repeat_delivery()
    assert asked.person("lena").submit(mine, {"Which option": "By a year"}) is None
    answer = asked.person("henrik").submit(theirs, {"Comment": "No."})
    assert answer is not None
    assert "Lena Brandt approved this before you" in answer.words
    assert "Approved" in decision(asked, "Extend").words
    assert sum("approved a decision" in m.words for m in asked.cards("petra")) == 1


def test_who_decided_can_take_it_back_and_nobody_else(asked: World) -> None:
    view = press(asked, "lena", "Extend", "Approve")
    asked.person("lena").submit(view, {"Which option": "By a year"})
    assert "Only Lena Brandt, who decided this" in press(asked, "henrik", "Extend", "Take back").words
    asked.person("lena").click(decision(asked, "Extend"), "Take back")
    assert buttons(decision(asked, "Extend")) == ["Approve", "Decline", "Need more"]
    assert "took back what was decided" in asked.card("petra").words


def test_people_from_outside_can_press_nothing(world: World) -> None:
    world.load(OURS, command="answers")
    world.publish("tooling", "rita")
    world.settle()
    olga = world.sandbox.person(OLGA.id)
    message = next(
        m for m in olga.messages(PARTNERS) if "Buy a second farm" in m.words and buttons(m)[:1] == ["Approve"]
    )
    olga.click(message, "Approve")
    assert "Only people of this workspace" in opened(olga).words


def test_an_update_that_was_open_meanwhile_does_not_ask_again(asked: World) -> None:
    aiko = asked.person("aiko")
    asked.arrive(TOKYO_MORNING)
    form = asked.open("aiko", "Update")
    view = press(asked, "lena", "Extend", "Approve")
    asked.person("lena").submit(view, {"Which option": "By a year"})
    assert aiko.submit(form, {"Percent complete": "50", "Status": "At risk"}) is None
    assert "Approved" in decision(asked, "Extend").words
    assert "decided" in str(asked.answers("billing").decisions["contract"].value.state)


def test_a_question_reaches_the_owner_and_the_next_report_prints_all(asked: World) -> None:
    lena, jonas = asked.person("lena"), asked.person("jonas")
    lena.click(asked.posts()[0], "Ask a question")
    form = opened(lena)
    assert lena.submit(form, {"About": "Data Migration", "Your question": "How many are merged?"}) is None
    asked.settle()
    assert "Lena Brandt asks about *Data Migration*" in asked.thread()[-1].words
    request = next(m for m in asked.cards("jonas") if "asks about *Data Migration*" in m.words)
    jonas.click(request, "Answer")
    assert jonas.submit(opened(jonas), {"Answer": "Nine in ten."}) is None
    asked.settle()
    assert "Nine in ten." in asked.thread()[-1].words
    assert "Jonas Weber has answered your question" in asked.card("lena").words
    view = press(asked, "lena", "Extend", "Approve")
    lena.submit(view, {"Which option": "By a year", "Comment": "Go on."})
    asked.arrive(DECEMBER)
    asked.load(
        ASKED.partition("    decisions")[0].replace("Q3", "Q4")
        + "    milestones: {rating-engine: {percent_complete: 90, status: On track}}\n",
        command="answers",
    )
    asked.publish("billing 2025-Q4")
    printed = asked.cli("compile", "--project", "billing", "--quarter", "2025-Q4", "--revision", "1").out
    assert "Approved (By a year) by Lena Brandt on" in printed
    assert "How many are merged?" in printed
    assert "Nine in ten." in printed
    assert "Hire two developers" in printed
    newest = asked.posts()[-1]
    assert "Extend the provider's contract — approved (By a year)" in newest.words
    again = decision(asked, "Hire")
    assert again.thread_ts == newest.ts
    assert "first asked in Q3" in again.words


def test_an_owners_own_message_lists_the_question(asked: World) -> None:
    maya, lena = asked.person("maya"), asked.person("lena")
    lena.click(asked.posts()[0], "Ask a question")
    lena.submit(opened(lena), {"About": "Rating Engine", "Your question": "Is it fast enough?"})
    asked.settle()
    card = next(m for m in asked.cards("maya") if "Invoice Portal" in m.words)
    assert "1 question waits for your answer" in card.words
    maya.click(card, "Answer", near="Is it fast enough?")
    assert maya.submit(opened(maya), {"Answer": "Yes."}) is None
    asked.settle()
    assert not any("waits for your answer" in m.words for m in asked.cards("maya"))
