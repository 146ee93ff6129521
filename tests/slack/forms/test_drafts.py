"""Drafts: whatever was typed and not sent stands there again when the dialog opens anew, and nothing else is kept."""

from __future__ import annotations

import json

import pytest
from form_kit import (
    FULL,
    HARD_TEXTS,
    a_milestone_form,
    a_resources_form,
    a_risk_form,
    field_of,
    filled,
    names,
    open_milestone,
    open_resources,
    open_risk,
    read_milestone,
    shown,
    the_questions,
    the_words,
    without_state,
)
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.project import RagStatus
from bot.flow.forms import Walk
from bot.slack.forms import drafts, milestone

TYPED = st.fixed_dictionaries(
    {},
    optional={
        "percent_complete": st.sampled_from(["80", "eighty", "1.200"]),
        "status": st.sampled_from([RagStatus.ON_TRACK, RagStatus.OFF_TRACK, RagStatus.COMPLETE]),
        "forecast": st.sampled_from(["", "2027-02-12"]),
        "note": st.sampled_from(["", "Two\nlines", "<!channel>", "🚀"]),
        "deliverables": st.sampled_from(["", "- one\n- two"]),
    },
)


def resumed(view, typed):
    """The same dialog, opened again with a draft."""
    return shown(milestone.resumed(without_state(view), typed, the_words(), the_questions()))


@given(TYPED)
def test_a_dialog_that_opens_again_holds_what_stood_in_it(typed):
    form = a_milestone_form()
    left = filled(open_milestone(form), typed)
    draft = drafts.typed_in(left, the_words())
    again = resumed(open_milestone(form), draft)
    texts = {name: drafts.Filled(left, the_words()).typed(name) for name in names(left)}
    assert {name: drafts.Filled(again, the_words()).typed(name) for name in texts} == texts


def test_a_dialog_in_which_nothing_was_typed_leaves_no_draft():
    assert drafts.typed_in(open_milestone(a_milestone_form()), the_words()) == {}
    assert drafts.typed_in(open_resources(a_resources_form()), the_words()) == {}
    assert drafts.typed_in(open_risk(a_risk_form()), the_words()) == {}


def test_parts_that_were_added_come_back_with_their_words_and_can_be_sent():
    form = a_milestone_form()
    view = open_milestone(form)
    for _ in range(2):
        view = shown(milestone.with_objective(view, the_words(), the_questions()))
    view = filled(view, {"objective:+2:title": "Open the beta", "status": RagStatus.OFF_TRACK})
    again = resumed(open_milestone(form), drafts.typed_in(view, the_words()))
    assert [name for name in names(again) if name.startswith("objective:")] == [
        f"objective:+2:{part}" for part in ("title", "deliverable", "target")
    ]
    assert "recovery" in names(again), "Off track asks for its plan here too"
    more = shown(milestone.with_objective(again, the_words(), the_questions()), again["state"]["values"])
    assert len(names(more)) == len(set(names(more))), "a part that is added now gets a key of its own"
    sent = read_milestone(filled(again, {"recovery": "A second team"}), form)
    assert [objective.title for objective in sent.objectives] == ["Open the beta"]


@pytest.mark.parametrize("text", HARD_TEXTS.values(), ids=HARD_TEXTS)
def test_any_text_that_fits_its_field_can_be_put_back(text):
    form = a_milestone_form()
    again = resumed(open_milestone(form), {"note": text})
    element = field_of(again, "note")["element"]
    assert element.get("initial_value", text) == text
    assert len(element.get("initial_value", "")) <= element["max_length"]


def test_a_field_that_was_emptied_stays_empty():
    assert FULL.note
    again = resumed(open_milestone(a_milestone_form()), {"note": None})
    assert "initial_value" not in field_of(again, "note")["element"]


def test_a_dialog_begun_anew_shares_no_field_with_the_one_before():
    view = open_milestone(a_milestone_form())
    fresh = drafts.reset(view["blocks"], "1757944800.000100")
    before = {block["block_id"] for block in view["blocks"]}
    assert not before & {block["block_id"] for block in fresh if block["type"] == "input"}
    again = shown({**without_state(view), "blocks": fresh})
    assert names(again) == names(view)


def test_each_dialog_is_named_for_its_item_alone():
    views = [open_milestone(a_milestone_form()), open_resources(a_resources_form()), open_risk(a_risk_form())]
    found = [drafts.dialog_of(view) for view in views]
    assert len(set(found)) == 3
    walked = open_milestone(a_milestone_form(walk=Walk(2, 5), seen_version=7))
    assert drafts.dialog_of(walked) == found[0], "whichever way it was opened"
    assert all(json.loads(name.partition(":")[2]) for name in found)
