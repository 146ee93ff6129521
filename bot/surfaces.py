"""Surfaces: a report in every form in which people read it, documents and posts alike, with the words of each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

from bot.documents.changes import change_lines
from bot.documents.checks import check_lines
from bot.documents.files import CHARTS, PORTFOLIO_CHARTS, chart_picture, charts, csv_file, docx_file, pdf_file
from bot.documents.json_report import to_json
from bot.documents.layouts import layout_names
from bot.documents.markdown import render_markdown
from bot.documents.narrative import draft
from bot.documents.portfolio import portfolio_changes, portfolio_news, render_portfolio
from bot.documents.portfolio_json import portfolio_json
from bot.domain.portfolio_report import ALL, PortfolioReport
from bot.domain.report import Narrative, QuarterlyReport
from bot.domain.sections import Sections
from bot.flow.messages import Message, PortfolioPost, ReportFile, ReportPost
from bot.settings import Settings
from bot.slack import messages
from bot.slack.forms.questions import read_questions
from bot.slack.post import sections
from bot.slack.words import Words
from bot.texts import shipped


def prompt_folders(settings: Settings) -> tuple[Path, ...]:
    """Where words for owners and managers are read from: the company's own folder before the shipped one."""
    own = (settings.prompts_dir,) if settings.prompts_dir else ()
    return (*own, shipped("prompts"))


def template_folders(settings: Settings) -> tuple[Path, ...]:
    """Where the words that leaders read are read from: the company's own folder before the shipped one."""
    own = (settings.templates_dir,) if settings.templates_dir else ()
    return (*own, shipped("templates"))


class ReportDocuments:
    """Fulfils `flow.ports.Documents` with the documents and Slack rooms.

    Raises BotError where the company's questions cannot be read, with every mistake and its line.
    """

    def __init__(self, settings: Settings) -> None:
        self._prompts = prompt_folders(settings)
        self._templates = template_folders(settings)
        self.words = Words(self._prompts, self._templates)
        self.questions = read_questions(*self.words.source("questions.yaml"))
        self.portfolio = PortfolioDocuments(self._templates, self.words)

    @property
    def sections(self) -> Sections:
        """Where the answers to a company's own questions are printed."""
        return self.questions.sections

    def draft(self, report: QuarterlyReport) -> Narrative:
        """The executive summary and the conclusion, drafted from the facts."""
        return draft(report, self._templates)

    def check_lines(
        self, check: str, evidence: Sequence[dict[str, object]], report: QuarterlyReport
    ) -> tuple[str, tuple[str, ...]]:
        """A check's sentence and the lines of its evidence."""
        return check_lines(check, evidence, report, self._prompts)

    def markdown(self, report: QuarterlyReport) -> str:
        """The report in its layout."""
        return render_markdown(report, self._templates)

    def json(self, report: QuarterlyReport) -> str:
        """The report as data."""
        return to_json(report)

    def pdf(self, report: QuarterlyReport) -> bytes:
        """The report as PDF."""
        return pdf_file(report, self._templates)

    def docx(self, report: QuarterlyReport) -> bytes:
        """The report as a Word document."""
        return docx_file(report, self._templates)

    def csv(self, report: QuarterlyReport) -> bytes:
        """The report's milestones and risks as rows."""
        return csv_file(report)

    @property
    def chart_names(self) -> tuple[str, ...]:
        """The names of all charts that a report may have."""
        return tuple(map(_picture_name, CHARTS))

    def charts(self, report: QuarterlyReport) -> tuple[ReportFile, ...]:
        """The charts that the report has, as pictures."""
        return _chart_files(report, self._templates)

    def slack(self, report: QuarterlyReport) -> str:
        """The post as Slack takes it: text and blocks, in JSON."""
        return _as_json(ReportPost(f"post:{report.project_key}:{report.quarter}", report), self.words)

    def changes(self, before: QuarterlyReport | None, after: QuarterlyReport) -> tuple[str, ...]:
        """What changed from one report to another, a line each."""
        return change_lines(before, after, self._templates)

    def section_count(self, report: QuarterlyReport) -> int:
        """How many replies the report's sections take in the thread."""
        return sections.section_count(report, self.words)

    def layouts(self) -> tuple[str, ...]:
        """The names of the layouts that can be chosen."""
        return layout_names(self._templates)


class PortfolioDocuments:
    """Fulfils `flow.ports.PortfolioDocuments` likewise."""

    def __init__(self, templates: Sequence[Path], words: Words) -> None:
        self._templates = templates
        self._words = words

    def markdown(self, report: PortfolioReport) -> str:
        """The report as a document."""
        return render_portfolio(report, self._templates)

    def json(self, report: PortfolioReport) -> str:
        """The report as data."""
        return portfolio_json(report)

    def pdf(self, report: PortfolioReport) -> bytes:
        """The report as PDF."""
        return pdf_file(report, self._templates)

    def docx(self, report: PortfolioReport) -> bytes:
        """The report as a Word document."""
        return docx_file(report, self._templates)

    def csv(self, report: PortfolioReport) -> bytes:
        """The report's projects and risks as rows."""
        return csv_file(report)

    @property
    def chart_names(self) -> tuple[str, ...]:
        """The names of all charts that a report may have."""
        return tuple(map(_picture_name, PORTFOLIO_CHARTS))

    def charts(self, report: PortfolioReport) -> tuple[ReportFile, ...]:
        """The charts that the report has, as pictures."""
        return _chart_files(report, self._templates)

    def slack(self, report: PortfolioReport) -> str:
        """The post as Slack takes it: text and blocks, in JSON."""
        return _as_json(PortfolioPost(f"post:{ALL}:{report.quarter}", report), self._words)

    def changes(self, before: PortfolioReport | None, after: PortfolioReport) -> tuple[str, ...]:
        """What changed from one report to another, a line each."""
        return portfolio_changes(before, after, self._templates)

    def news(self, report: PortfolioReport, since: datetime) -> tuple[str, ...]:
        """What was published since an instant, a line each."""
        return portfolio_news(report, since, self._templates)


def _chart_files(report: QuarterlyReport | PortfolioReport, templates: Sequence[Path]) -> tuple[ReportFile, ...]:
    return tuple(
        ReportFile(_picture_name(chart.name), chart.title, partial(chart_picture, chart, templates), chart.alt)
        for chart in charts(report, templates)
    )


def _picture_name(chart: str) -> str:
    return f"{chart}.png"


def _as_json(message: Message, words: Words) -> str:
    rendered = messages.render(message, words)
    return json.dumps({"text": rendered.text, "blocks": rendered.blocks}, ensure_ascii=False, indent=2) + "\n"
