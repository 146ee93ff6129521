"""Files: a table that some tool exports or somebody keeps by hand, a row a milestone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from bot.domain.errors import FileProblems, NotInstalled, TrackerFailed
from bot.domain.project import Project, RagStatus
from bot.domain.tracker import Tracked, TrackerFigure, page_link
from bot.domain.tracker_ref import TrackerSource
from bot.intake import values
from bot.intake.delimited import TableRow, column_names
from bot.intake.problems import Problems, quoted
from bot.locales import Locale
from bot.trackers.tables import read_table

NEEDED = {"milestone_key": "front-end", "percent": "40"}  # the columns that every row fills, with an example of each
COLUMNS = ("project_key", *NEEDED, "status", "forecast", "link")


class FileTracker:
    """Reads tables below a folder, each once: whoever wants to read them again makes another."""

    def __init__(self, folder: Path, locale: str) -> None:
        self._folder = folder
        self._locale = Locale(locale)
        self._tables: dict[str, list[_Said]] = {}

    def read(self, tracked: Tracked, at: datetime) -> TrackerFigure:
        """What the milestone's row says. Raises TrackerFailed."""
        place = tracked.ref.place
        for said in self._table(place, at):
            if said.milestone == tracked.milestone and said.project in ("", tracked.project):
                return said.figure
        raise TrackerFailed(f"{place} has no row for {tracked.milestone}.")

    def _table(self, place: str, at: datetime) -> list[_Said]:
        if place not in self._tables:
            problems = Problems(place)
            try:
                found = list(_read(self._folder / place, place, problems, self._locale, at))
                problems.raise_any()
            except FileProblems as wrong:
                raise TrackerFailed(f"{wrong.lines[0]}{' (and more)' * (wrong.count > 1)}.") from wrong
            except NotInstalled as missing:
                raise TrackerFailed(f"{missing}.") from missing
            self._tables[place] = found
        return self._tables[place]


@dataclass(frozen=True, slots=True)
class FiguresFile:
    """The figure of every milestone that a file names, by the keys of project and milestone.

    `warnings` are lines about figures that are taken as they are and hardly meant so.
    """

    figures: dict[tuple[str, str], TrackerFigure]
    warnings: tuple[str, ...]


def figures_of(path: Path, projects: Mapping[str, Project], *, locale: str, at: datetime) -> FiguresFile:
    """What a file says of milestones.

    Raises FileProblems with all that is wrong, rows that name no milestone of the portfolio among it, and NotInstalled for
    XLSX where its reader is not there.
    """
    problems, found, warnings = Problems(path.name), {}, []
    for said in _read(path, path.name, problems, Locale(locale), at):
        if whole := values.as_share(said.figure.percent):
            sentence = values.MAY_BE_SHARE.format(whole=Locale(locale).percent(whole))
            warnings.append(problems.line(said.row, "percent", sentence))
        project = _project_of(said, projects, problems)
        if project is not None and (project, said.milestone) in found:
            problems.add(said.row, "milestone_key", f"{quoted(said.milestone)} is given twice")
        elif project is not None:
            found[project, said.milestone] = said.figure
    problems.raise_any()
    return FiguresFile(found, tuple(warnings))


def _project_of(said: _Said, projects: Mapping[str, Project], problems: Problems) -> str | None:
    """The project that a row is about: the one it names, else the only one that has such a milestone."""
    having = [project.key for project in projects.values() if _has(project, said.milestone)]
    if said.project:
        having = [key for key in having if key == said.project]
    if len(having) == 1:
        return having[0]
    if having:
        problems.add(said.row, "milestone_key", f"in {', '.join(having)}; add a column project_key")
    else:
        where = f"project {quoted(said.project)}" if said.project else "the portfolio"
        problems.add(said.row, "milestone_key", f"{quoted(said.milestone)} is no milestone of {where}")
    return None


def _has(project: Project, key: str) -> bool:
    milestone = project.milestone(key)
    return milestone is not None and milestone.dropped_on is None


@dataclass(frozen=True, slots=True)
class _Said:
    """What a row says of a milestone; `project` is empty where it names none."""

    row: int
    project: str
    milestone: str
    figure: TrackerFigure


def _read(path: Path, place: str, problems: Problems, locale: Locale, at: datetime) -> Iterator[_Said]:
    """The rows that can be read; what is wrong with the others is noted."""
    (top, header), *rows = read_table(path, place) or [(1, [])]
    columns = column_names(header, top, problems, known=COLUMNS, needed=NEEDED)
    problems.raise_any()
    for number, cells in rows:
        row = TableRow(number, dict(zip(columns, cells, strict=False)), problems, NEEDED)
        project, milestone = row.read("project_key", values.key), row.read("milestone_key", values.key)
        percent = row.read("percent", values.percent(locale, 0, 100))
        figure = TrackerFigure(
            source=TrackerSource.FILE,
            place=place,
            percent=percent or Decimal(0),
            read_at=at,
            link=row.read("link", _link),
            status=row.read("status", values.choice(RagStatus.choices())),
            forecast=row.read("forecast", values.day),
        )
        if milestone is not None and percent is not None:
            yield _Said(number, project or "", milestone, figure)


def _link(text: str) -> str:
    link = page_link(text)
    if link is None:
        raise ValueError(f"{quoted(text)} is not a link; expected such as https://example.com/board/7")
    return link
