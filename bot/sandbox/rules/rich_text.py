"""Rich text and tables (docs.slack.dev/reference/block-kit/blocks)."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.sandbox.rules.objects import BLOCK_ID, CHANNEL_ID, URL, USER_ID
from bot.sandbox.rules.shapes import (
    Check,
    Fault,
    boolean,
    integer,
    kind,
    length,
    listing,
    one_of,
    record,
    string,
    tagged,
)

MOST_TABLE_ROWS = 100
MOST_TABLE_COLUMNS = 20
MOST_TABLE_CHARACTERS = 10_000  # over the cells of all tables of a message
ANY_LENGTH = 100_000  # no bound of its own is published; the totals of a message and a view still hold
ANY_COUNT = 1_000

_STYLE = record({}, dict.fromkeys(("bold", "italic", "strike", "code", "underline"), boolean))
_STYLED = {"style": _STYLE}
_INLINE = tagged(
    {
        "text": kind("text", {"text": string(ANY_LENGTH)}, _STYLED),
        "link": kind("link", {"url": URL}, {"text": string(ANY_LENGTH), "unsafe": boolean, **_STYLED}),
        "emoji": kind("emoji", {"name": string(100)}, {"unicode": string(100), "skin_tone": integer(1, 6)}),
        "user": kind("user", {"user_id": USER_ID}, _STYLED),
        "usergroup": kind("usergroup", {"usergroup_id": string(64, pattern=r"S[A-Z0-9]+")}, _STYLED),
        "channel": kind("channel", {"channel_id": CHANNEL_ID}, _STYLED),
        "broadcast": kind("broadcast", {"range": one_of("here", "channel", "everyone")}),
        "date": kind(
            "date",
            {"timestamp": integer(0, 10**10), "format": string(1_000)},
            {"url": URL, "fallback": string(1_000), **_STYLED},
        ),
        "color": kind("color", {"value": string(20)}),
    }
)
_INLINES = listing(_INLINE, ANY_COUNT, low=0)
_SECTION = kind("rich_text_section", {"elements": _INLINES})
_BORDER = {"border": integer(0, 1)}
_PART = tagged(
    {
        "rich_text_section": _SECTION,
        "rich_text_list": kind(
            "rich_text_list",
            {"elements": listing(_SECTION, ANY_COUNT), "style": one_of("bullet", "ordered")},
            {"indent": integer(0, 8), "offset": integer(0, 10_000), **_BORDER},
        ),
        "rich_text_quote": kind("rich_text_quote", {"elements": _INLINES}, _BORDER),
        "rich_text_preformatted": kind(
            "rich_text_preformatted", {"elements": _INLINES}, {"language": string(50), **_BORDER}
        ),
    }
)

RICH_TEXT = kind("rich_text", {"elements": listing(_PART, ANY_COUNT)}, {"block_id": BLOCK_ID})


def _number(value: Any, at: str) -> Iterator[Fault]:
    if not isinstance(value, int | float) or isinstance(value, bool):
        yield Fault(at, "must provide a number")


_CELL = tagged(
    {
        "raw_text": kind("raw_text", {"text": string(ANY_LENGTH)}),
        "raw_number": kind("raw_number", {"value": _number}, {"text": string(ANY_LENGTH)}),
        "rich_text": RICH_TEXT,
    }
)
_COLUMN = record({}, {"align": one_of("left", "center", "right"), "is_wrapped": boolean})


def _nullable(of: Check) -> Check:
    def check(value: Any, at: str) -> Iterator[Fault]:
        if value is not None:
            yield from of(value, at)

    return check


TABLE = kind(
    "table",
    {"rows": listing(listing(_CELL, MOST_TABLE_COLUMNS), MOST_TABLE_ROWS)},
    {"block_id": BLOCK_ID, "column_settings": listing(_nullable(_COLUMN), MOST_TABLE_COLUMNS)},
)


def visible_characters(value: Any) -> int:
    """Count the characters people would read anywhere inside a block or a cell: its `text` strings."""
    if isinstance(value, Mapping):
        own = length(value["text"]) if isinstance(value.get("text"), str) else 0
        return own + sum(visible_characters(item) for item in value.values())
    if isinstance(value, list | tuple):
        return sum(visible_characters(item) for item in value)
    return 0
