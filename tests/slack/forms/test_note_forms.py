"""The small dialogs: a note, a return, a choice, a single text."""

from dataclasses import replace

import pytest
from form_kit import (
    HARD_TEXTS,
    PROJECT,
    Q4,
    a_review_form,
    by_name,
    field_of,
    filled,
    shown,
    the_words,
)

from bot.domain.errors import InvalidInput, NotFound
from bot.domain.report import Check, LineState, MilestoneLine
from bot.flow.messages import ProjectChoice
from bot.slack.forms import notes


def open_note(note=None, **values):
    check = Check(
        **{"id": "stalled", "sentence": "Nothing moved", "evidence": ("a", "b", "c", "d"), "note": note, **values}
    )
    return shown(notes.build_note(a_review_form(), check, "V0REVIEW", the_words()))


def read_note(view):
    return notes.read_note(view, the_words())


def a_review_of(*states, name="Mobile app"):
    form = a_review_form()
    lines = tuple(MilestoneLine(f"m{n}", name, "Lena Brandt", weight=1, state=state) for n, state in enumerate(states))
    return replace(form, report=replace(form.report, milestones=lines))


def open_return(*states, **values):
    return shown(notes.build_return(a_review_of(*states, **values), the_words()))


def refused(read, view):
    with pytest.raises(InvalidInput) as error:
        read(view, the_words())
    return by_name(error.value.problems, view)


def test_a_note_is_given_changed_and_taken_away():
    assert read_note(filled(open_note(), {"text": "Known."})) == notes.Note(
        "stalled", "Known.", "V0REVIEW", is_kept=False
    )
    assert read_note(open_note("Known.")).text == "Known."
    cleared = read_note(filled(open_note("Known."), {"text": None}))
    assert (cleared.text, cleared.is_kept) == (None, False)


def test_a_note_too_long_to_show_is_kept_when_the_field_is_left_empty():
    view = open_note("word " * 2000)
    assert read_note(view).is_kept
    assert read_note(filled(view, {"text": "Short."})) == notes.Note("stalled", "Short.", "V0REVIEW", is_kept=False)


@pytest.mark.parametrize("text", HARD_TEXTS.values(), ids=HARD_TEXTS)
def test_every_text_can_be_shown(text):
    view = open_note(text, sentence=text, evidence=(text,) * 5)
    assert "<!" not in view["blocks"][0]["text"]["text"]
    open_return(*[LineState.ANSWERED] * 3, name=text)
    shown(notes.build_text("Answer", text, text, "answer_question", {"question": 1}, the_words()))


def test_an_update_is_returned_with_a_comment():
    view = open_return(LineState.ANSWERED, LineState.EXCUSED, LineState.MISSING, LineState.CONFIRMED)
    options = field_of(view, "milestone")["element"]["options"]
    assert [option["value"] for option in options] == ["m0", "m2", "m3"]
    assert options[0]["text"]["text"] == "Mobile app · Lena Brandt"
    typed = filled(view, {"milestone": "m2", "comment": "Which date?"})
    assert notes.read_return(typed, the_words()) == notes.Returned("m2", "Which date?")
    assert set(refused(notes.read_return, filled(typed, {"comment": " "}))) == {"comment"}


def test_an_owner_s_name_stays_in_sight_beside_a_long_milestone():
    view = open_return(LineState.ANSWERED, name="A very long name of a milestone " * 5)
    assert field_of(view, "milestone")["element"]["options"][0]["text"]["text"].endswith("… · Lena Brandt")


@pytest.mark.parametrize("count", [1, 60, 100, 101, 500])
def test_any_number_of_updates_can_be_chosen_from(count):
    view = open_return(*[LineState.ANSWERED] * count)
    last = filled(view, {"milestone": f"m{count - 1}", "comment": "Why?"})
    assert notes.read_return(last, the_words()).milestone == f"m{count - 1}"


def test_without_an_update_there_is_nothing_to_return():
    with pytest.raises(NotFound):
        notes.build_return(a_review_of(LineState.EXCUSED), the_words())


@pytest.mark.parametrize("quarter", [None, Q4])
@pytest.mark.parametrize("count", [1, 60, 250])
def test_a_project_is_chosen(count, quarter):
    projects = tuple(replace(PROJECT, key=f"p{n}") for n in range(count))
    view = shown(notes.build_choice(ProjectChoice(quarter, projects), the_words()))
    chosen = filled(view, {"project": f"p{count - 1}"})
    assert notes.read_choice(chosen, the_words()) == notes.Chosen(f"p{count - 1}", quarter)


def test_a_single_text_is_read_and_blanks_are_refused():
    view = shown(notes.build_text("Your question", "*Portal*", "Your question", "ask_question", {}, the_words()))
    assert notes.read_text(filled(view, {"text": " Why? "}), the_words()) == "Why?"
    assert refused(notes.read_text, filled(view, {"text": " \n "})) == {
        "text": "Please fill this in; a few words are enough."
    }
