"""The project's status: as its manager claims it, by rule, and in the quarters before; and its earned value."""

from __future__ import annotations

from bot.domain.facts import ReportFacts, in_quarter, latest_money, live_milestones, open_risks, state_of
from bot.domain.milestone_line import LineState
from bot.domain.project import Milestone, RagStatus
from bot.domain.report import EarnedValue, ProjectStatus, StatusPoint
from bot.domain.rules import Standing, earned_value, has_spent, overrun, slippage, status_by_rule, tells_of_work

STATUS_QUARTERS = 8  # as many quarters as the status history shows (product rule: the chart of two years)


def earlier_statuses(facts: ReportFacts) -> tuple[StatusPoint, ...]:
    """The status of each of the quarters before, oldest first, from the first one that anything is known of.

    A quarter in which nobody answered is not known, unless everything was complete by then.
    """
    first = min(facts.history, default=facts.quarter)
    points: list[StatusPoint] = []
    while facts.quarter > first and len(points) < STATUS_QUARTERS - 1:
        facts = in_quarter(facts, facts.quarter.previous)
        points.append(_status_point(facts))
    return tuple(reversed(points))


def project_status(facts: ReportFacts, earlier: tuple[StatusPoint, ...]) -> ProjectStatus:
    """What the manager says and what the rule says, against what was reported last."""
    summary = facts.summary
    last = _last_reported(facts, earlier)
    return ProjectStatus(
        claimed=summary.status,
        by_rule=_by_rule(facts),
        previous=last.status if last else None,
        previous_quarter=last.quarter if last else None,
        why=summary.status_why,
        note=summary.status_note,
        phase=summary.phase or facts.project.phase,
    )


def _last_reported(facts: ReportFacts, earlier: tuple[StatusPoint, ...]) -> StatusPoint | None:
    """The status of the latest quarter before this one in which anybody answered."""
    last = max(facts.earlier_quarters, default=None)
    if last is None:
        return None
    known = next((point for point in earlier if point.quarter == last), None)
    return known or _status_point(in_quarter(facts, last))


def _status_point(facts: ReportFacts) -> StatusPoint:
    return StatusPoint(facts.quarter, facts.summary.status or _by_rule(facts))


def _by_rule(facts: ReportFacts) -> RagStatus:
    said = facts.answers.resources
    resources = said.value if said else None
    standings = _standings(facts)
    return status_by_rule(
        standings,
        over=overrun(resources, facts.project.budget_at_completion),
        cpi=_earned(facts, standings).cost_performance_index,
        risks=[given.value for _, given in open_risks(facts)],
        thresholds=facts.thresholds,
        has_begun=has_spent(resources) or _has_begun_before(facts),
    )


def _has_begun_before(facts: ReportFacts) -> bool:
    """Whether the last word on something that this quarter says nothing of tells of work begun or money spent."""
    spent = None if facts.answers.resources else latest_money(facts)
    silent = [milestone.key for milestone, _ in _counted(facts) if milestone.key not in facts.answers.milestones]
    known = filter(None, map(facts.last_known, silent))
    return (spent is not None and has_spent(spent[1])) or any(tells_of_work(given.value) for _, given in known)


def earned_value_of(facts: ReportFacts) -> EarnedValue | None:
    """The quarter's earned-value figures; None where neither planned nor earned value can be told."""
    found = _earned(facts, _standings(facts))
    return None if found.planned_value is None and found.earned_value is None else found


def _earned(facts: ReportFacts, standings: list[Standing]) -> EarnedValue:
    given = facts.answers.resources
    budget = facts.project.budget_at_completion
    return earned_value(standings, given.value if given else None, budget, on=facts.judged_on)


def _standings(facts: ReportFacts) -> list[Standing]:
    """The quarter's milestones as the status rule sees them."""
    return [_standing(facts, milestone, state) for milestone, state in _counted(facts)]


def _counted(facts: ReportFacts) -> list[tuple[Milestone, LineState]]:
    """The milestones that the status rule looks at; dropped ones are no part of the project any more."""
    states = ((milestone, state_of(facts, milestone)) for milestone in live_milestones(facts))
    return [(milestone, state) for milestone, state in states if state is not LineState.DROPPED]


def _standing(facts: ReportFacts, milestone: Milestone, state: LineState) -> Standing:
    given = facts.answers.milestones.get(milestone.key)
    update = given.value if given else None
    return Standing(
        weight=milestone.weight,
        update=update,
        slippage=slippage(milestone.baseline, update.forecast, facts.calendar) if update else None,
        is_due=state in (LineState.ANSWERED, LineState.CONFIRMED, LineState.MISSING),
        was_complete=state is LineState.COMPLETE,
        baseline=milestone.baseline,
    )
