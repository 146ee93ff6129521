"""The portfolio in Markdown and JSON, and what is said to have changed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from portfolios import (
    BILLING,
    MERGER,
    PORTAL,
    PUBLISHED_AT,
    a_portfolio,
    a_report,
    many,
    resources,
    the_company,
)

from bot.documents.portfolio import portfolio_changes, portfolio_news, render_portfolio
from bot.documents.portfolio_json import portfolio_json
from bot.domain.portfolio_report import PortfolioReport
from bot.domain.project import RagStatus
from bot.domain.report import Coverage
from bot.store import codec
from bot.texts import shipped
from tests.goldens import assert_kept

FOLDERS = [shipped("templates")]
HOSTILE = "{{ 7*7 }} | <script> *bold* # heading\n- item"


def check_golden(name: str, text: str) -> None:
    """Compare with the kept reading; `GOLDEN=write` keeps a new one, to be read in the diff."""
    assert_kept(Path(__file__).parent / "golden" / name, text)


def data(report: PortfolioReport) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(portfolio_json(report))
    return found


@pytest.mark.parametrize(
    ("name", "report"),
    [
        ("company.md", the_company(revision=2, is_draft=True)),
        ("unpublished.md", a_portfolio(waiting=[(MERGER, Coverage(4, 3)), (BILLING, Coverage(0, 0))])),
    ],
)
def test_reads_as_kept(name: str, report: PortfolioReport) -> None:
    check_golden(name, render_portfolio(report, FOLDERS))


def test_words_of_people_stay_words() -> None:
    hostile = a_report(replace(BILLING, name=HOSTILE), RagStatus.ON_TRACK, executive_summary=HOSTILE)
    text = render_portfolio(a_portfolio([(BILLING, hostile)]), FOLDERS)
    row = next(line for line in text.splitlines() if line.startswith("| {{"))
    assert "49" not in text
    assert row.replace(r"\|", "").count("|") == 7
    assert len([line for line in text.splitlines() if line.startswith("# ")]) == 1


def test_json_says_its_kind_and_version_and_adds_nothing_up_across_currencies() -> None:
    found = data(the_company())
    assert (found["version"], found["kind"], found["quarter"]) == (1, "portfolio", "2026-Q4")
    assert found["money"] == [
        {
            "currency": "EUR",
            "spent": {"amount": "900000", "budget_at_completion": "2000000", "percent_variance": -55, "projects": 1},
            "forecast": None,
        },
        {
            "currency": "USD",
            "spent": {
                "amount": "1240000",
                "budget_at_completion": "1500000",
                "percent_variance": -17.3333,
                "projects": 2,
            },
            "forecast": {"amount": "1680000", "budget_at_completion": "1500000", "percent_variance": 12, "projects": 2},
        },
    ]


def test_json_of_an_unpublished_project_holds_coverage_only() -> None:
    found = data(the_company())
    (merger,) = [line for line in found["projects"] if line["key"] == "merger"]
    assert found["not_published"] == ["merger"]
    assert merger["coverage"] == {"due": 4, "received": 3, "missing": ["due-diligence"], "excused": []}
    assert {name for name, value in merger.items() if value} == {"key", "name", "manager", "coverage"}


def test_every_json_field_is_in_the_schema() -> None:
    schema = json.loads((Path(portfolio_json.__code__.co_filename).parent / "portfolio.schema.json").read_text())
    found = data(the_company())
    assert set(found) == set(schema["properties"]) == set(schema["required"])
    for name in ("projects", "decisions", "risks", "money"):
        fields = schema["properties"][name]["items"]["properties"]
        assert all(set(item) == set(fields) for item in found[name]), name


def test_a_frozen_value_comes_back_whole() -> None:
    for report in (the_company(revision=3), many(20)):
        assert codec.load(PortfolioReport, json.loads(json.dumps(codec.dump(report)))) == report


def test_nothing_changed_says_nothing() -> None:
    assert portfolio_changes(None, the_company(), FOLDERS) == ()
    assert portfolio_changes(the_company(), the_company(revision=2), FOLDERS) == ()


def test_changes_are_told_project_by_project() -> None:
    before = a_portfolio(
        [(BILLING, a_report(BILLING, RagStatus.AT_RISK))], [(PORTAL, Coverage(4, 1)), (MERGER, Coverage(1, 0))]
    )
    after = a_portfolio(
        [
            (BILLING, a_report(BILLING, RagStatus.ON_TRACK, revision=2)),
            (PORTAL, a_report(PORTAL, RagStatus.OFF_TRACK)),
        ]
    )
    assert portfolio_changes(before, after, FOLDERS) == (
        "Customer Portal: published, Off track",
        "Billing: At risk → On track",
        "Merger: no longer in the portfolio's quarter",
        "Coverage: 8 of 8 updates",
    )


def test_a_new_revision_with_the_same_status_says_what_differs_in_it() -> None:
    money = resources("USD", 100, 50, 60)
    before = a_portfolio([(BILLING, a_report(BILLING, RagStatus.AT_RISK))])
    after = a_portfolio([(BILLING, a_report(BILLING, RagStatus.AT_RISK, revision=2, resources=money))])
    assert portfolio_changes(before, after, FOLDERS) == ("Billing: revision 2, budget changed",)


def test_news_are_what_was_published_since_else_the_coverage() -> None:
    report = a_portfolio([(BILLING, a_report(BILLING, RagStatus.AT_RISK))])
    assert portfolio_news(report, PUBLISHED_AT, FOLDERS) == ("Billing: published, At risk",)
    assert portfolio_news(report, PUBLISHED_AT + timedelta(seconds=1), FOLDERS) == ("Coverage: 4 of 4 updates",)
