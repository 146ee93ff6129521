"""UK Government Major Projects: each of them a project with one milestone, its delivery, in three yearly snapshots.

A snapshot speaks of the end of March, the fourth quarter of a fiscal year that starts in April. The baseline is the end
date that was first reported, the budget the whole-life cost that was first reported: what they became since is forecast.
The published rating is what the project claims of itself and of its delivery.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from bot.calendars import working_calendar
from tests.real.programme import Row, key_of, rows

YEARS = ("2021", "2022", "2023")
DELIVERY = "delivery"
_MILLION = 1_000_000
_STATUS = {
    "Green": "On track",
    "Amber/Green": "On track",
    "Amber": "At risk",
    "Amber/Red": "At risk",
    "Red": "Off track",
}


def facts() -> list[Row]:
    """Every project and year."""
    return list(rows("uk-gmpp/facts_2021_2023.csv"))


def quarter_of(year: str) -> str:
    """The quarter that an annual report speaks of."""
    return f"{year}-Q4"


def working_days(first: str, last: str) -> int:
    """Working days between two ISO dates in the UK."""
    return working_calendar("GB", frozenset()).between(date.fromisoformat(first), date.fromisoformat(last))


def portfolio() -> dict[str, Any]:
    """The portfolio as first reported."""
    first = [row for row in facts() if row["report_year"] == YEARS[0]]
    return {
        "company": "UK Government Major Projects",
        "timezone": "Europe/London",
        "country": "GB",
        "fiscal_year_starts": 4,
        "locale": "en_GB",
        "leadership_channel": "#leadership",
        "projects": [_project(row) for row in first],
    }


def answers(year: str) -> dict[str, Any]:
    """What was reported in a year."""
    words = {row["gmpp_id"]: row for row in rows("uk-gmpp/narrative_dft_2021_2023.csv") if row["report_year"] == year}
    said = {key_of(row["gmpp_id"]): _said(row, words.get(row["gmpp_id"])) for row in _in(year)}
    return {"quarter": quarter_of(year), "projects": said}


def _in(year: str) -> Iterator[Row]:
    return (row for row in facts() if row["report_year"] == year)


def _project(row: Row) -> dict[str, Any]:
    owner = f"@{key_of(row['department'])}"
    milestone = {"key": DELIVERY, "name": "Delivery", "owner": owner, "baseline": row["end_date"]}
    project = {
        "key": key_of(row["gmpp_id"]),
        "name": row["project"],
        "manager": owner,
        "currency": "GBP",
        "budget_at_completion": _pounds(row["whole_life_cost_gbp_m"]),
        "milestones": [_given(milestone)],
    }
    return _given(project)


def _said(row: Row, words: Row | None) -> dict[str, Any]:
    milestone = {
        "status": _STATUS.get(row["ipa_dca"] or row["sro_dca"]),
        "forecast": row["end_date"],
        "impact": words and words["aims"],
        "note": words and " ".join(filter(None, (words["rating_comment"], words["schedule_comment"]))),
    }
    money = {
        "forecast_at_completion": _pounds(row["whole_life_cost_gbp_m"]),
        "budget_note": words and words["whole_life_cost_comment"],
    }
    said = {
        "date": f"{row['report_year']}-03-31",
        "status": milestone["status"],
        "milestones": {DELIVERY: found} if (found := _given(milestone)) else {},
        "resources": _given(money),
    }
    return _given(said)


def _pounds(millions: str) -> str | None:
    """Pounds from millions; 0 stands for a cost that was not given."""
    return str((Decimal(millions) * _MILLION).quantize(Decimal(1))) if millions and Decimal(millions) else None


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}
