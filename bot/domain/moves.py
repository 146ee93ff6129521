"""What changed since last quarter, as leaders want it told: the worst first, and what stands still only counted."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from bot.domain.milestone_line import LineState, MilestoneLine
from bot.domain.movement import Movement
from bot.domain.report import QuarterlyReport, RiskLine


@dataclass(frozen=True, slots=True)
class Moves:
    """The milestones and risks that moved since last quarter, and how many milestones did not.

    `worse` and `better` hold those that moved furthest first. `first_told` milestones were answered for and cannot be
    compared with anything before; `silent` ones have no update. Graver and eased risks are open ones whose severity
    differs from what was last said of them.
    """

    worse: tuple[MilestoneLine, ...]
    better: tuple[MilestoneLine, ...]
    unchanged: int
    first_told: int
    silent: int
    new_risks: tuple[RiskLine, ...]
    graver_risks: tuple[RiskLine, ...]
    eased_risks: tuple[RiskLine, ...]
    closed_risks: tuple[RiskLine, ...]

    @property
    def lines(self) -> tuple[MilestoneLine, ...]:
        """Every milestone that moved, the worst first."""
        return self.worse + self.better


def moves_of(report: QuarterlyReport) -> Moves | None:
    """What moved in a report; None for one that has nothing before it."""
    if report.status.previous is None and not any(line.known for line in report.milestones):
        return None
    rated = [(risk, risk.severity_before) for risk in report.open_risks if risk.severity_before is not None]
    return Moves(
        worse=_furthest_first(report.moved(Movement.WORSE)),
        better=_furthest_first(report.moved(Movement.BETTER)),
        unchanged=len(report.moved(Movement.SAME)),
        first_told=sum(line.state is LineState.ANSWERED for line in report.moved(None)),
        silent=len(report.coverage.missing),
        new_risks=tuple(risk for risk in report.open_risks if risk.age_quarters == 0),
        graver_risks=tuple(risk for risk, before in rated if risk.severity > before),
        eased_risks=tuple(risk for risk, before in rated if risk.severity < before),
        closed_risks=tuple(risk for risk in report.risks if not risk.is_open),
    )


def _furthest_first(lines: tuple[MilestoneLine, ...]) -> tuple[MilestoneLine, ...]:
    """By working days of forecast and then by points, whichever way; the key settles a tie."""
    return tuple(
        sorted(
            lines,
            key=lambda line: (-abs(line.forecast_moved_days or 0), -abs(line.percent_change or Decimal(0)), line.key),
        )
    )
