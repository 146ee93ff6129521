"""A CSV opens in a spreadsheet as it is: nothing in it is computed, and figures stay figures."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime
from io import StringIO

import pytest
from file_readers import csv_rows
from hypothesis import example, given
from hypothesis import strategies as st
from report_builders import a_milestone, a_report, a_risk
from sample_reports import a_difficult_quarter

from bot.documents.files import csv_file
from bot.domain.milestone_line import AsWritten

DANGEROUS = ("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1+1", "=cmd|' /C calc'!A0", "-", "+49 170")


def test_milestones_come_before_risks_and_are_told_apart_by_the_first_column() -> None:
    content = csv_file(a_difficult_quarter())
    rows = list(csv.reader(StringIO(content.decode(), newline="")))
    assert rows[0][:4] == ["record", "project", "quarter", "key"]
    assert [row[0] for row in rows[1:]] == ["milestone"] * 7 + ["risk"] * 3
    assert {len(row) for row in rows} == {len(rows[0])}


def test_it_is_plain_utf8_that_begins_with_the_column_record() -> None:
    content = csv_file(a_report(a_milestone("Ёлка é 数据")))
    assert content.startswith(b"record,project,")
    assert content.endswith(b"\r\n")
    assert csv_rows(content)[0]["name"] == "Ёлка é 数据"


def test_the_columns_are_the_same_whatever_a_report_holds() -> None:
    [bare, full] = (csv_file(report).splitlines()[0] for report in (a_report(), a_difficult_quarter()))
    assert bare == full
    assert {b"probability", b"previous_percent", b"question"} <= set(bare.split(b","))


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_text_that_would_be_a_formula_stands_behind_an_apostrophe(text: str) -> None:
    report = a_report(a_milestone(text, deliverables=(text, "plain"), more={text: text}), risks=(a_risk(text),))
    milestone, risk = csv_rows(csv_file(report))
    cells = [milestone["name"], risk["title"], milestone["deliverables"], milestone["more"]]
    assert all(cell.startswith("'") for cell in cells)
    assert risk["title"].replace("'", "") == text.replace("'", "")
    assert milestone["deliverables"].endswith("; plain")


def test_what_stands_within_a_cell_is_written_as_a_cell_of_its_own_would_be() -> None:
    edited = AsWritten(("Login", "Sign-up"), None, "Nothing yet", "Bob", datetime(2025, 12, 19, 9, tzinfo=UTC))
    cell = csv_rows(csv_file(a_report(a_milestone(as_written=edited))))[0]["as_written"]
    assert cell.startswith("deliverables: Login; Sign-up; note: Nothing yet; edited_by: Bob; edited_at: 2025-12-19")
    assert "None" not in cell and "[" not in cell


def test_figures_stay_figures() -> None:
    line = a_milestone(slippage_days=-12, note="-5.5", forecast_moved_days=3)
    row = csv_rows(csv_file(a_report(line)))[0]
    assert (row["slippage_days"], row["note"], row["forecast_moved_days"]) == ("-12", "-5.5", "3")


@given(text=st.text(max_size=40))
@example("a;=1+1")
@example("a\n=1+1")
@example("a\r\n@b;+c")
def test_no_cell_computes_even_where_semicolons_or_lines_part_cells(text: str) -> None:
    row = csv_rows(csv_file(a_report(a_milestone(text))))[0]
    parts = [row["name"], *row["name"].replace("\r", ";").replace("\n", ";").replace("\t", ";").split(";")[1:]]
    for part in parts:
        is_figure, is_sign = re.fullmatch(r"[+-]?[\d.]+", part.strip()), len(part.strip()) < 2
        assert is_figure or is_sign or part[0] not in "=+-@＝＋－＠\t\r" or part[1] == " "
