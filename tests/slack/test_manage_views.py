""" "People and dates", the dialogs on it, and the dialog that hands a milestone over: for one and for many, for any words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from builders import DANA, FLAVOURS, LENA, Q4, a_known, a_line, an_item, an_owner_card, outline, the_words

from bot.domain.errors import InvalidInput
from bot.domain.milestone_line import LineState
from bot.domain.project import Milestone, Project
from bot.flow.forms import HandoverForm, ManagedMilestone, ManageForm
from bot.flow.messages import ItemRef, Notice
from bot.sandbox.rules import check_message, check_view
from bot.slack import card, messages
from bot.slack.blocks import Block, metadata_of
from bot.slack.card import item_of
from bot.slack.forms import handover, manage
from bot.slack.forms.fields import block_id, name_of
from bot.slack.forms.manage import Choice, Origin
from bot.slack.ids import Action, View

WORDS = the_words()
DUE = datetime(2027, 1, 6, 16, tzinfo=UTC)
REF = ItemRef("portal", Q4, "billing")
ORIGIN = Origin("V0PEOPLE", "V0REVIEW")
NAMES = {"milestone": "Billing", "owner": "Ravi", "project": "Portal", "quarter": "Q4 2026"}
DAYS = (date(2027, 1, 7), date(2027, 3, 1))
NOTICES = {
    "handover-offer": {"giver": "Lena", "comment": "Please", "until": "Tue, Jan 5"},
    "handover-settled": {"giver": "Lena", "receiver": "Ravi", "outcome": "declined"},
    "handover-outcome": {"giver": "Lena", "receiver": "Ravi", "outcome": "lapsed", "is_giver": True},
    "not-mine": {"owner": "Lena", "comment": "Not my team"},
    "reassigned": {"manager": "Dana"},
}


def managed(key: str = "billing", name: str = "Billing interface", **values: Any) -> ManagedMilestone:
    line = a_line(key, name, **{"state": LineState.MISSING, "known": a_known(40), **values.pop("line", {})})
    return ManagedMilestone(**{"line": line, "due_at": DUE, **values})


def a_form(*milestones: ManagedMilestone, **values: Any) -> ManageForm:
    defaults = {
        "project": Project("portal", "Customer Portal", DANA),
        "quarter": Q4,
        "quarter_label": "Q4 2026",
        "due_at": DUE,
        "locale": "en_US",
        "zone": "Europe/Berlin",
        "milestones": milestones or (managed(),),
    }
    return ManageForm(**{**defaults, **values})


def test_everybody_who_is_asked_is_named() -> None:
    shown = outline(
        manage.build(a_form(managed(line={"co_owners": ("Mei Lin",)}, stand_ins=("Sam Roe",))), WORDS)["blocks"]
    )
    assert "*Billing interface* · Lena Brandt with Mei Lin · Sam Roe in their place" in shown


def a_handover(*names: str, project: str = "Customer Portal") -> HandoverForm:
    milestones = tuple((ItemRef("portal", Q4, f"m{n}"), name, project) for n, name in enumerate(names))
    return HandoverForm(Q4, "Q4 2026", "en_US", milestones)


def menus(view: Block) -> list[Block]:
    found = [block.get("accessory", {}) for block in view["blocks"]]
    return [element for element in found if element.get("type") == "overflow"]


def choices(form: ManageForm) -> list[list[Choice]]:
    return [[manage.choice_of(o["value"])[0] for o in menu["options"]] for menu in menus(manage.build(form, WORDS))]


def words_of(form: ManageForm, **more: str) -> str:
    return "\n".join(
        block["text"]["text"] for block in manage.build(form, WORDS, **more)["blocks"] if block["type"] == "section"
    )


def dialogs(names: dict[str, str] = NAMES, ref: ItemRef = REF) -> list[Block]:
    return [
        manage.build_excuse(ref, names, ORIGIN, WORDS),
        manage.build_more_time(ref, names, DAYS, "en_US", ORIGIN, WORDS),
        manage.build_reassign(ref, names, ORIGIN, WORDS),
        manage.build_pause(ref, names, ORIGIN, WORDS),
    ]


def sent_back(view: Block, **typed: object) -> Block:
    """A view as Slack sends it back, with these fields filled by name."""
    inputs = {name_of(block["block_id"]): block for block in view["blocks"] if block["type"] == "input"}
    assert typed.keys() <= inputs.keys()
    values = {inputs[name]["block_id"]: {inputs[name]["element"]["action_id"]: state} for name, state in typed.items()}
    return view | {"state": {"values": values}}


@pytest.mark.parametrize("count", [1, 60, 300])
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_slack_takes_any_words_and_any_number(flavour: str, count: int) -> None:
    text = FLAVOURS[flavour]
    milestone = managed("x" * 100, text, line={"owner": text}, excuse=text, offered_to=text, has_more_time=True)
    states = list(LineState)
    many = [
        replace(milestone, line=replace(milestone.line, key=f"{n:0>100}", state=states[n % len(states)]))
        for n in range(count)
    ]
    view = manage.build(a_form(*many, paused_because=text), WORDS, review="V0REVIEW", saved=text[:2000])
    assert not check_view(view)
    assert len(view["blocks"]) <= 100
    project = Project("p" * 100, text, DANA, (Milestone("m" * 100, text, LENA),))
    ref = ItemRef(project.key, Q4, "m" * 100)
    for dialog in dialogs(dict.fromkeys(NAMES, text), ref):
        assert not check_view(dialog)
    assert not check_view(handover.build(a_handover(*[text] * count, project=text), WORDS))


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("name", NOTICES)
def test_slack_takes_the_notices_and_pings_nobody(name: str, flavour: str) -> None:
    text = FLAVOURS[flavour][:3000]
    own = {k: v if k in ("outcome", "is_giver") else text for k, v in NOTICES[name].items()}
    values = {"project": text, "quarter": "Q4 2026", "milestone": text, **own}
    rendered = messages.render(Notice(f"{name}:1", name, values, item=REF, asks_for_owner=True), WORDS)
    assert not check_message({"text": rendered.text, "blocks": rendered.blocks})
    assert "<!channel>" not in str(rendered)
    assert "<@U0LENA>" not in str(rendered)


@pytest.mark.parametrize("name", NOTICES)
def test_the_first_line_of_a_notice_holds_nobodys_words(name: str) -> None:
    values = {"project": "Portal", "quarter": "Q4 2026", "milestone": "Billing", **NOTICES[name]}
    rendered = messages.render(Notice("k", name, values), WORDS)
    assert "Billing" in rendered.text
    assert str(NOTICES[name].get("comment", "-")) not in rendered.text


def test_sixty_milestones_all_have_a_menu_and_what_is_missing_comes_first() -> None:
    milestones = [
        managed(f"m{n}", f"Part {n}", line={"state": LineState.ANSWERED if n % 2 else LineState.MISSING})
        for n in range(60)
    ]
    view = manage.build(a_form(*milestones), WORDS)
    found = menus(view)
    assert len(found) == 60
    sizes = [len(menu["options"]) for menu in found]
    assert sizes == [5] * 30 + [1] * 30


def test_milestones_beyond_the_views_room_are_counted() -> None:
    view = manage.build(a_form(*(managed(f"m{n}", f"Part {n}") for n in range(130))), WORDS, saved="Done.")
    assert len(view["blocks"]) == 100
    assert "34 more milestones are not listed here" in str(view)


@pytest.mark.parametrize(
    ("state", "offered"),
    [
        (LineState.MISSING, [Choice.NUDGE, Choice.ANSWER, Choice.EXCUSE, Choice.MORE_TIME, Choice.REASSIGN]),
        (LineState.EXCUSED, [Choice.TAKE_BACK, Choice.REASSIGN]),
        (LineState.ANSWERED, [Choice.REASSIGN]),
        (LineState.COMPLETE, [Choice.REASSIGN]),
        (LineState.PAUSED, [Choice.REASSIGN]),
    ],
)
def test_the_menu_offers_what_makes_sense(state: LineState, offered: list[Choice]) -> None:
    assert choices(a_form(managed(line={"state": state}))) == [offered]


def test_a_line_says_who_what_and_until_when() -> None:
    missing = managed(offered_to="Mei", has_more_time=True, due_at=datetime(2027, 1, 12, 16, tzinfo=UTC))
    text = words_of(a_form(missing))
    assert "*Customer Portal · Q4 2026* — due Wed, Jan 6 at 5:00\u202fPM" in text
    assert "*Billing interface* · Lena Brandt (offered to Mei)" in text
    assert "Not answered yet · last known 40%, on track (Q3) · has time until *Tue, Jan 12*" in text
    excused = words_of(a_form(managed(line={"state": LineState.EXCUSED}, excuse="On leave")))
    assert "Excused: On leave" in excused


def test_a_paused_project_says_why_and_can_be_resumed() -> None:
    paused, running = (manage.build(a_form(paused_because=why), WORDS) for why in ("No money", None))
    assert "*Paused*: No money" in outline(paused["blocks"][:1])
    buttons = [view["blocks"][-1]["elements"][0] for view in (paused, running)]
    assert [button["action_id"] for button in buttons] == [Action.RESUME, Action.PAUSE]
    assert item_of(buttons[0]["value"]) == ItemRef("portal", Q4)


def test_the_view_hears_of_its_closing_only_where_a_review_is_under_it() -> None:
    over_review, alone = manage.build(a_form(), WORDS, review="V0REVIEW"), manage.build(a_form(), WORDS)
    assert over_review["notify_on_close"]
    assert manage.review_under(over_review) == "V0REVIEW"
    assert "notify_on_close" not in alone
    assert manage.review_under(alone) == ""


def test_dialogs_know_where_they_were_opened() -> None:
    assert [view["callback_id"] for view in dialogs()] == [View.EXCUSE, View.MORE_TIME, View.REASSIGN, View.PAUSE]
    for view in dialogs():
        assert manage.place_of(view) == REF
        assert manage.origin_of(view) == ORIGIN


def test_what_was_filled_in_is_read() -> None:
    excuse, more_time, reassign, _ = dialogs()
    assert manage.read_reason(sent_back(excuse, reason={"value": " On leave "}), WORDS) == "On leave"
    assert manage.read_until(sent_back(more_time, until={"selected_date": "2027-01-12"}), WORDS) == date(2027, 1, 12)
    assert manage.read_person(sent_back(reassign, person={"selected_user": "U0MEI"}), WORDS) == "U0MEI"


def test_blanks_are_refused_beside_the_field() -> None:
    excuse = dialogs()[0]
    with pytest.raises(InvalidInput) as refused:
        manage.read_reason(sent_back(excuse, reason={"value": " \n "}), WORDS)
    (place,) = refused.value.problems
    assert name_of(place) == "reason"


def test_which_milestone_is_asked_only_where_there_are_several() -> None:
    labels = [
        [block["label"]["text"] for block in handover.build(form, WORDS)["blocks"] if block["type"] == "input"]
        for form in (a_handover("Login"), a_handover("Login", "Push"))
    ]
    assert labels == [["Who takes it over", "Comment"], ["Which milestone", "Who takes it over", "Comment"]]


def test_a_handover_is_read_back_with_or_without_a_person() -> None:
    several = a_handover("Login", "Push")
    view = handover.build(several, WORDS)
    options = next(b for b in view["blocks"] if b["type"] == "input")["element"]["options"]
    chosen = {"selected_option": options[1]}
    said = handover.read(sent_back(view, milestone=chosen, person={"selected_user": "U0MEI"}), several, WORDS)
    assert (said.ref.milestone, said.person, said.comment) == ("m1", "U0MEI", "")
    only = a_handover("Login")
    said = handover.read(sent_back(handover.build(only, WORDS), comment={"value": "Not my team"}), only, WORDS)
    assert (said.ref.milestone, said.person, said.comment) == ("m0", None, "Not my team")


def test_a_milestone_that_went_meanwhile_is_refused() -> None:
    view = handover.build(a_handover("Login"), WORDS)
    other = HandoverForm(Q4, "Q4 2026", "en_US", ((ItemRef("portal", Q4, "other"), "Other", "Portal"),))
    with pytest.raises(InvalidInput) as refused:
        handover.read(sent_back(view), other, WORDS)
    assert list(refused.value.problems) == [block_id("person", "handover")]


def test_hand_over_is_on_the_message_of_those_who_have_a_milestone() -> None:
    def ids(shown: Any) -> list[str]:
        return [
            e["action_id"] for block in card.build(shown, WORDS) for e in block.get("elements", ()) if "action_id" in e
        ]

    assert Action.HAND_OVER in ids(an_owner_card())
    assert Action.HAND_OVER not in ids(an_owner_card(an_item("", "Resources and budget")))
    assert Action.HAND_OVER not in ids(an_owner_card(is_closed=True))


def test_the_message_says_what_was_decided_about_an_item() -> None:
    item = an_item(known=a_known(60), more_time=date(2027, 1, 12), offered_to="Mei <!here>")
    text = outline(card.build(an_owner_card(item), WORDS))
    assert "time until Jan 12 · offered to Mei &lt;!here&gt;, yours until they accept" in text


def test_a_message_with_nothing_left_says_so() -> None:
    empty = replace(an_owner_card(), items=())
    (block,) = card.build(empty, WORDS)
    assert "nothing is asked of you any more" in block["text"]["text"]
    assert card.gist(empty, WORDS) == block["text"]["text"]


def test_metadata_holds_ids_only() -> None:
    for view in (*dialogs(), manage.build(a_form(), WORDS), handover.build(a_handover("Login"), WORDS)):
        assert "Billing" not in str(metadata_of(view))
        assert "Login" not in str(metadata_of(view))
