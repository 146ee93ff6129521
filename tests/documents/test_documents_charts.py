"""Charts: the figures they draw are the report's, nothing is told by colour alone, and whatever people typed is drawn."""

from __future__ import annotations

import struct
from dataclasses import replace
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st
from ink import gaps, inked_columns
from report_builders import Q, a_milestone, a_missing_milestone, a_report, known, resources

from bot.documents.charts import Chart, charts_of, portfolio_charts_of
from bot.documents.charts.drawing import WIDTH, drawing, words
from bot.documents.charts.shapes import COLOURS, status_shape
from bot.documents.files import CHARTS, PORTFOLIO_CHARTS
from bot.documents.typesetting import png_of
from bot.domain.milestone_line import LineState, MilestoneLine
from bot.domain.portfolio_report import PortfolioReport, ProjectLine
from bot.domain.project import RagStatus
from bot.domain.report import Coverage, ProjectStatus, QuarterlyReport, ResourcesBefore, StatusPoint
from bot.texts import shipped

SHIPPED = (shipped("templates"),)
SVG = "{http://www.w3.org/2000/svg}"
BAR = 184  # the width of a milestone's bar in a drawing 600 wide


def chart(report: QuarterlyReport, name: str) -> Chart:
    """One chart of a report."""
    return next(found for found in charts_of(report, SHIPPED) if found.name == name)


def of(*lines: MilestoneLine, **fields: Any) -> Chart:
    """The chart of these milestones."""
    return chart(a_report(*lines, **fields), "milestones")


def elements(drawn: Chart, tag: str) -> list[ElementTree.Element]:
    """The elements of one kind in a drawing."""
    return list(ElementTree.fromstring(drawn.svg).iter(f"{SVG}{tag}"))  # noqa: S314 - our own drawing


def written(drawn: Chart) -> list[str]:
    """Every text of a drawing."""
    return ["".join(text.itertext()) for text in elements(drawn, "text")]


def widths(drawn: Chart, colour: str) -> list[float]:
    """How wide the bars of a colour are."""
    return [float(box.get("width", 0)) for box in elements(drawn, "rect") if box.get("fill") == colour]


def a_full_report() -> QuarterlyReport:
    """A report that has every chart."""
    points = tuple(StatusPoint(Q(2025, number), RagStatus.ON_TRACK) for number in (3, 4))
    return a_report(a_milestone(), resources=resources(actual_cost=10), status_history=points)


def a_portfolio(*statuses: tuple[RagStatus, RagStatus | None], unpublished: int = 0) -> PortfolioReport:
    """A portfolio of projects with these statuses, now and before."""
    report = a_report()
    published = [
        ProjectLine(f"p{n}", f"P{n}", "Bob", Coverage(1, 1), revision=1, status=ProjectStatus(now, now, before))
        for n, (now, before) in enumerate(statuses)
    ]
    waiting = [ProjectLine(f"w{n}", f"W{n}", "Bob", Coverage(1, 0)) for n in range(unpublished)]
    return PortfolioReport("Example", "en_US", report.quarter, "Q4 2025", report.report_date, (*published, *waiting))


def test_a_report_has_the_charts_that_files_are_named_after_and_no_other() -> None:
    assert tuple(found.name for found in charts_of(a_full_report(), SHIPPED)) == CHARTS
    portfolio = a_portfolio((RagStatus.ON_TRACK, None))
    assert tuple(found.name for found in portfolio_charts_of(portfolio, SHIPPED)) == PORTFOLIO_CHARTS


def test_what_nothing_is_known_of_has_no_chart() -> None:
    assert charts_of(a_report(a_missing_milestone()), SHIPPED) == ()
    assert charts_of(a_report(resources=resources(budget_at_completion=10)), SHIPPED) == ()
    assert charts_of(a_report(resources=resources(actual_cost=0)), SHIPPED) == ()
    assert charts_of(a_report(status_history=(StatusPoint(Q(2025, 4), RagStatus.AT_RISK),)), SHIPPED) == ()
    assert portfolio_charts_of(a_portfolio(unpublished=3), SHIPPED) == ()


def test_equal_reports_give_equal_drawings() -> None:
    assert charts_of(a_full_report(), SHIPPED) == charts_of(a_full_report(), SHIPPED)


@given(st.integers(0, 100), st.integers(0, 100))
def test_a_bar_is_as_long_as_its_percentage_and_the_mark_stands_where_it_was(now: int, before: int) -> None:
    drawn = of(a_milestone(percent=now, known=known(before)))
    (bar,) = widths(drawn, COLOURS[RagStatus.ON_TRACK])
    assert bar == pytest.approx(now / 100 * BAR, abs=0.01)
    start = min(float(box.get("x", 0)) for box in elements(drawn, "rect") if float(box.get("x", 0)) > 0)
    mark = float(elements(drawn, "line")[-1].get("x1", 0))
    assert mark - start == pytest.approx(before / 100 * BAR, abs=0.01)
    assert f"{now}%" in written(drawn)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (LineState.MISSING, "no update, 40% in Q3 2025"),
        (LineState.PAUSED, "paused, 40% in Q3 2025"),
        (LineState.EXCUSED, "excused, 40% in Q3 2025"),
        (LineState.DROPPED, "dropped, 40% in Q3 2025"),
    ],
)
def test_a_figure_of_an_earlier_quarter_is_no_bar_of_this_one(state: LineState, said: str) -> None:
    drawn = of(a_milestone("Portal", None, status=None, state=state, known=known(40)))
    assert said in written(drawn)
    assert "40%" not in written(drawn)
    assert not any(widths(drawn, colour) for colour in COLOURS.values())
    assert f"Portal: {said}" in drawn.alt


def test_what_is_new_was_complete_before_or_gave_no_figure_says_so() -> None:
    drawn = of(
        a_milestone("A", None, status=None, state=LineState.NEW),
        a_milestone("B", None, status=None, state=LineState.COMPLETE, known=known(100, RagStatus.COMPLETE)),
        a_milestone("C", None, known=known(10)),
        a_milestone("D", 70, status=None, known=known(50)),
        a_milestone("E", 70, state=LineState.CONFIRMED, known=known(70)),
    )
    said = written(drawn)
    assert "new, not due yet" in said
    assert "Complete since an earlier quarter" in said
    assert "On track, no percentage given, 10% in Q3 2025" in said
    assert "no status given, +20 points since Q3 2025" in said
    assert "On track, unchanged" in said
    assert widths(drawn, COLOURS[RagStatus.COMPLETE]) == [BAR]


def test_every_status_has_a_colour_of_its_own_or_else_a_shape_and_always_a_word() -> None:
    shapes = {status_shape(0, 0, 1, status).replace(COLOURS[status], "") for status in RagStatus}
    assert len(shapes) == len(RagStatus)
    told = [status for status in RagStatus if status not in (RagStatus.NOT_STARTED, RagStatus.NOT_KNOWN)]
    assert len({COLOURS[status] for status in told}) == len(told)
    lines = [a_milestone(status.value, 50, status=status) for status in RagStatus.choices()]
    assert {status.value for status in RagStatus.choices()} <= set(written(of(*lines)))


def test_what_needs_a_look_comes_first_and_what_does_not_fit_is_counted() -> None:
    lines = [a_milestone(f"Fine {n:02}", 50) for n in range(40)] + [a_milestone("Late", 5, status=RagStatus.OFF_TRACK)]
    drawn = of(*lines)
    said = written(drawn)
    names = [text for text in said if text.startswith(("Fine", "Late"))]
    assert names[0] == "Late"
    assert f"and {41 - len(names)} more" in said
    assert drawn.alt.index("Late") < drawn.alt.index("Fine")


def test_a_mark_is_explained_only_where_there_is_one() -> None:
    assert any("last known before" in text for text in written(of(a_milestone(known=known(5)))))
    assert not any("last known before" in text for text in written(of(a_milestone())))


def money(**fields: Any) -> Chart:
    """The chart of these figures."""
    before = fields.pop("previous", None)
    return chart(a_report(resources=replace(resources(**fields), previous=before)), "budget")


def test_amounts_are_bars_on_one_scale_with_the_budget_across_them() -> None:
    before = ResourcesBefore(Q(2025, 3), Decimal(1_000_000), None, Decimal(1_100_000), None, None)
    drawn = money(
        budget_at_completion=1_000_000,
        actual_cost=500_000,
        forecast_at_completion=1_200_000,
        percent_used=50,
        percent_variance=20,
        previous=before,
    )
    said = written(drawn)
    assert {"$1M", "$500,000", "$1.2M", "50% of the budget", "20% over budget; $1,100,000 in Q3 2025"} <= set(said)
    (budget,), (spent,), (forecast,) = (widths(drawn, colour) for colour in ("#7b8794", "#0072b2", "#56b4e9"))
    (over,) = widths(drawn, "#d55e00")
    assert spent == pytest.approx(budget / 2, abs=0.01)
    assert forecast == pytest.approx(budget * 1.2, abs=0.01)
    assert over == pytest.approx(forecast - budget, abs=0.01)
    start = 600 - 500
    mark = float(elements(drawn, "line")[-1].get("x1", 0))
    assert mark - start == pytest.approx(budget * 1.1, abs=0.01)
    across = [line for line in elements(drawn, "line") if line.get("stroke-dasharray")][1:]  # the first is the key's
    assert [float(line.get("x1", 0)) - start for line in across] == pytest.approx([budget] * 3, abs=0.01)
    notes = [float(text.get("y", 0)) - 14 for text in elements(drawn, "text") if text.get("font-size") == "14"][2:]
    assert all(float(line.get("y2", 0)) <= top for line, top in zip(across, notes, strict=True)), "it crosses no words"
    assert "Budget at completion $1,000,000. Spent $500,000, 50% of the budget." in drawn.alt
    assert "Forecast $1,200,000, 20% over budget; $1,100,000 in Q3 2025." in drawn.alt


def test_who_shares_no_amounts_gets_a_chart_of_percentages() -> None:
    drawn = money(percent_used=53, percent_variance=-5, previous_percent_variance=6)
    assert {"53%", "95%", "5% under budget; before 6% over budget"} <= set(written(drawn))
    spent, forecast = widths(drawn, "#0072b2"), widths(drawn, "#56b4e9")
    assert spent[0] / forecast[0] == pytest.approx(53 / 95)
    assert not widths(drawn, "#d55e00"), "nothing is over"


@pytest.mark.parametrize(
    ("locale", "currency", "said"), [("de_DE", "EUR", "1.234.567"), ("en_US", "USD", "$1,234,567")]
)
def test_amounts_are_written_as_in_the_report_s_locale(locale: str, currency: str, said: str) -> None:
    report = a_report(resources=resources(actual_cost=1_234_567, currency=currency), locale=locale)
    assert said in chart(report, "budget").alt


def test_the_strip_shows_eight_quarters_each_with_its_word_and_the_gaps_between() -> None:
    quarters = [Q(2023, 4), *(Q(2024, n) for n in range(1, 5)), *(Q(2025, n) for n in range(1, 4)), Q(2026, 1)]
    points = [StatusPoint(quarter, RagStatus.AT_RISK) for quarter in quarters]
    drawn = chart(a_report(status_history=tuple(points)), "history")
    assert [text for text in written(drawn) if text.startswith("Q")][::7] == ["Q1 2024", "Q1 2026"]
    assert written(drawn).count("At") == written(drawn).count("risk") == 8
    steps = [line.get("stroke-dasharray") for line in elements(drawn, "line")]
    assert steps == [None] * 6 + ["2 5"]
    assert drawn.alt.endswith("Q3 2025: at risk; Q1 2026: at risk.")


def test_the_portfolio_counts_by_status_now_and_before() -> None:
    risk, fine = RagStatus.AT_RISK, RagStatus.ON_TRACK
    (drawn,) = portfolio_charts_of(a_portfolio((risk, fine), (fine, fine), (fine, None), unpublished=1), SHIPPED)
    assert [text for text in written(drawn) if text.isdigit()] == ["1", "2", "1"]
    (at_risk,), (on_track,) = widths(drawn, COLOURS[risk]), widths(drawn, COLOURS[fine])
    assert on_track == 2 * at_risk
    assert "At risk: 1; On track: 2 (2 in the last report before); Not published yet: 1." in drawn.alt
    assert drawn.title == "4 projects by status · Q4 2025"


def test_the_portfolio_counts_statuses_in_the_order_of_its_report() -> None:
    portfolio = a_portfolio(*((status, None) for status in RagStatus))
    (drawn,) = portfolio_charts_of(portfolio, SHIPPED)
    names = [text for text in written(drawn) if text in [*RagStatus]]
    assert names == [status for status, _ in portfolio.counts]


@given(st.lists(st.text(max_size=300), min_size=1, max_size=60))
def test_words_for_those_who_do_not_see_it_fit_slack_and_count_what_they_leave_out(names: list[str]) -> None:
    drawn = of(*(a_milestone(name or "x", 40, key=str(n)) for n, name in enumerate(names)))
    assert len(drawn.alt) <= 1000
    told = drawn.alt.count("On track")
    assert told == len(names) or f"and {len(names) - told} more" in drawn.alt


PIECES = [
    "Office flow",
    "−15 → ✔",
    "🚀👩‍👩‍👧‍👦",
    "مشروع 2025",
    "שלום",
    "ग्राहक",
    "สวัสดี",
    "顧客",
    "한국어",
    "<b>&\"'",
    "\x00\ufffe",
    "é",
]


@settings(max_examples=25)
@given(
    st.lists(st.one_of(st.text(max_size=40), st.lists(st.sampled_from(PIECES)).map(" ".join)), min_size=1, max_size=6)
)
def test_whatever_people_typed_becomes_a_picture(names: list[str]) -> None:
    drawn = of(*(a_milestone(name or "x", 40, key=str(n)) for n, name in enumerate(names)))
    picture = png_of(drawn.svg, SHIPPED)
    assert struct.unpack(">I", picture[16:20]) == (1200,)


def test_where_typst_itself_breaks_that_is_an_error_like_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its panics are no Exception in Python: they would end the thread that sends messages."""

    class PanicException(BaseException):
        pass

    def panic(*_: object, **__: object) -> bytes:
        raise PanicException

    monkeypatch.setattr(typst, "compile", panic)
    with pytest.raises(RuntimeError):
        png_of(of(a_milestone()).svg, SHIPPED)


def columns(text: str, *, x: float = 100, **looks: Any) -> list[int]:
    """Where a line of text has ink, in pixels of its picture: two for each of the drawing's."""
    return inked_columns(png_of(drawing(30, [words(x, 20, text, **looks)]), SHIPPED))


@pytest.mark.parametrize(
    "text",
    [
        "Office flow of the year",
        "क्षेत्रीय बिलिंग प्रणाली",
        "हिन्दी में रिपोर्ट का नवीनीकरण",
        "बिलिंग Billing प्रणाली v2",
        "مشروع Billing الفوترة 84",
        "Billing مشروع الفوترة v2",
        "שדרוג Portal v2",
        "ระบบ Billing ใหม่ 2",
        "客户 Portal",
    ],
)
def test_words_of_every_script_stand_apart_by_their_spaces_and_no_more(text: str) -> None:
    found = columns(text, x=10, size=20)
    assert gaps(found, least=9) == text.count(" "), "a space is ten pixels wide and more, what parts two letters less"
    assert gaps(found, least=20) == 0


def test_a_mixed_text_reads_from_the_side_on_which_it_begins() -> None:
    turned, straight = (drawing(30, [words(10, 20, text)]) for text in ("שדרוג v2", "v2 שדרוג"))
    assert png_of(turned, SHIPPED) == png_of(straight, SHIPPED)
    assert turned.replace("שדרוג v2", "v2 שדרוג") != straight


NAMES = st.one_of(st.sampled_from(PIECES), st.text(st.characters(categories=["L", "N", "Zs"]), min_size=1, max_size=60))


@settings(max_examples=20, deadline=None)
@given(st.lists(NAMES, min_size=1, max_size=8).map(" ".join), st.integers(30, 250), st.booleans())
def test_what_is_too_wide_ends_inside_its_room(text: str, room: int, is_bold: bool) -> None:
    found = columns(text, room=room, is_bold=is_bold)
    assert all(2 * 100 - 4 <= column <= 2 * (100 + room) + 4 for column in found)


@pytest.mark.parametrize(("anchor", "first", "last"), [("start", 300, None), ("end", None, 300)])
def test_a_text_stands_where_it_is_anchored(anchor: str, first: int | None, last: int | None) -> None:
    found = columns("HHHH", x=150, anchor=anchor)
    assert first is None or found[0] == pytest.approx(first, abs=4)
    assert last is None or found[-1] == pytest.approx(last, abs=4)


def test_a_text_in_the_middle_is_as_far_from_both_sides() -> None:
    found = columns("HHHH", x=WIDTH / 2, anchor="middle")
    assert found[0] + found[-1] == pytest.approx(2 * WIDTH, abs=4)


def test_no_half_of_a_letter_is_left_before_an_ellipsis() -> None:
    """A family of four is one letter: with room for one, the picture is that of one family and the ellipsis."""
    family = "👩‍👩‍👧‍👦"
    pictures = {png_of(drawing(30, [words(10, 20, family * 3, room=room)]), SHIPPED) for room in range(20, 80, 2)}
    whole = {png_of(drawing(30, [words(10, 20, text)]), SHIPPED) for text in _begun(family)}
    assert pictures <= whole
    assert len(pictures) > 2


def _begun(family: str) -> list[str]:
    return ["…", f"{family}…", f"{family * 2}…", family * 3]
