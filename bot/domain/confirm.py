"""Confirming that nothing changed: which milestones can be, and what is recorded then."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.facts import ReportFacts, due_objectives, promise_results
from bot.domain.project import Milestone, RagStatus
from bot.domain.rules import check_update
from bot.domain.update import MilestoneUpdate, Objective

MAX_RUNNING = 2  # "nothing changed" may be said for two quarters running; the third needs a word


def why_not_confirmed(facts: ReportFacts, milestone: Milestone) -> str | None:
    """The name of the rule that asks for a word about a milestone, None where "nothing changed" is enough."""
    last = facts.last_known(milestone.key)
    if last is None:
        return "nothing-known"
    update = last[1].value
    if any(objective.milestone == milestone.key for objective in _unanswered(facts)):
        return "promise-due"
    if update.forecast and update.forecast < facts.today and update.status is not RagStatus.COMPLETE:
        return "forecast-passed"
    if _running_confirmations(facts, milestone.key) >= MAX_RUNNING:
        return "confirmed-twice"
    carried = confirmed_update(update)
    problems = check_update(carried, baseline=milestone.baseline, previous=update, calendar=facts.calendar)
    return problems[0].rule if problems else None


def confirmed_update(last: MilestoneUpdate) -> MilestoneUpdate:
    """What a "nothing changed" records: last quarter's figures and reasons, not its deliverables, promises and evidence."""
    return replace(last, deliverables=(), promised={}, evidence=())


def _unanswered(facts: ReportFacts) -> list[Objective]:
    answered = promise_results(facts)
    return [objective for _, objective in due_objectives(facts) if objective.key not in answered]


def _running_confirmations(facts: ReportFacts, key: str) -> int:
    count = 0
    for quarter in reversed(facts.earlier_quarters):
        given = facts.history[quarter].milestones.get(key)
        if given is None or not given.provenance.confirmed:
            break
        count += 1
    return count
