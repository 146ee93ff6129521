"""Placing: each answer to a company's own question goes into the section that the company chose for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from bot.domain.report import QuarterlyReport
from bot.domain.sections import HOME, Dialog, PlacedAnswer, ReportSection, Sections


def place(report: QuarterlyReport, sections: Sections) -> QuarterlyReport:
    """A report as built, with every answer in one place: where it was asked, or among `placed_answers`.

    Questions that `sections` does not know, as those that a company has taken out, stay where they were asked.
    """
    resources = report.resources
    return replace(
        report,
        milestones=tuple(replace(m, more=_kept(Dialog.MILESTONE, m.more, sections)) for m in report.milestones),
        risks=tuple(replace(risk, more=_kept(Dialog.RISK, risk.more, sections)) for risk in report.risks),
        resources=resources and replace(resources, more=_kept(Dialog.RESOURCES, resources.more, sections)),
        more=_kept(Dialog.SUMMARY, report.more, sections),
        placed_answers=tuple(
            replace(answer, section=_section(answer.dialog, answer.question, sections))
            for answer in (*_item_answers(report), *_project_answers(report))
            if not _is_home(answer.dialog, answer.question, sections)
        ),
    )


def loose_answers(report: QuarterlyReport) -> tuple[PlacedAnswer, ...]:
    """The answers of a placed report that are printed with no milestone and no risk."""
    return (*_project_answers(report), *report.placed_answers)


def _item_answers(report: QuarterlyReport) -> Iterator[PlacedAnswer]:
    for line in report.milestones:
        yield from _answers(Dialog.MILESTONE, line.more, line.key, line.name)
    for risk in report.risks:
        yield from _answers(Dialog.RISK, risk.more, risk.key, risk.title)


def _project_answers(report: QuarterlyReport) -> Iterator[PlacedAnswer]:
    if report.resources:
        yield from _answers(Dialog.RESOURCES, report.resources.more)
    yield from _answers(Dialog.SUMMARY, report.more)


def _answers(
    dialog: Dialog, more: Mapping[str, str], key: str | None = None, about: str | None = None
) -> Iterator[PlacedAnswer]:
    for question, answer in more.items():
        yield PlacedAnswer(HOME[dialog], dialog, question, answer, key, about)


def _kept(dialog: Dialog, more: Mapping[str, str], sections: Sections) -> dict[str, str]:
    return {question: answer for question, answer in more.items() if _is_home(dialog, question, sections)}


def _is_home(dialog: Dialog, question: str, sections: Sections) -> bool:
    return _section(dialog, question, sections) is HOME[dialog]


def _section(dialog: Dialog, question: str, sections: Sections) -> ReportSection:
    return sections.get((dialog, question), HOME[dialog])
