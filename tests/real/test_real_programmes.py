"""Real programmes compile into reports that read right, and their checks find what can be seen in their own figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from bot import demo
from tests.goldens import assert_kept
from tests.real import gmpp, keps
from tests.real.programme import Programme, key_of

GOLDEN = Path(__file__).parent / "golden"
LAYOUTS = ("brief", "executive", "memo", "detailed")
RUST = Path(demo.__file__).parent / "examples" / "rust-goals"
RUST_QUARTERS = (
    ("rust-2025h1", "2025-Q1"),
    ("rust-2025h1", "2025-Q2"),
    ("rust-2025h1", "2025-Q3"),
    ("rust-2025h2", "2025-Q4"),
)
CROSSING = "dft-0022-1415-q4"  # the Lower Thames Crossing: later and dearer with every report, and said so


def after(year: str) -> str:
    """An instant at which a year's figures have come in."""
    return f"{year}-04-12T10:00:00Z"


@pytest.fixture(scope="module")
def major_projects(tmp_path_factory: pytest.TempPathFactory) -> Programme:
    """The UK's major projects, three yearly snapshots."""
    programme = Programme(tmp_path_factory.mktemp("gmpp"))
    programme.load(gmpp.portfolio(), now="2021-04-01T10:00:00Z")
    for year in gmpp.YEARS:
        programme.answer(gmpp.answers(year), now=after(year))
    return programme


@pytest.fixture(scope="module")
def proposals(tmp_path_factory: pytest.TempPathFactory) -> Programme:
    """The Kubernetes proposals, loaded anew at the end of each of four quarters."""
    programme = Programme(tmp_path_factory.mktemp("keps"))
    for quarter in KEP_QUARTERS:
        day = keps.last_day(quarter)
        programme.load(keps.portfolio(quarter), now=f"{day}T10:00:00Z")
        programme.answer(keps.answers(quarter), now=f"{day}T11:00:00Z")
    return programme


KEP_QUARTERS = keps.quarters()[:4]


@pytest.fixture(scope="module")
def rust(tmp_path_factory: pytest.TempPathFactory) -> Programme:
    """The Rust project goals of three goal periods."""
    programme = Programme(tmp_path_factory.mktemp("rust"))
    for folder in (RUST / "earlier", RUST):
        programme.load_file(folder / "portfolio.yaml", now="2026-01-02T10:00:00Z")
        for path in sorted(folder.glob("answers-*.yaml")):
            programme.answer_file(path, now="2026-01-02T10:00:00Z")
    return programme


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_project_that_slips_says_so_in_every_layout(major_projects: Programme, layout: str) -> None:
    text = major_projects.text(CROSSING, "2023-Q4", now=after("2023"), layout=layout)
    assert "709 working days" in text
    assert "30%" in text, "over budget"
    assert_kept(GOLDEN / f"gmpp-2023-{layout}.md", text)


def test_a_yearly_snapshot_is_compared_with_the_one_before_and_names_its_quarter(major_projects: Programme) -> None:
    report = major_projects.report(CROSSING, "2023-Q4", now=after("2023"))
    assert report["status"]["previous_quarter"] == "2022-Q4"
    assert report["milestones"][0]["previous_quarter"] == "2022-Q4"
    assert "Q4 FY2022" in major_projects.text(CROSSING, "2023-Q4", now=after("2023"))


@pytest.mark.parametrize(("project", "quarter"), RUST_QUARTERS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_four_quarters_of_the_rust_goals(rust: Programme, project: str, quarter: str, layout: str) -> None:
    text = rust.text(project, quarter, now="2026-01-10T10:00:00Z", layout=layout)
    assert_kept(GOLDEN / f"{project}-{quarter}-{layout}.md", text)


@pytest.mark.parametrize("quarter", KEP_QUARTERS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_four_quarters_of_the_proposals(proposals: Programme, quarter: str, layout: str) -> None:
    text = proposals.text("sig-auth", quarter, now=f"{keps.last_day(quarter)}T12:00:00Z", layout=layout)
    assert_kept(GOLDEN / f"sig-auth-{quarter}-{layout}.md", text)


def checks_of(programme: Programme, quarter: str, now: str) -> Counter[str]:
    """How many projects each check fires on in a quarter."""
    return Counter(
        check for _, report in programme.reports(quarter, now=now) for check in {c.id for c in report.checks}
    )


def test_green_ratings_are_held_against_their_own_figures(major_projects: Programme) -> None:
    """18 projects call themselves Green in 2023. Eleven of them end later than they first said they would by more than the
    tolerance, or are past the date they still name; eight cost over 5 % more than they first said. Counted by hand in the CSV:
    `_green_but` does it again from the cells alone."""
    found = checks_of(major_projects, "2023-Q4", after("2023"))
    assert found["status-vs-schedule"] == len(set(green_but_late("2023")))
    assert found["status-vs-budget"] == len(set(green_but_dear("2023")))
    assert found["status-vs-schedule"] == 11
    assert found["status-vs-budget"] == 8


def green_but_late(year: str) -> Iterator[str]:
    """Green projects that end later than first reported, or whose end lies behind the report."""
    first = {row["gmpp_id"]: row["end_date"] for row in gmpp.facts() if row["report_year"] == gmpp.YEARS[0]}
    for row in green(year):
        before, now = first[row["gmpp_id"]], row["end_date"]
        if before and (before < f"{year}-03-31" or (now and gmpp.working_days(before, now) > 10)):
            yield row["gmpp_id"]


def green_but_dear(year: str) -> Iterator[str]:
    """Green projects whose whole-life cost is 5 % or more over the one first reported."""
    first = {
        row["gmpp_id"]: row["whole_life_cost_gbp_m"] for row in gmpp.facts() if row["report_year"] == gmpp.YEARS[0]
    }
    for row in green(year):
        before, now = first[row["gmpp_id"]], row["whole_life_cost_gbp_m"]
        if before and now and float(before) and float(now) >= 1.05 * float(before):
            yield row["gmpp_id"]


def green(year: str) -> Iterator[dict[str, str]]:
    """The rows of a year that are rated Green, or in the older scale Amber/Green."""
    rated = ("Green", "Amber/Green")
    return (row for row in gmpp.facts() if row["report_year"] == year and (row["ipa_dca"] or row["sro_dca"]) in rated)


def test_exempt_ratings_are_gaps_and_never_green(major_projects: Programme) -> None:
    """Twelve ratings are withheld: such a project claims nothing, and is On track by rule only if its figures say so."""
    withheld = {key_of(row["gmpp_id"]) for row in gmpp.facts() if (row["ipa_dca"] or row["sro_dca"]) == "Exempt"}
    assert len(withheld) > 3
    for year in gmpp.YEARS:
        for key, report in major_projects.reports(gmpp.quarter_of(year), now=after(year)):
            if report.coverage.received == 0:
                assert report.status.shown == "Not known", key


def test_each_quarter_of_the_proposals_lists_what_was_added_and_dropped(proposals: Programme) -> None:
    """Told from the CSV alone: a proposal that a quarter lists and the one before did not is added, the other way dropped."""
    for before, now in pairwise(KEP_QUARTERS):
        listed = {quarter: keps.keys("sig-auth", quarter) for quarter in (before, now)}
        reports = dict(proposals.reports(now, now=f"{keps.last_day(now)}T12:00:00Z"))
        changes = {(change.kind.value, change.key) for change in reports["sig-auth"].scope_changes}
        assert {key for kind, key in changes if kind == "added"} == listed[now] - listed[before]
        assert {key for kind, key in changes if kind == "dropped"} == listed[before] - listed[now]


def test_what_each_check_finds_in_the_proposals(proposals: Programme) -> None:
    """Nobody in the data writes a status, so no claim can be wrong by figures but one: On track by rule, past its baseline."""
    last = KEP_QUARTERS[-1]
    found = checks_of(proposals, last, f"{keps.last_day(last)}T12:00:00Z")
    assert found == {"scope-moved": 3, "stalled": 3}
