"""One error handler: a known failure becomes a plain sentence where the person is, an unknown one a reference id."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Mapping
from typing import Any

from slack_bolt import BoltResponse

from bot.domain.errors import BotError, DeliveryFailed, InvalidInput
from bot.slack.blocks import redrawn, section
from bot.slack.messenger import SlackMessenger
from bot.slack.review import review
from bot.slack.words import Words

logger = logging.getLogger(__name__)

_NOTE = "problem"  # the block that says what went wrong with the last click
_MOST_BLOCKS = 100  # Slack

_LOST_TRIGGER = frozenset({"expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id"})
_WITH_A_TRIGGER = frozenset({"block_actions", "shortcut", "message_action"})
_GONE = frozenset({"not_found", "hash_conflict"})  # the person closed the view, or it has changed under the click


class ErrorDesk:
    """Answers whatever a listener raised, within Slack's three seconds."""

    def __init__(self, messenger: SlackMessenger, words: Words) -> None:
        self._messenger = messenger
        self._words = words

    def answer(self, error: Exception, body: Mapping[str, Any]) -> BoltResponse:
        """The response to a payload whose listener raised."""
        if isinstance(error, DeliveryFailed) and str(error) in _GONE:
            return BoltResponse(status=200)
        if isinstance(error, InvalidInput):
            return _json({"response_action": "errors", "errors": error.problems})
        sentence = self._sentence(error, body)
        if body.get("type") == "view_submission":
            action = "update" if _is_full(body["view"]) else "push"
            return _json({"response_action": action, "view": self._view(sentence)})
        if "command" in body:
            return _json({"response_type": "ephemeral", "text": sentence})
        if body.get("type") in _WITH_A_TRIGGER:
            self._show_somehow(sentence, body)
        return BoltResponse(status=200)

    def _show_somehow(self, sentence: str, body: Mapping[str, Any]) -> None:
        """Say it where the person is; a payload that does not tell where is answered all the same."""
        try:
            self._show(sentence, body)
        except (KeyError, TypeError, AttributeError):
            logger.warning("an error could not be shown: the payload has no place for it")

    def _sentence(self, error: Exception, body: Mapping[str, Any]) -> str:
        if isinstance(error, DeliveryFailed):
            name = "again" if str(error) in _LOST_TRIGGER else "slack-busy"
            logger.warning("interaction failed type=%s reason=%s", body.get("type"), error)
            return self._words.say(f"errors/{name}.j2")
        if isinstance(error, BotError):
            name = "help/problem" if "command" in body else "errors/known"
            return self._words.say(f"{name}.j2", problem=str(error))
        reference = secrets.token_hex(4)
        logger.error(
            "listener failed reference=%s type=%s error=%s",
            reference,
            body.get("type") or body.get("command"),
            type(error).__name__,
            exc_info=error,
        )
        return self._words.say("errors/unknown.j2", reference=reference)

    def _show(self, sentence: str, body: Mapping[str, Any]) -> None:
        """Say it in a modal; where the trigger is used up, in the conversation, seen by this person only."""
        try:
            show = (
                self._messenger.push_view if body.get("view", {}).get("type") == "modal" else self._messenger.open_view
            )
            show(body["trigger_id"], self._view(sentence))
        except DeliveryFailed:
            if body.get("view"):
                self._note_on(body["view"], sentence)
            else:
                self._whisper(sentence, body)

    def _note_on(self, view: Mapping[str, Any], sentence: str) -> None:
        """Say it at the top of the dialog that is open, which needs no trigger; what was typed stays."""
        blocks = [block for block in view["blocks"] if block["block_id"] != _NOTE]
        shown = redrawn(view, [section(sentence, block_id=_NOTE), *blocks][:_MOST_BLOCKS])
        try:
            self._messenger.update_view(view["id"], view.get("hash"), shown)
        except DeliveryFailed as failure:
            logger.warning("an error could not be shown reason=%s", failure)

    def _whisper(self, sentence: str, body: Mapping[str, Any]) -> None:
        channel = (body.get("channel") or {}).get("id")
        if channel is None:
            return
        try:
            self._messenger.whisper(channel, body["user"]["id"], sentence)
        except DeliveryFailed as failure:
            logger.warning("an error could not be shown reason=%s", failure)

    def _view(self, sentence: str) -> dict[str, Any]:
        return review.message(self._words.label("problem"), sentence, self._words)


def _is_full(view: Mapping[str, Any]) -> bool:
    """Whether nothing can be put on top of a view: Slack stacks three, and this one lies on the second."""
    under = view.get("previous_view_id")
    return bool(under) and under != view.get("root_view_id")


def _json(body: Mapping[str, Any]) -> BoltResponse:
    return BoltResponse(status=200, body=json.dumps(body), headers={"content-type": ["application/json"]})
