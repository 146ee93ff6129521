"""Checks that keep a report honest. Each is a small pure function: report and facts in, pieces of evidence out.

A check that has no evidence has not fired. What its evidence holds is said where each family is: `status` and money,
changes of the `plan`, `answers` and promises, `risks`, `claims` of the texts, `figures` in the texts. Beside the checks stand
remarks: what `trackers` say, and percentages that disagree with the amounts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.checks import answers, claims, figures, plan, risks, status, trackers
from bot.domain.checks.evidence import CheckRule, Values
from bot.domain.facts import ReportFacts
from bot.domain.report import QuarterlyReport

CHECKS: Mapping[str, CheckRule] = {
    "status-vs-schedule": status.status_vs_schedule,
    "status-vs-budget": status.status_vs_budget,
    "spend-vs-progress": status.spend_vs_progress,
    "budget-rebaselined": plan.budget_rebaselined,
    "baseline-moved": plan.baseline_moved,
    "scope-moved": plan.scope_moved,
    "progress-fell": answers.progress_fell,
    "stalled": answers.stalled,
    "words-moved-figure-did-not": claims.words_moved_figure_did_not,
    "overclaimed": claims.overclaimed,
    "stray-figure": figures.stray_figure,
    "risk-unmanaged": risks.risk_unmanaged,
    "risk-ageing": risks.risk_ageing,
    "promise-missed": answers.promise_missed,
    "missing-update": answers.missing_update,
    "stale-confirmation": answers.stale_confirmation,
}

# No checks: they hold an answer against itself, or against what is kept elsewhere, and only the manager sees them.
REMARKS: Mapping[str, CheckRule] = {
    "percent-mismatch": status.percent_mismatch,
    "tracker-mismatch": trackers.tracker_mismatch,
    "tracker-unread": trackers.tracker_unread,
}

# They read people's words, and may misread them: the manager judges, and nobody else sees them.
MANAGER_ONLY = frozenset({"words-moved-figure-did-not", "overclaimed"})


@dataclass(frozen=True, slots=True)
class Finding:
    """A check or remark that fired: its id, and the values of each piece of evidence for its sentence."""

    check: str
    evidence: tuple[Values, ...]

    @property
    def is_for_manager_only(self) -> bool:
        """Whether it must never reach a post, a document or a stored revision."""
        return self.check in MANAGER_ONLY or self.check in REMARKS


def run_checks(report: QuarterlyReport, facts: ReportFacts) -> list[Finding]:
    """Every check that fires, in the order of the list, then the remarks."""
    found = [Finding(check, tuple(rule(report, facts))) for check, rule in {**CHECKS, **REMARKS}.items()]
    return [finding for finding in found if finding.evidence]
