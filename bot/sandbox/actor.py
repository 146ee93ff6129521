"""A person for journey tests: the same deeds as on the page, with fields and buttons found by their words."""

import copy
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Protocol, TypeVar

from bot.sandbox.acts import Acts
from bot.sandbox.people import SlackPerson
from bot.sandbox.seen import SeenMessage, SeenView, find_element, find_field, state_value
from bot.sandbox.workspace import Workspace

T = TypeVar("T")

PATIENCE = 5.0  # seconds that a test waits for something to happen


class Stage(Protocol):
    """What an actor needs of the sandbox."""

    workspace: Workspace
    acts: Acts

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the sandbox's thread and wait for it."""

    def call(self, function: Callable[[], T]) -> T:
        """Call a function on the sandbox's thread and return its result."""

    def see(self, person: SlackPerson) -> dict[str, Any]:
        """What the page would show this person."""


class Actor:
    """One person. Every deed waits for the app's ack; what the client forbids raises `reach.RefusedError`."""

    def __init__(self, stage: Stage, person_id: str) -> None:
        self._stage = stage
        self.id = person_id

    def command(self, text: str, conversation: str | None = None) -> None:
        """Send a slash command, from the messages with the app unless a conversation is named."""
        channel = conversation or self.direct()
        self._stage.run(self._stage.acts.command(self.id, channel, text))

    def say(self, text: str, conversation: str | None = None, thread_ts: str | None = None) -> None:
        """Write a message, to the app unless a conversation is named."""
        channel = conversation or self.direct()
        self._stage.call(lambda: self._stage.acts.say(self.id, channel, text, thread_ts))

    def upload(self, name: str, content: bytes, conversation: str | None = None) -> None:
        """Drop a file, into the messages with the app unless a conversation is named."""
        channel = conversation or self.direct()
        self._stage.call(lambda: self._stage.acts.upload(self.id, channel, name, content))

    def shortcut(self, callback_id: str, message: SeenMessage | None = None) -> None:
        """Use a shortcut, a global one or one on a message."""
        place = (message.conversation, message.ts) if message else (None, None)
        self._stage.run(self._stage.acts.shortcut(self.id, callback_id, *place))

    def open_home(self) -> None:
        """Open the app's Home tab."""
        self._stage.call(lambda: self._stage.acts.open_home(self.id))

    def click(self, where: SeenMessage | SeenView, what: str, *, near: str | None = None, **value: Any) -> None:
        """Use a button or another element, named by its action_id or its visible text.

        `near` (a block_id, or text of the block) tells elements apart that look the same.
        `value` holds what was chosen, in Slack's own keys (`selected_user="U2"`).
        """
        block, element = find_element(where.blocks, what, near)
        self._act(where, block["block_id"], {"action_id": element["action_id"], **value})

    def select(self, where: SeenMessage | SeenView, what: str, choice: Any, *, near: str | None = None) -> None:
        """Choose in a menu, a picker or an overflow: an option by its label or value, a date, a person's id."""
        block, element = find_element(where.blocks, what, near)
        self._act(where, block["block_id"], state_value(element, choice))

    def suggestions(self, where: SeenMessage | SeenView, what: str, typed: str) -> list[dict[str, Any]]:
        """The options that an external select offers after `typed`."""
        block, element = find_element(where.blocks, what, None)
        place = {"view": where.id} if isinstance(where, SeenView) else _place_of(where)
        names = (block["block_id"], element["action_id"], typed)
        return self._stage.run(self._stage.acts.suggest(self.id, place, *names))

    def fill(self, view: SeenView, answers: Mapping[str, Any]) -> SeenView:
        """Fill fields, named by label, block_id or action_id; those that dispatch tell the app at once.

        Values are plain: text, number, date, option label or value, a list of them, or None to empty a field.
        """
        for name, value in answers.items():
            view = self._view(view.id) or view
            block, element, _ = find_field(view.definition, name)
            answer = state_value(element, value)
            typed = {block["block_id"]: {element["action_id"]: answer}}
            self._type(view.id, typed)
            if block.get("dispatch_action") or block["type"] != "input":
                self._act(view, block["block_id"], answer)
        return self._view(view.id) or view

    def submit(self, view: SeenView, answers: Mapping[str, Any] | None = None) -> SeenView | None:
        """Fill fields, then submit; returns the view that is then in front, with any errors, or None."""
        self.fill(view, answers or {})
        self._stage.run(self._stage.acts.submit(self.id, view.id, {}))
        return self.top_view()

    def close(self, view: SeenView, *, whole_stack: bool = False) -> None:
        """Close a modal, or with it all below."""
        self._stage.run(self._stage.acts.close(self.id, view.id, clear=whole_stack))

    def messages(self, conversation: str | None = None) -> list[SeenMessage]:
        """What this person sees in a conversation, the messages with the app unless one is named."""
        channel = conversation or self.direct()
        for shown in self._state()["conversations"]:
            if shown["id"] == channel:
                return [_message(channel, message) for message in shown["messages"]]
        return []

    def last_dm(self) -> SeenMessage | None:
        """The latest message with the app that is not a reply in a thread, or None."""
        top_level = [message for message in self.messages() if message.thread_ts in (None, message.ts)]
        return top_level[-1] if top_level else None

    def direct(self) -> str:
        """The conversation with the app."""
        return self._stage.call(lambda: self._stage.workspace.direct(self.id).id)

    def top_view(self) -> SeenView | None:
        """The modal in front, or None."""
        modals = self._state()["modals"]
        return _view(modals[-1]) if modals else None

    def home(self) -> SeenView | None:
        """The Home tab as last published, or None."""
        home = self._state()["home"]
        return _view({"view": home, "values": home["state"]["values"], "errors": {}}) if home else None

    def notice(self) -> str | None:
        """What Slack last complained of to this person ("did not answer in time"), or None."""
        notice = self._state()["notice"]
        return notice["text"] if notice else None

    def wait_for(self, predicate: Callable[[], T | None], timeout: float = PATIENCE) -> T:
        """Wait until `predicate` gives something true, looking again after each change; returns that.

        Raises TimeoutError after `timeout` seconds.
        """
        return self._stage.workspace.changes.wait_for(predicate, timeout)

    def _act(self, where: SeenMessage | SeenView, block_id: str, action: Mapping[str, Any]) -> None:
        acts = self._stage.acts
        if isinstance(where, SeenView):
            self._stage.run(acts.click_view(self.id, where.id, block_id, action, {}))
        else:
            self._stage.run(acts.click_message(self.id, where.conversation, where.ts, block_id, action))

    def _type(self, view_id: str, typed: Mapping[str, Any]) -> None:
        self._stage.call(lambda: self._stage.acts.type_into(self.id, view_id, typed))

    def _view(self, view_id: str) -> SeenView | None:
        views = [*map(_view, self._state()["modals"]), self.home()]
        return next((view for view in views if view is not None and view.id == view_id), None)

    def _state(self) -> dict[str, Any]:
        person = self._stage.workspace.people[self.id]
        return self._stage.call(lambda: copy.deepcopy(self._stage.see(person)))


def _place_of(message: SeenMessage) -> dict[str, str]:
    return {"conversation": message.conversation, "ts": message.ts}


def _message(conversation: str, shown: Mapping[str, Any]) -> SeenMessage:
    names = ("ts", "user", "text", "blocks", "thread_ts", "ephemeral", "edited", "files")
    return SeenMessage(conversation, **{name: shown[name] for name in names})


def _view(modal: Mapping[str, Any]) -> SeenView:
    view = modal["view"]
    return SeenView(view["id"], view["hash"], view, modal["values"], modal["errors"])
