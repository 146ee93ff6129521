"""Thresholds of a portfolio file: read, inherited, and refused where they make no sense, all problems at once."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.changes import project_changes, settings_changes
from bot.domain.errors import FileProblems
from bot.domain.quarter import ReportingRules
from bot.domain.thresholds import Thresholds
from bot.intake.portfolio import PortfolioFile, read_portfolio

PORTFOLIO = """
company: Example Networks Inc.
timezone: America/New_York
locale: {locale}
reporting:
  thresholds: {{{company}}}
projects:
  - key: portal
    name: Customer Portal
    manager: pm@example.com
{project}
"""


def read(company: str = "", own: str = "", locale: str = "en_US") -> PortfolioFile:
    project = f"    reporting: {{due: 5, thresholds: {{{own}}}}}" if own else ""
    return read_portfolio(PORTFOLIO.format(company=company, project=project, locale=locale), "portfolio.yaml")


def problems_of(company: str = "", own: str = "") -> list[str]:
    with pytest.raises(FileProblems) as refused:
        read(company, own)
    return [line.partition(": ")[2] for line in refused.value.lines]


def test_a_file_without_thresholds_has_the_usual_ones() -> None:
    assert read().portfolio.reporting.thresholds == Thresholds()


def test_a_company_sets_some_and_a_project_overrides_one_of_them() -> None:
    found = read("at_risk_slippage_days: 5, off_track_slippage_days: 15, at_risk_cpi: 0.95", "at_risk_slippage_days: 8")
    company = Thresholds(at_risk_slippage_days=5, off_track_slippage_days=15, at_risk_cpi=Decimal("0.95"))
    assert found.portfolio.reporting.thresholds == company
    (project,) = found.projects
    assert project.reporting is not None
    assert (project.reporting.due, project.reporting.thresholds.at_risk_slippage_days) == (5, 8)
    assert project.reporting.thresholds.off_track_slippage_days == 15


def test_a_project_without_rules_of_its_own_follows_the_company() -> None:
    (project,) = read("stalled_quarters: 4").projects
    assert project.reporting is None


@pytest.mark.parametrize("locale", ["en_US", "de_DE", "fr_FR"])
def test_figures_are_read_in_the_company_s_locale(locale: str) -> None:
    comma = "," if locale != "en_US" else "."
    found = read(f'off_track_over_budget_percent: "12{comma}5 %"', locale=locale)
    assert found.portfolio.reporting.thresholds.off_track_over_budget_percent == Decimal("12.5")


def test_all_that_is_wrong_is_told_at_once_by_field() -> None:
    company = "at_risk_slippage_days: 40, at_risk_cpi: 0.7, stalled_quarters: 0, answered_percent: 120, ageing: 3"
    assert sorted(problems_of(company, "off_track_cpi: 5")) == [
        "projects[0].reporting.thresholds.off_track_cpi: 5 is out of range; expected more than 0 and at most 2",
        'reporting.thresholds.ageing: unknown field; did you mean "ageing_quarters"?',
        'reporting.thresholds.answered_percent: "120" is not a percentage from 0 to 100',
        "reporting.thresholds.at_risk_cpi: 0.7 is too little; expected more than off_track_cpi, which is 0.8",
        "reporting.thresholds.at_risk_slippage_days: 40 is too much; expected less than off_track_slippage_days, which is 30",
        'reporting.thresholds.stalled_quarters: "0" is not a whole number from 1 to 12',
    ]


def test_a_project_s_own_threshold_is_held_against_the_company_s() -> None:
    expected = "20 is too much; expected less than off_track_slippage_days, which is 15"
    found = problems_of("at_risk_slippage_days: 5, off_track_slippage_days: 15", "at_risk_slippage_days: 20")
    assert found == [f"projects[0].reporting.thresholds.at_risk_slippage_days: {expected}"]


@pytest.mark.parametrize(
    "name", [field.name for field in fields(Thresholds) if field.name.endswith(("percent", "cpi"))]
)
def test_a_limit_of_nothing_is_refused_since_it_would_fire_on_figures_that_were_not_given(name: str) -> None:
    assert any("more than 0" in problem for problem in problems_of(f"{name}: 0"))


@given(st.integers(0, 500), st.integers(0, 500))
def test_at_risk_comes_before_off_track(at_risk: int, off_track: int) -> None:
    given_both = f"at_risk_slippage_days: {at_risk}, off_track_slippage_days: {off_track}"
    if at_risk < off_track:
        assert read(given_both).portfolio.reporting.thresholds.at_risk_slippage_days == at_risk
    else:
        assert len(problems_of(given_both)) == 1


def test_a_changed_threshold_is_told_by_its_name_alone() -> None:
    before, after = read(), read("ageing_quarters: 4", "ageing_quarters: 5")
    assert list(map(str, settings_changes(before.portfolio, after.portfolio))) == ["company: ageing_quarters: 3 → 4"]
    told = [str(change) for change in project_changes(before.projects[0], after.projects[0])]
    assert told == ["portal: reporting: nothing → due 5, ageing_quarters 5"]
    assert str(ReportingRules()) not in "".join(told)
