"""How figures, dates and names are said in a line of Slack text: plain strings, escaped later where they are put."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from bot.domain.attachment import Attachment
from bot.domain.milestone_line import Known
from bot.domain.movement import Movement, movement
from bot.domain.project import RagStatus
from bot.domain.quarter import Quarter
from bot.domain.rounding import one_decimal
from bot.locales import Locale
from bot.slack.blocks import clean, clip
from bot.slack.words import Words
from bot.texts import SAFE

UP, DOWN, SAME = "▲", "▼", "="
ARROWS = {Movement.BETTER: UP, Movement.WORSE: DOWN, Movement.SAME: SAME}

_MARKS = {
    RagStatus.COMPLETE: "✅",
    RagStatus.ON_TRACK: "🟢",
    RagStatus.AT_RISK: "🟠",
    RagStatus.OFF_TRACK: "🔴",
    RagStatus.NOT_STARTED: "⚪",
    RagStatus.NOT_KNOWN: "❔",
}
_SMALL_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_DAYS_WITHOUT_YEAR = 300  # a day further away than this is named with its year, or it would be taken for a nearer one


@dataclass(frozen=True, slots=True)
class Voice:
    """Words and figures for one reader.

    `quarter` is the one that is talked about and `label` its name on screen; `today` is only compared with, to decide
    whether a date needs its year.
    """

    words: Words
    locale: Locale
    quarter: Quarter
    label: str
    today: date

    def quarter_name(self, quarter: Quarter) -> str:
        """Another quarter as briefly as it stays clear: ``Q3``, with its year from four quarters' distance on."""
        if abs(self.quarter.since(quarter)) < 4:
            return f"Q{quarter.number}"
        return f"Q{quarter.number} {'FY' if 'FY' in self.label else ''}{quarter.year}"

    def when(self, quarter: Quarter) -> str:
        """An earlier quarter as the start of a sentence: ``last quarter`` or ``in Q2``."""
        return "last quarter" if self.quarter.since(quarter) == 1 else f"in {self.quarter_name(quarter)}"

    def aged(self, quarter: Quarter) -> str:
        """An earlier quarter with its age: ``Q3``, ``Q2, two quarters ago``."""
        age = self.quarter.since(quarter)
        return f"{self.quarter_name(quarter)}{f', {number_word(age)} quarters ago' if age > 1 else ''}"

    def day(self, day: date) -> str:
        """A date without its year where that is clear."""
        is_near = abs((day - self.today).days) < _DAYS_WITHOUT_YEAR
        return self.locale.date_short(day) if is_near else self.locale.date_long(day)

    def weekday(self, instant: datetime, zone: str) -> str:
        """The day of an instant on somebody's own calendar."""
        return self.locale.weekday_date(instant.astimezone(ZoneInfo(zone)).date())

    def time(self, instant: datetime, zone: str) -> str:
        """The time of an instant on somebody's own clock."""
        return self.locale.time(instant, ZoneInfo(zone))

    def percent(self, value: Decimal) -> str:
        """``85%``."""
        return self.locale.percent(value)

    def progress(self, now: Decimal | None, before: Decimal | None) -> str:
        """``60 → 85%``, or the one that is known; empty where neither is."""
        if now is None:
            return "" if before is None else self.percent(before)
        if before is None or before == now:
            return self.percent(now)
        return f"{self.locale.number(one_decimal(before))} → {self.percent(now)}"

    def known(self, known: Known | None) -> str:
        """What was last said, without when: ``60%, on track, forecast Feb 12``; empty where nothing was."""
        return self.standing(known.percent_complete, known.status, known.forecast) if known else ""

    def standing(
        self,
        percent: Decimal | None,
        status: RagStatus | None,
        forecast: date | None,
        *,
        before: Decimal | None = None,
    ) -> str:
        """Percent, status and forecast as one phrase of what is given."""
        said = [
            self.progress(percent, before),
            status.value.lower() if status else "",
            f"forecast {self.day(forecast)}" if forecast and status is not RagStatus.COMPLETE else "",
        ]
        return ", ".join(filter(None, said))

    def money(self, amount: Decimal, currency: str | None) -> str:
        """An amount at a glance, ``$1.04M``; a plain number where no currency is known."""
        return self.locale.money_short(amount, currency) if currency else self.locale.number(amount)

    def variance(self, percent: Decimal) -> str:
        """``18% over budget``, ``2% under budget`` or ``on budget``."""
        return f"{self.variance_before(percent)} budget" if one_decimal(percent) else "on budget"

    def variance_before(self, percent: Decimal) -> str:
        """The same beside another variance: ``6% over``, ``2% under`` or ``on budget``."""
        shown = one_decimal(percent)
        return f"{self.percent(abs(shown))} {'over' if shown > 0 else 'under'}" if shown else "on budget"


def clock_of(zone: str) -> str:
    """Whose clock a time is on, by the zone's name: ``New York time``."""
    return f"{zone.rpartition('/')[2].replace('_', ' ')} time"


def one_line(text: str, limit: int = 120) -> str:
    """A person's words on one line. Right-to-left words are isolated, or they would turn the figures around them."""
    line = clip(" ".join(clean(text).split()), limit)
    if any(unicodedata.bidirectional(character) in ("R", "AL") for character in line):
        return f"\u2068{line}\u2069"
    return line


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """``1 milestone``, ``3 milestones``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def number_word(number: int) -> str:
    """A small number as a word, a larger one in figures."""
    return _SMALL_NUMBERS[number] if number < len(_SMALL_NUMBERS) else f"{number:,}"


def ordinal(number: int) -> str:
    """``2nd``, ``3rd``, ``11th``."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def listed(names: Sequence[str], most: int) -> str:
    """The first few names and how many more there are: ``A, B and 7 more``."""
    shown = [*names[:most], *([f"{len(names) - most:,} more"] if len(names) > most else [])]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}" if shown else ""


def names_of(people: Sequence[str]) -> str:
    """A few people in a line about something else: ``Mei Lin and Sam Roe``; empty for none."""
    return listed([one_line(name, 60) for name in people], 3)


def marked(status: RagStatus) -> str:
    """A status with its colour, never the colour alone."""
    return f"{_MARKS[status]} {status.value}"


def mark(status: RagStatus) -> str:
    """The colour of a status."""
    return _MARKS[status]


def direction(now: RagStatus, before: RagStatus | None) -> str:
    """The arrow of a status: better, worse or the same; empty where one of them cannot be compared."""
    moved = movement(now, before)
    return ARROWS[moved] if moved else ""


def link_words(piece: Attachment) -> str:
    """What a link is called; a bar would end its address."""
    return one_line(piece.title or piece.url, 80).replace("|", "/")


def channel_link(name: str) -> str:
    """A channel as a link where its id is known, else by its name."""
    is_id = name[:1] in ("C", "G") and name.isalnum() and name.isupper() and len(name) > 5
    if is_id:
        return SAFE(f"<#{name}>")
    return f"#{one_line(name).removeprefix('#')}" if name else ""
