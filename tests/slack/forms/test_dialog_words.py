"""Every file of words for the dialogs is rendered, full and sparse; a file that nothing uses fails."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import jinja2
import pytest
from form_kit import FULL, PROJECT, Q3, RISK, a_milestone_form, a_resources_form, the_words

from bot.domain.milestone_line import Known
from bot.domain.project import RagStatus
from bot.domain.report import Check, CheckEvidence
from bot.domain.tracker import Counted, TrackerFigure
from bot.domain.tracker_ref import TrackerSource
from bot.domain.update import RiskKind
from bot.locales import Locale
from bot.texts import shipped

FOLDER = shipped("prompts") / "dialogs"
US = Locale("en_US")
BARE = replace(PROJECT, milestones=(replace(PROJECT.milestones[0], baseline=None),), currency=None)
KNOWN = Known(Q3, Decimal(60), RagStatus.ON_TRACK, date(2027, 2, 12))
READ_AT = datetime(2026, 12, 1, tzinfo=UTC)
COUNTED = TrackerFigure(
    *(TrackerSource.GITHUB, "o/r#1", Decimal(72), READ_AT, "https://example.com/1"),
    done=18,
    total=25,
    counted=Counted.ISSUES,
)
TOLD = {"percent": "72%", "time": "9:10 AM"}
NAMED = TrackerFigure(TrackerSource.FILE, "a.csv", Decimal(72), READ_AT)
LATE = {"forecast": date(2027, 3, 12), "baseline": date(2027, 2, 13), "locale": US}

# For each file the values of a full and of a sparse sample, with what the text must say.
SAMPLES = {
    "milestone.j2": [
        ({"form": a_milestone_form(FULL, known=KNOWN, warning="Bob answered."), "locale": US}, "Last known: 60%"),
        ({"form": a_milestone_form(None, known=Known(Q3, None, None, None)), "locale": US}, "Last known: no percentage (Q3)."),
        ({"form": a_milestone_form(None, milestone=BARE.milestones[0], project=BARE), "locale": US}, "Q4 2026"),
    ],
    "resources.j2": [
        (
            {"form": a_resources_form(), "locale": US, "differing": [("percent_variance", Decimal(5), Decimal(9))]},
            "Over or under budget says 5%, the amounts say 9%.",
        ),
        ({"form": a_resources_form(project=BARE), "locale": US, "differing": []}, "give amounts, or percentages"),
    ],
    "promised.j2": [({"quarter": "Q2 2026"}, "Promised in Q2 2026.")],
    "risk-saved.j2": [
        ({"title": "T", "is_new": True}, "✓ Risk added: T"),
        ({"title": "T", "is_new": False}, "✓ Changed: T"),
    ],
    "own-risks.j2": [
        ({"count": 1, "unlisted": 0}, "Open risk or blocker of this milestone"),
        ({"count": 7, "unlisted": 2}, "Open risks and blockers of this milestone; 2 more under *Risks*"),
    ],
    "risk.j2": [({"project": "Portal", "quarter": "Q4 2026"}, "Portal · Q4 2026.")],
    "draft.j2": [({"day": "Mon, Jan 4", "time": "2:03 PM"}, "typed on Mon, Jan 4 at 2:03 PM. It has not been sent")],
    "others-open.j2": [
        ({"who": "Bob", "minutes": 3}, "Bob opened this 3 minutes ago."),
        ({"who": "Bob", "minutes": 1}, "a minute ago"),
        ({"who": "Bob", "minutes": 0}, "just now"),
    ],
    "listed-risk.j2": [
        ({"risk": RISK, "title": "T", "challenge": "C"}, "*T* · blocker · probability high, impact low\nC"),
        (
            {"risk": replace(RISK, kind=RiskKind.RISK, probability=None, impact=None), "title": "T", "challenge": ""},
            "*T* · risk",
        ),
    ],
    "handled-risk.j2": [({"handled": "kept"}, "✓ Kept as it is"), ({"handled": "closed"}, "✓ Closed")],
    "no-risks.j2": [({}, "No open risks")],
    "more-risks.j2": [({"count": 1}, "1 more is open"), ({"count": 9}, "9 more are open")],
    "more-projects.j2": [({"count": 1}, "1 more project did"), ({"count": 9}, "9 more projects did")],
    "note.j2": [
        ({"check": Check("stalled", "Nothing moved", tuple(map(CheckEvidence, "abcd")))}, "*Nothing moved*\n• a\n• b\n• c"),
        ({"check": Check("stalled", "Nothing moved", ())}, "*Nothing moved*"),
    ],
    "position.j2": [({"position": 2, "total": 5}, "Update 2 of 5")],
    "keep.j2": [({"kind": "long text"}, "Leave empty to keep the full text."), ({"kind": "person"}, "what stands above")],
    "kept.j2": [({"text": "<@U0LENA>"}, "Now: &lt;@U0LENA&gt;")],
    "others-answer.j2": [
        (
            {"who": "Bob", "time": "2:03 PM", "percent": Decimal(80), "status": RagStatus.AT_RISK, "is_late": True, "locale": US},
            "Bob answered this at 2:03 PM: 80%, At risk. Send once more",
        ),
        (
            {"who": "Bob", "time": "2:03 PM", "percent": None, "status": None, "is_late": False, "locale": US},
            "Bob answered this at 2:03 PM.",
        ),
    ],
    "tracker.j2": [
        (
            {**TOLD, "figure": COUNTED, "who": "GitHub", "place": "o/r#1", "due": "Oct 31", "day": ""},
            "GitHub says 72% (18 of 25 issues closed), due Oct 31, read today 9:10 AM · <https://example.com/1|o/r#1>",
        ),
        (
            {**TOLD, "figure": NAMED, "who": "a.csv", "place": "a.csv", "due": "", "day": "Mon, Jan 4"},
            "a.csv says 72%, read Mon, Jan 4 9:10 AM",
        ),
    ],
    "use-tracker.j2": [({"percent": "72%"}, "Use 72%")],
    "problems/percent.j2": [
        ({"least": 0, "most": 100}, "A number from 0 to 100, such as 80 or 80 %."),
        ({"least": 0, "most": None}, "A percentage of 0 or more"),
        ({"least": None, "most": None}, "over is positive and under is negative"),
    ],
    "problems/required.j2": [({}, "Please fill this in")],
    "problems/not-offered.j2": [({}, "Please choose again")],
    "problems/date.j2": [({"first": 2000, "last": 2099}, "A date from 2000 to 2099")],
    "problems/too-much-evidence.j2": [({"most": 10}, "At most 10 links and files")],
    "problems/negative.j2": [({}, "A number of 0 or more")],
    "problems/person-not-found.j2": [({"locale": US}, "choose a person of this workspace")],
    "problems/person-is-owner.j2": [({"locale": US}, "answers for it already")],
    "problems/deputy-is-oneself.j2": [({}, "choose somebody else, or leave it empty")],
    "problems/deputy-circle.j2": [
        ({"names": ["Bob"]}, "Bob would be asked for you, and you for them"),
        ({"names": ["Bob", "Dana"]}, "Bob, whose deputy is Dana, would be asked for you"),
    ],
    "problems/more-time.j2": [
        ({"first": date(2027, 1, 7), "last": date(2027, 3, 1), "locale": US}, "A day from January 7, 2027 to March 1, 2027."),
        ({"first": date(2027, 3, 2), "last": date(2027, 3, 1), "locale": US}, "no day left to give"),
    ],
    "problems/unnamed.j2": [({}, "Say in a few words what it is")],
    "problems/recovery-missing.j2": [({"locale": US}, "Off track needs a plan")],
    "problems/complete-at-risk.j2": [({"locale": US}, "100% and At risk do not go together")],
    "problems/status-and-percent.j2": [
        ({"status": RagStatus.COMPLETE, "percent": Decimal(60), "locale": US}, "Complete and 60% do not go together. Write 100"),
        ({"status": RagStatus.NOT_STARTED, "percent": Decimal(40), "locale": US}, "Not started and 40% do not go together"),
    ],
    "problems/forecast-below-spent.j2": [({"locale": US}, "less than what is spent already")],
    "problems/fell-without-note.j2": [
        ({"before": Decimal(60), "now": Decimal(55), "locale": US}, "It was 60% last time and is 55% now.")
    ],
    "problems/late-but-on-track.j2": [
        ({**LATE, "days": 19}, "Mar 12 is 19 working days after the baseline (Feb 13)."),
        ({**LATE, "days": 1}, "Mar 12 is 1 working day after"),
    ],
    "problems/variance-needs-note.j2": [
        ({"variance": Decimal(18), "locale": US}, "The forecast is 18% over the budget."),
        ({"variance": Decimal(-18), "locale": US}, "The forecast is 18% under the budget."),
    ],
    "problems/status-needs-why.j2": [({"by_rule": RagStatus.AT_RISK}, "By rule the project is At risk.")],
}  # fmt: skip
CASES = [(name, values, said) for name, samples in SAMPLES.items() for values, said in samples]


@pytest.mark.parametrize(("name", "values", "said"), CASES, ids=[f"{name}-{n}" for n, (name, _, _) in enumerate(CASES)])
def test_each_file_says_what_it_should_with_little_and_with_much(name, values, said):
    text = the_words().say(f"dialogs/{name}", **values)
    assert said in text
    assert "\n\n" not in text
    assert "None" not in text


def test_every_file_is_used_and_every_use_has_its_file():
    assert {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.*")} == set(SAMPLES)


@pytest.mark.parametrize("name", [name for name, samples in SAMPLES.items() if set(samples[0][0]) - {"locale"}])
def test_a_missing_value_is_an_error_and_not_a_blank(name):
    with pytest.raises(jinja2.UndefinedError):
        the_words().say(f"dialogs/{name}")


def test_every_file_is_named_in_the_program():
    sources = "".join(path.read_text() for path in (shipped("prompts").parent / "bot").rglob("*.py"))
    for path in FOLDER.glob("*.j2"):
        assert f"dialogs/{path.name}" in sources
    for path in (FOLDER / "problems").iterdir():
        assert f'"{path.stem}"' in sources or f"problems/{path.name}" in sources
