"""Placing: whatever section a company chooses, each answer stands in one place of the report, and none is lost."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal

from hypothesis import given as for_all
from hypothesis import strategies as st

from bot.domain.placing import loose_answers, place
from bot.domain.report import QuarterlyReport
from bot.domain.reporting import build_report
from bot.domain.sections import HOME, Dialog, ReportSection, Sections
from bot.domain.update import ProjectSummary, Resources
from tests.builders import Q3, a_milestone, a_project, a_risk, an_update, answers, facts

KEYS = ("mood", "customers", "lessons")
TEXTS = st.dictionaries(st.sampled_from(KEYS), st.text("abc", min_size=1, max_size=3))
SECTIONS = st.dictionaries(st.tuples(st.sampled_from(Dialog), st.sampled_from(KEYS)), st.sampled_from(ReportSection))


@st.composite
def reports(draw: st.DrawFn) -> QuarterlyReport:
    """A project of two milestones and a risk, with or without a budget, in which own questions were answered anywhere."""
    budget = draw(st.sampled_from((None, Decimal(100))))
    project = a_project(a_milestone("a"), a_milestone("b"), budget_at_completion=budget)
    quarter = answers(
        {key: an_update(more=draw(TEXTS)) for key in ("a", "b")},
        risks=(a_risk("fire", more=draw(TEXTS)),),
        resources=Resources(more=draw(TEXTS)) if budget else None,
        summary=ProjectSummary(more=draw(TEXTS)),
    )
    return build_report(facts(project, {Q3: quarter}))


def told(report: QuarterlyReport) -> Counter[tuple[ReportSection, Dialog, str | None, str, str]]:
    """Every answer of a placed report: section, where and for what it was asked, question, text."""
    with_items = [(Dialog.MILESTONE, line.key, line.more) for line in report.milestones]
    with_items += [(Dialog.RISK, risk.key, risk.more) for risk in report.risks]
    kept = [(HOME[dialog], dialog, key, *pair) for dialog, key, more in with_items for pair in more.items()]
    loose = [(a.section, a.dialog, a.key, a.question, a.answer) for a in loose_answers(report)]
    return Counter(kept + loose)


@for_all(reports(), SECTIONS)
def test_each_answer_stands_once_in_the_section_that_was_chosen(report: QuarterlyReport, sections: Sections) -> None:
    wanted = Counter(
        (sections.get((dialog, question), home), dialog, key, question, answer)
        for home, dialog, key, question, answer in told(report).elements()
    )
    assert told(place(report, sections)) == wanted


@for_all(reports(), SECTIONS)
def test_nothing_but_own_answers_is_moved(report: QuarterlyReport, sections: Sections) -> None:
    placed = place(report, sections)

    def bare(report: QuarterlyReport) -> QuarterlyReport:
        return replace(
            report,
            milestones=tuple(replace(line, more={}) for line in report.milestones),
            risks=tuple(replace(risk, more={}) for risk in report.risks),
            resources=report.resources and replace(report.resources, more={}),
            more={},
            placed_answers=(),
        )

    assert bare(placed) == bare(report)
    assert place(report, {}) == report


def test_an_answer_that_leaves_its_milestone_or_risk_names_it() -> None:
    fire = a_risk("fire", title="Fire", more={"mood": "Bad"})
    quarter = answers({"a": an_update(more={"mood": "Good"})}, risks=(fire,))
    report = build_report(facts(a_project(a_milestone("a", name="Front end")), {Q3: quarter}))
    chosen = {(dialog, "mood"): ReportSection.RESOURCES for dialog in Dialog}
    placed = place(report, chosen)
    assert placed.resources is None, "the project has no budget"
    assert [(a.key, a.about, a.answer) for a in placed.placed_answers] == [
        ("a", "Front end", "Good"),
        ("fire", "Fire", "Bad"),
    ]
