"""Compile: a quarter's report from what is stored, with its drafted texts and its checks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.checks import REMARKS, Finding, run_checks
from bot.domain.facts import ReportFacts
from bot.domain.placing import place
from bot.domain.report import Check, CheckEvidence, QuarterlyReport
from bot.domain.reporting import build_report
from bot.flow.ports import Documents
from bot.store import codec
from bot.store.reports import Published


def compile_report(facts: ReportFacts, documents: Documents) -> QuarterlyReport:
    """The report as it stands: the manager's own texts where given, drafted ones elsewhere; checks with their notes."""
    report = place(build_report(facts), documents.sections)
    report = _with_texts(_on_clock(report, facts.zone), documents)
    checks = tuple(_check(finding, report, facts, documents) for finding in run_checks(report, facts))
    return replace(report, checks=checks)


def facts_hash(report: QuarterlyReport) -> str:
    """A fingerprint of what a reader would see, so that a change between review and publication is noticed.

    The report's dates, revision and draft mark are left out, and what trackers say: they change by themselves.
    """
    seen = replace(report, report_date=report.period[1] if report.period else report.report_date, judged_on=None)
    return fingerprint(_without_trackers(replace(seen, revision=None, is_draft=False)))


def _without_trackers(report: QuarterlyReport) -> QuarterlyReport:
    return replace(
        report,
        milestones=tuple(replace(line, tracker=None) for line in report.milestones),
        sources=tuple(source for source in report.sources if not source.is_tracker),
        checks=tuple(check for check in report.checks if check.id not in REMARKS),
    )


def fingerprint(value: object) -> str:
    """A short hash of a value: equal values have equal ones."""
    return hashlib.sha256(json.dumps(codec.dump(value), sort_keys=True).encode()).hexdigest()[:32]


def mark_draft(report: QuarterlyReport, published: Published | None) -> QuarterlyReport:
    """Today's facts as they compare with what was published: the same revision, or a draft of what would follow it."""
    if published is None:
        return report
    same = published.facts == facts_hash(report)
    return replace(report, revision=published.revision, is_draft=not same)


def without_manager_checks(report: QuarterlyReport) -> QuarterlyReport:
    """The report as it may leave the review: checks that are for the manager only are not in it."""
    return replace(report, checks=tuple(check for check in report.checks if check.audience != "pm"))


def _with_texts(report: QuarterlyReport, documents: Documents) -> QuarterlyReport:
    if report.executive_summary and report.conclusion:
        return report
    drafted = documents.draft(report)
    return replace(
        report,
        executive_summary=report.executive_summary or drafted.executive_summary,
        conclusion=report.conclusion or drafted.conclusion,
    )


def _on_clock(report: QuarterlyReport, zone: ZoneInfo) -> QuarterlyReport:
    """The report with the instants whose days it prints on the company's clock: of its sources and its questions."""
    return replace(
        report,
        sources=tuple(replace(s, at=s.at.astimezone(zone), edited_at=_at(s.edited_at, zone)) for s in report.sources),
        questions=tuple(
            replace(q, asked_at=q.asked_at.astimezone(zone), answered_at=_at(q.answered_at, zone))
            for q in report.questions
        ),
    )


def _at(instant: datetime | None, zone: ZoneInfo) -> datetime | None:
    return instant.astimezone(zone) if instant else None


def _check(finding: Finding, report: QuarterlyReport, facts: ReportFacts, documents: Documents) -> Check:
    sentence, lines = documents.check_lines(finding.check, finding.evidence, report)
    return Check(
        id=finding.check,
        sentence=sentence,
        evidence=_evidence(finding, lines),
        note=facts.summary.check_notes.get(finding.check),
        audience="pm" if finding.is_for_manager_only else "all",
    )


def _evidence(finding: Finding, lines: Sequence[str]) -> tuple[CheckEvidence, ...]:
    """A check's lines with the answers that they stand on, as far as it has a line for each: a company may word it anew."""
    if len(lines) != len(finding.evidence):
        return tuple(map(CheckEvidence, lines))
    told = ("milestone", "by", "at", "source")
    found = ({name: values[name] for name in told} for values in finding.evidence)
    return tuple(CheckEvidence(line, **answer) for line, answer in zip(lines, found, strict=True))
