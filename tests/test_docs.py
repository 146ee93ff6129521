"""The documentation is true: its commands run, its code works, its tables are complete, its links lead somewhere."""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import shutil
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from textwrap import indent
from typing import Any, NamedTuple

import pytest
import yaml
from dotenv import dotenv_values

from bot import settings
from bot.cli import FORMATS, _parser, main
from bot.documents.layouts import layout_names
from bot.domain.checks import CHECKS, REMARKS
from bot.domain.quarter import Quarter, ReportingRules
from bot.domain.thresholds import Thresholds
from bot.flow.company import Company
from bot.flow.compile.review import confirm_form
from bot.flow.moment import Moment
from bot.flow.publish.publish import publish_report
from bot.intake import answer_items, people, portfolio, thresholds, trackers
from bot.intake.answers import Against, read_answers
from bot.intake.milestones_csv import read_milestones_csv
from bot.intake.portfolio import read_portfolio
from bot.locales import Locale
from bot.settings import read_settings
from bot.slack.forms.questions import _FIELDS as QUESTION_FIELDS
from bot.slack.forms.questions import read_questions
from bot.slack.manifest import SHORTCUTS
from bot.store.session import Database
from bot.surfaces import ReportDocuments
from bot.terminal import open_database
from bot.texts import shipped
from tests import pictures

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
NOW = "2026-01-06T15:00:00Z"
NOT_IN_ANCHOR = re.compile(r"[^a-z0-9_ -]")
PLACEHOLDERS = {
    "DATE": "2025-09-15", "INSTANT": "2025-09-15T14:00:00Z", "N": "1", "YYYY-Qn": "2025-Q3", "WORD": "Lena",
}  # fmt: skip
TALKS_TO_SLACK = ("init", "doctor", "run", "demo", "sandbox")  # they wait for people or for Slack: parsed, no more


class Block(NamedTuple):
    """A fenced block; `name` is the file that it stands for, if any."""

    language: str
    name: str
    text: str


@dataclass(frozen=True)
class Page:
    """A page of the documentation."""

    path: Path

    def __str__(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def prose(self) -> str:
        """The page without its fenced blocks."""
        return re.sub(r"^```.*?^```$", "", self.text, flags=re.DOTALL | re.MULTILINE)

    @property
    def blocks(self) -> list[Block]:
        found = re.findall(r"^```(\w*)(?: (\S+))?\n(.*?)^```$", self.text, re.DOTALL | re.MULTILINE)
        return [Block(*block) for block in found]

    @property
    def anchors(self) -> set[str]:
        heads = re.findall(r"^#+ (.+)$", self.prose, re.MULTILINE)
        return {NOT_IN_ANCHOR.sub("", head.lower()).replace(" ", "-") for head in heads}

    def lines(self, program: str) -> list[str]:
        """The lines of unnamed fenced blocks that type a program, settings before it included."""
        shell = [line for block in self.blocks if not block.language for line in block.text.splitlines()]
        return [line for line in shell if re.match(rf"(?:[A-Z_]+=\S+ )*{program}(?: |$)", line)]

    def quoted(self, program: str) -> list[str]:
        """The same of `quoted` passages."""
        return [passage.replace("\n", " ") for passage in re.findall(rf"`({program} [^`]*)`", self.prose)]

    def tables(self, heading: str) -> list[list[list[str]]]:
        """The rows of every table whose head begins with a cell."""
        found = re.findall(rf"^\| {re.escape(heading)} \|.*\n\| -.*\n((?:\|.*\n)+)", self.text, re.MULTILINE)
        assert found, f"{self} has no table {heading}"
        return [[[cell.strip() for cell in row.strip("|").split("|")] for row in rows.splitlines()] for rows in found]

    def names(self, heading: str) -> list[str]:
        """The `names` in the first column of those tables."""
        cells = [row[0] for rows in self.tables(heading) for row in rows]
        return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


PAGES = [Page(path) for path in (ROOT / "README.md", ROOT / "deploy" / "README.md", *sorted(DOCS.glob("*.md")))]
README, RUNBOOK = PAGES[:2]
PORTFOLIO, ANSWERS, JSON, COMMANDS = (Page(DOCS / f"{n}.md") for n in ("portfolio", "answers", "json", "commands"))
GUIDES = [Page(DOCS / f"{name}.md") for name in ("owners", "project-managers", "leaders")]
every_page = pytest.mark.parametrize("page", PAGES, ids=str)


# Links, paths and names


@every_page
def test_every_link_leads_somewhere(page: Page) -> None:
    for link in re.findall(r"\]\(((?!pictures/)[^)]+)\)", page.prose):
        file, _, anchor = link.partition("#")
        target = Page((page.path.parent / file).resolve()) if file else page
        assert target.path.is_file(), link
        assert not anchor or anchor in target.anchors, link


def test_every_picture_is_taken() -> None:
    shown = {name for page in PAGES for name in re.findall(r"\]\(pictures/([^)]+)\.png\)", page.prose)}
    source = Path(pictures.__file__).read_text(encoding="utf-8")
    sizes = "|".join(pictures.SIZES)
    assert {name for name in shown if f'"{re.sub(f"-({sizes})$", "", name)}"' not in source} == set()
    taken = {path.stem for path in (DOCS / "pictures").glob("*.png")}
    if not taken:
        pytest.skip("no pictures have been taken: make pictures")
    assert shown == taken


@pytest.mark.parametrize("page", [page for page in PAGES if page.path.parent == DOCS], ids=str)
def test_every_page_is_in_the_index(page: Page) -> None:
    index = Page(DOCS / "README.md")
    assert page == index or re.search(rf"\]\({page.path.name}[)#]", index.text)


@every_page
def test_every_path_exists(page: Page) -> None:
    paths = re.findall(r"`((?:bot|prompts|templates|deploy|tests|docs)/[^` ]*)`", page.prose)
    assert [path for path in paths if not (ROOT / path.partition("::")[0]).exists()] == []


@every_page
def test_every_make_target_and_variable_exists(page: Page) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for command in (*page.lines("make"), *page.quoted("make")):
        for word in shlex.split(command.replace("GOLDEN=write ", ""), comments=True)[1:]:
            variable, _, value = word.partition("=")
            pattern = rf"^{variable}\s*\?=|\$\({variable}\)" if value else rf"^{word}:"
            assert re.search(pattern, makefile, re.MULTILINE), word


def test_every_make_target_is_told() -> None:
    [targets] = re.findall(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    told = Page(DOCS / "contributing.md").names("Type")
    assert {command.split()[1] for command in told} == set(targets.split())


@every_page
def test_every_setting_is_known(page: Page) -> None:
    others = {"POSTGRES_PASSWORD", "MANAGER_ONLY"}  # of Compose; of the code
    assert set(re.findall(r"`([A-Z]+_[A-Z_]+)[`=]", page.prose)) <= known_settings() | others


@pytest.mark.parametrize("page", GUIDES, ids=str)
def test_guides_name_what_people_see(page: Page) -> None:
    labels = yaml.safe_load((shipped("prompts") / "labels.yaml").read_text(encoding="utf-8"))
    questions = read_questions(
        shipped("prompts") / "questions.yaml", (shipped("prompts") / "questions.yaml").read_text()
    )
    asked = {question.label for dialog in questions.dialogs.values() for question in dialog}
    shortcuts = {name for _, name, _ in SHORTCUTS.values()}
    in_the_post = {"Decisions needed", "Top risks", "Budget", "Promised", "Use 60%"}
    places = {"Home", "Coverage", "Checks"}
    emphasised = set(re.findall(r"\*\*([^*]+)\*\*", page.prose))
    assert emphasised - {*labels.values(), *asked, *shortcuts, *in_the_post, *places} == set()


# Reference tables


def known_settings() -> set[str]:
    source = Path(settings.__file__).read_text(encoding="utf-8")
    return set(re.findall(r'"([A-Z]+(?:_[A-Z]+)*)"', source)) - set(settings._LOG_LEVELS)


@pytest.mark.parametrize(
    ("page", "heading", "known"),
    [
        ("portfolio", "Top", portfolio._PORTFOLIO_FIELDS),
        ("portfolio", "`reporting`", portfolio._REPORTING_FIELDS),
        ("portfolio", "`thresholds`", thresholds.FIELDS),
        ("portfolio", "`quarters` (by quarter)", portfolio._QUARTER_FIELDS),
        ("portfolio", "`people`", people.ENTRY_FIELDS),
        ("portfolio", "`projects`", portfolio._PROJECT_FIELDS),
        ("portfolio", "`milestones`", portfolio._MILESTONE_FIELDS),
        ("portfolio", "`tracker`", trackers.FIELDS),
        ("answers", "A project (by key)", answer_items.PROJECT_FIELDS),
        ("answers", "`milestones` (by key)", answer_items.MILESTONE_FIELDS),
        ("answers", "`risks`", answer_items.RISK_FIELDS),
        ("answers", "`objectives`", answer_items.OBJECTIVE_FIELDS),
        ("answers", "`decisions`", answer_items.DECISION_FIELDS),
        ("answers", "`resources`", answer_items.RESOURCE_FIELDS),
        ("configuration", "Name", known_settings()),
        ("commands", "Format", FORMATS),
        ("layouts", "Layout", layout_names([shipped("templates")])),
        ("layouts", "Field", QUESTION_FIELDS),
        ("project-managers", "Check", (*CHECKS, *REMARKS)),
    ],
)
def test_every_name_is_told_and_no_other(page: str, heading: str, known: tuple[str, ...]) -> None:
    assert sorted(Page(DOCS / f"{page}.md").names(heading)) == sorted(known)


def test_every_room_is_told() -> None:
    told = set(re.findall(r"`(bot/\w+(?:\.py)?)`", Page(DOCS / "architecture.md").prose))
    there = {f"bot/{path.name}" for path in (ROOT / "bot").iterdir() if not path.name.startswith("_")}
    assert told == there


def test_every_extra_is_told() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(Page(DOCS / "configuration.md").names("Extra")) == set(project["optional-dependencies"])


def test_every_metric_is_told() -> None:
    source = (ROOT / "bot" / "operate" / "prometheus.py").read_text(encoding="utf-8")
    kept = {name.removesuffix("_total") for name in re.findall(r'f?"(quarterdeck_\w+)', source)}
    told = {name.removesuffix("_total") for name in RUNBOOK.names("Metric")}
    assert {name for name in told if not name.startswith("quarterdeck_updates_")} == kept - {"quarterdeck_updates_"}


@pytest.mark.parametrize(("heading", "rules"), [("`reporting`", ReportingRules()), ("`thresholds`", Thresholds())])
def test_the_defaults_are_those_of_the_program(heading: str, rules: Any) -> None:
    [rows] = PORTFOLIO.tables(heading)
    for name, _, default, *_ in rows:
        if default:
            assert yaml.safe_load(default.strip("`")) == plain(getattr(rules, name.strip("`"))), name


def plain(value: Any) -> Any:
    """A value as YAML writes it."""
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, Decimal):
        return float(value)
    return value if isinstance(value, int) else f"{value:%H:%M}"


def test_every_field_of_the_json_is_told() -> None:
    schema = json.loads((ROOT / "bot" / "documents" / "report.schema.json").read_text(encoding="utf-8"))
    parts = schema["$defs"] | {name: schema["properties"][name] for name in ("status", "coverage")}
    known = {name: list(part["properties"]) for name, part in parts.items() if "properties" in part}
    sections = re.split(r"^## (\w+)$", JSON.text, flags=re.MULTILINE)
    told = {
        name: re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
        for name, text in zip(sections[1::2], sections[2::2], strict=True)
    }
    assert told == known
    assert re.findall(r"^\| `(\w+)` \|", sections[0], re.MULTILINE) == list(schema["properties"])


def test_every_command_is_told() -> None:
    assert {told_as(command) for command in COMMANDS.names("Command")} == set(known_commands(_parser(), ()))


def told_as(command: str) -> tuple[str, ...]:
    """The name of a command: its words up to the first that stands for something."""
    [name] = re.findall(r"^quarterdeck ([a-z]+(?: [a-z]+\b)*)", command)
    return tuple(name.split())


def known_commands(parser: argparse.ArgumentParser, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    nested = [action.choices for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not nested:
        yield above
    for choices in nested:
        for name, below in choices.items():
            yield from known_commands(below, (*above, name))


@every_page
def test_every_quoted_command_can_be_typed(page: Page) -> None:
    for command in page.quoted("quarterdeck"):
        for words in without_choices(command):
            assert callable(_parser().parse_args([PLACEHOLDERS.get(word, word) for word in words]).command)


def without_choices(command: str) -> Iterator[list[str]]:
    """A command as words to type: with all that is in brackets, and with nothing of it."""
    command = command.replace("socket or http", "socket").replace(" …", "")
    yield shlex.split(command.replace("[", "").replace("]", ""))[1:]
    yield shlex.split(re.sub(r"\[[^]]*\]", "", command))[1:]


# Files and code


@every_page
def test_every_file_can_be_loaded(page: Page) -> None:
    for block in page.blocks:
        if block.language in LOADERS:
            LOADERS[block.language](block)


def load_yaml(block: Block) -> None:
    if block.name == "portfolio.yaml":
        assert read_portfolio(block.text, block.name).projects
    elif block.name == "answers.yaml":
        load_answers(block)
    elif block.name == "question":
        path = shipped("prompts") / "questions.yaml"
        added = path.read_text(encoding="utf-8").replace("\nmilestone:\n", f"\nmilestone:\n{indent(block.text, '  ')}")
        assert read_questions(path, added).own("milestone")
    else:
        assert block.name == "own/labels.yaml", "a test must know how to load it"
        shipped_labels = yaml.safe_load((shipped("prompts") / "labels.yaml").read_text(encoding="utf-8"))
        assert set(yaml.safe_load(block.text)) <= set(shipped_labels)


def load_answers(block: Block) -> None:
    [text] = [block.text for block in PORTFOLIO.blocks if block.name == "portfolio.yaml"]
    loaded = read_portfolio(text, "portfolio.yaml")
    against = Against(
        projects={project.key: project for project in loaded.projects},
        locale=Locale(loaded.portfolio.locale),
        default_at=lambda *_: datetime(2026, 1, 6, tzinfo=UTC),
    )
    answers = read_answers(block.text, block.name, against)
    assert answers.warnings == ()
    assert answers.projects["portal"].milestones


def load_csv(block: Block) -> None:
    if block.name == "milestones.csv":
        assert read_milestones_csv(block.text, block.name, locale=Locale("en_US")).projects
    assert block.name in ("milestones.csv", "progress.csv"), "commands.md loads progress.csv"


def load_settings(block: Block) -> None:
    assert block.name == ".env"
    given = {name: value for name, value in dotenv_values(stream=StringIO(block.text)).items() if value}
    assert set(given) <= known_settings()
    read_settings(given, needs_slack=True)


LOADERS = {"yaml": load_yaml, "csv": load_csv, "sh": load_settings}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of the portfolio and answers pages, loaded, and revision 1 of their report."""
    folder = tmp_path_factory.mktemp("prepared")
    for page in (PORTFOLIO, ANSWERS):
        write_files(page, folder)
    text = (folder / "portfolio.yaml").read_text(encoding="utf-8")
    (folder / "broken.yaml").write_text(text.replace("2025-12-15", "2025-02-30"), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        enter(folder, patch)
        for command in ("load portfolio.yaml", "answers answers.yaml"):
            assert main(command.split()) == 0
        with open_database(read_settings()) as database:
            publish(database)
    return folder


def write_files(page: Page, folder: Path) -> None:
    for block in page.blocks:
        if block.name and block.language != "sh":
            (folder / block.name).parent.mkdir(parents=True, exist_ok=True)
            (folder / block.name).write_text(block.text, encoding="utf-8")


def enter(folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Work in a folder, with no settings but a moved clock."""
    for name in known_settings() & set(os.environ):
        patch.delenv(name)
    patch.setenv("QUARTERDECK_NOW", NOW)
    patch.setenv("LOG_LEVEL", "ERROR")
    patch.chdir(folder)


def publish(database: Database) -> None:
    """Publish the report of 2025-Q4, as its manager would."""
    documents, quarter, at = ReportDocuments(read_settings()), Quarter(2025, 4), datetime.fromisoformat(NOW)
    with database.writing() as session:
        company, moment = Company.load(session), Moment(at, at)
        project = company.project("portal")
        form = confirm_form(session, company, project, quarter, documents, moment)
        of = (session, company, project.manager, project, quarter, documents)
        publish_report(*of, confirmed=form.confirmed, moment=moment)


@pytest.fixture
def here(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder of a test's own, prepared like that."""
    folder = tmp_path / "here"
    shutil.copytree(prepared, folder)
    enter(folder, monkeypatch)
    return folder


@pytest.mark.parametrize("page", [page for page in PAGES if page.lines("quarterdeck") and page != RUNBOOK], ids=str)
def test_every_command_runs(page: Page, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_files(page, here)
    for line in page.lines("quarterdeck"):
        expected = re.search(r"# exit status (\d)", line)
        status = typed(shlex.split(line, comments=True))
        assert status == (int(expected[1]) if expected else 0), f"{line}\n{capsys.readouterr().err}"


def typed(words: list[str]) -> int:
    """Carry out a command line, settings before it included; returns its exit status."""
    at = words.index("quarterdeck")
    command = words[at + 1 :]
    if command[0] in TALKS_TO_SLACK:
        return 0 if _parser().parse_args(command) else 2
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (word.split("=", 1) for word in words[:at]):
            patch.setenv(name, value)
        return main(command)


@pytest.mark.parametrize("page", [page for page in PAGES if any(b.language == "python" for b in page.blocks)], ids=str)
def test_every_piece_of_code_works(page: Page, here: Path) -> None:
    write_files(page, here)
    names: dict[str, Any] = {"__name__": "docs"}
    for block in page.blocks:
        if block.language == "python":
            exec(compile(f"from __future__ import annotations\n{block.text}", str(page), "exec"), names)  # noqa: S102 - ours


def test_the_json_shown_is_what_the_command_prints(here: Path) -> None:
    assert (
        typed(shlex.split("quarterdeck compile --project portal --quarter 2025-Q4 --format json -o report.json")) == 0
    )
    printed = json.loads((here / "report.json").read_text(encoding="utf-8"))
    shown = [json.loads(block.text) for block in JSON.blocks if block.language == "json"]
    assert shown
    assert [value for value in shown if value not in parts_of(printed)] == []


def parts_of(report: Mapping[str, Any]) -> list[Any]:
    """What stands in a report: its fields, and the items of its lists."""
    return [part for value in report.values() for part in (value if isinstance(value, list) else [value])]
