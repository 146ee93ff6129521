"""Changes of the plan itself. Evidence: `change`, and the project's `currency`; `by` is who changed it, where known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.domain.checks.evidence import Values, said
from bot.domain.facts import ReportFacts
from bot.domain.report import QuarterlyReport, ScopeChange, ScopeChangeKind


def budget_rebaselined(report: QuarterlyReport, facts: ReportFacts) -> Iterator[Values]:
    """The budget at completion is another than before; one that is not given this quarter differs from nothing."""
    given = [change for change in report.scope_changes if change.after is not None]
    return _evidence(facts, given, ScopeChangeKind.REBASELINED)


def baseline_moved(report: QuarterlyReport, facts: ReportFacts) -> Iterator[Values]:
    """A milestone's baseline date is another than before."""
    return _evidence(facts, report.scope_changes, ScopeChangeKind.BASELINE_MOVED)


def scope_moved(report: QuarterlyReport, facts: ReportFacts) -> Iterator[Values]:
    """Milestones were added, dropped or moved between projects. A new name or owner is no change of scope."""
    kinds = ScopeChangeKind.ADDED, ScopeChangeKind.DROPPED, ScopeChangeKind.MOVED
    return _evidence(facts, report.scope_changes, *kinds)


def _evidence(facts: ReportFacts, changes: Iterable[ScopeChange], *kinds: ScopeChangeKind) -> Iterator[Values]:
    for change in changes:
        if change.kind in kinds:
            milestone = None if change.kind is ScopeChangeKind.REBASELINED else change.key
            yield {"change": change, "currency": facts.project.currency, **said(change.by, None, facts, milestone)}
