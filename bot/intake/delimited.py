"""Tables as text (CSV): rows of cells, whichever program saved them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import TypeVar

from bot.intake.problems import Problems, quoted, refuse, unwanted
from bot.intake.values import nearest

T = TypeVar("T")
Row = tuple[int, list[str]]  # the line on which it begins, from 1, and its cells

MOST_COLUMNS = 50  # beyond that a file is none of the tables that are read here, and not every column is named

# Where commas separate decimals, Excel saves semicolons between the cells; its "Unicode Text" has tabs.
_SEPARATORS = (",", ";", "\t")


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of a table: its cells by column. A wrong cell, or one that is missing though it is `needed`, is noted.

    `needed` has an example for each such column.
    """

    number: int
    cells: Mapping[str, str]
    problems: Problems
    needed: Mapping[str, str]

    def read(self, column: str, reader: Callable[[str], T]) -> T | None:
        """What a cell says; None where it is empty, or `reader` raises ValueError."""
        text = self.cells.get(column, "")
        if not text:
            if column in self.needed:
                self.problem(column, f"missing; expected such as {self.needed[column]}")
            return None
        try:
            return reader(text)
        except ValueError as wrong:
            self.problem(column, str(wrong))
            return None

    def problem(self, column: str, sentence: str) -> None:
        """Note what is wrong with a cell."""
        self.problems.add(self.number, column, sentence)


def read_rows(text: str, filename: str) -> Iterator[Row]:
    """The rows that hold anything, their cells without spaces around them; the first line tells what separates cells.

    Raises FileProblems where a row is no CSV or holds control characters.
    """
    first = text.lstrip().partition("\n")[0]
    lines = csv.reader(StringIO(text, newline=""), delimiter=max(_SEPARATORS, key=first.count), strict=True)
    line = 1
    try:
        for row in lines:
            cells = [cell.strip() for cell in row]
            if what := unwanted(" ".join(" ".join(cells).split())):  # line breaks of any kind are blank space here
                raise refuse(filename, what, line)
            if any(cells):
                yield line, cells
            line = lines.line_num + 1
    except csv.Error as error:
        raise refuse(filename, f"not CSV: {error}", lines.line_num) from error


def column_name(heading: str) -> str:
    """A column's heading as code knows it: ``Milestone Key`` and ``milestone-key`` are ``milestone_key``."""
    return "_".join(heading.casefold().replace("-", " ").replace("_", " ").split())


def column_names(
    headings: Sequence[str], line: int, problems: Problems, *, known: Sequence[str], needed: Collection[str]
) -> list[str]:
    """The names of a table's columns as code knows them; programs leave empty ones behind the last.

    What is wrong with them is noted: any that is not `known`, one that is there twice, and a `needed` one that is not there.
    """
    expected = ",".join(known)
    if len(headings) > MOST_COLUMNS:
        problems.add(line, "", f"{len(headings)} columns; expected {expected}")
        return []
    used = max((number for number, heading in enumerate(headings, start=1) if heading), default=0)
    columns, meant = [column_name(heading) for heading in headings[:used]], set()
    for column, heading in zip(columns, headings, strict=False):
        if column not in known:
            meant.add(close := nearest(column, known))
            problems.add(line, "", f'unknown column {quoted(heading)}; did you mean "{close}"?')
    for column in known:
        if columns.count(column) > 1:
            problems.add(line, column, "is the name of two columns")
    if absent := [column for column in needed if column not in {*columns, *meant}]:
        problems.add(line, "", f"no column {', '.join(absent)}; expected {expected}")
    return columns
