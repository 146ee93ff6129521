"""What trackers tell of milestones: figures that stand beside their owners' own, and never in their place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from bot.domain.attachment import read_attachment
from bot.domain.errors import BotError
from bot.domain.project import RagStatus
from bot.domain.rounding import one_decimal
from bot.domain.tracker_ref import TrackerRef, TrackerSource


@dataclass(frozen=True, slots=True)
class Tracked:
    """A milestone of a project, by their keys, whose place in a tracker is known."""

    project: str
    milestone: str
    ref: TrackerRef


class Counted(StrEnum):
    """What a tracker counts to tell how much is done."""

    ISSUES = "issues"
    TASKS = "tasks"  # of an issue's task list


@dataclass(frozen=True, slots=True)
class TrackerFigure:
    """What a tracker told of one milestone at `read_at` (UTC).

    `percent` is 0 to 100; it comes from `done` of `total` things `counted`, which are None where the tracker names the
    percentage itself. `place` is as in `TrackerRef`, `link` is the address of its page.
    """

    source: TrackerSource
    place: str
    percent: Decimal
    read_at: datetime
    link: str | None = None
    status: RagStatus | None = None
    forecast: date | None = None
    done: int | None = None
    total: int | None = None
    counted: Counted | None = None

    @property
    def name(self) -> str:
        """Who says it: ``GitHub``, ``Jira``, or the name of the file."""
        return self.place.rpartition("/")[2] if self.source is TrackerSource.FILE else self.source.label

    def is_far_from(self, percent: Decimal | None, points: Decimal) -> bool:
        """Whether somebody's own percentage differs by more than so many points; never where none was given."""
        return percent is not None and abs(self.percent - percent) > points


@dataclass(frozen=True, slots=True)
class Trackings:
    """What trackers told of a project's milestones in a quarter, by their keys: the newest figure of each.

    `unread` are the milestones whose tracker could not be read when that was last tried, with the reason.
    """

    figures: Mapping[str, TrackerFigure] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)


def share(done: int, total: int) -> Decimal:
    """How many percent of a total so many are, with at most one decimal."""
    return one_decimal(Decimal(done) * 100 / total)


def page_link(told: object) -> str | None:
    """The address that a tracker told; None where it cannot be printed as a link everywhere."""
    try:
        found = read_attachment(str(told))
    except BotError:
        return None
    return found.url if found.url == told else None
