"""The project summary inside the review: what was drafted stays a draft until somebody writes something else."""

from dataclasses import replace

import pytest
from form_kit import (
    HARD_TEXTS,
    TEXTS,
    a_review_form,
    by_name,
    field_of,
    filled,
    maybe,
    names,
    open_summary,
    questions_with,
    the_questions,
    the_words,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.project import RagStatus
from bot.domain.update import ProjectSummary, Promise, PromiseResult
from bot.flow.forms import DueObjective
from bot.slack.forms import summary

SUMMARIES = st.builds(
    ProjectSummary,
    status=maybe(st.sampled_from(RagStatus.choices())),
    status_why=TEXTS,
    status_note=maybe(TEXTS),
    phase=maybe(TEXTS),
    scheduled_completion=maybe(TEXTS),
    impact=maybe(TEXTS),
    executive_summary=maybe(TEXTS),
    conclusion=maybe(TEXTS),
    layout=maybe(st.sampled_from(["memo", "brief", "taken-away"])),
)
LABELS = [
    "Project status", "Why", "Status note", "Phase", "Scheduled completion", "Impact on company goals",
    "Executive summary", "Conclusion", "Layout",
]  # fmt: skip


def read(view, form):
    said, problems = summary.read(view, form, the_words(), the_questions())
    return said, by_name(problems, view) if problems else {}


def typed(values, own=None, **form):
    review = a_review_form(own, **form)
    return read(filled(open_summary(review), values), review)


@settings(deadline=None, max_examples=80)
@given(SUMMARIES, st.sampled_from(RagStatus))
def test_an_untouched_review_gives_the_same_summary_back(own, by_rule):
    form = a_review_form(own, by_rule=by_rule)
    assert read(open_summary(form), form) == (own, {})


@pytest.mark.parametrize("text", HARD_TEXTS.values(), ids=HARD_TEXTS)
def test_a_draft_of_any_text_stays_a_draft(text):
    form = a_review_form(draft=text)
    assert read(open_summary(form), form) == (ProjectSummary(), {})


def test_the_fields_are_those_of_the_review_and_none_is_required():
    view = open_summary(a_review_form())
    assert [field_of(view, name)["label"]["text"] for name in names(view)] == LABELS
    assert all(field_of(view, name)["optional"] for name in names(view))


def test_the_status_starts_as_the_rule_s_and_is_then_no_claim():
    view = open_summary(a_review_form(by_rule=RagStatus.OFF_TRACK))
    assert field_of(view, "status")["element"]["initial_option"]["value"] == "Off track"
    unknown = open_summary(a_review_form(by_rule=RagStatus.NOT_KNOWN))
    assert "initial_option" not in field_of(unknown, "status")["element"]


def test_another_status_needs_a_reason():
    _, problems = typed({"status": "On track"})
    assert problems == {
        "status_why": "By rule the project is At risk. Say in a few words why it should read otherwise."
    }
    said, problems = typed({"status": "On track", "status_why": "The vendor pays."})
    assert (said.status, said.status_why, problems) == (RagStatus.ON_TRACK, "The vendor pays.", {})


def test_going_back_to_the_rule_s_status_ends_the_claim():
    said, problems = typed({"status": "At risk"}, ProjectSummary(status=RagStatus.ON_TRACK, status_why="Vendor."))
    assert (said.status, problems) == (None, {})


def test_a_status_left_as_offered_is_no_claim_when_the_rule_has_moved_meanwhile():
    view = open_summary(a_review_form(by_rule=RagStatus.AT_RISK))
    now = a_review_form(by_rule=RagStatus.ON_TRACK)
    assert read(view, now) == (ProjectSummary(), {})


def test_a_draft_left_alone_stays_a_draft_when_the_facts_have_moved_meanwhile():
    view = open_summary(a_review_form(draft="One of two."))
    assert read(view, a_review_form(draft="Two of two.")) == (ProjectSummary(), {})


def test_an_edit_is_the_manager_s_and_clearing_it_drafts_again():
    said, _ = typed({"executive_summary": "Mine.", "phase": "Test"})
    assert said == ProjectSummary(executive_summary="Mine.", phase="Test")
    said, _ = typed({"executive_summary": None}, ProjectSummary(executive_summary="Mine."))
    assert said.executive_summary is None


def test_an_edit_too_long_to_show_survives():
    own = ProjectSummary(executive_summary="word " * 2000)
    form = a_review_form(own)
    view = open_summary(form)
    assert "initial_value" not in field_of(view, "executive_summary")["element"]
    assert read(view, form)[0] == own
    assert read(filled(view, {"executive_summary": "Short."}), form)[0].executive_summary == "Short."


def test_what_somebody_else_saved_meanwhile_is_not_undone_by_an_untouched_field():
    view = open_summary(a_review_form())
    now = a_review_form(ProjectSummary(conclusion="Theirs."))
    assert read(view, now)[0].conclusion == "Theirs."


def test_the_layout_is_chosen_among_those_there_are():
    view = open_summary(a_review_form())
    options = field_of(view, "layout")["element"]["options"]
    assert [option["value"] for option in options] == ["memo", "brief"]
    assert typed({"layout": "brief"})[0] == ProjectSummary(layout="brief")


def test_forms_of_two_projects_share_no_field():
    first = a_review_form()
    second = replace(first, project=replace(first.project, key="other"))
    ids = [{block["block_id"] for block in open_summary(form)["blocks"]} for form in (first, second)]
    assert not ids[0] & ids[1]


OWN = (
    "{key: customers, label: Customers reached, kind: number, required: true}",
    "{key: mood, label: Mood, kind: choice, choices: {good: Good, bad: Bad}}",
    "{key: lessons, label: Lessons learned, kind: long text}",
    "{key: audit-on, label: Next audit, kind: date}",
)
OWN_QUESTIONS = questions_with("summary", *OWN)


def with_own(own=None):
    form = a_review_form(own)
    return form, open_summary(form, OWN_QUESTIONS)


def test_a_company_asks_its_manager_its_own_questions_too():
    form, view = with_own(ProjectSummary(more={"retired": "stays", "lessons": "Ask earlier."}))
    assert names(view)[:4] == ["more:customers", "more:mood", "more:lessons", "more:audit-on"]
    typed = {"more:customers": "1,200", "more:mood": "bad", "more:audit-on": "2027-01-20"}
    said, problems = summary.read(filled(view, typed), form, the_words(), OWN_QUESTIONS)
    assert problems == {}
    assert said == ProjectSummary(
        more={
            "retired": "stays",
            "lessons": "Ask earlier.",
            "customers": "1200",
            "mood": "bad",
            "audit-on": "2027-01-20",
        }
    )
    again, view = with_own(said)
    assert summary.read(view, again, the_words(), OWN_QUESTIONS) == (said, {})


def test_a_required_answer_may_lack_on_the_way_but_not_in_the_end():
    form, view = with_own()
    assert summary.read(view, form, the_words(), OWN_QUESTIONS, is_final=False) == (ProjectSummary(), {})
    _, problems = summary.read(view, form, the_words(), OWN_QUESTIONS)
    assert set(by_name(problems, view)) == {"more:customers"}


def test_another_manager_s_answer_is_not_undone_by_an_untouched_field():
    _, view = with_own()
    now = a_review_form(ProjectSummary(more={"customers": "7", "lessons": "Theirs."}))
    assert summary.read(view, now, the_words(), OWN_QUESTIONS)[0].more == {"customers": "7", "lessons": "Theirs."}


HIRE, TRAIN = (DueObjective(key, key.title(), "Q3 2026") for key in ("hire", "train"))
KEPT, DROPPED = Promise(PromiseResult.KEPT), Promise(PromiseResult.DROPPED, "No money")


def test_what_was_promised_and_came_due_is_asked_for_first_and_never_required():
    line = "{key: promised, label: Promised, kind: choice, required: true, choices: {kept: Kept}}"
    own = questions_with("milestone", line, without=("promised",))
    view = open_summary(a_review_form(due_objectives=(HIRE,)), own)
    assert [field_of(view, name)["label"]["text"] for name in names(view)] == [
        "Promised: Hire", "Why it was carried over or dropped", *LABELS
    ]  # fmt: skip
    assert field_of(view, "promised:hire")["optional"]


def test_what_became_of_a_promise_is_read_and_can_be_changed_and_others_stand():
    said, _ = typed({"promised:hire": "kept"}, ProjectSummary(promised={"old": DROPPED}), due_objectives=(HIRE, TRAIN))
    assert said.promised == {"old": DROPPED, "hire": KEPT}
    said, _ = typed({"reason:hire": "No money"}, ProjectSummary(promised={"hire": DROPPED}), due_objectives=(HIRE,))
    assert said.promised == {"hire": DROPPED}
    said, _ = typed({"promised:hire": None}, ProjectSummary(promised={"hire": KEPT}), due_objectives=(HIRE,))
    assert said.promised == {}


def test_what_another_manager_said_of_a_promise_meanwhile_is_not_taken_back():
    view = open_summary(a_review_form(due_objectives=(HIRE, TRAIN)))
    now = a_review_form(ProjectSummary(promised={"hire": KEPT}), due_objectives=(HIRE, TRAIN))
    said, _ = read(filled(view, {"promised:train": "kept"}), now)
    assert said.promised == {"hire": KEPT, "train": KEPT}
