"""Report values and their parts for tests of documents: valid by default, override what matters."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from bot.domain.milestone_line import Known, LineState, MilestoneLine
from bot.domain.project import RagStatus
from bot.domain.quarter import Quarter
from bot.domain.report import (
    Coverage,
    DecisionLine,
    ObjectiveLine,
    ProjectStatus,
    QuarterlyReport,
    ResourcesBefore,
    ResourcesLine,
    RiskLine,
    Source,
)
from bot.domain.update import DecisionState, RiskKind

Q = Quarter


def a_milestone(name: str = "Mobile app", percent: int | None = 60, **fields: Any) -> MilestoneLine:
    """An answered milestone on track; a percentage given as an int."""
    values: dict[str, Any] = {
        "key": name.lower().replace(" ", "-"),
        "name": name,
        "owner": "Alice Chen",
        "weight": Decimal(1),
        "state": LineState.ANSWERED,
        "percent_complete": None if percent is None else Decimal(percent),
        "status": RagStatus.ON_TRACK,
        "answered_by": "Alice Chen",
        "answered_at": datetime(2025, 12, 18, 10, tzinfo=UTC),
    }
    return MilestoneLine(**(values | fields))


def a_missing_milestone(name: str = "Billing interface", **fields: Any) -> MilestoneLine:
    """A milestone that nobody answered for; nothing is known of it unless `known` is given."""
    nothing = {"state": LineState.MISSING, "status": None, "answered_by": None, "answered_at": None}
    return a_milestone(name, None, **(nothing | {"unanswered_quarters": 1} | fields))


def known(percent: int | None, status: RagStatus | None = RagStatus.ON_TRACK, **fields: Any) -> Known:
    """What was last said, in Q3 2025 unless told otherwise."""
    values: dict[str, Any] = {"quarter": Q(2025, 3), "forecast": None}
    return Known(percent_complete=None if percent is None else Decimal(percent), status=status, **(values | fields))


def a_risk(title: str = "Vendor sandbox unstable", **fields: Any) -> RiskLine:
    """An open risk with nothing but a title, opened in Q4 2025."""
    values: dict[str, Any] = {
        "key": title.lower().replace(" ", "-"),
        "title": title,
        "kind": RiskKind.RISK,
        "opened": Q(2025, 4),
        "age_quarters": 0,
        "is_open": True,
        "severity": 0,
        "is_unmanaged": False,
    }
    nothing = dict.fromkeys(
        ("challenge", "mitigation", "probability", "impact", "owner", "due", "waits_on", "since"), None
    )
    return RiskLine(**(nothing | values | fields))


def an_objective(title: str = "Acceptance test", **fields: Any) -> ObjectiveLine:
    """An objective with nothing but a title."""
    nothing = dict.fromkeys(("detail", "deliverable", "starts", "target"))
    return ObjectiveLine(**({"key": title.lower().replace(" ", "-"), "title": title} | nothing | fields))


def a_decision(what: str = "Extend the vendor contract", **fields: Any) -> DecisionLine:
    """An open decision with nothing but its question, asked in Q4 2025."""
    values: dict[str, Any] = {
        "key": what.lower().replace(" ", "-"),
        "what": what,
        "who": None,
        "by": None,
        "options": (),
        "state": DecisionState.OPEN,
        "outcome": None,
        "asked_in": Q(2025, 4),
    }
    return DecisionLine(**(values | fields))


def resources(**fields: Any) -> ResourcesLine:
    """Resources of which nothing is said but their units; figures may be given as ints."""
    nothing: dict[str, Any] = dict.fromkeys(
        (
            "budget_at_completion",
            "actual_cost",
            "forecast_at_completion",
            "percent_used",
            "percent_variance",
            "previous_percent_variance",
            "budget_note",
            "staffing_planned",
            "staffing_actual",
            "staffing_note",
            "vendors",
        )
    )
    given = {name: Decimal(value) if isinstance(value, int) else value for name, value in fields.items()}
    return ResourcesLine(**(nothing | {"currency": "USD", "staffing_unit": "FTE", "dependencies": ()} | given))


def a_budget_before(**fields: Any) -> ResourcesBefore:
    """Money figures as said in Q3 2025 of a budget of a million; figures may be given as ints."""
    nothing: dict[str, Any] = dict.fromkeys(
        ("actual_cost", "forecast_at_completion", "percent_used", "percent_variance")
    )
    values = nothing | {"budget_at_completion": 1_000_000} | fields
    given = {name: Decimal(value) if isinstance(value, int) else value for name, value in values.items()}
    return ResourcesBefore(Q(2025, 3), **given)


def a_report(*milestones: MilestoneLine, **fields: Any) -> QuarterlyReport:
    """A report of Q4 2025 on track, with coverage that fits its milestones."""
    received = [line for line in milestones if line.state in (LineState.ANSWERED, LineState.CONFIRMED)]
    missing = tuple(line.key for line in milestones if line.state is LineState.MISSING)
    values: dict[str, Any] = {
        "company": "Example Networks Inc.",
        "locale": "en_US",
        "project_key": "portal",
        "project_name": "Customer Portal",
        "quarter": Q(2025, 4),
        "quarter_label": "Q4 2025",
        "report_date": date(2025, 12, 31),
        "layout": "executive",
        "status": ProjectStatus(RagStatus.ON_TRACK, RagStatus.ON_TRACK, None),
        "coverage": Coverage(len(received) + len(missing), len(received), missing),
        "milestones": milestones,
        "period": (date(2025, 10, 1), date(2025, 12, 31)),
    }
    return QuarterlyReport(**(values | fields))


def a_sparse_report(layout: str = "executive") -> QuarterlyReport:
    """A report in which nothing is known but what must be."""
    unknown = ProjectStatus(None, RagStatus.NOT_KNOWN, None)
    return a_report(a_missing_milestone(), layout=layout, status=unknown, period=None)


def sources_of(*milestones: MilestoneLine, others: tuple[Source, ...] = ()) -> tuple[Source, ...]:
    """The sources that the answered milestones imply, and others after them."""
    answered = (
        Source(line.name, line.answered_by, line.answered_at, confirmed=line.state is LineState.CONFIRMED)
        for line in milestones
        if line.answered_by and line.answered_at
    )
    return (*answered, *others)


def with_layout(report: QuarterlyReport, layout: str) -> QuarterlyReport:
    """The same report in another layout."""
    return replace(report, layout=layout)
