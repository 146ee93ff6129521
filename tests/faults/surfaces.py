"""Everything that people can press and fill in, found by pressing it: each message, Home and dialog as its person sees it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from bot.sandbox.actor import Actor
from bot.sandbox.forms import SLOTS
from bot.sandbox.reach import RefusedError
from bot.sandbox.rules.objects import all_options
from bot.sandbox.seen import SeenMessage, SeenView
from bot.sandbox.workspace import interactive_elements

_DEPTH = 3  # Slack stacks three views


@dataclass(frozen=True)
class Button:
    """An element that tells the bot at once, and what stood around it. `message` is None inside a view."""

    person: str
    action: Mapping[str, Any]
    view: SeenView | None
    message: SeenMessage | None


@dataclass(frozen=True)
class Dialog:
    """A view with a submit button."""

    person: str
    view: SeenView


class Surfaces:
    """What was found: every dialog and every button, once for each person who sees it."""

    def __init__(self) -> None:
        self.dialogs: dict[tuple[str, str], Dialog] = {}
        self.buttons: dict[tuple[str, ...], Button] = {}

    def explore(self, person: Actor, where: SeenMessage | SeenView, depth: int = _DEPTH) -> None:
        """Press everything there is, and go on in what opens."""
        while depth and (found := self._unpressed(person, where)):
            button, block_id = found
            with suppress(RefusedError, LookupError):
                _press(person, where, block_id, button.action)
            self.look(person, depth, under=button.view)
            where = _as_it_is_now(person, where)

    def _unpressed(self, person: Actor, where: SeenMessage | SeenView) -> tuple[Button, str] | None:
        """Something that was not pressed yet, noted as pressed, and its block's id."""
        view, message = (where, None) if isinstance(where, SeenView) else (None, where)
        for block_id, action in pressable(where):
            key = (person.id, view.callback_id if view else "", action["action_id"], _caption(action))
            if key not in self.buttons:
                self.buttons[key] = Button(person.id, action, view, message)
                return self.buttons[key], block_id
        return None

    def look(self, person: Actor, depth: int = _DEPTH, under: SeenView | None = None) -> None:
        """Explore the dialog in front of somebody, if it lies on another one; send it as it is, and close it."""
        view = person.top_view()
        if view is None or (under and view.id == under.id):
            return
        if view.definition.get("submit"):
            self.dialogs.setdefault((person.id, view.callback_id), Dialog(person.id, view))
        self.explore(person, view, depth - 1)
        with suppress(RefusedError):
            after = person.submit(view)
            if after and after.callback_id != view.callback_id and after.definition.get("submit"):
                self.dialogs.setdefault((person.id, after.callback_id), Dialog(person.id, after))
            if person.top_view():
                person.close(person.top_view())


def _as_it_is_now(person: Actor, where: SeenMessage | SeenView) -> SeenMessage | SeenView:
    """A message or view after what was pressed in it; as it was where it is gone."""
    views = [view for view in (person.top_view(), person.home()) if view is not None]
    messages = person.messages(where.conversation) if isinstance(where, SeenMessage) else []
    if isinstance(where, SeenView):
        return next((view for view in views if view.id == where.id), where)
    return next((message for message in messages if message.ts == where.ts), where)


def pressable(where: SeenMessage | SeenView) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each element that tells the bot at once, with its block's id: as an action, one for each thing that can be chosen."""
    for block in where.blocks:
        for element in interactive_elements(block):
            if block["type"] != "input" or block.get("dispatch_action"):
                yield from ((block["block_id"], action) for action in _actions(element))


def _actions(element: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    action = {"type": element["type"], "action_id": element["action_id"]}
    if element["type"] == "button":
        yield {**action, "value": element.get("value", "")}
    elif element["type"] in ("overflow", "static_select", "radio_buttons"):
        yield from ({**action, "selected_option": option} for option in all_options(element))
    elif element["type"] in SLOTS:
        yield {**action, SLOTS[element["type"]].key: SLOTS[element["type"]].empty}


def _caption(action: Mapping[str, Any]) -> str:
    """What was chosen in a menu, as its person reads it."""
    option = action.get("selected_option") or {}
    return str((option.get("text") or {}).get("text", ""))


def _press(person: Actor, where: SeenMessage | SeenView, block_id: str, action: Mapping[str, Any]) -> None:
    chosen = {name: value for name, value in action.items() if name not in ("type", "action_id", "value")}
    person.click(where, action["action_id"], near=block_id, **chosen)
