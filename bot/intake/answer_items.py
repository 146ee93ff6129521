"""The items within a project's answers: each reader takes the fields of one item and gives a domain value."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from bot.domain.keys import in_words
from bot.domain.project import Person, Project, RagStatus
from bot.domain.update import (
    Decision,
    DecisionState,
    Given,
    MilestoneUpdate,
    Objective,
    ProjectSummary,
    Promise,
    PromiseResult,
    Provenance,
    Rating,
    Resources,
    Risk,
    RiskKind,
)
from bot.intake import values
from bot.intake.fields import Fields
from bot.intake.problems import quoted
from bot.locales import Locale

SUMMARY_FIELDS = (
    "date", "phase", "status", "status_why", "status_note", "scheduled_completion", "impact", "executive_summary",
    "conclusion", "promised", "check_notes", "layout", "more",
)  # fmt: skip
_PROVENANCE_FIELDS = ("by", "at")
UPDATE_FIELDS = (
    "percent_complete", "status", "forecast", "deliverables", "impact", "note", "recovery", "evidence", "promised", "more",
)  # fmt: skip
MILESTONE_FIELDS = (*UPDATE_FIELDS, *_PROVENANCE_FIELDS)
RISK_FIELDS = (
    "key", "title", "kind", "challenge", "mitigation", "probability", "impact", "owner", "due", "opened", "state",
    "milestone", "waits_on", "since", "more", *_PROVENANCE_FIELDS,
)  # fmt: skip
OBJECTIVE_FIELDS = (
    "key", "title", "detail", "deliverable", "starts", "target", "milestone", *_PROVENANCE_FIELDS,
)  # fmt: skip
DECISION_FIELDS = (
    "key", "what", "who", "by", "options", "state", "outcome", "milestone", "at",
)  # fmt: skip
RESOURCE_FIELDS = (
    "budget_at_completion", "actual_cost", "forecast_at_completion", "percent_used", "percent_variance", "budget_note",
    "staffing_planned", "staffing_actual", "staffing_note", "vendors", "dependencies", "more", *_PROVENANCE_FIELDS,
)  # fmt: skip
PROJECT_FIELDS = (
    *SUMMARY_FIELDS, "milestones", "risks", "objectives", "decisions", "resources", *_PROVENANCE_FIELDS,
)  # fmt: skip

_PROMISE_FIELDS = ("result", "reason")
_MOST_PERCENT = 10_000  # of a budget: a hundred times over it is a slip of the pen

T = TypeVar("T")


class _RiskState(StrEnum):
    """Whether a risk still counts."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class ItemReader:
    """Reads the items of one project.

    `people` maps folded names to persons; `by` (a ref) and `at` (UTC) hold for items that name none; `is_dated` is False
    where nobody said that `at`. `layouts` are the names that a layout can have; without them any is taken.
    """

    project: Project
    locale: Locale
    people: Mapping[str, Person]
    by: str
    at: datetime
    is_dated: bool = False
    layouts: Collection[str] = ()

    @property
    def provenance(self) -> Provenance:
        """Who said what names nobody, and when."""
        return Provenance(self.by, self.at, is_dated=self.is_dated)

    def given(self, fields: Fields, value: T, by: str) -> Given[T]:
        """A value with who said it, and when: as the item says, else as the project does."""
        at = fields.read("at", values.instant)
        return Given(value, Provenance(by, at or self.at, is_dated=at is not None or self.is_dated))

    def answered_by(self, fields: Fields, default: str) -> str:
        """The ref of who answered, as the portfolio writes it where it knows them."""
        return fields.read("by", self._person_ref) or default

    def milestone_update(self, fields: Fields) -> MilestoneUpdate:
        """One owner's answers."""
        return MilestoneUpdate(
            percent_complete=fields.read("percent_complete", values.percent(self.locale, 0, 100)),
            status=fields.read("status", _status),
            forecast=fields.read("forecast", values.day),
            deliverables=fields.several("deliverables", values.words),
            impact=fields.read("impact", values.words),
            note=fields.read("note", values.words),
            recovery=fields.read("recovery", values.words),
            promised=_promised(fields),
            more=_more(fields),
            evidence=fields.several("evidence", values.evidence),
        )

    def risk(self, fields: Fields, number: int) -> Risk:
        """One risk or blocker."""
        challenge = fields.read("challenge", values.words)
        key, title = _named(fields, fields.read("title", values.line), challenge, f"risk-{number}")
        return Risk(
            key=key,
            title=title,
            challenge=challenge,
            kind=fields.read("kind", values.choice(RiskKind)) or RiskKind.RISK,
            mitigation=fields.read("mitigation", values.words),
            probability=fields.read("probability", _rating),
            impact=fields.read("impact", _rating),
            owner=fields.read("owner", self._person_or_words),
            due=fields.read("due", values.day),
            waits_on=fields.read("waits_on", values.line),
            since=fields.read("since", values.day),
            opened=fields.read("opened", values.quarter),
            is_open=fields.read("state", values.choice(_RiskState)) is not _RiskState.CLOSED,
            milestone=fields.read("milestone", self._milestone_key),
            more=_more(fields),
        )

    def objective(self, fields: Fields, number: int) -> Objective:
        """One promise for the next quarter."""
        detail = fields.read("detail", values.words)
        deliverable = fields.read("deliverable", values.words)
        title = fields.read("title", values.line)
        key, title = _named(fields, title, detail or deliverable, f"objective-{number}")
        return Objective(
            key=key,
            title=title,
            detail=detail,
            deliverable=deliverable,
            starts=fields.read("starts", values.line),
            target=fields.read("target", values.line),
            milestone=fields.read("milestone", self._milestone_key),
        )

    def decision(self, fields: Fields, number: int) -> Decision:
        """One decision needed; its `by` is a day, so it cannot name who asked."""
        key, what = _named(fields, fields.read("what", values.words), None, f"decision-{number}")
        return Decision(
            key=key,
            what=what,
            who=fields.read("who", self._person_or_words),
            by=fields.read("by", values.day),
            options=fields.several("options", values.line),
            state=fields.read("state", values.choice(DecisionState)) or DecisionState.OPEN,
            outcome=fields.read("outcome", values.words),
            milestone=fields.read("milestone", self._milestone_key),
        )

    def resources(self, fields: Fields) -> Resources:
        """Money and people; the budget is the project's where the answer names none."""
        amount = values.number(self.locale, self.project.currency)
        count = values.number(self.locale)
        budget = fields.read("budget_at_completion", amount)
        return Resources(
            budget_at_completion=self.project.budget_at_completion if budget is None else budget,
            actual_cost=fields.read("actual_cost", amount),
            forecast_at_completion=fields.read("forecast_at_completion", amount),
            percent_used=fields.read("percent_used", values.percent(self.locale, 0, _MOST_PERCENT)),
            percent_variance=fields.read("percent_variance", values.percent(self.locale, -100, _MOST_PERCENT)),
            budget_note=fields.read("budget_note", values.words),
            staffing_planned=fields.read("staffing_planned", count),
            staffing_actual=fields.read("staffing_actual", count),
            staffing_note=fields.read("staffing_note", values.words),
            vendors=fields.read("vendors", values.words),
            dependencies=fields.several("dependencies", values.words),
            more=_more(fields),
        )

    def summary(self, fields: Fields) -> ProjectSummary:
        """The manager's own words for the project as a whole."""
        return ProjectSummary(
            report_date=fields.read("date", values.day),
            phase=fields.read("phase", values.line),
            status=fields.read("status", _status),
            status_why=fields.read("status_why", values.words),
            status_note=fields.read("status_note", values.words),
            scheduled_completion=fields.read("scheduled_completion", values.line),
            impact=fields.read("impact", values.words),
            executive_summary=fields.read("executive_summary", values.words),
            conclusion=fields.read("conclusion", values.words),
            promised=_promised(fields),
            check_notes=fields.named_values("check_notes", values.words),
            layout=fields.read("layout", values.one_of("layout", self.layouts)),
            more=_more(fields),
        )

    def _milestone_key(self, text: str) -> str:
        if self.project.milestone(text) is None:
            raise ValueError(
                f"{quoted(text)} is {unknown('milestone', text, [m.key for m in self.project.milestones])}"
            )
        return text

    def _person_ref(self, text: str) -> str:
        known = self.people.get(text.casefold())
        return known.ref if known else values.person_ref(text)

    def _person_or_words(self, text: str) -> str:
        known = self.people.get(text.casefold())
        return known.ref if known else values.line(text)


def unknown(what: str, key: str, known: list[str]) -> str:
    """The words for a key that names nothing, with the nearest one that does."""
    hint = f'; did you mean "{values.nearest(key, known)}"?' if known else ""
    return f"no such {what}{hint}"


def _named(fields: Fields, title: str | None, text: str | None, fallback: str) -> tuple[str, str]:
    """The key and the title of an item, each from the other where it is not given; a text stands in for the title."""
    if not fields.names():
        fields.reject("says nothing; leave it out")
    title = title or (values.headline(text) if text else "")
    key = fields.read("key", values.key) or values.key_from(title) or fallback
    return key, title or in_words(key)


def _promised(fields: Fields) -> dict[str, Promise]:
    found = {}
    for key, answer in fields.named_groups("promised", _PROMISE_FIELDS, short="result"):
        result = answer.require("result", values.choice(PromiseResult), "kept, carried over or dropped")
        found[key] = Promise(result or PromiseResult.KEPT, answer.read("reason", values.words))
    return found


def _more(fields: Fields) -> dict[str, str]:
    return fields.named_values("more", values.words)


_status: Callable[[str], RagStatus] = values.choice(RagStatus.choices())


def _rating(text: str) -> Rating | None:
    return None if text.casefold() == "not rated" else values.choice(Rating)(text)
