"""A milestone's place in a tracker, as the portfolio file names it: ``tracker: {github: owner/repo#12}``."""

from __future__ import annotations

from functools import partial

from bot.domain.tracker_ref import TrackerRef, TrackerSource, read_place
from bot.intake.fields import Fields

FIELDS = tuple(TrackerSource)


def read_tracker(fields: Fields) -> TrackerRef | None:
    """The place that a milestone's fields name; None where they name none, or what is wrong with it was noted."""
    own = fields.group("tracker", FIELDS)
    if own is None:
        return None
    given = [source for source in TrackerSource if own.has(source)]
    if len(given) != 1:
        fields.problem("tracker", f"expected one of {', '.join(FIELDS)}, such as {{github: owner/repository#12}}")
        return None
    return own.read(given[0], partial(read_place, given[0]))
