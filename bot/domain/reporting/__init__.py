"""Building a quarter's report from what people said. Pure: the same facts always give the same report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.domain.facts import (
    ReportFacts,
    as_planned,
    has_budget,
    in_quarter,
    latest_money,
    live_milestones,
    made_in,
    open_risks,
    risks_before,
)
from bot.domain.promises import promise_history
from bot.domain.report import (
    ObjectiveLine,
    QuarterlyReport,
    ResourcesBefore,
    ResourcesLine,
    RiskLine,
    Source,
    StatusPoint,
)
from bot.domain.reporting.asked import decisions, promises, questions
from bot.domain.reporting.milestones import coverage_of, milestone_lines
from bot.domain.reporting.status import earlier_statuses, earned_value_of, project_status
from bot.domain.rewording import standing_edit
from bot.domain.rules import budget_of, is_unmanaged, mismatches, over_budget, percent_used
from bot.domain.scope import scope_changes
from bot.domain.update import Given, Provenance, Resources


def build_report(facts: ReportFacts) -> QuarterlyReport:
    """The report of a quarter; its texts are the manager's own, empty where they are still to be drafted."""
    facts = as_planned(facts)
    summary = facts.summary
    return replace(
        _standing(facts),
        scheduled_completion=summary.scheduled_completion or facts.project.scheduled_completion,
        impact=summary.impact,
        risks=tuple(_risks(facts)),
        objectives=tuple(_objectives(facts)),
        promises=tuple(promises(facts)),
        decisions=tuple(decisions(facts)),
        questions=tuple(questions(facts)),
        resources=_resources(facts),
        earned_value=earned_value_of(facts),
        scope_changes=tuple(scope_changes(facts)),
        promise_history=promise_history(facts),
        executive_summary=summary.executive_summary or "",
        conclusion=summary.conclusion or "",
        more=summary.more,
        sources=tuple(_sources(facts)),
    )


def _standing(facts: ReportFacts) -> QuarterlyReport:
    """Whose report it is and of which time, and how the project and its milestones stand."""
    project, quarter, fiscal_year = facts.project, facts.quarter, facts.fiscal_year
    lines = milestone_lines(facts)
    earlier = earlier_statuses(facts)
    status = project_status(facts, earlier)
    return QuarterlyReport(
        company=facts.portfolio.company,
        locale=facts.portfolio.locale,
        project_key=project.key,
        project_name=project.name,
        quarter=quarter,
        quarter_label=fiscal_year.label(quarter),
        period=(fiscal_year.first_day(quarter), fiscal_year.last_day(quarter)),
        report_date=facts.summary.report_date or facts.today,
        judged_on=facts.judged_on,
        layout=facts.summary.layout or project.layout or "executive",
        industry=project.industry,
        audience=project.audience,
        prepared_by=project.prepared_by,
        status=status,
        status_history=(*earlier, StatusPoint(quarter, status.shown)),
        coverage=coverage_of(lines),
        milestones=lines,
    )


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
            milestone=facts.milestone_name(risk.milestone),
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
            milestone=facts.milestone_name(objective.milestone),
        )


def _resources(facts: ReportFacts) -> ResourcesLine | None:
    if not has_budget(facts):
        return None
    given = facts.answers.resources
    said = given.value if given else Resources()
    before = _resources_before(facts)
    budget = facts.project.budget_at_completion
    disagreeing = {problem.at for problem in mismatches(said, budget)}
    return ResourcesLine(
        currency=facts.project.currency,
        budget_at_completion=budget_of(said, budget),
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
        reported_percent_used=said.percent_used if "percent_used" in disagreeing else None,
        reported_percent_variance=said.percent_variance if "percent_variance" in disagreeing else None,
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
        budget_at_completion=budget_of(said, budget),
        actual_cost=said.actual_cost,
        forecast_at_completion=said.forecast_at_completion,
        percent_used=percent_used(said, budget),
        percent_variance=over_budget(said, budget),
    )


def _sources(facts: ReportFacts) -> Iterator[Source]:
    answers = facts.answers
    for key, given in answers.milestones.items():
        source = _source(facts, f"milestone:{key}", facts.milestone_name(key) or key, given)
        edit = standing_edit(answers, key)
        yield _edited(facts, source, edit.provenance) if edit else source
    for key, risk in answers.risks.items():
        yield _source(facts, f"risk:{key}", risk.value.title, risk)
    for key, objective in answers.objectives.items():
        if not objective.value.is_withdrawn:
            yield _source(facts, f"objective:{key}", f"Objective {objective.value.title}", objective)
    for key, decision in answers.decisions.items():
        yield _source(facts, f"decision:{key}", f"Decision {decision.value.what}", decision)
    if answers.resources:
        yield _source(facts, "resources", "Resources and budget", answers.resources)
    if answers.summary:
        yield _source(facts, "summary", "Project summary", answers.summary)
    yield from _tracker_sources(facts)


def _tracker_sources(facts: ReportFacts) -> Iterator[Source]:
    for milestone in live_milestones(facts):
        if told := facts.trackings.figures.get(milestone.key):
            key, item = f"tracker:{milestone.key}", facts.milestone_name(milestone.key) or milestone.key
            yield Source(item, told.name, told.read_at, key=key, percent=told.percent, link=told.link)


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
