"""The portfolio's PDF and Word document: all of it up to a hundred projects, beyond that a summary and the exceptions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from portfolios import PORTAL, a_portfolio, a_project, a_report, many

from bot.documents.csv_report import portfolio_csv
from bot.documents.extent import LARGEST_WHOLE, for_pages, is_exception, whole
from bot.documents.files import docx_file, pdf_file
from bot.documents.portfolio import render_portfolio
from bot.domain.portfolio_report import PortfolioReport
from bot.domain.project import RagStatus
from bot.domain.report import ProjectStatus
from bot.locales import Locale
from bot.texts import shipped
from tests.documents.file_readers import csv_rows, docx_words, pdf_words

FOLDERS = [shipped("templates")]
EN = Locale("en_US")
READERS = {"pdf": (pdf_file, pdf_words), "docx": (docx_file, docx_words)}


@pytest.fixture(scope="module")
def large() -> PortfolioReport:
    """A hundred and sixty projects, every fourth of which is not published."""
    return many(160, "Word")


@pytest.fixture(scope="module", params=READERS)
def words(request: pytest.FixtureRequest, large: PortfolioReport) -> str:
    """What the large portfolio's document says, in each form."""
    make, read = READERS[request.param]
    return read(make(large, FOLDERS))


def named(words: str) -> set[str]:
    """The projects that a text names."""
    return set(re.findall(r"Word \d+", words))


def facts(report: PortfolioReport) -> Iterator[str]:
    """What a leader must find of the whole portfolio, however many projects it has."""
    yield from (f"{status}: {count}" for status, count in report.counts)
    yield f"Not yet published: {len(report.unpublished)}"
    yield f"{report.coverage.received:,} of {report.coverage.due:,} updates received"
    for line in report.money:
        for total in (line.spent, line.forecast):
            assert total
            yield EN.money(total.amount, line.currency)
            yield EN.money(total.budget, line.currency)
            yield f"in {total.projects} projects"


def test_a_large_portfolio_still_says_all_that_is_true_of_the_whole(words: str, large: PortfolioReport) -> None:
    assert [fact for fact in facts(large) if fact not in words] == []


def test_a_large_portfolio_has_a_row_for_each_exception_and_counts_the_rest(words: str, large: PortfolioReport) -> None:
    table = words[words.rindex("Projects that need a look") :]
    exceptions = [line for line in large.projects if is_exception(line)]
    assert 0 < len(exceptions) < len(large.projects)
    assert named(table) == {line.name for line in exceptions}
    assert f"The {len(exceptions)} projects that need a look" in words
    assert f"The other {len(large.projects) - len(exceptions)} are in the CSV file" in words
    assert "Project manager:" not in words, "no project has a section of its own"
    for line in exceptions:
        status = line.status.shown if line.status else "not yet published"
        assert re.search(rf"{line.name} {status} ", table), line.name


def test_decisions_and_risks_that_are_left_out_are_counted(words: str, large: PortfolioReport) -> None:
    decisions, risks = len(large.open_decisions) - 50, len(large.open_risks) - 20
    assert f"the 50 that are needed first; {decisions} more are in the CSV file" in words
    assert f"the 20 gravest and oldest; {risks} more are in the CSV file" in words


def test_the_csv_has_every_project_decision_and_risk(large: PortfolioReport) -> None:
    rows = csv_rows(portfolio_csv(large))
    found = {kind: [row for row in rows if row["record"] == kind] for kind in ("project", "decision", "risk")}
    assert sum(map(len, found.values())) == len(rows)
    assert [row["name"] for row in found["project"]] == [line.name for line in large.projects]
    assert [row["what"] for row in found["decision"]] == [decision.what for _, decision in large.open_decisions]
    assert [row["by"] for row in found["decision"]] == [str(decision.by) for _, decision in large.open_decisions]
    assert [row["title"] for row in found["risk"]] == [risk.title for _, risk in large.open_risks]


def test_the_limit_is_the_last_size_that_is_printed_whole() -> None:
    at, beyond = many(LARGEST_WHOLE), many(LARGEST_WHOLE + 1)
    assert for_pages(at) == replace(whole(at), risks=at.open_risks[:20])
    assert len(for_pages(beyond).rows) < len(beyond.projects)
    assert for_pages(beyond).sections == ()
    assert len(named(render_portfolio(many(300, "Word"), FOLDERS))) == 300, "the Markdown document is always whole"


STATUSES = st.sampled_from(RagStatus)


@given(shown=STATUSES, rule=STATUSES, before=st.none() | STATUSES)
def test_only_what_goes_well_as_before_and_by_rule_is_left_out(
    shown: RagStatus, rule: RagStatus, before: RagStatus | None
) -> None:
    report = a_report(PORTAL, shown, status=ProjectStatus(shown, rule, before))
    (line,) = a_portfolio([(PORTAL, report)]).projects
    goes_well = shown in (RagStatus.ON_TRACK, RagStatus.COMPLETE, RagStatus.NOT_STARTED)
    is_still = line.movement is None or before is shown
    assert is_exception(line) == (not goes_well or rule is not shown or not is_still)


def test_a_portfolio_without_exceptions_prints_its_summary(large: PortfolioReport) -> None:
    well = replace(
        large,
        projects=tuple(
            line
            for n in range(LARGEST_WHOLE + 1)
            for project in [a_project(f"p{n}", f"Word {n}")]
            for line in a_portfolio([(project, a_report(project, RagStatus.ON_TRACK, RagStatus.ON_TRACK))]).projects
        ),
    )
    text = render_portfolio(well, FOLDERS, for_pages(well))
    assert "On track:** 101" in text
    assert "| Project |" not in text
    assert "None of the projects needs a look; all 101 are in the CSV file" in text
