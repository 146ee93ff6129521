"""The milestone dialog: what is shown comes back, what is typed is read, and nothing that was said is lost."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from form_kit import (
    DAYS,
    FULL,
    HARD_TEXTS,
    KEYS,
    PERCENTS,
    PROJECT,
    Q3,
    Q4,
    SHORT,
    TEXTS,
    a_milestone_form,
    by_name,
    field_of,
    filled,
    maybe,
    names,
    open_milestone,
    questions_with,
    read_milestone,
    renamed,
    shown,
    the_questions,
    the_words,
    without_state,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.attachment import read_attachment
from bot.domain.errors import BotError, InvalidInput
from bot.domain.milestone_line import Known
from bot.domain.project import Person, RagStatus
from bot.domain.quarter import WorkingCalendar
from bot.domain.rules import Problem, check_update
from bot.domain.update import Decision, DecisionState, MilestoneUpdate, Objective, Promise, PromiseResult
from bot.flow.forms import DueObjective, Walk
from bot.flow.messages import ItemRef
from bot.slack.blocks import clean
from bot.slack.forms import milestone
from bot.slack.forms.context import context_of
from bot.slack.forms.fields import focused, name_of
from bot.slack.forms.filled import problem_sentences
from bot.slack.quoting import Addition

ASKED = ["percent_complete", "status", "forecast", "deliverables", "impact", "note"]
DUE = DueObjective("pen-test", "Penetration test done", "Q3 2026")
OBJECTIVE = Objective("beta", "Open the beta", "for 100 customers", "A link", target="Q1 2027", milestone="mobile")
DECISION = Decision(
    "vendor", "Extend the vendor contract", "tom@example.com", date(2027, 1, 15), ("A", "B"), milestone="mobile"
)
PROMISES = st.builds(Promise, st.sampled_from(PromiseResult), maybe(SHORT))
UPDATES = st.builds(
    MilestoneUpdate,
    percent_complete=PERCENTS,
    status=st.sampled_from(RagStatus.choices()),
    forecast=maybe(DAYS),
    deliverables=st.lists(SHORT, max_size=5).map(tuple),
    impact=maybe(TEXTS),
    note=maybe(TEXTS),
    promised=st.dictionaries(KEYS, PROMISES, max_size=3),
    more=st.dictionaries(KEYS, SHORT, max_size=3),
)


def refused(view, form, questions=None):
    with pytest.raises(InvalidInput) as error:
        read_milestone(view, form, questions)
    return by_name(error.value.problems, view)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
@given(UPDATES, maybe(TEXTS))
def test_an_untouched_form_gives_the_same_update_back(update, recovery):
    update = replace(update, recovery=recovery if update.status is RagStatus.OFF_TRACK else None)
    due = tuple(DueObjective(key, "Something", "Q3") for key in update.promised)
    form = a_milestone_form(update, due_objectives=due)
    view = open_milestone(form)
    if update.status is RagStatus.OFF_TRACK and recovery is None:
        assert set(refused(view, form)) == {"recovery"}
    else:
        assert read_milestone(view, form).update == update


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(KEYS, SHORT, maybe(TEXTS), maybe(SHORT)), max_size=12, unique_by=lambda item: item[0]))
def test_untouched_objectives_and_decisions_come_back_with_their_keys(items):
    objectives = tuple(
        Objective(key, title, "kept", detail, "kept", target, "mobile") for key, title, detail, target in items
    )
    decisions = tuple(
        Decision(key, title, detail, options=("A",), milestone="mobile") for key, title, detail, _ in items
    )
    form = a_milestone_form(objectives=objectives, decisions=decisions)
    submission = read_milestone(open_milestone(form), form)
    assert submission.objectives == objectives[: len(submission.objectives)]
    assert submission.decisions == decisions[: len(submission.decisions)]
    assert len(submission.objectives) >= min(len(items), 5)


def test_the_questions_come_in_order_with_only_two_required():
    view = open_milestone(a_milestone_form(None))
    assert names(view) == ASKED
    assert [name for name in ASKED if not field_of(view, name)["optional"]] == ["percent_complete", "status"]
    labels = [field_of(view, name)["label"]["text"] for name in ASKED]
    assert labels == [
        "Percent complete", "Status", "Forecast date", "Completed deliverables", "Impact on company goals", "Note",
    ]  # fmt: skip


@pytest.mark.parametrize("text", HARD_TEXTS.values(), ids=HARD_TEXTS)
def test_every_text_can_be_shown_and_comes_back(text):
    item = replace(PROJECT.milestones[0], name=text)
    update = replace(FULL, status=RagStatus.OFF_TRACK, impact=text, note=text, recovery=text, deliverables=(text,) * 3)
    form = a_milestone_form(
        update,
        milestone=item,
        project=replace(PROJECT, name=text),
        objectives=tuple(replace(OBJECTIVE, key=f"o{n}", title=text, deliverable=text, target=text) for n in range(60)),
        decisions=tuple(replace(DECISION, key=f"d{n}", what=text, who=text) for n in range(60)),
        due_objectives=tuple(DueObjective(f"p{n}", text, text) for n in range(60)),
        warning=text,
    )
    read = read_milestone(open_milestone(form), form)
    assert read.update == update
    assert {objective.title for objective in read.objectives} == {text}
    assert {objective.target for objective in read.objectives} == {text}
    assert all(decision.who == text for decision in read.decisions)


def test_words_of_people_neither_ping_nor_run():
    item = replace(PROJECT.milestones[0], name="<!channel> {{ 7*7 }}")
    view = open_milestone(a_milestone_form(replace(FULL, note="<!channel>" * 400), milestone=item))
    texts = [block["text"]["text"] for block in view["blocks"] if block["type"] == "section"]
    texts += [
        element["text"] for block in view["blocks"] if block["type"] == "context" for element in block["elements"]
    ]
    assert "&lt;!channel&gt; {{ 7*7 }}" in texts[0]
    assert not any("<!" in text for text in texts)


def test_a_text_too_long_is_shown_cut_above_an_empty_field_that_keeps_it():
    form = a_milestone_form(replace(FULL, note="word " * 2000))
    view = open_milestone(form)
    note = field_of(view, "note")
    assert "initial_value" not in note["element"]
    assert note["hint"]["text"] == "Leave empty to keep the full text."
    assert field_of(view, "kept:note")["elements"][0]["text"].startswith("Now: word word")
    assert read_milestone(filled(view, {"note": "Shorter."}), form).update.note == "Shorter."
    assert read_milestone(filled(view, {"note": None}), form).update.note == "word " * 2000


def test_an_emptied_field_is_empty():
    form = a_milestone_form()
    view = filled(open_milestone(form), dict.fromkeys(["forecast", "deliverables", "impact", "note"]))
    assert read_milestone(view, form).update == MilestoneUpdate(Decimal(60), RagStatus.ON_TRACK)


@pytest.mark.parametrize(
    ("locale", "typed", "percent"),
    [
        ("en_US", "85", "85"),
        ("en_US", " 100 %  ", "100"),
        ("en_US", "12.5", "12.5"),
        ("de_DE", "12,5 %", "12.5"),
        ("de_DE", "12.5", "12.5"),
        ("en_US", "0", "0"),
        ("fr_FR", "100\u202f%", "100"),
    ],
)
def test_percent_complete_is_read_as_people_type_it(locale, typed, percent):
    form = a_milestone_form(None, locale=locale)
    view = filled(open_milestone(form), {"percent_complete": typed, "status": "On track"})
    assert read_milestone(view, form).update.percent_complete == Decimal(percent)


@pytest.mark.parametrize("typed", ["eighty", "150", "-5", "100.5", "80 90", "%"])
def test_a_percentage_that_is_none_is_explained_beside_the_field(typed):
    form = a_milestone_form()
    problems = refused(filled(open_milestone(form), {"percent_complete": typed}), form)
    assert problems == {"percent_complete": "A number from 0 to 100, such as 80 or 80 %."}


def test_an_ambiguous_percentage_shows_both_readings():
    form = a_milestone_form(locale="de_DE")
    problems = refused(filled(open_milestone(form), {"percent_complete": "1.200"}), form)
    assert problems["percent_complete"].startswith("Is that 1.200 or 1,20?")


def test_blanks_are_no_answer_to_what_is_required():
    form = a_milestone_form(None)
    view = filled(open_milestone(form), {"percent_complete": "   ", "status": "On track"})
    assert set(refused(view, form)) == {"percent_complete"}


def test_all_that_cannot_be_read_is_named_at_once():
    form = a_milestone_form()
    view = filled(open_milestone(form), {"percent_complete": "eighty", "forecast": "1899-12-31"})
    assert set(refused(view, form)) == {"percent_complete", "forecast"}


def test_a_slip_in_a_year_is_explained_and_an_old_date_that_was_loaded_stays():
    form = a_milestone_form(replace(FULL, forecast=date(1899, 12, 31)))
    view = open_milestone(form)
    assert read_milestone(view, form).update.forecast == date(1899, 12, 31)
    problems = refused(filled(view, {"forecast": "9999-01-01"}), form)
    assert problems == {"forecast": "A date from 2000 to 2099; check the year."}


def test_a_choice_that_was_never_offered_is_refused_beside_its_field():
    form = a_milestone_form()
    view = open_milestone(form)
    state = view["state"]["values"][field_of(view, "status")["block_id"]]["status"]
    state["selected_option"] = {"value": "Splendid", "text": {"type": "plain_text", "text": "Splendid"}}
    assert set(refused(view, form)) == {"status"}


def test_fields_that_nobody_asked_for_are_passed_over():
    form = a_milestone_form()
    view = open_milestone(form)
    view["state"]["values"] |= {
        "note|00000000": {"input": {"type": "plain_text_input", "value": "of another form"}},
        "x": {"y": {"type": "checkboxes", "selected_options": []}},
    }
    assert read_milestone(view, form).update == FULL


@pytest.mark.parametrize("before", [None, RagStatus.OFF_TRACK, RagStatus.ON_TRACK])
def test_off_track_shows_the_recovery_plan_and_keeps_what_was_typed(before):
    form = a_milestone_form(MilestoneUpdate(Decimal(5), before, recovery="Old plan." if before else None))
    view = filled(open_milestone(form), {"status": "Off track", "note": "typed"})
    grown = milestone.with_status(view, the_words(), the_questions())
    view = shown(grown, view["state"]["values"])
    assert names(view) == ["percent_complete", "status", "recovery", *ASKED[2:]]
    assert field_of(view, "recovery")["label"]["text"] == "Recovery plan"
    assert not field_of(view, "recovery")["optional"]
    read = read_milestone(filled(view, {"recovery": "Two more testers, Mei, by Friday."}), form).update
    assert (read.note, read.recovery) == ("typed", "Two more testers, Mei, by Friday.")


def test_another_status_hides_the_recovery_plan_and_it_is_not_given():
    plan = "word " * 2000
    form = a_milestone_form(replace(FULL, status=RagStatus.OFF_TRACK, recovery=plan))
    view = filled(open_milestone(form), {"status": "At risk"})
    assert {"recovery", "kept:recovery"} <= {name_of(block["block_id"]) for block in view["blocks"]}
    view = shown(milestone.with_status(view, the_words(), the_questions()), view["state"]["values"])
    assert not {"recovery", "kept:recovery"} & {name_of(block["block_id"]) for block in view["blocks"]}
    assert read_milestone(view, form).update.recovery is None


def test_choosing_off_track_again_leaves_the_plan_alone():
    form = a_milestone_form(replace(FULL, status=RagStatus.OFF_TRACK, recovery="Plan."))
    view = open_milestone(form)
    again = milestone.with_status(view, the_words(), the_questions())
    assert again["blocks"] == view["blocks"]


@pytest.mark.parametrize(
    ("grow", "kind", "parts"),
    [
        (milestone.with_objective, "objective", ["title", "deliverable", "target"]),
        (milestone.with_decision, "decision", ["what", "who", "by"]),
    ],
)
def test_an_added_part_keeps_every_field_that_was_there(grow, kind, parts):
    form = a_milestone_form(objectives=(OBJECTIVE,), decisions=(DECISION,))
    view = filled(open_milestone(form), {"note": "typed"})
    for count in (2, 3):
        before = [(block["block_id"], block.get("element", {}).get("action_id")) for block in view["blocks"]]
        view = shown(grow(view, the_words(), the_questions()), view["state"]["values"])
        after = [(block["block_id"], block.get("element", {}).get("action_id")) for block in view["blocks"]]
        assert [block for block in after if block in before] == before
        assert names(view)[-3:] == [f"{kind}:+{count}:{part}" for part in parts]
    assert view["blocks"][-1]["type"] == "actions"
    assert read_milestone(view, form).update.note == "typed"
    assert context_of(view) == context_of(open_milestone(form))


def test_the_dialog_stops_growing_before_slack_refuses_it():
    full = replace(FULL, deliverables=("x" * 3000,), impact="x" * 3000, note="x" * 3000)
    full = replace(full, more={f"q{n}": "x" * 3000 for n in range(10)})
    own = questions_with("milestone", *(f"{{key: q{n}, label: Q, kind: long text}}" for n in range(10)))
    due = tuple(DueObjective(f"p{n}", "Promise", "Q3") for n in range(10))
    view = open_milestone(a_milestone_form(full, due_objectives=due), own)
    for _ in range(30):
        view = shown(milestone.with_objective(view, the_words(), the_questions()), view["state"]["values"])
    for _ in range(30):
        view = shown(milestone.with_decision(view, the_words(), the_questions()), view["state"]["values"])
    view = shown(milestone.with_evidence(view, the_words(), the_questions()), view["state"]["values"])
    assert [element["text"]["text"] for element in view["blocks"][-1]["elements"]] == ["Add a risk"]
    assert 98 <= len(view["blocks"]) <= 100


def test_new_objectives_and_decisions_get_keys_that_last_and_differ():
    form = a_milestone_form(objectives=(OBJECTIVE,))
    view = open_milestone(form)
    for grow in (milestone.with_objective, milestone.with_objective, milestone.with_decision):
        view = shown(grow(view, the_words(), the_questions()), view["state"]["values"])
    view = filled(
        view,
        {"objective:+2:title": "Öffne die Beta!", "objective:+3:title": "Öffne die Beta!", "decision:+1:what": "日本"},
    )
    first, again = read_milestone(view, form), read_milestone(view, form)
    assert first == again
    keys = [objective.key for objective in first.objectives]
    assert keys[0] == "beta"
    assert keys[1].startswith("offne-die-beta-")
    assert len(set(keys)) == 3
    assert all(len(key) <= 64 and key.isascii() for key in (*keys, first.decisions[0].key))
    assert first.objectives[1].milestone == "mobile"
    # The same words for another milestone, or in another quarter, are another promise.
    for other in (
        replace(form, ref=replace(form.ref, milestone="push")),
        replace(form, ref=replace(form.ref, quarter=Q3)),
    ):
        assert not set(keys[1:]) & {objective.key for objective in read_milestone(view, other).objectives}


def test_an_objective_added_by_somebody_else_meanwhile_is_not_overwritten():
    form = a_milestone_form()
    view = shown(milestone.with_objective(open_milestone(form), the_words(), the_questions()))
    view = filled(view, {"objective:+1:title": "Mine"})
    now = replace(form, objectives=(replace(OBJECTIVE, key="theirs", title="Theirs"),))
    (mine,) = read_milestone(view, now).objectives
    assert (mine.title, mine.key != "theirs") == ("Mine", True)


def test_a_new_objective_survives_being_shown_again():
    form = a_milestone_form()
    view = shown(milestone.with_objective(open_milestone(form), the_words(), the_questions()))
    first = read_milestone(filled(view, {"objective:+1:title": "Mine"}), form)
    again = open_milestone(replace(form, objectives=first.objectives))
    assert read_milestone(again, form).objectives == first.objectives


def test_clearing_the_title_takes_back_and_says_what_was_taken_back():
    form = a_milestone_form(objectives=(OBJECTIVE,), decisions=(DECISION,))
    view = filled(open_milestone(form), {"objective:beta:title": None, "decision:vendor:what": " "})
    submission = read_milestone(view, form)
    assert submission.objectives == (replace(OBJECTIVE, is_withdrawn=True),)
    assert submission.decisions == (replace(DECISION, state=DecisionState.WITHDRAWN),)
    shown_again = open_milestone(replace(form, objectives=submission.objectives, decisions=submission.decisions))
    assert "initial_value" not in field_of(shown_again, "objective:beta:title")["element"]
    assert "initial_value" not in field_of(shown_again, "decision:vendor:what")["element"]


def test_an_added_part_without_words_is_forgotten_when_empty_and_asked_for_otherwise():
    form = a_milestone_form()
    view = open_milestone(form)
    for grow in (milestone.with_objective, milestone.with_decision):
        view = shown(grow(view, the_words(), the_questions()), view["state"]["values"])
    assert read_milestone(view, form).objectives == ()
    problems = refused(filled(view, {"objective:+1:target": "Q1 2027", "decision:+1:by": "2027-01-15"}), form)
    assert set(problems) == {"objective:+1:title", "decision:+1:what"}


def test_whoever_decides_is_chosen_already_where_we_know_their_account_and_shown_by_name_where_not():
    tom = Person("tom@example.com", "Tom Reyes", slack_id="U0TOM42")
    form = a_milestone_form(decisions=(replace(DECISION, who=tom.ref),), people={tom.ref: tom})
    view = open_milestone(form)
    assert field_of(view, "decision:vendor:who")["element"]["initial_user"] == "U0TOM42"
    assert "kept:decision:vendor:who" not in names(view)
    assert read_milestone(view, form).decisions[0].who == tom.ref, "nothing was changed"
    unknown = a_milestone_form(decisions=form.decisions, people={tom.ref: replace(tom, slack_id=None)})
    quote = field_of(open_milestone(unknown), "kept:decision:vendor:who")["elements"][0]["text"]
    assert quote == "Now: Tom Reyes"
    assert read_milestone(open_milestone(unknown), unknown).decisions[0].who == tom.ref


def test_who_decides_stays_until_somebody_is_chosen():
    form = a_milestone_form(decisions=(DECISION,))
    view = open_milestone(form)
    assert "tom@example.com" in field_of(view, "kept:decision:vendor:who")["elements"][0]["text"]
    assert read_milestone(view, form).decisions == (DECISION,)
    chosen = filled(view, {"decision:vendor:who": "U0TOM42"})
    assert read_milestone(chosen, form).decisions[0].who == "U0TOM42"


def test_promises_are_asked_only_when_there_are_any():
    assert not any(name.startswith("promised") for name in names(open_milestone(a_milestone_form())))
    view = open_milestone(a_milestone_form(due_objectives=(DUE,)))
    assert field_of(view, "promised:pen-test")["label"]["text"] == "Promised last quarter: Penetration test done"
    options = field_of(view, "promised:pen-test")["element"]["options"]
    assert [option["text"]["text"] for option in options] == ["Kept", "Carried over", "Dropped"]


def test_promises_are_read_with_their_reasons_and_other_answers_stay():
    other = {"elsewhere": Promise(PromiseResult.KEPT)}
    form = a_milestone_form(replace(FULL, promised=other), due_objectives=(DUE,))
    view = filled(open_milestone(form), {"promised:pen-test": "carried over", "reason:pen-test": "The tester was ill."})
    assert read_milestone(view, form).update.promised == {
        **other,
        "pen-test": Promise(PromiseResult.CARRIED_OVER, "The tester was ill."),
    }
    assert read_milestone(open_milestone(form), form).update.promised == other


RULES = (
    (FULL, Problem("note", "fell-without-note", {"before": Decimal(60), "now": Decimal("55.5")})),
    (FULL, Problem("status", "complete-at-risk")),
    (FULL, Problem("percent_complete", "status-and-percent", {"status": RagStatus.COMPLETE, "percent": Decimal(60)})),
    (FULL, Problem("recovery", "recovery-missing")),
    (FULL, Problem("forecast", "late-but-on-track",
                   {"forecast": date(2027, 3, 12), "baseline": date(2027, 2, 13), "days": 19})),
)  # fmt: skip


@pytest.mark.parametrize(("update", "problem"), RULES, ids=[problem.rule for _, problem in RULES])
def test_every_rule_has_a_sentence_beside_a_field(update, problem):
    view = open_milestone(a_milestone_form(update))
    said = by_name(problem_sentences([problem], view, "en_US", the_words()), view)
    place = problem.at if problem.at in names(view) else "status"
    assert list(said) == [place]
    assert len(said[place]) > 20


def test_the_sentence_about_a_late_forecast_reads_as_promised():
    update = MilestoneUpdate(Decimal(60), RagStatus.ON_TRACK, date(2027, 3, 12))
    problems = check_update(update, baseline=date(2027, 2, 13), previous=None, calendar=WorkingCalendar())
    view = open_milestone(a_milestone_form(update))
    said = problem_sentences(problems, view, "en_GB", the_words())
    assert by_name(said, view) == {
        "forecast": "12 Mar is 20 working days after the baseline (13 Feb). "
        "Choose At risk, or say in Note why this is still on track."
    }


def test_two_rules_at_one_field_are_both_said():
    problems = [Problem("recovery", "recovery-missing"), Problem("status", "complete-at-risk")]
    view = open_milestone(a_milestone_form())
    (said,) = problem_sentences(problems, view, "en_US", the_words()).values()
    assert "plan" in said
    assert "100%" in said


def test_a_field_that_a_company_has_taken_out_keeps_its_value_and_gets_no_errors():
    questions = questions_with("milestone", without=("forecast", "promised"))
    promised = {"pen-test": Promise(PromiseResult.KEPT)}
    form = a_milestone_form(replace(FULL, promised=promised, more={"gone": "kept"}), due_objectives=(DUE,))
    view = open_milestone(form, questions)
    assert "forecast" not in names(view)
    assert read_milestone(view, form, questions).update == form.update
    said = problem_sentences([RULES[3][1]], view, "en_US", the_words())
    assert list(by_name(said, view)) == ["status"]


OWN = (
    "{key: customers, label: Customers reached, kind: number, required: true}",
    "{key: mood, label: Mood, kind: choice, choices: {good: Good, bad: Not so good}}",
    "{key: story, label: A story, kind: long text}",
    "{key: demo-on, label: Next demo, kind: date}",
)


def test_a_company_asks_its_own_questions_and_their_answers_are_kept_as_text():
    questions = questions_with("milestone", *OWN)
    form = a_milestone_form(replace(FULL, more={"retired": "stays", "story": "Once."}))
    view = open_milestone(form, questions)
    assert names(view)[:4] == ["more:customers", "more:mood", "more:story", "more:demo-on"]
    typed = {"more:customers": "1,200", "more:mood": "bad", "more:demo-on": "2027-01-20"}
    update = read_milestone(filled(view, typed), form, questions).update
    assert update.more == {
        "retired": "stays", "story": "Once.", "customers": "1200", "mood": "bad", "demo-on": "2027-01-20",
    }  # fmt: skip
    assert update.impact == FULL.impact
    reopened = a_milestone_form(update)
    assert read_milestone(open_milestone(reopened, questions), reopened, questions).update == update
    emptied = filled(open_milestone(reopened, questions), {"more:story": None})
    assert "story" not in read_milestone(emptied, reopened, questions).update.more


def test_own_answers_that_no_field_can_show_stay():
    questions = questions_with("milestone", *OWN)
    loaded = {"customers": "about 1.200", "mood": "x" * 400, "demo-on": "soon", "story": "y" * 5000}
    form = a_milestone_form(replace(FULL, more=loaded))
    assert read_milestone(open_milestone(form, questions), form, questions).update.more == loaded


def test_own_numbers_and_dates_are_read_with_errors_beside_them():
    questions = questions_with("milestone", *OWN)
    form = a_milestone_form()
    view = open_milestone(form, questions)
    problems = refused(filled(view, {"more:customers": "many", "more:demo-on": "1899-01-01"}), form, questions)
    assert set(problems) == {"more:customers", "more:demo-on"}


def test_as_many_own_questions_as_are_allowed_fit_with_everything_else():
    own = [f"{{key: q{n}, label: Question {n}, kind: long text}}" for n in range(10)]
    questions = questions_with("milestone", *own)
    more = {f"q{n}": "長" * 5000 for n in range(10)}
    form = a_milestone_form(
        replace(FULL, more=more, note="長" * 2900),
        objectives=tuple(replace(OBJECTIVE, key=f"o{n}", title="長" * 600) for n in range(10)),
        due_objectives=tuple(DueObjective(f"p{n}", "長" * 600, "Q3") for n in range(10)),
    )
    assert read_milestone(open_milestone(form, questions), form, questions).update.more == more


def test_reworded_choices_store_the_same_values():
    questions = questions_with(
        "milestone",
        "{key: status, label: Ampel, kind: choice, choices: {On track: Grün, Off track: Rot}}",
        without=("status",),
    )
    form = a_milestone_form(None)
    view = open_milestone(form, questions)
    options = field_of(view, "status")["element"]["options"]
    assert [(option["text"]["text"], option["value"]) for option in options] == [
        ("Grün", "On track"),
        ("Rot", "Off track"),
    ]
    view = filled(view, {"percent_complete": "5", "status": "On track"})
    assert read_milestone(view, form, questions).update.status is RagStatus.ON_TRACK


def test_a_status_that_is_no_longer_offered_stays_chosen():
    questions = questions_with(
        "milestone", "{key: status, label: Status, kind: choice, choices: {On track: Fine}}", without=("status",)
    )
    form = a_milestone_form(replace(FULL, status=RagStatus.AT_RISK))
    assert read_milestone(open_milestone(form, questions), form, questions).update.status is RagStatus.AT_RISK


def test_forms_of_different_milestones_share_no_field():
    items = [renamed(PROJECT.milestones[0], key) for key in (*(f"m{n}" for n in range(60)), "resources")]
    fields = [{b["block_id"] for b in open_milestone(a_milestone_form(milestone=i))["blocks"][1:]} for i in items]
    assert len(set.union(*fields)) == sum(map(len, fields))


def test_a_view_can_be_sent_back_as_slack_sent_it():
    view = open_milestone(a_milestone_form()) | {"id": "V1", "hash": "1.2", "team_id": "T1", "root_view_id": "V1"}
    grown = milestone.with_objective(view, the_words(), the_questions())
    assert set(grown) == {"type", "callback_id", "title", "submit", "close", "private_metadata", "blocks"}
    kept = without_state(shown(grown))["blocks"][: len(view["blocks"]) - 1]
    assert focused(kept) == view["blocks"][:-1], "only the cursor goes to what was added"


def test_the_dialog_says_where_update_all_is_and_carries_the_rest():
    walk = Walk(2, 5, (ItemRef("portal", Q3, "m0"),), tuple(ItemRef("portal", Q4, f"m{n}") for n in range(3)))
    form = a_milestone_form(walk=walk, seen_version=7)
    view = open_milestone(form)
    assert view["title"]["text"] == "Update 2 of 5"
    context = context_of(view)
    assert (context.ref, context.walk, context.seen_version) == (form.ref, walk, 7)
    assert open_milestone(a_milestone_form())["title"]["text"] == "Update"


@pytest.mark.parametrize("key", ["m" * 100, "é" * 64])
def test_of_a_long_walk_the_items_nearest_to_the_dialog_fit_slack(key):
    refs = tuple(ItemRef(key, Q4, f"{key[:-3]}{n:03d}") for n in range(200))
    walk = Walk(101, 201, before=refs[:100], after=refs[100:])
    form = a_milestone_form(ref=ItemRef(key, Q4, key), milestone=renamed(PROJECT.milestones[0], key), walk=walk)
    kept = context_of(open_milestone(form)).walk
    assert kept is not None
    assert 1 <= len(kept.before) < 100
    assert 1 <= len(kept.after) < 100
    assert kept.before == walk.before[-len(kept.before) :]
    assert kept.after == walk.after[: len(kept.after)]


def test_the_head_says_what_was_known_and_how_old_it_is():
    form = a_milestone_form(
        known=Known(Q3.previous, Decimal(60), RagStatus.ON_TRACK, date(2027, 2, 12)), warning="Bob."
    )
    head = open_milestone(form)["blocks"][0]["text"]["text"]
    assert head.splitlines() == [
        "*Mobile app* · Customer Portal · Q4 2026",
        "Last known: 60%, on track, forecast February 12, 2027 (Q2, 2 quarters ago).",
        "Baseline February 1, 2027.",
        ":warning: Bob.",
    ]


def test_deliverables_are_read_a_line_each():
    form = a_milestone_form(None)
    typed = {"percent_complete": "1", "status": "On track", "deliverables": "- Sign-in\n\n • Offline mode \n* -5 °C"}
    read = read_milestone(filled(open_milestone(form), typed), form).update.deliverables
    assert read == ("Sign-in", "Offline mode", "-5 °C")
    loaded = a_milestone_form(replace(FULL, deliverables=("One\nin two lines", "- dashed")))
    assert read_milestone(open_milestone(loaded), loaded).update == loaded.update


def test_a_text_of_several_lines_is_never_shown_on_one():
    view = open_milestone(a_milestone_form(objectives=(replace(OBJECTIVE, title="One\nTwo"),)))
    assert field_of(view, "objective:beta:title")["element"]["multiline"]
    assert not field_of(view, "objective:beta:target")["element"]["multiline"]


def test_text_is_kept_in_one_form():
    form = a_milestone_form(None)
    typed = {"percent_complete": "1", "status": "On track", "note": "  Cafe\u0301\r\n\x07ok\x00  "}
    assert read_milestone(filled(open_milestone(form), typed), form).update.note == "Café\nok" == clean(typed["note"])


@pytest.mark.parametrize("length", [100, 150])
def test_a_message_with_files_is_not_added_where_its_links_would_put_out_those_that_are_there(length: int):
    """Twenty long addresses are allowed, and more than their field shows."""
    pieces = tuple(read_attachment(f"https://example.com/{n:02d}{'x' * length}") for n in range(19))
    view = milestone.build(a_milestone_form(replace(FULL, evidence=pieces)), the_words(), the_questions())
    long = f"https://example.com/{'y' * 900}"
    assert "note" in milestone.added(view, Addition("Bob: “Done.”"), the_words())
    with pytest.raises(BotError, match="evidence of this milestone is full"):
        milestone.added(view, Addition("Bob: “Done.”", (long,)), the_words())
