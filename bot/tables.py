"""Tables in plain text: columns side by side, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from unicodedata import combining, east_asian_width

_GAP = "  "


def aligned(*rows: Sequence[str]) -> Iterator[str]:
    """The rows as lines whose columns begin at the same place; every row has the same number of cells."""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
        yield _GAP.join(cells).rstrip()


def _width(text: str) -> int:
    """How many columns of a terminal a text takes: a wide character takes two, a combining mark none."""
    return sum(2 if east_asian_width(c) in "WF" else not combining(c) for c in text)
