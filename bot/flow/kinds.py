"""Kinds of outbox rows: how each goes out, and which of them are in a report's channel. `app` has what composes each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Way(StrEnum):
    """What carrying a row asks of Slack."""

    POST = "post"
    EDIT = "edit"
    FILES = "files"
    VIEW = "view"  # a review that waits is filled
    HOME = "home"
    NONE = "none"  # work of our own, after which something else may be queued


class Of(StrEnum):
    """Whose published report a row is part of."""

    PROJECT = "project"
    PORTFOLIO = "portfolio"


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind goes out, and `of` which published report it is a part: its publisher hears of what Slack does not take."""

    way: Way
    of: Of | None = None

    @property
    def is_in_channel(self) -> bool:
        """Whether a channel may hold it already: it is never posted twice, whatever became of the first time."""
        return self.of is not None and self.way in (Way.POST, Way.FILES)


KINDS: Mapping[str, Kind] = {
    "nudge": Kind(Way.POST),
    "card": Kind(Way.EDIT),
    "digest": Kind(Way.POST),
    "digest-edit": Kind(Way.EDIT),
    "sponsor": Kind(Way.POST),
    "weekly": Kind(Way.POST),
    "notice": Kind(Way.POST),
    "notice-edit": Kind(Way.EDIT),
    "home": Kind(Way.HOME),
    "trackers": Kind(Way.NONE),
    "dropped-file": Kind(Way.NONE),
    "plan-file": Kind(Way.POST),
    "plan-load": Kind(Way.NONE),
    "review": Kind(Way.VIEW),
    "preview": Kind(Way.POST),
    "preview-files": Kind(Way.FILES),
    "post": Kind(Way.POST, Of.PROJECT),
    "post-edit": Kind(Way.EDIT, Of.PROJECT),
    "post-refresh": Kind(Way.EDIT),
    "decision": Kind(Way.POST, Of.PROJECT),
    "decision-edit": Kind(Way.EDIT),
    "files": Kind(Way.NONE, Of.PROJECT),
    "file": Kind(Way.FILES, Of.PROJECT),
    "section": Kind(Way.POST, Of.PROJECT),
    "revision": Kind(Way.POST, Of.PROJECT),
    "reply": Kind(Way.POST, Of.PROJECT),
    "portfolio-review": Kind(Way.VIEW),
    "portfolio-preview": Kind(Way.POST),
    "portfolio-preview-files": Kind(Way.FILES),
    "portfolio-post": Kind(Way.POST, Of.PORTFOLIO),
    "portfolio-post-edit": Kind(Way.EDIT, Of.PORTFOLIO),
    "portfolio-files": Kind(Way.NONE, Of.PORTFOLIO),
    "portfolio-file": Kind(Way.FILES, Of.PORTFOLIO),
    "portfolio-project": Kind(Way.POST, Of.PORTFOLIO),
    "portfolio-revision": Kind(Way.POST, Of.PORTFOLIO),
}
OF_PROJECT = frozenset(name for name, kind in KINDS.items() if kind.of is Of.PROJECT)
OF_PORTFOLIO = frozenset(name for name, kind in KINDS.items() if kind.of is Of.PORTFOLIO)
IN_CHANNEL = frozenset(name for name, kind in KINDS.items() if kind.is_in_channel)
