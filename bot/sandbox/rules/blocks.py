"""Blocks, and which of them may stand on which surface (docs.slack.dev/reference/block-kit/blocks).

The 2026 blocks whose limits or surfaces no source settles (card, carousel, container, data_table,
data_visualization, task_card, plan) and `file`, which cannot be posted, are refused as unknown.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from bot.sandbox.rules.elements import ACCESSORIES, IMAGE, IN_ACTIONS, IN_INPUT, IN_MODAL_INPUT
from bot.sandbox.rules.objects import BLOCK_ID, SLACK_FILE, URL, plain, words
from bot.sandbox.rules.rich_text import RICH_TEXT, TABLE
from bot.sandbox.rules.shapes import (
    Check,
    Fault,
    at_least_one,
    boolean,
    exactly_one,
    kind,
    listing,
    one_of,
    repeated,
    string,
    tagged,
)

Surface = Literal["message", "modal", "home"]

MOST_BLOCKS: Mapping[Surface, int] = {"message": 50, "modal": 100, "home": 100}
MOST_MARKDOWN_CHARACTERS = 12_000  # over all markdown blocks of a payload

_NAMED = {"block_id": BLOCK_ID}
_CONTEXT_ITEM = tagged({**{name: words(3000) for name in ("plain_text", "mrkdwn")}, "image": IMAGE})


def _actions_differ(block: Mapping[str, Any], at: str) -> Iterator[Fault]:
    named = [
        (element["action_id"], f"{at}/elements/{position}/action_id")
        for position, element in enumerate(block["elements"])
        if "action_id" in element
    ]
    yield from repeated(named, "action_id")


def _input(elements: Mapping[str, Check]) -> Check:
    return kind(
        "input",
        {"label": plain(2000), "element": tagged(elements)},
        {**_NAMED, "hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
    )


_EVERYWHERE: dict[str, Check] = {
    "section": kind(
        "section",
        {},
        {
            **_NAMED,
            "text": words(3000),
            "fields": listing(words(2000), 10),
            "accessory": tagged(ACCESSORIES),
            "expand": boolean,
        },
        [at_least_one("text", "fields")],
    ),
    "header": kind("header", {"text": plain(150)}, _NAMED),
    "context": kind("context", {"elements": listing(_CONTEXT_ITEM, 10)}, _NAMED),
    "actions": kind("actions", {"elements": listing(tagged(IN_ACTIONS), 25)}, _NAMED, [_actions_differ]),
    "divider": kind("divider", {}, _NAMED),
    "image": kind(
        "image",
        {"alt_text": string(2000)},
        {**_NAMED, "image_url": URL, "slack_file": SLACK_FILE, "title": plain(2000)},
        [exactly_one("image_url", "slack_file")],
    ),
    "rich_text": RICH_TEXT,
    "video": kind(
        "video",
        {"alt_text": string(2000), "title": plain(199), "thumbnail_url": URL, "video_url": URL},
        {
            **_NAMED,
            "author_name": string(49),
            "description": plain(200),
            "provider_icon_url": URL,
            "provider_name": string(100),
            "title_url": URL,
        },
    ),
}
_BY_SURFACE: dict[Surface, dict[str, Check]] = {
    "message": {
        **_EVERYWHERE,
        "input": _input(IN_INPUT),
        "markdown": kind("markdown", {"text": string(MOST_MARKDOWN_CHARACTERS)}, _NAMED),
        "table": TABLE,
    },
    "modal": {
        **_EVERYWHERE,
        "input": _input(IN_MODAL_INPUT),
        "alert": kind(
            "alert",
            {"text": words(3000)},
            {**_NAMED, "level": one_of("default", "info", "warning", "error", "success")},
        ),
    },
    "home": {**_EVERYWHERE, "input": _input(IN_INPUT)},
}
_BLOCKS: dict[Surface, Check] = {
    surface: listing(tagged(kinds), MOST_BLOCKS[surface], low=0) for surface, kinds in _BY_SURFACE.items()
}


def check_blocks(blocks: Any, surface: Surface, at: str = "/blocks") -> Iterator[Fault]:
    """Check an array of blocks for one surface: each block, their number, and that block_ids differ."""
    faults = list(_BLOCKS[surface](blocks, at))
    yield from faults or _block_ids_differ(blocks, at)


def _block_ids_differ(blocks: Sequence[Mapping[str, Any]], at: str) -> Iterator[Fault]:
    named = [
        (block["block_id"], f"{at}/{position}/block_id") for position, block in enumerate(blocks) if "block_id" in block
    ]
    yield from repeated(named, "block_id")


def elements_of(block: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The elements of a block that a person can act on or read: its accessory, its element, its elements."""
    single = [block[name] for name in ("accessory", "element") if name in block]
    return single + list(block.get("elements", ())) if block.get("type") in ("actions", "context") else single
