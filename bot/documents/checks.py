"""The words of a check that fired: its sentence, and a line for each piece of evidence."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bot.documents.wording import texts_for
from bot.domain.report import QuarterlyReport


def check_lines(
    check: str, evidence: Sequence[dict[str, object]], report: QuarterlyReport, folders: Sequence[Path]
) -> tuple[str, tuple[str, ...]]:
    """The first line of a check's prompt, and its further lines; `folders` hold ``checks/<id>.j2``."""
    text = texts_for(report, folders, escape=_one_line).render(f"checks/{check}.j2", evidence=evidence)
    sentence, *lines = [line.strip() for line in text.splitlines() if line.strip()]
    return sentence, tuple(lines)


def _one_line(value: str) -> str:
    """A value on one line: what somebody typed must not begin a line, that is, a piece of evidence, of its own."""
    return " ".join(value.split())
