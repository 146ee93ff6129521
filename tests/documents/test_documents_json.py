"""The JSON of a report keeps the names and units that other people's scripts rely on."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest
from filled import filled_report
from report_builders import a_milestone, a_report, a_sparse_report, known, resources
from sample_reports import a_difficult_quarter, brief_sample, executive_sample, memo_sample

from bot.documents.json_report import to_json
from bot.domain.milestone_line import MilestoneLine
from bot.domain.report import EarnedValue, QuarterlyReport

SCHEMA = json.loads((files("bot.documents") / "report.schema.json").read_text(encoding="utf-8"))

TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


def violations(value: Any, schema: dict[str, Any], place: str = "$") -> list[str]:
    """Where a value departs from a schema; only the keywords that our schema uses."""
    if "$ref" in schema:
        return violations(value, SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")], place)
    found = []
    if "type" in schema and not _is_of(value, schema["type"]):
        return [f"{place}: {value!r} is no {schema['type']}"]
    if "const" in schema and value != schema["const"]:
        found.append(f"{place}: {value!r}")
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{place}: {value!r} is none of {schema['enum']}")
    if "pattern" in schema and isinstance(value, str) and not re.search(schema["pattern"], value):
        found.append(f"{place}: {value!r} does not match {schema['pattern']}")
    if isinstance(value, int | float) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        found.append(f"{place}: {value!r} is out of range")
    if isinstance(value, dict):
        found += _object_violations(value, schema, place)
    if isinstance(value, list):
        found += [line for n, item in enumerate(value) for line in violations(item, schema["items"], f"{place}[{n}]")]
    return found


def _is_of(value: Any, types: str | list[str]) -> bool:
    names = [types] if isinstance(types, str) else types
    return any(isinstance(value, TYPES[n]) and (n == "boolean" or not isinstance(value, bool)) for n in names)


def _object_violations(value: dict[str, Any], schema: dict[str, Any], place: str) -> list[str]:
    known_fields = schema.get("properties", {})
    other = schema["additionalProperties"]
    found = [f"{place}.{name} is missing" for name in schema.get("required", ()) if name not in value]
    for name, item in value.items():
        if name not in known_fields and other is False:
            found.append(f"{place}.{name} is not documented")
        else:
            found += violations(item, known_fields.get(name, other), f"{place}.{name}")
    return found


def in_range(report: QuarterlyReport) -> QuarterlyReport:
    """The filled report with percentages that can be."""

    def possible(line: MilestoneLine) -> MilestoneLine:
        before = line.known and replace(line.known, percent_complete=Decimal(40))
        told = line.tracker and replace(line.tracker, percent=Decimal(72))
        return replace(line, known=before, tracker=told, percent_complete=line.percent_complete and Decimal(60))

    sources = (replace(source, percent=source.percent and Decimal(72)) for source in report.sources)
    return replace(report, milestones=tuple(map(possible, report.milestones)), sources=tuple(sources))


@pytest.mark.parametrize(
    "report",
    [
        brief_sample(),
        executive_sample(),
        memo_sample(),
        a_difficult_quarter(),
        a_sparse_report(),
        in_range(filled_report()),
    ],
    ids=["brief", "executive", "memo", "difficult", "sparse", "filled"],
)
def test_reports_keep_to_the_documented_schema(report: QuarterlyReport) -> None:
    assert violations(json.loads(to_json(report)), SCHEMA) == []


@pytest.mark.parametrize(
    ("field", "value"), [("version", 2), ("date", "31.12.2025"), ("is_draft", 1), ("revision", "1"), ("extra", 1)]
)
def test_the_schema_refuses_what_it_does_not_describe(field: str, value: Any) -> None:
    document = json.loads(to_json(memo_sample())) | {field: value}
    assert len(violations(document, SCHEMA)) == 1


def test_the_promised_fields_are_there_by_name() -> None:
    document = json.loads(to_json(a_difficult_quarter()))
    assert document["project"].keys() >= {"key", "name"}
    assert document["status"].keys() >= {"claimed", "by_rule", "previous"}
    assert document["coverage"].keys() >= {"due", "received", "missing"}
    assert document["milestones"][0].keys() >= {
        *("key", "name", "percent_complete", "previous_percent", "status", "previous_status", "baseline", "forecast"),
        *("slippage_days", "deliverables", "impact", "owner", "answered_at", "state"),
    }
    assert document["risks"][0].keys() >= {
        *("key", "title", "kind", "challenge", "mitigation", "probability", "impact", "age_quarters", "state"),
    }
    assert document["promises"][0].keys() >= {"key", "title", "result", "reason"}
    assert document["checks"][0].keys() >= {"id", "sentence", "evidence", "note", "audience"}
    assert document.keys() >= {
        *("company", "quarter", "date", "phase", "objectives", "decisions", "resources"),
        *("executive_summary", "conclusion", "revision", "sources"),
    }


def test_every_text_is_in_the_json() -> None:
    report = filled_report()
    texts = re.findall(r"[A-Z][a-z]+x\d+", repr(report))
    assert texts
    assert [text for text in texts if text not in to_json(report)] == []


def test_figures_have_the_documented_units() -> None:
    zone = timezone(timedelta(hours=2))
    line = a_milestone(
        percent=85,
        weight=Decimal("1.50"),
        known=known(60),
        answered_at=datetime(2025, 12, 18, 12, tzinfo=zone),
    )
    money = resources(actual_cost=Decimal("1E+6"), percent_used=Decimal("53.33333333"), staffing_actual=Decimal("18.0"))
    document = json.loads(to_json(a_report(line, resources=money)))
    milestone = document["milestones"][0]
    assert milestone["percent_complete"] == 85
    assert isinstance(milestone["percent_complete"], int)
    assert milestone["weight"] == 1.5
    assert milestone["answered_at"] == "2025-12-18T10:00:00Z"
    assert (milestone["previous_quarter"], milestone["previous_percent"]) == ("2025-Q3", 60)
    assert document["resources"]["actual_cost"] == "1000000"
    assert document["resources"]["percent_used"] == 53.3333
    assert isinstance(document["resources"]["staffing_actual"], int)


def test_amounts_that_were_reckoned_end_after_four_decimals() -> None:
    third, whole = Decimal(41_500_000) / 3, Decimal("500.0000")
    report = a_report(a_milestone(), earned_value=EarnedValue(third, whole, None, None, None))
    value = json.loads(to_json(report))["earned_value"]
    assert (value["planned_value"], value["earned_value"]) == ("13833333.3333", "500")


def test_a_missing_milestone_has_no_figures_of_this_quarter() -> None:
    lines = json.loads(to_json(a_difficult_quarter()))["milestones"]
    missing = next(line for line in lines if line["state"] == "missing")
    assert (missing["percent_complete"], missing["status"], missing["answered_at"]) == (None, None, None)
    assert (missing["previous_percent"], missing["previous_quarter"]) == (40, "2025-Q2")


def test_the_same_report_gives_the_same_bytes_and_keeps_every_script() -> None:
    report = replace(a_report(a_milestone('مرحبا \u202e \u2028 \x00 "quoted"')), sources=())
    assert to_json(report) == to_json(replace(report))
    assert "مرحبا" in to_json(report)
    assert json.loads(to_json(report))["milestones"][0]["name"] == report.milestones[0].name
