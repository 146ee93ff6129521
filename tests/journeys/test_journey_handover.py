"""Owners hand milestones over, and a manager decides who answers and by when; messages and coverage follow."""

from __future__ import annotations

from datetime import timedelta

from world import NAMES, OPENING, PORTFOLIO, TOKYO_MORNING, World, opened, slack_id

from bot.sandbox.seen import SeenMessage, SeenView
from bot.store import audit

WITHOUT_PETRA = PORTFOLIO.read_text().replace("manager: petra@example.com", "manager: rita@example.com")


def hand_over(world: World, giver: str, receiver: str | None, milestone: str, comment: str = "") -> SeenView:
    """Somebody fills the dialog behind Hand over; the view that is then in front."""
    person = world.person(giver)
    person.click(world.card(giver), "Hand over")
    form = opened(person)
    which = {"Which milestone": milestone} if "Which milestone" in form.labels else {}
    shown = person.submit(
        form, {**which, "Who takes it over": receiver and slack_id(receiver), "Comment": comment or None}
    )
    assert shown is not None
    return shown


def offer(world: World, receiver: str) -> SeenMessage:
    """The offer among somebody's messages."""
    world.settle()
    return next(m for m in world.cards(receiver) if "asks you to take over" in m.words)


def told(world: World, name: str) -> str:
    """Everything that somebody was sent, one message after another."""
    world.settle()
    return "\n".join(message.words for message in world.cards(name))


def owned(world: World, name: str) -> str:
    """What somebody's message of the quarter lists, once all edits have arrived."""
    world.settle()
    return next(m.words for m in reversed(world.cards(name)) if "Q3 2025 update" in m.words)


def people_and_dates(world: World, manager: str = "petra") -> SeenView:
    """The view of people and dates, opened from the review."""
    review, person = world.review("billing", manager), world.person(manager)
    person.click(review, "People and dates")
    return opened(person)


def choose(world: World, view: SeenView, milestone: str, choice: str, manager: str = "petra") -> SeenView:
    """Choose something in a milestone's menu; the view that is then in front."""
    person = world.person(manager)
    person.select(view, "manage_item", choice, near=milestone)
    return opened(person)


def deeds(world: World, subject: str) -> list[str]:
    """What the audit trail says was done to something, beside answering for it."""
    with world.database.reading() as session:
        return [e.what.value for e in audit.trail(session, subject) if e.what is not audit.Deed.SAID]


def test_an_owner_hands_over_and_the_receiver_accepts(world: World) -> None:
    shown = hand_over(world, "maya", "jonas", "Invoice Portal", "He <!channel> built it.")
    assert "Jonas Weber is asked to take over *Invoice Portal*" in shown.words
    world.person("maya").close(shown)
    assert "offered to Jonas Weber, yours until they accept" in owned(world, "maya")
    asked = offer(world, "jonas")
    assert "Maya Okafor asks you to take over *Invoice Portal*" in asked.words
    assert "<!channel>" not in asked.words
    world.person("jonas").click(asked, "Accept")
    assert "Invoice Portal" not in owned(world, "maya")
    assert "Invoice Portal" in owned(world, "jonas")
    settled = next(m for m in world.cards("jonas") if m.ts == asked.ts)
    assert "you answer for *Invoice Portal* now" in settled.words
    assert told(world, "petra").count("Jonas Weber took over *Invoice Portal* from Maya Okafor.") == 1
    assert deeds(world, "billing/invoice-portal") == ["offered", "accepted"]
    world.person("jonas").click(settled, "Update")
    assert opened(world.person("jonas")).value("Percent complete") == "35"


def test_a_click_that_slack_delivers_twice_is_one(world: World) -> None:
    world.person("maya").close(hand_over(world, "maya", "jonas", "Invoice Portal"))
    asked, jonas = offer(world, "jonas"), world.person("jonas")
    world.sandbox.faults.repeat_delivery()
    jonas.click(asked, "Accept")
    assert jonas.top_view() is None
    assert deeds(world, "billing/invoice-portal") == ["offered", "accepted"]
    assert told(world, "petra").count("took over") == 1


def test_declining_tells_the_giver_and_the_manager(world: World) -> None:
    world.person("maya").close(hand_over(world, "maya", "jonas", "Invoice Portal"))
    world.person("jonas").click(offer(world, "jonas"), "Decline")
    assert "Jonas Weber cannot take over *Invoice Portal*. It stays with you." in told(world, "maya")
    assert "It stays with Maya Okafor." in told(world, "petra")
    assert "offered to" not in owned(world, "maya")


def test_an_offer_waits_for_the_receivers_hours_and_lapses_two_working_days_later(world: World) -> None:
    world.person("maya").close(hand_over(world, "maya", "aiko", "Invoice Portal"))
    world.settle()
    assert "take over" not in told(world, "aiko"), "it is 23:00 in Tokyo"
    world.arrive(TOKYO_MORNING)
    asked = offer(world, "aiko")
    world.arrive(TOKYO_MORNING + timedelta(days=1))
    assert "offered to Aiko Tanaka" in owned(world, "maya"), "a holiday in Japan does not count"
    world.arrive(OPENING + timedelta(days=6))
    assert "Aiko Tanaka did not answer whether they take over *Invoice Portal*" in told(world, "maya")
    assert "Invoice Portal" in owned(world, "maya")
    settled = next(m for m in world.cards("aiko") if m.ts == asked.ts)
    assert "the offer of *Invoice Portal* has ended" in settled.words
    assert not any(block["type"] == "actions" for block in settled.blocks)


def test_not_mine_tells_the_manager_who_reassigns_from_the_message(world: World) -> None:
    shown = hand_over(world, "maya", None, "Invoice Portal", "I left that team.")
    assert "Petra Manager is told that *Invoice Portal* is not yours" in shown.words
    assert "Invoice Portal" in owned(world, "maya"), "she is asked until somebody else is named"
    notice = world.card("petra")
    assert "Maya Okafor says that *Invoice Portal* is not theirs." in notice.words
    assert "I left that team." in notice.words
    petra = world.person("petra")
    petra.click(notice, "Reassign")
    same = petra.submit(opened(petra), {"Who answers for it": slack_id("maya")})
    assert same is not None
    assert "answers for it already" in "".join(same.errors.values())
    done = petra.submit(same, {"Who answers for it": slack_id("jonas")})
    assert done is not None
    assert "Jonas Weber answers for Invoice Portal now." in done.words
    assert "Invoice Portal" in owned(world, "jonas")
    assert "Invoice Portal" not in owned(world, "maya")
    assert "Petra Manager named you as owner of *Invoice Portal*" in told(world, "jonas")


def test_somebody_new_is_asked_by_the_next_step_alone(world: World) -> None:
    petra = world.person("petra")
    form = choose(world, people_and_dates(world), "Invoice Portal", "Reassign")
    petra.submit(form, {"Who answers for it": slack_id("lena")})
    world.bot.beat()
    world.settle()
    (card,) = world.cards("lena")
    assert "Invoice Portal" in card.words
    assert "Q3 2025 update" in card.words


def test_a_manager_excuses_and_takes_it_back(world: World) -> None:
    petra = world.person("petra")
    form = choose(world, people_and_dates(world), "Payment Gateway", "Excuse")
    refused = petra.submit(form, {"Reason": "  "})
    assert refused is not None
    assert refused.errors
    view = petra.submit(refused, {"Reason": "The provider closed."})
    assert view is not None
    assert "Payment Gateway is excused." in view.words
    assert "Excused: The provider closed." in view.words
    petra.close(view)
    review = petra.wait_for(lambda: (v := petra.top_view()) and ("Excused:" in v.words and v))
    assert "Coverage *0 of 3*" in review.words
    assert "Excused: Payment Gateway" in review.words
    world.arrive(TOKYO_MORNING)
    assert world.cards("aiko") == [], "who owes nothing is not asked"
    petra.click(review, "People and dates")
    back = choose(world, opened(petra), "Payment Gateway", "Take back the excuse")
    assert "Payment Gateway counts again." in back.words
    world.arrive(TOKYO_MORNING + timedelta(minutes=1))
    assert "Payment Gateway" in owned(world, "aiko")
    assert deeds(world, "billing/payment-gateway") == ["excused", "excuse-taken-back"]


def test_a_manager_gives_more_time_for_one_milestone(world: World) -> None:
    petra = world.person("petra")
    form = choose(world, people_and_dates(world), "Data Migration", "Give more time")
    early = petra.submit(form, {"Until": "2025-10-01"})
    assert early is not None
    assert "A day from October 4, 2025" in "".join(early.errors.values())
    view = petra.submit(early, {"Until": "2025-10-08"})
    assert view is not None
    assert "has time until *Wed, Oct 8*" in view.words
    assert "time until Oct 8" in owned(world, "jonas")


def test_a_paused_project_asks_nobody_until_it_is_resumed(world: World) -> None:
    petra = world.person("petra")
    petra.click(people_and_dates(world), "Pause the project")
    view = petra.submit(opened(petra), {"Reason": "No money until spring."})
    assert view is not None
    assert "*Paused*: No money until spring." in view.words
    assert "nothing is asked of you any more" in told(world, "maya")
    assert "nothing is asked of you any more" in told(world, "ines"), "nor for the budget"
    petra.click(view, "Resume the project")
    assert "The project is running again." in opened(petra).words
    assert "Rating Engine" in owned(world, "maya")
    assert deeds(world, "billing") == ["plan-changed", "paused", "resumed"]


def test_nudge_now_asks_once_a_day(world: World) -> None:
    world.arrive(OPENING + timedelta(days=3, hours=1))
    view = choose(world, people_and_dates(world), "Rating Engine", "Nudge now")
    assert "Maya Okafor will be asked again" in view.words
    again = choose(world, view, "Invoice Portal", "Nudge now")
    assert "nobody is asked twice" in again.words
    before = len(world.cards("maya"))
    world.bot.beat()
    world.settle()
    assert len(world.cards("maya")) == before + 1


def test_somebody_nobody_can_be_asked_at_is_refused_beside_the_field(world: World) -> None:
    person = world.person("maya")
    person.click(world.card("maya"), "Hand over")
    view = person.submit(opened(person), {"Which milestone": "Invoice Portal", "Who takes it over": "U0BOT"})
    assert view is not None
    assert "Nobody can be asked at this account." in "".join(view.errors.values())
    own = person.submit(view, {"Who takes it over": slack_id("maya")})
    assert own is not None
    assert "answers for it already" in "".join(own.errors.values())


def test_a_replaced_manager_is_refused_when_opening_and_when_submitting(world: World) -> None:
    petra = world.person("petra")
    view = people_and_dates(world)
    form = choose(world, view, "Rating Engine", "Excuse")
    world.load(WITHOUT_PETRA)
    refused = petra.submit(form, {"Reason": "x"})
    assert refused is not None
    assert "Only Rita Manager, who manages Billing Renewal, and admins can decide" in refused.words
    petra.close(refused)
    petra.click(opened(petra), "Pause the project")
    assert "Only Rita Manager" in opened(petra).words
    assert deeds(world, "billing/rating-engine") == []


def test_an_admin_reaches_people_and_dates_too(world: World) -> None:
    assert NAMES["maya"] in people_and_dates(world, "ada").words
