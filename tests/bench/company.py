"""A company to measure with: projects of twenty milestones, and what their people said over eight quarters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import insert
from sqlalchemy.orm import Session

from bot.domain.changes import Change, project_changes
from bot.domain.project import Milestone, Person, Portfolio, Project, RagStatus
from bot.domain.quarter import FiscalYear, Quarter
from bot.domain.update import (
    Answer,
    Decision,
    DecisionState,
    MilestoneUpdate,
    Objective,
    Promise,
    PromiseResult,
    Rating,
    Resources,
    Risk,
)
from bot.store import codec
from bot.store.portfolio import project_id, record_changes, save_portfolio, save_project
from bot.store.tables import AnswerRow

LAST = Quarter(2025, 4)
QUARTERS = tuple(LAST.shifted(n) for n in range(-7, 1))
AFTERWARDS = datetime(2026, 1, 7, 15, tzinfo=UTC)  # the day after the last quarter's deadline
LOADED_AT = datetime(2024, 1, 2, 15, tzinfo=UTC)  # in the first quarter
MILESTONES = 20
OWNERS = 5  # of a project's milestones
RISKS = 4
OBJECTIVES = 3  # promised in each quarter for the next

_STATUSES = (RagStatus.ON_TRACK, RagStatus.ON_TRACK, RagStatus.AT_RISK, RagStatus.OFF_TRACK)
_RESULTS = (PromiseResult.KEPT, PromiseResult.CARRIED_OVER, PromiseResult.DROPPED)
_YEAR = FiscalYear()


@dataclass(frozen=True)
class Said:
    """An answer, and what it is an answer for; `key` is empty for resources."""

    kind: str
    key: str
    value: Answer


def build_company(session: Session, numbers: Iterable[int], *, with_answers: bool = True) -> None:
    """Store a company's projects with everything that was ever answered. The same number gives the same project."""
    save_portfolio(session, Portfolio(company="Bench", timezone="America/New_York", country="US"))
    for number in numbers:
        project = _project(number)
        save_project(session, project, today=_YEAR.first_day(QUARTERS[0]))
        record_changes(session, project_changes(None, project), at=LOADED_AT)
        record_changes(session, _moves(project), at=AFTERWARDS - timedelta(days=60))
        if with_answers:
            _add_answers(session, number, project_id(session, project.key))
        session.expunge_all()


def _add_answers(session: Session, number: int, row_id: int) -> None:
    session.execute(
        insert(AnswerRow), [_row(row_id, quarter, said) for quarter in QUARTERS for said in _said(number, quarter)]
    )


def _project(number: int) -> Project:
    key = f"p{number:04d}"
    owners = [Person(f"{key}-o{n}@example.com", f"Owner {number}-{n}") for n in range(OWNERS)]
    milestones = tuple(
        Milestone(f"m{n:02d}", f"Milestone {n} of project {number}", owners[n % OWNERS], baseline=_baseline(n))
        for n in range(MILESTONES)
    )
    return Project(
        key=key,
        name=f"Project {number}",
        manager=Person(f"{key}-m@example.com", f"Manager {number}"),
        milestones=milestones,
        currency="USD",
        budget_at_completion=Decimal(1_000_000 + 1_000 * number),
    )


def _baseline(milestone: int) -> date:
    """Milestones end one after the other, from the first quarter on until a year after the last."""
    return _YEAR.last_day(QUARTERS[0]) + timedelta(days=50 * milestone)


def _moves(project: Project) -> Iterator[Change]:
    """Two baselines that were moved in the last quarter."""
    for milestone in project.milestones[-2:]:
        later = _baseline(int(milestone.key[1:]))
        yield Change(project.key, milestone.key, "baseline", str(later - timedelta(days=30)), str(later))


def _row(project: int, quarter: Quarter, said: Said) -> dict[str, object]:
    return {
        "project_id": project,
        "quarter": str(quarter),
        "kind": said.kind,
        "item_key": said.key,
        "version": 1,
        "body": codec.dump(said.value),
        "by": "bench@example.com",
        "at": datetime(2024, 4, 1, 12, tzinfo=UTC) + timedelta(days=91 * QUARTERS.index(quarter)),
        "is_confirmed": False,
    }


def _said(project: int, quarter: Quarter) -> Iterator[Said]:
    """Everything said about a project in a quarter; one update in eleven is missing."""
    age = QUARTERS.index(quarter)
    for number in range(MILESTONES):
        if (project + number + age) % 11:
            yield Said("milestone", f"m{number:02d}", _update(project, number, age))
    for number in range(RISKS):
        yield Said("risk", f"r{number}", _risk(number, age))
    for number in range(OBJECTIVES):
        key = f"o{age}-{number}"
        yield Said("objective", key, Objective(key, f"Objective {number} of {quarter}", target=str(quarter.next)))
    yield from _decisions(project, age)
    yield Said("resources", "", _resources(age))


def _update(project: int, number: int, age: int) -> MilestoneUpdate:
    percent = max(0, min(100, 12 * age + 30 - 4 * number))
    is_complete = percent == 100
    status = RagStatus.COMPLETE if is_complete else _STATUSES[(project + number + age) % len(_STATUSES)]
    promised = {f"o{age - 1}-{number}": Promise(_RESULTS[(project + number) % 3])} if number < OBJECTIVES else {}
    return MilestoneUpdate(
        percent_complete=Decimal(percent),
        status=status,
        forecast=_baseline(number) + timedelta(days=7 * age),
        deliverables=("The interfaces were agreed with both vendors.", "Two of five regions are live."),
        impact="Billing starts a month later than planned, which the sales team has been told.",
        note="The test environment was down for a week. Acceptance was completed in two of five regions.",
        recovery=None if is_complete else "A second team joins in the first week of the quarter.",
        promised=promised if age else {},
    )


def _risk(number: int, age: int) -> Risk:
    return Risk(
        key=f"r{number}",
        title=f"Supplier {number} delivers late",
        challenge="The contract names no penalty, and the part has no second source.",
        mitigation="A second supplier is being qualified.",
        probability=tuple(Rating)[(number + age) % 3],
        impact=tuple(Rating)[number % 3],
        owner="The head of purchasing",
        milestone=f"m{number:02d}",
    )


def _decisions(project: int, age: int) -> Iterator[Said]:
    """Every third project asks for one a quarter, and hears by the next."""
    if project % 3 == 0:
        asked = Decision(f"d{age}", "Release the budget of the next two quarters", who="The board")
        yield Said("decision", asked.key, asked)
        if age:
            settled = replace(asked, key=f"d{age - 1}", state=DecisionState.DECIDED, outcome="Released")
            yield Said("decision", settled.key, settled)


def _resources(age: int) -> Resources:
    return Resources(
        actual_cost=Decimal(110_000 * (age + 1)),
        forecast_at_completion=Decimal(1_000_000 + 20_000 * age),
        staffing_planned=Decimal(12),
        staffing_actual=Decimal(11),
        dependencies=("The network team", "The data centre in Dublin"),
    )
