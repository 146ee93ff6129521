"""The CSV form of a portfolio: milestones alone. It adds and changes; it never drops, and company settings stay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from bot.domain.project import NOBODY, Milestone, Person, Project
from bot.intake import values
from bot.intake.delimited import TableRow, column_names, read_rows
from bot.intake.people import People, twice_named
from bot.intake.portfolio import NO_MANAGER
from bot.intake.problems import Problems, quoted
from bot.locales import Locale

HEADER = (
    "project_key", "project_name", "manager", "milestone_key", "milestone_name", "owner", "baseline", "weight",
)  # fmt: skip
CO_OWNERS = "co_owners"  # a column that a table may have besides: people, with spaces or semicolons between them
_NEEDED = {  # the columns that every row fills, with an example of each
    "project_key": "portal", "project_name": "Customer Portal", "milestone_key": "front-end",
    "milestone_name": "Front-End Development", "owner": "dev@example.com",
}  # fmt: skip


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

    def take(self, row: TableRow) -> None:
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

    def _project(self, row: TableRow) -> Project:
        key = row.read("project_key", values.project_key) or ""
        name = row.read("project_name", values.line) or ""
        ref = row.read("manager", values.person_ref)
        self.lines.setdefault(key, row.number)
        known = self.projects.setdefault(key, Project(key, name, NOBODY))
        if ref and known.manager is NOBODY:
            known = self.projects[key] = replace(known, manager=self.people.named(ref))
        manager = self.people.named(ref) if ref else known.manager
        for column, before, now in (("project_name", known.name, name), ("manager", known.manager.ref, manager.ref)):
            if before != now:
                row.problem(column, f"{quoted(now)} here, {quoted(before)} in an earlier row of the same project")
        return known

    def _milestone(self, row: TableRow) -> Milestone:
        owner = self._person(row, "owner")
        return Milestone(
            key=row.read("milestone_key", values.key) or "",
            name=row.read("milestone_name", values.line) or "",
            owner=owner,
            co_owners=self._co_owners(row, owner),
            baseline=row.read("baseline", values.day),
            weight=row.read("weight", values.number(self.locale, above=True)) or Decimal(1),
        )

    def _co_owners(self, row: TableRow, owner: Person) -> tuple[Person, ...]:
        refs = row.read(CO_OWNERS, lambda text: tuple(map(values.person_ref, text.replace(";", " ").split()))) or ()
        named = tuple(map(self.people.named, refs))
        if twice := twice_named((owner, *named)):
            row.problem(CO_OWNERS, f"{twice} is named twice as owner; name each person once")
        return named

    def _person(self, row: TableRow, column: str) -> Person:
        return self.people.named(row.read(column, values.person_ref) or "")


def _rows(text: str, filename: str, problems: Problems) -> Iterator[TableRow]:
    """The rows below the header. Raises FileProblems where the header does not name the columns."""
    rows = read_rows(text, filename)
    top, headings = next(rows, (1, []))
    columns = column_names(headings, top, problems, known=(*HEADER, CO_OWNERS), needed=_NEEDED)
    problems.raise_any()
    for line, cells in rows:
        if len(cells) < len(columns) or any(cells[len(columns) :]):
            problems.add(line, "", f"{len(cells)} cells; expected {len(columns)}")
        else:
            yield TableRow(line, dict(zip(columns, cells, strict=False)), problems, _NEEDED)
