"""What chat.postMessage, chat.update and chat.postEphemeral refuse (docs.slack.dev/reference/methods)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.sandbox.rules.blocks import MOST_MARKDOWN_CHARACTERS, check_blocks
from bot.sandbox.rules.rich_text import MOST_TABLE_CHARACTERS, visible_characters
from bot.sandbox.rules.shapes import Fault, Problem, length

MOST_TEXT = 40_000  # Slack cuts what is longer; here it is refused, so that nothing is lost silently
MOST_UPDATE_TEXT = 4_000
MOST_MARKDOWN_TEXT = 12_000
MOST_ATTACHMENTS = 100
MOST_BLOCK_CHARACTERS = 13_000  # unpublished: about 13,200 was measured (slackapi/bolt-js issue 2509)
MOST_METADATA_CHARACTERS = 8_000  # unpublished: a size limit is known to exist, its number is not


def check_message(payload: Mapping[str, Any]) -> list[Problem]:
    """Check the content of a message to post: text, markdown_text, blocks, attachments and metadata.

    Other arguments of the call (channel, thread_ts, …) are not looked at. An empty list means Slack takes it.
    """
    return [*_text(payload, MOST_TEXT), *_content(payload)]


def check_update(payload: Mapping[str, Any]) -> list[Problem]:
    """Check new content for a message that exists: as check_message, with chat.update's shorter text."""
    return [*_text(payload, MOST_UPDATE_TEXT), *_content(payload)]


def _content(payload: Mapping[str, Any]) -> Iterator[Problem]:
    yield from _something_to_show(payload)
    yield from _blocks(payload)
    yield from _attachments(payload)
    yield from _metadata(payload)


def _text(payload: Mapping[str, Any], high: int) -> Iterator[Problem]:
    text = payload.get("text") or ""
    markdown = payload.get("markdown_text") or ""
    if not isinstance(text, str) or not isinstance(markdown, str):
        yield Problem("invalid_arguments", "/text", "must provide a string")
        return
    if length(text) > high:
        yield Problem("msg_too_long", "/text", f"must be less than {high + 1} characters")
    if length(markdown) > MOST_MARKDOWN_TEXT:
        yield Problem("msg_too_long", "/markdown_text", f"must be less than {MOST_MARKDOWN_TEXT + 1} characters")
    if markdown and (text or payload.get("blocks")):
        yield Problem("markdown_text_conflict", "/markdown_text", "cannot be used with text or blocks")


def _something_to_show(payload: Mapping[str, Any]) -> Iterator[Problem]:
    shown = (payload.get(name) for name in ("blocks", "attachments", "markdown_text"))
    if not any(shown) and not str(payload.get("text") or "").strip():
        yield Problem("no_text", "", "the message has no text, blocks or attachments")


def _blocks(payload: Mapping[str, Any]) -> Iterator[Problem]:
    blocks = payload.get("blocks")
    if blocks is None:
        return
    faults = list(check_blocks(blocks, "message"))
    if faults:
        yield from (Problem("invalid_blocks", *fault) for fault in faults)
        return
    yield from _tables([(block, f"/blocks/{position}") for position, block in enumerate(blocks)])
    yield from _totals(blocks)


def _totals(blocks: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    markdown = visible_characters([block for block in blocks if block["type"] == "markdown"])
    if markdown > MOST_MARKDOWN_CHARACTERS:
        message = f"markdown blocks together must be less than {MOST_MARKDOWN_CHARACTERS + 1} characters"
        yield Problem("invalid_blocks", "/blocks", message)
    total = visible_characters([block for block in blocks if block["type"] != "table"])
    if total > MOST_BLOCK_CHARACTERS:
        message = f"blocks together must be less than {MOST_BLOCK_CHARACTERS + 1} characters"
        yield Problem("msg_blocks_too_long", "/blocks", message)


def _tables(blocks: Sequence[tuple[Mapping[str, Any], str]]) -> Iterator[Problem]:
    """A message carries one table; Slack draws it as an attachment and says so in its error."""
    tables = [(block, at) for block, at in blocks if block["type"] == "table"]
    for _, at in tables[1:]:
        yield Problem("invalid_attachments", at, "only_one_table_allowed")
    for table, at in tables:
        if visible_characters(table) + _number_characters(table) > MOST_TABLE_CHARACTERS:
            message = f"cells together must be less than {MOST_TABLE_CHARACTERS + 1} characters"
            yield Problem("invalid_attachments", at, message)


def _number_characters(table: Mapping[str, Any]) -> int:
    numbers = (cell for row in table["rows"] for cell in row if "value" in cell and "text" not in cell)
    return sum(len(str(cell["value"])) for cell in numbers)


def _attachments(payload: Mapping[str, Any]) -> Iterator[Problem]:
    attachments = payload.get("attachments")
    if attachments is None:
        return
    if not isinstance(attachments, list | tuple) or not all(isinstance(item, Mapping) for item in attachments):
        yield Problem("invalid_attachments", "/attachments", "must provide an array of objects")
        return
    if len(attachments) > MOST_ATTACHMENTS:
        yield Problem("too_many_attachments", "/attachments", f"no more than {MOST_ATTACHMENTS} items allowed")
    for position, attachment in enumerate(attachments):
        faults = check_blocks(attachment.get("blocks", []), "message", f"/attachments/{position}/blocks")
        yield from (Problem("invalid_attachments", *fault) for fault in faults)


def _metadata(payload: Mapping[str, Any]) -> Iterator[Problem]:
    metadata = payload.get("metadata")
    if metadata is None:
        return
    faults = list(_metadata_faults(metadata))
    yield from (Problem("invalid_metadata_format", *fault) for fault in faults)
    if not faults and len(json.dumps(metadata, ensure_ascii=False)) > MOST_METADATA_CHARACTERS:
        yield Problem("metadata_too_large", "/metadata", f"must be less than {MOST_METADATA_CHARACTERS + 1}")


def _metadata_faults(metadata: Any) -> Iterator[Fault]:
    if not isinstance(metadata, Mapping):
        yield Fault("/metadata", "must provide an object")
        return
    if not isinstance(metadata.get("event_type"), str) or not metadata["event_type"]:
        yield Fault("/metadata/event_type", "must provide a string")
    if not isinstance(metadata.get("event_payload"), Mapping):
        yield Fault("/metadata/event_payload", "must provide an object")
    for name in metadata.keys() - {"event_type", "event_payload"}:
        yield Fault(f"/metadata/{name}", f"invalid additional property: {name}")
