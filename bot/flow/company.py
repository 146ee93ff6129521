"""The company as a step finds it: its settings, calendar and zone, and what follows from them for a project and quarter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.calendars import working_calendar
from bot.domain.build import ReportFacts
from bot.domain.errors import BotError, NotFound
from bot.domain.project import Person, Portfolio, Project
from bot.domain.quarter import Quarter, ReportingRules, ReportingWindow, WorkingCalendar, reporting_window
from bot.domain.update import QuarterAnswers
from bot.store import answers as answer_store
from bot.store import people as people_store
from bot.store import portfolio as portfolio_store


@dataclass(frozen=True, slots=True)
class Company:
    """What was loaded, with the calendar and zone it works by. `default_channel` comes from the settings."""

    portfolio: Portfolio
    projects: dict[str, Project]
    calendar: WorkingCalendar
    zone: ZoneInfo
    default_channel: str | None = None

    @classmethod
    def load(cls, session: Session, default_channel: str | None = None) -> Company:
        """Read the company; raises BotError where no portfolio has been loaded yet."""
        portfolio = portfolio_store.portfolio(session)
        if portfolio is None:
            raise BotError("No portfolio has been loaded yet. Load one with: quarterdeck load portfolio.yaml")
        return cls(
            portfolio=portfolio,
            projects=portfolio_store.projects(session),
            calendar=working_calendar(portfolio.country, portfolio.closing_days),
            zone=ZoneInfo(portfolio.timezone),
            default_channel=default_channel,
        )

    def today(self, now: datetime) -> date:
        """The calendar day at an instant, in the company's zone."""
        return now.astimezone(self.zone).date()

    def rules(self, project: Project | None = None) -> ReportingRules:
        """When answers are asked for: the project's own rules, else the company's."""
        return (project and project.reporting) or self.portfolio.reporting

    def window(self, quarter: Quarter, project: Project | None = None) -> ReportingWindow:
        """The window of a quarter for a project, or by the company's own rules."""
        return reporting_window(
            quarter,
            fiscal_year=self.portfolio.fiscal_year,
            rules=self.rules(project),
            calendar=self.calendar,
            zone=self.zone,
            dates=self.portfolio.quarters.get(quarter),
        )

    def latest_opened(self, now: datetime, project: Project | None = None) -> Quarter:
        """The latest quarter that has opened: the default of every command."""
        today = self.today(now)
        quarter = self.portfolio.fiscal_year.quarter_of(today)
        return quarter if self.window(quarter, project).opens_on <= today else quarter.previous

    def label(self, quarter: Quarter) -> str:
        """The quarter as screens show it."""
        return self.portfolio.fiscal_year.label(quarter)

    def project(self, key: str) -> Project:
        """A project by its key; raises NotFound with the nearest key or name."""
        if key in self.projects:
            return self.projects[key]
        by_name = {project.name.lower(): project for project in self.projects.values()}
        if key.lower() in by_name:
            return by_name[key.lower()]
        known = [*self.projects, *by_name]
        near = get_close_matches(key.lower(), known, n=1, cutoff=0.5)
        hint = f' Did you mean "{by_name[near[0]].key if near[0] in by_name else near[0]}"?' if near else ""
        raise NotFound(f'There is no project "{key}".{hint}')

    def channel(self, project: Project) -> str | None:
        """Where a project's report is posted: its own channel, else the company's, else the settings'."""
        return project.leadership_channel or self.portfolio.leadership_channel or self.default_channel

    def is_admin(self, person: Person) -> bool:
        """Whether somebody may act on every project."""
        known_as = {person.ref, person.slack_id, person.email, person.handle, f"@{person.handle}"}
        return bool(known_as.intersection(self.portfolio.admins))

    def can_manage(self, person: Person, project: Project) -> bool:
        """Whether somebody may compile, review and publish a project: its manager, and admins."""
        return project.manager.id == person.id or self.is_admin(person)

    def managed_by(self, person: Person) -> list[Project]:
        """The projects that somebody may compile."""
        return [project for project in self.projects.values() if self.can_manage(person, project)]

    def facts(self, session: Session, project: Project, quarter: Quarter, now: datetime) -> ReportFacts:
        """Everything that a project's report is built from, as stored now."""
        return self.facts_from(
            project,
            quarter,
            now,
            history=answer_store.history(session, project.key, quarter),
            names=people_store.names_by_ref(session),
        )

    def facts_from(
        self,
        project: Project,
        quarter: Quarter,
        now: datetime,
        *,
        history: dict[Quarter, QuarterAnswers],
        names: dict[str, str],
    ) -> ReportFacts:
        """The same, from a history that has been read already."""
        return ReportFacts(
            portfolio=self.portfolio,
            project=project,
            quarter=quarter,
            history=history,
            window=self.window(quarter, project),
            calendar=self.calendar,
            today=self.today(now),
            names=names,
        )
