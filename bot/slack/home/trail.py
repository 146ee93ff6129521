"""The audit trail as a view that only shows: a page of sentences under their days, the newest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby
from zoneinfo import ZoneInfo

from bot.flow.home.trail import TrailLine, TrailPage
from bot.locales import Locale
from bot.slack.blocks import Block, context, modal, section, split_text
from bot.slack.home.pager import pager, span
from bot.slack.ids import View
from bot.slack.voice import one_line
from bot.slack.words import Words

LIST = "trail"


def build(trail: TrailPage, words: Words) -> Block:
    """The view; its metadata hold the newest line there was when it was opened."""
    note = span(trail.page, words)
    blocks = [
        section(words.say("home/trail.j2", is_empty=not trail.page.total)),
        *([context(note)] if note else []),
        *(section(piece, is_unfolded=True) for day in _days(trail, words) for piece in split_text(day)),
        *pager(trail.page, LIST, words),
    ]
    return modal(
        words.label("audit-trail"),
        blocks,
        callback_id=View.AUDIT_TRAIL,
        close=words.label("close"),
        metadata={"until": trail.until},
    )


def sentence(line: TrailLine, locale: Locale, words: Words) -> str:
    """What a line says, as plain text: who did what, to what, for which quarter, and from where."""
    return words.say_plain(
        "home/trail-line.j2",
        who=one_line(line.who, 60),
        via=line.via,
        what=line.what,
        project=one_line(line.project, 80),
        milestone=one_line(line.milestone, 80),
        about=one_line(line.about, 60),
        quarter=line.quarter,
        detail=defaultdict(str, {name: one_line(value, 60) for name, value in line.detail.items()}),
        until=locale.date_long(line.until) if line.until else "",
    )


def _days(trail: TrailPage, words: Words) -> Iterator[str]:
    """A paragraph for each day of the company's."""
    zone, locale = ZoneInfo(trail.zone), Locale(trail.locale)
    for day, lines in groupby(trail.page.items, lambda line: line.at.astimezone(zone).date()):
        said = [[locale.time(line.at, zone), sentence(line, locale, words)] for line in lines]
        yield words.say("home/trail-day.j2", day=locale.date_long(day), lines=said)
