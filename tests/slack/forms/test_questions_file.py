"""The questions file: what ships is whole, and each mistake in a company's own is named with its line."""

from pathlib import Path

import pytest
from form_kit import questions_with, the_questions, the_words

from bot.domain.errors import BotError
from bot.domain.sections import HOME, Dialog, ReportSection
from bot.slack.forms.questions import read_questions

SHIPPED = the_words().source("questions.yaml")[1]


def mistakes(text):
    with pytest.raises(BotError) as error:
        read_questions(Path("words/questions.yaml"), text)
    return str(error.value).splitlines()


def test_the_shipped_questions_carry_the_product_s_labels():
    labels = {dialog: [question.label for question in asked] for dialog, asked in the_questions().dialogs.items()}
    assert labels["objective"] == ["Objective", "Deliverable", "Target"]
    assert labels["decision"] == ["Decision needed", "Who decides", "Decide by"]
    assert labels["promise"] == ["Why it was carried over or dropped"]
    assert "Recovery plan" in labels["milestone"]
    assert "Promised last quarter" in labels["milestone"]
    assert not any(question.is_own for asked in the_questions().dialogs.values() for question in asked)


def test_questions_can_be_reworded_reordered_hidden_and_added():
    questions = questions_with(
        "risk",
        "{key: mitigation, label: Was tun, kind: text, hint: Kurz.}",
        "{key: insured, label: Insured, kind: choice, choices: {Yes: Yes, No: No}, required: yes}",
        without=("mitigation", "since", "waits_on", "due", "owner", "kind"),
    )
    assert [question.key for question in questions.of("risk")] == [
        "mitigation", "insured", "title", "milestone", "challenge", "probability", "impact",
    ]  # fmt: skip
    insured = questions.get("risk", "insured")
    assert (insured.is_own, insured.required, dict(insured.choices)) == (True, True, {"Yes": "Yes", "No": "No"})
    assert questions.own("risk") == (insured,)
    assert questions.get("risk", "mitigation").label == "Was tun"


@pytest.mark.parametrize("dialog", Dialog)
def test_an_own_question_of_every_dialog_says_where_its_answer_is_printed(dialog):
    given = "{key: mine, label: Mine, kind: text, section: conclusion}"
    questions = questions_with(dialog, given, "{key: other, label: Other, kind: text}")
    assert questions.sections == {(dialog, "mine"): ReportSection.CONCLUSION, (dialog, "other"): HOME[dialog]}


def test_whole_parts_of_the_milestone_dialog_can_be_taken_out():
    text = SHIPPED
    for part in ("promise", "objective", "decision"):
        before, _, rest = text.partition(f"\n{part}:")
        text = before + "\n" + rest.partition("\n\n")[2]
    questions = read_questions(Path("q.yaml"), text)
    assert [questions.of(part) for part in ("promise", "objective", "decision")] == [(), (), ()]


REASON = "{key: reason, label: Why it was carried over or dropped, kind: text}"
MISTAKES = {
    "an unknown dialog": (
        ("\nmilestone:\n", "\nmilestnoe:\n"),
        '"milestnoe" is not known here; did you mean "milestone"?',
    ),
    "an unknown field": (("kind: percent, required", "kind: percent, requird"),
                         'milestone[0]: "requird" is not known here; did you mean "required"?'),
    "no label": (("{key: impact, label: Impact on company goals,", "{key: impact,"), "].label: missing"),
    "an empty label": (("label: Note,", 'label: "",'), "].label: missing"),
    "no key": (("{key: note, ", "{"), "].key: missing"),
    "no kind": (("label: Note, kind: long text,", "label: Note,"), "].kind: missing"),
    "another kind": (("label: Status, kind: choice", "label: Status, kind: text"), "status is of kind choice"),
    "an own question of a kind that nobody can answer in words": (
        ("{key: impact, label: Impact on company goals, kind: long text}", "{key: mine, label: Mine, kind: person}"),
        '"person" is not a kind; expected one of text, long text, number, date, choice',
    ),
    "a key twice": (("{key: note, label: Note,", "{key: impact, label: Note,"), '"impact" is asked twice'),
    "a key that is none": (
        ("{key: impact, label: Impact on company goals,", '{key: "my question", label: X,'),
        '"my question" is not a key',
    ),
    "a question taken out that stays": (
        ('  - {key: note, label: Note, kind: long text, hint: "Why it moved', '  # "Why it moved'),
        "milestone: note must be asked",
    ),
    "a value that is not stored": (("kept: Kept,", "done: Done,"), '"done" is not one of kept, carried over, dropped'),
    "a choice without choices": (
        ("{key: impact, label: Impact on company goals, kind: long text}", "{key: mood, label: Mood, kind: choice}"),
        "a choice needs its choices",
    ),
    "choices of something else": (("label: Forecast date, kind: date", "label: F, kind: date, choices: {a: A}"),
                                  "only a question of kind choice has choices"),
    "a choice without words": (("kept: Kept,", 'kept: "",'), "a choice needs a value"),
    "a choice given twice": (("kept: Kept,", "kept: Kept, kept: Done,"), '"kept" is given twice'),
    "neither true nor false": (("kind: percent, required: true", "kind: percent, required: perhaps"),
                               '"perhaps" is neither true nor false'),
    "an unknown section": (
        ("{key: impact, label: Impact on company goals, kind: long text}",
         "{key: mood, label: Mood, kind: text, section: resource}"),
        '].section: "resource" is not known here; did you mean "resources"?',
    ),
    "a section that is none of the report's": (
        ("{key: impact, label: Impact on company goals, kind: long text}",
         "{key: mood, label: Mood, kind: text, section: budget}"),
        '].section: "budget" is not known here; expected one of status, executive_summary, key_milestones, impact, risks,',
    ),
    "a section for a question of the program's": (
        ("label: Forecast date, kind: date", "label: F, kind: date, section: impact"),
        "].section: only a question of your own has a section",
    ),
    "a list for a text": (("label: Note,", "label: [Note],"), "].label: expected a text"),
    "a text for a list": (("\npromise: # asked under each thing promised\n  - " + REASON, "\npromise: none"),
                          "promise: expected a list of questions"),
    "a text for a question": (("  - " + REASON, "  - reason"),
                              "promise[0]: expected fields such as key"),
    "an own question where there is no place for one": (("{key: target, label: Target", "{key: targt, label: Target"),
                                                        'did you mean "target"'),
}  # fmt: skip


@pytest.mark.parametrize(("change", "said"), MISTAKES.values(), ids=MISTAKES)
def test_each_mistake_is_named_with_its_line(change, said):
    old, new = change
    assert SHIPPED.count(old) >= 1
    found = mistakes(SHIPPED.replace(old, new, 1))
    assert any(said in line for line in found), found
    assert all(line.startswith("words/questions.yaml") for line in found)
    if "must be asked" in said:
        (named,) = [mistake for mistake in found if said in mistake]
        assert SHIPPED.splitlines()[int(named.split(":")[1]) - 1] == "milestone:", "where its dialog begins"
    else:
        at = SHIPPED.index(old) + (1 if old.startswith("\n") else 0)
        line = SHIPPED.count("\n", 0, at) + 1
        (named,) = [mistake for mistake in found if said in mistake]
        assert int(named.split(":")[1]) - line in (0, 1)


def test_all_mistakes_are_named_at_once_in_the_order_of_the_file():
    text = SHIPPED.replace("label: Status,", "labl: Status,", 1).replace("label: Phase,", "labl: Phase,")
    lines = [int(line.split(":")[1]) for line in mistakes(text)]
    assert len(lines) >= 4
    assert lines == sorted(lines)


def test_more_questions_of_its_own_than_fit_are_refused():
    own = [f"{{key: q{n}, label: Q, kind: text}}" for n in range(11)]
    questions_with("resources", *own[:10])
    with pytest.raises(BotError, match="at most 10 questions of your own"):
        questions_with("resources", *own)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "words/questions.yaml: empty; expected dialogs with their questions"),
        ("milestone: [", "words/questions.yaml:1: not YAML"),
        ("a: b\n\tc: d", "words/questions.yaml:2: not YAML"),
        ("milestone: \x00", "words/questions.yaml: not YAML: it holds a character that is not allowed"),
        ("- just\n- a list", "words/questions.yaml:1: expected fields"),
        ("[a, b]: c", "words/questions.yaml:1: expected a name"),
    ],
)
def test_a_file_that_is_no_questions_file_is_explained(text, said):
    assert mistakes(text)[-1].startswith(said) or any(line.startswith(said) for line in mistakes(text))
