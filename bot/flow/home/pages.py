"""Pages: long lists in parts, each item on exactly one of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Generic, TypeVar

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """The items of one page; `number` counts from 0, `total` is how many items all pages of `size` hold."""

    items: tuple[T, ...] = ()
    number: int = 0
    size: int = 1
    total: int = 0

    @property
    def count(self) -> int:
        """How many pages there are; an empty list has one."""
        return max(1, ceil(self.total / self.size))

    @property
    def span(self) -> tuple[int, int]:
        """The numbers of its first and last item, counted from 1."""
        return self.number * self.size + 1, self.number * self.size + len(self.items)

    def holding(self, items: Iterable[U]) -> Page[U]:
        """The same page with other items in their places: what was made of each."""
        return Page(tuple(items), self.number, self.size, self.total)


def page_of(items: Sequence[T], number: int, size: int) -> Page[T]:
    """One page of a list; the last one where the list has become shorter than that."""
    last = max(0, ceil(len(items) / size) - 1)
    shown = min(max(0, number), last)
    return Page(tuple(items[shown * size : (shown + 1) * size]), shown, size, len(items))
