"""Slack's Web API as the flow and the listeners use it: every call, and what each failure means for trying again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import partial
from itertools import islice
from ssl import SSLContext, create_default_context
from typing import Any

from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.web import SlackResponse

from bot.domain.directory import DirectoryEntry
from bot.domain.errors import DeliveryFailed, NotPermitted
from bot.flow.forms import PortfolioForm, ReviewForm
from bot.flow.home.home import Home
from bot.flow.kinds import KINDS, Way
from bot.flow.messages import Document, Message
from bot.flow.ports import Place, SharedFile
from bot.slack import messages
from bot.slack.accounts import Channel, channel_of, dnd_window, entry_of_user, fields, file_of, items, text
from bot.slack.blocks import Block
from bot.slack.calls import Caller, NotDrawn, send_bytes
from bot.slack.downloads import download
from bot.slack.forms import summary
from bot.slack.forms.questions import Questions
from bot.slack.home import home
from bot.slack.limits import MINUTE, Limiter
from bot.slack.observers import ObservedClient, OnCall, nobody
from bot.slack.review import portfolio as portfolio_review
from bot.slack.review import review
from bot.slack.words import Words

logger = logging.getLogger(__name__)

_INTERACTION_TIMEOUT = 2  # seconds: a view call must leave room for the ack within Slack's three
_SEND_TIMEOUT = 20  # seconds: shorter than a lease, so that a slow call is recorded by whoever made it
_USERS_PAGE = 200
_CHANNELS_PAGE = 200
_DND_BATCH = 50  # people in one dnd.teamInfo call; the limit is unconfirmed
_HISTORY_PAGE = 200
_HISTORY_PAGES = 5  # an unknown send is settled within minutes: it is among the latest messages

_SITE = "https://slack.com/"  # where links lead until Slack has told the workspace's own address
_SHORT_WAIT = 1.0  # seconds that a sender may as well wait with the row in its hands
_METHODS = {
    Way.POST: "chat.postMessage",
    Way.EDIT: "chat.update",
    Way.FILES: "files.upload",
    Way.VIEW: "views.update",
    Way.HOME: "views.publish",
}


class SlackMessenger:
    """Fulfils `flow.ports.Messenger` and `flow.ports.SharedFiles`, and opens views for the listeners.

    Three clients: one for reads, which may repeat calls; one for writes, which never does (a repeated post would be sent
    twice); one for views inside an interaction, which gives up before Slack does.
    """

    def __init__(
        self,
        token: str,
        api_url: str,
        words: Words,
        questions: Questions,
        limiter: Limiter | None = None,
        on_call: OnCall = nobody,
    ) -> None:
        self._token, self._api_url = token, api_url
        client = partial(ObservedClient, token=token, base_url=api_url, on_call=on_call, ssl=_trust(api_url))
        self._reads = client(timeout=_SEND_TIMEOUT)
        self._reads.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=3))
        self._writes = client(timeout=_SEND_TIMEOUT, retry_handlers=[])
        self._quick = client(timeout=_INTERACTION_TIMEOUT, retry_handlers=[])
        self._words = words
        self._questions = questions
        self._channels: dict[str, Channel] = {}
        self._limiter = limiter or Limiter()
        self._call = Caller()
        self.site = _SITE

    def post(self, to: str, message: Message, thread: Place | None = None, *, is_broadcast: bool = False) -> Place:
        """Send a message to a person's or channel's id, or as a reply under a message."""
        reply = {"thread_ts": thread.ts, "reply_broadcast": is_broadcast} if thread else {}
        response = self._say(
            message,
            "chat.postMessage",
            self._writes.chat_postMessage,
            channel=self._channel_id(to),
            unfurl_links=False,
            unfurl_media=False,
            **reply,
        )
        return _place(response)

    def edit(self, place: Place, message: Message) -> None:
        """Replace a message of ours. Left out, `parse` and `link_names` would go back to Slack's defaults."""
        self._say(
            message,
            "chat.update",
            self._writes.chat_update,
            channel=place.channel,
            ts=place.ts,
            parse="none",
            link_names=False,
        )

    def _say(
        self, message: Message, name: str, method: Callable[..., SlackResponse], **arguments: Any
    ) -> SlackResponse:
        """Send a message. Where Slack refuses what it looks like, nothing was sent: a plainer form of it goes instead."""
        rendered = messages.render(message, self._words)
        *forms, plainest = (rendered, *messages.plainer(rendered, self._words))
        for form in forms:
            try:
                return self._write(name, method, **asdict(form), **arguments)
            except NotDrawn as refusal:
                logger.warning("slack does not draw a message key=%s error=%s, sent plainer", message.key, refusal)
        return self._write(name, method, **asdict(plainest), **arguments)

    def upload(self, thread: Place, documents: Sequence[Document]) -> None:
        """Put files under a message, together. Nobody sees any of them before the last of Slack's three steps."""
        self._write("files.upload", self._share, channel=thread.channel, thread_ts=thread.ts, documents=documents)

    def _share(self, *, channel: str, thread_ts: str, documents: Sequence[Document]) -> SlackResponse:
        files: list[dict[str, str | None]] = [
            {"id": self._hand_in(document), "title": document.title} for document in documents
        ]
        return self._writes.files_completeUploadExternal(files=files, channel_id=channel, thread_ts=thread_ts)

    def _hand_in(self, document: Document) -> str:
        """Slack's id of a file whose bytes it has, and shows to nobody yet: where that fails it may be done again."""
        try:
            announced = self._call(
                self._writes.files_getUploadURLExternal,
                filename=document.filename,
                length=len(document.content),
                alt_txt=document.alt or None,
            )
            self._call(send_bytes, url=announced["upload_url"], content=document.content, timeout=_SEND_TIMEOUT)
        except NotPermitted:
            raise
        except DeliveryFailed as failure:
            outcome = "retry" if failure.outcome == "unknown" else failure.outcome
            raise DeliveryFailed(str(failure), outcome=outcome, retry_after=failure.retry_after) from failure
        return str(announced["file_id"])

    def fill_review(self, external_id: str, form: ReviewForm | PortfolioForm) -> None:
        """Put the compiled report into the review view that is waiting for it."""
        if isinstance(form, PortfolioForm):
            view = portfolio_review.build(form, self._words)
        else:
            view = review.build(form, self._words, summary.fields_of(form, self._words, self._questions))
        self._write("views.update", self._writes.views_update, external_id=external_id, view=view)

    def refuse_review(self, external_id: str, problem: str) -> None:
        """Say in the waiting review view why there is no report."""
        text = self._words.say("errors/known.j2", problem=problem)
        view = review.message(self._words.label("review"), text, self._words)
        self._write("views.update", self._writes.views_update, external_id=external_id, view=view)

    def find_own_message(self, person: str, key: str) -> Place | None:
        """The message with this key in our conversation with a person, if Slack has it. Reads no other conversation."""
        opened = self._call(self._reads.conversations_open, users=person)["channel"]
        channel = text(fields(opened).get("id"))
        history = partial(
            self._reads.conversations_history, channel=channel, limit=_HISTORY_PAGE, include_all_metadata=True
        )
        for page in islice(self._pages(history), _HISTORY_PAGES):
            for message in map(fields, items(page["messages"])):
                if _carries(message, key) and (ts := text(message.get("ts"))):
                    return Place(channel, ts)
        return None

    def directory(self) -> Sequence[DirectoryEntry]:
        """Everybody in the workspace, read page by page; at Slack's rate, a minute for four thousand."""
        users = partial(self._read, "users.list", self._reads.users_list, limit=_USERS_PAGE, include_locale=True)
        team = text(self.identity()["team_id"])
        told = (entry_of_user(user, team) for page in self._pages(users) for user in items(page["members"]))
        return [entry for entry in told if entry]

    def do_not_disturb(self, people: Sequence[str]) -> dict[str, tuple[datetime, datetime] | None]:
        """The present or next do-not-disturb window of people; None for those who have none.

        Of many, only the first are told of: as many as Slack's limits leave room for just now.
        """
        found: dict[str, tuple[datetime, datetime] | None] = {}
        for start in range(0, len(people), _DND_BATCH):
            if self._limiter.delay("dnd.teamInfo") > 0:
                break
            batch = people[start : start + _DND_BATCH]
            told = fields(self._read("dnd.teamInfo", self._reads.dnd_teamInfo, users=list(batch))["users"])
            found |= {slack_id: dnd_window(told.get(slack_id)) for slack_id in batch}
        return found

    def read_channels(self) -> None:
        """Learn the ids of channels, since the portfolio may name them: those that the bot may see."""
        pages = self._pages(
            partial(
                self._read,
                "conversations.list",
                self._reads.conversations_list,
                limit=_CHANNELS_PAGE,
                exclude_archived=True,
                types="public_channel,private_channel",
            )
        )
        told = (channel_of(found) for page in pages for found in items(page["channels"]))
        found = [channel for channel in told if channel]
        self._channels = _by_id_and_name(*found)

    def joined(self, channel: str) -> None:
        """Learn of a channel (its id) that the bot was invited to."""
        found = channel_of(self._call(self._quick.conversations_info, channel=channel)["channel"])
        if found:
            self._channels |= _by_id_and_name(found)

    def shared_file(self, file_id: str) -> SharedFile:
        """What Slack knows of a file that somebody dropped."""
        return file_of(self._call(self._reads.files_info, file=file_id)["file"])

    def content(self, file: SharedFile, *, most: int) -> bytes:
        """The bytes of a file, at most so many."""
        return download(file.source, self._token, api_url=self._api_url, most=most)

    def channel(self, name: str) -> Channel | None:
        """A channel by its id or by its name with #, as far as Slack told."""
        return self._channels.get(name)

    def is_member(self, channel: str) -> bool:
        """Whether the bot is in a channel (name or id), as far as Slack told."""
        known = self._channels.get(channel)
        return known is not None and known.is_member

    def is_shared(self, channel: str) -> bool:
        """Whether another company reads a channel, as far as Slack told."""
        known = self._channels.get(channel)
        return known is not None and known.is_shared

    def identity(self) -> SlackResponse:
        """Which workspace and bot the token belongs to."""
        known = self._call(self._reads.auth_test)
        self.site = text(known["url"]) or _SITE
        return known

    def open_view(self, trigger: str, view: Block) -> None:
        """Open a modal; the trigger lives three seconds and works once."""
        self._call(self._quick.views_open, trigger_id=trigger, view=view)

    def push_view(self, trigger: str, view: Block) -> None:
        """Open a modal on top of the present one."""
        self._call(self._quick.views_push, trigger_id=trigger, view=view)

    def update_view(self, view_id: str, view_hash: str | None, view: Block) -> None:
        """Change an open modal, unless it has changed since (`view_hash`)."""
        self._call(self._quick.views_update, view_id=view_id, hash=view_hash, view=view)

    def publish_home(self, user: str, view: Block, view_hash: str | None = None) -> None:
        """Show a person's App Home, unless it has changed since (`view_hash`)."""
        self._call(self._quick.views_publish, user_id=user, hash=view_hash, view=view)

    def show_home(self, user: str, shown: Home) -> None:
        """Draw a person's App Home again, for a worker."""
        self._write("views.publish", self._writes.views_publish, user_id=user, view=self.home_view(shown))

    def home_view(self, shown: Home) -> Block:
        """A person's App Home as a view, with what is known of channels and of where posts stand."""
        return home.build(shown, self.is_member, self.link_to, self._words)

    def link_to(self, place: Place) -> str:
        """The address of a message in Slack."""
        return f"{self.site.rstrip('/')}/archives/{place.channel}/p{place.ts.replace('.', '')}"

    def whisper(self, channel: str, user: str, text: str) -> None:
        """Say something in a conversation that only one person sees."""
        self._call(self._quick.chat_postEphemeral, channel=channel, user=user, text=text)

    def with_room(self, kinds: Collection[str]) -> Collection[str]:
        """Those of some kinds of messages for which Slack's limits leave room just now for one more."""
        full = self._limiter.full(_SHORT_WAIT)
        return [kind for kind in kinds if _METHODS.get(KINDS[kind].way) not in full] if full else kinds

    def _read(self, name: str, method: Callable[..., SlackResponse], **arguments: Any) -> SlackResponse:
        """Call a method that changes nothing, however long its slot is away."""
        self._limiter.wait(name, longest=MINUTE)
        return self._call(method, **arguments)

    def _write(self, name: str, method: Callable[..., SlackResponse], **arguments: Any) -> SlackResponse:
        """Call a method in its slot; where Slack asks to wait, every later call of it waits too."""
        self._limiter.wait(name, arguments.get("channel", ""))
        try:
            return self._call(method, **arguments)
        except DeliveryFailed as failure:
            if failure.retry_after is not None:
                self._limiter.hold(name, failure.retry_after)
            raise

    def _channel_id(self, to: str) -> str:
        """A conversation's id. A name that is not known yet is looked for once more: the bot may just have been invited.

        Where Slack does not tell, the name goes out as it is: Slack takes it too.
        """
        if to.startswith("#") and to not in self._channels:
            try:
                self.read_channels()
            except DeliveryFailed as failure:
                logger.info("channels could not be read reason=%s", failure)
        return self._channels[to].id if to in self._channels else to

    def _pages(self, method: Callable[..., SlackResponse]) -> Iterator[SlackResponse]:
        """The pages of a list, by Slack's cursors."""
        cursor: str | None = None
        while True:
            page = self._call(method, cursor=cursor)
            yield page
            cursor = text(fields(page.get("response_metadata")).get("next_cursor"))
            if not cursor:
                return


def _trust(api_url: str) -> SSLContext | None:
    """Whom a secure connection trusts, read once: left to Python, each call reads it anew (20 ms of the processor)."""
    return create_default_context() if api_url.startswith("https:") else None


def _by_id_and_name(*channels: Channel) -> dict[str, Channel]:
    return {c.id: c for c in channels} | {f"#{c.name}": c for c in channels if c.name}


def _place(response: SlackResponse) -> Place:
    """Where a message stands. An answer that does not say it leaves open whether there is one."""
    channel, ts = text(response["channel"]), text(response["ts"])
    if not channel or not ts:
        logger.error("slack took a message and did not say where it stands")
        raise DeliveryFailed("an answer without the message's place", outcome="unknown")
    return Place(channel, ts)


def _carries(message: Mapping[str, Any], key: str) -> bool:
    payload = fields(fields(message.get("metadata")).get("event_payload"))
    first = next(iter(items(message.get("blocks"))), None)
    return payload.get("key") == key or fields(first).get("block_id") == key[:255]
