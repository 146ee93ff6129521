"""The dialogs of the plan: what they show comes back as it was, and only what was changed comes back at all."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from form_kit import DANA, HARD_TEXTS, LENA, PROJECT, by_name, field_of, filled, names, shown, the_words

from bot.domain.errors import InvalidInput
from bot.domain.project import Milestone
from bot.flow.setup.setup import Plan
from bot.slack.forms import setup
from bot.slack.forms.fields import kept_name
from bot.slack.forms.setup import Choice, PlanPlace

FULL = replace(
    PROJECT,
    manager=LENA,
    budget_owner=LENA,
    sponsor=LENA,
    industry="Telecommunications",
    phase="Build",
    audience="Senior Management",
    prepared_by="Lena Brandt",
    layout="memo",
    budget_at_completion=Decimal("1200000.50"),
    scheduled_completion="Q2 2027",
    leadership_channel="#steerco",
)
MILESTONE = Milestone("mobile", "Mobile app", LENA, baseline=date(2027, 2, 1), weight=Decimal(2))
LAYOUTS = ("brief", "executive", "memo", "detailed")


def open_project(project=FULL, channel="C0STEERCO"):
    return shown(setup.build_project(project, the_words(), layouts=LAYOUTS, channel=channel))


def open_new_project(manager="U0LENA"):
    return shown(setup.build_new_project(manager, the_words(), layouts=LAYOUTS))


def open_milestone(milestone=MILESTONE):
    return shown(setup.build_milestone(PROJECT, milestone, "V0LIST", the_words()))


def open_list(*milestones, project=PROJECT, **more):
    return shown(setup.build_list(Plan(project, milestones), "en_US", the_words(), **more))


def read(view):
    return setup.read(view, the_words())


@pytest.mark.parametrize("view", [open_project(), open_milestone(), open_milestone(None)])
def test_a_dialog_that_was_left_as_it_was_changes_nothing(view):
    assert read(view) == {}


def test_only_what_was_changed_comes_back():
    typed = {"name": " New  name ", "sponsor": None, "leadership_channel": "C0OTHER11", "layout": "brief"}
    assert read(filled(open_project(), typed)) == {**typed, "name": "New  name"}
    assert read(filled(open_milestone(), {"baseline": None, "owner": "U0DANA"})) == {
        "baseline": None,
        "owner": "U0DANA",
    }


def test_whoever_sets_up_a_project_is_its_manager_unless_another_is_chosen():
    def given(view):
        return {name: value for name, value in read(view).items() if value is not None}

    assert given(open_new_project()) == {"manager": "U0LENA"}
    assert given(filled(open_new_project(), {"name": "Portal", "manager": "U0DANA"})) == {
        "name": "Portal",
        "manager": "U0DANA",
    }


def test_the_key_is_asked_for_once():
    assert "key" in names(open_new_project())
    assert {"key", "added"} <= set(names(open_milestone(None)))
    assert not {"key", "added"} & {*names(open_project()), *names(open_milestone())}


def test_people_and_channels_that_slack_does_not_know_are_shown_and_kept():
    view = open_project(replace(FULL, manager=DANA), "#steerco")
    quotes = [str(field_of(view, kept_name(name))) for name in ("manager", "leadership_channel")]
    assert "Dana Petrov" in quotes[0]
    assert "#steerco" in quotes[1]
    assert field_of(view, "manager")["optional"], "left empty, it stays"
    assert read(view) == {}
    assert read(filled(view, {"manager": "U0LENA", "leadership_channel": "C0STEERCO"})) == {
        "manager": "U0LENA",
        "leadership_channel": "C0STEERCO",
    }


@pytest.mark.parametrize("text", HARD_TEXTS.values(), ids=HARD_TEXTS)
def test_every_text_can_be_shown(text):
    project, milestone = replace(FULL, name=text[:200], phase=text[:200]), replace(MILESTONE, name=text[:200])
    assert read(open_project(project)) == {}
    assert read(open_milestone(milestone)) == {}
    for view in (
        open_list(milestone, project=project, saved=text),
        shown(setup.build_drop(project, milestone, "V0LIST", the_words())),
    ):
        assert "<!" not in str(view["blocks"])


@pytest.mark.parametrize(("count", "menus"), [(0, 0), (1, 1), (96, 96), (97, 96), (500, 96)])
def test_any_number_of_milestones_fits_the_list(count, menus):
    view = open_list(*(replace(MILESTONE, key=f"m{n}") for n in range(count)), saved="Saved.")
    accessories = [block["accessory"] for block in view["blocks"] if "accessory" in block]
    assert len(accessories) == menus
    rest = f"{count - menus} more" in str(view["blocks"])
    assert rest is (count > menus)
    assert len(view["blocks"]) <= 100


def test_what_is_chosen_in_the_list_names_its_milestone():
    (accessory,) = (block["accessory"] for block in open_list(MILESTONE)["blocks"] if "accessory" in block)
    chosen = [setup.choice_of(option["value"]) for option in accessory["options"]]
    assert chosen == [(Choice.EDIT, "mobile"), (Choice.DROP, "mobile")]


def test_each_dialog_knows_what_it_is_about():
    assert setup.place_of(open_new_project()) == PlanPlace()
    assert setup.place_of(open_project()) == PlanPlace("portal")
    assert setup.place_of(open_milestone(None)) == PlanPlace("portal", "", "V0LIST")
    drop = shown(setup.build_drop(PROJECT, MILESTONE, "V0LIST", the_words()))
    assert setup.place_of(drop) == setup.place_of(open_milestone()) == PlanPlace("portal", "mobile", "V0LIST")


def test_sentences_stand_beside_their_fields_and_those_of_no_field_beside_the_first():
    view = open_milestone()
    with pytest.raises(InvalidInput) as refused, setup.beside_fields(view):
        raise InvalidInput({"weight": "too low", "added": "not a date"})
    assert by_name(refused.value.problems, view) == {"weight": "too low", "name": "not a date"}
