"""Slack's Web API as the flow and the listeners use it: every call, and what each failure means for trying again."""

from __future__ import annotations

import http.client
import json
import logging
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.web import SlackResponse

from bot.domain.directory import DirectoryEntry
from bot.domain.errors import DeliveryFailed
from bot.domain.presence import says_away
from bot.flow.forms import PortfolioForm, ReviewForm
from bot.flow.home.home import Home
from bot.flow.messages import Document, Message
from bot.flow.ports import Place, SharedFile
from bot.slack import messages
from bot.slack.blocks import Block
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
R = TypeVar("R")

_INTERACTION_TIMEOUT = 2  # seconds: a view call must leave room for the ack within Slack's three
_SEND_TIMEOUT = 20  # seconds: shorter than a lease, so that a slow call is recorded by whoever made it
_USERS_PAGE = 200
_CHANNELS_PAGE = 200
_DND_BATCH = 50  # people in one dnd.teamInfo call; the limit is unconfirmed
_HISTORY_PAGE = 200
_HISTORY_PAGES = 5  # an unknown send is settled within minutes: it is among the latest messages

# What Slack may have done although it says so: the message may be there.
_UNCERTAIN = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout", "server_error"})
# The app itself is shut out or the limit is long: nothing was done, and an operator has to act. Seconds until the next try.
_SHUT_OUT = frozenset({
    "invalid_auth", "account_inactive", "token_revoked", "token_expired", "not_authed", "missing_scope",
    "not_allowed_token_type", "team_access_not_granted", "ekm_access_denied", "accesslimited", "message_limit_exceeded",
})  # fmt: skip
_SHUT_OUT_PAUSE = 300.0
_SITE = "https://slack.com/"  # where links lead until Slack has told the workspace's own address
_LONGEST_LOCALE = 35  # characters of a language tag; Slack's own are five
_END_OF_CALENDAR = 253_402_300_800  # UNIX seconds: the year 10000, which a datetime cannot hold
_SHORT_WAIT = 1.0  # seconds that a sender may as well wait with the row in its hands
_METHODS = {
    "card": "chat.update",
    "notice-edit": "chat.update",
    "post-edit": "chat.update",
    "post-refresh": "chat.update",
    "decision-edit": "chat.update",
    "review": "views.update",
    "home": "views.publish",
    "file": "files.upload",
    "portfolio-file": "files.upload",
    "preview-files": "files.upload",
    "portfolio-preview-files": "files.upload",
}
_RATE_LIMITED = frozenset({"ratelimited", "rate_limited"})
_PASSING = frozenset({"team_added_to_org", "org_login_required", "external_channel_migrating", "too_many_requests"})


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel by its id: whether another company is in it, and whether the bot is."""

    id: str
    is_shared: bool
    is_member: bool


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
        client = partial(ObservedClient, token=token, base_url=api_url, on_call=on_call)
        self._reads = client(timeout=_SEND_TIMEOUT)
        self._reads.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=3))
        self._writes = client(timeout=_SEND_TIMEOUT, retry_handlers=[])
        self._quick = client(timeout=_INTERACTION_TIMEOUT, retry_handlers=[])
        self._words = words
        self._questions = questions
        self._channels: dict[str, Channel] = {}
        self._limiter = limiter or Limiter()
        self.site = _SITE

    def post(self, to: str, message: Message, thread: Place | None = None, *, is_broadcast: bool = False) -> Place:
        """Send a message to a person's or channel's id, or as a reply under a message."""
        rendered = messages.render(message, self._words)
        reply = {"thread_ts": thread.ts, "reply_broadcast": is_broadcast} if thread else {}
        channel = self._channel_id(to)
        response = self._write(
            "chat.postMessage",
            self._writes.chat_postMessage,
            channel=channel,
            text=rendered.text,
            blocks=rendered.blocks,
            metadata=rendered.metadata,
            unfurl_links=False,
            unfurl_media=False,
            **reply,
        )
        return Place(response["channel"], response["ts"])

    def edit(self, place: Place, message: Message) -> None:
        """Replace a message of ours. Left out, `parse` and `link_names` would go back to Slack's defaults."""
        rendered = messages.render(message, self._words)
        self._write(
            "chat.update",
            self._writes.chat_update,
            channel=place.channel,
            ts=place.ts,
            text=rendered.text,
            blocks=rendered.blocks,
            metadata=rendered.metadata,
            parse="none",
            link_names=False,
        )

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
            announced = _call(
                self._writes.files_getUploadURLExternal,
                filename=document.filename,
                length=len(document.content),
                alt_txt=document.alt or None,
            )
            _call(_send_bytes, url=announced["upload_url"], content=document.content)
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
        text = self._words.say("help/problem.j2", problem=problem)
        view = review.message(self._words.label("review"), text, self._words)
        self._write("views.update", self._writes.views_update, external_id=external_id, view=view)

    def find_own_message(self, person: str, key: str) -> Place | None:
        """The message with this key in our conversation with a person, if Slack has it. Reads no other conversation."""
        channel: str = _call(self._reads.conversations_open, users=person)["channel"]["id"]
        history = partial(
            self._reads.conversations_history, channel=channel, limit=_HISTORY_PAGE, include_all_metadata=True
        )
        for page in islice(_pages(history), _HISTORY_PAGES):
            for message in page["messages"]:
                if _carries(message, key):
                    return Place(channel, message["ts"])
        return None

    def directory(self) -> Sequence[DirectoryEntry]:
        """Everybody in the workspace, read page by page; at Slack's rate, a minute for four thousand."""
        pages = _pages(
            partial(self._read, "users.list", self._reads.users_list, limit=_USERS_PAGE, include_locale=True)
        )
        team: str = self.identity()["team_id"]
        return [entry_of_user(user, team) for page in pages for user in page["members"]]

    def do_not_disturb(self, people: Sequence[str]) -> dict[str, tuple[datetime, datetime] | None]:
        """The present or next do-not-disturb window of people; None for those who have none.

        Of many, only the first are told of: as many as Slack's limits leave room for just now.
        """
        found: dict[str, tuple[datetime, datetime] | None] = {}
        for start in range(0, len(people), _DND_BATCH):
            if self._limiter.delay("dnd.teamInfo") > 0:
                break
            batch = people[start : start + _DND_BATCH]
            told = self._read("dnd.teamInfo", self._reads.dnd_teamInfo, users=list(batch))["users"]
            found |= {slack_id: _dnd_window(told.get(slack_id) or {}) for slack_id in batch}
        return found

    def read_channels(self) -> None:
        """Learn the ids of channels, since the portfolio may name them: those that the bot may see."""
        pages = _pages(
            partial(
                self._read,
                "conversations.list",
                self._reads.conversations_list,
                limit=_CHANNELS_PAGE,
                exclude_archived=True,
                types="public_channel,private_channel",
            )
        )
        found = [channel for page in pages for channel in page["channels"]]
        by_id = {c["id"]: _channel(c) for c in found}
        self._channels = by_id | {f"#{c['name']}": by_id[c["id"]] for c in found}

    def joined(self, channel: str) -> None:
        """Learn of a channel (its id) that the bot was invited to."""
        found = _call(self._quick.conversations_info, channel=channel)["channel"]
        self._channels |= dict.fromkeys((found["id"], f"#{found['name']}"), _channel(found))

    def shared_file(self, file_id: str) -> SharedFile:
        """What Slack knows of a file that somebody dropped."""
        found = _call(self._reads.files_info, file=file_id)["file"]
        return SharedFile(found.get("name") or "", found.get("size") or 0, found.get("url_private") or "")

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
        known = _call(self._reads.auth_test)
        self.site = known["url"]
        return known

    def open_view(self, trigger: str, view: Block) -> None:
        """Open a modal; the trigger lives three seconds and works once."""
        _call(self._quick.views_open, trigger_id=trigger, view=view)

    def push_view(self, trigger: str, view: Block) -> None:
        """Open a modal on top of the present one."""
        _call(self._quick.views_push, trigger_id=trigger, view=view)

    def update_view(self, view_id: str, view_hash: str | None, view: Block) -> None:
        """Change an open modal, unless it has changed since (`view_hash`)."""
        _call(self._quick.views_update, view_id=view_id, hash=view_hash, view=view)

    def publish_home(self, user: str, view: Block, view_hash: str | None = None) -> None:
        """Show a person's App Home, unless it has changed since (`view_hash`)."""
        _call(self._quick.views_publish, user_id=user, hash=view_hash, view=view)

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
        _call(self._quick.chat_postEphemeral, channel=channel, user=user, text=text)

    def must_wait(self, kind: str) -> bool:
        """Whether Slack's limits leave no room just now for one more of this kind of message."""
        return self._limiter.delay(_METHODS.get(kind, "chat.postMessage")) > _SHORT_WAIT

    def _read(self, name: str, method: Callable[..., SlackResponse], **arguments: Any) -> SlackResponse:
        """Call a method that changes nothing, however long its slot is away."""
        self._limiter.wait(name, longest=MINUTE)
        return _call(method, **arguments)

    def _write(self, name: str, method: Callable[..., SlackResponse], **arguments: Any) -> SlackResponse:
        """Call a method in its slot; where Slack asks to wait, every later call of it waits too."""
        self._limiter.wait(name, arguments.get("channel", ""))
        try:
            return _call(method, **arguments)
        except DeliveryFailed as failure:
            if failure.retry_after is not None:
                self._limiter.hold(name, failure.retry_after)
            raise

    def _channel_id(self, to: str) -> str:
        """A conversation's id. A name that is not known yet is looked for once more: the bot may just have been invited."""
        if to.startswith("#") and to not in self._channels:
            self.read_channels()
        return self._channels[to].id if to in self._channels else to


def _pages(method: Callable[..., SlackResponse]) -> Iterator[SlackResponse]:
    """The pages of a list, by Slack's cursors."""
    cursor: str | None = None
    while True:
        page = _call(method, cursor=cursor)
        yield page
        cursor = (page.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            return


def _send_bytes(*, url: str, content: bytes) -> None:
    """Hand a file's bytes to the address that Slack gave for them."""
    request = urllib.request.Request(url, data=content, method="POST")  # noqa: S310 - Slack's answer, over its own connection
    with urllib.request.urlopen(request, timeout=_SEND_TIMEOUT) as answer:  # noqa: S310 - as above
        answer.read()


def _call(method: Callable[..., R], **arguments: Any) -> R:
    """Call a method; raises DeliveryFailed, which says what a failure means for trying again."""
    try:
        return method(**arguments)
    except SlackApiError as error:
        raise _from_answer(error) from error
    except SlackRequestError as error:  # an upload's bytes were refused: nothing was shared yet
        raise DeliveryFailed("the upload was refused", outcome="retry") from error
    except (urllib.error.URLError, http.client.HTTPException, OSError, json.JSONDecodeError) as error:
        raise DeliveryFailed(f"no answer: {type(error).__name__}", outcome=_outcome_of(error)) from error


def _from_answer(error: SlackApiError) -> DeliveryFailed:
    response = error.response
    status = response.status_code if isinstance(response, SlackResponse) else 0
    code = str(response.get("error") or "unknown")
    if status == 429 or code in _RATE_LIMITED:
        return DeliveryFailed(code, outcome="retry", retry_after=_retry_after(response.headers))
    if code in _SHUT_OUT:
        logger.error("slack shut the app out error=%s needed=%s", code, response.get("needed"))
        return DeliveryFailed(code, outcome="retry", retry_after=_SHUT_OUT_PAUSE)
    if code in _PASSING:
        return DeliveryFailed(code, outcome="retry")
    if status >= 500 or code in _UNCERTAIN:
        return DeliveryFailed(code[:100], outcome="unknown")
    _log_pointers(response, code)
    return DeliveryFailed(code, outcome="final")


def _log_pointers(response: Any, code: str) -> None:
    pointers = (response.get("response_metadata") or {}).get("messages")
    if pointers:
        logger.error("slack refused a payload error=%s at=%s", code, pointers[:5])


def _retry_after(headers: Mapping[str, str]) -> float:
    named = {name.lower(): value for name, value in headers.items()}
    return float(named.get("retry-after") or 30)


def _outcome_of(error: Exception) -> str:
    """A connection that was never made did nothing; one that broke may have been heard."""
    reason = getattr(error, "reason", error)
    never_made = isinstance(reason, (ConnectionRefusedError, ssl.SSLError)) or "getaddrinfo" in repr(reason)
    return "retry" if never_made or "Name or service not known" in repr(reason) else "unknown"


def _carries(message: Mapping[str, Any], key: str) -> bool:
    payload = (message.get("metadata") or {}).get("event_payload") or {}
    blocks = message.get("blocks") or [{}]
    return payload.get("key") == key or blocks[0].get("block_id") == key[:255]


def _dnd_window(told: Mapping[str, Any]) -> tuple[datetime, datetime] | None:
    start, end = _instant(told.get("next_dnd_start_ts")), _instant(told.get("next_dnd_end_ts"))
    return (start, end) if told.get("dnd_enabled") and start and end else None


def _channel(found: Mapping[str, Any]) -> Channel:
    return Channel(found["id"], bool(found.get("is_ext_shared")), bool(found.get("is_member")))


def entry_of_user(user: Mapping[str, Any], team: str) -> DirectoryEntry:
    """An account of Slack's directory from one of its user objects; `team` is our own workspace.

    Bots, closed accounts and people of other companies, who may press nothing of ours, are not reachable.
    """
    profile = user.get("profile") or {}
    name = user.get("name") or ""
    is_person = not user.get("is_bot") and user["id"] != "USLACKBOT"
    teams = (user.get("team_id") or team, *(user.get("enterprise_user") or {}).get("teams", ()))
    is_ours = team in teams and not user.get("is_stranger")
    return DirectoryEntry(
        slack_id=user["id"],
        name=name,
        display_name=profile.get("display_name") or profile.get("real_name") or user.get("real_name") or name,
        email=profile.get("email"),
        timezone=user.get("tz"),
        is_reachable=is_person and is_ours and not user.get("deleted"),
        is_away=says_away(profile.get("status_emoji") or "", profile.get("status_text") or ""),
        away_until=_instant(profile.get("status_expiration")),
        locale=str(user.get("locale") or "")[:_LONGEST_LOCALE] or None,
    )


def _instant(seconds: Any) -> datetime | None:
    """An instant from UNIX seconds; Slack's 0 and 1 mean none, and so does one after the calendar's end."""
    is_one = isinstance(seconds, (int, float)) and 1 < seconds < _END_OF_CALENDAR
    return datetime.fromtimestamp(seconds, UTC) if is_one else None
