"""Input fields: a question and its present value in, input blocks out. `filled` reads them back.

A block's id is the field's name and the form's salt. Within one form it never changes, so that Slack keeps what was typed
when the view is redrawn; another form has another salt, so that nothing typed is carried over to it.

A value that its field cannot show (a text too long to prefill, a person without a Slack id, a choice that is no longer
offered) is quoted above the empty field; left empty, the field keeps it.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from bot.domain.project import Person
from bot.slack.blocks import Block, clip, context, option, plain, slack_length
from bot.slack.forms.questions import Question
from bot.slack.ids import Action
from bot.slack.words import Words

VIEW_BLOCKS = 100  # Slack: blocks of one view
LONG_TEXT_LIMIT = 2900  # Slack: 3,000; its way of counting emoji is not published, so some room is kept
LINE_LIMIT = 600  # a view holds 250 KB in all, and many of these
_LABEL_LIMIT = 2000
_PLACEHOLDER_LIMIT = 150
_MOST_OPTIONS = 100  # Slack: options of a select, options of a group, and groups of a select
_MOST_FILES = 10  # Slack: files of one field
_QUOTED = 600
_CHANNEL_ID = re.compile(r"[CG](?=[A-Z]*\d)[A-Z0-9]{5,}")
_SLACK_ID = re.compile(r"[UW](?=[A-Z]*\d)[A-Z0-9]{5,}")  # with a digit: UX or WEBTEAM are words


def salt_of(*parts: str) -> str:
    """A short mark that tells one form's fields from another's."""
    return format(zlib.crc32("\x1f".join(parts).encode()), "08x")


def block_id(name: str, salt: str) -> str:
    """The block id of a field."""
    return f"{name}|{salt}"


def name_of(block: str) -> str:
    """The field that a block id was made for."""
    return block.rpartition("|")[0]


def kept_name(name: str) -> str:
    """The name of the quote above a field whose value it cannot show."""
    return f"kept:{name}"


class Fields:
    """The input blocks of one form; with `is_drafted` each tells the program as it is filled, so that nothing is lost.

    `people` are those whom values name otherwise than by a Slack id: they are chosen by their account, shown by their name.
    """

    def __init__(
        self, words: Words, salt: str, *, is_drafted: bool = False, people: Mapping[str, Person] | None = None
    ) -> None:
        self._words = words
        self.salt = salt
        self._is_drafted = is_drafted
        self._people = people or {}

    def ask(
        self,
        question: Question,
        value: object = None,
        *,
        name: str = "",
        choices: Mapping[str, str] | None = None,
        action: str = Action.INPUT,
    ) -> list[Block]:
        """A question's blocks, filled with its value; none for a choice without choices.

        `name` is the question's own unless it is asked several times; `choices` come from the data where they are given;
        another `action` than the plain input's tells the program at once when something is chosen.
        """
        text = as_text(value)
        if question.kind == "person" and (person := self._people.get(text)):
            text = person.slack_id or person.name
        element = _element(question, text, question.choices if choices is None else choices)
        if element is None:
            return []
        name = name or question.name
        is_kept = bool(text) and not any(part.startswith("initial_") for part in element)
        block = self._input(question, element | {"action_id": action}, name, is_kept=is_kept)
        if (self._is_drafted and question.kind != "files") or action != Action.INPUT:
            block["dispatch_action"] = True
        return [self._kept(name, text), block] if is_kept else [block]

    def _input(self, question: Question, element: Block, name: str, *, is_kept: bool) -> Block:
        hint = self._words.say_plain("dialogs/keep.j2", kind=question.kind) if is_kept else question.hint
        block: Block = {
            "type": "input",
            "block_id": block_id(name, self.salt),
            "label": plain(clip(question.label, _LABEL_LIMIT)),
            "element": element,
            "optional": is_kept or not question.required,
        }
        return block | ({"hint": plain(clip(hint, _LABEL_LIMIT))} if hint else {})

    def _kept(self, name: str, text: str) -> Block:
        quote = context(self._words.say("dialogs/kept.j2", text=clip(text, _QUOTED)))
        return quote | {"block_id": block_id(kept_name(name), self.salt)}


def focused(blocks: Sequence[Block], name: str | None = None) -> list[Block]:
    """The blocks with the cursor in a field from the start, in the first one unless it is named; Slack takes one a view."""
    inputs = (block for block in blocks if block["type"] == "input")
    chosen = next((block for block in inputs if name in (None, name_of(block["block_id"]))), None)
    return [_focused(block, is_chosen=block is chosen) if block["type"] == "input" else block for block in blocks]


def _focused(block: Block, *, is_chosen: bool) -> Block:
    element = {key: value for key, value in block["element"].items() if key != "focus_on_load"}
    return {**block, "element": element | ({"focus_on_load": True} if is_chosen else {})}


def as_text(value: object) -> str:
    """A value as its field shows it; empty for none."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return typed_number(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return "\n".join(" ".join(item.split()) for item in value)
    return str(value)


def typed_number(value: Decimal) -> str:
    """A number as it can be typed in every locale without a question: ungrouped, and never just three decimals."""
    if value == value.to_integral_value():
        return str(int(value))
    text = format(value.normalize(), "f")
    return f"{text}0" if len(text.partition(".")[2]) == 3 else text


def _element(question: Question, text: str, choices: Mapping[str, str]) -> Block | None:
    if question.kind == "choice":
        element = _select(choices, text)
    elif question.kind == "choices":
        element = _multi_select(choices, text.splitlines())
    elif question.kind == "date":
        element = {"type": "datepicker"} | ({"initial_date": text} if _is_day(text) else {})
    elif question.kind == "files":
        element = {"type": "file_input", "max_files": _MOST_FILES}
    elif question.kind == "channel":
        element = _channel_select(text)
    elif question.kind == "person":
        element = {"type": "users_select"} | ({"initial_user": text} if _SLACK_ID.fullmatch(text) else {})
    elif question.kind == "people":
        accounts = text.splitlines()
        is_shown = accounts and all(map(_SLACK_ID.fullmatch, accounts))
        element = {"type": "multi_users_select"} | ({"initial_users": accounts} if is_shown else {})
    else:
        element = _text_input(question.kind, text)
    if element and question.placeholder:
        element["placeholder"] = plain(clip(question.placeholder, _PLACEHOLDER_LIMIT))
    return element


def _channel_select(text: str) -> Block:
    """A picker of channels, private ones too: a report's channel often is."""
    offered = {"include": ["public", "private"], "exclude_bot_users": True}
    initial = {"initial_conversation": text} if _CHANNEL_ID.fullmatch(text) else {}
    return {"type": "conversations_select", "filter": offered, **initial}


def _text_input(kind: str, text: str) -> Block:
    """A line or a paragraph; a text of several lines gets a paragraph in any case, or its lines would run together."""
    limit = LONG_TEXT_LIMIT if kind == "long text" else LINE_LIMIT
    is_shown = text and slack_length(text) <= limit
    return {
        "type": "plain_text_input",
        "multiline": kind == "long text" or "\n" in text,
        "max_length": limit,
        "dispatch_action_config": {"trigger_actions_on": ["on_character_entered"]},  # heeded where the field dispatches
        **({"initial_value": text} if is_shown else {}),
    }


def with_text(element: Block, text: str) -> Block:
    """An element that shows another value than it was built with; one that it cannot show leaves it empty."""
    bare = {key: value for key, value in element.items() if not key.startswith("initial_")}
    initial: dict[str, object] = {}
    match element["type"]:
        case "plain_text_input" if text and slack_length(text) <= element["max_length"]:
            initial = {"initial_value": text, "multiline": element["multiline"] or "\n" in text}
        case "datepicker" if _is_day(text):
            initial = {"initial_date": text}
        case "users_select" if _SLACK_ID.fullmatch(text):
            initial = {"initial_user": text}
        case "static_select":
            groups = element.get("option_groups") or [element]
            chosen = [choice for group in groups for choice in group["options"] if choice["value"] == text]
            initial = {"initial_option": chosen[0]} if chosen else {}
    return bare | initial


def _select(choices: Mapping[str, str], chosen: str) -> Block | None:
    options = [option(label, stored) for stored, label in choices.items()]
    if not options:
        return None
    initial = next((o for o in options if o["value"] == chosen), None)
    return {"type": "static_select", **_offered(options), **({"initial_option": initial} if initial else {})}


def _multi_select(choices: Mapping[str, str], chosen: Sequence[str]) -> Block | None:
    """A select of several; `chosen` are the values that it starts with."""
    options = [option(label, stored) for stored, label in choices.items()]
    if not options:
        return None
    initial = [o for o in options if o["value"] in chosen]
    return {
        "type": "multi_static_select",
        **_offered(options),
        **({"initial_options": initial} if initial else {}),
    }


def _offered(options: list[Block]) -> Block:
    if len(options) <= _MOST_OPTIONS:
        return {"options": options}
    starts = range(0, len(options), _MOST_OPTIONS)[:_MOST_OPTIONS]
    chunks = [options[start : start + _MOST_OPTIONS] for start in starts]
    labels = [plain(f"{start + 1}–{start + len(chunk)}") for start, chunk in zip(starts, chunks, strict=True)]
    return {"option_groups": [{"label": label, "options": chunk} for label, chunk in zip(labels, chunks, strict=True)]}


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
