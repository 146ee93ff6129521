"""The App Home, and what Slack tells about its people."""

from __future__ import annotations

from slack_bolt import Ack, App

from bot.domain.errors import NoPortfolio
from bot.flow.campaign import resume_sending, stop_sending
from bot.flow.home import home_of
from bot.slack import home, setup
from bot.slack.blocks import Block
from bot.slack.desk import Desk, Payload, Visit
from bot.slack.ids import Action
from bot.slack.messenger import entry_of_user
from bot.store import people as people_store


class HomeListeners:
    """The events that the manifest asks for, and the buttons of the Home."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def register(self, app: App) -> None:
        """Tie them to their ids."""
        app.event("app_home_opened")(self._on_home)
        app.event("user_change")(self._on_user_change)
        app.action(Action.STOP_SENDING)(self._on_stop)
        app.action(Action.RESUME_SENDING)(self._on_resume)

    def _on_home(self, body: Payload, event: Payload) -> None:
        if event.get("tab", "home") != "home":
            return
        asking = {**body, "user": {"id": event["user"], "team_id": body.get("team_id")}}
        try:
            with self._desk.reading(asking) as visit:
                view = home_view(self._desk, visit)
        except NoPortfolio:
            view = setup.first_run(event["user"], self._desk.words)
        self._desk.messenger.publish_home(event["user"], view)

    def _on_stop(self, body: Payload, ack: Ack) -> None:
        with self._desk.writing(body) as visit:
            stop_sending(visit.session, visit.company, visit.person, visit.moment)
            view = home_view(self._desk, visit)
        self._desk.messenger.publish_home(body["user"]["id"], view)
        ack()

    def _on_resume(self, body: Payload, ack: Ack) -> None:
        with self._desk.writing(body) as visit:
            resume_sending(visit.session, visit.company, visit.person, visit.moment)
            view = home_view(self._desk, visit)
        self._desk.messenger.publish_home(body["user"]["id"], view)
        ack()

    def _on_user_change(self, event: Payload) -> None:
        with self._desk.database.writing() as session:
            people_store.save_entry(session, entry_of_user(event["user"], self._desk.team))


def home_view(desk: Desk, visit: Visit) -> Block:
    """Somebody's Home as it stands now."""
    shown = home_of(visit.session, visit.company, visit.person, visit.moment)
    return home.build(shown, desk.words, setup.build(shown.plan, desk.messenger.is_member, desk.words))
