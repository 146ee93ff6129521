"""response_url: answering without a token (docs.slack.dev/interactivity/handling-user-interaction)."""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.api.calls import ApiError, Context, is_true, refuse
from bot.sandbox.api.chat import check_content, message_of_app
from bot.sandbox.rules import Problem, check_message
from bot.sandbox.workspace import Conversation, Message

MOST_USES = 5
LIFE_SECONDS = 30 * 60
_KNOWN = {
    "text",
    "blocks",
    "attachments",
    "response_type",
    "replace_original",
    "delete_original",
    "thread_ts",
    "mrkdwn",
    "unfurl_links",
    "unfurl_media",
    "metadata",
}


@dataclass
class _Ticket:
    person: str
    conversation: Conversation
    source: Message | None
    issued: float
    uses: int = 0


class ResponseUrls:
    """The response_urls given out, and what an answer sent to one does."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._tickets: dict[str, _Ticket] = {}

    def new(self, person: str, conversation: Conversation, source: Message | None = None) -> str:
        """A URL that answers this person in this conversation; `source` is the message acted on."""
        key = secrets.token_urlsafe(16)
        self._tickets[key] = _Ticket(person, conversation, source, time.monotonic())
        return f"{self._context.base_url}/respond/{key}"

    def respond(self, key: str, body: Mapping[str, Any]) -> None:
        """Carry out one answer. Raises ApiError where Slack would refuse it."""
        ticket = self._tickets.get(key)
        if ticket is None or time.monotonic() - ticket.issued > LIFE_SECONDS:
            raise ApiError("expired_url")
        if ticket.uses >= MOST_USES:
            raise ApiError("used_url")
        unknown = sorted(body.keys() - _KNOWN)
        refuse([Problem("invalid_payload", f"/{name}", "unsupported field") for name in unknown])
        self._act(ticket, body)
        ticket.uses += 1
        self._context.workspace.changes.touch()

    def _act(self, ticket: _Ticket, body: Mapping[str, Any]) -> None:
        if is_true(body.get("delete_original")):
            _source(ticket).messages.remove(_message(ticket))
            return
        check_content(self._context, body, check_message(body))
        if is_true(body.get("replace_original")):
            self._replace(ticket, body)
        else:
            self.answer(ticket.person, ticket.conversation, body)

    def _replace(self, ticket: _Ticket, body: Mapping[str, Any]) -> None:
        _source(ticket)
        message = _message(ticket)
        fresh = message_of_app(self._context, ticket.conversation, body)
        message.text, message.blocks, message.attachments = fresh.text, fresh.blocks, fresh.attachments
        self._context.workspace.complete_ids(message.blocks)

    def answer(self, person: str, conversation: Conversation, body: Mapping[str, Any]) -> None:
        """Add an answer to a conversation: for this person only, or for all with `in_channel`."""
        shared = body.get("response_type") == "in_channel"
        message = message_of_app(
            self._context,
            conversation,
            body,
            thread_ts=body.get("thread_ts"),
            seen_by=None if shared else person,
        )
        self._context.workspace.add(message)


def _message(ticket: _Ticket) -> Message:
    if ticket.source is None:
        raise ApiError("no_original")
    return ticket.source


def _source(ticket: _Ticket) -> Conversation:
    if _message(ticket) not in ticket.conversation.messages:
        raise ApiError("message_not_found")
    return ticket.conversation
