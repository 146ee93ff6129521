"""Command words: which project and quarter somebody means by the words behind a command, such as ``portal 2025-Q3``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.dates import TYPED_YEARS
from bot.domain.errors import WrongInput
from bot.domain.keys import folded, unquoted
from bot.domain.portfolio_report import ALL
from bot.domain.project import Project
from bot.domain.quarter import Quarter
from bot.flow.company import Company

_YEAR_FIRST = re.compile(r"(\d{4})\W?(q\d)", re.IGNORECASE)
_LIKE_A_QUARTER = re.compile(r"q\d+|(fy)?\d{4}\W?q?\d*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Named:
    """What was named: a project, or all of them; and a quarter. What is missing was not named."""

    project: Project | None
    quarter: Quarter | None
    is_all: bool


def read_command_words(company: Company, text: str, now: datetime) -> Named:
    """Read a project (key or name, in capitals or not; ``all``) and a quarter (``2025-Q3``, or ``Q3 2025`` as on screens).

    Raises NotFound for words that name no project, WrongInput for what stands behind one and is no quarter.
    """
    words = unquoted(text).split()
    count = _length_of_name(company, words)
    name, rest = " ".join(words[:count]), " ".join(words[count:])
    is_all = _is_all(name)
    project = company.project(name) if name and not is_all else None
    quarter = _quarter(rest)
    if rest and quarter is None:
        example = f"{name} {company.latest_opened(now, project)}".lstrip()
        raise WrongInput(f'"{rest}" is not a quarter. Write the year and the quarter, such as "{example}".')
    return Named(project, quarter, is_all)


def _length_of_name(company: Company, words: Sequence[str]) -> int:
    """How many words are the project's name: as many as name one; where none do, all but those meant as a quarter."""
    longest = max((len(project.name.split()) for project in company.projects.values()), default=1)
    for count in range(min(len(words), longest), 0, -1):  # not all 4,000 that a command can hold: that took six seconds
        name = " ".join(words[:count])
        if _is_all(name) or company.named(name):
            return count
    count = len(words)
    while count and _LIKE_A_QUARTER.fullmatch(words[count - 1]):
        count -= 1
    return count


def _is_all(name: str) -> bool:
    return folded(name) == ALL


def _quarter(text: str) -> Quarter | None:
    found = Quarter.find(_YEAR_FIRST.sub(r"\1-\2", unquoted(text)))
    return found if found and found.year in TYPED_YEARS else None
