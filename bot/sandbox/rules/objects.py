"""Composition objects: texts, options, confirm dialogs, filters (…/block-kit/composition-objects)."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.sandbox.rules.shapes import (
    Check,
    Fault,
    at_least_one,
    boolean,
    exactly_one,
    kind,
    listing,
    one_of,
    record,
    string,
    tagged,
)

ACTION_ID = BLOCK_ID = CALLBACK_ID = EXTERNAL_ID = string(255)
USER_ID = string(64, pattern=r"[UW][A-Z0-9]+")
CHANNEL_ID = string(64, pattern=r"C[A-Z0-9]+")
CONVERSATION_ID = string(64, pattern=r"[CDGUW][A-Z0-9]+")
URL = string(3000, pattern=r"(https?://|mailto:|slack://)\S+")
TIME = string(5, pattern=r"([01]\d|2[0-3]):[0-5]\d")

MOST_OPTIONS = 100
MOST_CHOICES = 10
MOST_OVERFLOW_OPTIONS = 5


def plain(high: int) -> Check:
    """A plain_text object of 1 to `high` characters."""
    return kind("plain_text", {"text": string(high)}, {"emoji": boolean})


def words(high: int) -> Check:
    """A plain_text or mrkdwn object of 1 to `high` characters."""
    return tagged({"plain_text": plain(high), "mrkdwn": kind("mrkdwn", {"text": string(high)}, {"verbatim": boolean})})


CONFIRM = record(
    {"title": plain(100), "text": words(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)
PLACEHOLDER = plain(150)
OPTION = record({"text": plain(75), "value": string(150)}, {"description": plain(75)})
CHOICE = record({"text": words(75), "value": string(150)}, {"description": words(75)})
OVERFLOW_OPTION = record({"text": plain(75), "value": string(150)}, {"description": plain(75), "url": URL})
OPTION_GROUP = record({"label": plain(75), "options": listing(OPTION, MOST_OPTIONS)})
FILTER = record(
    {},
    {
        "include": listing(one_of("im", "mpim", "private", "public"), 4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
    [at_least_one("include", "exclude_external_shared_channels", "exclude_bot_users")],
)
SLACK_FILE = record({}, {"id": string(64, pattern=r"F[A-Z0-9]{8,}"), "url": URL}, [exactly_one("id", "url")])
DISPATCH = record(
    {"trigger_actions_on": listing(one_of("on_enter_pressed", "on_character_entered"), 2)},
)


def calendar_date(value: Any, at: str) -> Iterator[Fault]:
    """A day that exists, written YYYY-MM-DD."""
    try:
        sound = len(value) == len("YYYY-MM-DD") and bool(date.fromisoformat(value))
    except (TypeError, ValueError):
        sound = False
    if not sound:
        yield Fault(at, "must be a date of the form YYYY-MM-DD")


def time_zone(value: Any, at: str) -> Iterator[Fault]:
    """The name of an IANA time zone."""
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        yield Fault(at, "must be an IANA time zone")


def all_options(element: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Every option of a select, radio group or checkbox group, those inside option groups included."""
    grouped = [option for group in element.get("option_groups", ()) for option in group["options"]]
    return [*element.get("options", ()), *grouped]


def initial_among_options(element: Mapping[str, Any], at: str) -> Iterator[Fault]:
    """A rule: what is chosen at first must be one of the options, with the same text and value."""
    offered = {_face(option) for option in all_options(element)}
    for name in ("initial_option", "initial_options"):
        chosen = element.get(name, ())
        for option in chosen if name == "initial_options" else [chosen] if chosen else []:
            if _face(option) not in offered:
                yield Fault(f"{at}/{name}", f"`{name}` must match one of the options")


def distinct_values(element: Mapping[str, Any], at: str) -> Iterator[Fault]:
    """A rule: two options with one value cannot be told apart by the app."""
    values = [option["value"] for option in all_options(element)]
    if len(values) != len(set(values)):
        yield Fault(at, "option values must be unique")


def _face(option: Mapping[str, Any]) -> tuple[str, str]:
    return option["text"]["text"], option["value"]
