"""Who and what is reported on: the portfolio, its people, projects and milestones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from enum import StrEnum

from bot.domain.quarter import FiscalYear, Quarter, QuarterDates, ReportingRules
from bot.domain.tracker_ref import TrackerRef


class RagStatus(StrEnum):
    """How a milestone or a project stands; the value is the word on screen and in files."""

    NOT_STARTED = "Not started"
    ON_TRACK = "On track"
    AT_RISK = "At risk"
    OFF_TRACK = "Off track"
    COMPLETE = "Complete"
    NOT_KNOWN = "Not known"  # by rule only, nobody chooses it

    @classmethod
    def choices(cls) -> tuple[RagStatus, ...]:
        """The statuses that a person can choose, in the order dialogs offer them."""
        return (cls.ON_TRACK, cls.AT_RISK, cls.OFF_TRACK, cls.NOT_STARTED, cls.COMPLETE)

    @classmethod
    def worst_first(cls) -> tuple[RagStatus, ...]:
        """All statuses in the order in which projects are counted and listed: what needs a look comes first."""
        return (cls.OFF_TRACK, cls.AT_RISK, cls.NOT_KNOWN, cls.ON_TRACK, cls.NOT_STARTED, cls.COMPLETE)


@dataclass(frozen=True, slots=True)
class Deputy:
    """Who is asked where somebody cannot be: their ref, our row (0 until stored), and the days of it, both included.

    A day that is None leaves that side open.
    """

    ref: str
    id: int = 0
    from_on: date | None = None
    until_on: date | None = None

    def is_in_force(self, day: date) -> bool:
        """Whether a day is one of its days."""
        return (self.from_on or day) <= day <= (self.until_on or day)

    def overlaps(self, other: Deputy) -> bool:
        """Whether both are in force on some day."""
        starts = max(self.from_on or date.min, other.from_on or date.min)
        return starts <= min(self.until_on or date.max, other.until_on or date.max)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody the portfolio names, or who acts in Slack.

    `ref` is how files name the person: a Slack id, an e-mail address or an @handle. `id` is our row, 0 until stored;
    `slack_id` is None until Slack's directory has been matched, unless the file gave it. `hours` are the person's own
    working hours on their own clock, where they have said so; `deputy` is who is asked while they are away.
    """

    ref: str
    name: str
    id: int = 0
    slack_id: str | None = None
    email: str | None = None
    handle: str | None = None
    timezone: str | None = None
    country: str | None = None
    hours: tuple[time, time] | None = None
    deputy: Deputy | None = None


@dataclass(frozen=True, slots=True)
class Milestone:
    """A deliverable that one person answers for, or several: then an answer by any of them counts for all.

    `owner` is the first of them, whom reports and digests name. `weight` counts in averages; `live_from` None: in every
    quarter. `tracker` is where its work is kept.
    """

    key: str
    name: str
    owner: Person
    baseline: date | None = None
    weight: Decimal = Decimal(1)
    live_from: date | None = None
    dropped_on: date | None = None
    co_owners: tuple[Person, ...] = ()
    tracker: TrackerRef | None = None

    @property
    def owners(self) -> tuple[Person, ...]:
        """Everybody who is asked for it, the owner first."""
        return (self.owner, *self.co_owners)

    def is_owned_by(self, person: int) -> bool:
        """Whether somebody (our row) is one of its owners."""
        return any(owner.id == person for owner in self.owners)

    def is_live(self, first_day: date, last_day: date) -> bool:
        """Whether the milestone belongs to a period (both days included)."""
        arrived = self.live_from is None or self.live_from <= last_day
        return arrived and (self.dropped_on is None or self.dropped_on >= first_day)


NOBODY = Person(ref="-", name="nobody yet")  # in a manager's place; no account is ever theirs, whatever its name


@dataclass(frozen=True, slots=True)
class Project:
    """A project and its milestones in the order of the portfolio. Money is in `currency` (ISO 4217).

    `manager` is NOBODY where neither the project nor the portfolio names anybody.
    """

    key: str
    name: str
    manager: Person
    milestones: tuple[Milestone, ...] = ()
    industry: str | None = None
    phase: str | None = None
    budget_owner: Person | None = None
    sponsor: Person | None = None
    audience: str | None = None
    prepared_by: str | None = None
    layout: str | None = None
    currency: str | None = None
    budget_at_completion: Decimal | None = None
    staffing_unit: str = "FTE"
    scheduled_completion: str | None = None
    leadership_channel: str | None = None
    reporting: ReportingRules | None = None

    @property
    def answers_for_budget(self) -> Person:
        """Who is asked for resources and budget: the budget owner, else the manager."""
        return self.budget_owner or self.manager

    def owners_of(self, milestone: Milestone | None) -> tuple[Person, ...]:
        """Who answers for a milestone, the first-named owner first, or else for the budget."""
        return milestone.owners if milestone else (self.answers_for_budget,)

    def milestone(self, key: str) -> Milestone | None:
        """The milestone with this key, dropped ones too."""
        return next((m for m in self.milestones if m.key == key), None)


@dataclass(frozen=True, slots=True)
class Portfolio:
    """What holds for the whole company.

    `admins` are refs of people; `country` is ISO 3166, with a subdivision as ``US-NY``.
    """

    company: str
    timezone: str
    country: str | None = None
    fiscal_year: FiscalYear = field(default_factory=FiscalYear)
    locale: str = "en_US"
    leadership_channel: str | None = None
    admins: tuple[str, ...] = ()
    closing_days: frozenset[date] = frozenset()
    reporting: ReportingRules = field(default_factory=ReportingRules)
    quarters: Mapping[Quarter, QuarterDates] = field(default_factory=dict)
