"""What the commands of the terminal share: how they are declared, ask, read their words, and open the database."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from bot.clock import Clock
from bot.domain.dates import YEARS, read_day, read_instant
from bot.domain.quarter import Quarter
from bot.settings import Settings

if TYPE_CHECKING:  # heavy rooms are imported by the commands that need them, so that --help stays fast
    from bot.flow.moment import Moment
    from bot.store.session import Database

T = TypeVar("T")
Command: TypeAlias = Callable[[argparse.Namespace, Settings], None]
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_command(
    commands: Commands, name: str, function: Command, summary: str, *, needs_slack: bool = False
) -> argparse.ArgumentParser:
    """Declare a command; returns its parser, for its words."""
    parser = commands.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
    parser.set_defaults(command=function, needs_slack=needs_slack)
    return parser


def asked(question: str) -> bool:
    """Ask whoever sits at the terminal; False where nobody does."""
    if not sys.stdin.isatty():
        return False
    sys.stderr.write(f"{question} Go on? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


@contextmanager
def open_database(settings: Settings) -> Iterator[Database]:
    """The database at the present schema, closed after the block. Raises BotError where it cannot be used."""
    from bot.store.upgrade import open_ready

    with closing(open_ready(settings.database_url)) as database:
        yield database


def moment(settings: Settings) -> Moment:
    """The present moment, as the settings move it."""
    from bot.flow.moment import Moment

    return Moment(Clock(settings.moved_to).now(), Clock.real())


def whole(lowest: int, highest: int = 1_000_000_000) -> Callable[[str], int]:
    """A reader of whole numbers within limits."""

    def read(text: str) -> int:
        if re.fullmatch("[0-9]{1,10}", text) and lowest <= int(text) <= highest:
            return int(text)
        raise argparse.ArgumentTypeError(f'"{text}" is not a whole number from {lowest} to {highest}')

    return read


def quarter(text: str) -> Quarter:
    """A quarter as commands take it."""
    try:
        found = Quarter.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return _of_these_years(text, found, found.year)


def instant(text: str) -> datetime:
    """An instant with its zone, in UTC."""
    if at := read_instant(text):
        return _of_these_years(text, at, at.year)
    raise argparse.ArgumentTypeError(f'"{text}" is not an instant; expected such as 2025-09-15T14:00:00Z')


def day(text: str) -> date:
    """A date."""
    if found := read_day(text):
        return _of_these_years(text, found, found.year)
    raise argparse.ArgumentTypeError(f'"{text}" is not a date; expected YYYY-MM-DD, such as 2025-09-15')


def _of_these_years(text: str, found: T, year: int) -> T:
    if year not in YEARS:
        raise argparse.ArgumentTypeError(f'"{text}" cannot be reported; expected a year from {YEARS[0]} to {YEARS[-1]}')
    return found
