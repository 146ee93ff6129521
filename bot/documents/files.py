"""Reports as files: PDF, Word, CSV and charts. The libraries of all but CSV are optional, imported only when asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bot.documents.csv_report import portfolio_csv, report_csv
from bot.domain.errors import NotInstalled
from bot.domain.portfolio_report import PortfolioReport
from bot.domain.report import QuarterlyReport

if TYPE_CHECKING:
    from bot.documents.charts import Chart

Report = QuarterlyReport | PortfolioReport

CHARTS = ("milestones", "budget", "history")  # the charts that a project's report may have, in their order
PORTFOLIO_CHARTS = ("statuses",)


def pdf_file(report: Report, folders: Sequence[Path]) -> bytes:
    """The report in its layout as an accessible PDF; equal reports give equal bytes.

    `folders` hold templates and fonts, a company's own before the shipped ones. Raises NotFound where no folder has the
    layout, NotInstalled where the extra ``pdf`` is not installed.
    """
    with _needing("pdf"):
        from bot.documents.paper import paper_of
        from bot.documents.pdf import to_pdf
    return to_pdf(paper_of(report, folders), folders)


def docx_file(report: Report, folders: Sequence[Path]) -> bytes:
    """The report in its layout as a Word document; otherwise as `pdf_file`, of the extra ``docx``."""
    with _needing("docx"):
        from bot.documents.paper import paper_of
        from bot.documents.word import to_word
    return to_word(paper_of(report, folders), folders)


def csv_file(report: Report) -> bytes:
    """The report's rows for a spreadsheet (bot.documents.csv_report)."""
    return portfolio_csv(report) if isinstance(report, PortfolioReport) else report_csv(report)


def charts(report: Report, folders: Sequence[Path]) -> tuple[Chart, ...]:
    """The charts that the report has, of those that CHARTS names; otherwise as `pdf_file`."""
    with _needing("pdf"):
        from bot.documents.charts import charts_of, portfolio_charts_of
    if isinstance(report, PortfolioReport):
        return portfolio_charts_of(report, folders)
    return charts_of(report, folders)


def chart_picture(chart: Chart, folders: Sequence[Path]) -> bytes:
    """A chart as a picture (PNG), 1,200 pixels wide; otherwise as `pdf_file`."""
    with _needing("pdf"):
        from bot.documents.typesetting import png_of
    return png_of(chart.svg, folders)


@contextmanager
def _needing(extra: str) -> Iterator[None]:
    """Says which extra of the package to install where an import fails."""
    try:
        yield
    except ModuleNotFoundError as error:
        message = f'{extra.upper()} needs {error.name}, which is not installed: pip install "quarterdeck[{extra}]"'
        raise NotInstalled(message) from error
