"""What a person can do in Slack, and what then reaches the app. The page and the Actor both use only this."""

from collections.abc import Mapping
from typing import Any

from bot.sandbox import payloads
from bot.sandbox.api.calls import ApiError, Context
from bot.sandbox.api.chat import check_content
from bot.sandbox.api.endpoint import WebApi
from bot.sandbox.delivery import Ack, Delivery
from bot.sandbox.events import Events
from bot.sandbox.forms import SLOTS, client_errors, typed_values
from bot.sandbox.people import SlackPerson
from bot.sandbox.reach import Reach, RefusedError
from bot.sandbox.responses import ResponseUrls
from bot.sandbox.rules import check_message
from bot.sandbox.rules.objects import MOST_OPTIONS, OPTION, OPTION_GROUP, all_options
from bot.sandbox.rules.shapes import exactly_one, listing, record
from bot.sandbox.submissions import Submissions
from bot.sandbox.workspace import Conversation, Message

INVITE = "/invite"
_OPTIONS_ANSWER = record(
    {},
    {
        "options": listing(OPTION, MOST_OPTIONS, low=0),
        "option_groups": listing(OPTION_GROUP, MOST_OPTIONS, low=0),
    },
    [exactly_one("options", "option_groups")],
)


class Acts:
    """The deeds of people. One that the app must ack waits until it has, or failed to; events go out unwaited."""

    def __init__(self, context: Context, api: WebApi, delivery: Delivery, urls: ResponseUrls) -> None:
        self._context = context
        self._workspace = context.workspace
        self._modals = context.modals
        self._api = api
        self._delivery = delivery
        self._urls = urls
        self._reach = Reach(context.workspace, context.modals, context.base_url)
        self._submissions = Submissions(context, api, urls)
        self.events = Events(context, delivery)

    async def click_message(
        self, person_id: str, channel: str, ts: str, block_id: str, action: Mapping[str, Any]
    ) -> None:
        """Use an interactive element of a message."""
        person, conversation, message = self._reach.message(person_id, channel, ts)
        done = self._reach.action(message.blocks, block_id, action)
        shown = payloads.message(self._workspace, message, self._context.base_url)
        payload = payloads.interaction(
            "block_actions",
            person,
            container=payloads.message_container(conversation, message),
            trigger_id=self._modals.new_trigger(person.id),
            channel=payloads.channel_of(conversation),
            message=shown,
            state={"values": {}},
            response_url=self._urls.new(person.id, conversation, message),
            actions=[done],
        )
        self._notice_silence(person.id, await self._delivery.send("interactive", payload))

    async def click_view(
        self,
        person_id: str,
        view_id: str,
        block_id: str,
        action: Mapping[str, Any],
        typed: Mapping[str, Any],
    ) -> None:
        """Use an interactive element of the person's modal or Home tab, with `typed` in the fields."""
        person = self._reach.person(person_id)
        view = self._reach.view(person_id, view_id)
        done = self._reach.action(view.definition["blocks"], block_id, action)
        chosen = {block_id: {done["action_id"]: done}} if done["type"] in SLOTS else {}
        view.values = typed_values(view.definition, view.values, {**typed, **_merged(typed, chosen)})
        payload = payloads.interaction(
            "block_actions",
            person,
            container=payloads.view_container(view),
            trigger_id=self._modals.new_trigger(person.id, view.id),
            view=view.as_payload(),
            actions=[done],
        )
        self._notice_silence(person.id, await self._delivery.send("interactive", payload))

    def type_into(self, person_id: str, view_id: str, typed: Mapping[str, Any]) -> None:
        """Fill fields of a modal or Home tab without sending anything."""
        self._reach.person(person_id)
        view = self._reach.view(person_id, view_id)
        view.values = typed_values(view.definition, view.values, typed)
        self._workspace.changes.touch()

    async def submit(self, person_id: str, view_id: str, typed: Mapping[str, Any]) -> None:
        """Submit the modal in front. Raises RefusedError with the errors of fields that the client rejects."""
        person = self._reach.person(person_id)
        view = self._reach.front(person_id, view_id)
        if "submit" not in view.definition:
            raise RefusedError("This dialog has nothing to submit.")
        view.values = self._submissions.with_files(view, typed_values(view.definition, view.values, typed))
        view.errors = client_errors(view.definition, view.values)
        self._workspace.changes.touch()
        if view.errors:
            raise RefusedError("Some answers need another look.", view.errors)
        payload = payloads.interaction(
            "view_submission",
            person,
            trigger_id=self._modals.new_trigger(person.id, view.id),
            view=view.as_payload(),
            response_urls=self._submissions.response_urls(view),
        )
        self._submissions.follow(view, await self._delivery.send("interactive", payload))

    async def close(self, person_id: str, view_id: str, *, clear: bool = False) -> None:
        """Close the modal in front, or (`clear`) its whole stack."""
        person = self._reach.person(person_id)
        view = self._reach.front(person_id, view_id)
        whole = clear or bool(view.definition.get("clear_on_close"))
        told = self._modals.find(view.root_id) if clear else view
        self._modals.close(view, whole_stack=whole)
        if told.definition.get("notify_on_close"):
            payload = payloads.interaction("view_closed", person, view=told.as_payload(), is_cleared=whole)
            await self._delivery.send("interactive", payload)

    async def command(self, person_id: str, channel: str, text: str) -> None:
        """Send a slash command from a conversation."""
        person = self._reach.person(person_id)
        conversation = self._reach.conversation(person_id, channel)
        name, _, rest = text.strip().partition(" ")
        if name == INVITE:
            self._invite(conversation, rest)
            return
        if person.is_external or name not in {known.command for known in self._workspace.app.commands}:
            raise RefusedError(f"{name} is not a valid command.")
        trigger_id = self._modals.new_trigger(person.id)
        url = self._urls.new(person.id, conversation)
        payload = payloads.command(person, conversation, name, rest.strip(), trigger_id, url)
        ack = await self._delivery.send("slash_commands", payload)
        if not ack.answered:
            self._workspace.notify(person.id, f'{name} failed with the error "operation_timeout"')
        elif ack.body:
            self._reply_to_command(person, conversation, text, ack.body)

    async def shortcut(
        self, person_id: str, callback_id: str, channel: str | None = None, ts: str | None = None
    ) -> None:
        """Use a shortcut of the app; one on a message names its conversation and ts."""
        person = self._reach.person(person_id)
        known = {} if person.is_external else {known.callback_id: known for known in self._workspace.app.shortcuts}
        if callback_id not in known or (known[callback_id].type == "message") is (ts is None):
            raise RefusedError("There is no such shortcut here.")
        common = {
            "callback_id": callback_id,
            "trigger_id": self._modals.new_trigger(person.id),
            "action_ts": self._workspace.next_ts(),
        }
        if ts is None:
            payload = payloads.interaction("shortcut", person, **common)
        else:
            _, conversation, message = self._reach.message(person_id, channel or "", ts)
            payload = payloads.interaction(
                "message_action",
                person,
                **common,
                message_ts=ts,
                channel=payloads.channel_of(conversation),
                message=payloads.message(self._workspace, message, self._context.base_url),
                response_url=self._urls.new(person.id, conversation, message),
            )
        self._notice_silence(person.id, await self._delivery.send("interactive", payload))

    async def suggest(
        self, person_id: str, place: Mapping[str, Any], block_id: str, action_id: str, typed: str
    ) -> list[dict[str, Any]]:
        """Ask the app for the options of an external select, in a `view` or a `conversation` and `ts`."""
        person = self._reach.person(person_id)
        where, blocks = self._reach.place(person_id, place)
        element = self._reach.element(blocks, block_id, action_id)
        if len(typed) < element.get("min_query_length", 3):
            return []
        payload = payloads.interaction(
            "block_suggestion", person, **where, block_id=block_id, action_id=action_id, value=typed
        )
        ack = await self._delivery.send("interactive", payload)
        faults = list(_OPTIONS_ANSWER(ack.body, "")) if ack.answered else []
        if faults or not ack.answered:
            self._api.record("ack:block_suggestion", dict(ack.body or {}), "invalid_options")
            return []
        return [dict(option) for option in all_options(ack.body or {})]

    def say(self, person_id: str, channel: str, text: str, thread_ts: str | None = None) -> None:
        """Write a message."""
        self._reach.person(person_id)
        conversation = self._reach.conversation(person_id, channel)
        message = self._own_message(conversation, person_id, text, thread_ts)
        self._workspace.add(message)
        self.events.message(conversation, message)

    def upload(self, person_id: str, channel: str, name: str, content: bytes) -> None:
        """Drop a file into a conversation."""
        self._reach.person(person_id)
        conversation = self._reach.conversation(person_id, channel)
        file = self._workspace.keep_file(person_id, name, content)
        message = self._own_message(conversation, person_id, "", None)
        message.files = [file]
        file.shares[conversation.id] = message.ts
        self._workspace.add(message)
        self.events.message(conversation, message)
        self.events.file_shared(conversation, person_id, file)

    def open_home(self, person_id: str) -> None:
        """Open the app's Home tab."""
        self.events.home_opened(self._reach.person(person_id))

    def read(self, person_id: str, channel: str) -> None:
        """Mark everything in a conversation as read."""
        conversation = self._reach.conversation(person_id, channel)
        seen = conversation.seen_by(person_id)
        if seen and conversation.unread(person_id):
            conversation.read_until[person_id] = seen[-1].ts
            self._workspace.changes.touch()

    def _invite(self, conversation: Conversation, whom: str) -> None:
        """Slack's own command, as far as the app is concerned."""
        app = self._workspace.app
        if conversation.kind != "channel" or whom.strip().removeprefix("@").casefold() != app.name.casefold():
            raise RefusedError(f"Only the app can be invited here, to a channel: {INVITE} @{app.name}")
        self.add_member(conversation.id, app.bot_user)

    def add_member(self, channel: str, member: str) -> None:
        """Somebody, or the app itself, comes into a channel; who is there already stays."""
        conversation = self._workspace.conversations[channel]
        if member not in conversation.members:
            self._workspace.change_channel(channel, {"members": [*conversation.members, member]})
            self.events.member_joined(conversation, member)

    def _own_message(self, conversation: Conversation, person_id: str, text: str, thread_ts: str | None) -> Message:
        ts = self._workspace.next_ts()
        return Message(conversation.id, ts, person_id, text, thread_ts=thread_ts)

    def _reply_to_command(
        self, person: SlackPerson, conversation: Conversation, typed: str, body: Mapping[str, Any]
    ) -> None:
        """Show the message that came with the ack of a command; `in_channel` shows the command too."""
        try:
            check_content(self._context, body, check_message(body))
        except ApiError as error:
            self._api.record("ack:slash_commands", dict(body), error.error)
            self._workspace.notify(person.id, f'The command failed with the error "{error.error}"')
            return
        if body.get("response_type") == "in_channel":
            self._workspace.add(self._own_message(conversation, person.id, typed, None))
        self._urls.answer(person.id, conversation, body)

    def _notice_silence(self, person_id: str, ack: Ack) -> None:
        if not ack.answered:
            text = f"{self._workspace.app.name} did not answer in time (operation_timeout)"
            self._workspace.notify(person_id, text)


def _merged(typed: Mapping[str, Any], chosen: Mapping[str, Any]) -> dict[str, Any]:
    """`chosen` laid over `typed`, element by element."""
    return {block_id: {**typed.get(block_id, {}), **answers} for block_id, answers in chosen.items()}
