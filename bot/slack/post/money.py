"""Money in one line of the post: what is spent and forecast, and what was said of it before."""

from __future__ import annotations

from bot.domain.report import ResourcesBefore, ResourcesLine
from bot.slack.voice import Voice


def budget(resources: ResourcesLine | None, voice: Voice) -> str:
    """The budget line; it says so where a budget is known and nothing was said of it. Empty for a project without one."""
    if resources is None:
        return ""
    facts = _facts(resources, resources.currency, voice)
    if not facts:
        return _unsaid(resources, voice)
    if spent_before := _spent_before(resources, voice):
        facts[0] += f" ({spent_before})"
    variances = (resources.percent_variance, resources.previous_percent_variance)
    now, before = ("" if variance is None else voice.variance_before(variance) for variance in variances)
    values = {"before": before if now else "", "is_same": now == before}
    return voice.words.report("post/budget.j2", facts=" · ".join(facts), **values)


def budget_before(resources: ResourcesLine, voice: Voice) -> str:
    """What was last said of the money in an earlier quarter; empty where nothing was."""
    return " · ".join(_facts(resources.previous, resources.currency, voice)) if resources.previous else ""


def _unsaid(resources: ResourcesLine, voice: Voice) -> str:
    """The line of a budget that nobody answered for this quarter, with what was last known of it."""
    was, total = resources.previous, resources.budget_at_completion
    last = budget_before(resources, voice)
    if was is None or not last:
        planned = voice.money(total, resources.currency) if total is not None else ""
        return voice.words.report("post/budget-unsaid.j2", last="", quarter="", total=planned) if planned else ""
    return voice.words.report("post/budget-unsaid.j2", last=last, quarter=voice.aged(was.quarter), total="")


def _facts(money: ResourcesLine | ResourcesBefore, currency: str | None, voice: Voice) -> list[str]:
    """Money in phrases: spent, forecast with its variance; percentages where amounts are not shared."""
    return list(filter(None, [_spent(money, currency, voice), _forecast(money, currency, voice)]))


def _spent(money: ResourcesLine | ResourcesBefore, currency: str | None, voice: Voice) -> str:
    total = money.budget_at_completion
    if money.actual_cost is not None:
        spent = f"{voice.money(money.actual_cost, currency)} spent"
        return f"{spent} of {voice.money(total, currency)}" if total is not None else spent
    return f"{voice.percent(money.percent_used)} used" if money.percent_used is not None else ""


def _forecast(money: ResourcesLine | ResourcesBefore, currency: str | None, voice: Voice) -> str:
    variance = voice.variance(money.percent_variance) if money.percent_variance is not None else ""
    if money.forecast_at_completion is None:
        return f"forecast {variance}" if variance else ""
    forecast = f"forecast {voice.money(money.forecast_at_completion, currency)}"
    return f"{forecast}, {variance}" if variance else forecast


def _spent_before(resources: ResourcesLine, voice: Voice) -> str:
    """What had been spent when last said, ``$850K spent by the end of Q3``; empty where that is not known or was the same."""
    was = resources.previous
    if was is None:
        return ""
    if resources.actual_cost is not None:
        is_new = was.actual_cost not in (None, resources.actual_cost)
        spent = f"{voice.money(was.actual_cost, resources.currency)} spent" if was.actual_cost is not None else ""
    else:
        is_new = resources.percent_used is not None and was.percent_used not in (None, resources.percent_used)
        spent = f"{voice.percent(was.percent_used)} used" if was.percent_used is not None else ""
    return f"{spent} by the end of {voice.quarter_name(was.quarter)}" if is_new else ""
