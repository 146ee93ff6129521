"""Building a quarter's report from what people said. Pure: the same facts always give the same report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeVar
from zoneinfo import ZoneInfo

from bot.domain.project import Milestone, Portfolio, Project, RagStatus
from bot.domain.quarter import FiscalYear, Quarter, ReportingWindow, WorkingCalendar, reporting_window
from bot.domain.report import (
    Coverage,
    DecisionLine,
    Known,
    LineState,
    MilestoneLine,
    ObjectiveLine,
    ProjectStatus,
    PromiseLine,
    QuarterlyReport,
    ResourcesLine,
    RiskLine,
    Source,
)
from bot.domain.rules import (
    Standing,
    Thresholds,
    is_unmanaged,
    over_budget,
    percent_used,
    slippage,
    status_by_rule,
)
from bot.domain.update import (
    Decision,
    DecisionState,
    Given,
    MilestoneUpdate,
    Objective,
    ProjectSummary,
    Promise,
    QuarterAnswers,
    Resources,
    Risk,
)

T = TypeVar("T")

MIN_DAYS_TO_ANSWER = 3  # a milestone added later than this many working days before due is new, not due


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """Everything a report is built from.

    `history` holds every quarter up to this one; `window` is this quarter's; `names` prints people's refs; `today` is
    the day it is compiled, in the company's zone; `excused` are milestone keys; `extended` are the last days of the
    milestones that were given more time.
    """

    portfolio: Portfolio
    project: Project
    quarter: Quarter
    history: Mapping[Quarter, QuarterAnswers]
    window: ReportingWindow
    calendar: WorkingCalendar
    today: date
    names: Mapping[str, str] = field(default_factory=dict)
    thresholds: Thresholds = field(default_factory=Thresholds)
    excused: frozenset[str] = frozenset()
    is_paused: bool = False
    extended: Mapping[str, date] = field(default_factory=dict)

    @property
    def fiscal_year(self) -> FiscalYear:
        """The company's fiscal year."""
        return self.portfolio.fiscal_year

    @property
    def answers(self) -> QuarterAnswers:
        """What was said in this quarter."""
        return self.history.get(self.quarter, QuarterAnswers())

    @property
    def summary(self) -> ProjectSummary:
        """The manager's own words for this quarter; empty where there are none."""
        return self.answers.summary.value if self.answers.summary else ProjectSummary()

    @property
    def judged_on(self) -> date:
        """The day on which ages and lateness are judged: the report's own date, else at most the quarter's last day."""
        return self.summary.report_date or min(self.today, self.fiscal_year.last_day(self.quarter))

    def last_known(self, milestone: str) -> tuple[Quarter, Given[MilestoneUpdate]] | None:
        """The latest answer for a milestone before this quarter, with its quarter."""
        earlier = (q for q in sorted(self.history, reverse=True) if q < self.quarter)
        return next(((q, given) for q in earlier if (given := self.history[q].milestones.get(milestone))), None)

    def name_of(self, ref: str | None) -> str | None:
        """How a ref is printed: the person's name where it is known, else as it was written."""
        return None if ref is None else self.names.get(ref, ref)


def build_report(facts: ReportFacts) -> QuarterlyReport:
    """The report of a quarter; its texts are the manager's own, empty where they are still to be drafted."""
    summary = facts.summary
    project = facts.project
    lines = tuple(_lines(facts))
    return QuarterlyReport(
        company=facts.portfolio.company,
        locale=facts.portfolio.locale,
        project_key=project.key,
        project_name=project.name,
        quarter=facts.quarter,
        quarter_label=facts.fiscal_year.label(facts.quarter),
        period=(facts.fiscal_year.first_day(facts.quarter), facts.fiscal_year.last_day(facts.quarter)),
        report_date=summary.report_date or facts.today,
        layout=summary.layout or project.layout or "executive",
        industry=project.industry,
        audience=project.audience,
        prepared_by=project.prepared_by,
        status=_status(facts),
        coverage=_coverage(lines),
        milestones=lines,
        scheduled_completion=summary.scheduled_completion or project.scheduled_completion,
        impact=summary.impact,
        risks=tuple(_risks(facts)),
        objectives=tuple(_objectives(facts)),
        promises=tuple(_promises(facts)),
        decisions=tuple(_decisions(facts)),
        resources=_resources(facts),
        executive_summary=summary.executive_summary or "",
        conclusion=summary.conclusion or "",
        sources=tuple(_sources(facts)),
    )


def live_milestones(facts: ReportFacts) -> list[Milestone]:
    """The milestones that belong to the quarter, dropped ones of this quarter too."""
    first = facts.fiscal_year.first_day(facts.quarter)
    return [m for m in facts.project.milestones if m.is_live(first, facts.window.due_on)]


def state_of(facts: ReportFacts, milestone: Milestone) -> LineState:
    """Why a milestone's row reads as it does in this quarter."""
    given = facts.answers.milestones.get(milestone.key)
    known = facts.last_known(milestone.key)
    was_complete = known is not None and known[1].value.status is RagStatus.COMPLETE
    if milestone.dropped_on is not None and milestone.dropped_on <= facts.window.due_on:
        return LineState.DROPPED
    if was_complete and (given is None or given.value.status is RagStatus.COMPLETE):
        return LineState.COMPLETE
    if given is not None:
        return LineState.CONFIRMED if given.provenance.confirmed else LineState.ANSWERED
    if milestone.key in facts.excused:
        return LineState.EXCUSED
    if facts.is_paused:
        return LineState.PAUSED
    return LineState.NEW if _came_too_late(facts, milestone) else LineState.MISSING


def due_objectives(facts: ReportFacts) -> list[tuple[Quarter, Objective]]:
    """Objectives promised in earlier quarters that come due in this one, with the quarter that promised them."""
    return [
        (quarter, objective)
        for quarter, objective in _earlier_objectives(facts)
        if _due_quarter(objective, facts.fiscal_year) == facts.quarter
    ]


def open_risks(facts: ReportFacts) -> list[tuple[Quarter, Given[Risk]]]:
    """Risks as last said, open or closed in this quarter, with the quarter in which each was opened."""
    carried = _carried(facts, lambda answers: answers.risks, lambda risk: risk.is_open)
    return [(given.value.opened or first_seen, given) for first_seen, given in carried]


def open_decisions(facts: ReportFacts) -> list[tuple[Quarter, Given[Decision]]]:
    """Decisions as last said, waiting or settled in this quarter, with the quarter in which each was first asked."""
    return _carried(facts, lambda answers: answers.decisions, lambda decision: decision.state is DecisionState.OPEN)


def _carried(
    facts: ReportFacts,
    items_of: Callable[[QuarterAnswers], Mapping[str, Given[T]]],
    is_open: Callable[[T], bool],
) -> list[tuple[Quarter, Given[T]]]:
    """Items that live on from quarter to quarter until they are closed, with the quarter each was first seen in."""
    first_seen: dict[str, Quarter] = {}
    latest: dict[str, tuple[Quarter, Given[T]]] = {}
    for quarter in sorted(q for q in facts.history if q <= facts.quarter):
        for key, given in items_of(facts.history[quarter]).items():
            first_seen.setdefault(key, quarter)
            latest[key] = (quarter, given)
    return [
        (first_seen[key], given)
        for key, (quarter, given) in latest.items()
        if is_open(given.value) or quarter == facts.quarter
    ]


def latest_resources(facts: ReportFacts) -> tuple[Quarter, Resources] | None:
    """The latest resources answer before this quarter, with its quarter."""
    earlier = (q for q in sorted(facts.history, reverse=True) if q < facts.quarter)
    return next(((q, given.value) for q in earlier if (given := facts.history[q].resources)), None)


def has_budget(facts: ReportFacts) -> bool:
    """Whether resources and budget are asked for: the project has a budget, or somebody answered for resources."""
    said = facts.answers.resources is not None or latest_resources(facts) is not None
    return facts.project.budget_at_completion is not None or said


def _came_too_late(facts: ReportFacts, milestone: Milestone) -> bool:
    if milestone.live_from is None or milestone.live_from < facts.window.opens_on:
        return False
    return facts.calendar.between(milestone.live_from, facts.window.due_on) < MIN_DAYS_TO_ANSWER


def _lines(facts: ReportFacts) -> Iterator[MilestoneLine]:
    for milestone in live_milestones(facts):
        yield _line(facts, milestone)


def _line(facts: ReportFacts, milestone: Milestone) -> MilestoneLine:
    state = state_of(facts, milestone)
    given = facts.answers.milestones.get(milestone.key)
    last = facts.last_known(milestone.key)
    line = MilestoneLine(
        key=milestone.key,
        name=milestone.name,
        owner=milestone.owner.name,
        weight=milestone.weight,
        state=state,
        baseline=milestone.baseline,
        known=_known(*last) if last else None,
        unanswered_quarters=_silent_quarters(facts, milestone, last) if state is LineState.MISSING else 0,
    )
    if given is not None:
        return _with_answer(facts, line, given)
    if state is LineState.COMPLETE and last is not None:
        carried = last[1].value
        return replace(
            line, percent_complete=carried.percent_complete, status=carried.status, forecast=carried.forecast
        )
    return line


def _with_answer(facts: ReportFacts, line: MilestoneLine, given: Given[MilestoneUpdate]) -> MilestoneLine:
    update = given.value
    return replace(
        line,
        percent_complete=update.percent_complete,
        status=update.status,
        forecast=update.forecast,
        slippage_days=slippage(line.baseline, update.forecast, facts.calendar),
        forecast_moved_days=slippage(line.known.forecast if line.known else None, update.forecast, facts.calendar),
        deliverables=update.deliverables,
        impact=update.impact,
        note=update.note,
        recovery=update.recovery,
        more=update.more,
        answered_by=facts.name_of(given.provenance.by),
        answered_at=given.provenance.at,
    )


def _known(quarter: Quarter, given: Given[MilestoneUpdate]) -> Known:
    return Known(quarter, given.value.percent_complete, given.value.status, given.value.forecast)


def _silent_quarters(facts: ReportFacts, milestone: Milestone, last: tuple[Quarter, object] | None) -> int:
    """How many quarters in a row, this one included, nobody has answered while the project was reported."""
    asked = [q for q in facts.history if q < facts.quarter and facts.history[q].milestones]
    silent = [q for q in asked if last is None or q > last[0]]
    first = milestone.live_from
    return 1 + sum(first is None or facts.fiscal_year.last_day(q) >= first for q in silent)


def _coverage(lines: tuple[MilestoneLine, ...]) -> Coverage:
    received = [line for line in lines if line.state in (LineState.ANSWERED, LineState.CONFIRMED)]
    missing = tuple(line.key for line in lines if line.state is LineState.MISSING)
    excused = tuple(line.key for line in lines if line.state is LineState.EXCUSED)
    return Coverage(due=len(received) + len(missing), received=len(received), missing=missing, excused=excused)


def _status(facts: ReportFacts) -> ProjectStatus:
    summary = facts.summary
    before = _quarter_before(facts)
    was_reported = facts.quarter.previous in facts.history
    return ProjectStatus(
        claimed=summary.status,
        by_rule=_by_rule(facts),
        previous=(before.summary.status or _by_rule(before)) if was_reported else None,
        why=summary.status_why,
        note=summary.status_note,
        phase=summary.phase or facts.project.phase,
    )


def _quarter_before(facts: ReportFacts) -> ReportFacts:
    """The facts of the quarter before, with its own window: what was added or dropped since is not in it."""
    quarter = facts.quarter.previous
    window = reporting_window(
        quarter,
        fiscal_year=facts.fiscal_year,
        rules=facts.project.reporting or facts.portfolio.reporting,
        calendar=facts.calendar,
        zone=ZoneInfo(facts.portfolio.timezone),
        dates=facts.portfolio.quarters.get(quarter),
    )
    return replace(facts, quarter=quarter, window=window, excused=frozenset(), is_paused=False, extended={})


def _by_rule(facts: ReportFacts) -> RagStatus:
    resources = facts.answers.resources
    return status_by_rule(
        [s for m in live_milestones(facts) if (s := _standing(facts, m))],
        resources=resources.value if resources else None,
        budget=facts.project.budget_at_completion,
        risks=[given.value for _, given in open_risks(facts)],
        thresholds=facts.thresholds,
    )


def _standing(facts: ReportFacts, milestone: Milestone) -> Standing | None:
    """A milestone as the status rule sees it; None for one that does not count."""
    state = state_of(facts, milestone)
    if state in (LineState.DROPPED, LineState.EXCUSED, LineState.PAUSED, LineState.NEW):
        return None
    given = facts.answers.milestones.get(milestone.key)
    update = given.value if given else None
    return Standing(
        weight=milestone.weight,
        update=update,
        slippage=slippage(milestone.baseline, update.forecast, facts.calendar) if update else None,
        is_due=state is not LineState.COMPLETE,
        was_complete=state is LineState.COMPLETE,
    )


def _risks(facts: ReportFacts) -> Iterator[RiskLine]:
    for opened, given in open_risks(facts):
        risk = given.value
        yield RiskLine(
            key=risk.key,
            title=risk.title,
            kind=risk.kind,
            challenge=risk.challenge,
            mitigation=risk.mitigation,
            probability=risk.probability,
            impact=risk.impact,
            owner=facts.name_of(risk.owner),
            due=risk.due,
            waits_on=risk.waits_on,
            since=risk.since,
            opened=opened,
            age_quarters=max(0, facts.quarter.since(opened)),
            is_open=risk.is_open,
            severity=risk.severity,
            is_unmanaged=is_unmanaged(risk),
            milestone=_milestone_name(facts, risk.milestone),
            more=risk.more,
        )


def _objectives(facts: ReportFacts) -> Iterator[ObjectiveLine]:
    for objective in made_in(facts.answers):
        yield ObjectiveLine(
            key=objective.key,
            title=objective.title,
            detail=objective.detail,
            deliverable=objective.deliverable,
            starts=objective.starts,
            target=objective.target,
            milestone=_milestone_name(facts, objective.milestone),
        )


def _promises(facts: ReportFacts) -> Iterator[PromiseLine]:
    """Objectives that came due, and those that were answered for though they had no date."""
    results = promise_results(facts)
    due = {objective.key for _, objective in due_objectives(facts)}
    for quarter, objective in _earlier_objectives(facts):
        promise = results.get(objective.key)
        if promise:
            yield PromiseLine(objective.key, objective.title, quarter, promise.result, promise.reason)
        elif objective.key in due:
            yield PromiseLine(objective.key, objective.title, quarter, None, None)


def promise_results(facts: ReportFacts) -> dict[str, Promise]:
    """What was answered in this quarter for objectives promised before, by the objective's key."""
    results = dict(facts.summary.promised)
    for given in facts.answers.milestones.values():
        results.update(given.value.promised)
    return results


def _earlier_objectives(facts: ReportFacts) -> list[tuple[Quarter, Objective]]:
    """What was promised in earlier quarters; an objective promised again under its key counts as promised last."""
    latest: dict[str, tuple[Quarter, Objective]] = {}
    for quarter in sorted(q for q in facts.history if q < facts.quarter):
        latest |= {objective.key: (quarter, objective) for objective in made_in(facts.history[quarter])}
    return list(latest.values())


def made_in(answers: QuarterAnswers) -> list[Objective]:
    """The objectives promised in a quarter, those taken back left out."""
    return [given.value for given in answers.objectives.values() if not given.value.is_withdrawn]


def _due_quarter(objective: Objective, fiscal_year: FiscalYear) -> Quarter | None:
    if not objective.target:
        return None
    try:
        return fiscal_year.quarter_of(date.fromisoformat(objective.target))
    except ValueError:
        return Quarter.find(objective.target)


def _decisions(facts: ReportFacts) -> Iterator[DecisionLine]:
    for asked_in, given in open_decisions(facts):
        decision = given.value
        yield DecisionLine(
            key=decision.key,
            what=decision.what,
            who=facts.name_of(decision.who),
            by=decision.by,
            options=decision.options,
            state=decision.state,
            outcome=decision.outcome,
            asked_in=asked_in,
        )


def _resources(facts: ReportFacts) -> ResourcesLine | None:
    if not has_budget(facts):
        return None
    given = facts.answers.resources
    said = given.value if given else Resources()
    last = latest_resources(facts)
    budget = facts.project.budget_at_completion
    return ResourcesLine(
        currency=facts.project.currency,
        budget_at_completion=said.budget_at_completion or budget,
        actual_cost=said.actual_cost,
        forecast_at_completion=said.forecast_at_completion,
        percent_used=percent_used(said, budget),
        percent_variance=over_budget(said, budget),
        previous_percent_variance=over_budget(last[1], budget) if last else None,
        budget_note=said.budget_note,
        staffing_unit=facts.project.staffing_unit,
        staffing_planned=said.staffing_planned,
        staffing_actual=said.staffing_actual,
        staffing_note=said.staffing_note,
        vendors=said.vendors,
        dependencies=said.dependencies,
        more=said.more,
    )


def _milestone_name(facts: ReportFacts, key: str | None) -> str | None:
    milestone = facts.project.milestone(key) if key else None
    return milestone.name if milestone else key


def _sources(facts: ReportFacts) -> Iterator[Source]:
    answers = facts.answers
    for key, given in answers.milestones.items():
        yield _source(facts, _milestone_name(facts, key) or key, given)
    for risk in answers.risks.values():
        yield _source(facts, risk.value.title, risk)
    if answers.resources:
        yield _source(facts, "Resources and budget", answers.resources)


def _source(facts: ReportFacts, item: str, given: Given[object]) -> Source:
    said = given.provenance
    return Source(item=item, by=facts.name_of(said.by) or said.by, at=said.at, confirmed=said.confirmed)
