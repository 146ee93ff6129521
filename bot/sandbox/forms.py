"""What stands in the fields of a view: Slack's state values, and the checks that its clients make."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from bot.sandbox.rules.objects import all_options
from bot.sandbox.rules.shapes import length
from bot.sandbox.workspace import interactive_elements

Values = dict[str, dict[str, dict[str, Any]]]

REQUIRED = "This is a required field"


class Slot(NamedTuple):
    """Where an element keeps its answer in the state, and from which of its fields that starts."""

    key: str
    initial: str
    empty: Any = None


_TEXT = Slot("value", "initial_value")
_OPTION = Slot("selected_option", "initial_option")
_OPTIONS = Slot("selected_options", "initial_options", [])
SLOTS: Mapping[str, Slot] = {
    "plain_text_input": _TEXT,
    "number_input": _TEXT,
    "email_text_input": _TEXT,
    "url_text_input": _TEXT,
    "rich_text_input": Slot("rich_text_value", "initial_value"),
    "datepicker": Slot("selected_date", "initial_date"),
    "timepicker": Slot("selected_time", "initial_time"),
    "datetimepicker": Slot("selected_date_time", "initial_date_time"),
    "static_select": _OPTION,
    "external_select": _OPTION,
    "radio_buttons": _OPTION,
    "multi_static_select": _OPTIONS,
    "multi_external_select": _OPTIONS,
    "checkboxes": _OPTIONS,
    "users_select": Slot("selected_user", "initial_user"),
    "multi_users_select": Slot("selected_users", "initial_users", []),
    "conversations_select": Slot("selected_conversation", "initial_conversation"),
    "multi_conversations_select": Slot("selected_conversations", "initial_conversations", []),
    "channels_select": Slot("selected_channel", "initial_channel"),
    "multi_channels_select": Slot("selected_channels", "initial_channels", []),
    "file_input": Slot("files", "", []),
}


class Field(NamedTuple):
    """One element of a view that holds a value, with the block it stands in."""

    block: Mapping[str, Any]
    element: Mapping[str, Any]
    slot: Slot

    @property
    def required(self) -> bool:
        """Whether a submission may not leave it empty: an input block without `optional`."""
        return self.block["type"] == "input" and not self.block.get("optional", False)


def fields(view: Mapping[str, Any]) -> Iterator[Field]:
    """Every element of the view that holds a value."""
    for block in view["blocks"]:
        for element in interactive_elements(block):
            if element["type"] in SLOTS:
                yield Field(block, element, SLOTS[element["type"]])


def starting_values(view: Mapping[str, Any], before: Values | None = None) -> Values:
    """The state of a view as it appears.

    An answer in `before` is kept where block_id, action_id and type are still the same; every other
    element starts from its initial value (docs.slack.dev/surfaces/modals).
    """
    values: Values = {}
    for block, element, slot in fields(view):
        kept = (before or {}).get(block["block_id"], {}).get(element["action_id"], {})
        fresh = {"type": element["type"], slot.key: element.get(slot.initial, slot.empty)}
        answer = kept if kept.get("type") == element["type"] else fresh
        values.setdefault(block["block_id"], {})[element["action_id"]] = answer
    return values


def typed_values(view: Mapping[str, Any], before: Values, typed: Mapping[str, Any]) -> Values:
    """The state after a person filled in `typed`, which has Slack's shape; unknown keys are left out."""
    values = starting_values(view, before)
    for block, element, slot in fields(view):
        answer = typed.get(block["block_id"], {}).get(element["action_id"])
        if answer is not None:
            value = answer.get(slot.key)
            entry = {"type": element["type"], slot.key: slot.empty if value in (None, "") else value}
            values[block["block_id"]][element["action_id"]] = entry
    return values


def client_errors(view: Mapping[str, Any], values: Values) -> dict[str, str]:
    """What Slack's clients refuse before anything is sent, as block_id → sentence."""
    errors = {}
    for block, element, slot in fields(view):
        if block["type"] == "input":
            value = values[block["block_id"]][element["action_id"]].get(slot.key)
            error = _field_error(Field(block, element, slot), value)
            if error:
                errors[block["block_id"]] = error
    return errors


def _field_error(where: Field, value: Any) -> str | None:
    if value in (None, "", []):
        return REQUIRED if where.required else None
    check = _CHECKS.get(where.element["type"])
    return check(where.element, value) if check else None


def _text_error(element: Mapping[str, Any], value: str) -> str | None:
    if length(value) > element.get("max_length", 3000):
        return f"This must be {element.get('max_length', 3000)} characters or fewer"
    if length(value) < element.get("min_length", 0):
        return f"This must be at least {element['min_length']} characters"
    return None


def _number_error(element: Mapping[str, Any], value: str) -> str | None:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return "Enter a number"
    if not number.is_finite():
        return "Enter a number"
    if not element["is_decimal_allowed"] and number != number.to_integral_value():
        return "Enter a whole number"
    if "min_value" in element and number < Decimal(element["min_value"]):
        return f"Enter a number of {element['min_value']} or more"
    if "max_value" in element and number > Decimal(element["max_value"]):
        return f"Enter a number of {element['max_value']} or less"
    return None


def _email_error(_element: Mapping[str, Any], value: str) -> str | None:
    return None if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value) else "Enter an email address"


def _url_error(_element: Mapping[str, Any], value: str) -> str | None:
    return None if re.fullmatch(r"https?://[^\s/]+\S*", value) else "Enter a URL"


def _date_error(_element: Mapping[str, Any], value: str) -> str | None:
    try:
        date.fromisoformat(value)
    except ValueError:
        return "Enter a date"
    return None


def _option_error(element: Mapping[str, Any], value: Any) -> str | None:
    offered = {option["value"] for option in all_options(element)}
    chosen = value if isinstance(value, list) else [value]
    if any(option["value"] not in offered for option in chosen):
        return "Choose one of the options"
    if len(chosen) > element.get("max_selected_items", len(chosen)):
        return f"Choose {element['max_selected_items']} or fewer"
    return None


_CHECKS = {
    "plain_text_input": _text_error,
    "number_input": _number_error,
    "email_text_input": _email_error,
    "url_text_input": _url_error,
    "datepicker": _date_error,
    "static_select": _option_error,
    "multi_static_select": _option_error,
    "radio_buttons": _option_error,
    "checkboxes": _option_error,
}
