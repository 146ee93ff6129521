"""The App Home, and what Slack tells about its people."""

from __future__ import annotations

from slack_bolt import App

from bot.flow.home import home_of
from bot.slack import home
from bot.slack.desk import Desk, Payload
from bot.slack.messenger import entry_of_user
from bot.store import people as people_store


class HomeListeners:
    """The events that the manifest asks for."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def register(self, app: App) -> None:
        """Tie them to their ids."""
        app.event("app_home_opened")(self._on_home)
        app.event("user_change")(self._on_user_change)

    def _on_home(self, body: Payload, event: Payload) -> None:
        if event.get("tab", "home") != "home":
            return
        asking = {**body, "user": {"id": event["user"], "team_id": body.get("team_id")}}
        with self._desk.reading(asking) as visit:
            shown = home_of(visit.session, visit.company, visit.person, visit.moment)
        self._desk.messenger.publish_home(event["user"], home.build(shown, self._desk.words))

    def _on_user_change(self, event: Payload) -> None:
        with self._desk.database.writing() as session:
            people_store.save_entry(session, entry_of_user(event["user"]))
