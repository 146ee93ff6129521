"""What a person can put a hand on: conversations, messages, views and the elements in them."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.sandbox import payloads
from bot.sandbox.forms import SLOTS
from bot.sandbox.modals import Modals, OpenView, ViewError
from bot.sandbox.people import SlackPerson
from bot.sandbox.rules.objects import all_options
from bot.sandbox.workspace import Conversation, Message, Workspace, interactive_elements


class RefusedError(Exception):
    """Slack's own client does not let a person do this; nothing was sent to the app.

    `errors` are the sentences beside the fields of a form, by block_id.
    """

    def __init__(self, sentence: str, errors: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.errors = dict(errors or {})


class Reach:
    """Finds what a person wants to act on. Every method raises RefusedError where a client would not let them."""

    def __init__(self, workspace: Workspace, modals: Modals, base_url: str) -> None:
        self._workspace = workspace
        self._modals = modals
        self._base_url = base_url

    def person(self, person_id: str) -> SlackPerson:
        """Someone who can use Slack; what they were last told of is cleared, as they now do something new."""
        person = self._workspace.people.get(person_id)
        if person is None or person.deleted or person.is_bot:
            raise RefusedError("This person cannot sign in.")
        self._workspace.notices.pop(person_id, None)
        return person

    def conversation(self, person_id: str, channel: str) -> Conversation:
        """A conversation in which this person can act."""
        direct = self._workspace.direct(person_id)
        conversation = self._workspace.conversations.get(channel, direct if channel == direct.id else None)
        if conversation is None or person_id not in conversation.members:
            raise RefusedError("You are not a member of this conversation.")
        if conversation.is_archived:
            raise RefusedError("This channel is archived.")
        return conversation

    def message(self, person_id: str, channel: str, ts: str) -> tuple[SlackPerson, Conversation, Message]:
        """A message that this person sees, with themselves and its conversation."""
        person = self.person(person_id)
        conversation = self.conversation(person_id, channel)
        for message in conversation.seen_by(person_id):
            if message.ts == ts:
                return person, conversation, message
        raise RefusedError("This message is not there any more.")

    def view(self, person_id: str, view_id: str) -> OpenView:
        """A modal or Home tab of this person."""
        try:
            view = self._modals.find(view_id)
        except ViewError as gone:
            raise RefusedError("This dialog is not open any more.") from gone
        if view.person != person_id:
            raise RefusedError("This dialog is not open any more.")
        return view

    def front(self, person_id: str, view_id: str) -> OpenView:
        """The modal in front of this person, which must be the one they mean."""
        view = self.view(person_id, view_id)
        if view is not self._modals.top(person_id):
            raise RefusedError("Another dialog is in front of this one.")
        return view

    def place(self, person_id: str, place: Mapping[str, Any]) -> tuple[dict[str, Any], Sequence[Mapping[str, Any]]]:
        """The payload fields and the blocks of the place of an element: a `view`, or a `conversation` and `ts`."""
        if place.get("view"):
            view = self.view(person_id, place["view"])
            fields_of_view = {"container": payloads.view_container(view), "view": view.as_payload()}
            return fields_of_view, view.definition["blocks"]
        _, conversation, message = self.message(person_id, place["conversation"], place["ts"])
        shown = payloads.message(self._workspace, message, self._base_url)
        container = payloads.message_container(conversation, message)
        channel = payloads.channel_of(conversation)
        return {"container": container, "channel": channel, "message": shown}, message.blocks

    def element(self, blocks: Sequence[Mapping[str, Any]], block_id: str, action_id: str) -> Mapping[str, Any]:
        """An interactive element as it stands there now."""
        for block in blocks:
            if block["block_id"] == block_id:
                for element in interactive_elements(block):
                    if element["action_id"] == action_id:
                        return element
        raise RefusedError("This button or field is not there any more.")

    def action(self, blocks: Sequence[Mapping[str, Any]], block_id: str, action: Mapping[str, Any]) -> dict[str, Any]:
        """One entry of a block_actions payload: what the element says of itself, and what was chosen."""
        element = self.element(blocks, block_id, str(action["action_id"]))
        done: dict[str, Any] = {
            "type": element["type"],
            "action_id": element["action_id"],
            "block_id": block_id,
            "action_ts": self._workspace.next_ts(),
        }
        if element["type"] == "button":
            own = {name: element[name] for name in ("text", "value", "style", "url") if name in element}
            return {**done, **own}
        key = SLOTS[element["type"]].key if element["type"] in SLOTS else "selected_option"
        done[key] = action.get(key)
        _refuse_foreign_options(element, done[key])
        return done


def _refuse_foreign_options(element: Mapping[str, Any], chosen: Any) -> None:
    """A person can only choose what is on offer."""
    offered = [option["value"] for option in all_options(element)]
    picked = chosen if isinstance(chosen, list) else [chosen]
    if offered and any(isinstance(p, Mapping) and p.get("value") not in offered for p in picked):
        raise RefusedError("This option is not on offer any more.")
