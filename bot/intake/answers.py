"""The answers file: what people said in one quarter, open or long past."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from bot.domain.project import Person, Project
from bot.domain.quarter import Quarter, ReportingRules, WorkingCalendar
from bot.domain.rules import Problem, check_resources, check_update
from bot.domain.update import (
    Decision,
    Given,
    MilestoneUpdate,
    Objective,
    ProjectSummary,
    QuarterAnswers,
    Resources,
    Risk,
)
from bot.intake import answer_items as items
from bot.intake import values
from bot.intake.fields import Fields, Keys
from bot.intake.people import by_any_name
from bot.intake.problems import Problems
from bot.intake.yaml_marks import compose
from bot.locales import Locale

_TOP_FIELDS = ("quarter", "projects")
_UNREAD = Quarter(2000, 1)  # stands in for a quarter that is a noted problem, so that the rest is still read

_WARNINGS = {
    "recovery-missing": "Off track without a recovery plan",
    "complete-at-risk": "100 % complete and At risk at once",
    "fell-without-note": "percent complete fell from {before} to {now} without a note",
    "late-but-on-track": "On track without a note, but forecast {days} working days after the baseline",
    "variance-needs-note": "{variance} off the budget without a budget note",
}


Item = TypeVar("Item", Risk, Objective, Decision)


@dataclass(frozen=True, slots=True)
class AnswersFile:
    """What an answers file says, by project key.

    `warnings` are lines about answers that a dialog would have refused.
    """

    quarter: Quarter
    projects: dict[str, QuarterAnswers]
    warnings: tuple[str, ...]


def read_answers(
    text: str,
    filename: str,
    *,
    projects: Mapping[str, Project],
    locale: Locale,
    default_at: Callable[[Quarter, Project], datetime],
    calendar: WorkingCalendar | None = None,
    previous: Mapping[str, QuarterAnswers] | None = None,
    reporting: ReportingRules | None = None,
) -> AnswersFile:
    """Read a quarter's answers. Raises FileProblems with everything that is wrong, line by line.

    `default_at` is the instant (UTC) of an answer that names none. `calendar` (default: Monday to Friday), `previous`, the
    answers of the quarter before by project, and `reporting`, the company's rules, serve the warnings only.
    """
    problems = Problems(filename)
    top = Fields(compose(text, problems, filename), "", problems, _TOP_FIELDS)
    quarter = top.require("quarter", values.quarter, "2023-Q4") or _UNREAD
    warnings = _Warnings(problems, locale, calendar or WorkingCalendar(), reporting or ReportingRules())
    people = by_any_name(_people(projects.values()))
    found: dict[str, QuarterAnswers] = {}
    for key, fields in top.named_groups("projects", items.PROJECT_FIELDS):
        project = projects.get(key)
        if project is None:
            fields.reject(items.unknown("project", key, list(projects)))
            continue
        reader = _item_reader(fields, project, locale, people, default_at(quarter, project))
        found[key] = _answers(fields, reader, warnings, (previous or {}).get(key, QuarterAnswers()))
    problems.raise_any()
    return AnswersFile(quarter, found, warnings.lines())


def _people(projects: Iterable[Project]) -> list[Person]:
    named = [(p.manager, p.budget_owner, p.sponsor, *(o for m in p.milestones for o in m.owners)) for p in projects]
    return [person for people in named for person in people if person]


def _item_reader(
    fields: Fields, project: Project, locale: Locale, people: Mapping[str, Person], at: datetime
) -> items.ItemReader:
    """The reader of a project's items, with the project's own `by` and `at` where it has them."""
    default = items.ItemReader(project, locale, people, by=project.manager.ref, at=at)
    said = default.given(fields, None, default.answered_by(fields, default.by)).provenance
    return replace(default, by=said.by, at=said.at)


def _answers(fields: Fields, reader: items.ItemReader, warnings: _Warnings, previous: QuarterAnswers) -> QuarterAnswers:
    summary = reader.summary(fields)
    return QuarterAnswers(
        milestones=_milestones(fields, reader, warnings, previous),
        risks=_keyed(fields.groups("risks", items.RISK_FIELDS), reader, reader.risk),
        objectives=_keyed(fields.groups("objectives", items.OBJECTIVE_FIELDS), reader, reader.objective),
        decisions=_keyed(fields.groups("decisions", items.DECISION_FIELDS), reader, reader.decision),
        resources=_resources(fields, reader, warnings),
        summary=None if summary == ProjectSummary() else reader.given(fields, summary, reader.by),
    )


def _milestones(
    fields: Fields, reader: items.ItemReader, warnings: _Warnings, previous: QuarterAnswers
) -> dict[str, Given[MilestoneUpdate]]:
    found = {}
    for key, answer in fields.named_groups("milestones", items.MILESTONE_FIELDS):
        milestone = reader.project.milestone(key)
        if milestone is None:
            answer.reject(items.unknown("milestone", key, [m.key for m in reader.project.milestones]))
            continue
        update = reader.milestone_update(answer)
        if not any(map(answer.has, items.UPDATE_FIELDS)):
            answer.reject("holds no answer; leave out a milestone that was not answered")
        found[key] = reader.given(answer, update, reader.answered_by(answer, milestone.owner.ref))
        before = previous.milestones.get(key)
        warnings.update(answer, update, milestone.baseline, before.value if before else None)
    return found


def _keyed(
    groups: Iterable[Fields], reader: items.ItemReader, read: Callable[[Fields, int], Item]
) -> dict[str, Given[Item]]:
    """The items of a list by their keys."""
    keys = Keys()
    found: dict[str, Given[Item]] = {}
    for number, fields in enumerate(groups, start=1):
        item = read(fields, number)
        keys.add(fields, item.key)
        by = reader.by if isinstance(item, Decision) else reader.answered_by(fields, reader.by)
        found[item.key] = reader.given(fields, item, by)
    return found


def _resources(fields: Fields, reader: items.ItemReader, warnings: _Warnings) -> Given[Resources] | None:
    group = fields.group("resources", items.RESOURCE_FIELDS)
    if group is None:
        return None
    resources = reader.resources(group)
    warnings.resources(group, resources, reader.project)
    return reader.given(group, resources, reader.answered_by(group, reader.by))


class _Warnings:
    """What a dialog would have refused: history is loaded as it was, with a word about it."""

    def __init__(
        self, problems: Problems, locale: Locale, calendar: WorkingCalendar, reporting: ReportingRules
    ) -> None:
        self._problems = problems
        self._locale = locale
        self._calendar = calendar
        self._reporting = reporting
        self._found: list[tuple[int, str]] = []

    def update(
        self, fields: Fields, update: MilestoneUpdate, baseline: date | None, previous: MilestoneUpdate | None
    ) -> None:
        """Note what contradicts itself in a milestone's answer."""
        self._note(fields, check_update(update, baseline=baseline, previous=previous, calendar=self._calendar))

    def resources(self, fields: Fields, resources: Resources, project: Project) -> None:
        """Note what is missing in a budget answer."""
        thresholds = (project.reporting or self._reporting).thresholds
        self._note(fields, check_resources(resources, thresholds, budget=project.budget_at_completion))

    def lines(self) -> tuple[str, ...]:
        """All warnings in the order of the file."""
        return tuple(text for _, text in sorted(self._found, key=lambda found: found[0]))

    def _note(self, fields: Fields, found: Iterable[Problem]) -> None:
        for problem in found:
            sentence = _WARNINGS[problem.rule].format_map({k: self._shown(v) for k, v in problem.values.items()})
            line = fields.line_of(problem.at)
            self._found.append((line, self._problems.line(line, fields.path_of(problem.at), f"warning: {sentence}")))

    def _shown(self, value: object) -> object:
        return self._locale.percent(value) if isinstance(value, Decimal) else value
