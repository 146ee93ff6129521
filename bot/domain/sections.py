"""The report's sections, and the dialogs whose answers to a company's own questions are printed in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Dialog(StrEnum):
    """A dialog that a company can add questions of its own to."""

    MILESTONE = "milestone"
    RISK = "risk"
    RESOURCES = "resources"
    SUMMARY = "summary"


class ReportSection(StrEnum):
    """A section of the report that an answer can be printed in, in the order of the report."""

    STATUS = "status"
    EXECUTIVE_SUMMARY = "executive_summary"
    KEY_MILESTONES = "key_milestones"
    IMPACT = "impact"
    RISKS = "risks"
    OBJECTIVES = "objectives"
    RESOURCES = "resources"
    DECISIONS = "decisions"
    CONCLUSION = "conclusion"


Sections = Mapping[tuple[Dialog, str], ReportSection]  # by dialog and key, where each own question's answer is printed

# Where answers are printed unless the company says otherwise: with the milestone or the risk that they are about, among the
# resources, below the executive summary.
HOME: Mapping[Dialog, ReportSection] = {
    Dialog.MILESTONE: ReportSection.KEY_MILESTONES,
    Dialog.RISK: ReportSection.RISKS,
    Dialog.RESOURCES: ReportSection.RESOURCES,
    Dialog.SUMMARY: ReportSection.EXECUTIVE_SUMMARY,
}


@dataclass(frozen=True, slots=True)
class PlacedAnswer:
    """An answer to a company's own question, with the section that it is printed in.

    `question` is the question's key. `key` and `about` are those of the milestone or risk that it was answered for, `about`
    its name or title; None for what is about the project as a whole.
    """

    section: ReportSection
    dialog: Dialog
    question: str
    answer: str
    key: str | None = None
    about: str | None = None
