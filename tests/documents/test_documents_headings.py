"""What a layout calls its milestones and their dates, and how it writes large counts and long tables."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from report_builders import a_milestone, a_missing_milestone, a_report, known, with_layout

from bot.documents.markdown import render_markdown
from bot.documents.narrative import draft
from bot.domain.milestone_line import LineState, MilestoneLine
from bot.domain.project import RagStatus
from bot.texts import shipped

WORDS = (shipped("templates"),)


def written(*milestones: MilestoneLine, layout: str = "executive", **fields: Any) -> str:
    return render_markdown(with_layout(a_report(*milestones, **fields), layout), WORDS)


@pytest.mark.parametrize("layout", ["brief", "executive", "memo"])
@pytest.mark.parametrize(
    ("second", "achieved"),
    [
        (a_milestone("Second", 5), True),
        (a_milestone("Second", None, deliverables=("Plan",)), True),
        (a_milestone("Second", None, status=RagStatus.COMPLETE, state=LineState.COMPLETE), True),
        (a_milestone("Second", 0, deliverables=()), False),
        (a_milestone("Second", None, status=RagStatus.ON_TRACK, deliverables=()), False),
        (a_missing_milestone("Second"), False),
    ],
)
def test_milestones_are_called_achieved_only_where_each_has_something_to_show(
    second: MilestoneLine, achieved: bool, layout: str
) -> None:
    assert ("Key Milestones Achieved" in written(a_milestone(), second, layout=layout)) is achieved


@pytest.mark.parametrize("layout", ["brief", "executive", "memo", "detailed"])
@pytest.mark.parametrize(("day", "label"), [(date(2025, 12, 30), "Finished"), (date(2026, 1, 30), "Forecast")])
def test_nothing_is_finished_on_a_day_to_come(day: date, label: str, layout: str) -> None:
    done = a_milestone(percent=100, status=RagStatus.COMPLETE, forecast=day)
    text = written(done, layout=layout, judged_on=date(2025, 12, 31))
    assert ("**Finished:**" in text, "**Forecast:**" in text) == (label == "Finished", label == "Forecast")


@pytest.mark.parametrize(("locale", "days"), [("en_US", "3,343"), ("de_DE", "3.343")])
def test_days_beyond_a_thousand_are_grouped_as_the_locale_does(locale: str, days: str) -> None:
    late = a_milestone(baseline=date(2028, 12, 29), forecast=date(2041, 10, 17), slippage_days=3343)
    assert f"{days} working days after the baseline" in written(late, locale=locale)
    assert f"{days} working days" in draft(a_report(late, locale=locale), WORDS).executive_summary


@pytest.mark.parametrize(
    ("worse", "better", "said"),
    [
        (12, 8, None),
        (21, 2, "Three more milestones moved, one for the worse."),
        (5, 16, "One more milestone moved, none for the worse."),
    ],
)
def test_of_many_milestones_that_moved_a_page_is_shown_and_the_rest_counted(
    worse: int, better: int, said: str | None
) -> None:
    fell = [a_milestone(f"Fell {n:02}", 10, known=known(20)) for n in range(worse)]
    grew = [a_milestone(f"Grew {n:02}", 30, known=known(20)) for n in range(better)]
    _, _, moved = written(*fell, *grew).partition("What Moved")
    table, _, listed = moved.partition("Key Milestones")
    assert table.count("▼ Worse") == min(worse, 20)
    assert table.count("▲ Better") == min(better, 20 - min(worse, 20))
    assert (said in table) if said else ("more milestone" not in table)
    assert all(line.name in listed for line in (*fell, *grew))
