"""Whatever is in a tracker's table, it is read or refused with FileProblems, soon; nothing else ever comes out."""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from tracker_server import NOW

from bot.domain.errors import FileProblems
from bot.trackers.files import COLUMNS, figures_of
from tests.builders import a_milestone, a_project

PROJECTS = {"portal": a_project(a_milestone("front-end"), a_milestone("api"))}
PATIENCE = 10.0  # seconds of processor time for the largest file: many times what is needed

quiet = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
KNOWN = st.sampled_from(
    ["api", "front-end", "portal", "On track", "72%", "0.72", "2025-12-01", "https://example.com/7"]
)
TRAPS = st.sampled_from(["=1+1", "1e999", "NaN", "-0", "9" * 400, "\u0663", "1.200", "#DIV/0!", "\u202e", "0001-01-01"])
# What a workbook cannot hold at all (control characters) is left to the CSV.
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
CELLS = KNOWN | TRAPS | TEXTS
VALUES = CELLS | st.none() | st.booleans() | st.integers() | st.floats() | st.dates() | st.datetimes()
HEADERS = st.permutations(COLUMNS) | st.lists(st.sampled_from(COLUMNS) | TEXTS, max_size=8)


def assert_read_or_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    began = time.process_time()
    try:
        figures_of(path, PROJECTS, locale="en_US", at=NOW)
    except FileProblems as refused:
        assert refused.lines
        assert all(line.startswith(path.name) for line in refused.lines)
    assert time.process_time() - began < PATIENCE


def workbook(rows: list[list[Any]]) -> bytes:
    """A workbook with these rows; text that looks like a formula is one."""
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


@quiet
@given(content=st.binary(max_size=300), ending=st.sampled_from(["csv", "xlsx", "txt"]))
def test_random_bytes(content: bytes, ending: str, tmp_path: Path) -> None:
    assert_read_or_refused(tmp_path / f"table.{ending}", content)


@quiet
@given(
    header=HEADERS,
    rows=st.lists(st.lists(CELLS | st.text(max_size=8), max_size=8), max_size=5),
    mark=st.sampled_from(",;\t|"),
)
def test_tables_of_anything_as_csv(header: list[str], rows: list[list[str]], mark: str, tmp_path: Path) -> None:
    text = "\n".join(mark.join(cells) for cells in (header, *rows))
    assert_read_or_refused(tmp_path / "table.csv", text.encode("utf-8", errors="replace"))


@quiet
@given(header=HEADERS, rows=st.lists(st.lists(VALUES, max_size=8), max_size=5))
def test_tables_of_anything_as_xlsx(header: list[str], rows: list[list[Any]], tmp_path: Path) -> None:
    assert_read_or_refused(tmp_path / "table.xlsx", workbook([header, *rows]))


@quiet
@given(damage=st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=8)), min_size=1, max_size=5))
def test_damaged_workbooks(damage: list[tuple[float, bytes]], tmp_path: Path) -> None:
    content = workbook([list(COLUMNS), ["portal", "api", 0.5, "On track", "2025-12-01", None]])
    for where, put in damage:
        at = int(where * len(content))
        content = content[:at] + put + content[at + len(put) :]
    assert_read_or_refused(tmp_path / "table.xlsx", content)


@pytest.mark.parametrize(
    "text",
    [
        "milestone_key,percent\n" + "api,50\n" * 300_000,
        "," * 5_000_000,
        '"' * 5_000_000,
        "x" * 9_000_000,
        "\n" * 9_000_000,
    ],
    ids=["rows", "columns", "quotes", "one cell", "nothing"],
)
def test_tables_that_are_made_to_take_for_ever_are_refused_soon(text: str, tmp_path: Path) -> None:
    assert_read_or_refused(tmp_path / "table.csv", text.encode())
