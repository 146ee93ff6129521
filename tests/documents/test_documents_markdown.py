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
    a_budget_before,
    a_decision,
    a_milestone,
    a_missing_milestone,
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
from bot.domain.report import (
    Check,
    EarnedValue,
    ProjectStatus,
    PromiseLine,
    PromiseTally,
    QuarterlyReport,
    ScopeChange,
    StatusPoint,
)
from bot.domain.report import ScopeChangeKind as Kind
from bot.domain.update import PromiseResult
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
        assert f"last known {line.known.percent_complete}% (Q1 {line.known.quarter.year}" in document


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
        assert "On track ▲ from at risk last quarter (by rule: off track). Billing can wait." in document


@pytest.mark.parametrize("kind", ["layouts", "parts", "narrative"])
def test_every_template_is_used(kind: str, folders: Folders) -> None:
    sources = [path.read_text() for root in (folders[0], Path(documents.__path__[0])) for path in root.rglob("*.*[2y]")]
    names = [path.relative_to(folders[0]).as_posix() for path in (folders[0] / kind).iterdir()]
    layouts = {f"layouts/{name}.md.j2" for name in LAYOUTS}
    assert [name for name in names if name not in layouts and not any(name in source for source in sources)] == []


def section(document: str, heading: str) -> str:
    """What stands under a heading of the detailed layout."""
    return document.partition(f"## {heading}\n")[2].partition("\n## ")[0]


MOVED = (
    a_milestone("Ahead", 60, known=known(50, forecast=date(2026, 3, 2)), forecast=date(2026, 3, 2)),
    a_milestone("Slipped", 60, known=known(60), forecast_moved_days=3, forecast=date(2026, 3, 5)),
    a_milestone("Fell", 40, known=known(60)),
    a_milestone("Slipped further", 70, known=known(60), forecast_moved_days=19, status=RagStatus.AT_RISK),
    *(a_milestone(f"Still {n}", 50, known=known(50)) for n in range(12)),
    a_milestone("First told", 10),
    a_missing_milestone("Silent", known=known(40)),
)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_moved_follows_the_summary_the_worst_first_and_the_unchanged_only_counted(
    layout: str, folders: Folders
) -> None:
    document = render_markdown(a_report(*MOVED, layout=layout, executive_summary="The summary."), folders)
    moved = document.partition("The summary.")[2].partition("Key Milestones")[0]
    assert "What Moved" in moved
    rows = re.findall(r"^\| ([▼▲]) \w+ \| ([^|]+) \|", moved, re.MULTILINE)
    assert rows == [("▼", "Slipped further"), ("▼", "Slipped"), ("▼", "Fell"), ("▲", "Ahead")]
    assert "12 milestones are unchanged; one is reported for the first time; one has no update." in moved
    assert "Still" not in moved


def test_a_row_of_what_moved_tells_then_and_now(folders: Folders) -> None:
    line = a_milestone(
        "Billing",
        59,
        status=RagStatus.AT_RISK,
        forecast=date(2026, 3, 12),
        forecast_moved_days=19,
        known=known(60, forecast=date(2026, 2, 13)),
    )
    document = render_markdown(a_report(line, layout="detailed"), folders)
    assert (
        "| ▼ Worse | Billing | On track → At risk | 60% → 59% (−1 point) "
        "| February 13, 2026 → March 12, 2026 (19 working days later) |"
    ) in document


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_first_quarter_says_nothing_of_what_moved(layout: str, folders: Folders) -> None:
    risks, money = (a_risk(), a_risk("Gone", is_open=False)), resources(actual_cost=5, budget_at_completion=9)
    document = render_markdown(
        a_report(a_milestone(), layout=layout, risks=risks, resources=money, status_history=(POINTS[1],)), folders
    )
    assert "Moved" not in document
    assert "Plan Changes" not in document
    assert "Status by Quarter" not in document


POINTS = StatusPoint(Quarter(2025, 3), RagStatus.AT_RISK), StatusPoint(Quarter(2025, 4), RagStatus.ON_TRACK)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (ScopeChange(Kind.ADDED, "k", "Login", by="Dana"), "- **Added:** Login, by Dana"),
        (ScopeChange(Kind.DROPPED, "k", "Login"), "- **Dropped:** Login"),
        (ScopeChange(Kind.RENAMED, "k", "Sign-in", "Login", "Sign-in"), "- **Renamed:** Login → Sign-in"),
        (ScopeChange(Kind.HANDED_OVER, "k", "Login", "Mei", "Q3"), "- **Handed over:** Login, Mei → Q3"),
        (
            ScopeChange(Kind.BASELINE_MOVED, "k", "Billing", "2026-02-13", "2026-03-12", days=19, by="Dana"),
            "- **Baseline moved:** Billing, February 13, 2026 → March 12, 2026 (19 working days later), by Dana",
        ),
        (
            ScopeChange(Kind.BASELINE_MOVED, "k", "Billing", "2026-02-13", "2026-02-12", days=-1),
            "- **Baseline moved:** Billing, February 13, 2026 → February 12, 2026 (1 working day earlier)",
        ),
        (
            ScopeChange(Kind.BASELINE_MOVED, "k", "Billing", None, "2026-02-12"),
            "- **Baseline moved:** Billing, none → February 12, 2026",
        ),
        (
            ScopeChange(Kind.REBASELINED, "portal", "Portal", "900000", "1200000.00", by="Ida"),
            "- **Budget rebaselined:** $900,000 → $1,200,000, by Ida",
        ),
    ],
)
def test_a_change_of_the_plan_is_a_line(change: ScopeChange, line: str, folders: Folders) -> None:
    report = a_report(a_milestone(), layout="detailed", scope_changes=(change,), resources=resources())
    assert line in section(render_markdown(report, folders), "Plan Changes").splitlines()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_moved_baseline_hides_no_slip(layout: str, folders: Folders) -> None:
    line = a_milestone(
        baseline=date(2026, 3, 12),
        forecast=date(2026, 3, 12),
        slippage_days=0,
        first_baseline=date(2026, 2, 13),
        slippage_from_first_days=19,
    )
    document = render_markdown(a_report(line, layout=layout), folders)
    assert "as in the baseline; 19 working days after the first baseline of February 13, 2026" in document


def test_promises_are_counted_and_their_history_is_told(folders: Folders) -> None:
    results = [PromiseResult.KEPT, PromiseResult.KEPT, PromiseResult.DROPPED, None]
    promises = tuple(PromiseLine(str(n), f"P{n}", Quarter(2025, 3), r, None) for n, r in enumerate(results))
    history = (
        PromiseTally(Quarter(2025, 2), 7, 1),
        PromiseTally(Quarter(2025, 3)),
        PromiseTally(Quarter(2025, 4), 2, 0, 1, 1),
    )
    report = a_report(a_milestone(), layout="detailed", promises=promises, promise_history=history)
    told = section(render_markdown(report, folders), "Promised Earlier")
    assert "Promised in Q3 2025: 2 kept, 1 dropped and 1 unanswered." in told
    assert "Nine of 11 answered for were kept over two quarters (81.8%): 7 of 8 in Q2 2025, 2 of 3 in Q4 2025." in told
    alone = replace(report, promise_history=history[-1:])
    assert "over" not in section(render_markdown(alone, folders), "Promised Earlier")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_decisions_stand_before_all_that_is_reported(layout: str, folders: Folders) -> None:
    asked = a_decision("Which vendor?", who="Tom", by=date(2026, 1, 15), asked_in=Quarter(2025, 2), age_quarters=2)
    report = a_report(a_milestone(), layout=layout, decisions=(asked,), executive_summary="The summary.")
    document = render_markdown(report, folders)
    assert document.index("Which vendor?") < document.index("The summary.") < document.index("Mobile app")
    assert "**Tom** by January 15, 2026 (first asked in Q2 2025, two quarters ago)" in document


@pytest.mark.parametrize("layout", LAYOUTS)
def test_coverage_stands_in_the_head_with_what_was_last_known(layout: str, folders: Folders) -> None:
    old = known(40, quarter=Quarter(2025, 2))
    lines = a_missing_milestone("Billing", known=old), *(a_missing_milestone(f"N{n}") for n in range(9))
    document = render_markdown(a_report(a_milestone(), *lines, layout=layout), folders)
    head = document.partition("Key Milestones")[0]
    assert (
        "**Coverage:** 1 of 11 updates received; no update on Billing (last known 40%, Q2 2025, two quarters ago)"
        in head
    )
    assert "N3 (never reported) and 5 more." in head


def test_money_of_the_quarter_before_and_earned_value_are_told(folders: Folders) -> None:
    value = EarnedValue(Decimal(700), Decimal("650.4"), Decimal(800), Decimal("0.813"), None)
    silent = resources(budget_at_completion=1_000_000, previous=a_budget_before(actual_cost=500_000))
    report = a_report(a_milestone(), layout="detailed", resources=silent, earned_value=value)
    told = section(render_markdown(report, folders), "Resource and Budget Overview")
    assert "No figures this quarter; last known in Q3 2025: $500,000 of $1,000,000 spent." in told
    assert (
        "Planned value (PV) $700; earned value (EV) $650; actual cost (AC) $800; cost performance index (CPI) 0.81."
    ) in told
    assert "SPI" not in told


def test_a_status_by_rule_alone_says_so(folders: Folders) -> None:
    status = ProjectStatus(None, RagStatus.AT_RISK, RagStatus.ON_TRACK)
    document = render_markdown(a_report(a_milestone(), layout="detailed", status=status), folders)
    assert "**Status:** At risk ▼ from on track last quarter (by rule, from the owners' answers)" in document


def test_a_status_is_compared_with_the_quarter_that_was_last_reported(folders: Folders) -> None:
    status = ProjectStatus(RagStatus.AT_RISK, RagStatus.AT_RISK, RagStatus.ON_TRACK, previous_quarter=Quarter(2024, 4))
    document = render_markdown(a_report(a_milestone(), layout="detailed", status=status), folders)
    assert "**Status:** At risk ▼ from on track in Q4 2024" in document
