"""The CSV form of a portfolio: milestones alone. It adds and changes; it never drops, and company settings stay."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from io import StringIO
from typing import TypeVar

from bot.domain.project import NOBODY, Milestone, Person, Project
from bot.intake import values
from bot.intake.people import People, twice_named
from bot.intake.portfolio import NO_MANAGER
from bot.intake.problems import Problems, quoted, refuse
from bot.locales import Locale

HEADER = (
    "project_key", "project_name", "manager", "milestone_key", "milestone_name", "owner", "baseline", "weight",
)  # fmt: skip
CO_OWNERS = "co_owners"  # a column that a table may have besides: people, with spaces or semicolons between them
_OPTIONAL = ("manager", "baseline", "weight", CO_OWNERS)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class MilestonesFile:
    """What a CSV file says. Projects hold nothing but their name, manager and the milestones listed.

    `unmanaged` is as in `PlanFile`.
    """

    people: tuple[Person, ...]
    projects: tuple[Project, ...]
    unmanaged: Mapping[str, str] = field(default_factory=dict)


def read_milestones_csv(text: str, filename: str, *, locale: Locale, admins: Sequence[str] = ()) -> MilestonesFile:
    """Read a CSV of milestones. Raises FileProblems with everything that is wrong, line by line.

    `admins` are the refs of the company's; the first one manages a project that names no manager.
    """
    problems = Problems(filename)
    reader = _Reader(problems, locale, admins)
    for row in _rows(text, filename, problems):
        reader.take(row)
    problems.raise_any()
    projects = reader.all_projects()
    return MilestonesFile(reader.people.all(), projects, reader.unmanaged)


@dataclass(frozen=True, slots=True)
class _Row:
    """One row: cells by column. A wrong or missing cell is noted."""

    line: int
    cells: dict[str, str]
    problems: Problems

    def read(self, column: str, reader: Callable[[str], T]) -> T | None:
        text = self.cells.get(column, "").strip()
        if not text:
            if column not in _OPTIONAL:
                self.problem(column, "missing")
            return None
        try:
            return reader(text)
        except ValueError as wrong:
            self.problem(column, str(wrong))
            return None

    def problem(self, column: str, sentence: str) -> None:
        self.problems.add(self.line, column, sentence)


@dataclass(slots=True)
class _Reader:
    problems: Problems
    locale: Locale
    admins: Sequence[str] = ()
    people: People = field(default_factory=People)
    projects: dict[str, Project] = field(default_factory=dict)
    milestones: dict[str, dict[str, Milestone]] = field(default_factory=dict)  # by the keys of project and milestone
    lines: dict[str, int] = field(default_factory=dict)  # where each project is named first
    unmanaged: dict[str, str] = field(default_factory=dict)

    def take(self, row: _Row) -> None:
        project = self._project(row)
        milestone = self._milestone(row)
        known = self.milestones.setdefault(project.key, {})
        if milestone.key in known:
            row.problem("milestone_key", f"{quoted(milestone.key)} is given twice in project {quoted(project.key)}")
        known[milestone.key] = milestone

    def all_projects(self) -> tuple[Project, ...]:
        """The projects in the order of the file, each with its milestones and whoever manages it."""
        return tuple(
            replace(self._managed(project), milestones=tuple(self.milestones[key].values()))
            for key, project in self.projects.items()
        )

    def _managed(self, project: Project) -> Project:
        """A project with its manager: whom a row names, else the company's first admin, else nobody yet."""
        if project.manager is not NOBODY:
            return project
        if self.admins:
            return replace(project, manager=self.people.named(self.admins[0]))
        self.unmanaged[project.key] = self.problems.line(self.lines[project.key], "manager", NO_MANAGER)
        return project

    def _project(self, row: _Row) -> Project:
        key = row.read("project_key", values.project_key) or ""
        name = row.read("project_name", values.line) or ""
        ref = row.read("manager", values.person_ref)
        self.lines.setdefault(key, row.line)
        known = self.projects.setdefault(key, Project(key, name, NOBODY))
        if ref and known.manager is NOBODY:
            known = self.projects[key] = replace(known, manager=self.people.named(ref))
        manager = self.people.named(ref) if ref else known.manager
        for column, before, now in (("project_name", known.name, name), ("manager", known.manager.ref, manager.ref)):
            if before != now:
                row.problem(column, f"{quoted(now)} here, {quoted(before)} in an earlier row of the same project")
        return known

    def _milestone(self, row: _Row) -> Milestone:
        owner = self._person(row, "owner")
        return Milestone(
            key=row.read("milestone_key", values.key) or "",
            name=row.read("milestone_name", values.line) or "",
            owner=owner,
            co_owners=self._co_owners(row, owner),
            baseline=row.read("baseline", values.day),
            weight=row.read("weight", values.number(self.locale, above=True)) or Decimal(1),
        )

    def _co_owners(self, row: _Row, owner: Person) -> tuple[Person, ...]:
        refs = row.read(CO_OWNERS, lambda text: tuple(map(values.person_ref, text.replace(";", " ").split()))) or ()
        named = tuple(map(self.people.named, refs))
        if twice := twice_named((owner, *named)):
            row.problem(CO_OWNERS, f"{twice} is named twice as owner; name each person once")
        return named

    def _person(self, row: _Row, column: str) -> Person:
        return self.people.named(row.read(column, values.person_ref) or "")


def _rows(text: str, filename: str, problems: Problems) -> Iterator[_Row]:
    """The rows below the header, blank ones left out."""
    lines = csv.reader(StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        header = [name.strip() for name in next(lines, [])]
        _check_header(header, filename)
        line = lines.line_num + 1
        for cells in lines:
            if any(cells) and len(cells) != len(header):
                problems.add(line, "", f"{len(cells)} cells; expected {len(header)}")
            elif any(cells):
                yield _Row(line, dict(zip(header, cells, strict=True)), problems)
            line = lines.line_num + 1
    except csv.Error as error:
        raise refuse(filename, f"not CSV: {error}", lines.line_num) from error


def _check_header(header: list[str], filename: str) -> None:
    known = {*HEADER, CO_OWNERS}
    if len(set(header)) < len(header) or not known.difference(_OPTIONAL) <= set(header) <= known:
        columns = f"{','.join(HEADER)}, and {CO_OWNERS} where you have any"
        raise refuse(filename, f"the first line names other columns; expected {columns}", 1)
