"""Portfolios for tests: a company of a few telling projects, and ones of any size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from bot.domain.portfolio_report import PortfolioReport, build_portfolio, published_line, unpublished_line
from bot.domain.project import Person, Portfolio, Project, RagStatus
from bot.domain.quarter import Quarter
from bot.domain.report import (
    Coverage,
    DecisionLine,
    ProjectStatus,
    QuarterlyReport,
    ResourcesLine,
    RiskLine,
)
from bot.domain.update import DecisionState, Rating, RiskKind

Q3, Q4 = Quarter(2026, 3), Quarter(2026, 4)
TODAY = date(2027, 1, 11)
PUBLISHED_AT = datetime(2027, 1, 8, 16, tzinfo=UTC)
COMPANY = Portfolio(company="Example Networks Inc.", timezone="America/New_York", admins=("U0ADMIN",))
DANA = Person("dana@example.com", "Dana Petrov", id=2)


def a_project(key: str, name: str, **values: Any) -> Project:
    return Project(key, name, values.pop("manager", DANA), **values)


def a_report(project: Project, shown: RagStatus, before: RagStatus | None = None, **values: Any) -> QuarterlyReport:
    """What a project published: its status by rule, four of four updates, nothing else."""
    defaults = {
        "company": COMPANY.company,
        "locale": "en_US",
        "project_key": project.key,
        "project_name": project.name,
        "quarter": Q4,
        "quarter_label": "Q4 2026",
        "report_date": date(2027, 1, 8),
        "layout": "memo",
        "status": ProjectStatus(None, shown, before),
        "coverage": Coverage(4, 4),
        "milestones": (),
        "revision": 1,
    }
    return QuarterlyReport(**{**defaults, **values})


def a_decision(key: str, what: str, **values: Any) -> DecisionLine:
    defaults = {"who": None, "by": None, "options": (), "state": DecisionState.OPEN, "outcome": None, "asked_in": Q4}
    return DecisionLine(key, what, **{**defaults, **values})


def a_risk(key: str, title: str, **values: Any) -> RiskLine:
    nothing = dict.fromkeys(("challenge", "mitigation", "probability", "impact", "owner", "due", "waits_on", "since"))
    defaults = {
        "kind": RiskKind.RISK, "opened": Q4, "age_quarters": 0, "is_open": True, "severity": 0, "is_unmanaged": False,
    }  # fmt: skip
    return RiskLine(key, title, **{**nothing, **defaults, **values})


def resources(currency: str | None, budget: int | None, spent: int | None, forecast: int | None) -> ResourcesLine:
    """Money as whole amounts; the variance as the project's own report has it."""

    def amount(value: int | None) -> Decimal | None:
        return None if value is None else Decimal(value)

    variance = Decimal(forecast - budget) / budget * 100 if budget and forecast is not None else None
    nothing = dict.fromkeys(("budget_note", "staffing_planned", "staffing_actual", "staffing_note", "vendors"))
    return ResourcesLine(
        currency=currency,
        budget_at_completion=amount(budget),
        actual_cost=amount(spent),
        forecast_at_completion=amount(forecast),
        percent_used=None,
        percent_variance=variance,
        previous_percent_variance=None,
        staffing_unit="FTE",
        dependencies=(),
        **nothing,
    )


def a_portfolio(
    published: Sequence[tuple[Project, QuarterlyReport]] = (),
    waiting: Sequence[tuple[Project, Coverage]] = (),
    **values: Any,
) -> PortfolioReport:
    lines = [published_line(project, report, PUBLISHED_AT) for project, report in published]
    lines += [unpublished_line(project, coverage) for project, coverage in waiting]
    return replace(build_portfolio(COMPANY, lines, Q4, today=TODAY), **values)


BILLING, PORTAL, NETWORK = (
    a_project("billing", "Billing"),
    a_project("portal", "Customer Portal"),
    a_project("net", "Core Network"),
)
TOOLING, TRAINING = a_project("tools", "Tooling"), a_project("training", "Agent Training")
MERGER = a_project("merger", "Merger")


def the_company(**values: Any) -> PortfolioReport:
    """Five published projects and one that is not: every way to move, two currencies, decisions and risks."""
    vendor = a_decision(
        "vendor",
        "Extend the vendor contract or bring billing in-house",
        who="Tom Reyes",
        by=date(2027, 1, 15),
        asked_in=Q3,
    )
    sandbox = a_risk(
        "sandbox", "Vendor sandbox unstable", probability=Rating.HIGH, impact=Rating.HIGH, severity=9, owner="Ravi Nair",
        age_quarters=2, opened=Quarter(2026, 2), mitigation="daily call, fallback by Feb 1",
    )  # fmt: skip
    billing = a_report(
        BILLING,
        RagStatus.OFF_TRACK,
        RagStatus.AT_RISK,
        coverage=Coverage(5, 4, ("interface",)),
        executive_summary="Billing interface slips 19 working days to March 12 because the vendor's sandbox came late.",
        decisions=(vendor, a_decision("done", "Old", state=DecisionState.DECIDED)),
        risks=(sandbox,),
        resources=resources("USD", 1_000_000, 1_040_000, 1_180_000),
        revision=2,
    )
    portal = a_report(
        PORTAL,
        RagStatus.ON_TRACK,
        RagStatus.AT_RISK,
        status=ProjectStatus(RagStatus.ON_TRACK, RagStatus.AT_RISK, RagStatus.AT_RISK),
        executive_summary="Two of five milestones are complete; mobile app moved from 60 to 85%.",
        decisions=(a_decision("hire", "Hire two developers", options=("now", "in Q2")),),
        resources=resources("USD", 500_000, 200_000, 500_000),
    )
    network = a_report(
        NETWORK,
        RagStatus.ON_TRACK,
        RagStatus.ON_TRACK,
        risks=(a_risk("staff", "Two engineers short", probability=Rating.MEDIUM),),
        resources=resources("EUR", 2_000_000, 900_000, None),
    )
    tooling = a_report(TOOLING, RagStatus.COMPLETE, RagStatus.ON_TRACK)
    training = a_report(TRAINING, RagStatus.NOT_STARTED)
    reports = (billing, portal, network, tooling, training)
    projects = (BILLING, PORTAL, NETWORK, TOOLING, TRAINING)
    return a_portfolio(
        list(zip(projects, reports, strict=True)), [(MERGER, Coverage(4, 3, ("due-diligence",)))], **values
    )


def many(count: int, text: str = "Project") -> PortfolioReport:
    """So many projects, every word of a person being `text`, every fourth one not yet published."""
    statuses = [*RagStatus]
    published, waiting = [], []
    for n in range(count):
        project = a_project(f"p{n}", f"{text} {n}")
        if n % 4 == 3:
            waiting.append((project, Coverage(4, 1)))
            continue
        report = a_report(
            project,
            statuses[n % len(statuses)],
            statuses[(n // 2) % len(statuses)],
            executive_summary=text,
            decisions=(a_decision("d", text, who=text, options=(text, text), by=date(2027, 1, 15)),) * 6,
            risks=(a_risk("r", text, owner=text, mitigation=text, severity=n % 10),) * 6,
            resources=resources(("USD", "EUR", "JPY", "CHF", "GBP")[n % 5], 10 + n, n, 2 * n),
        )
        published.append((project, report))
    return a_portfolio(published, waiting)
