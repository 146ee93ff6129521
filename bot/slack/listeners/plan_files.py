"""Files that are dropped to the bot, the buttons under what they would change, and the channels it is invited to."""

from __future__ import annotations

from collections.abc import Callable

from slack_bolt import Ack, App, BoltContext
from sqlalchemy.orm import Session

from bot.domain.project import Person
from bot.flow.moment import Moment
from bot.flow.setup import plan_file
from bot.slack.desk import Desk, Payload
from bot.slack.ids import Action

_DIRECT = "D"  # how the ids of direct messages begin


class PlanFileListeners:
    """What is dropped is fetched and loaded by workers; here it is only noted. It works before there is a company."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def register(self, app: App) -> None:
        """Tie them to their ids."""
        app.event("file_shared")(self._on_file)
        app.event("member_joined_channel")(self._on_joined)
        app.action(Action.LOAD_FILE)(self._on_load)
        app.action(Action.CANCEL_FILE)(self._on_cancel)

    def _on_file(self, event: Payload) -> None:
        """Bolt passes over what the bot shares itself; files in channels are nobody's errand."""
        if not event["channel_id"].startswith(_DIRECT):
            return
        with self._desk.database.writing() as session:
            plan_file.take(session, event["file_id"], event["user_id"], self._desk.real_now())
        self._desk.wake()

    def _on_joined(self, event: Payload, context: BoltContext) -> None:
        if event["user"] == context.bot_user_id:
            self._desk.messenger.joined(event["channel"])

    def _on_load(self, body: Payload, ack: Ack) -> None:
        self._decide(body, plan_file.accept)
        ack()

    def _on_cancel(self, body: Payload, ack: Ack) -> None:
        self._decide(body, plan_file.decline)
        ack()

    def _decide(self, body: Payload, decide: Callable[[Session, Person, str, Moment], None]) -> None:
        with self._desk.database.answering() as session:
            person = self._desk.person(session, body)
            decide(session, person, body["actions"][0]["value"], self._desk.moment())
        self._desk.wake()
