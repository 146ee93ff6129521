"""Whatever a file leaves out but its starred fields, it loads, and every layout reads as if nothing had been left out."""

from __future__ import annotations

import copy
import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from whole_files import ANSWERS, PORTFOLIO

from bot.domain.project import Project
from bot.domain.quarter import Quarter
from bot.domain.report import QuarterlyReport
from bot.domain.reporting import build_report
from bot.domain.update import Given, Risk
from bot.intake.answers import Against, AnswersFile, read_answers
from bot.intake.portfolio import PortfolioFile, read_portfolio
from bot.locales import Locale
from bot.settings import Settings
from bot.surfaces import ReportDocuments
from tests.builders import facts

DOCUMENTS = ReportDocuments(Settings())
STARRED = {"company", "timezone", "quarter", "projects"}
STARRED_IN = {"projects": {"key", "name"}, "milestones": {"key", "name", "owner"}, "people": {"slack"}}
Path = tuple[str | int, ...]


def droppable(node: Any, path: Path = ()) -> list[Path]:
    """Where a field stands that may be left out."""
    found: list[Path] = []
    for name, value in node.items() if isinstance(node, dict) else enumerate(node):
        here = (*path, name)
        is_field = isinstance(node, dict) and len(path) != 1 and not (len(path) == 3 and path[2] == "milestones")
        kept = STARRED if not path else STARRED_IN.get(str(path[-2]), set()) if len(path) > 1 else set()
        if is_field and name not in kept and path[-1:] != ("promised",) and name != "result":
            found.append(here)
        if isinstance(value, dict | list):
            found += droppable(value, here)
    return found


def without(document: Any, paths: list[Path]) -> str:
    """A file's text without some fields; an item of which nothing is left goes with them."""
    kept = copy.deepcopy(document)
    for path in sorted(paths, key=len, reverse=True):
        node = kept
        for step in path[:-1]:
            node = node[step]
        if len(node) > 1 or len(path) < 3:
            del node[path[-1]]
    return yaml.safe_dump(kept, allow_unicode=True, sort_keys=False)


PLAIN_ANSWERS = ANSWERS.replace("$640,000", "640000")  # a sign needs the project's currency
WHOLE_PORTFOLIO, WHOLE_ANSWERS = (
    yaml.load(text, yaml.BaseLoader)  # noqa: S506 - every scalar as text, as the bot reads it; no object is ever made
    for text in (PORTFOLIO, PLAIN_ANSWERS)
)
IN_ANSWERS = droppable(WHOLE_ANSWERS)
IN_PORTFOLIO = [path for path in droppable(WHOLE_PORTFOLIO) if path[-1] != "milestones"]  # the answers are about them


def read(portfolio: str, answers: str) -> tuple[PortfolioFile, AnswersFile]:
    loaded = read_portfolio(portfolio, "portfolio.yaml")
    projects = {project.key: project for project in loaded.projects}
    at = datetime(2024, 1, 4, tzinfo=UTC)
    against = Against(projects=projects, locale=Locale("en_US"), default_at=lambda *_: at)
    return loaded, read_answers(answers, "answers.yaml", against)


def report_of(loaded: PortfolioFile, answers: AnswersFile, project: Project) -> QuarterlyReport:
    history = {answers.quarter: answers.projects[project.key]} if project.key in answers.projects else {}
    return build_report(
        facts(project, history, quarter=Quarter(2023, 4), portfolio=loaded.portfolio, today=date(2024, 1, 4))
    )


@given(
    plan=st.lists(st.sampled_from(IN_PORTFOLIO), unique=True, max_size=8),
    said=st.lists(st.sampled_from(IN_ANSWERS), unique=True, max_size=25),
    layout=st.sampled_from(("brief", "executive", "memo", "detailed")),
)
def test_every_field_but_the_starred_ones_may_be_left_out(plan: list[Path], said: list[Path], layout: str) -> None:
    top = [path for path in plan if not any(path[: len(other)] == other for other in plan if other != path)]
    lower = [path for path in said if not any(path[: len(other)] == other for other in said if other != path)]
    loaded, answers = read(without(WHOLE_PORTFOLIO, top), without(WHOLE_ANSWERS, lower))
    for project in loaded.projects:
        if not project.milestones:
            continue
        report = report_of(loaded, answers, project)
        text = DOCUMENTS.markdown(type(report)(**{**fields_of(report), "layout": layout}))
        assert not re.search(r"\[Insert|None\b(?! needed)|\bnull\b|\{\{|\*\* *\*\*(?!\w)", text)
        assert not re.search(r"^#+ .*\n+(?=#|\Z)", text, re.MULTILINE), "a heading with nothing under it"


def fields_of(report: QuarterlyReport) -> dict[str, Any]:
    return {name: getattr(report, name) for name in report.__dataclass_fields__}


@pytest.mark.parametrize(
    ("item", "title"),
    [
        ("{key: r, challenge: The vendor is late. We wait.}", "The vendor is late"),
        ("{key: training-material, impact: High}", "Training material"),
        ("{probability: High}", "Risk 1"),
        ("{title: As given, challenge: c}", "As given"),
    ],
)
def test_a_risk_without_a_title_is_called_by_what_is_given(item: str, title: str) -> None:
    _, answers = read(PORTFOLIO, f"quarter: 2023-Q4\nprojects: {{portal: {{risks: [{item}]}}}}\n")
    [risk] = answers.projects["portal"].risks.values()
    assert isinstance(risk, Given) and isinstance(risk.value, Risk)
    assert risk.value.title == title


def test_objectives_and_decisions_likewise() -> None:
    items = "objectives: [{key: o, detail: Go live!}], decisions: [{key: the-vendor, who: U0S}]"
    text = f"quarter: 2023-Q4\nprojects: {{portal: {{{items}}}}}\n"
    said = read(PORTFOLIO, text)[1].projects["portal"]
    assert (said.objectives["o"].value.title, said.decisions["the-vendor"].value.what) == ("Go live!", "The vendor")
