"""Block Kit pieces: values in, dicts out, each within Slack's limits. Text given here is already mrkdwn or plain."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.domain.characters import without_controls

Block = dict[str, Any]

SECTION_LIMIT = 2900  # Slack: 3,000; its way of counting emoji is not published, so some room is kept
HEADER_LIMIT = 145  # Slack: 150
TITLE_LIMIT = 24  # title, submit and close of a view
OPTION_LIMIT = 75
ELLIPSIS = "…"


def clip(text: str, limit: int) -> str:
    """A text of at most `limit` characters, ended by an ellipsis where it was longer; never cuts an entity."""
    if slack_length(text) <= limit:
        return text
    cut = _start(text, limit - 1)
    return cut[: _before_entity(cut)].rstrip() + ELLIPSIS


def slack_length(text: str) -> int:
    """Length as a careful count: UTF-16 units, as Slack's clients count; the exact unit is not published."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def clean(text: str) -> str:
    """What a person typed, in one Unicode form and without characters that do something instead of being read."""
    normal = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n")
    return without_controls(normal).strip()


def plain(text: str) -> Block:
    """A plain_text object: nothing in it is read as markup."""
    return {"type": "plain_text", "text": text, "emoji": True}


def mrkdwn(text: str) -> Block:
    """A mrkdwn object. `verbatim` keeps Slack from turning names in people's words into links and pings."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def header(text: str) -> Block:
    """A heading."""
    return {"type": "header", "text": plain(clip(text, HEADER_LIMIT))}


def section(
    text: str, *, accessory: Block | None = None, block_id: str | None = None, is_unfolded: bool = False
) -> Block:
    """A paragraph, with a button or select beside it where given; Slack folds a long one unless told not to."""
    block: Block = {"type": "section", "text": mrkdwn(clip(text, SECTION_LIMIT))}
    if is_unfolded:
        block["expand"] = True
    if accessory:
        block["accessory"] = accessory
    return _named(block, block_id)


def context(*texts: str) -> Block:
    """A small grey line."""
    return {"type": "context", "elements": [mrkdwn(clip(text, SECTION_LIMIT)) for text in texts]}


def divider() -> Block:
    """A rule between parts."""
    return {"type": "divider"}


def actions(*elements: Block, block_id: str | None = None) -> Block:
    """A row of buttons and selects."""
    return _named({"type": "actions", "elements": list(elements)}, block_id)


def button(
    text: str, action: str, *, value: str | None = None, style: str | None = None, label: str | None = None
) -> Block:
    """A button; `label` is what a screen reader says where the visible text is not enough."""
    element: Block = {"type": "button", "text": plain(clip(text, OPTION_LIMIT)), "action_id": action}
    extras = {"value": value, "style": style, "accessibility_label": label and clip(label, OPTION_LIMIT)}
    return element | {key: extra for key, extra in extras.items() if extra}


def option(text: str, value: str) -> Block:
    """One choice of a select."""
    return {"text": plain(clip(text, OPTION_LIMIT)), "value": value}


def select(
    action: str, options: Sequence[Block], *, placeholder: str | None = None, initial: str | None = None
) -> Block:
    """A select of up to 100 options; `initial` is the value chosen at first."""
    element: Block = {"type": "static_select", "action_id": action, "options": list(options)}
    if placeholder:
        element["placeholder"] = plain(clip(placeholder, OPTION_LIMIT))
    chosen = next((o for o in options if o["value"] == initial), None)
    return element | ({"initial_option": chosen} if chosen else {})


def overflow(action: str, options: Sequence[Block]) -> Block:
    """A menu behind three dots, of up to five options."""
    return {"type": "overflow", "action_id": action, "options": list(options)}


def grouped_select(action: str, groups: Sequence[tuple[str, Sequence[Block]]], *, placeholder: str) -> Block:
    """A select whose options stand under labels: up to 100 groups (label, options) of up to 100 options."""
    labelled = [{"label": plain(clip(label, OPTION_LIMIT)), "options": list(options)} for label, options in groups]
    return {
        "type": "static_select",
        "action_id": action,
        "placeholder": plain(clip(placeholder, OPTION_LIMIT)),
        "option_groups": labelled,
    }


def modal(
    title: str,
    blocks: Iterable[Block],
    *,
    callback_id: str,
    submit: str | None = None,
    close: str = "Close",
    metadata: Mapping[str, object] | None = None,
) -> Block:
    """A modal view. `metadata` is kept as small JSON: ids only, since people can read it."""
    view: Block = {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain(clip(title, TITLE_LIMIT)),
        "close": plain(clip(close, TITLE_LIMIT)),
        "blocks": list(blocks),
    }
    if submit:
        view["submit"] = plain(clip(submit, TITLE_LIMIT))
    if metadata is not None:
        view["private_metadata"] = json.dumps({"v": 1, **metadata}, separators=(",", ":"))
    return view


def redrawn(view: Mapping[str, Any], blocks: Sequence[Block]) -> Block:
    """A view as Slack sent it, with other blocks, ready to be sent back: only what may be sent is kept."""
    kept = ("type", "callback_id", "title", "submit", "close", "private_metadata", "notify_on_close")
    return {key: view[key] for key in kept if view.get(key) is not None} | {"blocks": list(blocks)}


def metadata_of(view: Mapping[str, Any]) -> dict[str, Any]:
    """The ids that `modal` kept in a view; empty where there are none."""
    return json.loads(view.get("private_metadata") or "{}")  # type: ignore[no-any-return]  # always an object: ours


def split_text(text: str, limit: int = SECTION_LIMIT) -> list[str]:
    """A long text in pieces of at most `limit` characters, cut between paragraphs, lines or words where possible."""
    pieces = []
    while slack_length(text) > limit:
        window = _start(text, limit)
        at = max(window.rfind("\n\n"), window.rfind("\n"), window.rfind(" "))
        cut = at if at > limit // 4 else _before_entity(window)
        pieces.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [*pieces, text] if text else pieces


def _start(text: str, limit: int) -> str:
    """As much of a text as `limit` UTF-16 units hold; a character that would be cut in two is left out."""
    return text[:limit].encode("utf-16-le", "surrogatepass")[: 2 * limit].decode("utf-16-le", "ignore")


def _before_entity(cut: str) -> int:
    """Where a cut text must end so that no entity (``&amp;``) is left half."""
    start = cut.rfind("&", -4)
    return start if start >= 0 and ";" not in cut[start:] else len(cut)


def _named(block: Block, block_id: str | None) -> Block:
    return block | ({"block_id": block_id} if block_id else {})
