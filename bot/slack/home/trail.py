"""The audit trail as a view that only shows: a page of lines, the newest first."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from bot.flow.home.trail import TrailLine, TrailPage
from bot.locales import Locale
from bot.slack.blocks import Block, context, modal, section
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
        *(section(_line(line, trail, words)) for line in trail.page.items),
        *pager(trail.page, LIST, words),
    ]
    return modal(
        words.label("audit-trail"),
        blocks,
        callback_id=View.AUDIT_TRAIL,
        close=words.label("close"),
        metadata={"until": trail.until},
    )


def _line(line: TrailLine, trail: TrailPage, words: Words) -> str:
    zone, locale = ZoneInfo(trail.zone), Locale(trail.locale)
    return words.say(
        "home/trail-line.j2",
        day=locale.date_short(line.at.astimezone(zone).date()),
        time=locale.time(line.at, zone),
        who=one_line(line.who, 60),
        via=line.via,
        what=line.what.replace("-", " "),
        subject=one_line(line.subject),
        detail=one_line(line.detail, 300),
    )
