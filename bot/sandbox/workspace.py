"""The workspace in memory: people, conversations, messages, unread marks. It belongs to one thread."""

import itertools
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

from bot.sandbox.changes import Changes
from bot.sandbox.files import Files, SlackFile
from bot.sandbox.people import APP_ID, BOT_ID, TEAM_ID, SlackApp, SlackChannel, SlackPerson

MICROSECONDS = 1_000_000
CHANGEABLE = ("topic", "is_archived", "is_ext_shared", "members")


@dataclass
class Message:
    """One message; `ephemeral_for` names the only person who sees it, and nobody finds it by API."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    thread_ts: str | None = None
    metadata: Mapping[str, Any] | None = None
    files: list[SlackFile] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    edited_ts: str | None = None
    ephemeral_for: str | None = None
    by_app: bool = False
    broadcast: bool = False

    @property
    def at(self) -> datetime:
        """The instant of posting."""
        seconds, micros = self.ts.split(".")
        return datetime.fromtimestamp(int(seconds), UTC).replace(microsecond=int(micros))

    @property
    def is_reply(self) -> bool:
        """Whether the message stands in a thread below another."""
        return self.thread_ts is not None and self.thread_ts != self.ts


@dataclass
class Conversation:
    """A channel, or the direct messages between one person and the app."""

    id: str
    kind: Literal["channel", "im"]
    name: str
    topic: str = ""
    members: list[str] = field(default_factory=list)
    is_private: bool = False
    is_ext_shared: bool = False
    is_archived: bool = False
    messages: list[Message] = field(default_factory=list)
    read_until: dict[str, str] = field(default_factory=dict)

    def find(self, ts: str) -> Message | None:
        """The message with this ts, ephemeral ones left out."""
        return next((m for m in self.messages if m.ts == ts and m.ephemeral_for is None), None)

    def replies(self, ts: str) -> list[Message]:
        """The replies in the thread of this message, oldest first."""
        return [m for m in self.messages if m.thread_ts == ts and m.is_reply and m.ephemeral_for is None]

    def seen_by(self, person: str) -> list[Message]:
        """The messages this person sees, oldest first."""
        if person not in self.members:
            return []
        return [m for m in self.messages if m.ephemeral_for in (None, person)]

    def unread(self, person: str) -> int:
        """How many messages of others came after this person last read here."""
        since = self.read_until.get(person, "")
        return sum(m.ts > since and m.user != person for m in self.seen_by(person))


class Workspace:
    """Everything that people and the app share. `now` gives business time as an aware instant."""

    def __init__(
        self,
        people: Sequence[SlackPerson],
        channels: Sequence[SlackChannel],
        app: SlackApp,
        now: Callable[[], datetime],
        name: str,
    ) -> None:
        self.app = app
        self.name = name
        self.now = now
        self.changes = Changes()
        self.files = Files()
        self.notices: dict[str, str] = {}
        self.people = {person.id: person for person in people}
        self.people.setdefault(
            app.bot_user, SlackPerson(app.bot_user, app.name.lower(), real_name=app.name, is_bot=True)
        )
        self.conversations = {channel.id: self._opened(channel) for channel in channels}
        self._last_ts = 0
        self._ids = itertools.count(1)

    def _opened(self, channel: SlackChannel) -> Conversation:
        members = [member for member in channel.members if member != self.app.bot_user]
        return Conversation(
            id=channel.id,
            kind="channel",
            name=channel.name,
            topic=channel.topic,
            members=[*members, self.app.bot_user] if channel.bot_is_member else members,
            is_private=channel.is_private,
            is_ext_shared=channel.is_ext_shared,
            is_archived=channel.is_archived,
        )

    def new_id(self, prefix: str) -> str:
        """An id of Slack's shape that was not given out before."""
        return f"{prefix}{next(self._ids):05d}{secrets.token_hex(3).upper()}"

    def next_ts(self) -> str:
        """Business time as a message ts, always later than the one before."""
        self._last_ts = max(int(self.now().timestamp() * MICROSECONDS), self._last_ts + 1)
        return f"{self._last_ts // MICROSECONDS}.{self._last_ts % MICROSECONDS:06d}"

    def direct(self, person: str) -> Conversation:
        """The direct messages between this person and the app, opened when first asked for."""
        channel_id = f"D{person[1:]}"
        if channel_id not in self.conversations:
            self.conversations[channel_id] = Conversation(
                channel_id, "im", self.app.name, members=[person, self.app.bot_user]
            )
        return self.conversations[channel_id]

    def partner(self, conversation: Conversation) -> SlackPerson:
        """The person at the other end of the app's direct messages."""
        return self.people[conversation.members[0]]

    def shares_channel(self, person: str) -> bool:
        """Whether the app and this person are members of one channel."""
        both = {person, self.app.bot_user}
        return any(both <= set(c.members) for c in self.conversations.values() if c.kind == "channel")

    def change_person(self, person: str, changes: Mapping[str, Any]) -> SlackPerson:
        """Change fields of a person, for instance `deleted` or a status; returns the new value."""
        self.people[person] = replace(self.people[person], **changes)
        self.changes.touch()
        return self.people[person]

    def change_channel(self, channel: str, changes: Mapping[str, Any]) -> None:
        """Change fields of a channel, for instance `is_archived` or `members`."""
        conversation = self.conversations[channel]
        for name, value in changes.items():
            if name not in CHANGEABLE:
                raise TypeError(f"a channel's {name} cannot be changed")
            setattr(conversation, name, value)
        self.changes.touch()

    def keep_file(self, owner: str, name: str, content: bytes) -> SlackFile:
        """Keep a file that came whole, from a person."""
        file = SlackFile(self.new_id("F"), name, len(content), owner, self.now(), title=name)
        file.content, file.completed = content, True
        return self.files.add(file)

    def notify(self, person: str, text: str) -> None:
        """Complain to one person, until they next do something."""
        self.notices[person] = text
        self.changes.touch()

    def add(self, message: Message) -> Message:
        """Put a message into its conversation; its blocks and elements get the ids they lack."""
        self.complete_ids(message.blocks)
        self.conversations[message.channel].messages.append(message)
        self.changes.touch()
        return message

    def complete_ids(self, blocks: list[dict[str, Any]]) -> None:
        """Give blocks without block_id, and elements without action_id, ids as Slack does."""
        for block in blocks:
            block.setdefault("block_id", secrets.token_urlsafe(4))
            for element in interactive_elements(block):
                element.setdefault("action_id", secrets.token_urlsafe(4))

    def bot_profile(self) -> dict[str, Any]:
        """How the app presents itself as a bot."""
        return {"id": BOT_ID, "app_id": APP_ID, "name": self.app.name, "team_id": TEAM_ID, "deleted": False}


def interactive_elements(block: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The elements of a block that a person can act on."""
    candidates = [block.get("accessory"), block.get("element"), *block.get("elements", ())]
    if block["type"] in ("section", "input", "actions"):
        yield from (element for element in candidates if element and element["type"] != "image")
