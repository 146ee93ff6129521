"""The money: budget, spent and forecast as bars on one scale, as amounts or, where those are not shared, in percent."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from bot.documents.charts import alt
from bot.documents.charts.drawing import SOFT, TRACK, WIDTH, box, drawing, line, tick, words
from bot.domain.report import QuarterlyReport, ResourcesLine
from bot.locales import Locale
from bot.texts import Texts

_HEAD, _ROW = 78, 58  # heights
_BAR_X, _BAR_WIDTH, _BAR_HEIGHT = 100, 350, 24
_COLOURS = {"budget": "#7b8794", "spent": "#0072b2", "forecast": "#56b4e9"}  # Okabe and Ito's, as for statuses
_OVER = "#d55e00"
_TEMPLATE = "charts/budget.txt.j2"
_WHOLE = Decimal(100)


@dataclass(frozen=True, slots=True)
class _Bar:
    """One bar: `value` in money or in percent of the budget, and where it stood before."""

    name: str
    value: Decimal
    before: Decimal | None = None


def draw(report: QuarterlyReport, texts: Texts) -> tuple[str, str, str] | None:
    """Title, drawing and words; None where neither what was spent nor a forecast is known."""
    money = report.resources
    bars = _bars(money) if money else []
    if money is None or not bars:
        return None
    budget = money.budget_at_completion if _gives_amounts(money) else _WHOLE
    largest = max([*(bar.value for bar in bars), *(bar.before for bar in bars if bar.before), budget or Decimal(0)])
    if largest <= 0:
        return None
    title = texts.render(_TEMPLATE, what="title", report=report)
    scale = _BAR_WIDTH / float(largest)
    rows = [_row(bar, _HEAD + place * _ROW, scale, budget, report, texts) for place, bar in enumerate(bars)]
    end = _HEAD + len(bars) * _ROW
    parts = [words(0, 22, title, size=20, is_bold=True), _key(bars, budget, texts), *rows]
    return title, drawing(end, parts), texts.render(_TEMPLATE, what="alt", title=title, money=money)[: alt.LONGEST]


def _gives_amounts(money: ResourcesLine) -> bool:
    return money.actual_cost is not None or money.forecast_at_completion is not None


def _bars(money: ResourcesLine) -> list[_Bar]:
    """Amounts where any were given, else shares of the budget; a budget alone says nothing."""
    before = money.previous
    if _gives_amounts(money):
        given = {
            "budget": (money.budget_at_completion, None),
            "spent": (money.actual_cost, None),
            "forecast": (money.forecast_at_completion, before.forecast_at_completion if before else None),
        }
    else:
        given = {
            "spent": (money.percent_used, None),
            "forecast": (_with_variance(money.percent_variance), _with_variance(money.previous_percent_variance)),
        }
    return [_Bar(name, value, earlier) for name, (value, earlier) in given.items() if value is not None]


def _with_variance(percent: Decimal | None) -> Decimal | None:
    return None if percent is None else _WHOLE + percent


def _key(bars: list[_Bar], budget: Decimal | None, texts: Texts) -> str:
    """What the lines across the bars mean, as far as there are any."""
    parts, x = [], 0.0
    if budget:
        parts += [
            line(5, 36, 5, 54, dash="5 4"),
            words(16, 50, texts.render(_TEMPLATE, what="whole"), size=14, colour=SOFT),
        ]
        x = 130
    if any(bar.before is not None for bar in bars):
        text = texts.render(_TEMPLATE, what="mark")
        parts += [tick(x + 5, 36, 54), words(x + 16, 50, text, size=14, colour=SOFT)]
    return "".join(parts)


def _row(bar: _Bar, top: float, scale: float, budget: Decimal | None, report: QuarterlyReport, texts: Texts) -> str:
    name = texts.render(_TEMPLATE, what=bar.name)
    note = texts.render(_TEMPLATE, what=f"{bar.name}-note", money=report.resources)
    parts = [
        words(0, top + 18, name, size=16, room=_BAR_X - 6, is_bold=True),
        box(_BAR_X, top, _BAR_WIDTH, _BAR_HEIGHT, TRACK, radius=3),
        box(_BAR_X, top, float(bar.value) * scale, _BAR_HEIGHT, _COLOURS[bar.name], radius=3),
        words(WIDTH, top + 18, _figure(bar.value, report), size=17, room=142, is_bold=True, anchor="end"),
        words(_BAR_X, top + 42, note, size=14, room=WIDTH - _BAR_X, colour=SOFT),
    ]
    if budget:  # its line stops at each bar, so that it crosses no words
        at = _BAR_X + float(budget) * scale
        if bar.value > budget:
            parts.append(box(at, top, float(bar.value - budget) * scale, _BAR_HEIGHT, _OVER))
        parts.append(line(at, top - 4, at, top + _BAR_HEIGHT + 4, dash="5 4"))
    if bar.before is not None:
        at = _BAR_X + float(bar.before) * scale
        parts.append(tick(at, top - 5, top + _BAR_HEIGHT + 5))
    return "".join(parts)


def _figure(value: Decimal, report: QuarterlyReport) -> str:
    locale, money = Locale(report.locale), report.resources
    if money is None or not _gives_amounts(money):
        return locale.percent(value)
    return locale.money_short(value, money.currency) if money.currency else locale.number(value)
