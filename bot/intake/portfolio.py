"""The portfolio file: the company, its people, projects and milestones."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import time
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from bot.calendars import working_calendar
from bot.domain.project import NOBODY, Milestone, Person, Portfolio, Project
from bot.domain.quarter import FiscalYear, Quarter, QuarterDates, ReportingRules, reporting_window
from bot.domain.thresholds import Thresholds
from bot.intake import values
from bot.intake.fields import Fields, Keys
from bot.intake.people import ENTRY_FIELDS, People, twice_named
from bot.intake.problems import Problems
from bot.intake.thresholds import FIELDS as THRESHOLD_FIELDS
from bot.intake.thresholds import read_thresholds
from bot.intake.trackers import read_tracker
from bot.intake.yaml_marks import Entries, Scalar, compose
from bot.locales import Locale

T = TypeVar("T")

_PORTFOLIO_FIELDS = (
    "company", "timezone", "country", "fiscal_year_starts", "fiscal_year_named_by", "locale", "leadership_channel",
    "admins", "closing_days", "reporting", "quarters", "people", "projects",
)  # fmt: skip
_PROJECT_FIELDS = (
    "key", "name", "industry", "phase", "manager", "budget_owner", "sponsor", "audience", "prepared_by", "layout",
    "currency", "budget_at_completion", "staffing_unit", "scheduled_completion", "leadership_channel", "reporting",
    "milestones",
)  # fmt: skip
_MILESTONE_FIELDS = ("key", "name", "owner", "co_owners", "baseline", "weight", "added", "tracker")
_REPORTING_FIELDS = ("due", "due_time", "opens", "grace", "reminders", "hours", "thresholds")
_QUARTER_FIELDS = ("opens", "due", "grace")
NO_MANAGER = "none is named, nor any admin, so nobody can publish it in Slack until one is"
_MOST_DAYS = 60  # working days, about a quarter: a window longer than its quarter would meet the next one

_UNREAD = Person("", "")  # stands in for a person whose ref is a noted problem; no such value leaves this module


class _NamedBy(StrEnum):
    """Which year gives a fiscal year its name."""

    END = "end"
    START = "start"


@dataclass(frozen=True, slots=True)
class PortfolioFile:
    """What a portfolio file says. Persons are not stored yet (`id` 0). `unmanaged` is as in `PlanFile`."""

    portfolio: Portfolio
    people: tuple[Person, ...]
    projects: tuple[Project, ...]
    unmanaged: Mapping[str, str] = field(default_factory=dict)


def read_portfolio(text: str, filename: str, *, layouts: Collection[str] = ()) -> PortfolioFile:
    """Read a portfolio. Raises FileProblems with everything that is wrong, line by line.

    `layouts` are the names that a layout can have; without them any is taken.
    """
    problems = Problems(filename)
    top = Fields(compose(text, problems, filename), "", problems, _PORTFOLIO_FIELDS)
    people = People()
    for entry in top.groups("people", ENTRY_FIELDS):
        people.describe(entry)
    people.name_deputies()
    portfolio = _portfolio(top, people)
    reader = _ProjectReader(people, portfolio, layouts)
    projects = tuple(reader.project(fields) for fields in top.groups("projects", _PROJECT_FIELDS))
    problems.raise_any()
    return PortfolioFile(portfolio, people.all(), projects, reader.unmanaged)


def read_project(given: Mapping[str, str], portfolio: Portfolio, layouts: Collection[str] = ()) -> Project:
    """A project from its fields alone, without milestones. Raises FileProblems, by the names of the fields."""
    return _read_fields(given, _PROJECT_FIELDS, portfolio, layouts, _ProjectReader.project)


def read_milestone(given: Mapping[str, str], portfolio: Portfolio) -> Milestone:
    """A milestone from its fields alone. Raises FileProblems, by the names of the fields."""
    return _read_fields(
        given, _MILESTONE_FIELDS, portfolio, (), lambda reader, fields: reader.milestone(fields, Keys())
    )


def _read_fields(
    given: Mapping[str, str],
    known: Sequence[str],
    portfolio: Portfolio,
    layouts: Collection[str],
    read: Callable[[_ProjectReader, Fields], T],
) -> T:
    """What one group of fields of a portfolio file says, as if it stood there with nothing around it."""
    problems = Problems("")
    entries = Entries(0, {name: (0, Scalar(0, text)) for name, text in given.items()}, size=len(given))
    value = read(_ProjectReader(People(), portfolio, layouts), Fields(entries, "", problems, known))
    problems.raise_any()
    return value


def _portfolio(top: Fields, people: People) -> Portfolio:
    named_by = top.read("fiscal_year_named_by", values.choice(_NamedBy))
    locale = top.read("locale", values.locale_code) or "en_US"
    portfolio = Portfolio(
        company=top.require("company", values.line, "Example Networks Inc.") or "",
        timezone=top.require("timezone", values.timezone, "America/New_York") or "UTC",
        country=top.read("country", values.country),
        fiscal_year=FiscalYear(
            starts_month=top.read("fiscal_year_starts", values.whole(1, 12)) or 1,
            named_by_end=named_by is not _NamedBy.START,
        ),
        locale=locale,
        leadership_channel=_channel(top),
        admins=tuple(people.named(ref).ref for ref in top.several("admins", values.person_ref)),
        closing_days=frozenset(top.several("closing_days", values.day)),
        reporting=_reporting(top, ReportingRules(), Locale(locale)) or ReportingRules(),
    )
    return replace(portfolio, quarters=_quarters(top, portfolio))


def _channel(fields: Fields) -> str | None:
    """A channel; one that YAML took for a comment would otherwise vanish without a word."""
    if "leadership_channel" in fields.names() and not fields.has("leadership_channel"):
        fields.problem("leadership_channel", 'empty; put a name that begins with # in quotes, such as "#leadership"')
    return fields.read("leadership_channel", values.channel)


def _reporting(fields: Fields, default: ReportingRules, locale: Locale) -> ReportingRules | None:
    """The reporting rules of a portfolio or project; None where it has none of its own."""
    own = fields.group("reporting", _REPORTING_FIELDS)
    if own is None:
        return None
    given: dict[str, Any] = {
        "due": own.read("due", values.whole(0, _MOST_DAYS)),
        "due_time": own.read("due_time", values.clock_time),
        "opens": own.read("opens", values.whole(1, _MOST_DAYS)),
        "grace": own.read("grace", values.whole(0, _MOST_DAYS)),
        "reminders": _reminders(own) if own.has("reminders") else None,
        "hours": _hours(own) if own.has("hours") else None,
        "thresholds": _thresholds(own, default.thresholds, locale),
    }
    return replace(default, **{name: value for name, value in given.items() if value is not None})


def _reminders(own: Fields) -> tuple[int, ...]:
    """Working days before due, the earliest reminder first; an empty list means none."""
    return tuple(sorted(set(own.several("reminders", values.whole(1, _MOST_DAYS))), reverse=True))


def _hours(own: Fields) -> tuple[time, ...] | None:
    hours = own.several("hours", values.clock_time)
    if len(hours) == 2 and hours[0] < hours[1]:
        return hours
    own.problem("hours", 'expected the first and the last time of day, such as ["09:30", "16:30"]')
    return None


def _thresholds(own: Fields, usual: Thresholds, locale: Locale) -> Thresholds | None:
    given = own.group("thresholds", THRESHOLD_FIELDS)
    return read_thresholds(given, usual, locale) if given else None


def _quarters(top: Fields, portfolio: Portfolio) -> dict[Quarter, QuarterDates]:
    """The dates set by hand, quarter by quarter; a problem where they leave nobody a day to answer."""
    dates = {}
    for name, fields in top.named_groups("quarters", _QUARTER_FIELDS):
        given = QuarterDates(**{each: fields.read(each, values.day) for each in _QUARTER_FIELDS})
        try:
            quarter = values.quarter(name)
        except ValueError as wrong:
            top.problem("quarters", str(wrong))
            continue
        dates[quarter] = given
        if all(fields.has(each) == (getattr(given, each) is not None) for each in _QUARTER_FIELDS):
            _check_window(fields, quarter, given, portfolio)
    return dates


def _check_window(fields: Fields, quarter: Quarter, given: QuarterDates, portfolio: Portfolio) -> None:
    """Note dates that cannot follow one another, those among them that the rules make too."""
    window = reporting_window(
        quarter,
        fiscal_year=portfolio.fiscal_year,
        rules=portfolio.reporting,
        calendar=working_calendar(portfolio.country, portfolio.closing_days),
        zone=ZoneInfo("UTC"),  # any will do: days are compared, not instants
        dates=given,
    )
    grace_on, begins_on = window.grace_until.date(), portfolio.fiscal_year.first_day(quarter)
    if window.opens_on >= window.due_on or grace_on < window.due_on:
        found = f"opens {window.opens_on}, due {window.due_on}, grace {grace_on}"
        fields.problem("due", f"{found}; expected opens before due, and grace not before due")
    elif window.due_on < begins_on:
        fields.problem("due", f"{window.due_on} is before the quarter begins; expected {begins_on} or later")


class _ProjectReader:
    """Reads the projects of one portfolio, whose people, locale and reporting rules they share."""

    def __init__(self, people: People, portfolio: Portfolio, layouts: Collection[str]) -> None:
        self._people = people
        self._locale = Locale(portfolio.locale)
        self._reporting = portfolio.reporting
        self._admins = portfolio.admins
        self._layouts = layouts
        self.unmanaged: dict[str, str] = {}
        self._keys = Keys()

    def project(self, fields: Fields) -> Project:
        key = fields.require("key", values.project_key, "portal") or ""
        self._keys.add(fields, key)
        currency = fields.read("currency", values.currency)
        milestone_keys = Keys()
        return Project(
            key=key,
            name=fields.require("name", values.line, "Customer Portal") or "",
            manager=self._person(fields, "manager") or self._in_charge(fields, key),
            milestones=tuple(
                self.milestone(each, milestone_keys) for each in fields.groups("milestones", _MILESTONE_FIELDS)
            ),
            industry=fields.read("industry", values.line),
            phase=fields.read("phase", values.line),
            budget_owner=self._person(fields, "budget_owner"),
            sponsor=self._person(fields, "sponsor"),
            audience=fields.read("audience", values.line),
            prepared_by=fields.read("prepared_by", values.line),
            layout=fields.read("layout", values.one_of("layout", self._layouts)),
            currency=currency,
            budget_at_completion=fields.read("budget_at_completion", values.number(self._locale, currency)),
            staffing_unit=fields.read("staffing_unit", values.word) or "FTE",
            scheduled_completion=fields.read("scheduled_completion", values.line),
            leadership_channel=_channel(fields),
            reporting=_reporting(fields, self._reporting, self._locale),
        )

    def milestone(self, fields: Fields, keys: Keys) -> Milestone:
        key = fields.require("key", values.key, "front-end") or ""
        keys.add(fields, key)
        return Milestone(
            key=key,
            name=fields.require("name", values.line, "Front-End Development") or "",
            owner=(owner := self._required_person(fields, "owner", "dev@example.com")),
            co_owners=self._co_owners(fields, owner),
            baseline=fields.read("baseline", values.day),
            weight=fields.read("weight", values.number(self._locale, above=True)) or Decimal(1),
            live_from=fields.read("added", values.day),
            tracker=read_tracker(fields),
        )

    def _co_owners(self, fields: Fields, owner: Person) -> tuple[Person, ...]:
        """Who answers beside the owner, each once; a problem where somebody is named twice."""
        named = [self._people.named(ref) for ref in fields.several("co_owners", values.person_ref)]
        if twice := twice_named((owner, *named)):
            fields.problem("co_owners", f"{twice} is named twice as owner; name each person once")
        return tuple(named)

    def _in_charge(self, fields: Fields, key: str) -> Person:
        """Who manages a project that names no manager: the company's first admin, else nobody yet."""
        if self._admins:
            return self._people.named(self._admins[0])
        self.unmanaged[key] = fields.remark("manager", NO_MANAGER)
        return NOBODY

    def _person(self, fields: Fields, name: str) -> Person | None:
        ref = fields.read(name, values.person_ref)
        return self._people.named(ref) if ref else None

    def _required_person(self, fields: Fields, name: str, example: str) -> Person:
        ref = fields.require(name, values.person_ref, example)
        return self._people.named(ref) if ref else _UNREAD
