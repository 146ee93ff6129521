"""What leaders asked and decided stands in the next report, in every layout and format."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from file_readers import docx_words, pdf_words
from report_builders import Q, a_decision, a_milestone, a_missing_milestone, a_report, with_layout
from sample_reports import a_difficult_quarter
from test_documents_markdown import LAYOUTS, with_drafts

from bot.documents.changes import change_lines
from bot.documents.files import docx_file, pdf_file
from bot.documents.json_report import to_json
from bot.documents.markdown import render_markdown
from bot.documents.narrative import draft
from bot.domain.milestone_line import LineState, MilestoneLine
from bot.domain.report import Check, QuarterlyReport, QuestionLine
from bot.domain.update import DecisionState, Ruling, Verdict

Golden = Callable[[str, str], None]
Folders = tuple[Path, ...]

SAID_AT = datetime(2026, 1, 12, 16, 30, tzinfo=UTC)


def an_answered_quarter(layout: str = "executive") -> QuarterlyReport:
    """A quarter after whose report leaders approved, declined, asked for more, and asked questions."""
    return replace(
        a_difficult_quarter(),
        layout=layout,
        decisions=(
            a_decision(
                "Extend the vendor contract or bring billing in-house",
                who="Tom Reyes",
                by=date(2026, 1, 15),
                options=("Extend by a year", "Bring it in-house"),
                asked_in=Q(2025, 3),
                age_quarters=1,
                state=DecisionState.DECIDED,
                ruling=Ruling(Verdict.APPROVED, "Tom Reyes", SAID_AT, "Until June, no longer.", "Extend by a year"),
            ),
            a_decision(
                "Hire two developers",
                state=DecisionState.DECIDED,
                ruling=Ruling(Verdict.DECLINED, "Ida Berg", SAID_AT, "Not before the new budget."),
            ),
            a_decision(
                "Move the launch to March",
                asked_in=Q(2025, 2),
                age_quarters=2,
                ruling=Ruling(Verdict.NEED_MORE, "Ida Berg", SAID_AT, "What does it cost us?"),
            ),
        ),
        questions=(
            QuestionLine(
                "1", "Why did the vendor's sandbox come late?", "Billing interface", "Ida Berg", SAID_AT, Q(2025, 3), 1,
                "Their certificate had expired.\n\nIt is renewed now.", "Ravi Nair", SAID_AT,
            ),
            QuestionLine("2", "Is the launch at risk?", None, "Tom Reyes", SAID_AT, Q(2025, 4)),
        ),
    )  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_answered_quarter_reads_as_on_file(layout: str, folders: Folders, golden: Golden) -> None:
    report = with_drafts(an_answered_quarter(layout), folders)
    golden(f"answered-{layout}.md", render_markdown(report, folders))


FACTS = (
    "Approved (Extend by a year) by Tom Reyes on January 12, 2026",
    "Until June, no longer.",
    "Declined by Ida Berg on January 12, 2026",
    "Not before the new budget.",
    "Ida Berg asked for more on January 12, 2026",
    "What does it cost us?",
    "first asked in Q2 2025, two quarters ago",
    "Why did the vendor's sandbox come late?",
    "about Billing interface",
    "It is renewed now.",
    "Is the launch at risk?",
    "Not answered yet",
)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_format_says_who_decided_and_answered(layout: str, folders: Folders) -> None:
    report = with_layout(an_answered_quarter(), layout)
    for words in (
        render_markdown(report, folders),
        pdf_words(pdf_file(report, folders)),
        docx_words(docx_file(report, folders)),
    ):
        plain = " ".join(words.replace("*", "").split())
        assert [fact for fact in FACTS if fact not in plain] == []


def test_the_json_has_the_state_of_each_decision_and_each_question() -> None:
    document = json.loads(to_json(an_answered_quarter()))
    said = [(d["state"], d["ruling"]["verdict"], d["ruling"]["by"]) for d in document["decisions"]]
    assert said == [
        ("decided", "approved", "Tom Reyes"),
        ("decided", "declined", "Ida Berg"),
        ("open", "need more", "Ida Berg"),
    ]
    assert document["decisions"][0]["ruling"]["at"] == "2026-01-12T16:30:00Z"
    assert [(q["asked_in"], q["answered_by"]) for q in document["questions"]] == [
        ("2025-Q3", "Ravi Nair"),
        ("2025-Q4", None),
    ]


def test_the_summary_counts_only_what_still_waits(folders: Folders) -> None:
    assert "one decision is needed" in draft(an_answered_quarter(), folders).executive_summary.lower()


def test_what_a_manager_wrote_beside_the_figures_is_said_to_have_changed(folders: Folders) -> None:
    report = an_answered_quarter()
    check = Check("stalled", "A milestone stands still", note="Ravi is ill.")
    after = replace(report, status=replace(report.status, note="We wait."), checks=(*report.checks, check))
    assert change_lines(report, after, folders) == ("Status note: changed", "Notes under checks: changed")
    private = replace(report, checks=(*report.checks, replace(check, audience="pm")))
    assert change_lines(report, private, folders) == ()


def test_a_revision_says_what_became_of_decisions_and_questions(folders: Folders) -> None:
    report = an_answered_quarter()
    before = replace(report, questions=(), decisions=report.decisions[:1])
    assert change_lines(before, report, folders) == (
        "Decision “Hire two developers”: declined by Ida Berg",
        "Decision “Move the launch to March”: Ida Berg needs more",
        "Ida Berg’s question about Billing interface: answered by Ravi Nair",
        "Tom Reyes’s question: new",
    )


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        (
            a_missing_milestone("Audit"),
            a_missing_milestone("Audit", state=LineState.EXCUSED),
            "excused (was: no update)",
        ),
        (
            a_missing_milestone("Audit", state=LineState.EXCUSED),
            a_missing_milestone("Audit"),
            "no update (was: excused)",
        ),
        (
            a_milestone("Audit", 60),
            a_missing_milestone("Audit", state=LineState.EXCUSED),
            "excused (was: 60%, On track)",
        ),
    ],
)
def test_a_revision_says_of_what_is_excused_just_that(
    was: MilestoneLine, now: MilestoneLine, said: str, folders: Folders
) -> None:
    lines = change_lines(a_report(milestones=(was,)), a_report(milestones=(now,)), folders)
    assert f"Audit: {said}" in lines
