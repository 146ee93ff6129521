"""The owner's message: what it says at each step, which buttons it has, and that Slack takes it."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from builders import (
    BUDGET,
    DONE,
    FLAVOURS,
    MOBILE,
    PUSH,
    Q2,
    Q3,
    Q4,
    RULES,
    SESSION,
    SPENT,
    a_known,
    an_item,
    an_owner_card,
    answered,
    check_golden,
    many,
    outline,
    the_words,
)
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.project import RagStatus
from bot.domain.quarter import Quarter
from bot.domain.update import MilestoneUpdate
from bot.flow.messages import ItemRef, Late, OwedItem, OwnerCard, Step
from bot.sandbox.rules import check_message, check_update
from bot.slack import card, messages
from bot.slack.blocks import Block
from bot.slack.card import item_of, item_value
from bot.slack.ids import Action

WORDS = the_words()


def read(shown: OwnerCard) -> str:
    return outline(card.build(shown, WORDS))


def elements(shown: OwnerCard) -> list[Block]:
    blocks = card.build(shown, WORDS)
    beside = [block["accessory"] for block in blocks if "accessory" in block]
    return beside + [element for block in blocks if block["type"] == "actions" for element in block["elements"]]


def actions_of(shown: OwnerCard) -> list[str]:
    return [element["action_id"] for element in elements(shown)]


def refused(shown: OwnerCard) -> list[Any]:
    rendered = messages.render(shown, WORDS)
    payload = {"text": rendered.text, "blocks": rendered.blocks, "metadata": rendered.metadata}
    return check_message(payload) + check_update(payload)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("card-opening", an_owner_card()),
        ("card-one-answered", an_owner_card(DONE[0], PUSH, SESSION)),
        (
            "card-returned",
            an_owner_card(replace(DONE[0], returned="Which date\nholds?"), replace(DONE[1], is_reworded=True), DONE[2]),
        ),
        (
            "card-nothing-changed",
            an_owner_card(
                replace(MOBILE, is_done=True, is_confirmed=True),
                replace(PUSH, needs_word="forecast-passed"),
                replace(SESSION, needs_word="nothing-known"),
            ),
        ),
        ("card-finished", an_owner_card(*DONE, SPENT)),
        ("card-last-call", an_owner_card(PUSH, step=Step.LAST_CALL, days_left=0, is_due_today=True)),
        ("card-many", an_owner_card(*many(40, projects=2), BUDGET)),
    ],
)
def test_reads_as_kept(name: str, shown: OwnerCard) -> None:
    check_golden(name, f"{messages.render(shown, WORDS).text}\n\n{read(shown)}")


@pytest.mark.parametrize("step", list(Step))
def test_every_step_names_the_project_first_and_blames_nobody(step: Step) -> None:
    text = read(an_owner_card(step=step))
    assert text.startswith("*Customer Portal · Q4 2026 update*")
    assert not {"late", "delinquent", "overdue", "failed"} & set(text.lower().replace(",", " ").split())


def test_due_time_is_the_persons_own() -> None:
    due = datetime(2027, 1, 6, 23, 30, tzinfo=UTC)
    assert "Thu, Jan 7, 8:30\u202fAM" in read(an_owner_card(due_at=due, zone="Asia/Tokyo"))
    assert "Wed, Jan 6, 3:30\u202fPM" in read(an_owner_card(due_at=due, zone="America/Los_Angeles"))


def test_every_open_item_has_its_button_and_value() -> None:
    shown = an_owner_card(MOBILE, PUSH, BUDGET)
    beside = [e for e in elements(shown) if e["action_id"] in (Action.UPDATE_ITEM, Action.BUDGET)]
    assert [item_of(e["value"]) for e in beside] == [item.ref for item in shown.items]
    assert [e["text"]["text"] for e in beside] == ["Update", "Update", "Budget"], "each is there once, by its own name"


def test_budget_is_offered_only_to_those_who_owe_it() -> None:
    assert Action.BUDGET not in actions_of(an_owner_card(MOBILE))
    shown = an_owner_card(MOBILE, BUDGET)
    assert [item_of(e["value"]) for e in elements(shown) if e["action_id"] == Action.BUDGET] == [BUDGET.ref]


def test_a_budget_without_a_place_of_its_own_keeps_its_button() -> None:
    shown = an_owner_card(*many(40), BUDGET)
    assert [item_of(e["value"]) for e in elements(shown) if e["action_id"] == Action.BUDGET] == [BUDGET.ref]


def test_what_was_said_of_the_budget_last_stands_beside_it() -> None:
    assert SPENT.resources is not None
    said = read(an_owner_card(replace(BUDGET, last_resources=(Q3, SPENT.resources), currency="USD")))
    assert "last quarter $1,040,000 spent, forecast $1,180,000" in said
    assert "amounts or just percentages" in read(an_owner_card(BUDGET))


def test_a_percentage_that_its_amounts_belie_is_said_as_the_amounts_make_it() -> None:
    assert SPENT.resources is not None
    amounts = replace(
        SPENT.resources, budget_at_completion=Decimal(2_080_000), forecast_at_completion=Decimal(2_184_000)
    )
    belied = replace(amounts, percent_used=Decimal(99), percent_variance=Decimal(-3))
    said = read(an_owner_card(replace(SPENT, resources=belied)))
    assert "50% used by the amounts, which count (given: 99% used)" in said
    assert "5% over budget by the amounts, which count (given: 3% under budget)" in said
    agreeing = replace(amounts, percent_used=Decimal(50), percent_variance=Decimal(5))
    assert "given" not in read(an_owner_card(replace(SPENT, resources=agreeing)))


WORDY = replace(
    DONE[0],
    answer=MilestoneUpdate(
        Decimal(85), RagStatus.OFF_TRACK, deliverables=("One", "Two", "Three", "Four", "Five"), impact="Fewer calls.",
        note="The certificate <came> late.", recovery="A second team.",
    ),
)  # fmt: skip


def test_once_all_is_in_the_words_are_read_as_leadership_will_and_not_before() -> None:
    said = read(an_owner_card(WORDY))
    for line in ("• One", "• and 2 more", "_Impact on company goals:_ Fewer calls.",
                 "_Note:_ The certificate &lt;came&gt; late.", "_Recovery plan:_ A second team."):  # fmt: skip
        assert line in said
    assert "Fewer calls" not in read(an_owner_card(WORDY, PUSH))
    assert "Fewer calls" not in read(an_owner_card(WORDY, is_closed=True))


@pytest.mark.parametrize("text", FLAVOURS.values(), ids=FLAVOURS)
def test_any_number_of_words_fits_one_message(text: str) -> None:
    said = MilestoneUpdate(Decimal(85), RagStatus.OFF_TRACK, None, (text,) * 9, text, text, text)
    assert not refused(an_owner_card(*(replace(WORDY, answer=said, title=text) for _ in range(8))))


@pytest.mark.parametrize(
    ("late", "says"),
    [
        (Late.WAITING, "answered after publication"),
        (Late.TAKEN, "Dana Petrov takes it into the next revision"),
        (Late.LEFT, "Dana Petrov leaves it out of the report"),
    ],
)
def test_an_answer_after_publication_says_what_becomes_of_it(late: Late, says: str) -> None:
    item = replace(DONE[0], published_by="Dana Petrov", late=late)
    said = read(an_owner_card(item))
    assert says in said
    assert ("Dana Petrov decides now whether it goes into the next revision" in said) is (late is Late.WAITING)
    assert "until the report is published" not in said
    assert said.count("Dana Petrov decides") == 1, "said once"


def test_of_several_answers_those_after_publication_are_counted() -> None:
    out = {"published_by": "Dana Petrov"}
    in_time, late = replace(DONE[0], **out), replace(DONE[1], late=Late.WAITING, **out)
    assert "published before one of them, so Dana Petrov decides now whether it goes" in read(
        an_owner_card(in_time, late)
    )
    assert "published before, so Dana Petrov decides now whether they go" in read(an_owner_card(late, late))
    assert "This is how leadership reads it:" in read(an_owner_card(in_time))
    assert "The report is published. You can still change this; Dana Petrov decides" in read(an_owner_card(in_time))
    assert "The report is published" not in read(an_owner_card(in_time, DONE[1])), "another project's is not"


def test_what_is_open_after_publication_is_still_asked_for_and_nothing_is_due() -> None:
    shown = an_owner_card(replace(MOBILE, published_by="Dana Petrov"), step=Step.REMINDER)
    said = read(shown)
    assert "The report is published. Your word is still welcome: Dana Petrov decides" in said
    assert "due" not in said
    assert Action.UPDATE_ITEM in actions_of(shown)
    assert "due" in read(an_owner_card(replace(MOBILE, published_by="Dana Petrov"), PUSH)), (
        "another project's is not out"
    )


def test_nothing_changed_is_offered_only_where_something_was_known() -> None:
    assert Action.NOTHING_CHANGED not in actions_of(an_owner_card(SESSION))
    assert Action.NOTHING_CHANGED in actions_of(an_owner_card(SESSION, MOBILE))
    assert Action.NOTHING_CHANGED not in actions_of(an_owner_card(replace(MOBILE, needs_word="confirmed-twice")))


def test_a_reminder_that_was_chosen_is_said() -> None:
    shown = an_owner_card(MOBILE, snoozed_until=datetime(2026, 12, 21, 8, 30, tzinfo=UTC))
    assert "I will remind you on Mon, Dec 21 at 9:30\u202fAM." in read(shown)
    assert "remind you" not in read(an_owner_card(MOBILE))


def test_a_single_item_needs_no_update_all() -> None:
    assert Action.UPDATE_ALL not in actions_of(an_owner_card(MOBILE))
    assert Action.UPDATE_ALL not in actions_of(an_owner_card(DONE[0], MOBILE))


def test_finished_message_keeps_update_risks_and_budget() -> None:
    expected = [*[Action.UPDATE_ITEM] * 3, Action.BUDGET, Action.RISKS, Action.HAND_OVER]
    assert actions_of(an_owner_card(*DONE, SPENT)) == expected


@pytest.mark.parametrize("over", ["is_closed", "is_superseded"])
@pytest.mark.parametrize("items", [(MOBILE, PUSH), DONE, many(40)], ids=["open", "done", "many"])
def test_a_message_whose_time_is_over_has_no_buttons(over: str, items: tuple[OwedItem, ...]) -> None:
    shown = an_owner_card(*items, **{over: True})
    assert actions_of(shown) == []
    assert "Update all" not in read(shown)
    assert not refused(shown)


@pytest.mark.parametrize("rule", RULES)
def test_every_reason_for_a_word_is_said(rule: str) -> None:
    with_date = read(an_owner_card(replace(PUSH, needs_word=rule)))
    without = read(an_owner_card(replace(SESSION, needs_word=rule)))
    for text in (with_date, without):
        assert "needs a word from you: " in text
        assert rule not in text


def test_eight_most_pressing_have_a_button_and_the_rest_one_select() -> None:
    calm = [replace(MOBILE, ref=ItemRef("p0", Q4, f"calm{n}")) for n in range(30)]
    pressing = [replace(PUSH, ref=ItemRef("p0", Q4, f"late{n}"), title=f"Late {n}") for n in range(3)]
    done = [replace(item, is_done=True) for item in calm[:5]]
    shown = an_owner_card(*done, *calm[5:], *pressing)
    buttons = [item_of(e["value"]) for e in elements(shown) if e["action_id"] == Action.UPDATE_ITEM]
    assert len(buttons) == card.MOST_SHOWN
    assert {item.ref for item in pressing} <= set(buttons)
    (select,) = (e for e in elements(shown) if e["action_id"] == Action.CHOOSE_ITEM)
    offered = [item_of(option["value"]) for option in select["options"]]
    assert len(offered) == len(shown.items) - card.MOST_SHOWN
    assert not set(buttons) & set(offered)


@pytest.mark.parametrize("projects", [1, 2, 150])
@pytest.mark.parametrize("count", [9, 108, 109, 10_000])
def test_any_number_of_items_is_taken_by_slack_and_counted_honestly(count: int, projects: int) -> None:
    shown = an_owner_card(*many(count, projects=projects))
    assert not refused(shown)
    text = read(shown)
    unlisted = re.search(r"^([\d,]+) more (?:is|are) not listed", text, re.MULTILINE)
    left = int(unlisted[1].replace(",", "")) if unlisted else 0
    assert card.MOST_SHOWN + text.count("• ") + left == count


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("count", [1, 3, 60])
def test_any_words_are_taken_by_slack(flavour: str, count: int) -> None:
    text = FLAVOURS[flavour]
    items = [replace(item, title=text, project_name=text) for item in many(count)]
    answers = [replace(answered(item, 10, RagStatus.AT_RISK), is_done=n % 2 == 0) for n, item in enumerate(items)]
    for shown in (an_owner_card(*items), an_owner_card(*answers), an_owner_card(*items, asked_by=(text,) * 5)):
        assert not refused(shown)


@pytest.mark.parametrize("flavour", ["a ping", "a template", "a script"])
def test_words_of_people_stay_words(flavour: str) -> None:
    said = json.dumps([messages.render(an_owner_card(replace(MOBILE, title=FLAVOURS[flavour])), WORDS).blocks])
    shown = json.dumps(card.build(an_owner_card(replace(MOBILE, title=FLAVOURS[flavour])), WORDS)[1]["text"])
    assert "49" not in shown
    assert "<!channel>" not in shown
    assert "<script>" not in shown
    assert '"verbatim": true' in said


def test_an_endless_key_is_left_out_of_the_select_alone() -> None:
    long = replace(MOBILE, ref=ItemRef("p", Q4, "k" * 400), is_done=True)
    shown = an_owner_card(*many(30), long)
    assert not refused(shown)


def test_text_is_free_of_money_titles_and_ids() -> None:
    for shown in (an_owner_card(*DONE, SPENT), an_owner_card(MOBILE, SPENT), an_owner_card()):
        text = messages.render(shown, WORDS).text
        assert "040" not in text
        assert "Mobile app" not in text
        assert len(text) < 300


def test_no_id_of_a_person_is_shown() -> None:
    assert "U0LENA" not in json.dumps(card.build(an_owner_card(*DONE, SPENT), WORDS))


def test_age_of_what_was_known_is_said() -> None:
    old = an_item(known=a_known(10, quarter=Q2))
    older = an_item(known=a_known(10, quarter=Quarter(2025, 3)))
    assert "in Q2 10%" in read(an_owner_card(old))
    assert "in Q3 2025 10%" in read(an_owner_card(older))


def test_a_far_forecast_carries_its_year() -> None:
    assert "March 12, 2029" in read(an_owner_card(an_item(known=a_known(forecast=date(2029, 3, 12)))))


def test_a_channel_id_becomes_a_link() -> None:
    assert "<#C0LEADERS>" in read(an_owner_card(channel="C0LEADERS"))


KEYS = st.text(min_size=1, max_size=80)


@given(KEYS, st.one_of(st.just(""), KEYS), st.integers(1990, 2100), st.integers(1, 4))
def test_an_item_survives_its_button(project: str, milestone: str, year: int, number: int) -> None:
    ref = ItemRef(project, Quarter(year, number), milestone)
    assert item_of(item_value(ref)) == ref


ITEMS = st.builds(
    an_item,
    st.text(st.characters(categories=("Ll", "Nd")), min_size=1, max_size=20),
    st.text(min_size=1, max_size=300).filter(lambda text: text.strip()),
    known=st.one_of(st.none(), st.builds(a_known, st.integers(0, 100), st.sampled_from(list(RagStatus)))),
    is_done=st.booleans(),
    is_confirmed=st.booleans(),
    needs_word=st.one_of(st.none(), st.sampled_from(RULES)),
    forecast_passed=st.booleans(),
    project_name=st.sampled_from(["Alpha", "Beta", "Gamma"]),
)


@given(st.lists(ITEMS, min_size=1, max_size=20, unique_by=lambda item: item.ref), st.sampled_from(list(Step)))
def test_any_state_of_any_items_is_taken_by_slack(items: list[OwedItem], step: Step) -> None:
    shown = an_owner_card(*items, step=step)
    assert not refused(shown)
    assert f"{shown.done} of {len(items)} done" in read(shown) or not shown.done or not shown.open_items
