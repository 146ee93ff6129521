"""A report's milestones and risks as one CSV file for spreadsheets, named and measured as in the JSON.

Comma separated, lines ended by CRLF (RFC 4180), in UTF-8 with the byte order mark that Excel needs to read it as such
(read it as ``utf-8-sig``).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from io import StringIO
from typing import Any

from bot.documents import json_report, portfolio_json
from bot.domain.portfolio_report import PortfolioReport
from bot.domain.report import MilestoneLine, QuarterlyReport

_BYTE_ORDER_MARK = "\ufeff"
# What makes a spreadsheet compute a cell (OWASP, CSV Injection), also behind blank space or in full width; and, where
# semicolons part cells, behind a semicolon or a line break inside a text.
_FORMULA = re.compile(r"^(?=\s*[=+\-@＝＋－＠]|[\t\r])|(?<=[;\t\r\n])(?=[=+\-@＝＋－＠]\S)")
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")

Record = Mapping[str, Any]


def report_csv(report: QuarterlyReport) -> bytes:
    """A row for each milestone, then for each risk; the first column, ``record``, tells them apart."""
    place = {"project": report.project_key, "quarter": str(report.quarter)}
    milestones = [{"record": "milestone"} | place | _milestone(line) for line in report.milestones]
    risks = [{"record": "risk"} | place | json_report.risk(line) for line in report.risks]
    return _file([*milestones, *risks])


def _milestone(line: MilestoneLine) -> dict[str, Any]:
    """A milestone's fields, each piece of its evidence as one text."""
    return json_report.milestone(line) | {"evidence": [piece.line for piece in line.evidence]}


def portfolio_csv(report: PortfolioReport) -> bytes:
    """A row for each project, then for each open decision, then for each open risk; ``record`` tells them apart."""
    quarter = str(report.quarter)
    projects = [
        {"record": "project", "project": line.key, "quarter": quarter} | _flat(portfolio_json.project(line))
        for line in report.projects
    ]
    decisions = [
        {"record": "decision", "project": line.key, "quarter": quarter} | json_report.fields_of(decision)
        for line, decision in report.open_decisions
    ]
    risks = [
        {"record": "risk", "project": line.key, "quarter": quarter} | json_report.risk(risk)
        for line, risk in report.open_risks
    ]
    return _file([*projects, *decisions, *risks])


def _flat(record: Record) -> dict[str, Any]:
    """The fields of a project's status, coverage and resources as columns of their own, such as ``status.claimed``."""
    flat: dict[str, Any] = {}
    for name, value in record.items():
        parts = value if name in ("status", "coverage", "resources") and value else {}
        flat |= {f"{name}.{part}": item for part, item in parts.items()} or {name: value}
    return flat


def _file(records: list[Record]) -> bytes:
    columns = list(dict.fromkeys(name for record in records for name in record)) or ["record"]
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_cell(record.get(name)) for name in columns] for record in records)
    return (_BYTE_ORDER_MARK + text.getvalue()).encode()


def _cell(value: Any) -> str:
    """A value as a cell: nothing for what is not known, several things with semicolons between them."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case Mapping():
            return "; ".join(_safe(f"{key}: {_cell(item)}") for key, item in value.items() if item is not None)
        case list():
            return "; ".join(map(_cell, value))
        case _:
            return _safe(str(value))


def _safe(text: str) -> str:
    """A text that no spreadsheet computes: an apostrophe stands before whatever would begin a formula. Numbers stay."""
    return text if _NUMBER.fullmatch(text) else _FORMULA.sub("'", text)
