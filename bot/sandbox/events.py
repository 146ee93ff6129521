"""Events: telling the app what happened in the workspace, as its manifest and scopes allow."""

import asyncio
from collections.abc import Mapping
from typing import Any

from bot.sandbox import payloads
from bot.sandbox.api.calls import Context
from bot.sandbox.api.users import shown_user
from bot.sandbox.delivery import Delivery
from bot.sandbox.files import SlackFile
from bot.sandbox.people import TEAM_ID, SlackPerson
from bot.sandbox.workspace import Conversation, Message


class Events:
    """Sends events to the app. To be used on the sandbox's own thread."""

    def __init__(self, context: Context, delivery: Delivery) -> None:
        self._context = context
        self._workspace = context.workspace
        self._delivery = delivery
        self._under_way: set[asyncio.Task[Any]] = set()

    def message(self, conversation: Conversation, message: Message) -> None:
        """Events for what a person wrote, where the app is a member and was granted the history scope."""
        if self._workspace.app.bot_user not in conversation.members:
            return
        kind = "groups" if conversation.is_private else "channels"
        if conversation.kind == "im":
            kind = "im"
        shown = payloads.message(self._workspace, message, self._context.base_url)
        channel_type = {"im": "im", "groups": "group", "channels": "channel"}[kind]
        common = {**shown, "channel": conversation.id, "event_ts": message.ts}
        if self._context.has_scope(f"{kind}:history"):
            subtype = {"subtype": "file_share"} if message.files else {}
            self.tell(f"message.{kind}", {**common, **subtype, "channel_type": channel_type})
        if f"<@{self._workspace.app.bot_user}>" in message.text and self._context.has_scope("app_mentions:read"):
            self.tell("app_mention", {**common, "type": "app_mention"})

    def file_shared(self, conversation: Conversation, person: str, file: SlackFile) -> None:
        """Somebody put a file where the app can see it, as far as it was granted to read files."""
        if self._workspace.app.bot_user in conversation.members and self._context.has_scope("files:read"):
            event = {
                "type": "file_shared",
                "channel_id": conversation.id,
                "file_id": file.id,
                "user_id": person,
                "file": {"id": file.id},
                "event_ts": self._workspace.next_ts(),
            }
            self.tell("file_shared", event)

    def member_joined(self, conversation: Conversation, member: str) -> None:
        """Somebody, or the app itself, came into a channel of which the app is a member."""
        scope = "groups:read" if conversation.is_private else "channels:read"
        if self._workspace.app.bot_user in conversation.members and self._context.has_scope(scope):
            event = {
                "type": "member_joined_channel",
                "user": member,
                "channel": conversation.id,
                "channel_type": "G" if conversation.is_private else "C",
                "team": TEAM_ID,
                "event_ts": self._workspace.next_ts(),
            }
            self.tell("member_joined_channel", event)

    def home_opened(self, person: SlackPerson) -> None:
        """Someone opened the app's Home tab."""
        home = self._context.modals.homes.get(person.id)
        event = {
            "type": "app_home_opened",
            "user": person.id,
            "channel": self._workspace.direct(person.id).id,
            "tab": "home",
            "event_ts": self._workspace.next_ts(),
            **({"view": home.as_payload()} if home else {}),
        }
        self.tell("app_home_opened", event)

    def person_changed(self, person: SlackPerson) -> None:
        """Something about a person is different now."""
        user = shown_user(self._context, person)
        event = {"type": "user_change", "user": user, "event_ts": self._workspace.next_ts()}
        self.tell("user_change", event)

    def tell(self, subscription: str, event: Mapping[str, Any]) -> None:
        """Send an event to the app, if its manifest subscribes to it. Nobody waits for its ack."""
        if subscription in self._workspace.app.events:
            sending = self._delivery.send("events_api", payloads.event(self._workspace, event))
            task = asyncio.get_running_loop().create_task(sending)
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
