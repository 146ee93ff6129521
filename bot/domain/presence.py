"""Presence: until when a person is not to be written to. What Slack does not tell counts as present."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

# Slack has no official mark for being away: these emoji and words are how people say it.
_AWAY_EMOJI = frozenset({
    ":palm_tree:", ":desert_island:", ":beach_with_umbrella:", ":airplane:", ":airplane_departure:", ":island:",
    ":face_with_thermometer:", ":mask:", ":hospital:", ":baby:", ":baby_bottle:", ":no_entry:", ":no_entry_sign:",
})  # fmt: skip
_AWAY_WORDS = re.compile(
    r"\b(out of (the )?office|ooo|on (annual |parental |maternity |paternity |sick |medical )?leave|vacation|on holiday"
    r"|holidays|pto|off sick|sick day|sick|away until|travell?ing|day off|off today)\b",
    re.IGNORECASE,
)


def says_away(emoji: str, text: str) -> bool:
    """Whether a status says that its person is away."""
    return emoji in _AWAY_EMOJI or _AWAY_WORDS.search(text) is not None


@dataclass(frozen=True, slots=True)
class Presence:
    """What Slack tells of a person's presence. Instants are UTC.

    `is_away` without `away_until` is a status without an end. Do-not-disturb lasts from `dnd_from` until `dnd_until`.
    """

    is_away: bool = False
    away_until: datetime | None = None
    dnd_from: datetime | None = None
    dnd_until: datetime | None = None

    def next_present(self, moment: datetime) -> datetime | None:
        """The first instant at or after a moment at which the person is present; None where no end is known."""
        if self.is_away:
            if self.away_until is None:
                return None
            moment = max(moment, self.away_until)
        if self.dnd_from and self.dnd_until and self.dnd_from <= moment < self.dnd_until:
            moment = self.dnd_until
        return moment


PRESENT = Presence()


def first_good(moment: datetime, presence: Presence, next_in_hours: Callable[[datetime], datetime]) -> datetime | None:
    """The first instant at or after a moment that lies in a person's hours while they are present; None where none is known.

    Presence and hours push each other on: the end of a holiday may fall into the night, the morning into do-not-disturb.
    """
    while True:
        working = next_in_hours(moment)
        present = presence.next_present(working)
        if present is None or present == working:
            return present
        moment = present
