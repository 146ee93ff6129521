"""The Home as it is drawn: each part by itself, everything at once, for any words and any length."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from builders import BUDGET, DONE, FLAVOURS, MOBILE, SESSION, an_owner_card, outline, the_words
from homes import NEW, REPORT, THEN, a_company, a_decision, a_home, a_project, a_question, drawn, everything
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.report import Coverage
from bot.flow.home.company import Queue, Trouble, UnreachablePerson
from bot.flow.home.home import SIZES, Home, List, OfferedMilestone
from bot.flow.home.leader import FollowedProject
from bot.flow.home.pages import Page, page_of
from bot.flow.home.projects import MissingUpdate
from bot.flow.messages import ItemRef, OwedItem, Snooze
from bot.sandbox.rules import check_view
from bot.slack.blocks import Block, metadata_of
from bot.slack.home import home
from bot.slack.home.pager import TURNING, pager, turned
from bot.slack.ids import Action
from bot.texts import shipped

WORDS = the_words()
READY = replace(NEW, milestones=12, without_account=(), has_opened=True)


def words_of(shown: Home, **values: Any) -> str:
    """A Home that Slack accepts, as a person reads it."""
    view = drawn(shown, WORDS, **values)
    assert check_view(view) == []
    return outline(view["blocks"])


def elements(view: Block) -> list[Block]:
    """Every button and select."""
    beside = [block["accessory"] for block in view["blocks"] if "accessory" in block]
    return beside + [element for block in view["blocks"] if block["type"] == "actions" for element in block["elements"]]


def one(item: object) -> Page[Any]:
    return page_of([item], 0, 5)


@pytest.mark.parametrize("text", FLAVOURS.values(), ids=FLAVOURS)
def test_a_home_with_everything_fits_with_any_words(text: str) -> None:
    view = drawn(everything(text[:3000]), WORDS)
    assert check_view(view) == []
    assert "<!" not in outline(view["blocks"])


@pytest.mark.parametrize("page", [0, 1, 100, 10_000])
def test_every_page_of_a_home_with_everything_fits(page: int) -> None:
    view = drawn(everything(page=page), WORDS)
    assert check_view(view) == []
    assert len(view["blocks"]) <= 100


@given(total=st.integers(0, 400), size=st.integers(1, 9))
def test_every_item_is_on_exactly_one_page(total: int, size: int) -> None:
    items = list(range(total))
    pages = [page_of(items, number, size) for number in range(page_of(items, 0, size).count)]
    assert [item for page in pages for item in page.items] == items
    assert all(len(page.items) <= size for page in pages)
    assert all(page.items for page in pages) or not items


@given(total=st.integers(1, 60), size=st.integers(1, 9), number=st.integers(-3, 80))
def test_a_page_that_is_not_there_any_more_is_the_last(total: int, size: int, number: int) -> None:
    page = page_of(range(total), number, size)
    assert page.items
    assert 0 <= page.number < page.count


@given(total=st.integers(1, 60), size=st.integers(1, 9))
def test_next_leads_through_all_pages_and_back_again(total: int, size: int) -> None:
    """As a person does: from the first page by Next to the last, and by Back to the first."""
    seen, number = [], 0
    for button, count in ((Action.TURN_ON, 1), (Action.TURN_BACK, -1)):
        while True:
            page = page_of(range(total), number, size)
            seen.append(number)
            buttons = {b["action_id"]: b for block in pager(page, List.REPORTS, WORDS) for b in block["elements"]}
            if button not in buttons:
                break
            action = {**buttons[button], "block_id": List.REPORTS}
            name, number = turned(action)
            assert (name, number) == (List.REPORTS, page.number + count)
    last = -(-total // size) - 1
    assert seen == [*range(last + 1), *range(last, -1, -1)]


def test_a_thousand_projects_are_reached_by_name() -> None:
    view = drawn(everything(), WORDS)
    jump = next(element for element in elements(view) if element["action_id"] == Action.GO_TO_PAGE)
    pages = [int(option["value"]) for option in jump["options"]]
    assert len(pages) <= 100
    assert pages[0] == 0
    assert max(b - a for a, b in zip(pages, [*pages[1:], -(-1000 // SIZES[List.PROJECTS])], strict=True)) <= 2


def test_the_place_of_every_list_is_kept_in_the_view() -> None:
    shown = everything(page=2)
    assert metadata_of(drawn(shown, WORDS))["pages"] == dict.fromkeys([name.value for name in List], 2)
    assert metadata_of(drawn(everything(), WORDS))["pages"] == {}


def test_blocks_with_turning_buttons_are_called_like_their_lists() -> None:
    view = drawn(everything(page=1), WORDS)
    named = Counter(
        block["block_id"]
        for block in view["blocks"]
        for element in block.get("elements", ())
        if element.get("action_id") in TURNING
    )
    assert named.keys() == set(List)


def test_buttons_that_look_alike_say_what_they_are_about() -> None:
    unlabelled = [e for e in elements(drawn(everything(page=1), WORDS)) if "accessibility_label" not in e]
    texts = Counter(e["text"]["text"] for e in unlabelled if e["type"] == "button")
    assert set(texts.values()) == {1}


def test_what_waits_comes_before_what_is_to_be_read() -> None:
    said = words_of(everything(most=1))
    parts = ("Would you take over?", "A decision waits", "A question waits", "Past answers", "Audit trail", "All projects",
             "Latest reports", "Your questions", "When I write to you")  # fmt: skip
    places = [said.index(part) for part in parts]
    assert places == sorted(places)


def test_a_manager_reads_coverage_who_is_missing_checks_and_the_latest_report() -> None:
    said = words_of(a_home(projects=one(a_project())))
    assert "*Customer Portal* · 3 of 4 updates · 2 checks to look at" in said
    assert "Not answered: Billing interface (Ravi Nair)" in said
    assert "Latest report: Q3 2026 · 🟢 On track ▲ from At risk · published Oct 9" in said, (
        "on the person's own calendar"
    )
    assert "<https://slack.example/1.000002|Open the post>" in said
    assert "[Compile] [People and dates] [Edit project] [Milestones]" in said


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({"coverage": Coverage(4, 4), "missing": ()}, "Everybody has answered."),
        ({"coverage": Coverage(0, 0), "missing": ()}, "0 of 0 updates"),
        ({"coverage": Coverage(1, 1, (), ("a",)), "missing": ()}, "1 of 1 update, 1 excused"),
        (
            {"missing": (MissingUpdate("Billing", "Ravi Nair", ("Mei Lin",), ("Sam Roe",)),)},
            "Not answered: Billing (Ravi Nair with Mei Lin; Sam Roe in their place)",
        ),
        ({"paused_because": "Budget freeze"}, "Paused: Budget freeze"),
        ({"checks": 1}, "1 check to look at"),
        ({"report": replace(REPORT, revision=3, previous=None, place=None)}, "On track · revision 3, published Oct 9"),
    ],
)
def test_a_project_is_said_as_it_stands(values: dict[str, Any], line: str) -> None:
    said = words_of(a_home(projects=one(a_project(**values))))
    assert line in said
    assert "None" not in said
    assert "\n\n\n" not in said


def test_a_new_project_is_told_what_it_lacks_and_then_that_it_is_ready() -> None:
    said = words_of(a_home(projects=one(a_project(report=None, checklist=NEW))))
    assert said.count("To do: ") == 4
    assert "write `/invite @Quarterdeck` there" in said
    assert "opens on December 18, 2026" in said
    said = words_of(a_home(projects=one(a_project(report=None, checklist=READY))), is_member=True)
    assert "To do: " not in said
    assert "Ready for its first report:" in said
    assert "Q4 2026 has opened for 12 milestones" in said
    nowhere = replace(READY, channel=None)
    assert "To do: choose the channel" in words_of(a_home(projects=one(a_project(report=None, checklist=nowhere))))


def test_only_admins_are_offered_a_new_project_and_the_trail() -> None:
    assert "New project" not in words_of(a_home(projects=one(a_project())))
    said = words_of(a_home(company=a_company()))
    assert "[Compile all projects] [New project] [Audit trail]" in said
    assert "There is none yet" in said


def test_an_admin_reads_how_the_company_stands() -> None:
    queue = Queue(12, timedelta(minutes=3), 1, timedelta(seconds=7))
    person = UnreachablePerson("Ravi Nair", Trouble.CLOSED, "Customer Portal", 3, ItemRef("portal", REPORT.ref.quarter))
    said = words_of(a_home(company=a_company(queue=queue, people=one(person))))
    assert "12 projects · 🔴 Off track: 1 · 🟢 On track: 4 · not yet published: 7" in said
    assert "*Ravi Nair* · the Slack account is closed · Customer Portal and 2 more projects" in said
    assert "12 messages on the way, the first for 3 minutes · 1 post that Slack did not confirm" in said
    assert "last heartbeat 7 seconds ago" in said
    assert "Nothing waits to be sent" in words_of(a_home(company=a_company()))


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({}, "decide by Fri, Jan 15, 5 working days left"),
        ({"days_left": 1}, "1 working day left"),
        ({"days_left": 0}, "decide by Fri, Jan 15, today"),
        ({"days_left": -3}, "3 working days ago"),
        ({"by": None, "days_left": None}, "*Extend the contract*\nCustomer Portal"),
    ],
)
def test_a_decision_says_how_long_is_left(values: dict[str, Any], line: str) -> None:
    said = words_of(a_home(decisions=one(a_decision(**{"project_name": "Customer Portal", **values}))))
    assert "*A decision waits for you*" in said
    assert line in said


def test_a_question_is_shown_with_its_answer_or_without() -> None:
    said = words_of(a_home(asked=page_of([a_question(1), a_question(2, answer="The vendor.")], 0, 5)))
    assert "you asked on Oct 9: Why so late?" in said
    assert "Not answered yet." in said
    assert "*Why so late?:* The vendor." in said, "who answered is named in front"


def test_a_follower_reads_the_latest_report_or_that_there_is_none() -> None:
    followed = [FollowedProject("Portal", REPORT), FollowedProject("Network", None)]
    said = words_of(a_home(reports=page_of(followed, 0, 5)))
    assert "*Portal*\nQ3 2026 · 🟢 On track" in said
    assert "*Network*\nNo report has been published yet." in said
    assert said.count("[Full report]") == 1


def test_an_offer_can_be_accepted_or_declined() -> None:
    offer = OfferedMilestone(7, "Mobile app", "Customer Portal", "Dana Petrov", REPORT.published_at)
    view = drawn(a_home(offers=one(offer)), WORDS)
    buttons = {e["action_id"]: e["value"] for e in elements(view) if e.get("value")}
    assert buttons == {Action.ACCEPT_HANDOVER: "7", Action.DECLINE_HANDOVER: "7"}
    assert "ends on Fri, Oct 9" in outline(view["blocks"])


def test_a_newcomer_is_greeted_once_with_why_when_and_how_to_stop() -> None:
    owner = a_home(is_new=True, has_items=True, card=an_owner_card(MOBILE), owed=one(MOBILE))
    said = words_of(owner)
    assert "Welcome, Lena Brandt" in said
    assert "because you answer for something" in said
    assert "from 9:30\u202fAM to 4:30\u202fPM (Berlin time)" in said
    assert "To stop for good" in said
    assert "You manage projects" not in said
    assert "Welcome" not in words_of(replace(owner, is_new=False))


BUTTONS = ("Nothing changed", "Hand over", "Remind me later", "Change my hours", "Got it")


@pytest.mark.parametrize(
    "items",
    [(MOBILE,), (SESSION,), (BUDGET,), DONE, (replace(MOBILE, in_place_of="Bob"),), ()],
    ids=["open", "nothing known", "budget", "answered", "as deputy", "nothing owed now"],
)
@pytest.mark.parametrize("snoozes", [(), (Snooze("tomorrow", THEN),)], ids=["late", "early"])
def test_no_text_speaks_of_a_button_that_is_not_there(items: tuple[OwedItem, ...], snoozes: tuple[Snooze, ...]) -> None:
    shown = a_home(is_new=True, has_items=True)
    if items:
        card = replace(an_owner_card(*items), snoozes=snoozes)
        shown = replace(shown, card=card, owed=page_of(items, 0, SIZES[List.OWED]))
    view = drawn(shown, WORDS)
    there = {(e.get("text") or e["placeholder"])["text"] for e in elements(view)}
    spoken = {name for name in BUTTONS if f"*{name}*" in outline(view["blocks"])}
    assert "Change my hours" in spoken
    assert spoken <= there


def test_hours_and_reasons_are_always_there_for_those_it_writes_to() -> None:
    for shown in (
        a_home(has_items=True),
        a_home(projects=one(a_project())),
        a_home(reports=one(FollowedProject("P", None))),
    ):
        said = words_of(shown)
        assert (
            "on working days from 9:30\u202fAM to 4:30\u202fPM (Berlin time), the company's hours.  [Change my hours]"
            in said
        )
        assert ("can excuse you" in said) is shown.has_items
    own = a_home(has_items=True, hours=replace(a_home().hours, are_own=True))
    assert "as you chose" in words_of(own)
    assert "answers for you" not in words_of(own)
    assert "Bea answers for you while you are away." in words_of(replace(own, deputy="Bea"))


def test_a_stranger_is_told_what_this_is_and_who_can_add_them() -> None:
    said = words_of(a_home(admins=("Ada", "Bea")))
    assert "There is nothing for you to do here" in said
    assert "Ada and Bea can add you" in said
    assert "Change my hours" not in said
    assert "Whoever looks after the portfolio" in words_of(a_home())


def test_somebody_of_another_company_reads_nothing_of_this_one() -> None:
    view = home.outside(WORDS)
    assert check_view(view) == []
    assert "only its people can use me" in outline(view["blocks"])


def test_before_anything_is_loaded_everybody_is_told_how_with_their_own_id() -> None:
    view = home.first_run("U0LENA", WORDS)
    assert check_view(view) == []
    assert "admins: [U0LENA]" in str(view)


@pytest.mark.parametrize("folder", ["home", "setup"])
def test_every_file_of_words_is_named_in_the_program(folder: str) -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (shipped("prompts").parent / "bot").rglob("*.py"))
    unused = [p.name for p in (shipped("prompts") / folder).iterdir() if f"{folder}/{p.name}" not in sources]
    assert unused == []


def test_the_day_of_an_instant_is_the_person_s_own() -> None:
    assert a_home().day(REPORT.published_at) == date(2026, 10, 9)
