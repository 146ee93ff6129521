"""Every layout prints every fact, reads as a careful person would write it, and prints what people typed literally."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from filled import facts, filled_report
from markdown_reader import literal, structure
from report_builders import (
    a_decision,
    a_milestone,
    a_report,
    a_risk,
    a_sparse_report,
    an_objective,
    known,
    resources,
    with_layout,
)
from sample_reports import a_difficult_quarter, brief_sample, executive_sample, memo_sample

from bot import documents
from bot.documents.layouts import layout_names
from bot.documents.markdown import render_markdown
from bot.documents.narrative import draft
from bot.domain.errors import NotFound
from bot.domain.project import RagStatus
from bot.domain.quarter import Quarter
from bot.domain.report import Check, QuarterlyReport
from bot.locales import Locale

LAYOUTS = ("brief", "executive", "memo", "detailed")
Golden = Callable[[str, str], None]
Folders = tuple[Path, ...]


def with_drafts(report: QuarterlyReport, folders: Folders) -> QuarterlyReport:
    """The report as it is published: what the manager did not write is drafted."""
    drafted = draft(report, folders)
    return replace(
        report,
        executive_summary=report.executive_summary or drafted.executive_summary,
        conclusion=report.conclusion or drafted.conclusion,
    )


def has_fact(document: str, fact: Any) -> bool:
    """Whether a document prints a value in the form that it has for leaders in the United States."""
    match fact:
        case str():
            return fact in document
        case datetime():
            return Locale("en_US").date_long(fact.date()) in document
        case date():
            return Locale("en_US").date_long(fact) in document
        case Quarter():
            return f"Q{fact.number} {fact.year}" in document
        case _:
            return re.search(rf"(?<!\d){fact}(?!\d)", document) is not None


@pytest.mark.parametrize("sample", [brief_sample, executive_sample, memo_sample])
def test_samples_read_as_on_file(sample: Callable[[], QuarterlyReport], folders: Folders, golden: Golden) -> None:
    report = with_drafts(sample(), folders)
    golden(f"sample-{report.layout}.md", render_markdown(report, folders))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_difficult_quarter_reads_as_on_file(layout: str, folders: Folders, golden: Golden) -> None:
    report = with_drafts(with_layout(a_difficult_quarter(), layout), folders)
    golden(f"difficult-{layout}.md", render_markdown(report, folders))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_quarter_of_which_nothing_is_known_reads_as_on_file(layout: str, folders: Folders, golden: Golden) -> None:
    report = with_drafts(a_sparse_report(layout), folders)
    golden(f"sparse-{layout}.md", render_markdown(report, folders))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_prints_every_fact(layout: str, folders: Folders) -> None:
    report = with_layout(filled_report(), layout)
    document = render_markdown(report, folders)
    assert [fact for fact in facts(report) if not has_fact(document, fact)] == []


@pytest.mark.parametrize("layout", LAYOUTS)
def test_last_known_figures_stand_where_an_answer_is_missing(layout: str, folders: Folders) -> None:
    report = with_layout(filled_report(), layout)
    document = render_markdown(report, folders)
    for line in report.milestones[1:]:
        assert line.known
        assert f"last known {line.known.percent_complete}% (Q1 {line.known.quarter.year})" in document


BLANKS = {
    "a missing value": r"\bNone\b|\(\s*\)|\[",
    "a label without a text": r":\*\* *$(?!\n *(1\.|-) )",
    "a heading without a section": r"^(#+ .*|\*\*[^*:]+\*\*)\n+(#+ |\*\*[^*:]+\*\*$|---|\Z)",
    "punctuation without words": r"[,.;:] ?[,.;]|: *$(?!\n *-)",
    "stray spaces": r"\S {3,}|^ +$|\S $",
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("what", BLANKS)
def test_nothing_unknown_leaves_a_blank(what: str, layout: str, folders: Folders) -> None:
    silent = a_milestone("Silent", None, status=None, answered_by=None)
    unknown = a_report(
        silent, risks=(a_risk(),), objectives=(an_objective(),), decisions=(a_decision(),), layout=layout
    )
    for report in (unknown, a_sparse_report(layout), a_report(layout=layout)):
        document = render_markdown(report, folders)
        title = document.index("\n")
        assert not re.search(BLANKS[what], document[title:], re.MULTILINE)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_project_without_a_budget_has_no_budget_section(layout: str, folders: Folders) -> None:
    for said in (None, resources()):
        assert "Budget" not in render_markdown(a_report(a_milestone(), layout=layout, resources=said), folders)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_only_checks_with_a_note_are_printed_and_never_the_managers_own(layout: str, folders: Folders) -> None:
    checks = (
        Check("a", "Silent sentence"),
        Check("b", "Private sentence", note="Private note", audience="pm"),
        Check("c", "Public sentence.", note="Public note"),
    )
    document = render_markdown(a_report(a_milestone(), layout=layout, checks=checks), folders)
    assert "Public sentence. Public note" in document
    assert "Silent" not in document
    assert "Private" not in document


HOSTILE = (
    "# Heading\n- item\n1. item\n> quote\n    code\n***\n===\n---\n```\n| a | b |\n|---|---|\n[l](http://x) [r]: y\n"
    "<script>alert(1)</script> <!-- ![i](x) `c` *e* **s** _u_ ~~d~~ &lt; a  \nb\\\nc\\"
)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    "text", [HOSTILE, "{{ 7*7 }}{% raw %}{# x #}", "\u202eمرحبا بالعالم עברית", "=1+1|@all\t<!channel>"]
)
def test_typed_text_is_literal_in_every_layout(layout: str, text: str, folders: Folders) -> None:
    document = render_markdown(with_every_text(text, layout), folders)
    harmless = render_markdown(with_every_text("word", layout), folders)
    for line in filter(None, map(str.strip, text.splitlines())):
        assert line in literal(document)
    many_lines = {"hardbreak", "paragraph_open", "paragraph_close", "inline"}
    assert [k for k in structure(document) if k not in many_lines] == [
        k for k in structure(harmless) if k not in many_lines
    ]


def with_every_text(text: str, layout: str) -> QuarterlyReport:
    """A report in which people typed the same text everywhere."""
    said: dict[str, Any] = {
        "impact": text,
        "note": text,
        "recovery": text,
        "more": {"q": text},
        "deliverables": (text, text),
    }
    return a_report(
        a_milestone(text, **said),
        layout=layout,
        company=text,
        project_name=text,
        industry=text,
        audience=text,
        prepared_by=text,
        scheduled_completion=text,
        impact=text,
        executive_summary=text,
        conclusion=text,
        risks=(a_risk(text, challenge=text, mitigation=text, owner=text, waits_on=text, more={"q": text}),),
        objectives=(an_objective(text, detail=text, deliverable=text, target=text),),
        decisions=(a_decision(text, who=text, options=(text,)),),
        resources=resources(budget_note=text, vendors=text, dependencies=(text,), staffing_note=text),
    )


@pytest.mark.parametrize("layout", LAYOUTS)
def test_sixty_milestones_are_one_list_with_their_details_inside(layout: str, folders: Folders) -> None:
    def kinds(milestones: int) -> list[str]:
        lines = [a_milestone(f"Milestone {n}", n, note=f"note {n}") for n in range(milestones)]
        return structure(render_markdown(a_report(*lines, layout=layout), folders))

    one, two, sixty = kinds(1), kinds(2), kinds(60)
    each = two.count("list_item_open") - one.count("list_item_open")
    assert sixty.count("list_item_open") == one.count("list_item_open") + 59 * each
    assert sixty.count("ordered_list_open") == one.count("ordered_list_open")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_long_text_is_printed_whole(layout: str, folders: Folders) -> None:
    text = "A long story. " * 714 + "The end"
    assert text in render_markdown(a_report(a_milestone(note=text), layout=layout), folders)


def test_dates_and_figures_follow_the_locale(folders: Folders) -> None:
    report = a_report(
        a_milestone(forecast=date(2026, 3, 31)),
        locale="de_DE",
        resources=resources(budget_at_completion=1200000, actual_cost=640000, currency="EUR"),
    )
    document = render_markdown(report, folders)
    assert "**Date:** 31. Dezember 2025" in document
    assert "**Forecast:** 31. März 2026" in document
    assert "640.000\xa0€ of 1.200.000\xa0€ spent" in document


@pytest.mark.parametrize(
    ("label", "first", "last", "printed"),
    [
        ("Q1 2025", date(2025, 1, 1), date(2025, 3, 31), "Q1 2025 (January - March)"),
        ("Q1 FY2026", date(2025, 7, 1), date(2025, 9, 30), "Q1 FY2026 (July - September 2025)"),
        ("Q2 FY2026", date(2025, 11, 1), date(2026, 1, 31), "Q2 FY2026 (November 2025 - January 2026)"),
    ],
)
def test_the_period_names_its_months(label: str, first: date, last: date, printed: str, folders: Folders) -> None:
    report = a_report(a_milestone(), quarter_label=label, period=(first, last), layout="brief")
    assert f"**Project Period:** {printed}\n" in render_markdown(report, folders)


def test_quarters_of_fiscal_years_are_printed_as_such(folders: Folders) -> None:
    line = a_milestone(percent=85, known=known(60))
    report = a_report(line, quarter_label="Q4 FY2025", layout="memo")
    assert "85% (+25 points since Q3 FY2025)" in render_markdown(report, folders)


def test_one_point_is_singular_and_a_fall_has_a_minus(folders: Folders) -> None:
    lines = (
        a_milestone("A", 61, known=known(60)),
        a_milestone("B", 59, known=known(60)),
        a_milestone("C", 60, known=known(60)),
    )
    document = render_markdown(a_report(*lines), folders)
    assert "A (61% completion, +1 point since Q3 2025, on track)" in document
    assert "B (59% completion, −1 point since Q3 2025, on track)" in document
    assert "C (60% completion, on track)" in document


def test_fractions_are_rounded_to_one_decimal(folders: Folders) -> None:
    said = resources(percent_used=Decimal("53.3333"), percent_variance=Decimal("0.04"))
    document = render_markdown(a_report(a_milestone(), resources=said, layout="brief"), folders)
    assert "- Budget: 53.3% of the budget used; on budget." in document


def test_an_owner_who_did_not_answer_is_named_beside_the_milestone(folders: Folders) -> None:
    line = a_milestone("Handed over", owner="Bob Okafor", answered_by="Alice Chen")
    assert "- **Owner:** Bob Okafor" in render_markdown(a_report(line), folders)


def test_a_draft_says_so_under_its_title(folders: Folders) -> None:
    for layout in LAYOUTS:
        lines = render_markdown(a_report(a_milestone(), layout=layout, is_draft=True), folders).splitlines()
        assert lines[2].startswith("**Draft:**")


def test_a_company_layout_wins_over_the_shipped_one(tmp_path: Path, folders: Folders) -> None:
    (tmp_path / "layouts").mkdir()
    (tmp_path / "layouts" / "brief.md.j2").write_text("# {{ report.project_name }}\n")
    (tmp_path / "board.md.j2").write_text("| {{ report.company | cell }} |\n|---|\n")
    own = (tmp_path, *folders)
    assert render_markdown(a_report(layout="brief", project_name="A *star*"), own) == "# A \\*star\\*\n"
    assert render_markdown(a_report(layout="board", company="A|B"), own) == "| A\\|B |\n|---|\n"
    assert layout_names(own) == ("board", "brief", "detailed", "executive", "memo")


@pytest.mark.parametrize(("asked", "nearest"), [("exective", "executive"), ("Memo", "memo"), ("../../secret", "")])
def test_an_unknown_layout_names_the_nearest(asked: str, nearest: str, folders: Folders) -> None:
    with pytest.raises(NotFound, match=re.escape(f'There is no layout "{asked}". Did you mean "{nearest}')):
        render_markdown(a_report(layout=asked), folders)


def test_the_status_by_rule_stands_beside_another_claim(folders: Folders) -> None:
    status = replace(a_report().status, by_rule=RagStatus.OFF_TRACK, previous=RagStatus.AT_RISK, why="Billing can wait")
    for layout in LAYOUTS:
        document = render_markdown(a_report(a_milestone(), layout=layout, status=status), folders)
        assert "On track (last quarter: at risk; by rule: off track). Billing can wait." in document


@pytest.mark.parametrize("kind", ["layouts", "parts", "narrative"])
def test_every_template_is_used(kind: str, folders: Folders) -> None:
    sources = [path.read_text() for root in (folders[0], Path(documents.__path__[0])) for path in root.rglob("*.*[2y]")]
    names = [path.relative_to(folders[0]).as_posix() for path in (folders[0] / kind).iterdir()]
    layouts = {f"layouts/{name}.md.j2" for name in LAYOUTS}
    assert [name for name in names if name not in layouts and not any(name in source for source in sources)] == []
