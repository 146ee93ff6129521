"""Changes of the plan: listed in the quarter they were made in, never silent, and no past report is changed by them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from bot.domain.changes import PlanChange
from bot.domain.milestone_line import LineState
from bot.domain.project import Milestone, Project
from bot.domain.quarter import Quarter
from bot.domain.report import QuarterlyReport, ScopeChange, ScopeChangeKind
from bot.domain.reporting import build_report
from bot.domain.update import Resources
from tests.builders import (
    BOB,
    Q1,
    Q2,
    Q3,
    Q4,
    a_change,
    a_milestone,
    a_project,
    an_update,
    answers,
    facts,
)

GRACE_Q2 = facts(quarter=Q2).window.grace_until
GRACE_Q3 = facts(quarter=Q3).window.grace_until
GRACE_Q4 = facts(quarter=Q4).window.grace_until
A_SECOND = timedelta(seconds=1)
IN_Q2, IN_Q3, IN_Q4 = (datetime(2025, month, 1, 12, tzinfo=UTC) for month in (5, 8, 11))
LOADED = a_change("added", None, "Customer Portal", datetime(2025, 1, 10, tzinfo=UTC), milestone="")
SEPTEMBER, LATER = date(2025, 9, 30), date(2025, 10, 6)  # four working days apart


def report_of(project: Project, *trail: PlanChange, quarter: Quarter = Q3, **values: object) -> QuarterlyReport:
    history = values.pop("history", {q: answers({"front-end": an_update(forecast=LATER)}) for q in (Q2, Q3, Q4)})
    return build_report(facts(project, history, quarter=quarter, trail=(LOADED, *trail), **values))  # type: ignore[arg-type]


def lines(report: QuarterlyReport) -> list[tuple[ScopeChangeKind, str, str | None, str | None]]:
    return [(change.kind, change.key, change.before, change.after) for change in report.scope_changes]


def moved(old: date, new: date, at: datetime, **values: object) -> PlanChange:
    return a_change("baseline", old.isoformat(), new.isoformat(), at, **values)


@pytest.mark.parametrize(
    ("at", "listed_in"),
    [
        (GRACE_Q2, Q2),
        (GRACE_Q2 + A_SECOND, Q3),
        (GRACE_Q3, Q3),
        (GRACE_Q3 + A_SECOND, Q4),
    ],
    ids=["at the last grace", "just after it", "at this grace", "just after that"],
)
def test_an_edit_is_listed_in_the_quarter_whose_grace_it_was_made_in_and_in_no_other(
    at: datetime, listed_in: Quarter
) -> None:
    project = a_project(a_milestone(baseline=LATER))
    expected = ScopeChange(
        ScopeChangeKind.BASELINE_MOVED, "front-end", "Front end", "2025-09-30", "2025-10-06", days=4, by=None
    )
    found = {q: report_of(project, moved(SEPTEMBER, LATER, at), quarter=q).scope_changes for q in (Q2, Q3, Q4)}
    assert found == {quarter: (expected,) if quarter == listed_in else () for quarter in (Q2, Q3, Q4)}


def test_whoever_did_it_is_named_and_a_file_is_not() -> None:
    project = a_project(a_milestone(owner=BOB, name="New"))
    trail = (
        a_change("owner", "Alice", "Bob", IN_Q3, by="U0CHARLIE"),
        a_change("name", "Old", "New", IN_Q3),
    )
    report = report_of(project, *trail, names={"U0CHARLIE": "Charlie"})
    assert [(change.kind, change.before, change.after, change.by) for change in report.scope_changes] == [
        (ScopeChangeKind.RENAMED, "Old", "New", None),
        (ScopeChangeKind.HANDED_OVER, "Alice", "Bob", "Charlie"),
    ]


def test_an_owner_whom_the_trail_names_by_an_address_is_printed_by_name() -> None:
    trail = a_change("owner", "alice@example.com", "Bob", IN_Q3)
    report = report_of(a_project(a_milestone(owner=BOB)), trail, names={"alice@example.com": "Alice"})
    assert lines(report) == [(ScopeChangeKind.HANDED_OVER, "front-end", "Alice", "Bob")]


def test_a_baseline_that_was_moved_twice_is_one_line_and_one_moved_back_is_none() -> None:
    october = date(2025, 10, 1)
    twice = (moved(SEPTEMBER, october, IN_Q3), moved(october, LATER, IN_Q3 + A_SECOND))
    [change] = report_of(a_project(a_milestone(baseline=LATER)), *twice).scope_changes
    assert (change.before, change.after, change.days) == ("2025-09-30", "2025-10-06", 4)
    back = (moved(SEPTEMBER, LATER, IN_Q3), moved(LATER, SEPTEMBER, IN_Q3 + A_SECOND))
    assert report_of(a_project(a_milestone(baseline=SEPTEMBER)), *back).scope_changes == ()


def test_a_baseline_that_was_moved_published_and_moved_back_shows_in_both_quarters() -> None:
    trail = (moved(SEPTEMBER, LATER, IN_Q3), moved(LATER, SEPTEMBER, IN_Q4))
    project = a_project(a_milestone(baseline=SEPTEMBER))
    q3, q4 = (report_of(project, *trail, quarter=q) for q in (Q3, Q4))
    assert (q3.scope_changes[0].days, q4.scope_changes[0].days) == (4, -4)
    [then], [now] = q3.milestones, q4.milestones
    assert (then.baseline, then.first_baseline, then.slippage_days, then.slippage_from_first_days) == (
        LATER,
        SEPTEMBER,
        0,
        4,
    )
    assert (now.baseline, now.first_baseline, now.slippage_days, now.slippage_from_first_days) == (
        SEPTEMBER,
        None,
        4,
        None,
    )


def test_slippage_counts_from_the_very_first_baseline_however_often_it_was_moved() -> None:
    june = date(2025, 6, 30)
    trail = (moved(june, SEPTEMBER, IN_Q2), moved(SEPTEMBER, LATER, IN_Q3))
    [line] = report_of(a_project(a_milestone(baseline=LATER)), *trail).milestones
    assert (line.first_baseline, line.slippage_days) == (june, 0)
    assert line.slippage_from_first_days is not None
    assert line.slippage_from_first_days > 60


def test_a_baseline_that_was_taken_away_is_a_change_and_one_given_for_the_first_time_is_not() -> None:
    gone = report_of(a_project(a_milestone(baseline=None)), a_change("baseline", "2025-09-30", None, IN_Q3))
    assert lines(gone) == [(ScopeChangeKind.BASELINE_MOVED, "front-end", "2025-09-30", None)]
    assert (gone.milestones[0].first_baseline, gone.milestones[0].slippage_from_first_days) == (SEPTEMBER, 4)
    first = report_of(a_project(a_milestone()), a_change("baseline", None, "2025-09-30", IN_Q3))
    assert first.scope_changes == ()
    assert first.milestones[0].first_baseline is None


def test_what_is_edited_later_changes_no_report_of_an_earlier_quarter() -> None:
    before = a_project(a_milestone(), a_milestone("api"), budget_at_completion=None)
    later = replace(
        before,
        name="Renamed",
        milestones=(
            a_milestone(name="New name", owner=BOB, baseline=LATER),
            a_milestone("api", dropped_on=IN_Q4.date()),
            a_milestone("late", live_from=IN_Q4.date()),
        ),
    )
    trail = (
        a_change("name", "Customer Portal", "Renamed", IN_Q4, milestone=""),
        a_change("name", "Front end", "New name", IN_Q4),
        a_change("owner", "Alice", "Bob", IN_Q4),
        moved(SEPTEMBER, LATER, IN_Q4),
        a_change("dropped", "Api", None, IN_Q4, milestone="api"),
        a_change("added", None, "Late", IN_Q4, milestone="late"),
    )
    for quarter in (Q2, Q3):
        assert report_of(later, *trail, quarter=quarter) == report_of(before, quarter=quarter)
    assert lines(report_of(later, *trail, quarter=Q4)) == [
        (ScopeChangeKind.RENAMED, "portal", "Customer Portal", "Renamed"),
        (ScopeChangeKind.RENAMED, "front-end", "Front end", "New name"),
        (ScopeChangeKind.HANDED_OVER, "front-end", "Alice", "Bob"),
        (ScopeChangeKind.BASELINE_MOVED, "front-end", "2025-09-30", "2025-10-06"),
        (ScopeChangeKind.DROPPED, "api", None, None),
        (ScopeChangeKind.ADDED, "late", None, None),
    ]


def test_a_quarter_that_was_over_before_the_first_load_has_the_plan_as_it_is() -> None:
    loaded = replace(LOADED, at=IN_Q4)
    trail = (loaded, moved(SEPTEMBER, LATER, IN_Q4 + A_SECOND))
    report = build_report(facts(a_project(a_milestone(baseline=LATER)), trail=trail))
    [line] = report.milestones
    assert (line.baseline, line.first_baseline, report.scope_changes) == (LATER, SEPTEMBER, ())


def test_edits_after_a_first_load_in_the_same_quarter_are_listed_but_not_the_load_itself() -> None:
    loaded = replace(LOADED, at=IN_Q3)
    added = a_change("added", None, "Front end", IN_Q3)
    trail = (loaded, added, moved(SEPTEMBER, LATER, IN_Q3 + A_SECOND))
    report = build_report(facts(a_project(a_milestone(baseline=LATER)), trail=trail))
    assert lines(report) == [(ScopeChangeKind.BASELINE_MOVED, "front-end", "2025-09-30", "2025-10-06")]


def scope_of(milestone: Milestone, quarter: Quarter = Q3, *trail: PlanChange) -> list[ScopeChangeKind]:
    built = facts(a_project(a_milestone("there"), milestone), quarter=quarter, trail=trail)
    return [change.kind for change in build_report(built).scope_changes]


DUE_Q2, DUE_Q3 = facts(quarter=Q2).window.due_on, facts(quarter=Q3).window.due_on
A_DAY = timedelta(days=1)


@pytest.mark.parametrize(("day", "listed_in"), [(DUE_Q2, Q2), (DUE_Q2 + A_DAY, Q3), (DUE_Q3, Q3), (DUE_Q3 + A_DAY, Q4)])
def test_a_milestone_is_added_in_the_first_report_that_has_its_row(day: date, listed_in: Quarter) -> None:
    milestone = a_milestone("new", live_from=day)
    found = {quarter: scope_of(milestone, quarter) for quarter in (Q2, Q3, Q4)}
    assert found == {q: [ScopeChangeKind.ADDED] if q == listed_in else [] for q in (Q2, Q3, Q4)}
    rows = {q for q in (Q2, Q3, Q4) if build_report(facts(a_project(milestone), quarter=q)).milestones}
    assert min(rows) == listed_in


@pytest.mark.parametrize(("day", "listed_in"), [(DUE_Q2, Q2), (DUE_Q2 + A_DAY, Q3), (DUE_Q3, Q3), (DUE_Q3 + A_DAY, Q4)])
def test_a_milestone_is_dropped_in_the_first_report_whose_row_says_so(day: date, listed_in: Quarter) -> None:
    milestone = a_milestone("old", dropped_on=day)
    found = {quarter: scope_of(milestone, quarter) for quarter in (Q2, Q3, Q4)}
    assert found == {q: [ScopeChangeKind.DROPPED] if q == listed_in else [] for q in (Q2, Q3, Q4)}
    [line] = build_report(facts(a_project(milestone), quarter=listed_in)).milestones
    assert line.state is LineState.DROPPED


def test_what_a_project_begins_with_is_no_change() -> None:
    project = a_project(a_milestone(live_from=date(2025, 8, 1)), a_milestone("b", live_from=date(2025, 8, 1)))
    assert build_report(facts(project)).scope_changes == ()


def test_a_milestone_that_was_dropped_and_came_back_is_listed_each_time() -> None:
    dropped_at, back_at = datetime(2025, 6, 2, 12, tzinfo=UTC), IN_Q3
    trail = (
        a_change("dropped", "Front end", None, dropped_at),
        a_change("added", None, "Front end", back_at),
    )
    assert scope_of(a_milestone(), Q2, *trail) == [ScopeChangeKind.DROPPED]
    assert scope_of(a_milestone(), Q3, *trail) == [ScopeChangeKind.ADDED]
    assert scope_of(a_milestone(), Q4, *trail) == []


PROJECTS = {"portal": "Portal", "mobile": "Mobile app"}
CAME = a_change("added", "mobile", "Front end", IN_Q3)
WENT = a_change("dropped", "Front end", "mobile", IN_Q3)


@pytest.mark.parametrize(
    ("milestone", "trail", "expected"),
    [
        (a_milestone(live_from=IN_Q3.date()), (CAME,), [(ScopeChangeKind.MOVED, "front-end", "Mobile app", "Portal")]),
        (a_milestone(), (CAME,), [(ScopeChangeKind.MOVED, "front-end", "Mobile app", "Portal")]),
        (
            a_milestone(dropped_on=IN_Q3.date()),
            (WENT,),
            [(ScopeChangeKind.MOVED, "front-end", "Portal", "Mobile app")],
        ),
        (a_milestone(), (WENT, replace(CAME, at=IN_Q3 + A_SECOND)), []),
        (a_milestone(live_from=IN_Q3.date(), dropped_on=IN_Q3.date()), (CAME, replace(WENT, at=IN_Q3 + A_SECOND)), []),
    ],
    ids=["came", "came to a project that is new", "went", "went and came back", "came and went back"],
)
def test_a_milestone_that_was_moved_is_listed_as_such_in_both_projects(
    milestone: Milestone, trail: tuple[PlanChange, ...], expected: list[object]
) -> None:
    project = a_project(a_milestone("there"), milestone)
    assert lines(report_of(project, *trail, project_names=PROJECTS)) == expected
    assert lines(report_of(project, *trail, project_names=PROJECTS, quarter=Q4)) == []


def test_one_that_comes_back_with_another_baseline_has_moved_it() -> None:
    trail = (
        a_change("dropped", "Front end", None, IN_Q2),
        a_change("added", None, "Front end", IN_Q3),
        moved(SEPTEMBER, LATER, IN_Q3),
    )
    built = facts(a_project(a_milestone("there"), a_milestone(baseline=LATER)), trail=trail)
    assert [change.kind for change in build_report(built).scope_changes] == [
        ScopeChangeKind.ADDED,
        ScopeChangeKind.BASELINE_MOVED,
    ]


def budget_changes(
    project_budget: int | None, q2: Resources | None, q3: Resources | None, *trail: PlanChange, **values: object
) -> list[tuple[str | None, str | None, str | None]]:
    project = a_project(budget_at_completion=Decimal(project_budget) if project_budget else None)
    history = {Q1: answers({"front-end": an_update()}), Q2: answers(resources=q2), Q3: answers(resources=q3)}
    report = build_report(facts(project, history, trail=trail, **values))  # type: ignore[arg-type]
    return [
        (change.before, change.after, change.by)
        for change in report.scope_changes
        if change.kind is ScopeChangeKind.REBASELINED
    ]


BAC_1000, BAC_1200 = Resources(budget_at_completion=Decimal(1_000)), Resources(budget_at_completion=Decimal(1_200))
SPENT = Resources(actual_cost=Decimal(10))


@pytest.mark.parametrize(
    ("project_budget", "q2", "q3", "expected"),
    [
        (None, BAC_1000, BAC_1200, [("1000", "1200", "Alice")]),
        (1_000, SPENT, BAC_1200, [("1000", "1200", "Alice")]),
        (1_000, None, BAC_1200, [("1000", "1200", "Alice")]),
        (1_000, BAC_1200, SPENT, [("1200", "1000", None)]),
        (1_000, BAC_1000, BAC_1000, []),
        (1_000, SPENT, BAC_1000, []),
        (1_000, BAC_1200, None, []),  # this quarter says nothing of the budget
        (None, None, BAC_1000, []),  # the first figure
        (None, None, None, []),
    ],
)
def test_the_budget_of_this_quarter_is_compared_with_the_last_one_reported(
    project_budget: int | None,
    q2: Resources | None,
    q3: Resources | None,
    expected: list[tuple[str | None, str | None, str | None]],
) -> None:
    assert budget_changes(project_budget, q2, q3, names={"U0ALICE": "Alice"}) == expected


def test_a_budget_that_a_file_changed_is_rebaselined_and_the_variance_before_is_against_the_one_of_its_time() -> None:
    change = a_change("budget_at_completion", "1000", "1200", IN_Q3, milestone="")
    assert budget_changes(1_200, None, None, change) == [("1000", "1200", None)]
    assert budget_changes(1_200, SPENT, SPENT, change) == [("1000", "1200", None)]
    said_too = budget_changes(1_200, None, BAC_1200, change, names={"U0ALICE": "Alice"})
    assert said_too == [("1000", "1200", None)]  # the answer only repeats what the file had changed
    forecast = Resources(forecast_at_completion=Decimal(1_100))
    project = a_project(budget_at_completion=Decimal(1_200))
    built = facts(project, {Q2: answers(resources=forecast), Q3: answers(resources=forecast)}, trail=(change,))
    money = build_report(built).resources
    assert money is not None
    assert money.previous is not None
    assert (money.previous.quarter, money.previous.budget_at_completion, money.previous.percent_variance) == (
        Q2,
        1000,
        10,
    )
    assert money.percent_variance == pytest.approx(Decimal("-8.33"), abs=Decimal("0.01"))


def test_a_weight_is_the_one_of_its_quarter() -> None:
    built = facts(a_project(a_milestone(weight=3)), trail=(a_change("weight", "1", "3", IN_Q4),))
    assert build_report(built).milestones[0].weight == 1
    assert build_report(replace(built, trail=())).milestones[0].weight == 3
