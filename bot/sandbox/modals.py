"""Views people have open, their Home tabs, and the triggers that open views (docs.slack.dev/surfaces/modals)."""

import copy
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.forms import Values, starting_values
from bot.sandbox.people import APP_ID, BOT_ID, TEAM_ID
from bot.sandbox.workspace import Workspace

MOST_IN_STACK = 3


class ViewError(Exception):
    """A view operation that Slack would refuse; `error` is its code."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


@dataclass
class OpenView:
    """A view in front of a person: its definition with ids, its hash, and what stands in its fields."""

    id: str
    person: str
    definition: dict[str, Any]
    hash: str
    values: Values
    root_id: str
    previous_id: str | None = None
    errors: dict[str, str] = field(default_factory=dict)

    def as_payload(self) -> dict[str, Any]:
        """The view object as Slack puts it into payloads and answers."""
        return {
            "private_metadata": "",
            "callback_id": "",
            "external_id": "",
            "title": None,
            "submit": None,
            "close": None,
            "clear_on_close": False,
            "notify_on_close": False,
            **copy.deepcopy(self.definition),
            "id": self.id,
            "team_id": TEAM_ID,
            "app_id": APP_ID,
            "app_installed_team_id": TEAM_ID,
            "bot_id": BOT_ID,
            "hash": self.hash,
            "state": {"values": copy.deepcopy(self.values)},
            "root_view_id": self.root_id,
            "previous_view_id": self.previous_id,
        }


@dataclass
class Trigger:
    """Permission to open one view for one person; `view_id` is the view whose click gave it, if any."""

    person: str
    issued: float
    view_id: str | None
    used: bool = False


class Modals:
    """Every person's stack of modals and Home tab. `trigger_life` is in seconds of real time."""

    def __init__(self, workspace: Workspace, trigger_life: float) -> None:
        self._workspace = workspace
        self._trigger_life = trigger_life
        self._triggers: dict[str, Trigger] = {}
        self._hashes = 0
        self.stacks: dict[str, list[OpenView]] = {}
        self.homes: dict[str, OpenView] = {}

    def new_trigger(self, person: str, view_id: str | None = None) -> str:
        """Issue a trigger_id to go with something this person just did."""
        trigger_id = f"{time.monotonic_ns()}.{self._workspace.new_id('')}.{secrets.token_hex(8)}"
        self._triggers[trigger_id] = Trigger(person, time.monotonic(), view_id)
        return trigger_id

    def redeem(self, trigger_id: str) -> Trigger:
        """Use a trigger up. Raises ViewError when it is unknown, used before or too old."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise ViewError("invalid_trigger_id")
        if trigger.used:
            raise ViewError("exchanged_trigger_id")
        if time.monotonic() - trigger.issued > self._trigger_life:
            raise ViewError("expired_trigger_id")
        trigger.used = True
        return trigger

    def open(self, person: str, definition: Mapping[str, Any]) -> OpenView:
        """Show a new modal to a person, in place of any stack already open."""
        self.stacks[person] = []
        return self._put_on_top(person, definition)

    def push(self, person: str, definition: Mapping[str, Any]) -> OpenView:
        """Lay a modal on top of the person's stack."""
        if len(self.stacks.get(person, ())) >= MOST_IN_STACK:
            raise ViewError("push_limit_reached")
        return self._put_on_top(person, definition)

    def update(self, view: OpenView, definition: Mapping[str, Any]) -> OpenView:
        """Replace what a view shows; answers whose block_id and action_id remain are kept."""
        self._refuse_taken_external_id(definition, view)
        view.definition = self._completed(definition)
        view.values = starting_values(view.definition, view.values)
        view.errors = {}
        view.hash = self._next_hash()
        self._workspace.changes.touch()
        return view

    def publish(self, person: str, definition: Mapping[str, Any], view_hash: str | None) -> OpenView:
        """Set a person's Home tab."""
        home = self.homes.get(person)
        if home is not None:
            self.check_hash(home, view_hash)
            return self.update(home, definition)
        home = self._new_view(person, definition)
        self.homes[person] = home
        self._workspace.changes.touch()
        return home

    def check_hash(self, view: OpenView, view_hash: str | None) -> None:
        """Refuse a change that was made for an earlier state of the view."""
        if view_hash is not None and view_hash != view.hash:
            raise ViewError("hash_conflict")

    def find(self, view_id: str | None = None, external_id: str | None = None) -> OpenView:
        """The open modal or Home tab with this id. Raises ViewError("not_found") when it was closed."""
        for view in self._all():
            if view.id == view_id or (external_id and view.definition.get("external_id") == external_id):
                return view
        raise ViewError("not_found")

    def is_open(self, view: OpenView) -> bool:
        """Whether this modal is still in its person's stack."""
        return any(other is view for other in self.stacks.get(view.person, ()))

    def top(self, person: str) -> OpenView | None:
        """The modal in front of this person, or None."""
        stack = self.stacks.get(person)
        return stack[-1] if stack else None

    def close(self, view: OpenView, *, whole_stack: bool) -> None:
        """Take a modal, or with it the whole stack, away from its person."""
        stack = self.stacks[view.person]
        self.stacks[view.person] = [] if whole_stack else [other for other in stack if other is not view]
        self._workspace.changes.touch()

    def _all(self) -> Iterator[OpenView]:
        for stack in self.stacks.values():
            yield from stack
        yield from self.homes.values()

    def _put_on_top(self, person: str, definition: Mapping[str, Any]) -> OpenView:
        stack = self.stacks.setdefault(person, [])
        view = self._new_view(person, definition, stack[-1] if stack else None)
        stack.append(view)
        self._workspace.notices.pop(person, None)
        self._workspace.changes.touch()
        return view

    def _new_view(self, person: str, definition: Mapping[str, Any], below: OpenView | None = None) -> OpenView:
        self._refuse_taken_external_id(definition, None)
        view_id = self._workspace.new_id("V")
        completed = self._completed(definition)
        return OpenView(
            id=view_id,
            person=person,
            definition=completed,
            hash=self._next_hash(),
            values=starting_values(completed),
            root_id=below.root_id if below else view_id,
            previous_id=below.id if below else None,
        )

    def _refuse_taken_external_id(self, definition: Mapping[str, Any], own: OpenView | None) -> None:
        external_id = definition.get("external_id")
        taken = (v for v in self._all() if v is not own and v.definition.get("external_id") == external_id)
        if external_id and any(taken):
            raise ViewError("duplicate_external_id")

    def _completed(self, definition: Mapping[str, Any]) -> dict[str, Any]:
        completed = copy.deepcopy(dict(definition))
        self._workspace.complete_ids(completed["blocks"])
        return completed

    def _next_hash(self) -> str:
        self._hashes += 1
        return f"{int(time.time())}.{self._hashes:08x}"
