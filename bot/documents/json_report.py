"""The report as JSON for other programs; ``report.schema.json`` beside this file describes every field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from bot.domain.quarter import Quarter
from bot.domain.report import Check, MilestoneLine, QuarterlyReport, RiskLine

VERSION = 1  # raised when a field changes its meaning; new fields do not raise it

_AMOUNTS = frozenset(("budget_at_completion", "actual_cost", "forecast_at_completion", "planned_value", "earned_value"))
_DECIMAL_PLACES = 4


def to_json(report: QuarterlyReport) -> str:
    """The report as an indented JSON text in a fixed order.

    Percents are numbers from 0 to 100, money is a decimal string, instants are UTC with ``Z``, quarters ``2025-Q3``.
    """
    return json.dumps(_document(report), ensure_ascii=False, indent=2) + "\n"


def _document(report: QuarterlyReport) -> dict[str, Any]:
    first_day, last_day = report.period or (None, None)
    head = {
        "version": VERSION,
        "company": report.company,
        "project": {"key": report.project_key, "name": report.project_name, "industry": report.industry},
        "quarter": str(report.quarter),
        "quarter_label": report.quarter_label,
        "first_day": plain(first_day),
        "last_day": plain(last_day),
        "date": plain(report.report_date),
        "revision": report.revision,
        "is_draft": report.is_draft,
        "phase": report.status.phase,
        "status": fields_of(report.status, but=("phase",)),
    }
    lists = {
        "milestones": [milestone(line) for line in report.milestones],
        "risks": [risk(line) for line in report.risks],
        "checks": [check(line) for line in report.checks],
    }
    said_above = ("project_key", "project_name", "industry", "report_date", "period")
    rest = fields_of(report, but=(*head, *said_above, *lists))
    return head | {"coverage": rest["coverage"]} | lists | {"resources": rest["resources"]} | rest


def milestone(line: MilestoneLine) -> dict[str, Any]:
    """A milestone with its last known figures beside this quarter's."""
    known = line.known
    before = {
        "previous_quarter": plain(known.quarter) if known else None,
        "previous_percent": plain(known.percent_complete) if known else None,
        "previous_status": plain(known.status) if known else None,
        "previous_forecast": plain(known.forecast) if known else None,
        "previous_slippage_days": known.slippage_days if known else None,
        "previous_slippage_from_first_days": known.slippage_from_first_days if known else None,
    }
    return fields_of(line, but=("known",)) | before | {"movement": plain(line.movement)}


def risk(line: RiskLine) -> dict[str, Any]:
    """A risk or blocker, its state in words."""
    return fields_of(line, but=("is_open",)) | {"state": "open" if line.is_open else "closed"}


def check(found: Check) -> dict[str, Any]:
    """A check; beside the words of its evidence, in the same order, the answer that each piece stands on."""
    words = [piece.text for piece in found.evidence]
    answers = [fields_of(piece, but=("text",)) for piece in found.evidence]
    return fields_of(found) | {"evidence": words, "evidence_sources": answers}


def fields_of(value: Any, but: tuple[str, ...] = ()) -> dict[str, Any]:
    """A dataclass as plain values, field by field, so that a new field cannot be forgotten here."""
    return {item.name: _field(item.name, getattr(value, item.name)) for item in fields(value) if item.name not in but}


def _field(name: str, value: Any) -> Any:
    """A field's value as JSON has it: amounts of money are decimal strings, which no reader rounds."""
    return f"{value:f}" if name in _AMOUNTS and isinstance(value, Decimal) else plain(value)


def plain(value: Any) -> Any:
    """Any value of a report as JSON has it."""
    match value:
        case Enum():
            return value.value
        case Decimal():
            return int(value) if value == value.to_integral_value() else round(float(value), _DECIMAL_PLACES)
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        case date():
            return value.isoformat()
        case Quarter():
            return str(value)
        case Mapping():
            return {key: plain(item) for key, item in value.items()}
        case tuple():
            return [plain(item) for item in value]
        case _ if is_dataclass(value):
            return fields_of(value)
        case _:
            return value
