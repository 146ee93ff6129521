"""A dialog's draft: what was typed into its fields, read out as they are filled and put back when it opens again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.domain.quarter import Quarter
from bot.slack.blocks import Block, metadata_of
from bot.slack.forms.fields import block_id, name_of, with_text
from bot.slack.forms.filled import Filled
from bot.slack.ids import View
from bot.slack.words import Words

Typed = Mapping[str, str | None]

_LONGEST = 300  # characters of a dialog's name in the database
_DRAFTED = "~"  # ends the id of a block whose field was filled from a draft: what it was opened with is not sent yet


def dialog_of(view: Mapping[str, Any]) -> str:
    """What a dialog is about, as a name: its kind and its item, whatever else it knows of itself."""
    metadata = metadata_of(view)
    about = metadata["ref"] if "ref" in metadata else [metadata[key] for key in ("project", "quarter", "risk")]
    return f"{view['callback_id']}:{json.dumps(about, ensure_ascii=False)}"[:_LONGEST]


def quarter_of(view: Mapping[str, Any]) -> Quarter:
    """The quarter that a dialog is about."""
    metadata = metadata_of(view)
    return Quarter.parse(metadata["ref"][1] if "ref" in metadata else metadata["quarter"])


def has_draft(view: Mapping[str, Any]) -> bool:
    """Whether what is typed into a dialog is kept."""
    return view.get("callback_id") in (View.MILESTONE, View.RESOURCES, View.RISK)


def typed_in(view: Mapping[str, Any], words: Words) -> dict[str, str | None]:
    """The fields that do not hold what was last sent: their names, and what stands there now."""
    filled = Filled(view, words)
    inputs = {name_of(block["block_id"]): block["block_id"] for block in view["blocks"] if block["type"] == "input"}
    return {
        name: filled.typed(name)
        for name, block in inputs.items()
        if block.endswith(_DRAFTED) or not filled.is_untouched(name)
    }


def refilled(blocks: Sequence[Block], typed: Typed, mark: str = "") -> list[Block]:
    """A dialog's blocks with what was typed put back; fields that are no longer there are passed over.

    In a dialog that is open already a new `mark` makes Slack take the fields for others, and forget what stood in them.
    """
    return [_refilled(block, typed, mark) for block in blocks]


def reset(blocks: Sequence[Block], mark: str) -> list[Block]:
    """The blocks under other ids, so that Slack forgets what was typed into them."""
    return [_renamed(block, f".{mark}") if "block_id" in block else block for block in blocks]


def _refilled(block: Block, typed: Typed, mark: str) -> Block:
    name = name_of(block.get("block_id", ""))
    if block["type"] != "input" or name not in typed:
        return block
    return _renamed({**block, "element": with_text(block["element"], typed[name] or "")}, f"{mark}{_DRAFTED}")


def _renamed(block: Block, mark: str) -> Block:
    salt = block["block_id"].rpartition("|")[2]
    return {**block, "block_id": block_id(name_of(block["block_id"]), f"{salt}{mark}")}
