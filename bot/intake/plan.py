"""The plan as people give it, in a file or field by field: one set of rules for both, and the same sentences."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import TypeVar

from bot.domain.errors import FileProblems, InvalidInput
from bot.domain.plan import PlanFile
from bot.domain.project import Milestone, Portfolio, Project
from bot.intake import values
from bot.intake.milestones_csv import read_milestones_csv
from bot.intake.portfolio import read_milestone, read_portfolio, read_project
from bot.intake.problems import decode
from bot.locales import Locale

T = TypeVar("T")

_TABLE = ".csv"
_ENDINGS = (".yaml", ".yml", _TABLE)


class PlanReader:
    """Fulfils `flow.ports.PlanReader`. `layouts` tells the names that a layout can have; where it tells none, any is taken."""

    def __init__(self, layouts: Callable[[], Collection[str]] = tuple) -> None:
        self._layouts = layouts

    def reads(self, name: str) -> bool:
        """Whether a file of this name can be read."""
        return name.lower().endswith(_ENDINGS)

    def text(self, content: bytes, name: str) -> str:
        """The text of a file. Raises FileProblems where it is not UTF-8 text."""
        return decode(content, name)

    def file(self, text: str, name: str, portfolio: Portfolio | None) -> PlanFile:
        """What a file says: milestones where its name says CSV, else a portfolio. Raises FileProblems with all that is wrong.

        Numbers in a table are read as the company writes them; before there is one, as in the United States.
        """
        if name.lower().endswith(_TABLE):
            locale = Locale(portfolio.locale if portfolio else "en_US")
            table = read_milestones_csv(text, name, locale=locale, admins=portfolio.admins if portfolio else ())
            return PlanFile(None, table.people, table.projects, table.unmanaged)
        read = read_portfolio(text, name, layouts=self._layouts())
        return PlanFile(read.portfolio, read.people, read.projects, read.unmanaged)

    def project(self, given: Mapping[str, str], portfolio: Portfolio) -> Project:
        """A project from fields as a portfolio file holds them, its key made from its name where none is given.

        Raises InvalidInput with a sentence for each field that is wrong.
        """
        return _by_field(partial(read_project, layouts=self._layouts()), _with_key(given), portfolio)

    def milestone(self, given: Mapping[str, str], portfolio: Portfolio) -> Milestone:
        """A milestone likewise."""
        return _by_field(read_milestone, _with_key(given), portfolio)


def _with_key(given: Mapping[str, str]) -> Mapping[str, str]:
    return {"key": values.key_from(given.get("name", "")), **given}


def _by_field(read: Callable[[Mapping[str, str], Portfolio], T], given: Mapping[str, str], portfolio: Portfolio) -> T:
    try:
        return read(given, portfolio)
    except FileProblems as problems:
        raise InvalidInput(problems.by_path) from problems
