"""Input fields: a question and its present value in, an input block out; and what a person put in, read back.

A block's id is the field's name and the form's salt. Within one form it never changes, so that Slack keeps what was typed
when the view is redrawn; another form has another salt, so that nothing typed is carried over to it.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from bot.slack.blocks import Block, clean, clip, context, option, plain
from bot.slack.forms.questions import Question
from bot.slack.ids import Action

TEXT_LIMIT = 3000  # Slack: characters of a text input, typed or prefilled
_LABEL_LIMIT = 2000
_CHOICES = 100  # Slack: options of one select
_SHOWN_OF_LONG = 600

Values = Mapping[str, Any]


def salt_of(*parts: str) -> str:
    """A short mark that tells one form's fields from another's."""
    return format(zlib.crc32("\x1f".join(parts).encode()), "08x")


def block_id(name: str, salt: str) -> str:
    """The block id of a field."""
    return f"{name}|{salt}"


def is_too_long(text: str | None) -> bool:
    """Whether a text cannot be prefilled: Slack would refuse the view."""
    return text is not None and len(text.encode("utf-16-le")) // 2 > TEXT_LIMIT - 100


def text_field(question: Question, value: str | None, *, name: str, salt: str) -> list[Block]:
    """A line or a paragraph. A text too long to prefill stands cut above an empty field."""
    is_cut = is_too_long(value)
    element: Block = {
        "type": "plain_text_input",
        "action_id": Action.INPUT,
        "multiline": question.kind == "long text",
        "max_length": TEXT_LIMIT,
    }
    if value and not is_cut:
        element["initial_value"] = value
    if question.placeholder:
        element["placeholder"] = plain(question.placeholder)
    hint = "Leave empty to keep the full text." if is_cut else question.hint
    block = _input(question, element, name=name, salt=salt, hint=hint)
    if not is_cut:
        return [block]
    return [_quote(value or ""), block | {"optional": True}]


def choice_field(
    question: Question,
    value: str | None,
    *,
    name: str,
    salt: str,
    choices: Mapping[str, str] | None = None,
    action: str = Action.INPUT,
) -> list[Block]:
    """A select of the question's choices, or of those given. Another `action` than the plain input's dispatches."""
    offered = list((choices if choices is not None else question.choices).items())[:_CHOICES]
    if not offered:
        return []
    options = [option(label, stored) for stored, label in offered]
    element: Block = {"type": "static_select", "action_id": action, "options": options}
    chosen = next((o for o in options if o["value"] == value), None)
    if chosen:
        element["initial_option"] = chosen
    block = _input(question, element, name=name, salt=salt, hint=question.hint)
    return [block | ({"dispatch_action": True} if action != Action.INPUT else {})]


def date_field(question: Question, value: date | None, *, name: str, salt: str) -> list[Block]:
    """A date picker."""
    element: Block = {"type": "datepicker", "action_id": Action.INPUT}
    if value:
        element["initial_date"] = value.isoformat()
    return [_input(question, element, name=name, salt=salt, hint=question.hint)]


def person_field(question: Question, ref: str | None, *, name: str, salt: str) -> list[Block]:
    """Somebody of the workspace. Who is known by other means than a Slack id stays unless somebody is chosen."""
    element: Block = {"type": "users_select", "action_id": Action.INPUT}
    if is_slack_id(ref):
        element["initial_user"] = ref
    hint = question.hint if ref is None or is_slack_id(ref) else f"Now: {clip(ref, 200)}"
    return [_input(question, element, name=name, salt=salt, hint=hint)]


def is_slack_id(ref: str | None) -> bool:
    """Whether a person is named by a Slack id."""
    return ref is not None and ref[:1] in ("U", "W") and ref.isalnum() and ref.isupper()


def value_of(view: Mapping[str, Any], name: str, salt: str) -> str | None:
    """What a person put into a field, cleaned; None where it was left empty or is not there."""
    elements = view["state"]["values"].get(block_id(name, salt)) or {}
    for state in elements.values():
        given = (
            state.get("value")
            or state.get("selected_date")
            or state.get("selected_user")
            or (state.get("selected_option") or {}).get("value")
        )
        return clean(given) or None if given else None
    return None


def text_of(view: Mapping[str, Any], name: str, salt: str, before: str | None) -> str | None:
    """A text field's value; one that was too long to prefill keeps its text when it is left empty."""
    typed = value_of(view, name, salt)
    return before if typed is None and is_too_long(before) else typed


def person_of(view: Mapping[str, Any], name: str, salt: str, before: str | None) -> str | None:
    """The person chosen; somebody who could not be shown as chosen stays when nobody is."""
    chosen = value_of(view, name, salt)
    return before if chosen is None and not is_slack_id(before) else chosen


def date_of(view: Mapping[str, Any], name: str, salt: str) -> date | None:
    """The date chosen."""
    chosen = value_of(view, name, salt)
    return date.fromisoformat(chosen) if chosen else None


def lines_of(text: str | None) -> tuple[str, ...]:
    """A text's lines as items, without empty ones and the marks of a list."""
    lines = (line.strip().removeprefix("- ").removeprefix("• ").strip() for line in (text or "").splitlines())
    return tuple(line for line in lines if line)


def typed_number(value: Decimal | None) -> str | None:
    """A number as a person would type it, unmistakable in every locale: no grouping."""
    if value is None:
        return None
    whole = value == value.to_integral_value()
    return str(int(value)) if whole else format(value.normalize(), "f")


def _input(question: Question, element: Block, *, name: str, salt: str, hint: str | None) -> Block:
    block: Block = {
        "type": "input",
        "block_id": block_id(name, salt),
        "label": plain(clip(question.label, _LABEL_LIMIT)),
        "element": element,
        "optional": not question.required,
    }
    return block | ({"hint": plain(clip(hint, _LABEL_LIMIT))} if hint else {})


def _quote(text: str) -> Block:
    shown = clip(text, _SHOWN_OF_LONG).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return context(shown)
