"""Real quarters as facts: the Rust project goals that ship as an example, and the UK's major projects."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from bot import demo
from bot.domain.checks import run_checks
from bot.domain.facts import ReportFacts
from bot.domain.project import Portfolio, Project, RagStatus
from bot.domain.quarter import Quarter
from bot.domain.reporting import build_report
from bot.domain.update import ProjectSummary, QuarterAnswers, Resources
from bot.intake.answers import Against, read_answers
from bot.intake.portfolio import read_portfolio
from bot.locales import Locale
from tests.builders import a_milestone, a_project, an_update, answers, facts

RUST = Path(demo.__file__).parent / "examples" / "rust-goals"
GMPP = Path(__file__).parents[1] / "data" / "uk-gmpp"
RATINGS = {"Green": RagStatus.ON_TRACK, "Amber": RagStatus.AT_RISK, "Red": RagStatus.OFF_TRACK}


def found(facts: ReportFacts) -> dict[str, list[dict[str, Any]]]:
    """The evidence of each check that fires."""
    return {finding.check: list(finding.evidence) for finding in run_checks(build_report(facts), facts)}


@dataclass(frozen=True)
class RustGoals:
    """One portfolio file of the goals with the quarters that were answered."""

    portfolio: Portfolio
    projects: dict[str, Project]
    history: dict[Quarter, dict[str, QuarterAnswers]]

    def facts(self, project: str, quarter: Quarter) -> ReportFacts:
        """A goal period's quarter on its last day."""
        history = {q: said[project] for q, said in self.history.items() if q <= quarter and project in said}
        today = self.portfolio.fiscal_year.last_day(quarter)
        return facts(self.projects[project], history, quarter=quarter, portfolio=self.portfolio, today=today)


@cache
def rust_goals(folder: str = ".") -> RustGoals:
    """The goals of the second half of 2025, or those of the periods before ("earlier")."""
    loaded = read_portfolio((RUST / folder / "portfolio.yaml").read_text("utf-8"), "portfolio.yaml")
    projects = {project.key: project for project in loaded.projects}
    against = Against(
        projects=projects,
        locale=Locale("en_US"),
        default_at=lambda quarter, _: datetime(quarter.year, 1, 1, tzinfo=UTC),
    )
    files = sorted((RUST / folder).glob("answers-*.yaml"))
    read = [read_answers(path.read_text("utf-8"), path.name, against) for path in files]
    return RustGoals(loaded.portfolio, projects, {file.quarter: file.projects for file in read})


def gmpp_2023() -> dict[str, ReportFacts]:
    """Each project's report of March 2023 by its id: a project of one milestone, which is itself.

    Its rating is the milestone's status and, where it is Green, the owner's claim for the project. The end date is the
    forecast, last year's end date the baseline. The whole-life cost is the budget at completion.
    """
    rows = {(row["gmpp_id"], row["report_year"]): row for row in _rows("facts.csv")}
    texts: dict[str, str] = {}
    for row in _rows("narrative.csv"):
        texts[row["gmpp_id"]] = "\n".join(filter(None, (texts.get(row["gmpp_id"]), row["text"])))
    return {
        key: _gmpp_facts(rows[key, "2022"], row, texts.get(key)) for (key, year), row in rows.items() if year == "2023"
    }


def _rows(name: str) -> list[dict[str, str]]:
    with (GMPP / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _gmpp_facts(before: dict[str, str], now: dict[str, str], text: str | None) -> ReportFacts:
    end = before["end_date"]
    milestone = a_milestone(now["gmpp_id"], name=now["project"], baseline=date.fromisoformat(end) if end else None)
    history = {Quarter(2022, 1): _gmpp_answers(before, None), Quarter(2023, 1): _gmpp_answers(now, text)}
    project = a_project(milestone, name=now["project"])
    return facts(project, history, quarter=Quarter(2023, 1), today=date(2023, 3, 31))


def _gmpp_answers(row: dict[str, str], text: str | None) -> QuarterAnswers:
    end = date.fromisoformat(row["end_date"]) if row["end_date"] else None
    status = RATINGS.get(row["rating"])
    cost, variance = (
        Decimal(row[name]) if row[name] else None for name in ("whole_life_cost_gbp_m", "fy_variance_pct")
    )
    return answers(
        {row["gmpp_id"]: an_update(None, status, forecast=end, note=text)},
        resources=Resources(budget_at_completion=cost, percent_variance=variance),
        summary=ProjectSummary(status=RagStatus.ON_TRACK) if status is RagStatus.ON_TRACK else None,
    )
