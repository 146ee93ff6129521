"""Files of a report, and those of a published revision: made once, then the same bytes for ever."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Protocol, TypeVar

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.domain.errors import DeliveryFailed, NotInstalled
from bot.domain.portfolio_report import PortfolioReport
from bot.domain.report import QuarterlyReport
from bot.flow.messages import Document, ReportFile
from bot.store import reports
from bot.store.reports import Revision
from bot.store.session import Database

logger = logging.getLogger(__name__)

R = TypeVar("R", QuarterlyReport, PortfolioReport)
R_contra = TypeVar("R_contra", QuarterlyReport, PortfolioReport, contravariant=True)

_PAPERS = ("pdf", "docx")  # what stands in the thread before the Markdown document
_PORTFOLIO_PAPERS = (*_PAPERS, "csv")  # of very many projects, only Markdown and CSV list every one


class FileMaker(Protocol[R_contra]):
    """The part of `flow.ports` that makes files, for either kind of report."""

    def markdown(self, report: R_contra) -> str:
        """The report as a text."""

    def pdf(self, report: R_contra) -> bytes:
        """The report as PDF."""

    def docx(self, report: R_contra) -> bytes:
        """The report as a Word document."""

    def csv(self, report: R_contra) -> bytes:
        """The report's rows."""

    def charts(self, report: R_contra) -> tuple[ReportFile, ...]:
        """The report's charts."""


def files(documents: FileMaker[R]) -> dict[str, Callable[[R], bytes]]:
    """How each file is made, by the name of its format."""
    return {"pdf": documents.pdf, "docx": documents.docx, "csv": documents.csv}


def published_content(database: Database, published: Revision[R], name: str, documents: FileMaker[R]) -> bytes:
    """A revision in one format, as it was first made: the texts at publication, a file when it is first asked for."""
    if name in published.texts:
        return published.texts[name].encode()
    return _made_once(database, published, name, partial(files(documents)[name], published.report))


def make_for_thread(database: Database, published: Revision[R], documents: FileMaker[R]) -> None:
    """Make and keep what the thread of a revision shows beside its text, as far as the parts for it are installed.

    Raises DeliveryFailed where something else went wrong with a file; the others are made all the same.
    """
    broken = []
    for file in _for_thread(published.report, documents):
        try:
            _made_once(database, published, file.name, file.make)
        except NotInstalled as missing:
            logger.info("file left out report=%d file=%s reason=%s", published.id, file.name, missing)
        except SQLAlchemyError:
            raise  # the database is away for a while: later they can all be made
        except Exception:
            logger.exception("file could not be made report=%d file=%s", published.id, file.name)
            broken.append(file.name)
    if broken:
        raise DeliveryFailed(f"could not make {', '.join(broken)}", outcome="final")


def kept_documents(session: Session, published: Revision[R]) -> tuple[Document, ...]:
    """The documents of a revision for its thread: those that could be made, and Markdown."""
    made = {name: reports.file(session, published.id, name) for name in _papers(published.report)}
    contents = {**made, "md": published.texts["md"].encode()}
    title = _title(published.report)
    return tuple(
        Document(_filename(published.report, name), title, content) for name, content in contents.items() if content
    )


def kept_chart(session: Session, published: Revision[R], name: str, documents: FileMaker[R]) -> Document | None:
    """A chart of a revision for its thread; None where it has none of this name, or none could be made."""
    content = reports.file(session, published.id, name)
    if content is None:
        return None
    chart = next((chart for chart in documents.charts(published.report) if chart.name == name), None)
    if chart is None:
        return None
    return Document(_filename(published.report, name), chart.title, content, chart.alt)


def draft_documents(report: R, documents: FileMaker[R]) -> tuple[Document, ...]:
    """Everything that the thread of a report would show beside its text, made for the occasion."""
    found: list[Document] = []
    for file in _for_thread(report, documents):
        with suppress(NotInstalled):
            found.append(Document(_filename(report, file.name), file.title, file.make(), file.alt))
    return (*found, Document(_filename(report, "md"), _title(report), documents.markdown(report).encode()))


def _for_thread(report: R, documents: FileMaker[R]) -> Iterator[ReportFile]:
    try:
        yield from documents.charts(report)
    except NotInstalled as missing:
        logger.info("charts left out reason=%s", missing)
    for name in _papers(report):
        yield ReportFile(name, _title(report), partial(files(documents)[name], report))


def _papers(report: QuarterlyReport | PortfolioReport) -> tuple[str, ...]:
    return _PORTFOLIO_PAPERS if isinstance(report, PortfolioReport) else _PAPERS


def _made_once(database: Database, published: Revision[R], name: str, make: Callable[[], bytes]) -> bytes:
    with database.reading() as session:
        stored = reports.file(session, published.id, name)
    if stored is not None:
        return stored
    made = make()  # outside of any transaction: it may take seconds
    with database.writing() as session:
        return reports.keep_file(session, published.id, name, made)


def _title(report: QuarterlyReport | PortfolioReport) -> str:
    return f"{report.title} · {report.quarter_label}"


def _filename(report: QuarterlyReport | PortfolioReport, name: str) -> str:
    """``portal-2025-Q4-r1.pdf``, ``portal-2025-Q4-r1-budget.png``."""
    stem = report.project_key if isinstance(report, QuarterlyReport) else "portfolio"
    return f"{stem}-{report.quarter}-r{report.revision or 1}{'-' if '.' in name else '.'}{name}"
