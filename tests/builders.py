"""Projects, answers and facts for tests: valid by default, override what matters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from bot.calendars import working_calendar
from bot.domain.changes import PlanChange
from bot.domain.facts import ReportFacts
from bot.domain.project import Milestone, Person, Portfolio, Project, RagStatus
from bot.domain.quarter import Quarter, WorkingCalendar, reporting_window
from bot.domain.update import (
    Decision,
    Given,
    MilestoneUpdate,
    Objective,
    ProjectSummary,
    Provenance,
    QuarterAnswers,
    Rating,
    Resources,
    Risk,
)

T = TypeVar("T")

Q1, Q2, Q3, Q4 = (Quarter(2025, number) for number in (1, 2, 3, 4))
ALICE = Person("alice@example.com", "Alice", id=1, slack_id="U0ALICE", email="alice@example.com")
BOB = Person("U0BOB", "Bob", id=2, slack_id="U0BOB")
CHARLIE = Person("@charlie", "Charlie", id=3, slack_id="U0CHARLIE", handle="@charlie")
WEEKDAYS = WorkingCalendar()
COMPANY = Portfolio(company="Example Networks", timezone="America/New_York", country="US", admins=("U0ADMIN",))


def a_milestone(key: str = "front-end", **values: Any) -> Milestone:
    """A milestone of Alice's that is due at the end of the third quarter."""
    defaults = {"name": key.replace("-", " ").capitalize(), "owner": ALICE, "baseline": date(2025, 9, 30)}
    return Milestone(key=key, **{**defaults, **values})


def a_project(*milestones: Milestone, **values: Any) -> Project:
    """Bob's project; one milestone, no budget."""
    defaults = {"key": "portal", "name": "Customer Portal", "manager": BOB}
    return Project(milestones=milestones or (a_milestone(),), **{**defaults, **values})


def an_update(percent: int | str | None = 50, status: RagStatus | None = RagStatus.ON_TRACK, **values: Any) -> Any:
    """A milestone's answer without forecast, note or deliverables."""
    percent_complete = None if percent is None else Decimal(percent)
    return MilestoneUpdate(percent_complete=percent_complete, status=status, **values)


def a_risk(key: str = "training", **values: Any) -> Risk:
    """An open Medium risk that is looked after."""
    defaults = {
        "title": "Insufficient training",
        "challenge": "Little time",
        "mitigation": "A coordinator",
        "owner": "U0BOB",
        "probability": Rating.MEDIUM,
        "impact": Rating.MEDIUM,
    }
    return Risk(key=key, **{**defaults, **values})


def given(value: T, *, by: str = "U0ALICE", at: datetime | None = None, confirmed: bool = False) -> Given[T]:
    """An answer as it stands."""
    return Given(value, Provenance(by, at or datetime(2025, 10, 1, 14, tzinfo=UTC), confirmed))


def answers(
    milestones: Mapping[str, MilestoneUpdate] | None = None,
    *,
    risks: tuple[Risk, ...] = (),
    objectives: tuple[Objective, ...] = (),
    decisions: tuple[Decision, ...] = (),
    resources: Resources | None = None,
    summary: ProjectSummary | None = None,
    confirmed: bool = False,
) -> QuarterAnswers:
    """What was said in one quarter, from bare values."""
    return QuarterAnswers(
        milestones={key: given(update, confirmed=confirmed) for key, update in (milestones or {}).items()},
        risks={risk.key: given(risk) for risk in risks},
        objectives={objective.key: given(objective) for objective in objectives},
        decisions={decision.key: given(decision) for decision in decisions},
        resources=given(resources) if resources else None,
        summary=given(summary) if summary else None,
    )


def facts(
    project: Project | None = None,
    history: Mapping[Quarter, QuarterAnswers] | None = None,
    *,
    quarter: Quarter = Q3,
    portfolio: Portfolio = COMPANY,
    today: date = date(2025, 10, 2),
    **values: Any,
) -> ReportFacts:
    """The facts of a project's third quarter, two days after its end."""
    project = project or a_project()
    calendar = working_calendar(portfolio.country, portfolio.closing_days)
    window = reporting_window(
        quarter,
        fiscal_year=portfolio.fiscal_year,
        rules=project.reporting or portfolio.reporting,
        calendar=calendar,
        zone=ZoneInfo(portfolio.timezone),
        dates=portfolio.quarters.get(quarter),
    )
    built = ReportFacts(portfolio, project, quarter, history or {}, window, calendar, today)
    return replace(built, **values)


def a_change(what: str, old: str | None, new: str | None, at: datetime, **values: Any) -> PlanChange:
    """A change of the front end's plan that a file made; the project's own where `milestone` is empty."""
    return PlanChange(**{"project": "portal", "milestone": "front-end", **values}, what=what, old=old, new=new, at=at)
