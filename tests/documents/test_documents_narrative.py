"""Drafted summaries: the same facts give the same few sentences, in plain English, with no figure of their own."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from report_builders import (
    a_decision,
    a_milestone,
    a_missing_milestone,
    a_report,
    a_risk,
    an_objective,
    known,
    resources,
)
from sample_reports import a_difficult_quarter

from bot.documents.narrative import draft
from bot.domain.checks.figures import stray_figure
from bot.domain.milestone_line import LineState, MilestoneLine
from bot.domain.project import RagStatus
from bot.domain.quarter import Quarter
from bot.domain.ranking import worst_first
from bot.domain.report import ProjectStatus, PromiseLine, QuarterlyReport
from bot.domain.update import ProjectSummary, PromiseResult, RiskKind

Folders = tuple[Path, ...]


def done(name: str, before: int | None = None) -> MilestoneLine:
    """A complete milestone; `before` is the percentage it had last quarter."""
    return a_milestone(name, 100, status=RagStatus.COMPLETE, known=None if before is None else known(before))


def moved(name: str, before: int, now: int, **fields: Any) -> MilestoneLine:
    """A milestone that went from one percentage to another."""
    return a_milestone(name, now, known=known(before), **fields)


def in_status(now: RagStatus, before: RagStatus | None = None, rule: RagStatus | None = None) -> ProjectStatus:
    """A project's status, by rule the same unless told otherwise."""
    return ProjectStatus(now, rule or now, before)


KEPT, MISSED = PromiseResult.KEPT, PromiseResult.DROPPED
ON_TRACK, AT_RISK, OFF_TRACK = RagStatus.ON_TRACK, RagStatus.AT_RISK, RagStatus.OFF_TRACK


def test_a_difficult_quarter_is_told_in_four_sentences(folders: Folders) -> None:
    drafted = draft(a_difficult_quarter(), folders)
    assert drafted.executive_summary == (
        "Two of seven milestones are complete, one of them finished this quarter (Design system), "
        "and Mobile app moved forward by 25 points; "
        "Push notifications fell back by 5 points and Billing interface has no update. "
        "The next milestone due is Push notifications on January 29, 2026, ten working days after its baseline "
        "and 35 working days after its first baseline. "
        "64% of the budget is spent and the forecast is 18% over it, up from 6%. "
        "One of two promises answered for was kept, and nobody has yet answered for one more; "
        "one decision is needed by January 15, 2026."
    )
    assert drafted.conclusion == (
        "The project is reported on track, with two of seven milestones complete; scheduled completion: May 2026. "
        "Next quarter has two objectives: Finish billing integration and Acceptance test. "
        "One blocker is open: Partner contract unsigned."
    )


@pytest.mark.parametrize("claimed", [None, *RagStatus.choices()])
def test_the_status_is_left_to_the_line_above(claimed: RagStatus | None, folders: Folders) -> None:
    status = ProjectStatus(claimed, AT_RISK, ON_TRACK)
    summary = draft(a_report(a_milestone(percent=60), status=status), folders).executive_summary
    assert summary == "The only milestone, Mobile app, stands at 60%."


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([], "No milestones are set up yet."),
        ([a_milestone("Login", 60)], "The only milestone, Login, stands at 60%."),
        ([moved("Login", 35, 60)], "The only milestone, Login, stands at 60%, 25 points more than in Q3 2025."),
        ([moved("Login", 61, 60)], "The only milestone, Login, stands at 60%, 1 point less than in Q3 2025."),
        ([moved("Login", 60, 60)], "The only milestone, Login, stands at 60%, as in Q3 2025."),
        ([done("Login")], "The only milestone, Login, is complete."),
        ([a_milestone("Login", None)], "The only milestone, Login, has no figure yet."),
        ([a_missing_milestone("Login")], "The only milestone, Login, has no update yet."),
        (
            [a_missing_milestone("Login", known=known(40))],
            "The only milestone, Login, has no update this quarter; it was last known at 40% in Q3 2025.",
        ),
        ([done("A"), done("B")], "Both milestones are complete."),
        ([done(n) for n in "ABC"], "All three milestones are complete."),
        (
            [done("A", 90), a_milestone("B", 40)],
            "One of two milestones was completed this quarter (A); B stands at 40%.",
        ),
        ([done("A"), a_milestone("B", 40)], "One of two milestones is complete (A); B stands at 40%."),
        (
            [done("A", 90), moved("B", 20, 15), a_missing_milestone("C")],
            "One of three milestones was completed this quarter (A); B fell back by 5 points and C has no update.",
        ),
        (
            [done("A", 90), moved("B", 20, 15), a_milestone("C", 40)],
            "One of three milestones was completed this quarter (A); two stand at 15% and 40%, and B fell back by 5 points.",
        ),
        (
            [done("A"), a_milestone("B", 40), a_milestone("C", 95), a_missing_milestone("D")],
            "One of four milestones is complete (A); two stand at 40% and 95% and D has no update.",
        ),
        (
            [a_milestone("A", 10), a_milestone("B", 40), a_milestone("C", 95)],
            "None of the three milestones is complete yet; three stand between 10% and 95%.",
        ),
        (
            [moved("A", 10, 10), moved("B", 10, 11)],
            "Neither of the two milestones is complete yet, but B moved forward by 1 point.",
        ),
        (
            [moved("A", 10, 10), moved("B", 9, 9)],
            "Neither of the two milestones is complete yet and none moved forward.",
        ),
        (
            [a_milestone(n, None, status=ON_TRACK, known=known(None, AT_RISK)) for n in "ABC"],
            "None of the three milestones is complete yet.",
        ),
        (
            [a_milestone("A", 20, known=known(None)), a_milestone("B", None, known=known(40))],
            "Neither of the two milestones is complete yet; A stands at 20%.",
        ),
        ([a_missing_milestone(n) for n in "ABC"], "None of the three milestones has an update this quarter."),
        (
            [done(f"A{n}", 90) for n in range(12)]
            + [moved(f"B{n}", 10, 20) for n in range(45)]
            + [moved(f"C{n}", 20, 10) for n in range(2)]
            + [a_missing_milestone("D")],
            "12 of 60 milestones were completed this quarter, and 45 moved forward, B0 furthest by 10 points; "
            "two fell back, C0 furthest by 10 points, and D has no update.",
        ),
    ],
)
def test_milestones_are_counted_in_one_sentence(lines: list[MilestoneLine], sentence: str, folders: Folders) -> None:
    assert draft(a_report(*lines), folders).executive_summary.startswith(sentence)


def test_at_100_percent_without_a_status_is_complete_everywhere_and_finished_only_once(folders: Folders) -> None:
    finished = moved("A", 90, 100, status=None)
    still = a_milestone("B", 100, status=None, known=known(100, None))
    fresh = a_milestone("C", 20, known=None)
    told = draft(a_report(finished, still, fresh), folders).executive_summary
    assert told.startswith("Two of three milestones are complete, one of them finished this quarter (A)")
    assert worst_first([still, fresh, finished]) == [finished, fresh, still]
    assert not replace(still, status=ON_TRACK).is_complete, "a status that says otherwise counts"


def test_dropped_milestones_do_not_count(folders: Folders) -> None:
    lines = done("A"), done("B"), a_milestone("C", None, state=LineState.DROPPED)
    assert "Both milestones are complete." in draft(a_report(*lines), folders).executive_summary


def test_the_largest_slip_is_told_with_the_next_date(folders: Folders) -> None:
    late = moved("Billing", 40, 50, forecast=date(2026, 3, 12), baseline=date(2026, 2, 13), slippage_days=19)
    less_late = moved("Search", 40, 50, forecast=date(2026, 2, 3), baseline=date(2026, 2, 2), slippage_days=1)
    overdue = moved("Login", 40, 50, forecast=date(2025, 12, 30))
    summary = draft(a_report(overdue, late, less_late), folders).executive_summary
    assert (
        "Billing has slipped furthest, by 19 working days to March 12, 2026; "
        "the next milestone due is Search on February 3, 2026, one working day after its baseline."
    ) in summary


def test_what_is_past_its_date_is_told_before_what_is_due_next(folders: Folders) -> None:
    ahead = moved("Search", 40, 50, forecast=date(2026, 2, 3))
    overdue = moved("Login", 40, 50, forecast=date(2025, 12, 30))
    longer = moved("Billing", 40, 50, forecast=date(2025, 12, 29))
    summary = draft(a_report(ahead, overdue), folders).executive_summary
    assert "Login was due on December 30, 2025 and is not complete. The next milestone due is Search" in summary
    summary = draft(a_report(overdue, longer), folders).executive_summary
    assert "Two milestones are past their dates, Billing since December 29, 2025." in summary


def test_of_what_nobody_answered_for_only_what_is_known_is_told(folders: Folders) -> None:
    alone = a_missing_milestone("Alpha", known=known(40, forecast=date(2025, 12, 28)))
    summary = draft(a_report(alone), folders).executive_summary
    assert "Alpha was due on December 28, 2025, and nobody has answered for it." in summary
    late = moved("Login", 40, 40, forecast=date(2025, 12, 30))
    beta = a_missing_milestone("Beta", baseline=date(2025, 12, 29))
    summary = draft(a_report(late, beta, alone), folders).executive_summary
    assert "None of the three milestones is reported complete and none is reported to have moved forward" in summary
    assert (
        "Login was due on December 30, 2025 and is not complete; "
        "two more were due, Alpha first on December 28, 2025, and nobody has answered for them."
    ) in summary
    summary = draft(a_report(beta, alone), folders).executive_summary
    assert "Two milestones were due, Alpha first on December 28, 2025, and nobody has answered for them." in summary
    assert "not complete" not in summary


def test_a_date_of_a_milestone_that_nobody_answered_for_is_a_date(folders: Folders) -> None:
    by_rule = ProjectStatus(None, ON_TRACK, None)
    bare = a_milestone("A", 10), a_milestone("B", 20)
    assert "No open milestone has a date" in draft(a_report(*bare, status=by_rule), folders).executive_summary
    dated = a_missing_milestone("C", baseline=date(2026, 2, 2))
    assert "has a date" not in draft(a_report(*bare, dated, status=by_rule), folders).executive_summary


def test_a_date_last_known_is_the_next_one_where_the_update_is_missing(folders: Folders) -> None:
    lines = a_missing_milestone("A", known=known(40, forecast=date(2026, 2, 2))), a_milestone("B", 10)
    assert "The next milestone due is A on February 2, 2026." in draft(a_report(*lines), folders).executive_summary


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"percent_used": 50}, "50% of the budget is spent."),
        ({"percent_variance": 5}, "The project is 5% over budget."),
        ({"percent_variance": -5}, "The project is 5% under budget."),
        ({"percent_variance": 0}, "The project is on budget."),
        ({"percent_variance": 4, "forecast_at_completion": 9}, "The forecast is 4% over budget."),
        ({"percent_variance": 4, "previous_percent_variance": 8}, "The project is 4% over budget, down from 8%."),
        ({"percent_variance": 4, "previous_percent_variance": 4}, "The project is 4% over budget."),
        ({"percent_variance": -4, "previous_percent_variance": -3}, "The project is 4% under budget, up from 3%."),
        (
            {"percent_variance": 4, "previous_percent_variance": -3},
            "The project is 4% over budget, previously 3% under.",
        ),
        (
            {"percent_variance": 4, "previous_percent_variance": 0},
            "The project is 4% over budget, previously on budget.",
        ),
        ({"percent_variance": 0, "previous_percent_variance": 2}, "The project is on budget, previously 2% over."),
        ({"percent_variance": 3, "percent_used": 110}, "110% of the budget is spent and the project is 3% over it."),
    ],
)
def test_money_is_one_sentence(said: dict[str, int], sentence: str, folders: Folders) -> None:
    report = a_report(a_milestone(), resources=resources(**said))
    assert draft(report, folders).executive_summary.endswith(f" {sentence}")


def test_no_budget_figures_no_sentence_on_money(folders: Folders) -> None:
    for said in (None, resources(budget_note="All fine", staffing_actual=5)):
        assert "budget" not in draft(a_report(a_milestone(), resources=said), folders).executive_summary


@pytest.mark.parametrize(
    ("dates", "sentence"),
    [
        ([], ""),
        ([None], "One decision is needed."),
        ([date(2026, 1, 15)], "One decision is needed by January 15, 2026."),
        ([date(2026, 2, 1), None, date(2026, 1, 15)], "Three decisions are needed, the first by January 15, 2026."),
        ([date(2025, 12, 31)], "One decision is needed by December 31, 2025."),  # the day of the report
        ([date(2025, 12, 30)], "One decision is needed, due since December 30, 2025."),
        ([None, date(2025, 8, 15)], "Two decisions are needed, the first due since August 15, 2025."),
    ],
)
def test_decisions_are_told_with_their_first_date(dates: list[date | None], sentence: str, folders: Folders) -> None:
    decisions = tuple(a_decision(f"d{n}", by=by) for n, by in enumerate(dates))
    summary = draft(a_report(a_milestone(percent=60), decisions=decisions), folders).executive_summary
    assert summary.partition("60%. ")[2] == sentence


@pytest.mark.parametrize(
    ("count", "sentence"),
    [
        (0, "No objectives were given for the next quarter."),
        (1, "Next quarter has one objective: O0."),
        (4, "Next quarter has four objectives: O0, O1, O2 and O3."),
        (12, "Next quarter has 12 objectives, among them O0, O1 and O2."),
    ],
)
def test_the_conclusion_tells_what_comes_next(count: int, sentence: str, folders: Folders) -> None:
    report = a_report(a_milestone(), objectives=tuple(an_objective(f"O{n}") for n in range(count)))
    assert draft(report, folders).conclusion == f"The project is on track. {sentence}"


def test_the_conclusion_of_a_complete_project_misses_no_objectives(folders: Folders) -> None:
    report = a_report(done("A"), done("B"), status=in_status(RagStatus.COMPLETE))
    assert draft(report, folders).conclusion == "The project is complete, with both milestones complete."


def test_many_blockers_are_counted(folders: Folders) -> None:
    blockers = tuple(a_risk(f"R{n}", kind=RiskKind.BLOCKER) for n in range(5))
    assert draft(a_report(a_milestone(), risks=blockers), folders).conclusion.endswith(" Five blockers are open.")


def test_where_nobody_claims_a_status_the_summary_says_what_the_rule_could_not_see(folders: Folders) -> None:
    by_rule = ProjectStatus(None, ON_TRACK, RagStatus.NOT_KNOWN)

    def unsaid(**fields: Any) -> str:
        lines = a_milestone("A", 10, **fields), a_milestone("B", 20, status=None)
        return draft(a_report(*lines, status=by_rule), folders).executive_summary.partition("20%. ")[2]

    assert unsaid(status=None) == "No open milestone has a status or a date."
    assert unsaid() == "No open milestone has a date."
    assert unsaid(status=None, forecast=date(2026, 2, 1)).startswith("No open milestone has a status. The next")
    assert unsaid(forecast=date(2026, 2, 1)).startswith("The next")


@pytest.mark.parametrize(
    ("results", "decisions", "sentence"),
    [
        ([KEPT], 0, "The one promise that came due was kept."),
        ([None], 1, "Nobody has yet answered for the one promise that came due; one decision is needed."),
        ([None] * 3, 0, "Nobody has yet answered for the three promises that came due."),
        ([MISSED] * 3, 0, "None of three promises was kept."),
        ([MISSED] * 2, 0, "Neither of two promises was kept."),
        ([None, MISSED], 0, "One promise was not kept, and nobody has yet answered for one more."),
        (
            [KEPT, None, None],
            2,
            "One promise was kept, and nobody has yet answered for two more; two decisions are needed.",
        ),
        ([KEPT, MISSED, MISSED], 0, "One of three promises was kept."),
        (
            [KEPT, KEPT, MISSED, None],
            0,
            "Two of three promises answered for were kept, and nobody has yet answered for one more.",
        ),
        ([KEPT, KEPT], 0, "Both promises were kept."),
        (
            [KEPT, KEPT, KEPT, None],
            0,
            "All three promises answered for were kept, and nobody has yet answered for one more.",
        ),
    ],
)
def test_promises_are_counted(
    results: list[PromiseResult | None], decisions: int, sentence: str, folders: Folders
) -> None:
    promises = tuple(PromiseLine(str(n), "P", Quarter(2025, 3), result, None) for n, result in enumerate(results))
    asked = tuple(a_decision(f"d{n}") for n in range(decisions))
    report = a_report(a_milestone(), promises=promises, decisions=asked)
    assert draft(report, folders).executive_summary.endswith(f". {sentence}")


PERCENTS = st.none() | st.integers(0, 100) | st.decimals(0, 100, places=2)
NAMES = st.sampled_from(["Login", "Data export (phase 2)", "C++/Rust interop", "Portal & app, web"])
LINES = st.builds(
    lambda name, now, before, status, slip, first, state: a_milestone(
        name,
        None,
        percent_complete=None if now is None else Decimal(now),
        status=status,
        known=None if before is None else replace(known(0), percent_complete=Decimal(before)),
        slippage_days=slip,
        forecast=date(2026, 3, 12),
        baseline=date(2026, 3, 2),
        first_baseline=None if first is None else date(2025, 12, 1),
        slippage_from_first_days=first,
        state=state,
    ),
    NAMES,
    PERCENTS,
    PERCENTS,
    st.none() | st.sampled_from(RagStatus.choices()),
    st.integers(-40, 40),
    st.none() | st.integers(-40, 90),
    st.sampled_from([LineState.ANSWERED, LineState.CONFIRMED, LineState.EXCUSED, LineState.DROPPED]),
)
PROMISES = st.lists(st.sampled_from([None, *PromiseResult]), max_size=12).map(
    lambda results: tuple(PromiseLine(str(n), "P", Quarter(2025, 3), r, None) for n, r in enumerate(results))
)
REPORTS = st.builds(
    lambda lines, missing, money, status, promises, decisions, locale: a_report(
        *lines,
        *(a_missing_milestone() for _ in range(missing)),
        resources=money,
        status=status,
        promises=promises,
        decisions=tuple(a_decision(f"d{n}", by=date(2026, 1, 15)) for n in range(decisions)),
        locale=locale,
    ),
    st.lists(LINES, max_size=60),
    st.integers(0, 3),
    st.none() | st.builds(resources, percent_used=PERCENTS, percent_variance=st.none() | st.integers(-50, 50)),
    st.builds(
        ProjectStatus,
        st.sampled_from([None, *RagStatus]),
        st.sampled_from(list(RagStatus)),
        st.sampled_from([None, *RagStatus]),
    ),
    PROMISES,
    st.integers(0, 12),
    st.sampled_from(["en_US", "fr_CH", "en_IN"]),
)
SLIPS_OF_GRAMMAR = "|".join(
    (
        r"None(?! of )",
        r"\s\s",
        r" [.,;]",
        r"[.,;]{2}",
        r"^[a-z]",
        r"\b[Oo]ne (milestones|points|decisions|promises|objectives|working days)\b",
        r"(?<![\d.,])1 (points|working days)\b",
        r"\b([Tt]wo|[2-9]|\d\d) (milestone|point|decision|promise|objective|working day)\b",
        r"\b[Oo]ne (have|are|were|stand)\b",
        r"\b([Tt]wo|[Tt]hree) (has|is|was|stands)\b",
        r"\ba 8|\b0 points|\bby no\b",
    )
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
@given(report=REPORTS)
def test_any_quarter_is_told_in_one_to_five_plain_sentences_without_figures_of_its_own(
    report: QuarterlyReport, folders: Folders
) -> None:
    drafted = draft(report, folders)
    assert 1 <= len(re.findall(r"\.(?: |$)", drafted.executive_summary)) <= 5
    for text in (drafted.executive_summary, drafted.conclusion):
        assert not re.search(SLIPS_OF_GRAMMAR, text), text
        summary = ProjectSummary(executive_summary=text)
        assert list(stray_figure(report, cast("Any", SimpleNamespace(summary=summary)))) == []
    assert draft(replace(report), folders) == drafted


def test_typed_names_are_kept_in_one_line_and_run_no_template(folders: Folders) -> None:
    report = a_report(a_milestone("{{ 7*7 }}\n*x*", 60))
    assert "The only milestone, {{ 7*7 }} *x*, stands at 60%." in draft(report, folders).executive_summary
