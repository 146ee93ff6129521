"""One update is counted as one, in every message that counts them."""

from __future__ import annotations

import pytest
from builders import the_words

COUNTED = {
    "project": "Portal",
    "quarter": "Q4",
    "title": "Portal",
    "channel": "#leaders",
    "status": "On track",
    "rule": "",
    "unknown": "",
}
REST = {"missing": 0, "listed": 0, "asked": 0, "published": 0, "projects": 1}
WEEK = {"sent": 1, "waiting": 0, "failed": 0, "reasons": (), "unconfirmed": 0, "is_stopped": False}


@pytest.mark.parametrize(
    ("name", "one", "more"),
    [
        ("digest/head.j2", "1 update is in.", "2 updates are in."),
        ("sponsor/head.j2", "1 update is in.", "2 updates are in."),
        ("notices/weekly.j2", "1 update is in\n", "2 updates are in\n"),
        ("review/confirm.j2", "1 update.", "2 updates."),
        ("portfolio/head.j2", "1* update", "2* updates"),
        ("portfolio/confirm.j2", "0 of 1 project published and 1 of 1 update.", "1 of 2 updates."),
    ],
)
def test_one_update_is_counted_as_one(name: str, one: str, more: str) -> None:
    said = {due: the_words().say(name, received=1, due=due, **COUNTED, **REST, **WEEK) for due in (1, 2)}
    assert one in said[1] and more not in said[1]
    assert more in said[2]
