"""What a person sees, as values for tests: messages and views whose parts are found by their visible words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.sandbox.forms import SLOTS, Field, Values, fields
from bot.sandbox.rules.objects import all_options
from bot.sandbox.workspace import interactive_elements


@dataclass(frozen=True)
class SeenMessage:
    """A message as one person sees it now; it does not change when the real one does."""

    conversation: str
    ts: str
    user: str
    text: str
    blocks: Sequence[Mapping[str, Any]]
    thread_ts: str | None
    ephemeral: bool
    edited: bool
    files: Sequence[Mapping[str, Any]]

    @property
    def words(self) -> str:
        """Everything readable in the blocks, a line each; the text where there are no blocks."""
        return "\n".join(readable(self.blocks)) or self.text


@dataclass(frozen=True)
class SeenView:
    """A modal or Home tab as its person sees it now."""

    id: str
    hash: str
    definition: Mapping[str, Any]
    values: Values
    errors: Mapping[str, str]

    @property
    def title(self) -> str:
        """The title; a Home tab has none."""
        return str((self.definition.get("title") or {}).get("text", ""))

    @property
    def callback_id(self) -> str:
        """The callback_id, or an empty text."""
        return str(self.definition.get("callback_id", ""))

    @property
    def blocks(self) -> Sequence[Mapping[str, Any]]:
        """The blocks."""
        return list(self.definition["blocks"])

    @property
    def words(self) -> str:
        """Everything readable in the blocks, a line each."""
        return "\n".join(readable(self.blocks))

    @property
    def labels(self) -> list[str]:
        """The labels of the input blocks, in order."""
        return [block["label"]["text"] for block in self.blocks if block["type"] == "input"]

    def value(self, field: str) -> Any:
        """What stands in a field, named by label, block_id or action_id: text, date, or option value(s)."""
        block, element, slot = find_field(self.definition, field)
        answer = self.values[block["block_id"]][element["action_id"]].get(slot.key)
        if isinstance(answer, list):
            return [_value_of(item) for item in answer]
        return _value_of(answer)


def _value_of(answer: Any) -> Any:
    return answer["value"] if isinstance(answer, Mapping) and "value" in answer else answer


def readable(value: Any) -> Iterator[str]:
    """The texts inside blocks, in order."""
    if isinstance(value, Mapping):
        if isinstance(value.get("text"), str):
            yield value["text"]
        for item in value.values():
            yield from readable(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from readable(item)


def find_element(
    blocks: Sequence[Mapping[str, Any]], what: str, near: str | None
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The one interactive element with this action_id or visible text, and its block.

    `near` narrows the search to blocks that have this block_id or contain this text.
    Raises LookupError, naming what there is, when none or several match.
    """
    found = [
        (block, element)
        for block in blocks
        if near is None or near == block["block_id"] or near in "\n".join(readable(block))
        for element in interactive_elements(block)
        if what in (element["action_id"], _caption(block, element))
    ]
    if len(found) != 1:
        there = [(e["action_id"], _caption(b, e)) for b in blocks for e in interactive_elements(b)]
        raise LookupError(f"{len(found)} elements match {what!r} (near {near!r}); there are {there}")
    return found[0]


def find_field(view: Mapping[str, Any], name: str) -> Field:
    """The one field with this block_id, action_id or label. Raises LookupError otherwise."""
    known = list(fields(view))
    names = [(f.block["block_id"], f.element["action_id"], _caption(f.block, f.element)) for f in known]
    found = [field for field, own in zip(known, names, strict=True) if name in own]
    if len(found) != 1:
        raise LookupError(f"{len(found)} fields match {name!r}; there are {names}")
    return found[0]


def state_value(element: Mapping[str, Any], value: Any) -> dict[str, Any]:
    """A plain value as Slack's state for this element: text, number, date, option label or value, or list."""
    kind = element["type"]
    key = SLOTS[kind].key if kind in SLOTS else "selected_option"
    return {"action_id": element["action_id"], "type": kind, key: _converted(element, key, value)}


def _converted(element: Mapping[str, Any], key: str, value: Any) -> Any:
    if value is None:
        return None
    if key == "selected_option":
        return value if isinstance(value, Mapping) else _option(element, value)
    if key == "selected_options":
        return [item if isinstance(item, Mapping) else _option(element, item) for item in value]
    if key == "rich_text_value" and isinstance(value, str):
        section = {"type": "rich_text_section", "elements": [{"type": "text", "text": value}]}
        return {"type": "rich_text", "elements": [section]}
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if key == "value" else value


def _option(element: Mapping[str, Any], wanted: str) -> Mapping[str, Any]:
    for option in all_options(element):
        if wanted in (option["value"], option["text"]["text"]):
            return option
    raise LookupError(f"{wanted!r} is not on offer: {[o['text']['text'] for o in all_options(element)]}")


def _caption(block: Mapping[str, Any], element: Mapping[str, Any]) -> str | None:
    """The words beside or on an element: its own text, the label, the placeholder, or the section's text."""
    for holder, name in ((element, "text"), (block, "label"), (element, "placeholder"), (block, "text")):
        if isinstance(holder.get(name), Mapping):
            return str(holder[name]["text"])
    return None
