"""A company's own questions: in every layout and format each answer stands once, under the heading of its section."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from file_readers import csv_rows, docx_words, pdf_words
from report_builders import a_milestone, a_report, a_risk, a_sparse_report, resources, with_layout

from bot.documents.changes import change_lines
from bot.documents.csv_report import report_csv
from bot.documents.files import docx_file, pdf_file
from bot.documents.json_report import to_json
from bot.documents.markdown import render_markdown
from bot.domain.placing import place
from bot.domain.report import QuarterlyReport
from bot.domain.sections import HOME, Dialog, PlacedAnswer, ReportSection

LAYOUTS = ("brief", "executive", "memo", "detailed")
Folders = tuple[Path, ...]
EVERY = {(dialog, f"{dialog}-{section}"): section for dialog in Dialog for section in ReportSection}
SUMMARY = "It went well."
# The headings that a section's answers may stand under. The summary's own text stands for its heading, which `brief` has not.
HEADINGS = {
    ReportSection.STATUS: ("Coverage",),  # the line below the status
    ReportSection.EXECUTIVE_SUMMARY: (SUMMARY,),
    ReportSection.KEY_MILESTONES: ("Key Milestones", "Key Milestones Achieved"),
    ReportSection.IMPACT: ("Impact on Company Goals",),
    ReportSection.RISKS: ("Current Risks and Blockers",),
    ReportSection.OBJECTIVES: ("Next Quarter Objectives",),
    ReportSection.RESOURCES: ("Resource and Budget Overview",),
    ReportSection.DECISIONS: ("Decisions Needed",),
    ReportSection.CONCLUSION: ("Conclusion",),
}


def said(dialog: Dialog, section: ReportSection) -> str:
    """The answer to the question of a dialog that belongs into a section."""
    return f"said{list(Dialog).index(dialog)}in{list(ReportSection).index(section)}x"


def more(dialog: Dialog) -> dict[str, str]:
    return {f"{dialog}-{section}": said(dialog, section) for section in ReportSection}


def full() -> QuarterlyReport:
    """A question of every dialog for every section, all of them answered."""
    report = a_report(
        a_milestone("Front end", more=more(Dialog.MILESTONE)),
        risks=(a_risk("Fire", more=more(Dialog.RISK)),),
        resources=resources(budget_note="As planned.", more=more(Dialog.RESOURCES)),
        more=more(Dialog.SUMMARY),
        executive_summary=SUMMARY,
        conclusion="On we go.",
    )
    return place(report, EVERY)


def headed(markdown: str) -> list[tuple[str, str]]:
    """The lines of a document, each with the heading, bold label or summary that it stands under."""
    heading, found = "", []
    for line in markdown.splitlines():
        mark = re.match(r"#+ (.+)|\*\*([^*]+?):?\*\*", line)
        heading = (mark[1] or mark[2]) if mark else SUMMARY if line == SUMMARY else heading
        found.append((heading, line))
    return found


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_prints_each_answer_once_under_its_heading(layout: str, folders: Folders) -> None:
    lines = headed(render_markdown(with_layout(full(), layout), folders))
    for (dialog, _), section in EVERY.items():
        [(heading, line)] = [(heading, line) for heading, line in lines if said(dialog, section) in line]
        assert heading in HEADINGS[section], line
        names = {Dialog.MILESTONE: "Front end", Dialog.RISK: "Fire"}
        assert {name for name in names.values() if f"({name})" in line} == (
            {names[dialog]} if dialog in names and section is not HOME[dialog] else set()
        )


@pytest.mark.parametrize("layout", LAYOUTS)
def test_papers_print_each_answer_once_where_the_layout_does(layout: str, folders: Folders) -> None:
    report = with_layout(full(), layout)
    order = re.findall(r"said\din\dx", render_markdown(report, folders))
    assert len(order) == len(EVERY)
    assert re.findall(r"said\din\dx", docx_words(docx_file(report, folders))) == order
    assert re.findall(r"said\din\dx", pdf_words(pdf_file(report, folders))) == order


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("section", ReportSection)
def test_a_section_that_holds_nothing_else_is_printed(section: ReportSection, layout: str, folders: Folders) -> None:
    """Nothing is known of the project, which has no budget; an answer about a milestone is all there is."""
    answer = PlacedAnswer(section, Dialog.MILESTONE, "team-mood", "Good so far", "front-end", "Front end")
    report = replace(a_sparse_report(layout), executive_summary=SUMMARY, placed_answers=(answer,))
    [(heading, line)] = [pair for pair in headed(render_markdown(report, folders)) if "Good so far" in pair[1]]
    assert heading in HEADINGS[section]
    assert line == "- **Team mood (Front end):** Good so far"


def test_json_and_csv_hold_each_answer_once_with_its_section() -> None:
    told = json.loads(to_json(full()))
    of_item = [("milestone", told["milestones"][0]["more"]), ("risk", told["risks"][0]["more"])]
    home = [*of_item, ("resources", told["resources"]["more"]), ("summary", told["more"])]
    in_json = [(str(HOME[Dialog(dialog)]), text) for dialog, kept in home for text in kept.values()]
    in_json += [(answer["section"], answer["answer"]) for answer in told["placed_answers"]]
    wanted = sorted((str(section), said(dialog, section)) for (dialog, _), section in EVERY.items())
    assert sorted(in_json) == wanted
    assert len(re.findall(r"said\din\dx", to_json(full()))) == len(EVERY)

    rows = csv_rows(report_csv(full()))
    with_item = {"milestone": "key_milestones", "risk": "risks"}
    in_csv = [(row["section"] or with_item[row["record"]], text) for row in rows for text in _said_in(row.values())]
    assert sorted(in_csv) == wanted
    [row] = [row for row in rows if row["answer"] == said(Dialog.MILESTONE, ReportSection.RESOURCES)]
    assert (row["record"], row["key"], row["about"]) == ("answer", "front-end", "Front end")


def _said_in(cells: Iterable[str]) -> list[str]:
    return re.findall(r"said\din\dx", " ".join(cells))


def test_a_report_without_own_questions_has_no_rows_for_them() -> None:
    assert {row["record"] for row in csv_rows(report_csv(a_report(a_milestone())))} == {"milestone"}


def test_a_revision_says_that_an_own_answer_has_changed(folders: Folders) -> None:
    before = a_report(a_milestone("Front end", more={"mood": "Good"}), a_milestone("Back end"))
    after = a_report(a_milestone("Front end", more={"mood": "Bad"}), a_milestone("Back end"))
    [at_home] = change_lines(before, after, folders)
    assert "Front end" in at_home
    elsewhere = {(Dialog.MILESTONE, "mood"): ReportSection.IMPACT}
    assert len(change_lines(place(before, elsewhere), place(after, elsewhere), folders)) == 1
    assert change_lines(place(before, elsewhere), place(before, elsewhere), folders) == ()
