"""The report as Markdown, in the layout that it names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bot.documents import escape
from bot.documents.layouts import layout_file
from bot.documents.view import view_of
from bot.documents.wording import texts_for
from bot.domain.report import QuarterlyReport
from bot.locales import Locale


def render_markdown(report: QuarterlyReport, folders: Sequence[Path], *, lists_sources: bool = True) -> str:
    """The report as a Markdown document. `folders` hold templates, a company's own before the shipped ones.

    Without `lists_sources` the layout's list of who reported what stays empty, for documents that have a table of it.

    A layout is given `report` and `view` (bot.documents.view) and the filters of bot.documents.figures.

    Raises NotFound where no folder has the report's layout.
    """
    template = layout_file(report.layout, folders)
    texts = texts_for(report, folders, escape=escape.inline)
    view = view_of(report, Locale(report.locale))
    return escape.settle(
        texts.render(template, report=report, view=view if lists_sources else replace(view, sources=()))
    )
