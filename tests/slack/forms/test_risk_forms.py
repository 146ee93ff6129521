"""The list of risks and the dialog for one of them."""

from dataclasses import replace
from datetime import date

import pytest
from form_kit import (
    DAYS,
    HARD_TEXTS,
    KEYS,
    PROJECT,
    Q3,
    Q4,
    RISK,
    SHORT,
    TEXTS,
    a_risk_form,
    by_name,
    field_of,
    filled,
    maybe,
    names,
    open_risk,
    questions_with,
    read_risk,
    shown,
    the_questions,
    the_words,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.errors import InvalidInput
from bot.domain.project import Milestone
from bot.domain.update import Rating, Risk, RiskKind
from bot.flow.forms import RisksForm
from bot.slack.forms import risks

RISKS = st.builds(
    Risk,
    key=KEYS,
    title=SHORT,
    challenge=TEXTS,
    kind=st.sampled_from(RiskKind),
    mitigation=maybe(TEXTS),
    probability=maybe(st.sampled_from(Rating)),
    impact=maybe(st.sampled_from(Rating)),
    owner=maybe(SHORT | st.sampled_from(["U0LENA", "UX", "WEBTEAM", "ravi@example.com"])),
    due=maybe(DAYS),
    waits_on=maybe(TEXTS),
    since=maybe(DAYS),
    opened=maybe(st.just(Q3)),
    milestone=maybe(st.sampled_from(["mobile", "push", "long-gone"])),
    more=st.dictionaries(KEYS, SHORT, max_size=2),
)


def refused(view, form):
    with pytest.raises(InvalidInput) as error:
        read_risk(view, form)
    return by_name(error.value.problems, view)


def a_list(*projects, handled=None):
    return risks.build_list(RisksForm(Q4, "Q4 2026", projects, handled or {}), the_words())


def many(count):
    return tuple(replace(RISK, key=f"r{n}", title=f"Risk {n}") for n in range(count))


def pressed(view):
    """The buttons of a view as (label, value)."""
    rows = (block["elements"] for block in view["blocks"] if block["type"] == "actions")
    return [(element["text"]["text"], element["value"]) for row in rows for element in row]


@settings(deadline=None, max_examples=80)
@given(RISKS)
def test_an_untouched_dialog_gives_the_same_risk_back(risk):
    form = a_risk_form(risk)
    assert read_risk(open_risk(form), form) == risk


@pytest.mark.parametrize("text", HARD_TEXTS.values(), ids=HARD_TEXTS)
def test_every_text_can_be_shown_and_comes_back(text):
    risk = replace(RISK, title=text, challenge=text, mitigation=text, owner=text, waits_on=text)
    form = a_risk_form(risk, project=replace(PROJECT, name=text))
    assert read_risk(open_risk(form), form) == risk
    shown(a_list(*[(form.project, (risk,) * 3)] * 20))


def test_the_questions_come_in_order_with_title_and_challenge_required():
    view = open_risk(a_risk_form(None))
    labels = [field_of(view, name)["label"]["text"] for name in names(view)]
    assert labels == [
        "Title", "Kind", "Milestone", "Challenge", "Mitigation", "Probability", "Impact", "Risk owner", "Due",
        "Waits on", "Since",
    ]  # fmt: skip
    required = [name for name in names(view) if not field_of(view, name)["optional"]]
    assert required == ["title", "challenge"]
    assert field_of(view, "kind")["element"]["initial_option"]["value"] == "risk"


def test_what_is_of_no_kind_is_a_risk():
    form = a_risk_form(replace(RISK, kind=RiskKind.BLOCKER))
    assert read_risk(filled(open_risk(form), {"kind": None}), form).kind is RiskKind.RISK


def test_a_new_risk_gets_a_key_that_nobody_has():
    form = a_risk_form(None)
    view = filled(open_risk(form), {"title": "Vendor sandbox", "challenge": "Down."})
    assert read_risk(view, form) == Risk("vendor-sandbox", "Vendor sandbox", "Down.")
    assert read_risk(view, form, {"vendor-sandbox", "vendor-sandbox-2"}).key == "vendor-sandbox-3"
    unnamed = filled(view, {"title": "日本"})
    assert read_risk(unnamed, form).key == "item"


def test_a_risk_added_from_an_update_belongs_to_its_milestone():
    view = open_risk(a_risk_form(None, milestone="push"))
    view = filled(view, {"title": "T", "challenge": "C"})
    assert read_risk(view, a_risk_form(None)).milestone == "push"
    questions = questions_with("risk", without=("milestone",))
    view = filled(open_risk(a_risk_form(None, milestone="push"), questions), {"title": "T", "challenge": "C"})
    assert read_risk(view, a_risk_form(None), questions=questions).milestone == "push"


def test_a_rating_and_a_milestone_can_be_taken_back():
    form = a_risk_form()
    view = filled(open_risk(form), {"probability": "not rated", "milestone": "*"})
    read = read_risk(view, form)
    assert (read.probability, read.impact, read.milestone) == (None, Rating.LOW, None)


@pytest.mark.parametrize("count", [1, 60, 99, 100, 250])
def test_every_live_milestone_can_be_chosen(count):
    project = replace(PROJECT, milestones=tuple(replace(PROJECT.milestones[0], key=f"m{n}") for n in range(count)))
    form = a_risk_form(replace(RISK, milestone=None), project=project)
    last = filled(open_risk(form), {"milestone": f"m{count - 1}"})
    assert read_risk(last, form).milestone == f"m{count - 1}"


def test_dropped_milestones_are_not_offered_but_a_risk_keeps_its_own():
    gone = Milestone("gone", "Gone", PROJECT.manager, dropped_on=date(2026, 11, 1))
    project = replace(PROJECT, milestones=(*PROJECT.milestones, gone))
    offered = field_of(open_risk(a_risk_form(None, project=project)), "milestone")["element"]["options"]
    assert [option["text"]["text"] for option in offered] == ["The whole project", "Mobile app", "Push"]
    form = a_risk_form(replace(RISK, milestone="gone"), project=project)
    view = open_risk(form)
    assert field_of(view, "milestone")["element"]["initial_option"]["text"]["text"] == "Gone"
    assert read_risk(view, form).milestone == "gone"


@pytest.mark.parametrize("name", ["title", "challenge"])
def test_blanks_are_no_title_and_no_challenge(name):
    form = a_risk_form()
    assert set(refused(filled(open_risk(form), {name: " \n "}), form)) == {name}


def test_a_slip_in_a_year_is_explained_beside_the_date():
    form = a_risk_form()
    problems = refused(filled(open_risk(form), {"due": "1899-01-01", "since": "9999-01-01"}), form)
    assert set(problems) == {"due", "since"}


def test_words_that_look_like_an_id_are_not_preselected():
    """Slack refuses a view whose preselected user it does not know."""
    for owner in ("UX", "WEBTEAM", "WEBMASTERS", "Ravi", "ravi@example.com"):
        assert "initial_user" not in field_of(open_risk(a_risk_form(replace(RISK, owner=owner))), "owner")["element"]
    known = field_of(open_risk(a_risk_form(replace(RISK, owner="U024BE7LH"))), "owner")
    assert known["element"]["initial_user"] == "U024BE7LH"


def test_a_risk_closed_meanwhile_is_opened_again_under_its_own_key():
    view = open_risk(a_risk_form())
    read = read_risk(view, a_risk_form(None))
    assert (read.key, read.title, read.is_open) == (RISK.key, RISK.title, True)


def test_own_questions_are_kept_with_the_risk():
    questions = questions_with("risk", "{key: insured, label: Insured, kind: choice, choices: {yes: Yes, no: No}}")
    form = a_risk_form()
    view = filled(open_risk(form, questions), {"more:insured": "yes"})
    assert read_risk(view, form, questions=questions) == replace(RISK, more={"insured": "yes"})


def test_the_dialogs_of_two_risks_share_no_field():
    views = [open_risk(a_risk_form(risk)) for risk in (None, RISK, replace(RISK, key="other"))]
    fields = [{block["block_id"] for block in view["blocks"][1:]} for view in views]
    assert len(set.union(*fields)) == sum(map(len, fields))


def test_a_dialog_knows_what_it_is_about():
    assert risks.place_of(open_risk(a_risk_form())) == ("portal", Q4, "sandbox", None)
    assert risks.place_of(open_risk(a_risk_form(None, milestone="push"))) == ("portal", Q4, None, "push")


def test_each_open_risk_is_kept_changed_or_closed_with_one_click():
    view = shown(a_list((PROJECT, many(2))))
    values = [f"portal\nr{n}" for n in range(2)]
    assert pressed(view) == [
        *[(label, value) for value in values for label in ("Keep", "Change", "Close")],
        ("Add a risk", "portal"),
    ]
    assert risks.risk_of(values[1]) == ("portal", "r1")
    assert "*Risk 0* · blocker · probability high, impact low\nTest runs fail." in view["blocks"][1]["text"]["text"]


def test_what_was_clicked_is_marked_in_its_own_project_only():
    other = replace(PROJECT, key="other")
    handled = {"portal\nr0": "kept", "other\nr1": "closed"}
    view = shown(a_list((PROJECT, many(2)), (other, many(2)), handled=handled))
    values = {value for _, value in pressed(view)}
    assert {"portal\nr1", "other\nr0"} <= values
    assert not {"portal\nr0", "other\nr1"} & values
    assert risks.handled_in(view) == handled
    assert risks.quarter_of(view) == Q4


def test_the_latest_clicks_fit_the_metadata():
    handled = {f"{'p' * 64}\n{'k' * 60}{n:03d}": "closed" for n in range(100)}
    kept = risks.handled_in(shown(a_list((PROJECT, ()), handled=handled)))
    assert 5 < len(kept) < 100
    assert list(kept)[-1] == list(handled)[-1]
    assert list(kept) == list(handled)[-len(kept) :]


@pytest.mark.parametrize(("projects", "count"), [(0, 0), (1, 0), (1, 1), (1, 60), (60, 0), (60, 1), (15, 2), (60, 60)])
def test_any_number_of_projects_and_risks_fits_or_is_counted(projects, count):
    listed = [(replace(PROJECT, key=f"p{n}"), many(count)) for n in range(projects)]
    view = shown(a_list(*listed))
    texts = " ".join(e["text"] for b in view["blocks"] if b["type"] == "context" for e in b["elements"])
    headings = sum(block["type"] == "header" for block in view["blocks"])
    risks_shown = sum(label == "Keep" for label, _ in pressed(view))
    assert (headings < projects) == ("more project" in texts)
    if headings == projects == 1:
        assert (risks_shown < count) == ("did not fit" in texts)
    assert projects == 0 or risks_shown >= min(count, 40)


def test_an_empty_rating_is_said_as_such():
    line = the_words().say("dialogs/listed-risk.j2", risk=replace(RISK, impact=None), title="Title", challenge="")
    assert line == "*Title* · blocker · probability high, impact not rated"
    bare = replace(RISK, probability=None, impact=None, kind=RiskKind.RISK)
    assert the_words().say("dialogs/listed-risk.j2", risk=bare, title="Title", challenge="C") == "*Title* · risk\nC"


def test_the_risk_questions_are_those_of_the_file():
    assert [question.key for question in the_questions().of("risk")] == names(open_risk(a_risk_form()))
