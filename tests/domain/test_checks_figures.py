"""A figure in the manager's texts is one that somebody gave, or follows from those by counting and rounding."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from bot.documents.narrative import draft
from bot.domain.checks import run_checks
from bot.domain.checks.figures import figures_of
from bot.domain.checks.written import figures_in
from bot.domain.placing import place
from bot.domain.project import RagStatus
from bot.domain.quarter import Quarter
from bot.domain.report import QuarterlyReport
from bot.domain.reporting import build_report
from bot.domain.sections import Dialog, ReportSection
from bot.domain.update import MilestoneUpdate, Objective, ProjectSummary, QuarterAnswers, Resources
from bot.texts import shipped
from tests.builders import Q2, Q3, a_milestone, a_project, an_update, answers, facts, given

MONEY = Resources(actual_cost=Decimal(640_000), forecast_at_completion=Decimal("1253250.75"))


def strays(text: str, at: datetime | None = None) -> list[str]:
    """The figures of a summary that no answer holds; the milestone went from 60 to 85 % and is due on 2 February."""
    project = a_project(budget_at_completion=Decimal(1_200_000), currency="USD")
    note = "37 of 412 screens are left, 3500 tickets, 3 % since 16.08.2025"
    update = given(an_update(85, forecast=date(2026, 2, 2), note=note), at=at)
    history = {
        Q2: answers({"front-end": an_update(60)}),
        Q3: QuarterAnswers(
            {"front-end": update}, resources=given(MONEY), summary=given(ProjectSummary(conclusion=text))
        ),
    }
    built = facts(project, history)
    found = [f for f in run_checks(build_report(built), built) if f.check == "stray-figure"]
    return [str(value["figure"]) for finding in found for value in finding.evidence]


@pytest.mark.parametrize(
    "text",
    [
        "Nothing but words.",
        "85 percent is done, 25 points more than in Q2 2025 (60 %).",
        "We spent $640,000 of 1.2M; 1 200 000 was planned.",
        "The forecast is 1,253,250.75, that is 1.25 million, or 1.253.250,75 as others write it.",
        "Spent: 53.3% of the budget.",
        "Over budget by 4.4 %.",
        "Due on February 2, 2026, in 2026-Q1 or Q1 FY2026.",
        "37 of 412 screens.",
        "One of 1 milestones.",
        "Due on 02.02.2026, 2/2/26 or 2026-02-02, that is the 2.2.",
        "3.5k tickets, 3,5 Tsd or 3,500 of them; 0.6 million spent.",
        "Eighty-five percent is done, sixty per cent was, two milestones are left, Three % is not.",
    ],
)
def test_a_figure_that_was_given_does_not_stray_however_it_is_written(text: str) -> None:
    assert strays(text) == []


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("86 percent is done.", "86"),
        ("Spent $650,000.", "650,000"),
        ("The forecast is 1.4 million.", "1.4 million"),
        ("4.5k tickets.", "4.5k"),
        ("Live since 16.07.2025.", "16.07.2025"),  # the sixteenth is the day of another month
        ("Eighty-six percent is done.", "Eighty-six"),
        ("Twelve per cent is left.", "Twelve"),
        ("413 screens.", "413"),
        ("Due on February 3, 2027.", "2027"),
        ("Up by 24 points.", "24"),
    ],
)
def test_a_figure_that_nobody_gave_strays(text: str, figure: str) -> None:
    assert figure in strays(text)


@pytest.mark.parametrize("section", [ReportSection.EXECUTIVE_SUMMARY, ReportSection.IMPACT])
def test_a_figure_in_the_answer_to_an_own_question_does_not_stray(section: ReportSection) -> None:
    summary = ProjectSummary(executive_summary="1,200 customers by now.", more={"customers": "1200"})
    built = facts(history={Q3: answers(summary=summary)})
    report = place(build_report(built), {(Dialog.SUMMARY, "customers"): section})
    assert "stray-figure" not in [finding.check for finding in run_checks(report, built)]


def test_figures_are_rounded_as_leaders_read_them() -> None:
    """Halves go up, as in every document: 12.25 is printed as 12.3, never as 12.2."""
    built = facts(history={Q3: answers({"front-end": an_update("12.25")})})
    known = figures_of(build_report(built))
    assert Decimal("12.3") in known
    assert Decimal("12.2") not in known


def test_the_time_of_day_of_an_answer_vouches_for_no_figure() -> None:
    assert strays("All 47 sites are live.", at=datetime(2025, 10, 1, 14, 47, 53, tzinfo=UTC)) == ["47"]


def test_quarters_are_not_figures_and_separators_do_not_split_one() -> None:
    text = "In Q3 2025 and 2025-Q4 we spent 1,200,000.50 on 12 sites (3'400 people)"
    assert [figure.written for figure in figures_in(text)] == ["1,200,000.50", "12", "3'400"]


AMOUNTS = st.none() | st.decimals(0, 5_000_000, places=2)
PERCENTS = st.none() | st.decimals(0, 100, places=2)
DATES = st.none() | st.dates(date(2025, 1, 1), date(2027, 1, 1))


@st.composite
def random_reports(draw: st.DrawFn) -> QuarterlyReport:
    keys = ["a", "b", "c", "d"][: draw(st.integers(1, 4))]
    milestones = [a_milestone(key, baseline=draw(DATES)) for key in keys]

    def updates() -> dict[str, MilestoneUpdate]:
        status = st.sampled_from(RagStatus.choices())
        return {
            key: an_update(draw(PERCENTS), draw(status), forecast=draw(DATES)) for key in keys if draw(st.booleans())
        }

    def resources() -> Resources:
        return Resources(
            actual_cost=draw(AMOUNTS), forecast_at_completion=draw(AMOUNTS), percent_variance=draw(PERCENTS)
        )

    project = a_project(*milestones, budget_at_completion=draw(st.none() | st.decimals(1, 5_000_000, places=2)))
    objectives = (Objective("o", "Launch", target="Q4 2025"),) * draw(st.booleans())
    history = {
        Q2: answers(updates(), resources=resources()),
        Q3: answers(updates(), resources=resources(), objectives=objectives),
        Quarter(2025, 1): answers(updates()),
    }
    return build_report(facts(project, history))


def test_a_group_of_three_digits_is_no_part_of_a_date() -> None:
    (figure,) = figures_in("The forecast is 1,005.9% over budget.")
    assert figure.readings == {Decimal("1005.9")}


@for_all(random_reports())
def test_a_drafted_text_never_strays(report: QuarterlyReport) -> None:
    drafted = draft(report, (shipped("templates"),))
    known = figures_of(report)
    for figure in figures_in(f"{drafted.executive_summary} {drafted.conclusion}"):
        assert not known.isdisjoint(figure.readings), (figure, drafted)
