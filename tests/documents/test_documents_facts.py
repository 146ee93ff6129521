"""The same facts stand in every format."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from file_readers import csv_rows, docx_words, pdf_words
from filled import facts, filled_report
from report_builders import with_layout
from sample_reports import a_difficult_quarter
from test_documents_markdown import LAYOUTS, has_fact

from bot.documents.files import csv_file, docx_file, pdf_file
from bot.documents.json_report import to_json
from bot.documents.markdown import render_markdown
from bot.domain.milestone_line import MilestoneLine
from bot.domain.report import QuarterlyReport
from bot.locales import Locale

EN = Locale("en_US")
Folders = tuple[Path, ...]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_pdf_and_word_print_every_fact_in_every_layout(layout: str, folders: Folders) -> None:
    report = with_layout(filled_report(), layout)
    told = list(facts(report))
    for words in (pdf_words(pdf_file(report, folders)), docx_words(docx_file(report, folders))):
        assert [fact for fact in told if not has_fact(words, fact)] == []


def test_a_companys_own_layout_has_its_say_in_every_format(tmp_path: Path, folders: Folders) -> None:
    own = "# Ours: {{ report.project_name }}\n\nA line of *our own*.\n\n> Quoted [rules](https://example.com/rules)\n"
    (tmp_path / "ours.md.j2").write_text(own, encoding="utf-8")
    report = with_layout(a_difficult_quarter(), "ours")
    both = (tmp_path, *folders)
    for words in (pdf_words(pdf_file(report, both)), docx_words(docx_file(report, both))):
        assert "Ours: Customer Portal Upgrade" in words
        assert "A line of our own." in words
        assert "Quoted rules (https://example.com/rules)" in words


def for_leaders(report: QuarterlyReport) -> Iterator[str]:
    """What a leader must find in a document: milestones, risks, decisions, objectives and money."""
    for line in report.milestones:
        yield line.name
        yield from _figures(line)
    yield from (risk.title for risk in report.risks)
    yield from (decision.what for decision in report.decisions)
    yield from (objective.title for objective in report.objectives)
    yield from (f"${amount:,}" for amount in _amounts(report))


def _figures(line: MilestoneLine) -> Iterator[str]:
    if line.percent_complete is not None:
        yield f"{line.percent_complete}%"
    if line.forecast:
        yield EN.date_long(line.forecast)
    if line.status and line.status != "Complete":
        yield line.status.value.lower()


def _amounts(report: QuarterlyReport) -> list[Decimal]:
    resources = report.resources
    assert resources
    assert resources.budget_at_completion
    assert resources.actual_cost
    assert resources.forecast_at_completion
    return [resources.budget_at_completion, resources.actual_cost, resources.forecast_at_completion]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_markdown_pdf_and_word_tell_leaders_the_same(layout: str, folders: Folders) -> None:
    report = with_layout(a_difficult_quarter(), layout)
    documents = {
        "Markdown": " ".join(render_markdown(report, folders).split()),
        "PDF": pdf_words(pdf_file(report, folders)),
        "Word": docx_words(docx_file(report, folders)),
    }
    for name, words in documents.items():
        lacking = [fact for fact in for_leaders(report) if fact.lower() not in words.lower()]
        assert lacking == [], name


def test_json_and_csv_hold_the_same_rows() -> None:
    report = a_difficult_quarter()
    data = json.loads(to_json(report))
    rows = csv_rows(csv_file(report))
    milestones = [row for row in rows if row["record"] == "milestone"]
    risks = [row for row in rows if row["record"] == "risk"]
    assert rows == milestones + risks
    _same_rows(milestones, data["milestones"])
    _same_rows(risks, data["risks"])
    assert [row["forecast"] for row in milestones] == [_iso(line.forecast) for line in report.milestones]
    assert [row["title"] for row in risks] == [risk.title for risk in report.risks]
    assert data["resources"]["actual_cost"] == "640000"
    assert [decision["what"] for decision in data["decisions"]] == [decision.what for decision in report.decisions]
    assert [objective["title"] for objective in data["objectives"]] == [line.title for line in report.objectives]


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _same_rows(rows: list[dict[str, str]], records: list[dict[str, object]]) -> None:
    """Every field of every record stands in its row; simple values literally."""
    assert len(rows) == len(records)
    for row, record in zip(rows, records, strict=True):
        for name, value in record.items():
            assert name in row
            assert not isinstance(value, str | int | float) or isinstance(value, bool) or row[name] == str(value)
            assert bool(row[name]) == (value not in (None, "", [], {}))


def test_the_csv_has_every_field_of_milestones_and_risks() -> None:
    rows = csv_rows(csv_file(filled_report()))
    for line in (*filled_report().milestones[:1], *filled_report().risks):
        told = [fact for fact in facts(line) if isinstance(fact, str)]
        words = " ".join(value for row in rows for value in row.values())
        assert [fact for fact in told if fact not in words] == []


@pytest.mark.parametrize(
    "own", ["", "Only a line, no title.\n", "**Bold:** fact\n", "|a|\n|-|\n\n---\n```\ncode\n```\n"]
)
def test_a_layout_of_any_shape_becomes_a_paper(own: str, tmp_path: Path, folders: Folders) -> None:
    (tmp_path / "ours.md.j2").write_text(own, encoding="utf-8")
    report = with_layout(a_difficult_quarter(), "ours")
    both = (tmp_path, *folders)
    for words in (pdf_words(pdf_file(report, both)), docx_words(docx_file(report, both))):
        assert "Customer Portal Upgrade" in words
        assert "Milestones at a glance" in words
