"""What all projects say together: counts that add up, money that is never mixed, and nothing of what is not published."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from portfolios import (
    BILLING,
    MERGER,
    NETWORK,
    PORTAL,
    a_decision,
    a_portfolio,
    a_project,
    a_report,
    resources,
    the_company,
)

from bot.domain.movement import Movement
from bot.domain.portfolio_report import PortfolioReport
from bot.domain.project import RagStatus
from bot.domain.report import Coverage, ScopeChange, ScopeChangeKind
from bot.domain.update import DecisionState

AMOUNTS = st.one_of(st.none(), st.integers(1, 10**9))
MONEY = st.builds(resources, st.sampled_from(["USD", "EUR", "JPY", None]), AMOUNTS, AMOUNTS, AMOUNTS)
STATUS = st.sampled_from(list(RagStatus))
COVERAGE = st.integers(0, 50).flatmap(lambda due: st.builds(Coverage, st.just(due), st.integers(0, due)))


@st.composite
def portfolios(draw: st.DrawFn) -> PortfolioReport:
    published, waiting = [], []
    for n in range(draw(st.integers(0, 12))):
        project = a_project(f"p{n}", f"Project {n}")
        coverage = draw(COVERAGE)
        if draw(st.booleans()):
            waiting.append((project, coverage))
            continue
        before = draw(st.none() | STATUS)
        published.append(
            (project, a_report(project, draw(STATUS), before, coverage=coverage, resources=draw(st.none() | MONEY)))
        )
    return a_portfolio(published, waiting)


def keys(lines: tuple[object, ...]) -> list[str]:
    return [line.key for line in lines]  # type: ignore[attr-defined]  # project lines


@given(portfolios())
def test_every_project_is_counted_once(report: PortfolioReport) -> None:
    assert sum(count for _, count in report.counts) + len(report.unpublished) == len(report.projects)
    ways = [report.moved(way) for way in (*Movement, None)]
    assert Counter(key for lines in ways for key in keys(lines)) == Counter(keys(report.published))
    assert report.coverage.due == sum(line.coverage.due for line in report.projects)
    assert report.coverage.received <= report.coverage.due


@given(portfolios())
def test_money_is_added_within_a_currency_only(report: PortfolioReport) -> None:
    given_ = [line.resources for line in report.projects if line.resources]
    assert [line.currency for line in report.money] == sorted({line.currency for line in report.money})
    for line in report.money:
        both = [
            r for r in given_ if r.currency == line.currency and r.actual_cost is not None and r.budget_at_completion
        ]
        assert (line.spent.amount if line.spent else 0) == sum(r.actual_cost or 0 for r in both)
        assert (line.spent.budget if line.spent else 0) == sum(r.budget_at_completion or 0 for r in both)
        assert (line.spent.projects if line.spent else 0) == len(both)


@given(portfolios())
def test_the_worst_come_first_and_the_unpublished_before_what_goes_well(report: PortfolioReport) -> None:
    order = ["Off track", "At risk", "Not known", None, "On track", "Not started", "Complete"]
    places = [order.index(line.status.shown if line.status else None) for line in report.projects]
    assert places == sorted(places)


def test_a_project_that_is_not_published_shows_coverage_and_nothing_else() -> None:
    (line,) = the_company().unpublished
    assert (line.key, line.coverage, line.revision, line.status) == (
        "merger",
        Coverage(4, 3, ("due-diligence",)),
        None,
        None,
    )
    assert not (line.executive_summary or line.decisions or line.risks or line.resources)


def test_a_project_without_part_in_the_quarter_is_left_out() -> None:
    assert keys(a_portfolio(waiting=[(MERGER, Coverage(1, 0))]).projects) == ["merger"]
    assert a_portfolio().projects == ()


def test_the_status_as_shown_counts_not_the_one_by_rule() -> None:
    assert dict(the_company().counts)[RagStatus.ON_TRACK] == 2


def test_what_became_worse_stands_before_what_stayed() -> None:
    same = a_report(BILLING, RagStatus.AT_RISK, RagStatus.AT_RISK)
    worse = a_report(PORTAL, RagStatus.AT_RISK, RagStatus.ON_TRACK)
    assert keys(a_portfolio([(BILLING, same), (PORTAL, worse)]).projects) == ["portal", "billing"]


def test_decisions_are_open_ones_soonest_first_with_their_project() -> None:
    found = [(line.key, decision.key) for line, decision in the_company().open_decisions]
    assert found == [("billing", "vendor"), ("portal", "hire")]
    settled = a_report(BILLING, RagStatus.ON_TRACK, decisions=(a_decision("d", "D", state=DecisionState.WITHDRAWN),))
    assert a_portfolio([(BILLING, settled)]).open_decisions == ()


def test_risks_are_the_gravest_first_over_all_projects() -> None:
    assert [risk.key for _, risk in the_company().open_risks] == ["sandbox", "staff"]


def test_a_sum_covers_only_projects_that_gave_both_figures() -> None:
    spent_only = a_report(NETWORK, RagStatus.ON_TRACK, resources=resources("USD", None, 999, 999))
    whole = a_report(BILLING, RagStatus.ON_TRACK, resources=resources("USD", 100, 50, None))
    (line,) = a_portfolio([(BILLING, whole), (NETWORK, spent_only)]).money
    assert line.spent is not None
    assert (line.spent.amount, line.spent.budget, line.spent.projects) == (50, 100, 1)
    assert line.forecast is None


def test_money_without_a_currency_or_without_amounts_is_not_added() -> None:
    bare = a_report(BILLING, RagStatus.ON_TRACK, resources=resources(None, 100, 50, 60))
    budget_only = a_report(NETWORK, RagStatus.ON_TRACK, resources=resources("USD", 100, None, None))
    assert a_portfolio([(BILLING, bare), (NETWORK, budget_only)]).money == ()


def test_variance_is_of_the_sum() -> None:
    (_, dollars) = the_company().money
    assert dollars.forecast is not None
    assert dollars.forecast.percent_variance == Decimal(12)


def test_changes_of_the_plan_are_counted_over_all_projects() -> None:
    change = ScopeChange(ScopeChangeKind.ADDED, "api", "API")
    changed = a_report(PORTAL, RagStatus.ON_TRACK, scope_changes=(change, change))
    still = a_report(NETWORK, RagStatus.ON_TRACK)
    report = a_portfolio([(PORTAL, changed), (NETWORK, still)])
    assert {line.key: line.scope_changes for line in report.projects} == {PORTAL.key: 2, NETWORK.key: 0}
    assert report.scope_changes == 2
