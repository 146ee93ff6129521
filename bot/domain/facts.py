"""The facts of a quarter, and what is asked of them before there is a report: what is live, due, open, last known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from bot.domain.changes import PlanChange, first_loaded_at, plan_at
from bot.domain.dates import read_day
from bot.domain.milestone_line import LineState
from bot.domain.project import Milestone, Person, Portfolio, Project, RagStatus
from bot.domain.quarter import (
    FiscalYear,
    Quarter,
    ReportingRules,
    ReportingWindow,
    WorkingCalendar,
    reporting_window,
)
from bot.domain.thresholds import Thresholds
from bot.domain.tracker import Trackings
from bot.domain.update import (
    Decision,
    DecisionState,
    Given,
    MilestoneUpdate,
    Objective,
    ProjectSummary,
    Promise,
    QuarterAnswers,
    ReaderQuestion,
    Resources,
    Risk,
    Ruling,
)

T = TypeVar("T")

MIN_DAYS_TO_ANSWER = 3  # a milestone added later than this many working days before due is new, not due


@dataclass(frozen=True, slots=True)
class InPlace:
    """A deputy who was asked, and the name of the owner who is away."""

    deputy: Person
    owner: str


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """Everything a report is built from.

    `history` holds every quarter up to this one; `window` is this quarter's; `names` prints people's refs; `today` is
    the day it is compiled, in the company's zone; `excused` are milestone keys, those of earlier quarters in
    `excused_before`; `paused_before` are the earlier quarters that closed while the project was paused; `extended` are the
    last days of the milestones that were given more time; `trail` is what was ever changed in the project's plan, oldest
    first. `questions` are all that readers ever asked about the project, `published` is when each revision of its reports
    went out (UTC). `deputies` are those who were asked in place of an owner who is away, by milestone, "" for the budget.
    `trackings` are what trackers told in this quarter. `project_names` are those of all projects, by their keys; `brought`
    is what was said of milestones in the projects that they were moved from.
    """

    portfolio: Portfolio
    project: Project
    quarter: Quarter
    history: Mapping[Quarter, QuarterAnswers]
    window: ReportingWindow
    calendar: WorkingCalendar
    today: date
    names: Mapping[str, str] = field(default_factory=dict)
    excused: frozenset[str] = frozenset()
    is_paused: bool = False
    extended: Mapping[str, date] = field(default_factory=dict)
    excused_before: Mapping[Quarter, frozenset[str]] = field(default_factory=dict)
    paused_before: frozenset[Quarter] = frozenset()
    trail: tuple[PlanChange, ...] = ()
    questions: tuple[ReaderQuestion, ...] = ()
    published: tuple[tuple[Quarter, datetime], ...] = ()
    deputies: Mapping[str, tuple[InPlace, ...]] = field(default_factory=dict)
    trackings: Trackings = field(default_factory=Trackings)
    project_names: Mapping[str, str] = field(default_factory=dict)
    brought: Mapping[Quarter, QuarterAnswers] = field(default_factory=dict)

    @property
    def fiscal_year(self) -> FiscalYear:
        """The company's fiscal year."""
        return self.portfolio.fiscal_year

    @property
    def answers(self) -> QuarterAnswers:
        """What was said in this quarter."""
        return self.history.get(self.quarter, QuarterAnswers())

    @property
    def earlier_quarters(self) -> list[Quarter]:
        """The quarters before this one in which anything was said, oldest first."""
        return sorted(quarter for quarter in self.history if quarter < self.quarter)

    @property
    def summary(self) -> ProjectSummary:
        """The manager's own words for this quarter; empty where there are none."""
        return self.answers.summary.value if self.answers.summary else ProjectSummary()

    @property
    def judged_on(self) -> date:
        """The day on which ages and lateness are judged: the report's own date, else at most the quarter's last day."""
        return self.summary.report_date or min(self.today, self.fiscal_year.last_day(self.quarter))

    @property
    def last_told_at(self) -> datetime | None:
        """When an earlier quarter was last reported before this one first was: what came later is news in this report."""
        first = min((at for quarter, at in self.published if quarter == self.quarter), default=None)
        earlier = (at for quarter, at in self.published if quarter < self.quarter)
        return max((at for at in earlier if first is None or at < first), default=None)

    @property
    def loaded_at(self) -> datetime | None:
        """When the project was first loaded (UTC); None where its trail does not tell."""
        return first_loaded_at(self.trail)

    def is_news(self, at: datetime | None) -> bool:
        """Whether something that was said at an instant has not been in the report of an earlier quarter."""
        told = self.last_told_at
        return at is not None and told is not None and at > told

    def last_known(self, milestone: str) -> tuple[Quarter, Given[MilestoneUpdate]] | None:
        """The latest answer for a milestone before this quarter, with its quarter."""
        known = {
            quarter: answers.milestones[milestone]
            for history in (self.brought, self.history)
            for quarter, answers in history.items()
            if quarter < self.quarter and milestone in answers.milestones
        }
        latest = max(known, default=None)
        return (latest, known[latest]) if latest else None

    def window_of(self, quarter: Quarter) -> ReportingWindow:
        """The window of another quarter, by the project's own rules."""
        return reporting_window(
            quarter,
            fiscal_year=self.fiscal_year,
            rules=self._rules,
            calendar=self.calendar,
            zone=self.zone,
            dates=self.portfolio.quarters.get(quarter),
        )

    @property
    def thresholds(self) -> Thresholds:
        """The figures at which rules and checks fire: the project's own, else the company's."""
        return self._rules.thresholds

    @property
    def _rules(self) -> ReportingRules:
        return self.project.reporting or self.portfolio.reporting

    @property
    def zone(self) -> ZoneInfo:
        """The company's zone."""
        return ZoneInfo(self.portfolio.timezone)

    def name_of(self, ref: str | None) -> str | None:
        """How a ref is printed: the person's name where it is known, else as it was written."""
        return None if ref is None else self.names.get(ref, ref)

    def milestone_name(self, key: str | None) -> str | None:
        """How a milestone is printed: its name where the plan has it, else its key.

        Where another one of the quarter has the same name, the key follows.
        """
        milestone = self.project.milestone(key) if key else None
        if milestone is None:
            return key
        first = self.fiscal_year.first_day(self.quarter)
        others = (other for other in self.project.milestones if other.name == milestone.name and other.key != key)
        has_namesake = any(other.is_live(first, self.window.due_on) for other in others)
        return f"{milestone.name} ({key})" if has_namesake else milestone.name


def in_place_of(facts: ReportFacts, milestone: str, person: int) -> str | None:
    """The owner who is away and in whose place somebody (our row) was asked for a milestone, "" for the budget."""
    return next((found.owner for found in facts.deputies.get(milestone, ()) if found.deputy.id == person), None)


def live_milestones(facts: ReportFacts) -> list[Milestone]:
    """The milestones that belong to the quarter: dropped ones of this quarter too, and those that were answered for in it
    although they came to the plan later, as history that is loaded afterwards."""
    first = facts.fiscal_year.first_day(facts.quarter)
    answered = facts.answers.milestones
    return [m for m in facts.project.milestones if m.is_live(first, facts.window.due_on) or m.key in answered]


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


def _came_too_late(facts: ReportFacts, milestone: Milestone) -> bool:
    if milestone.live_from is None or milestone.live_from < facts.window.opens_on:
        return False
    return facts.calendar.between(milestone.live_from, facts.window.due_on) < MIN_DAYS_TO_ANSWER


def due_objectives(facts: ReportFacts) -> list[tuple[Quarter, Objective]]:
    """Objectives promised in earlier quarters that come due in this one, with the quarter that promised them.

    One that was answered for before it came due is settled.
    """
    return [
        (quarter, objective)
        for quarter, objective in earlier_objectives(facts)
        if due_quarter(objective, facts.fiscal_year) == facts.quarter and not _is_settled(facts, objective, quarter)
    ]


def _is_settled(facts: ReportFacts, objective: Objective, promised_in: Quarter) -> bool:
    between = (quarter for quarter in facts.earlier_quarters if quarter > promised_in)
    return any(objective.key in results_in(facts.history[quarter]) for quarter in between)


def promise_results(facts: ReportFacts) -> dict[str, Promise]:
    """What was answered in this quarter for objectives promised before, by the objective's key."""
    return results_in(facts.answers)


def results_in(answers: QuarterAnswers) -> dict[str, Promise]:
    """What was answered in a quarter for objectives promised before, by key; an owner's word counts before the manager's."""
    results = dict(answers.summary.value.promised) if answers.summary else {}
    for given in answers.milestones.values():
        results.update(given.value.promised)
    return results


def earlier_objectives(facts: ReportFacts) -> list[tuple[Quarter, Objective]]:
    """What was promised in earlier quarters; an objective promised again under its key counts as promised last."""
    latest: dict[str, tuple[Quarter, Objective]] = {}
    for quarter in facts.earlier_quarters:
        latest |= {objective.key: (quarter, objective) for objective in made_in(facts.history[quarter])}
    return list(latest.values())


def made_in(answers: QuarterAnswers) -> list[Objective]:
    """The objectives promised in a quarter, those taken back left out."""
    return [given.value for given in answers.objectives.values() if not given.value.is_withdrawn]


def due_quarter(objective: Objective, fiscal_year: FiscalYear) -> Quarter | None:
    """The quarter that holds an objective's target date or is its target; None for words, which never come due."""
    if not objective.target:
        return None
    day = read_day(objective.target.strip())
    return fiscal_year.quarter_of(day) if day else Quarter.find(objective.target)


def open_risks(facts: ReportFacts) -> list[tuple[Quarter, Given[Risk]]]:
    """Risks as last said, still open or closed in this quarter, with the quarter in which each was opened."""
    carried = _carried(facts, lambda answers: answers.risks, lambda risk: risk.is_open)
    return [(_opened(given.value, first_seen, facts.fiscal_year), given) for first_seen, given in carried]


def _opened(risk: Risk, first_seen: Quarter, fiscal_year: FiscalYear) -> Quarter:
    """The quarter in which a risk was opened: as given, else that of the day since when it blocks, else as first told."""
    since = fiscal_year.quarter_of(risk.since) if risk.since else first_seen
    return risk.opened or min(since, first_seen)


def standing_risks(facts: ReportFacts) -> tuple[Risk, ...]:
    """The risks that are open, as last said, the gravest first."""
    risks = (given.value for _, given in open_risks(facts) if given.value.is_open)
    return tuple(sorted(risks, key=lambda risk: -risk.severity))


def open_decisions(facts: ReportFacts) -> list[tuple[Quarter, Given[Decision]]]:
    """Decisions as last said, with the quarter in which each was first asked: those that wait, and those settled since
    they were last reported, in this quarter or by a leader's word on the report before."""
    return _carried(
        facts,
        lambda answers: answers.decisions,
        lambda decision: decision.state is DecisionState.OPEN or _is_news(decision.ruling, facts),
    )


def _is_news(ruling: Ruling | None, facts: ReportFacts) -> bool:
    return ruling is not None and facts.is_news(ruling.at)


def latest_decisions(history: Mapping[Quarter, QuarterAnswers]) -> dict[str, tuple[Quarter, Decision]]:
    """Every decision that was ever asked for as last said, by key, with the quarter in which that was."""
    return {
        key: (quarter, given.value) for quarter in sorted(history) for key, given in history[quarter].decisions.items()
    }


def told_questions(facts: ReportFacts) -> list[ReaderQuestion]:
    """Readers' questions for this quarter's report: asked about it, still open, or answered since the report before."""
    return [
        question
        for question in facts.questions
        if question.quarter == facts.quarter
        or (question.quarter < facts.quarter and (question.answer is None or facts.is_news(question.answered_at)))
    ]


def _carried(
    facts: ReportFacts,
    items_of: Callable[[QuarterAnswers], Mapping[str, Given[T]]],
    is_open: Callable[[T], bool],
) -> list[tuple[Quarter, Given[T]]]:
    """Items that live on from quarter to quarter until they are closed, with the quarter each was first seen in."""
    first_seen: dict[str, Quarter] = {}
    latest: dict[str, Given[T]] = {}
    shown: dict[str, bool] = {}
    for quarter in sorted(q for q in facts.history if q <= facts.quarter):
        for key, given in items_of(facts.history[quarter]).items():
            first_seen.setdefault(key, quarter)
            was_open = key not in latest or is_open(latest[key].value)
            shown[key] = is_open(given.value) or (was_open and quarter == facts.quarter)  # closed twice is old news
            latest[key] = given
    return [(first_seen[key], given) for key, given in latest.items() if shown[key]]


def risks_before(facts: ReportFacts) -> dict[str, Risk]:
    """Risks as last said in earlier quarters, closed ones too, by key."""
    quarters = facts.earlier_quarters
    return {key: given.value for quarter in quarters for key, given in facts.history[quarter].risks.items()}


def latest_resources(facts: ReportFacts) -> tuple[Quarter, Resources] | None:
    """The latest resources answer before this quarter, with its quarter."""
    return _latest(facts, lambda _: True)


def latest_money(facts: ReportFacts) -> tuple[Quarter, Resources] | None:
    """The latest resources answer before this quarter that gave a figure of money, with its quarter."""
    return _latest(facts, _gives_money)


def _latest(facts: ReportFacts, is_wanted: Callable[[Resources], bool]) -> tuple[Quarter, Resources] | None:
    latest_first = reversed(facts.earlier_quarters)
    answers = ((q, given.value) for q in latest_first if (given := facts.history[q].resources))
    return next(((q, said) for q, said in answers if is_wanted(said)), None)


def _gives_money(said: Resources) -> bool:
    amounts = (said.budget_at_completion, said.actual_cost, said.forecast_at_completion)
    return any(figure is not None for figure in (*amounts, said.percent_used, said.percent_variance))


def has_budget(facts: ReportFacts) -> bool:
    """Whether resources and budget are asked for: the project has a budget, or somebody answered for resources."""
    said = facts.answers.resources is not None or latest_resources(facts) is not None
    return facts.project.budget_at_completion is not None or said


def is_budget_missing(facts: ReportFacts) -> bool:
    """Whether resources and budget are asked for in this quarter and nobody has answered."""
    return has_budget(facts) and facts.answers.resources is None and not facts.is_paused


def as_planned(facts: ReportFacts) -> ReportFacts:
    """The facts with the plan as it stood when the quarter's grace ended: what is edited later changes no past report.

    A quarter that was over before the project was first loaded has the plan as it is: nobody loaded what held then.
    """
    end = facts.window.grace_until
    if facts.loaded_at is not None and facts.loaded_at > end:
        return facts
    return replace(
        facts,
        project=plan_then(facts, end),
        trail=tuple(change for change in facts.trail if change.at <= end),
    )


def plan_then(facts: ReportFacts, at: datetime) -> Project:
    """The project's plan as it stood at an instant (UTC), by the trail that the facts hold."""
    return plan_at(facts.project, facts.trail, at, zone=facts.zone, name_of=lambda ref: facts.names.get(ref, ref))


def in_quarter(facts: ReportFacts, quarter: Quarter) -> ReportFacts:
    """The facts of an earlier quarter, with its own window and plan: what was added or dropped since is not in it."""
    then = replace(
        facts,
        quarter=quarter,
        window=facts.window_of(quarter),
        excused=facts.excused_before.get(quarter, frozenset()),
        is_paused=False,
        extended={},
    )
    return as_planned(then)
