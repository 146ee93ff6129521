"""A report's milestones, risks and further answers as one CSV file for spreadsheets, named and measured as in the JSON.

Comma separated, lines ended by CRLF (RFC 4180), in UTF-8 without a byte order mark: one that Excel looks for would be part
of the first column's name to everybody else. The columns are the same whatever a report holds.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from io import StringIO
from typing import Any

from bot.documents import json_report, portfolio_json
from bot.documents.json_report import names_of
from bot.domain.milestone_line import MilestoneLine
from bot.domain.placing import loose_answers
from bot.domain.portfolio_report import PortfolioReport
from bot.domain.report import Coverage, DecisionLine, ProjectStatus, QuarterlyReport, ResourcesLine
from bot.domain.sections import PlacedAnswer

# What makes a spreadsheet compute a cell (OWASP, CSV Injection), also behind blank space or in full width; and, where
# semicolons part cells, behind a semicolon or a line break inside a text.
_FORMULA = re.compile(r"^(?=\s*[=+\-@＝＋－＠]|[\t\r])|(?<=[;\t\r\n])(?=[=+\-@＝＋－＠]\S)")
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")

Record = Mapping[str, Any]


def report_csv(report: QuarterlyReport) -> bytes:
    """A row for each milestone, then for each risk; the first column, ``record``, tells them apart.

    Answers to a company's own questions that stand with neither of them follow, a row each with its section.
    """
    place = {"project": report.project_key, "quarter": str(report.quarter)}
    milestones = [{"record": "milestone"} | place | _milestone(line) for line in report.milestones]
    risks = [{"record": "risk"} | place | json_report.risk(line) for line in report.risks]
    answers = [{"record": "answer"} | place | json_report.fields_of(answer) for answer in loose_answers(report)]
    return _file(_COLUMNS, [*milestones, *risks, *answers])


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
    return _file(_PORTFOLIO_COLUMNS, [*projects, *decisions, *risks])


def _flat(record: Record) -> dict[str, Any]:
    """The fields of a project's status, coverage and resources as columns of their own, such as ``status.claimed``."""
    flat: dict[str, Any] = {}
    for name, value in record.items():
        flat |= {f"{name}.{part}": item for part, item in (value or {}).items()} if name in _PARTS else {name: value}
    return flat


_PARTS = {
    "status": (*names_of(ProjectStatus), "shown"),
    "coverage": names_of(Coverage),
    "resources": names_of(ResourcesLine),
}
_PLACE = ("record", "project", "quarter")
_COLUMNS = (*_PLACE, *json_report.MILESTONE_FIELDS, *json_report.RISK_FIELDS, *names_of(PlacedAnswer))
_PORTFOLIO_COLUMNS = (
    *_PLACE,
    *(f"{name}.{part}" if part else name for name in portfolio_json.PROJECT_FIELDS for part in _PARTS.get(name, ("",))),
    *names_of(DecisionLine),
    *json_report.RISK_FIELDS,
)


def _file(names: Iterable[str], records: list[Record]) -> bytes:
    columns = list(dict.fromkeys(names))
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_cell(record.get(name)) for name in columns] for record in records)
    return text.getvalue().encode()


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
