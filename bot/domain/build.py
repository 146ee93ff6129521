"""Building a quarter's report from what people said. Pure: the same facts always give the same report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from bot.domain.changes import first_baselines
from bot.domain.facts import (
    ReportFacts,
    as_planned,
    due_objectives,
    earlier_objectives,
    has_budget,
    in_quarter,
    latest_money,
    live_milestones,
    made_in,
    open_decisions,
    open_risks,
    promise_results,
    risks_before,
    state_of,
    told_questions,
)
from bot.domain.project import Milestone, RagStatus
from bot.domain.promises import promise_history
from bot.domain.quarter import Quarter
from bot.domain.report import (
    AsWritten,
    Coverage,
    DecisionLine,
    EarnedValue,
    Known,
    LineState,
    MilestoneLine,
    ObjectiveLine,
    ProjectStatus,
    PromiseLine,
    QuarterlyReport,
    QuestionLine,
    ResourcesBefore,
    ResourcesLine,
    RiskLine,
    Source,
    StatusPoint,
)
from bot.domain.rewording import reworded, standing_edit
from bot.domain.rules import Standing, earned_value, is_unmanaged, over_budget, percent_used, slippage, status_by_rule
from bot.domain.scope import scope_changes
from bot.domain.update import Given, MilestoneUpdate, Provenance, Resources, Ruling, WordingEdit

STATUS_QUARTERS = 8  # as many quarters as the status history shows (product rule: the chart of two years)


def build_report(facts: ReportFacts) -> QuarterlyReport:
    """The report of a quarter; its texts are the manager's own, empty where they are still to be drafted."""
    facts = as_planned(facts)
    summary = facts.summary
    project = facts.project
    lines = milestone_lines(facts)
    earlier = _earlier_statuses(facts)
    status = _status(facts, earlier)
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
        status=status,
        coverage=coverage_of(lines),
        milestones=lines,
        scheduled_completion=summary.scheduled_completion or project.scheduled_completion,
        impact=summary.impact,
        risks=tuple(_risks(facts)),
        objectives=tuple(_objectives(facts)),
        promises=tuple(_promises(facts)),
        decisions=tuple(_decisions(facts)),
        questions=tuple(_questions(facts)),
        resources=_resources(facts),
        earned_value=_earned_value(facts),
        scope_changes=tuple(scope_changes(facts)),
        promise_history=promise_history(facts),
        status_history=(*earlier, StatusPoint(facts.quarter, status.shown)),
        executive_summary=summary.executive_summary or "",
        conclusion=summary.conclusion or "",
        more=summary.more,
        sources=tuple(_sources(facts)),
    )


def coverage(facts: ReportFacts) -> Coverage:
    """Updates received of updates due, as the quarter's report says it."""
    return coverage_of(milestone_lines(facts))


def milestone_lines(facts: ReportFacts) -> tuple[MilestoneLine, ...]:
    """The rows of the quarter's milestones, as the quarter's report has them."""
    facts = as_planned(facts)
    first = first_baselines(facts.trail)
    return tuple(_line(facts, milestone, first.get(milestone.key)) for milestone in live_milestones(facts))


def coverage_of(lines: Iterable[MilestoneLine]) -> Coverage:
    """Updates received of updates due, by the rows of a quarter's milestones."""
    states = {line.key: line.state for line in lines}
    received = [key for key, state in states.items() if state in (LineState.ANSWERED, LineState.CONFIRMED)]
    missing = tuple(key for key, state in states.items() if state is LineState.MISSING)
    excused = tuple(key for key, state in states.items() if state is LineState.EXCUSED)
    return Coverage(due=len(received) + len(missing), received=len(received), missing=missing, excused=excused)


def _line(facts: ReportFacts, milestone: Milestone, first_baseline: date | None) -> MilestoneLine:
    state = state_of(facts, milestone)
    given = facts.answers.milestones.get(milestone.key)
    last = facts.last_known(milestone.key)
    line = MilestoneLine(
        key=milestone.key,
        name=milestone.name,
        owner=milestone.owner.name,
        co_owners=tuple(owner.name for owner in milestone.co_owners),
        weight=milestone.weight,
        state=state,
        baseline=milestone.baseline,
        tracker=facts.trackings.figures.get(milestone.key),
        first_baseline=first_baseline if first_baseline != milestone.baseline else None,
        known_age_quarters=facts.quarter.since(last[0]) if last else None,
        unanswered_quarters=_silent_quarters(facts, milestone, last) if state is LineState.MISSING else 0,
    )
    if last is not None:
        line = replace(line, known=_known(facts, line, *last))
    if given is not None:
        return _with_answer(facts, line, given)
    if state is LineState.COMPLETE and last is not None:
        carried = last[1].value
        return replace(
            line, percent_complete=carried.percent_complete, status=carried.status, forecast=carried.forecast
        )
    return line


def _with_answer(facts: ReportFacts, line: MilestoneLine, given: Given[MilestoneUpdate]) -> MilestoneLine:
    edit = standing_edit(facts.answers, line.key)
    update = reworded(given.value, edit.value) if edit else given.value
    return replace(
        line,
        percent_complete=update.percent_complete,
        status=update.status,
        forecast=update.forecast,
        slippage_days=slippage(line.baseline, update.forecast, facts.calendar),
        slippage_from_first_days=slippage(line.first_baseline, update.forecast, facts.calendar),
        forecast_moved_days=slippage(line.known.forecast if line.known else None, update.forecast, facts.calendar),
        deliverables=update.deliverables,
        impact=update.impact,
        note=update.note,
        recovery=update.recovery,
        evidence=update.evidence,
        more=update.more,
        answered_by=facts.name_of(given.provenance.by),
        answered_at=given.provenance.at,
        answered_for=facts.name_of(given.provenance.for_whom),
        as_written=_as_written(facts, edit) if edit else None,
    )


def _as_written(facts: ReportFacts, edit: Given[WordingEdit]) -> AsWritten:
    words, said = edit.value.original, edit.provenance
    return AsWritten(words.deliverables, words.impact, words.note, facts.name_of(said.by) or said.by, said.at)


def _known(facts: ReportFacts, line: MilestoneLine, quarter: Quarter, given: Given[MilestoneUpdate]) -> Known:
    said = given.value
    return Known(
        quarter=quarter,
        percent_complete=said.percent_complete,
        status=said.status,
        forecast=said.forecast,
        slippage_days=slippage(line.baseline, said.forecast, facts.calendar),
        slippage_from_first_days=slippage(line.first_baseline, said.forecast, facts.calendar),
    )


def _silent_quarters(facts: ReportFacts, milestone: Milestone, last: tuple[Quarter, object] | None) -> int:
    """How many quarters in a row, this one included, nobody has answered while the project was reported."""
    asked = [q for q in facts.history if q < facts.quarter and facts.history[q].milestones]
    silent = [q for q in asked if last is None or q > last[0]]
    first = milestone.live_from
    return 1 + sum(first is None or facts.fiscal_year.last_day(q) >= first for q in silent)


def _status(facts: ReportFacts, earlier: tuple[StatusPoint, ...]) -> ProjectStatus:
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


def _earlier_statuses(facts: ReportFacts) -> tuple[StatusPoint, ...]:
    """The status of each of the quarters before, oldest first, from the first one that anything is known of.

    A quarter in which nobody answered is not known, unless everything was complete by then.
    """
    first = min(facts.history, default=facts.quarter)
    points: list[StatusPoint] = []
    while facts.quarter > first and len(points) < STATUS_QUARTERS - 1:
        facts = in_quarter(facts, facts.quarter.previous)
        points.append(_status_point(facts))
    return tuple(reversed(points))


def _last_reported(facts: ReportFacts, earlier: tuple[StatusPoint, ...]) -> StatusPoint | None:
    """The status of the latest quarter before this one in which anybody answered."""
    last = max((quarter for quarter in facts.history if quarter < facts.quarter), default=None)
    if last is None:
        return None
    known = next((point for point in earlier if point.quarter == last), None)
    return known or _status_point(in_quarter(facts, last))


def _status_point(facts: ReportFacts) -> StatusPoint:
    return StatusPoint(facts.quarter, facts.summary.status or _by_rule(facts))


def _by_rule(facts: ReportFacts) -> RagStatus:
    resources = facts.answers.resources
    standings = _standings(facts)
    return status_by_rule(
        standings,
        resources=resources.value if resources else None,
        budget=facts.project.budget_at_completion,
        cpi=_earned(facts, standings).cost_performance_index,
        risks=[given.value for _, given in open_risks(facts)],
        thresholds=facts.thresholds,
    )


def _standings(facts: ReportFacts) -> list[Standing]:
    """The quarter's milestones as the status rule sees them; dropped ones are no part of the project any more."""
    states = ((milestone, state_of(facts, milestone)) for milestone in live_milestones(facts))
    return [_standing(facts, milestone, state) for milestone, state in states if state is not LineState.DROPPED]


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


def _earned(facts: ReportFacts, standings: list[Standing]) -> EarnedValue:
    given = facts.answers.resources
    budget = facts.project.budget_at_completion
    return earned_value(standings, given.value if given else None, budget, on=facts.judged_on)


def _earned_value(facts: ReportFacts) -> EarnedValue | None:
    """The quarter's earned-value figures; None where neither planned nor earned value can be told."""
    found = _earned(facts, _standings(facts))
    return None if found.planned_value is None and found.earned_value is None else found


def _risks(facts: ReportFacts) -> Iterator[RiskLine]:
    before = risks_before(facts)
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
            severity_before=before[risk.key].severity if risk.key in before else None,
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
    for quarter, objective in earlier_objectives(facts):
        promise = results.get(objective.key)
        if promise:
            yield PromiseLine(objective.key, objective.title, quarter, promise.result, promise.reason)
        elif objective.key in due:
            yield PromiseLine(objective.key, objective.title, quarter, None, None)


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
            age_quarters=facts.quarter.since(asked_in),
            ruling=_ruling(facts, decision.ruling),
        )


def _ruling(facts: ReportFacts, ruling: Ruling | None) -> Ruling | None:
    if ruling is None:
        return None
    at = ruling.at.astimezone(ZoneInfo(facts.portfolio.timezone))
    return replace(ruling, by=facts.name_of(ruling.by) or ruling.by, at=at)


def _questions(facts: ReportFacts) -> Iterator[QuestionLine]:
    for question in told_questions(facts):
        yield QuestionLine(
            key=str(question.number),
            text=question.text,
            milestone=_milestone_name(facts, question.milestone),
            asked_by=facts.name_of(question.asked_by) or question.asked_by,
            asked_at=question.asked_at,
            asked_in=question.quarter,
            age_quarters=facts.quarter.since(question.quarter),
            answer=question.answer,
            answered_by=facts.name_of(question.answered_by),
            answered_at=question.answered_at,
        )


def _resources(facts: ReportFacts) -> ResourcesLine | None:
    if not has_budget(facts):
        return None
    given = facts.answers.resources
    said = given.value if given else Resources()
    before = _resources_before(facts)
    budget = facts.project.budget_at_completion
    return ResourcesLine(
        currency=facts.project.currency,
        budget_at_completion=said.budget_at_completion or budget,
        actual_cost=said.actual_cost,
        forecast_at_completion=said.forecast_at_completion,
        percent_used=percent_used(said, budget),
        percent_variance=over_budget(said, budget),
        previous_percent_variance=before.percent_variance if before else None,
        budget_note=said.budget_note,
        staffing_unit=facts.project.staffing_unit,
        staffing_planned=said.staffing_planned,
        staffing_actual=said.staffing_actual,
        staffing_note=said.staffing_note,
        vendors=said.vendors,
        dependencies=said.dependencies,
        more=said.more,
        previous=before,
    )


def _resources_before(facts: ReportFacts) -> ResourcesBefore | None:
    """The money as last said before this quarter, against the budget of that time; None where nothing was."""
    last = latest_money(facts)
    if last is None:
        return None
    quarter, said = last
    budget = in_quarter(facts, quarter).project.budget_at_completion
    return ResourcesBefore(
        quarter=quarter,
        budget_at_completion=said.budget_at_completion or budget,
        actual_cost=said.actual_cost,
        forecast_at_completion=said.forecast_at_completion,
        percent_used=percent_used(said, budget),
        percent_variance=over_budget(said, budget),
    )


def _milestone_name(facts: ReportFacts, key: str | None) -> str | None:
    milestone = facts.project.milestone(key) if key else None
    return milestone.name if milestone else key


def _sources(facts: ReportFacts) -> Iterator[Source]:
    answers = facts.answers
    for key, given in answers.milestones.items():
        source = _source(facts, f"milestone:{key}", _milestone_name(facts, key) or key, given)
        edit = standing_edit(answers, key)
        yield _edited(facts, source, edit.provenance) if edit else source
    for key, risk in answers.risks.items():
        yield _source(facts, f"risk:{key}", risk.value.title, risk)
    if answers.resources:
        yield _source(facts, "resources", "Resources and budget", answers.resources)
    yield from _tracker_sources(facts)


def _tracker_sources(facts: ReportFacts) -> Iterator[Source]:
    for milestone in live_milestones(facts):
        if told := facts.trackings.figures.get(milestone.key):
            key = f"tracker:{milestone.key}"
            yield Source(milestone.name, told.name, told.read_at, key=key, percent=told.percent, link=told.link)


def _source(facts: ReportFacts, key: str, item: str, given: Given[object]) -> Source:
    said = given.provenance
    return Source(
        item=item,
        by=facts.name_of(said.by) or said.by,
        at=said.at,
        confirmed=said.confirmed,
        for_whom=facts.name_of(said.for_whom),
        key=key,
    )


def _edited(facts: ReportFacts, source: Source, editor: Provenance) -> Source:
    return replace(source, edited_by=facts.name_of(editor.by) or editor.by, edited_at=editor.at)
