"""Risks and blockers that nobody handles or that stay. Evidence: `risk`."""

from __future__ import annotations

from collections.abc import Iterator

from bot.domain.checks.evidence import Values, of_answer
from bot.domain.facts import ReportFacts, open_risks
from bot.domain.report import QuarterlyReport, RiskLine


def risk_unmanaged(report: QuarterlyReport, facts: ReportFacts) -> Iterator[Values]:
    """A High risk or a blocker has no mitigation or no owner."""
    return _evidence(facts, [risk for risk in report.open_risks if risk.is_unmanaged])


def risk_ageing(report: QuarterlyReport, facts: ReportFacts) -> Iterator[Values]:
    """A risk or blocker is open for so many quarters, the one that opened it counted, as reports count it."""
    limit = facts.thresholds.ageing_quarters
    return _evidence(facts, [risk for risk in report.open_risks if risk.age_quarters + 1 >= limit], limit=limit)


def _evidence(facts: ReportFacts, risks: list[RiskLine], **values: object) -> Iterator[Values]:
    given = {answer.value.key: answer for _, answer in open_risks(facts)}
    yield from (of_answer(given.get(r.key), facts, source=f"risk:{r.key}", risk=r, **values) for r in risks)
