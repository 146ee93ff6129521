"""What was changed in the plan itself since last quarter, as opposed to progress against it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from bot.domain.changes import ADDED, DROPPED, PlanChange
from bot.domain.facts import ReportFacts, in_quarter, latest_money, plan_then
from bot.domain.project import Milestone, Project
from bot.domain.report import ScopeChange, ScopeChangeKind
from bot.domain.rules import budget_of, slippage

Authors = Mapping[tuple[str, str], str | None]  # who made the last change of a milestone's field, by name


def scope_changes(facts: ReportFacts) -> Iterator[ScopeChange]:
    """What was edited after the grace of the quarter before and up to this one's, several edits of one thing as one.

    Milestones are added and dropped by days, as their rows come and go: after the due day of the quarter before and up
    to this one's. What a project began with is no change.
    """
    last = facts.window_of(facts.quarter.previous)
    until_now = tuple(change for change in facts.trail if change.at <= facts.window.grace_until)
    before = plan_then(replace(facts, trail=until_now), last.grace_until)
    since = [change for change in until_now if change.at > last.grace_until]
    moves = {(change.milestone, change.what): change for change in since if change.is_move}
    authors = {(change.milestone, change.what): facts.name_of(change.by) for change in since}
    yield from _of_project(facts, before, authors)
    was_live = {m.key for m in before.milestones if _is_in_plan(m, last.due_on)}
    for was, milestone in zip(before.milestones, facts.project.milestones, strict=True):
        is_live = _is_in_plan(milestone, facts.window.due_on)
        came, went = moves.get((was.key, ADDED)), moves.get((was.key, DROPPED))
        has_come = is_live and bool(was_live) and was.key not in was_live
        has_gone = was.key in was_live and not is_live
        if move := came if is_live and not went else went if has_gone else None:
            yield _moved(facts, milestone, move)
        elif has_come or has_gone:
            kind = ScopeChangeKind.ADDED if has_come else ScopeChangeKind.DROPPED
            yield ScopeChange(kind, milestone.key, _name(facts, milestone), by=authors.get((was.key, kind)))
        if is_live:
            yield from _of_milestone(facts, was, milestone, authors)


def _moved(facts: ReportFacts, milestone: Milestone, change: PlanChange) -> ScopeChange:
    """A milestone that came from another project, or went to one: the projects by their names."""
    keys = (change.old, facts.project.key) if change.what == ADDED else (facts.project.key, change.new)
    before, after = (facts.project_names.get(key or "", key) for key in keys)
    name, by = _name(facts, milestone), facts.name_of(change.by)
    return ScopeChange(ScopeChangeKind.MOVED, milestone.key, name, before, after, by=by)


def _is_in_plan(milestone: Milestone, day: date) -> bool:
    arrived = milestone.live_from is None or milestone.live_from <= day
    return arrived and (milestone.dropped_on is None or milestone.dropped_on > day)


def _of_milestone(facts: ReportFacts, was: Milestone, now: Milestone, authors: Authors) -> Iterator[ScopeChange]:
    def edited(
        kind: ScopeChangeKind, what: str, before: str, after: str | None, days: int | None = None
    ) -> ScopeChange:
        return ScopeChange(kind, now.key, _name(facts, now), before, after, days, authors.get((now.key, what)))

    if was.name != now.name:
        yield edited(ScopeChangeKind.RENAMED, "name", was.name, now.name)
    if was.owner.name != now.owner.name:
        yield edited(ScopeChangeKind.HANDED_OVER, "owner", was.owner.name, now.owner.name)
    if was.baseline is not None and was.baseline != now.baseline:
        after = now.baseline.isoformat() if now.baseline else None
        days = slippage(was.baseline, now.baseline, facts.calendar)
        yield edited(ScopeChangeKind.BASELINE_MOVED, "baseline", was.baseline.isoformat(), after, days)


def _of_project(facts: ReportFacts, before: Project, authors: Authors) -> Iterator[ScopeChange]:
    project = facts.project
    if before.name != project.name:
        by = authors.get(("", "name"))
        yield ScopeChange(ScopeChangeKind.RENAMED, project.key, project.name, before.name, project.name, by=by)
    was, now = _budget_before(facts, before), _budget_in(facts)
    if was is not None and was != now:
        after = f"{now:f}" if now is not None else None
        by = _author_of_budget(facts, authors)
        yield ScopeChange(ScopeChangeKind.REBASELINED, project.key, project.name, f"{was:f}", after, by=by)


def _author_of_budget(facts: ReportFacts, authors: Authors) -> str | None:
    """Who answered with a budget that is not the project's own; else who changed the project's."""
    given = facts.answers.resources
    if given and given.value.budget_at_completion not in (None, facts.project.budget_at_completion):
        return facts.name_of(given.provenance.by)
    return authors.get(("", "budget_at_completion"))


def _budget_in(facts: ReportFacts) -> Decimal | None:
    """The budget at completion that a quarter's report shows: the one that was answered, else the project's."""
    given = facts.answers.resources
    return budget_of(given.value if given else None, facts.project.budget_at_completion)


def _budget_before(facts: ReportFacts, before: Project) -> Decimal | None:
    """The budget to compare with: the last one reported; where this quarter reports none, the project's own then."""
    last = latest_money(facts)
    if facts.answers.resources is None or last is None:
        return before.budget_at_completion
    return _budget_in(in_quarter(facts, last[0]))


def _name(facts: ReportFacts, milestone: Milestone) -> str:
    """How a milestone of the project is printed."""
    return facts.milestone_name(milestone.key) or milestone.name
