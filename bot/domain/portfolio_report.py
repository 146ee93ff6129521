"""The portfolio's quarter: what the published reports of all projects say together. Pure: nothing is compiled here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from bot.domain.movement import WAYS, Movement
from bot.domain.project import Portfolio, Project, RagStatus
from bot.domain.quarter import Quarter
from bot.domain.report import Coverage, DecisionLine, ProjectStatus, QuarterlyReport, ResourcesLine, RiskLine

ALL = "all"  # the portfolio where a project's key would stand; files may give it to no project


@dataclass(frozen=True, slots=True)
class LastShown:
    """The status that a project's latest report before the quarter showed, and the quarter of that report."""

    status: RagStatus
    quarter: Quarter


@dataclass(frozen=True, slots=True)
class ProjectLine:
    """One project's row: what its latest published revision says.

    A project that is not yet published has no `revision` and no `status`, and of its answers shows coverage only; its
    `last_shown` is what leadership read of it before, if anything. `published_at` is on the company's clock; `manager` is a
    name; decisions and risks are the open ones, in the order of the project's own report; `scope_changes` counts the changes
    of its plan since last quarter.
    """

    key: str
    name: str
    manager: str
    coverage: Coverage
    revision: int | None = None
    published_at: datetime | None = None
    status: ProjectStatus | None = None
    executive_summary: str = ""
    decisions: tuple[DecisionLine, ...] = ()
    risks: tuple[RiskLine, ...] = ()
    resources: ResourcesLine | None = None
    scope_changes: int = 0
    last_shown: LastShown | None = None

    @property
    def movement(self) -> Movement | None:
        """Where the status went since last quarter; None where that cannot be said."""
        return self.status.movement if self.status else None

    @property
    def moved_from(self) -> RagStatus | None:
        """Last quarter's status where it was another one."""
        if self.status is None or self.status.previous is self.status.shown:
            return None
        return self.status.previous


@dataclass(frozen=True, slots=True)
class MoneySum:
    """Amounts of projects with one currency, beside the budgets at completion of the same projects."""

    amount: Decimal
    budget: Decimal
    projects: int

    @property
    def percent_variance(self) -> Decimal:
        """Percent by which the amount passes the budget, negative when under it."""
        return (self.amount - self.budget) / self.budget * 100


@dataclass(frozen=True, slots=True)
class MoneyLine:
    """Money in one currency (ISO 4217). Each sum covers only the projects that gave both of its figures."""

    currency: str
    spent: MoneySum | None
    forecast: MoneySum | None


@dataclass(frozen=True, slots=True)
class PortfolioReport:
    """All projects of a quarter, the worst first. Whatever is counted or added up follows from `projects`."""

    company: str
    locale: str
    quarter: Quarter
    quarter_label: str
    report_date: date
    projects: tuple[ProjectLine, ...]
    revision: int | None = None
    is_draft: bool = False

    @property
    def title(self) -> str:
        """What the report is about, as a heading names it."""
        return self.company

    @property
    def published(self) -> tuple[ProjectLine, ...]:
        """The projects whose report is published."""
        return tuple(line for line in self.projects if line.status is not None)

    @property
    def unpublished(self) -> tuple[ProjectLine, ...]:
        """The projects of which only coverage is known."""
        return tuple(line for line in self.projects if line.status is None)

    @property
    def counts(self) -> tuple[tuple[RagStatus, int], ...]:
        """How many published projects have each status, the worst first; what none has is left out."""
        shown = [line.status.shown for line in self.projects if line.status]
        return tuple((status, shown.count(status)) for status in RagStatus.worst_first() if status in shown)

    @property
    def last_counts(self) -> tuple[tuple[RagStatus, int], ...]:
        """How many of the unpublished projects showed each status in their report before, the worst first."""
        shown = [line.last_shown.status for line in self.unpublished if line.last_shown]
        return tuple((status, shown.count(status)) for status in RagStatus.worst_first() if status in shown)

    def moved(self, movement: Movement | None) -> tuple[ProjectLine, ...]:
        """The published projects that went one way since last quarter; None: those that cannot be compared."""
        return tuple(line for line in self.published if line.movement is movement)

    @property
    def scope_changes(self) -> int:
        """Changes of the plan since last quarter, over all published projects."""
        return sum(line.scope_changes for line in self.projects)

    @property
    def coverage(self) -> Coverage:
        """Updates received of updates due, over all projects."""
        return Coverage(
            due=sum(line.coverage.due for line in self.projects),
            received=sum(line.coverage.received for line in self.projects),
        )

    @property
    def open_decisions(self) -> tuple[tuple[ProjectLine, DecisionLine], ...]:
        """Decisions that wait, each with its project, soonest first."""
        waiting = [(line, decision) for line in self.projects for decision in line.decisions]
        return tuple(sorted(waiting, key=lambda pair: pair[1].by or date.max))

    @property
    def open_risks(self) -> tuple[tuple[ProjectLine, RiskLine], ...]:
        """Open risks and blockers, each with its project, the gravest and then the oldest first."""
        known = [(line, risk) for line in self.projects for risk in line.risks]
        return tuple(sorted(known, key=lambda pair: (-pair[1].severity, -pair[1].age_quarters)))

    @property
    def money(self) -> tuple[MoneyLine, ...]:
        """Money by currency, never added across currencies; a currency of which nothing was said is left out."""
        by_currency: dict[str, list[ResourcesLine]] = {}
        for line in self.projects:
            if line.resources and line.resources.currency:
                by_currency.setdefault(line.resources.currency, []).append(line.resources)
        lines = (_money(currency, given) for currency, given in sorted(by_currency.items()))
        return tuple(line for line in lines if line.spent or line.forecast)


def build_portfolio(
    portfolio: Portfolio, lines: Iterable[ProjectLine], quarter: Quarter, *, today: date
) -> PortfolioReport:
    """The portfolio's report of a quarter, from the rows of the projects that have to do with it, in any order."""
    return PortfolioReport(
        company=portfolio.company,
        locale=portfolio.locale,
        quarter=quarter,
        quarter_label=portfolio.fiscal_year.label(quarter),
        report_date=today,
        projects=tuple(sorted(lines, key=_rank)),
    )


def published_line(project: Project, report: QuarterlyReport, published_at: datetime) -> ProjectLine:
    """The row of a project by its latest published report, and when that was published (UTC)."""
    return ProjectLine(
        key=project.key,
        name=report.project_name,
        manager=project.manager.name,
        coverage=report.coverage,
        revision=report.revision,
        published_at=published_at,
        status=report.status,
        executive_summary=report.executive_summary,
        decisions=report.open_decisions,
        risks=report.open_risks,
        resources=report.resources,
        scope_changes=len(report.scope_changes),
    )


def unpublished_line(project: Project, coverage: Coverage, last_shown: LastShown | None = None) -> ProjectLine:
    """The row of a project without a published report."""
    return ProjectLine(project.key, project.name, project.manager.name, coverage, last_shown=last_shown)


def _rank(line: ProjectLine) -> tuple[int, bool, int, str, str]:
    """The worst first, those not yet published behind what is not known; then worse before better, and by name."""
    status = line.status.shown if line.status else RagStatus.NOT_KNOWN
    worst = RagStatus.worst_first().index(status)
    return worst, line.status is None, WAYS.index(line.movement), line.name.casefold(), line.key


def _money(currency: str, given: list[ResourcesLine]) -> MoneyLine:
    spent = [(r.actual_cost, r.budget_at_completion) for r in given]
    forecast = [(r.forecast_at_completion, r.budget_at_completion) for r in given]
    return MoneyLine(currency, _sum(spent), _sum(forecast))


def _sum(pairs: list[tuple[Decimal | None, Decimal | None]]) -> MoneySum | None:
    whole = [(amount, budget) for amount, budget in pairs if amount is not None and budget]
    if not whole:
        return None
    return MoneySum(sum((a for a, _ in whole), Decimal(0)), sum((b for _, b in whole), Decimal(0)), len(whole))
