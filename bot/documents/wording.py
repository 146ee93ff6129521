"""The texts of a report's surfaces: templates with the filters of the report's locale."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from bot.documents.figures import filters
from bot.domain.portfolio_report import PortfolioReport
from bot.domain.report import QuarterlyReport
from bot.locales import Locale
from bot.texts import Texts, plain


def texts_for(
    report: QuarterlyReport | PortfolioReport, folders: Sequence[Path], *, escape: Callable[[str], str] = plain
) -> Texts:
    """Texts from templates folders, a company's own before the shipped ones; made once for each locale."""
    return _texts(tuple(folders), report.locale, "FY" in report.quarter_label, escape)


@cache
def _texts(folders: tuple[Path, ...], locale: str, names_fiscal_years: bool, escape: Callable[[str], str]) -> Texts:  # noqa: FBT001 - a cache's key
    return Texts(folders, escape=escape, filters=filters(Locale(locale), names_fiscal_years=names_fiscal_years))
