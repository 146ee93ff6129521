"""What is typed into a dialog, kept as it is typed; and the button that begins it anew."""

from __future__ import annotations

from contextlib import suppress

from slack_bolt import Ack, App

from bot.domain.errors import Busy
from bot.slack.desk import Desk, Payload
from bot.slack.dialogs import ItemDialogs
from bot.slack.ids import Action


class DraftListeners:
    """Every plain input of every dialog."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._dialogs = ItemDialogs(desk)

    def register(self, app: App) -> None:
        """Tie them to their ids."""
        app.action(Action.INPUT)(self._on_typed)
        app.action(Action.START_OVER)(self._on_start_over)

    def _on_typed(self, body: Payload, ack: Ack) -> None:
        with suppress(Busy):  # nobody is interrupted while typing; what is sent in the end counts
            self._dialogs.keep(body)
        ack()

    def _on_start_over(self, body: Payload, ack: Ack) -> None:
        view, stamp = body["view"], body["actions"][0]["action_ts"]
        with self._desk.writing(body) as visit:
            fresh = self._dialogs.afresh(visit, view, mark=stamp)
        self._desk.messenger.update_view(view["id"], view["hash"], fresh)
        ack()
