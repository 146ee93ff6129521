"""Block elements: buttons, pickers, menus and text inputs (docs.slack.dev/reference/block-kit/block-elements)."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from bot.sandbox.rules.objects import (
    ACTION_ID,
    CHANNEL_ID,
    CHOICE,
    CONFIRM,
    CONVERSATION_ID,
    DISPATCH,
    FILTER,
    MOST_CHOICES,
    MOST_OPTIONS,
    MOST_OVERFLOW_OPTIONS,
    OPTION,
    OPTION_GROUP,
    OVERFLOW_OPTION,
    PLACEHOLDER,
    SLACK_FILE,
    TIME,
    URL,
    USER_ID,
    calendar_date,
    distinct_values,
    initial_among_options,
    plain,
    time_zone,
)
from bot.sandbox.rules.rich_text import RICH_TEXT
from bot.sandbox.rules.shapes import (
    Check,
    Fault,
    boolean,
    exactly_one,
    integer,
    kind,
    length,
    listing,
    one_of,
    string,
)

MOST_TYPED = 3000
MOST_FILES = 10

_NAMED = {"action_id": ACTION_ID}
_ASKING = {**_NAMED, "confirm": CONFIRM}
_FOCUS = {"focus_on_load": boolean}
_HINTED = {"placeholder": PLACEHOLDER, **_FOCUS}
_TYPED = {**_NAMED, **_HINTED, "dispatch_action_config": DISPATCH}
_MENU = {**_ASKING, **_HINTED}
_MANY = {"max_selected_items": integer(1, MOST_OPTIONS)}
_STATIC = {"options": listing(OPTION, MOST_OPTIONS), "option_groups": listing(OPTION_GROUP, MOST_OPTIONS)}
_STATIC_RULES = [exactly_one("options", "option_groups"), initial_among_options, distinct_values]
_CONVERSATION = {"default_to_current_conversation": boolean, "filter": FILTER}
_RESPONSE_URL = {"response_url_enabled": boolean}
_DIGITS = string(MOST_TYPED, pattern=r"-?\d+(\.\d+)?")


def _many(of: Check) -> Check:
    return listing(of, MOST_OPTIONS)


def _lengths_agree(element: Mapping[str, Any], at: str) -> Iterator[Fault]:
    most = element.get("max_length", MOST_TYPED)
    if element.get("min_length", 0) > most:
        yield Fault(at, "min_length must not be greater than max_length")
    if length(element.get("initial_value", "")) > most:
        yield Fault(f"{at}/initial_value", f"must be less than {most + 1} characters")


def _numbers_agree(element: Mapping[str, Any], at: str) -> Iterator[Fault]:
    names = [name for name in ("min_value", "initial_value", "max_value") if name in element]
    numbers = [Decimal(element[name]) for name in names]
    if not element["is_decimal_allowed"]:
        for name in names:
            if not re.fullmatch(r"-?\d+", element[name]):
                yield Fault(f"{at}/{name}", "must be a whole number")
    if numbers != sorted(numbers):
        yield Fault(at, "min_value, initial_value and max_value must be in order")


def _initials_fit(element: Mapping[str, Any], at: str) -> Iterator[Fault]:
    most = element.get("max_selected_items", MOST_OPTIONS)
    for name, value in element.items():
        if name.startswith("initial_") and isinstance(value, list) and len(value) > most:
            yield Fault(f"{at}/{name}", f"no more than {most} items allowed")


def _lines_agree(element: Mapping[str, Any], at: str) -> Iterator[Fault]:
    if element.get("min_lines", 1) > element.get("max_lines", 100):
        yield Fault(at, "min_lines must not be greater than max_lines")


_QUERY = {"min_query_length": integer(0, MOST_TYPED)}
_PICKER_TYPES: dict[str, Check] = {
    "datepicker": kind("datepicker", {}, {**_MENU, "initial_date": calendar_date}),
    "timepicker": kind("timepicker", {}, {**_MENU, "initial_time": TIME, "timezone": time_zone}),
}
_SELECT_TYPES: dict[str, Check] = {
    "static_select": kind("static_select", {}, {**_MENU, **_STATIC, "initial_option": OPTION}, _STATIC_RULES),
    "multi_static_select": kind(
        "multi_static_select",
        {},
        {**_MENU, **_MANY, **_STATIC, "initial_options": _many(OPTION)},
        [*_STATIC_RULES, _initials_fit],
    ),
    "external_select": kind("external_select", {}, {**_MENU, **_QUERY, "initial_option": OPTION}),
    "multi_external_select": kind(
        "multi_external_select",
        {},
        {**_MENU, **_MANY, **_QUERY, "initial_options": _many(OPTION)},
        [_initials_fit],
    ),
    "users_select": kind("users_select", {}, {**_MENU, "initial_user": USER_ID}),
    "multi_users_select": kind(
        "multi_users_select", {}, {**_MENU, **_MANY, "initial_users": _many(USER_ID)}, [_initials_fit]
    ),
    "conversations_select": kind(
        "conversations_select",
        {},
        {**_MENU, **_CONVERSATION, **_RESPONSE_URL, "initial_conversation": CONVERSATION_ID},
    ),
    "multi_conversations_select": kind(
        "multi_conversations_select",
        {},
        {**_MENU, **_MANY, **_CONVERSATION, "initial_conversations": _many(CONVERSATION_ID)},
        [_initials_fit],
    ),
    "channels_select": kind("channels_select", {}, {**_MENU, **_RESPONSE_URL, "initial_channel": CHANNEL_ID}),
    "multi_channels_select": kind(
        "multi_channels_select", {}, {**_MENU, **_MANY, "initial_channels": _many(CHANNEL_ID)}, [_initials_fit]
    ),
}
_CHOICE_TYPES: dict[str, Check] = {
    "radio_buttons": kind(
        "radio_buttons",
        {"options": listing(CHOICE, MOST_CHOICES)},
        {**_ASKING, **_FOCUS, "initial_option": CHOICE},
        [initial_among_options, distinct_values],
    ),
    "checkboxes": kind(
        "checkboxes",
        {"options": listing(CHOICE, MOST_CHOICES)},
        {**_ASKING, **_FOCUS, "initial_options": listing(CHOICE, MOST_CHOICES)},
        [initial_among_options, distinct_values],
    ),
}
_PRESSED_TYPES: dict[str, Check] = {
    "button": kind(
        "button",
        {"text": plain(75)},
        {
            **_ASKING,
            "value": string(2000),
            "url": URL,
            "style": one_of("primary", "danger"),
            "accessibility_label": string(75),
        },
    ),
    "overflow": kind("overflow", {"options": listing(OVERFLOW_OPTION, MOST_OVERFLOW_OPTIONS)}, _ASKING),
}
_DATETIME = kind("datetimepicker", {}, {**_ASKING, **_FOCUS, "initial_date_time": integer(10**9, 10**10 - 1)})
_RICH_TEXT_INPUT = kind(
    "rich_text_input",
    {},
    {**_TYPED, "initial_value": RICH_TEXT, "min_lines": integer(1, 100), "max_lines": integer(1, 100)},
    [_lines_agree],
)
_TYPED_TYPES: dict[str, Check] = {
    "plain_text_input": kind(
        "plain_text_input",
        {},
        {
            **_TYPED,
            "multiline": boolean,
            "initial_value": string(MOST_TYPED, low=0),
            "min_length": integer(0, MOST_TYPED),
            "max_length": integer(1, MOST_TYPED),
        },
        [_lengths_agree],
    ),
    "number_input": kind(
        "number_input",
        {"is_decimal_allowed": boolean},
        {**_TYPED, "initial_value": _DIGITS, "min_value": _DIGITS, "max_value": _DIGITS},
        [_numbers_agree],
    ),
    "email_text_input": kind("email_text_input", {}, {**_TYPED, "initial_value": string(MOST_TYPED)}),
    "url_text_input": kind("url_text_input", {}, {**_TYPED, "initial_value": string(MOST_TYPED)}),
    "rich_text_input": _RICH_TEXT_INPUT,
}
_FILE_INPUT = kind(
    "file_input",
    {},
    {**_NAMED, "filetypes": listing(string(20), 100), "max_files": integer(1, MOST_FILES)},
)

IMAGE = kind(
    "image",
    {"alt_text": string(2000)},
    {"image_url": URL, "slack_file": SLACK_FILE},
    [exactly_one("image_url", "slack_file")],
)
ACCESSORIES: dict[str, Check] = {
    **_PRESSED_TYPES,
    **_PICKER_TYPES,
    **_SELECT_TYPES,
    **_CHOICE_TYPES,
    "image": IMAGE,
}
IN_ACTIONS: dict[str, Check] = {
    **_PRESSED_TYPES,
    **_PICKER_TYPES,
    **_SELECT_TYPES,
    **_CHOICE_TYPES,
    "datetimepicker": _DATETIME,
    "rich_text_input": _RICH_TEXT_INPUT,
}
IN_INPUT: dict[str, Check] = {
    **_PICKER_TYPES,
    **_SELECT_TYPES,
    **_CHOICE_TYPES,
    **_TYPED_TYPES,
    "datetimepicker": _DATETIME,
}
IN_MODAL_INPUT: dict[str, Check] = {**IN_INPUT, "file_input": _FILE_INPUT}
