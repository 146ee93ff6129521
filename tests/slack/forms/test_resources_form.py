"""The resources and budget dialog: amounts as people of a locale write them, and nothing required."""

from dataclasses import replace
from decimal import Decimal

import pytest
from form_kit import (
    FULL,
    HARD_TEXTS,
    KEYS,
    NUMBERS,
    PERCENTS,
    PROJECT,
    Q4,
    SHORT,
    TEXTS,
    a_milestone_form,
    a_resources_form,
    by_name,
    field_of,
    filled,
    maybe,
    names,
    open_milestone,
    open_resources,
    questions_with,
    read_resources,
    renamed,
    the_words,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.errors import InvalidInput
from bot.domain.rules import Problem
from bot.domain.update import Resources
from bot.flow.forms import Walk
from bot.flow.messages import ItemRef
from bot.locales import Locale
from bot.slack.forms.context import context_of
from bot.slack.forms.fields import typed_number
from bot.slack.forms.filled import problem_sentences

RESOURCES = st.builds(
    Resources,
    budget_at_completion=maybe(NUMBERS),
    actual_cost=maybe(NUMBERS),
    forecast_at_completion=maybe(NUMBERS),
    percent_used=maybe(PERCENTS),
    percent_variance=maybe(PERCENTS.map(lambda value: value - 50)),
    budget_note=maybe(TEXTS),
    staffing_planned=maybe(PERCENTS),
    staffing_actual=maybe(PERCENTS),
    staffing_note=maybe(TEXTS),
    vendors=maybe(TEXTS),
    dependencies=st.lists(SHORT, max_size=4).map(tuple),
    more=st.dictionaries(KEYS, SHORT, max_size=2),
)
LOCALES = ["en_US", "de_DE", "fr_FR", "de_CH", "hi_IN"]
LABELS = [
    "Budget at completion", "Actual cost to date", "Forecast at completion", "Percent of budget used",
    "Over or under budget (%)", "Budget note", "Staffing planned", "Staffing actual", "Staffing note",
    "Vendor collaboration", "Dependencies",
]  # fmt: skip


def refused(view, form):
    with pytest.raises(InvalidInput) as error:
        read_resources(view, form)
    return by_name(error.value.problems, view)


def typed(values, **form):
    asked = a_resources_form(**form)
    return filled(open_resources(asked), values), asked


@settings(deadline=None, max_examples=80)
@given(RESOURCES, st.sampled_from(LOCALES))
def test_an_untouched_form_gives_the_same_answer_back(resources, locale):
    form = a_resources_form(resources, locale=locale)
    assert read_resources(open_resources(form), form) == resources


@pytest.mark.parametrize("text", HARD_TEXTS.values(), ids=HARD_TEXTS)
def test_every_text_can_be_shown_and_comes_back(text):
    resources = Resources(budget_note=text, staffing_note=text, vendors=text, dependencies=(text, text))
    form = a_resources_form(resources, project=replace(PROJECT, name=text))
    assert read_resources(open_resources(form), form) == resources


@settings(deadline=None)
@given(NUMBERS | st.decimals(-1000, 1000, places=3), st.sampled_from(LOCALES))
def test_a_number_is_filled_in_as_people_of_every_locale_could_type_it(value, locale):
    """Without it, a figure with three decimals would come back as a question."""
    assert Locale(locale).read_number(typed_number(value)) == value


def test_everything_is_offered_and_nothing_required():
    view = open_resources(a_resources_form())
    assert [field_of(view, name)["label"]["text"] for name in names(view)] == LABELS
    assert all(field_of(view, name)["optional"] for name in names(view))
    assert "in USD" in view["blocks"][0]["text"]["text"]
    assert read_resources(view, a_resources_form()) == Resources()


def test_the_budget_of_the_project_is_filled_in_and_then_said():
    form = a_resources_form(project=replace(PROJECT, budget_at_completion=Decimal(1_200_000)))
    view = open_resources(form)
    assert field_of(view, "budget_at_completion")["element"]["initial_value"] == "1200000"
    assert read_resources(view, form) == Resources(budget_at_completion=Decimal(1_200_000))


@pytest.mark.parametrize(
    ("locale", "currency", "amount", "value"),
    [
        ("en_US", "USD", "1.2M", "1200000"),
        ("en_US", "USD", "$1,200,000", "1200000"),
        ("en_US", "EUR", "€ 1 200 000", "1200000"),
        ("de_DE", "EUR", "1.200.000,50 €", "1200000.50"),
        ("de_DE", "EUR", "1200,5", "1200.5"),
        ("en_US", None, "1,200", "1200"),
        ("en_US", "USD", "0", "0"),
    ],
)
def test_amounts_are_read_as_people_type_them(locale, currency, amount, value):
    view, form = typed({"actual_cost": amount}, locale=locale, project=replace(PROJECT, currency=currency))
    assert read_resources(view, form).actual_cost == Decimal(value)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"actual_cost": "1.200"}, {"actual_cost": "Is that 1,200 or 1.20? Write 1200 or 1.20."}),
        ({"actual_cost": "much"}, {"actual_cost": '"much" is not a number; write it such as 1200'}),
        ({"actual_cost": "-5"}, {"actual_cost": "A number of 0 or more, such as 1200."}),
        ({"percent_used": "half"}, {"percent_used": "A percentage of 0 or more, such as 53 or 53 %."}),
        ({"percent_used": "-1 %"}, {"percent_used": "A percentage of 0 or more, such as 53 or 53 %."}),
        (
            {"percent_variance": "bit over"},
            {"percent_variance": "A percentage, over is positive and under is negative: 5 or -3 %."},
        ),
        ({"staffing_actual": "-1"}, {"staffing_actual": "A number of 0 or more, such as 1200."}),
    ],
)
def test_what_cannot_be_read_is_explained_beside_its_field(values, said):
    view, form = typed(values)
    assert refused(view, form) == said


def test_another_currency_is_refused_with_the_project_s():
    view, form = typed({"actual_cost": "€ 1200"})
    assert "Amounts here are in USD" in refused(view, form)["actual_cost"]


def test_all_problems_are_named_at_once():
    view, form = typed({"actual_cost": "1.200", "percent_used": "half", "staffing_planned": "ten"})
    assert set(refused(view, form)) == {"actual_cost", "percent_used", "staffing_planned"}


def test_under_budget_is_negative_and_over_a_hundred_is_possible():
    view, form = typed({"percent_variance": "-3 %", "percent_used": "118%"})
    read = read_resources(view, form)
    assert (read.percent_variance, read.percent_used) == (Decimal(-3), Decimal(118))


def test_a_variance_without_a_note_is_asked_for_beside_the_note():
    view = open_resources(a_resources_form())
    problem = Problem("budget_note", "variance-needs-note", {"variance": Decimal("-7.5")})
    said = by_name(problem_sentences([problem], view, "en_US", the_words()), view)
    assert said == {"budget_note": "The forecast is 7.5% under the budget. Say in a few words why."}


def test_a_percentage_that_disagrees_with_the_amounts_is_shown():
    resources = Resources(
        Decimal(1000), Decimal(530), Decimal(1100), percent_used=Decimal(40), percent_variance=Decimal(10)
    )
    head = open_resources(a_resources_form(resources))["blocks"][0]["text"]["text"]
    assert "Percent of budget used says 40%, the amounts say 53%. The amounts count." in head
    assert "Over or under budget" not in head
    agreeing = replace(resources, percent_used=Decimal(53))
    assert "says" not in open_resources(a_resources_form(agreeing))["blocks"][0]["text"]["text"]


def test_own_questions_are_kept_with_the_resources():
    questions = questions_with("resources", "{key: licences, label: Licences, kind: number}", without=("vendors",))
    form = a_resources_form(Resources(vendors="Daily call."))
    view = filled(open_resources(form, questions), {"more:licences": "1.5k"})
    assert "vendors" not in names(view)
    assert read_resources(view, form, questions) == Resources(vendors="Daily call.", more={"licences": "1500"})


def test_update_all_goes_on_from_here():
    walk = Walk(5, 5, before=(ItemRef("portal", Q4, "push"),))
    view = open_resources(a_resources_form(walk=walk))
    assert view["title"]["text"] == "Update 5 of 5"
    assert context_of(view).walk == walk
    assert open_resources(a_resources_form())["title"]["text"] == "Resources and budget"


def test_a_milestone_called_resources_is_another_form():
    called = a_milestone_form(FULL, milestone=renamed(PROJECT.milestones[0], "resources"))
    salts = {
        view["blocks"][1]["block_id"][-8:] for view in (open_milestone(called), open_resources(a_resources_form()))
    }
    assert len(salts) == 2
