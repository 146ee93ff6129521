"""The example files load without problems or warnings, and say what their sources say."""

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

import bot
from bot.calendars import working_calendar
from bot.domain.project import Project, RagStatus
from bot.domain.quarter import Quarter
from bot.domain.update import DecisionState, Given, MilestoneUpdate, QuarterAnswers, RiskKind
from bot.intake.answers import Against, AnswersFile, Before, read_answers
from bot.intake.portfolio import PortfolioFile, read_portfolio
from bot.intake.problems import read_text
from bot.locales import Locale

EXAMPLES = Path(bot.__file__).parent / "examples"
PORTFOLIOS = sorted(EXAMPLES.rglob("portfolio.yaml"))
RUST = EXAMPLES / "rust-goals"


def portfolio_in(folder: Path) -> PortfolioFile:
    path = folder / "portfolio.yaml"
    return read_portfolio(read_text(path), path.name)


def answers_in(folder: Path) -> Iterator[AnswersFile]:
    """The answers files of a folder, oldest first, each read against the one before."""
    file = portfolio_in(folder)
    known: dict[str, Before] = defaultdict(Before)
    for path in sorted(folder.glob("answers-*.yaml")):
        against = Against(
            projects={project.key: project for project in file.projects},
            locale=Locale(file.portfolio.locale),
            default_at=lambda *_: datetime(2026, 1, 1, tzinfo=UTC),
            calendar=working_calendar(file.portfolio.country),
            before=partial(before_of, known),
        )
        answers = read_answers(read_text(path), path.name, against)
        assert path.name == f"answers-{answers.quarter}.yaml"
        known |= {key: after(known[key], said) for key, said in answers.projects.items()}
        yield answers


def before_of(known: dict[str, Before], _: Quarter, project: Project) -> Before:
    return known[project.key]


def after(before: Before, said: QuarterAnswers) -> Before:
    updates = {key: given.value for key, given in said.milestones.items()}
    return Before({**before.updates, **updates}, {*before.promised, *said.objectives})


def answers_of(folder: Path, quarter: str, project: str) -> QuarterAnswers:
    return next(file.projects[project] for file in answers_in(folder) if file.quarter == Quarter.parse(quarter))


@pytest.mark.parametrize("path", PORTFOLIOS, ids=lambda path: str(path.parent.relative_to(EXAMPLES)))
def test_example_files_load_without_a_word(path: Path) -> None:
    files = list(answers_in(path.parent))
    assert files
    assert [file.warnings for file in files] == [()] * len(files)


def rust_rows() -> list[dict[str, str]]:
    with (RUST / "source" / "goals.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def rust_answers() -> dict[tuple[str, str, str], Given[MilestoneUpdate]]:
    """Every answer of the Rust files by quarter, goal period and issue, as the source's tables name them."""
    return {
        (str(file.quarter).replace("-", ""), project.removeprefix("rust-"), issue): given
        for folder in (RUST, RUST / "earlier")
        for file in answers_in(folder)
        for project, answers in file.projects.items()
        for issue, given in answers.milestones.items()
    }


def test_rust_percentages_are_the_published_ones() -> None:
    published = {(r["quarter"], r["goal_period"], r["goal_issue"]): r["percent_end"] for r in rust_rows()}
    answers = rust_answers()
    assert len(answers) == 169
    for key, given in answers.items():
        percent = given.value.percent_complete
        assert ("" if percent is None else str(percent)) == published[key], key


def test_rust_goals_without_an_update_have_no_answer() -> None:
    silent = {
        (r["quarter"], r["goal_period"], r["goal_issue"])
        for r in rust_rows()
        if r["reports_without_update"] == r["reports_in_quarter"] and r["end_badge"] != "complete"
    }
    assert len(silent) > 40
    assert silent & rust_answers().keys() == silent & dict(rust_texts()).keys()


def test_rust_statuses_are_only_those_the_source_gives() -> None:
    badges = {(r["quarter"], r["goal_period"], r["goal_issue"]): r["end_badge"] for r in rust_rows()}
    for key, given in rust_answers().items():
        assert given.value.status is (RagStatus.COMPLETE if badges[key] == "complete" else None)


def rust_texts() -> Iterator[tuple[tuple[str, str, str], dict[str, str]]]:
    with (RUST / "source" / "updates.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield (row["quarter"], row["goal_period"], row["goal_issue"]), row


def test_rust_notes_are_the_published_words() -> None:
    answers = rust_answers()
    texts = dict(rust_texts())
    assert texts.keys() == {key for key, given in answers.items() if given.value.note}
    for key, row in texts.items():
        note = answers[key].value.note
        published = re.sub(r" /(?= |$)", " ", row["text"])  # a line break of the comment
        words = note.removesuffix(row["permalink"]).rstrip()
        assert words.removesuffix("…").split() == published.removesuffix("…").split(), key
        assert note.endswith(row["permalink"])
        assert answers[key].provenance.at.date().isoformat() == row["date"]


def test_rust_owners_are_the_points_of_contact() -> None:
    handles = {(r["goal_period"], r["goal_issue"]): r["handle"] for r in rust_rows()}
    owners = {
        (project.key.removeprefix("rust-"), milestone.key): milestone.owner.ref
        for folder in (RUST, RUST / "earlier")
        for project in portfolio_in(folder).projects
        for milestone in project.milestones
    }
    assert owners == handles


def test_the_sources_licences_travel_with_the_data() -> None:
    text = (RUST / "SOURCE.md").read_text(encoding="utf-8")
    assert "Copyright (c) 2024 Niko Matsakis" in text
    assert "44ee4db7e818e4ffc7b9f7faadb90316fc0a56f2" in text
    assert "0243724c2e50ad2b7ebd3d9dbc7cd88aed7605a3" in text


@pytest.mark.parametrize(
    ("folder", "project", "quarter", "layout", "percents"),
    [
        ("opticom", "portal-2025", "2025-Q1", "brief", [100, 70, 100]),
        ("opticom", "portal-2023", "2023-Q4", "executive", [100, 95, 40]),
        ("telecomsphere", "portal", "2023-Q1", "memo", [85, 70, 90]),
    ],
)
def test_sample_reports_keep_their_layout_and_figures(
    folder: str, project: str, quarter: str, layout: str, percents: list[int]
) -> None:
    path = EXAMPLES / "sample-reports" / folder
    named = {p.key: p for p in portfolio_in(path).projects}[project]
    answers = answers_of(path, quarter, project)
    assert (named.name, named.layout) == ("Customer Self-Service Portal Upgrade", layout)
    assert [given.value.percent_complete for given in answers.milestones.values()] == percents
    assert len(answers.risks) == 2
    assert answers.resources is not None
    assert answers.summary is not None


def test_the_brief_sample_is_five_percent_over_with_twenty_developers() -> None:
    resources = answers_of(EXAMPLES / "sample-reports" / "opticom", "2025-Q1", "portal-2025").resources
    assert resources is not None
    assert (resources.value.percent_variance, resources.value.staffing_actual) == (Decimal(5), Decimal(20))


def test_the_memo_sample_counts_its_blocker() -> None:
    answers = answers_of(EXAMPLES / "sample-reports" / "telecomsphere", "2023-Q1", "portal")
    assert answers.risks["stakeholders"].value.kind is RiskKind.BLOCKER
    assert answers.summary is not None
    assert answers.summary.value.report_date == date(2023, 3, 31)


def test_the_sample_programme_leaves_something_to_collect() -> None:
    folder = EXAMPLES / "sample-programme"
    (project,) = portfolio_in(folder).projects
    answers = answers_of(folder, "2025-Q2", project.key)
    assert "(sample)" in project.name
    assert {m.owner.timezone for m in project.milestones} == {"America/New_York", "Europe/Berlin", "Asia/Tokyo"}
    assert answers.milestones.keys() == {m.key for m in project.milestones}
    assert max(file.quarter for file in answers_in(folder)) == Quarter(2025, 2)
    assert answers.decisions["test-environment"].value.state is DecisionState.OPEN
    assert any(Quarter.find(o.value.target or "") == Quarter(2025, 3) for o in answers.objectives.values())
