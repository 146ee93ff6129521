"""The README is true: its commands exist, its tables are complete, its example files load."""

import argparse
import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import settings
from bot.cli import FORMATS, _parser
from bot.intake import answer_items, people, portfolio
from bot.intake.answers import read_answers
from bot.intake.milestones_csv import read_milestones_csv
from bot.intake.portfolio import read_portfolio
from bot.locales import Locale

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
RUNBOOK = (ROOT / "deploy" / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
SETTINGS = Path(settings.__file__).read_text(encoding="utf-8")
NOT_IN_ANCHOR = re.compile(r"[^a-z0-9 -]")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def commands(name: str) -> list[str]:
    """Command lines of fenced blocks, and of `quoted` passages, that begin with a name."""
    fenced = [line for block in blocks("") for line in block.splitlines()]
    quoted = re.findall(rf"`({name} [^`]*)`", README + RUNBOOK)
    return sorted({line.partition("  #")[0].strip() for line in (*fenced, *quoted) if line.startswith(f"{name} ")})


def table_after(heading: str) -> list[str]:
    """The names in the first column of the table whose head begins with a cell."""
    found = re.search(rf"^\| {re.escape(heading)} \|.*\n\| -.*\n((?:\|.*\n)+)", README, re.MULTILINE)
    assert found, heading
    return [name for row in found[1].splitlines() for name in re.findall(r"`([^`]+)`", row.split("|")[1])]


def without_choices(command: str) -> Iterator[list[str]]:
    """A line of the commands table as words to type: with all that is in brackets, and with nothing of it."""
    command = command.replace("socket or http", "socket")
    yield shlex.split(command.replace("[", "").replace("]", ""))[1:]
    yield shlex.split(re.sub(r"\[[^]]*\]", "", command))[1:]


EXAMPLES = {"DATE": "2025-09-15", "INSTANT": "2025-09-15T14:00:00Z", "N": "1", "YYYY-Qn": "2025-Q3"}


@pytest.mark.parametrize("command", commands("quarterdeck"))
def test_every_command_can_be_typed(command: str) -> None:
    for words in without_choices(command):
        options = _parser().parse_args([EXAMPLES.get(word, word) for word in words])
        assert callable(options.command)


def test_every_command_is_told() -> None:
    told = {tuple(command.split()[1:2]) for command in table_after("Command")}
    [choices] = [action.choices for action in _parser()._actions if isinstance(action, argparse._SubParsersAction)]
    assert told == {(name,) for name in choices}


@pytest.mark.parametrize("command", commands("make"))
def test_every_make_target_and_variable_exists(command: str) -> None:
    for word in shlex.split(command)[1:]:
        variable, _, value = word.partition("=")
        pattern = rf"^{variable}\s*\?=|\$\({variable}\)" if value else rf"^{word}:"
        assert re.search(pattern, MAKEFILE, re.MULTILINE), word


def test_settings_table_is_complete() -> None:
    read = set(re.findall(r'"([A-Z]+(?:_[A-Z]+)*)"', SETTINGS)) - set(settings._LOG_LEVELS)
    assert set(table_after("Name")) == read


def test_formats_are_complete() -> None:
    assert set(table_after("Format")) == set(FORMATS)


@pytest.mark.parametrize(
    ("heading", "fields"),
    [
        ("Top", portfolio._PORTFOLIO_FIELDS),
        ("`reporting`", portfolio._REPORTING_FIELDS),
        ("`people`", people.ENTRY_FIELDS),
        ("`projects`", portfolio._PROJECT_FIELDS),
        ("`milestones`", portfolio._MILESTONE_FIELDS),
        ("A project", answer_items.PROJECT_FIELDS),
        ("`milestones` (by key)", answer_items.MILESTONE_FIELDS),
        ("`risks`", answer_items.RISK_FIELDS),
        ("`objectives`", answer_items.OBJECTIVE_FIELDS),
        ("`decisions`", answer_items.DECISION_FIELDS),
        ("`resources`", answer_items.RESOURCE_FIELDS),
    ],
)
def test_every_field_is_told(heading: str, fields: tuple[str, ...]) -> None:
    assert sorted(table_after(heading)) == sorted(fields)


def test_example_files_load() -> None:
    [portfolio_text, answers_text] = blocks("yaml")
    loaded = read_portfolio(portfolio_text, "portfolio.yaml")
    answers = read_answers(
        answers_text,
        "answers.yaml",
        projects={project.key: project for project in loaded.projects},
        locale=Locale(loaded.portfolio.locale),
        default_at=lambda *_: datetime(2026, 1, 6, tzinfo=UTC),
    )
    assert answers.warnings == ()
    assert set(answers.projects["portal"].milestones) == {"front-end", "back-end"}


def test_example_table_of_milestones_loads() -> None:
    [table] = blocks("csv")
    [project] = read_milestones_csv(table, "milestones.csv", locale=Locale("en_US")).projects
    assert [milestone.key for milestone in project.milestones] == ["front-end"]


def test_every_link_leads_somewhere() -> None:
    anchors = {
        NOT_IN_ANCHOR.sub("", head.lower()).replace(" ", "-") for head in re.findall(r"^#+ (.+)$", README, re.MULTILINE)
    }
    for link in re.findall(r"\]\(([^)]+)\)", README):
        assert link[1:] in anchors if link.startswith("#") else (ROOT / link).is_file(), link


def test_every_path_exists() -> None:
    paths = re.findall(r"`((?:bot|prompts|templates|deploy|tests)/[^` ]*)`", README)
    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []
