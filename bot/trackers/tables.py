"""Tables: the rows of a CSV or XLSX file as texts, whatever program saved it."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from bot.domain.errors import NotInstalled
from bot.intake.delimited import MOST_COLUMNS, Row, read_rows
from bot.intake.problems import decode, refuse

_LARGEST = 10_000_000  # bytes of a file
_LARGEST_UNPACKED = 100_000_000  # bytes: an XLSX is a ZIP, and a small one can unpack to anything
_MOST_ROWS = 20_000
# What openpyxl raises for a file that is a ZIP and no workbook, or a broken one.
_BROKEN = (
    *(BadZipFile, zlib.error, EOFError, RuntimeError, OSError, SyntaxError),
    *(LookupError, ValueError, TypeError, AttributeError, ArithmeticError),
)


def read_table(path: Path, name: str) -> list[Row]:
    """The rows of a file that people call `name`, those without any text left out.

    Raises FileProblems for what cannot be read, and NotInstalled for XLSX where its reader is not there.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise refuse(name, f"larger than {_LARGEST // 1_000_000} MB")
        content = path.read_bytes()
    except OSError as error:
        raise refuse(name, f"cannot be read: {error.strerror}") from error
    is_workbook = path.suffix.lower() == ".xlsx"
    found = _xlsx_rows(content, name) if is_workbook else read_rows(decode(content, name), name)
    rows = [(number, cells) for number, cells in islice(found, _MOST_ROWS + 1) if any(cells)]
    if len(rows) > _MOST_ROWS:
        raise refuse(name, f"more than {_MOST_ROWS:,} rows")
    return rows


def _xlsx_rows(content: bytes, name: str) -> Iterator[Row]:
    """The first sheet, formulas by what they came to when the file was saved."""
    try:
        from openpyxl import load_workbook
    except ModuleNotFoundError as error:
        message = f'XLSX needs {error.name}, which is not installed: pip install "quarterdeck[xlsx]", or save it as CSV'
        raise NotInstalled(message) from error
    try:
        with ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > _LARGEST_UNPACKED:
                raise refuse(name, f"unpacks to more than {_LARGEST_UNPACKED // 1_000_000} MB")
        sheet = load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets[0]
        for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), start=1):
            yield number, [_text(cell.value, str(getattr(cell, "number_format", ""))) for cell in cells]
    except _BROKEN as error:
        raise refuse(name, "not an XLSX file that can be read; open and save it again, or save it as CSV") from error


def _text(value: object, number_format: str) -> str:
    """A cell as it would be typed: a share that is shown as a percentage is one, a day has no time."""
    if value is None:
        return ""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        shown = value * 100 if "%" in number_format else value
        return f"{shown:.2f}".rstrip("0").rstrip(".")  # a third decimal could be taken for thousands
    if isinstance(value, (datetime, date)):
        return value.isoformat()[:10]
    return str(value).strip()
