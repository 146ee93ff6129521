"""Apart: what is done for many is done for each by itself, so that one for whom it breaks keeps nothing from the others."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from bot.domain.errors import Busy

logger = logging.getLogger(__name__)

T = TypeVar("T")
R = TypeVar("R")
_MOST_NAMED = 10


def one_by_one(many: Iterable[tuple[object, T]], act: Callable[[T], R], *, doing: str) -> Iterator[R]:
    """What an act brings for one after another, each under the name or id by which the log knows them.

    Those for whom it breaks are left out and logged together. A database that fails, fails for all: that is raised.
    """
    broken: dict[object, Exception] = {}
    for name, one in many:
        try:
            found = act(one)
        except (SQLAlchemyError, Busy):
            raise
        except Exception as error:
            broken[name] = error
        else:
            yield found
    if broken:
        first = next(iter(broken.values()))
        logger.error("%s failed for=%s count=%d", doing, list(broken)[:_MOST_NAMED], len(broken), exc_info=first)
