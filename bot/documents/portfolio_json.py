"""The portfolio's report as JSON for other programs; ``portfolio.schema.json`` beside this file describes every field."""

from __future__ import annotations

import json
from typing import Any

from bot.documents.json_report import VERSION, fields_of, names_of, plain, resources, risk
from bot.domain.movement import Movement
from bot.domain.portfolio_report import MoneyLine, MoneySum, PortfolioReport, ProjectLine

_ELSEWHERE = ("decisions", "risks")  # in lists of their own
PROJECT_FIELDS = (*names_of(ProjectLine, but=_ELSEWHERE), "movement")


def portfolio_json(report: PortfolioReport) -> str:
    """The report as an indented JSON text in a fixed order; units as in a project's report.

    Decisions and risks stand once, with the key of their project, in the order in which leaders read them.
    """
    return json.dumps(_document(report), ensure_ascii=False, indent=2) + "\n"


def _document(report: PortfolioReport) -> dict[str, Any]:
    return {
        "version": VERSION,
        "kind": "portfolio",
        "company": report.company,
        "locale": report.locale,
        "quarter": str(report.quarter),
        "quarter_label": report.quarter_label,
        "date": plain(report.report_date),
        "revision": report.revision,
        "is_draft": report.is_draft,
        "counts": {status.value: count for status, count in report.counts},
        "not_published": [line.key for line in report.unpublished],
        "moved": {way.value: [line.key for line in report.moved(way)] for way in Movement},
        "coverage": {"due": report.coverage.due, "received": report.coverage.received},
        "projects": [project(line) for line in report.projects],
        "decisions": [{"project": line.key} | fields_of(decision) for line, decision in report.open_decisions],
        "risks": [{"project": line.key} | risk(known) for line, known in report.open_risks],
        "money": [_money(line) for line in report.money],
    }


def project(line: ProjectLine) -> dict[str, Any]:
    """A project's row, its decisions and risks left out."""
    rest = fields_of(line, but=_ELSEWHERE)
    status = rest["status"] and rest["status"] | {"shown": line.status and line.status.shown.value}
    return rest | {"status": status, "resources": resources(line.resources), "movement": plain(line.movement)}


def _money(line: MoneyLine) -> dict[str, Any]:
    return {"currency": line.currency, "spent": _sum(line.spent), "forecast": _sum(line.forecast)}


def _sum(total: MoneySum | None) -> dict[str, Any] | None:
    if total is None:
        return None
    return {
        "amount": f"{total.amount:f}",
        "budget_at_completion": f"{total.budget:f}",
        "percent_variance": plain(total.percent_variance),
        "projects": total.projects,
    }
