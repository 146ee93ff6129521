"""The report as JSON for other programs; ``report.schema.json`` beside this file describes every field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from bot.domain.milestone_line import MilestoneLine
from bot.domain.quarter import Quarter
from bot.domain.report import Check, QuarterlyReport, ResourcesLine, RiskLine, ScopeChangeKind
from bot.domain.rounding import rounded

VERSION = 1  # raised when a field changes its meaning; new fields do not raise it

_AMOUNTS = frozenset(("budget_at_completion", "actual_cost", "forecast_at_completion"))
_RECKONED = frozenset(("planned_value", "earned_value"))  # amounts by a division that need not come out even
_DECIMAL_PLACES = 4  # as many as any currency has
_PREVIOUS = {  # what stands beside this quarter's figures of a milestone, and where it comes from
    "previous_quarter": "quarter",
    "previous_percent": "percent_complete",
    "previous_status": "status",
    "previous_forecast": "forecast",
    "previous_slippage_days": "slippage_days",
    "previous_slippage_from_first_days": "slippage_from_first_days",
}


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
        "judged_on": plain(report.judged_on),
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
    rest = fields_of(report, but=(*head, *said_above, *lists)) | _money(report)
    return head | {"coverage": rest["coverage"]} | lists | {"resources": rest["resources"]} | rest


def _money(report: QuarterlyReport) -> dict[str, Any]:
    """What holds amounts of money, each with its currency beside them."""
    currency = report.resources.currency if report.resources else None
    return {
        "resources": resources(report.resources),
        "earned_value": report.earned_value and {"currency": currency} | fields_of(report.earned_value),
        "scope_changes": [
            fields_of(change) | {"currency": currency if change.kind is ScopeChangeKind.REBASELINED else None}
            for change in report.scope_changes
        ],
    }


def resources(line: ResourcesLine | None) -> dict[str, Any] | None:
    """Money and people, with what was last said of the money before."""
    if line is None:
        return None
    before = line.previous and {"currency": line.currency} | fields_of(line.previous)
    return fields_of(line) | {"previous": before}


def milestone(line: MilestoneLine) -> dict[str, Any]:
    """A milestone with its last known figures beside this quarter's."""
    before = {name: plain(getattr(line.known, of_known, None)) for name, of_known in _PREVIOUS.items()}
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
    return {name: _field(name, getattr(value, name)) for name in names_of(type(value), but)}


def names_of(kind: type[Any], but: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The names of a dataclass's fields."""
    return tuple(item.name for item in fields(kind) if item.name not in but)


def _field(name: str, value: Any) -> Any:
    """A field's value as JSON has it: amounts of money are decimal strings, which no reader rounds."""
    if name in _RECKONED and isinstance(value, Decimal):
        return f"{rounded(value, _DECIMAL_PLACES).normalize():f}"
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


MILESTONE_FIELDS = (*names_of(MilestoneLine, but=("known",)), *_PREVIOUS, "movement")
RISK_FIELDS = (*names_of(RiskLine, but=("is_open",)), "state")
