"""Kubernetes enhancement proposals: a group is a project, a proposal a milestone, loaded anew at each quarter's end.

Delivery means the stable release; a release is due at the end of its month (April, August and December of each year).
The baseline is the stable release first named. Percent complete is the share of sign-off boxes ticked. A proposal that was
withdrawn, rejected or replaced is no longer listed: it is dropped.
"""

from __future__ import annotations

import calendar
import re
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from tests.real.programme import Row, key_of, rows

_ENDED = {"withdrawn", "rejected", "superseded", "replaced"}
_STATUS = {"implemented": "Complete", "imlpemented": "Complete", "provisional": "Not started"}
_FIRST_RELEASE = (30, 2024 * 12 + 3)  # v1.30 in April 2024, then one every four months


@cache
def _all() -> tuple[Row, ...]:
    return tuple(rows("kubernetes-keps/keps_by_quarter.csv"))


def quarters() -> list[str]:
    """The quarters in their order, as files write them."""
    return sorted({f"{row['quarter'][:4]}-{row['quarter'][4:]}" for row in _all()})


def last_day(quarter: str) -> date:
    """The last day of a calendar quarter."""
    year, month = int(quarter[:4]), int(quarter[-1]) * 3
    return date(year, month, calendar.monthrange(year, month)[1])


def keys(group: str, quarter: str) -> set[str]:
    """The proposals that a group lists at a quarter's end, by their milestones' keys."""
    return {_key(row) for row in _listed(quarter) if row["sig"] == group}


def portfolio(quarter: str) -> dict[str, Any]:
    """The portfolio as it stood at a quarter's end."""
    groups: dict[str, list[Row]] = {}
    for row in _listed(quarter):
        groups.setdefault(row["sig"], []).append(row)
    return {
        "company": "Kubernetes",
        "timezone": "UTC",
        "leadership_channel": "#steering",
        "projects": [
            {"key": sig, "name": sig, "manager": f"@{sig}-chairs", "milestones": [_milestone(row) for row in found]}
            for sig, found in sorted(groups.items())
        ],
    }


def answers(quarter: str) -> dict[str, Any]:
    """What stood in the proposals at a quarter's end."""
    said: dict[str, Any] = {}
    for row in _listed(quarter):
        project = said.setdefault(row["sig"], {"date": last_day(quarter).isoformat(), "milestones": {}})
        project["milestones"][_key(row)] = _update(row)
    return {"quarter": quarter, "projects": said}


def _listed(quarter: str) -> list[Row]:
    return [row for row in _all() if row["quarter"] == quarter.replace("-", "") and row["status"] not in _ENDED]


def _key(row: Row) -> str:
    """A proposal's number; a folder that was renamed in the source goes on under the same number."""
    return f"kep-{row['kep']}"


def _milestone(row: Row) -> dict[str, Any]:
    owner = row["owners"].split()[0] if row["owners"] else f"@{row['sig']}-chairs"
    until_now = (r for r in _all() if r["kep"] == row["kep"] and r["quarter"] <= row["quarter"])
    baseline = next(filter(None, (released(r["stable_target"]) for r in until_now)), None)
    milestone = {"key": _key(row), "name": row["title"], "owner": f"@{key_of(owner)}"}
    return milestone | ({"baseline": baseline.isoformat()} if baseline else {})


def _update(row: Row) -> dict[str, Any]:
    percent = (
        100 * Decimal(row["signoff_done"]) / Decimal(row["signoff_total"]) if row["signoff_total"].strip("0") else None
    )
    status = _STATUS.get(row["status"])
    day = released(row["stable_target"])
    said = {
        "percent_complete": 100 if status == "Complete" else None if percent is None else int(percent),
        "status": status,
        "forecast": day and day.isoformat(),
        "note": f"{row['stage']}, {row['latest_milestone']}".strip(", "),
    }
    return {name: value for name, value in said.items() if value not in (None, "")}


def released(release: str) -> date | None:
    """The last day of the month in which a release is due; None for what names no release of the window."""
    found = re.fullmatch(r"v?1\.(\d+)", release.strip())
    if found is None or int(found[1]) < _FIRST_RELEASE[0]:
        return None
    months = _FIRST_RELEASE[1] + 4 * (int(found[1]) - _FIRST_RELEASE[0])
    year, month = divmod(months, 12)
    return date(year, month + 1, calendar.monthrange(year, month + 1)[1])
