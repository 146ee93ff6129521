"""The updates a manager reads before publishing, the dialog for other words, and the one that returns updates."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from form_kit import HARD_TEXTS, Q4, a_review_form, by_name, field_of, filled, shown, the_words

from bot.domain.errors import InvalidInput, NotFound
from bot.domain.milestone_line import AsWritten, LineState, MilestoneLine
from bot.domain.project import RagStatus
from bot.domain.said import SaidUpdate
from bot.domain.update import Wording
from bot.flow.forms import ReadForm, WordingForm
from bot.flow.messages import ItemRef
from bot.slack.forms import reading
from bot.slack.forms.reading import Choice, Origin, Returned

ON_REVIEW = Origin("V0REVIEW", "V0REVIEW")
REF = ItemRef("portal", Q4, "billing")
AT = datetime(2027, 1, 4, 10, tzinfo=UTC)
TYPED = Wording(("Interface done",), "Fewer calls", "Tested.")


def lines_of(*states, name="Mobile app", **values):
    defaults = {"weight": 1, "percent_complete": Decimal(50), "status": RagStatus.ON_TRACK, **values}
    return tuple(MilestoneLine(f"m{n}", name, "Lena Brandt", state=state, **defaults) for n, state in enumerate(states))


def a_review_of(*states, **values):
    form = a_review_form()
    return replace(form, report=replace(form.report, milestones=lines_of(*states, **values)))


def open_return(*states, chosen=(), **values):
    return shown(reading.build_return(a_review_of(*states, **values), ON_REVIEW, the_words(), chosen=chosen))


def open_reading(*lines, returned=()):
    updates = tuple(SaidUpdate(Q4, line) for line in lines)
    form = ReadForm(REF, a_review_form().report, updates, frozenset(returned), "UTC")
    return shown(reading.build(form, the_words(), review="V0REVIEW"))


def a_wording(original=TYPED, printed=TYPED, **values):
    return WordingForm(REF, "Billing", "Ravi", "Q4 2026", original, printed, "f" * 32, **values)


def open_wording(**values):
    return shown(reading.build_wording(a_wording(**values), ON_REVIEW, the_words()))


def menus(view):
    return [b["accessory"]["options"] for b in view["blocks"] if b.get("accessory", {}).get("type") == "overflow"]


def test_updates_are_returned_with_a_comment():
    view = open_return(LineState.ANSWERED, LineState.EXCUSED, LineState.MISSING, LineState.CONFIRMED)
    options = field_of(view, "milestones")["element"]["options"]
    assert [option["value"] for option in options] == ["m0", "m3"]
    assert options[0]["text"]["text"] == "Mobile app · Lena Brandt"
    typed = filled(view, {"milestones": ["m0", "m3"], "comment": "Which date?"})
    assert reading.read_return(typed, the_words()) == Returned(["m0", "m3"], "Which date?")


def test_a_comment_of_blanks_is_refused():
    view = filled(open_return(LineState.ANSWERED), {"milestones": ["m0"], "comment": " "})
    with pytest.raises(InvalidInput) as error:
        reading.read_return(view, the_words())
    assert set(by_name(error.value.problems, view)) == {"comment"}


def test_the_update_whose_menu_was_used_is_chosen_already():
    view = open_return(LineState.ANSWERED, LineState.ANSWERED, chosen=["m1"])
    assert reading.read_return(filled(view, {"comment": "Why?"}), the_words()).milestones == ["m1"]


def test_an_owner_s_name_stays_in_sight_beside_a_long_milestone():
    view = open_return(LineState.ANSWERED, name="A very long name of a milestone " * 5)
    assert field_of(view, "milestones")["element"]["options"][0]["text"]["text"].endswith("… · Lena Brandt")


@pytest.mark.parametrize("count", [1, 60, 100, 101, 500])
def test_any_number_of_updates_can_be_chosen_from(count):
    view = open_return(*[LineState.ANSWERED] * count)
    last = filled(view, {"milestones": [f"m{count - 1}"], "comment": "Why?"})
    assert reading.read_return(last, the_words()).milestones == [f"m{count - 1}"]


def test_without_an_update_there_is_nothing_to_return():
    with pytest.raises(NotFound):
        reading.build_return(a_review_of(LineState.MISSING), ON_REVIEW, the_words())


def test_each_update_has_the_choices_that_make_sense():
    plain, edited, back = lines_of(*[LineState.ANSWERED] * 3)
    edited = replace(edited, as_written=AsWritten((), None, "Hm.", "Dana Petrov", AT))
    view = open_reading(plain, edited, back, returned=["m2"])
    offered = [[reading.choice_of(option["value"]) for option in options] for options in menus(view)]
    assert offered == [
        [(Choice.REWORD, "m0"), (Choice.RETURN, "m0")],
        [(Choice.REWORD, "m1"), (Choice.RESTORE, "m1"), (Choice.RETURN, "m1")],
        [(Choice.REWORD, "m2"), (Choice.TAKE_BACK, "m2")],
    ]


@pytest.mark.parametrize("count", [0, 1, 40, 200])
def test_as_many_updates_as_fit_are_shown_and_the_rest_counted(count):
    view = open_reading(*lines_of(*[LineState.ANSWERED] * count, note="word " * 2000))
    listed = len(menus(view))
    assert listed == count or f"{count - listed} more" in str(view)
    assert view["notify_on_close"]
    assert reading.review_under(view) == "V0REVIEW"


def test_the_owner_s_words_stand_above_fields_with_the_present_ones_and_figures_have_none():
    view = open_wording(original=Wording(("Done?",), None, "Hm."))
    assert "as Ravi wrote it" in view["blocks"][0]["text"]["text"]
    assert "Hm." in view["blocks"][0]["text"]["text"]
    assert reading.read_wording(view, a_wording(), the_words()) == TYPED
    assert [b["block_id"].partition("|")[0] for b in view["blocks"][1:]] == ["deliverables", "impact", "note"]
    emptied = filled(view, {"deliverables": None, "note": " ", "impact": "Fewer calls"})
    assert reading.read_wording(emptied, a_wording(), the_words()) == Wording(impact="Fewer calls")


def test_words_too_long_for_their_field_stay_where_it_is_left_empty():
    long = Wording(note="word " * 2000)
    view = open_wording(original=long, printed=long)
    assert reading.read_wording(view, a_wording(printed=long), the_words()) == long


@pytest.mark.parametrize("text", HARD_TEXTS.values(), ids=HARD_TEXTS)
def test_every_text_can_be_shown(text):
    open_return(*[LineState.ANSWERED] * 3, name=text)
    line = replace(*lines_of(LineState.ANSWERED, name=text, note=text), deliverables=(text,) * 30)
    edited = replace(line, as_written=AsWritten((text,), text, text, text, AT))
    assert "<!" not in str(open_reading(edited, returned=["m0"])["blocks"])
    wording = Wording((text,) * 30, text, text)
    view = open_wording(original=wording, printed=wording, is_overtaken=True)
    assert "<!" not in view["blocks"][0]["text"]["text"]
