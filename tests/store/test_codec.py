"""Every domain value comes back from JSON as it was."""

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import project, quarter, report, update
from bot.domain.quarter import Quarter
from bot.flow.messages import ItemRef
from bot.store import codec

TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
for kind, strategy in {
    str: TEXT,
    int: st.integers(-1000, 1000),
    Decimal: st.decimals(-(10**12), 10**12, allow_nan=False, allow_infinity=False),
    date: st.dates(),
    time: st.times(),
    datetime: st.datetimes(timezones=st.just(UTC)),
    Quarter: st.builds(Quarter, st.integers(1, 9999), st.integers(1, 4)),
}.items():
    st.register_type_strategy(kind, strategy)

VALUES = [
    update.MilestoneUpdate, update.Risk, update.Objective, update.Decision, update.Resources, update.ProjectSummary,
    quarter.ReportingRules, quarter.QuarterDates, project.Portfolio, report.QuarterlyReport, ItemRef,
]  # fmt: skip


@pytest.mark.parametrize("kind", VALUES, ids=lambda kind: kind.__name__)
def test_a_value_comes_back_as_it_was(kind: type) -> None:
    @given(st.from_type(kind))
    def round_trip(value: Any) -> None:
        assert codec.load(kind, json.loads(json.dumps(codec.dump(value)))) == value

    round_trip()


def test_an_empty_field_is_told_from_one_that_was_left_out() -> None:
    """No reminders at all is another rule than the default ones."""
    assert codec.load(quarter.ReportingRules, codec.dump(quarter.ReportingRules(reminders=()))).reminders == ()
    assert codec.load(quarter.ReportingRules, {}).reminders == (5, 2)


def test_fields_of_a_later_version_are_left_aside() -> None:
    assert codec.load(update.Resources, {"vendors": "As planned", "moon_phase": "full"}).vendors == "As planned"


def test_digits_of_money_are_kept() -> None:
    dumped = codec.dump(update.Resources(actual_cost=Decimal("640000.10")))
    assert dumped == {"actual_cost": "640000.10"}


def test_evidence_that_was_stored_as_bare_words_is_read_with_nothing_beside_them() -> None:
    stored = {"id": "stalled", "sentence": "Stalled", "evidence": ["Login, 40%"], "audience": "all"}
    assert codec.load(report.Check, stored).evidence == (report.CheckEvidence("Login, 40%"),)
