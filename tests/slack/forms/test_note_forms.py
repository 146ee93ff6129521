"""The small dialogs: a note, a return, a choice, a single text."""

from dataclasses import replace

import pytest
from form_kit import (
    HARD_TEXTS,
    PROJECT,
    Q4,
    a_review_form,
    by_name,
    filled,
    shown,
    the_words,
)

from bot.domain.errors import InvalidInput
from bot.domain.report import Check, CheckEvidence
from bot.flow.forms import ProjectChoice
from bot.slack.forms import notes


def open_note(note=None, **values):
    check = Check(
        **{
            "id": "stalled",
            "sentence": "Nothing moved",
            "evidence": tuple(map(CheckEvidence, "abcd")),
            "note": note,
            **values,
        }
    )
    return shown(notes.build_note(a_review_form(), check, "V0REVIEW", the_words()))


def read_note(view):
    return notes.read_note(view, the_words())


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
    view = open_note(text, sentence=text, evidence=(CheckEvidence(text),) * 5)
    assert "<!" not in view["blocks"][0]["text"]["text"]
    shown(notes.build_text("Answer", text, text, "answer_question", {"question": 1}, the_words()))


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
