"""The views that Home opens and that only show: past answers and the audit trail, for any words and any length."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from builders import FLAVOURS, Q3, Q4, outline, the_words
from homes import THEN

from bot.domain.attachment import Attachment
from bot.domain.project import RagStatus
from bot.domain.update import (
    Decision,
    MilestoneUpdate,
    Objective,
    Promise,
    PromiseResult,
    Rating,
    Resources,
    Risk,
)
from bot.flow.home.pages import page_of
from bot.flow.home.past import PAGE, PastAnswer, PastAnswers, PastChoice
from bot.flow.home.trail import PAGE as LINES
from bot.flow.home.trail import TrailLine, TrailPage
from bot.flow.messages import ItemRef
from bot.locales import Locale
from bot.sandbox.rules import check_view
from bot.slack.blocks import Block, metadata_of
from bot.slack.forms.questions import read_questions
from bot.slack.home import past as home_past
from bot.slack.home import trail as home_trail
from bot.store.audit import Deed, Via

WORDS = the_words()
QUESTIONS = read_questions(*WORDS.source("questions.yaml"))
LATEST = PastChoice(quarter=Q3)
UPDATE = MilestoneUpdate(
    percent_complete=Decimal(85),
    status=RagStatus.AT_RISK,
    forecast=date(2027, 1, 29),
    deliverables=("Offline mode", "Passkeys"),
    note="The certificate came late.",
    promised={
        "a": Promise(PromiseResult.KEPT),
        "b": Promise(PromiseResult.KEPT),
        "c": Promise(PromiseResult.DROPPED, "No budget & no people"),
    },
    evidence=(Attachment("https://example.com/7", "Load test"),),
)


def an_answer(text: str = "Mobile app", value: MilestoneUpdate | Resources = UPDATE, **values: Any) -> PastAnswer:
    defaults = {
        "quarter": Q3,
        "quarter_label": "Q3 2026",
        "project_name": text,
        "title": text,
        "said_by": text,
        "is_own": True,
        "at": THEN,
        "is_confirmed": False,
        "value": value,
        "currency": "USD",
        "promises": {"a": "Open the beta", "b": "Second trial"},
    }
    return PastAnswer(**{**defaults, **values})


def past(*answers: PastAnswer, choice: PastChoice = LATEST, text: str = "Mobile app") -> PastAnswers:
    items = tuple((ItemRef("portal", Q4, f"m{n}"), text, text) for n in range(150))
    quarters = ((Q3, "Q3 2026"),) if answers else ()
    return PastAnswers(choice, quarters, items, page_of(answers, 0, PAGE), "Europe/Berlin", "en_US")


def shown(value: PastAnswers) -> str:
    """The view that Slack accepts, as a person reads it."""
    view = home_past.build(value, QUESTIONS, WORDS)
    assert check_view(view) == []
    assert "submit" not in view
    return outline(view["blocks"])


def test_an_answer_is_read_as_the_dialog_asked_with_who_and_when() -> None:
    said = shown(past(an_answer()))
    assert "*Mobile app* · Mobile app · Q3 2026" in said
    for line in ("*Percent complete:* 85%", "*Status:* At risk", "*Forecast date:* January 29, 2027",
                 "*Completed deliverables:*", "• Passkeys", "*Note:* The certificate came late.",
                 "*Promised last quarter:*", "• Open the beta: kept", "• c: dropped — No budget &amp; no people",
                 "• <https://example.com/7|Load test>"):  # fmt: skip
        assert line in said
    assert "You said so on October 9, 2026 at 1:30" in said, "on the person's own clock"
    assert "Recovery plan" not in said, "what was not given is not there"


def test_what_was_promised_asked_for_and_feared_stands_with_the_answer() -> None:
    beside = (
        Risk("r", "Vendor <late>", probability=Rating.HIGH),
        Decision("d", "Buy a test system", who="Tom Reyes", by=date(2027, 1, 15)),
        Objective("o", "Open the beta", deliverable="A link", target="Q1 2027"),
        Objective("p", "Parallel run", target="2027-01-29"),
        Objective("q", "Rollout", target="once the beta is open"),
    )
    said = shown(past(an_answer(beside=beside)))
    for line in ("*Next-quarter objectives:*", "• Open the beta · A link · by Q1 2027",
                 "• Parallel run · by January 29, 2027", "• Rollout · once the beta is open",
                 "*Decisions:*", "• Buy a test system · Tom Reyes · by January 15, 2027",
                 "*Risks and blockers:*", "• Vendor &lt;late&gt; · risk · probability high, impact not rated"):  # fmt: skip
        assert line in said
    assert said.index("objectives") < said.index("Decisions") < said.index("Risks")


def test_others_words_and_confirmations_are_told_apart() -> None:
    said = shown(past(an_answer(is_own=False, said_by="Dana Petrov", is_confirmed=True)))
    assert "Dana Petrov confirmed it as unchanged on" in said


def test_money_is_said_in_the_project_s_currency_and_plainly_without_one() -> None:
    spent = Resources(actual_cost=Decimal(1_040_000), percent_used=Decimal(60))
    assert "*Actual cost to date:* $1,040,000" in shown(past(an_answer(value=spent)))
    assert "*Percent of budget used:* 60%" in shown(past(an_answer(value=spent)))
    assert "*Actual cost to date:* 1,040,000" in shown(past(an_answer(value=spent, currency=None)))


def test_somebody_who_said_nothing_yet_is_told_so() -> None:
    assert "Nothing has been said yet" in shown(past())


@pytest.mark.parametrize("text", FLAVOURS.values(), ids=FLAVOURS)
def test_any_words_of_any_length_can_be_read(text: str) -> None:
    update = replace(UPDATE, deliverables=(text[:3000],), impact=text[:3000], note=text[:3000], recovery=text[:3000])
    answers = [an_answer(text[:3000], update, is_own=False) for _ in range(3 * PAGE)]
    assert "<!" not in shown(past(*answers, text=text[:3000] or "x"))


@pytest.mark.parametrize(
    "choice", [PastChoice(quarter=Q3), PastChoice(item=("portal", "m1")), PastChoice(item=("portal", "")), PastChoice()]
)
def test_what_was_chosen_is_kept_in_the_view(choice: PastChoice) -> None:
    view = home_past.build(past(an_answer(), choice=choice), QUESTIONS, WORDS)
    assert home_past.choice_of(metadata_of(view)["choice"]) == choice


def trail(*lines: TrailLine) -> Block:
    view = home_trail.build(TrailPage(99, page_of(lines, 0, LINES), "America/New_York", "en_US"), WORDS)
    assert check_view(view) == []
    return view


DONE = TrailLine(THEN, "Ada Admin", "slack", "excuse-taken-back", "Portal", "Billing", "", "Q3 2026", {})
ALL_DETAIL = {
    "kind": "milestone", "check": "stalled", "to": "Mei Lin", "before": "Ravi", "after": "Lena", "owner": "Ravi", "for": "Ravi",
    "by": "Ravi", "state": "not-needed", "step": "opening", "revision": "2", "verdict": "approved",
}  # fmt: skip


def told(**values: Any) -> str:
    """What a line of the trail says, without its time."""
    return home_trail.sentence(replace(DONE, **values), Locale("en_US"), WORDS)


def test_the_trail_stands_under_its_days_as_sentences() -> None:
    said = outline(trail(DONE, replace(DONE, who="", via="command", what="nudged"))["blocks"])
    assert "· Ada Admin took back the excuse of Billing (Portal) · Q3 2026\n" in said
    assert said.count("2026*\n") + said.count("2027*\n") == 1, "one day, one heading"
    assert "by a command" in said
    assert metadata_of(trail(DONE))["until"] == 99
    assert "Nothing is on record yet" in outline(trail()["blocks"])


@pytest.mark.parametrize("deed", Deed)
@pytest.mark.parametrize("via", Via)
def test_every_deed_is_a_sentence_whoever_did_it_and_whatever_it_was_done_to(deed: Deed, via: Via) -> None:
    known = {"what": deed.value, "via": via.value, "detail": ALL_DETAIL, "until": date(2026, 10, 9), "about": "Omar"}
    full, bare = told(**known), told(**known, who="", project="", milestone="", quarter="")
    for sentence in (full, bare):
        assert sentence == sentence.strip()
        assert "  " not in sentence
        assert "=" not in sentence
        assert deed.value not in sentence or "-" not in deed.value
    assert "Q3 2026" in full


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"what": "said", "detail": {"kind": "milestone"}}, "Ada Admin answered for Billing (Portal) · Q3 2026"),
        (
            {"what": "said", "detail": {"kind": "milestone", "confirmed": "yes", "for": "Ravi"}},
            "Ada Admin confirmed Billing (Portal) as unchanged in place of Ravi · Q3 2026",
        ),
        (
            {"what": "said", "detail": {"kind": "risk", "closed": "yes"}, "milestone": ""},
            "Ada Admin closed a risk of Portal · Q3 2026",
        ),
        (
            {"what": "said", "via": "command", "who": "", "detail": {"kind": "resources", "by": "Ines"}, "milestone": ""},
            "Ines’s answer was loaded from a file: resources and budget of Portal · Q3 2026",
        ),
        (
            {"what": "noted", "detail": {"check": "stalled"}, "milestone": ""},
            "Ada Admin put a note under a check (stalled) of Portal · Q3 2026",
        ),
        (
            {"what": "reassigned", "detail": {"before": "Ravi", "after": "Mei Lin"}},
            "Ada Admin made Mei Lin the owner of Billing (Portal), in place of Ravi · Q3 2026",
        ),
        (
            {"what": "ruled", "detail": {"verdict": "approved"}, "quarter": ""},
            "Ada Admin approved a decision of Billing (Portal)",
        ),
        ({"what": "resumed", "project": "", "milestone": "", "quarter": ""}, "Ada Admin resumed the messages to owners"),
    ],
)  # fmt: skip
def test_a_deed_reads_as_it_was(values: dict[str, Any], sentence: str) -> None:
    assert told(**values) == sentence


@pytest.mark.parametrize("text", FLAVOURS.values(), ids=FLAVOURS)
def test_any_names_fit_the_trail(text: str) -> None:
    line = replace(
        DONE, who=text, what="reassigned", project=text, milestone=text, detail={"before": text, "after": text}
    )
    assert "<!" not in outline(trail(*[line] * (3 * LINES))["blocks"])
