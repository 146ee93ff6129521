"""Turning the pages of a list: buttons with the page they lead to, in a block that is called like the list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

from bot.flow.home.pages import Page
from bot.slack.blocks import Block, actions, button, option, select
from bot.slack.ids import Action
from bot.slack.voice import one_line
from bot.slack.words import Words

TURNING = (Action.TURN_BACK, Action.TURN_ON, Action.GO_TO_PAGE)
_MOST_CHOICES = 100  # Slack: options of one select
_FEW_PAGES = 3  # so many are turned one by one
_NAME = 40


def pager(page: Page[Any], name: str, words: Words, *, starts: Sequence[str] = ()) -> list[Block]:
    """The buttons under a list, none where it has one page; `starts`, the first item of each page, lets one jump.

    `name` is the list's, as the block's id and, by its label, in what a screen reader says.
    """
    if page.count == 1:
        return []
    elements = []
    if page.number > 0:
        elements.append(_button("back", Action.TURN_BACK, name, page.number - 1, words))
    if page.number < page.count - 1:
        elements.append(_button("next", Action.TURN_ON, name, page.number + 1, words))
    if len(starts) > _FEW_PAGES:
        elements.append(_jump(page, starts, words))
    return [actions(*elements, block_id=name)]


def span(page: Page[Any], words: Words) -> str:
    """``7–12 of 30``; empty where the list has one page."""
    if page.count == 1:
        return ""
    first, last = page.span
    return words.say_plain("home/span.j2", first=first, last=last, total=page.total)


def turned(action: Mapping[str, Any]) -> tuple[str, int]:
    """The list and the page that a button or the select leads to."""
    return action["block_id"], int(action.get("value") or action["selected_option"]["value"])


def _button(label: str, action: Action, name: str, number: int, words: Words) -> Block:
    text = words.label(label)
    return button(text, action, value=str(number), label=f"{text}: {words.label(f'list-{name}')}")


def _jump(page: Page[Any], starts: Sequence[str], words: Words) -> Block:
    """A select of pages by what each begins with; of very many, every few."""
    step = ceil(len(starts) / _MOST_CHOICES)
    options = []
    for number in range(0, len(starts), step):
        text = words.say_plain("home/start.j2", first=number * page.size + 1, item=one_line(starts[number], _NAME))
        options.append(option(text, str(number)))
    return select(Action.GO_TO_PAGE, options, placeholder=words.label("go-to"))
