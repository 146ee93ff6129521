"""Everything that people can press and fill in, found by pressing it: what Slack then sent to the bot is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from bot.sandbox.actor import Actor
from bot.sandbox.api.calls import Call
from bot.sandbox.forms import SLOTS, fields
from bot.sandbox.reach import RefusedError
from bot.sandbox.rules.objects import all_options
from bot.sandbox.seen import SeenMessage, SeenView
from bot.sandbox.workspace import interactive_elements
from bot.slack.ids import View

Payload = Mapping[str, Any]

_DEPTH = 3  # Slack stacks three views
_TRIES = 3  # of what answered with a word each time: another milestone's button may do more
_MOST_OPTIONS = 5  # of a menu: a longer one lists things of one kind
_SOMETHING = {
    "plain_text_input": "95",
    "datepicker": "2025-12-01",
    "users_select": "U0RITA",
    "timepicker": "09:00",
}  # for the fields that must be filled in


class _Found(NamedTuple):
    """Something to press, in Slack's own words, and the block in which it stands."""

    block_id: str
    action: Mapping[str, Any]


class Recording:
    """What was sent so far: each kind of dialog, and each thing to press in a kind of place, as it was met last."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, ...], Payload] = {}
        self.shown: set[str] = set()  # callback ids of views

    def keep(self, payload: Payload) -> None:
        """Keep one of its kind."""
        self._kept[_kind(payload)] = payload

    def see(self, view: SeenView) -> None:
        """Keep that a kind of view was shown."""
        self.shown.add(view.callback_id)

    def keep_calls(self, calls: Iterable[Call]) -> None:
        """Keep which kinds of view Slack was asked to show, one that was replaced at once too."""
        self.shown.update(call.args["view"]["callback_id"] for call in calls if call.method.startswith("views."))

    def of(self, *types: str) -> list[Payload]:
        """What was kept of some types of interaction."""
        return [payload for payload in self._kept.values() if payload.get("type") in types]


def _kind(payload: Payload) -> tuple[str, ...]:
    view, channel = payload.get("view") or {}, payload.get("channel") or {"id": ""}
    place = view.get("callback_id") or channel["id"][:1]
    about = [payload.get("type", "command"), place, payload.get("callback_id", "")]
    if payload.get("type") == "view_submission":
        return (*about, *(block["block_id"] for block in view["blocks"] if block["type"] == "input"))
    return (*about, *(f"{action['action_id']} {_caption(action)}" for action in payload.get("actions", ())))


class Explorer:
    """Presses everything that nobody has pressed yet, and goes on in what opens. `settle` waits for the bot."""

    def __init__(self, settle: Callable[[], None], met: Recording) -> None:
        self._settle = settle
        self._met = met
        self._pressed: set[tuple[str, ...]] = set()
        self._tried: Counter[tuple[str, ...]] = Counter()

    def explore(self, person: Actor, where: SeenMessage | SeenView, depth: int = _DEPTH) -> bool:
        """Press what there is to press in a message, a Home or a dialog, as it changes under the presses.

        False where it is gone before everything was pressed.
        """
        seen: SeenMessage | SeenView | None = where
        while seen is not None and depth and (found := self._unpressed(seen)):
            key, same = _key(seen, found.action), (*_key(seen, found.action), _about(found.action))
            self._pressed.add(same)
            with suppress(RefusedError, LookupError):
                _press(person, seen, found)
            self._settle()
            self._tried[key] += 1
            if _says_only(person.top_view()) and self._tried[key] < _TRIES:  # it may do more elsewhere
                self.look(person, depth, under=seen)
            elif self.look(person, depth, under=seen):
                self._pressed.add(key)
            else:
                self._pressed.discard(same)
            seen = _as_it_is_now(person, seen)
        return seen is not None

    def look(self, person: Actor, depth: int = _DEPTH, under: SeenMessage | SeenView | None = None) -> bool:
        """Explore the dialog in front of somebody, if it lies on another one; then send it, and close what is left.

        False where it was gone before everything in it was pressed.
        """
        view, below = person.top_view(), under.id if isinstance(under, SeenView) else None
        if view is None or view.id == below:
            return True
        self._met.see(view)
        is_done = self.explore(person, view, depth - 1)
        if is_done and view.definition.get("submit"):
            self._send(person, view, depth)
        while (left := person.top_view()) and left.id != below:
            person.close(left)
        return is_done

    def _send(self, person: Actor, view: SeenView, depth: int) -> None:
        """Send a dialog as it is, with something in each field that must not be empty; look at what comes instead."""
        with suppress(RefusedError):
            after = person.submit(view, missing(person.top_view() or view))
            self._settle()
            if after and after.callback_id != view.callback_id:
                self.look(person, depth - 1, under=view if after.id != view.id else None)

    def _unpressed(self, where: SeenMessage | SeenView) -> _Found | None:
        for found in _pressable(where):
            key = _key(where, found.action)
            if key not in self._pressed and (*key, _about(found.action)) not in self._pressed:
                return found
        return None


def _key(where: SeenMessage | SeenView, action: Mapping[str, Any]) -> tuple[str, ...]:
    """What makes two things to press the same thing."""
    place = where.callback_id if isinstance(where, SeenView) else where.conversation[0]  # a channel or direct messages
    return (place, action["action_id"], _caption(action))


def _about(action: Mapping[str, Any]) -> str:
    """What a button or an option is about, which nobody reads."""
    return str(action.get("value") or (action.get("selected_option") or {}).get("value", ""))


def _says_only(view: SeenView | None) -> bool:
    return view is not None and view.callback_id == View.MESSAGE


def missing(view: SeenView, *, but_people: bool = False) -> dict[str, Any]:
    """Something for each field that must be filled in and is not; and somebody wherever people can be named, if wanted."""
    return {
        field.block["block_id"]: [_any_answer(field.element)] if field.slot.empty == [] else _any_answer(field.element)
        for field in fields(view.definition)
        if (field.element["type"] == "users_select" and not but_people) or field.required
        if not view.values[field.block["block_id"]][field.element["action_id"]].get(field.slot.key)
    }


def _any_answer(element: Mapping[str, Any]) -> Any:
    options = all_options(element)
    return options[0]["value"] if options else _SOMETHING.get(element["type"])


def _as_it_is_now(person: Actor, where: SeenMessage | SeenView) -> SeenMessage | SeenView | None:
    """A message or view after what was pressed in it; None where it is gone."""
    if isinstance(where, SeenView):
        views = [view for view in (person.top_view(), person.home()) if view is not None]
        return next((view for view in views if view.id == where.id), None)
    return next((message for message in person.messages(where.conversation) if message.ts == where.ts), None)


def _pressable(where: SeenMessage | SeenView) -> Iterator[_Found]:
    """Each element that tells the bot at once: one for each thing to choose."""
    for block in where.blocks:
        if block["type"] != "input" or block.get("dispatch_action"):
            for element in interactive_elements(block):
                yield from (_Found(block["block_id"], action) for action in _actions(element))


def _actions(element: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    action = {"action_id": element["action_id"]}
    if options := all_options(element)[:_MOST_OPTIONS]:
        yield from ({**action, "selected_option": option} for option in options)
    elif element["type"] in SLOTS:
        yield {**action, SLOTS[element["type"]].key: _SOMETHING.get(element["type"])}
    else:
        yield {**action, **({"value": element["value"]} if "value" in element else {})}


def _caption(action: Mapping[str, Any]) -> str:
    """What was chosen in a menu, as its person reads it."""
    option = action.get("selected_option") or {}
    return str((option.get("text") or {}).get("text", ""))


def _press(person: Actor, where: SeenMessage | SeenView, found: _Found) -> None:
    chosen = {name: value for name, value in found.action.items() if name != "action_id"}
    person.click(where, found.action["action_id"], near=found.block_id, **chosen)
