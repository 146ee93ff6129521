"""The promise ledger: what became of the objectives that came due, quarter by quarter. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bot.domain.facts import ReportFacts, due_quarter, made_in, results_in
from bot.domain.quarter import Quarter
from bot.domain.report import PromiseTally
from bot.domain.update import Objective, PromiseResult

Outcome = tuple[Quarter, PromiseResult | None]


def promise_history(facts: ReportFacts) -> tuple[PromiseTally, ...]:
    """A tally for each quarter up to this one in which objectives came due, oldest first.

    A promise counts once: in the quarter it came due, or in an earlier one in which it was answered for; with the last
    answer given by now, so that a late one is not a second promise. One without a date counts where it was answered.
    """
    counts: dict[Quarter, Counter[PromiseResult | None]] = {}
    for quarter, result in _outcomes(facts):
        counts.setdefault(quarter, Counter())[result] += 1
    return tuple(
        PromiseTally(
            quarter,
            kept=counted[PromiseResult.KEPT],
            carried_over=counted[PromiseResult.CARRIED_OVER],
            dropped=counted[PromiseResult.DROPPED],
            unanswered=counted[None],
        )
        for quarter, counted in sorted(counts.items())
    )


def _outcomes(facts: ReportFacts) -> Iterator[Outcome]:
    """Each promise that was settled or came due by now: the quarter in which it counts, and what became of it."""
    quarters = sorted(quarter for quarter in facts.history if quarter <= facts.quarter)
    made: dict[str, list[tuple[Quarter, Objective]]] = {}
    answered: dict[str, list[tuple[Quarter, PromiseResult]]] = {}
    for quarter in quarters:
        for objective in made_in(facts.history[quarter]):
            made.setdefault(objective.key, []).append((quarter, objective))
        for key, promise in results_in(facts.history[quarter]).items():
            answered.setdefault(key, []).append((quarter, promise.result))
    for key, promises in made.items():
        ends = [*(quarter for quarter, _ in promises[1:]), facts.quarter]  # promised again: the one before is over
        for (quarter, objective), end in zip(promises, ends, strict=True):
            due = due_quarter(objective, facts.fiscal_year)
            given = [(at, result) for at, result in answered.get(key, ()) if quarter < at <= end]
            if outcome := _outcome(due if due and quarter < due <= end else None, given):
                yield outcome


def _outcome(due: Quarter | None, answers: list[tuple[Quarter, PromiseResult]]) -> Outcome | None:
    """Where and as what a promise counts; None for one that neither came due nor was answered for."""
    if answers:
        return min(due or answers[0][0], answers[0][0]), answers[-1][1]
    return (due, None) if due else None
