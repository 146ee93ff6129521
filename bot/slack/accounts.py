"""Slack's objects as values: users, channels, files. Any of their fields may be absent, null or of another type."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from bot.domain.characters import without_controls
from bot.domain.directory import DirectoryEntry
from bot.domain.presence import says_away
from bot.domain.zones import known_zone
from bot.flow.ports import SharedFile

logger = logging.getLogger(__name__)

_LONGEST_ID = 40  # characters; Slack's own are eleven
_LONGEST_NAME = 200
_LONGEST_ADDRESS = 320
_LONGEST_ZONE = 64
_LONGEST_LOCALE = 35  # characters of a language tag; Slack's own are five
_END_OF_CALENDAR = 253_402_300_800  # UNIX seconds: the year 10000, which a datetime cannot hold


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel by its id and, where it is told, its name: whether another company is in it, and whether the bot is."""

    id: str
    name: str
    is_shared: bool
    is_member: bool


def entry_of_user(user: object, team: str) -> DirectoryEntry | None:
    """An account of Slack's directory from one of its user objects; None for what has no id. `team` is our own workspace.

    Bots, closed accounts and people of other companies, who may press nothing of ours, are not reachable.
    """
    told = fields(user)
    profile = fields(told.get("profile"))
    slack_id, name = text(told.get("id")), _short(told.get("name"))
    if not 0 < len(slack_id) <= _LONGEST_ID:
        return None
    names = (profile.get("display_name"), profile.get("real_name"), told.get("real_name"))
    is_person = not told.get("is_bot") and slack_id != "USLACKBOT"
    return DirectoryEntry(
        slack_id=slack_id,
        name=name,
        display_name=next(filter(None, map(_short, names)), name),
        email=_at_most(profile.get("email"), _LONGEST_ADDRESS),
        timezone=_zone_name(text(told.get("tz"))),
        is_reachable=is_person and _is_ours(told, team) and not told.get("deleted"),
        is_away=says_away(text(profile.get("status_emoji")), text(profile.get("status_text"))),
        away_until=instant(profile.get("status_expiration")),
        locale=_at_most(told.get("locale"), _LONGEST_LOCALE),
    )


def channel_of(found: object) -> Channel | None:
    """A channel from Slack's object of it; None for what has no id."""
    told = fields(found)
    channel = text(told.get("id"))
    if not channel:
        return None
    return Channel(channel, text(told.get("name")), bool(told.get("is_ext_shared")), bool(told.get("is_member")))


def file_of(found: object) -> SharedFile:
    """A file that somebody dropped, from Slack's object of it."""
    told, size = fields(found), fields(found).get("size")
    return SharedFile(text(told.get("name")), size if isinstance(size, int) else 0, text(told.get("url_private")))


def dnd_window(found: object) -> tuple[datetime, datetime] | None:
    """Somebody's present or next do-not-disturb window; None where there is none."""
    told = fields(found)
    start, end = instant(told.get("next_dnd_start_ts")), instant(told.get("next_dnd_end_ts"))
    return (start, end) if told.get("dnd_enabled") and start and end else None


def fields(told: object) -> Mapping[str, Any]:
    """What Slack says of something, by name; nothing where it says nothing."""
    return told if isinstance(told, Mapping) else {}


def items(told: object) -> list[Any]:
    """What Slack lists; nothing where it lists nothing."""
    return told if isinstance(told, list) else []


def text(told: object) -> str:
    """Words that a database can keep: without NUL, and without halves of characters that were cut in two."""
    return told.replace("\0", "").encode(errors="ignore").decode() if isinstance(told, str) else ""


def instant(seconds: object) -> datetime | None:
    """An instant from UNIX seconds; Slack's 0 and 1 mean none, and so does one after the calendar's end."""
    is_one = isinstance(seconds, (int, float)) and 1 < seconds < _END_OF_CALENDAR
    return datetime.fromtimestamp(float(seconds), UTC) if is_one else None  # type: ignore[arg-type]  # a number, as was seen


def _short(told: object) -> str:
    return without_controls(text(told))[:_LONGEST_NAME]


def _at_most(told: object, longest: int) -> str | None:
    """Words that mean nothing when they are cut; None where they are missing or too long."""
    found = text(told)
    return found if 0 < len(found) <= longest else None


def _is_ours(told: Mapping[str, Any], team: str) -> bool:
    """Whether somebody is of our own workspace, or of another one of our company."""
    teams = (told.get("team_id") or team, *items(fields(told.get("enterprise_user")).get("teams")))
    return team in teams and not told.get("is_stranger")


@cache
def _zone_name(told: str) -> str | None:
    """The name of a zone that is known here; of one that is not, the log hears once."""
    if not told:
        return None
    if len(told) <= _LONGEST_ZONE and known_zone(told):
        return told
    logger.warning("slack tells a time zone that is not known here zone=%.64s, the company's stands in", told)
    return None
