"""The answers file: what people said in one quarter, open or long past."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from bot.domain.project import Milestone, Person, Project
from bot.domain.quarter import Quarter, ReportingRules, WorkingCalendar
from bot.domain.rules import Problem, check_resources, check_update, mismatches
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
    "status-and-percent": "{status} and {percent} complete at once",
    "percent-as-share": values.MAY_BE_SHARE,
    "recovery-missing": "Off track without a recovery plan",
    "complete-at-risk": "100 % complete and At risk at once",
    "fell-without-note": "percent complete fell from {before} to {now} without a note",
    "late-but-on-track": "On track without a note, but forecast {days} working days after the baseline",
    "amounts-win": "says {given}, the amounts say {by_amounts}; the amounts count",
    "never-promised": "no earlier quarter has the objective {key}; it is reported by its key",
    "forecast-below-spent": "less than the actual cost, without a budget note",
    "variance-needs-note": "{variance} off the budget without a budget note",
}


Item = TypeVar("Item", Risk, Objective, Decision)


@dataclass(frozen=True, slots=True)
class AnswersFile:
    """What an answers file says, by project key.

    `warnings` are lines about answers that a dialog would have refused. `unexplained` are the places of the statuses that
    are claimed for a project without a reason, which a dialog refuses where the status by rule is another one.
    """

    quarter: Quarter
    projects: dict[str, QuarterAnswers]
    warnings: tuple[str, ...]
    unexplained: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Before:
    """What a quarter's answers are held against: each milestone's last update before, by its key, and the keys of the
    objectives that were promised by then."""

    updates: Mapping[str, MilestoneUpdate] = field(default_factory=dict)
    promised: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Against:
    """What an answers file is read against.

    `projects` are those of the portfolio by their keys; `default_at` is the instant (UTC) of an answer that names none.
    `layouts` are the names that a layout can have; without them any is taken. `calendar` (default: Monday to Friday), `before`
    and `reporting`, the company's rules, serve the warnings only.
    """

    projects: Mapping[str, Project]
    locale: Locale
    default_at: Callable[[Quarter, Project], datetime]
    layouts: Collection[str] = ()
    calendar: WorkingCalendar = field(default_factory=WorkingCalendar)
    before: Callable[[Quarter, Project], Before] | None = None
    reporting: ReportingRules = field(default_factory=ReportingRules)


def read_answers(text: str, filename: str, against: Against) -> AnswersFile:
    """Read a quarter's answers. Raises FileProblems with everything that is wrong, line by line."""
    problems = Problems(filename)
    top = Fields(compose(text, problems, filename), "", problems, _TOP_FIELDS)
    quarter = top.require("quarter", values.quarter, "2023-Q4") or _UNREAD
    warnings = _Warnings(against)
    people = by_any_name(_people(against.projects.values()))
    found: dict[str, QuarterAnswers] = {}
    unexplained: dict[str, str] = {}
    for key, fields in top.named_groups("projects", items.PROJECT_FIELDS):
        project = against.projects.get(key)
        if project is None:
            fields.reject(items.unknown("project", key, list(against.projects)))
            continue
        by, at = project.manager.ref, against.default_at(quarter, project)
        default = items.ItemReader(project, against.locale, people, by, at, layouts=against.layouts)
        warnings.before = against.before(quarter, project) if against.before else None
        found[key] = _answers(fields, _item_reader(fields, default), warnings)
        if fields.has("status") and not fields.has("status_why"):
            unexplained[key] = fields.remark("status", "")
    problems.raise_any()
    return AnswersFile(quarter, found, warnings.lines(), unexplained)


def _people(projects: Iterable[Project]) -> list[Person]:
    named = [(p.manager, p.budget_owner, p.sponsor, *(o for m in p.milestones for o in m.owners)) for p in projects]
    return [person for people in named for person in people if person]


def _item_reader(fields: Fields, default: items.ItemReader) -> items.ItemReader:
    """The reader of a project's items, with the project's own `by` and `at` where it has them."""
    said = default.given(fields, None, default.answered_by(fields, default.by)).provenance
    return replace(default, by=said.by, at=said.at, is_dated=said.is_dated)


def _answers(fields: Fields, reader: items.ItemReader, warnings: _Warnings) -> QuarterAnswers:
    summary = reader.summary(fields)
    warnings.promised(fields, summary.promised)
    return QuarterAnswers(
        milestones=_milestones(fields, reader, warnings),
        risks=_keyed(fields.groups("risks", items.RISK_FIELDS), reader, reader.risk),
        objectives=_keyed(fields.groups("objectives", items.OBJECTIVE_FIELDS), reader, reader.objective),
        decisions=_keyed(fields.groups("decisions", items.DECISION_FIELDS), reader, reader.decision),
        resources=_resources(fields, reader, warnings),
        summary=None if summary == ProjectSummary() else Given(summary, reader.provenance),
    )


def _milestones(fields: Fields, reader: items.ItemReader, warnings: _Warnings) -> dict[str, Given[MilestoneUpdate]]:
    found = {}
    for key, answer in fields.named_groups("milestones", items.MILESTONE_FIELDS):
        update = reader.milestone_update(answer)
        milestone = reader.project.milestone(key)
        found[key] = reader.given(
            answer, update, reader.answered_by(answer, milestone.owner.ref if milestone else reader.by)
        )
        if milestone is None:  # only said now: what else is wrong with the answer is told with it
            answer.reject(items.unknown("milestone", key, [m.key for m in reader.project.milestones]))
            continue
        if not any(map(answer.has, items.UPDATE_FIELDS)):
            answer.reject("holds no answer; leave out a milestone that was not answered")
        warnings.update(answer, update, milestone)
        warnings.promised(answer, update.promised)
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


def _odd_percent(update: MilestoneUpdate) -> Iterator[Problem]:
    """A percentage that is hardly meant: a share of 1, as spreadsheets keep it."""
    if whole := values.as_share(update.percent_complete):
        yield Problem("percent_complete", "percent-as-share", {"whole": whole})


class _Warnings:
    """What a dialog would have refused: history is loaded as it was, with a word about it."""

    def __init__(self, against: Against) -> None:
        self._against = against
        self._found: list[tuple[int, str]] = []
        self.before: Before | None = None  # of the project that is being read

    def update(self, fields: Fields, update: MilestoneUpdate, milestone: Milestone) -> None:
        """Note what contradicts itself in a milestone's answer."""
        last = self.before.updates.get(milestone.key) if self.before else None
        found = check_update(update, baseline=milestone.baseline, previous=last, calendar=self._against.calendar)
        self._note(fields, found)
        self._note(fields, _odd_percent(update))

    def promised(self, fields: Fields, promised: Collection[str]) -> None:
        """Note answers for objectives that nobody is known to have promised."""
        unknown = [key for key in promised if self.before and key not in self.before.promised]
        self._note(fields, [Problem("promised", "never-promised", {"key": key}) for key in unknown])

    def resources(self, fields: Fields, resources: Resources, project: Project) -> None:
        """Note what is missing or disagrees in a budget answer."""
        thresholds = (project.reporting or self._against.reporting).thresholds
        self._note(fields, check_resources(resources, thresholds, budget=project.budget_at_completion))
        self._note(fields, mismatches(resources, project.budget_at_completion))

    def lines(self) -> tuple[str, ...]:
        """All warnings in the order of the file."""
        return tuple(text for _, text in sorted(self._found, key=lambda found: found[0]))

    def _note(self, fields: Fields, found: Iterable[Problem]) -> None:
        for problem in found:
            sentence = _WARNINGS[problem.rule].format_map({k: self._shown(v) for k, v in problem.values.items()})
            self._found.append((fields.line_of(problem.at), fields.remark(problem.at, sentence)))

    def _shown(self, value: object) -> object:
        return self._against.locale.percent(value) if isinstance(value, Decimal) else value
