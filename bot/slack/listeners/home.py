"""The App Home and its buttons, and what Slack tells about its people."""

from __future__ import annotations

from collections.abc import Callable

from slack_bolt import Ack, App

from bot.domain.errors import DeliveryFailed, NoPortfolio
from bot.domain.quarter import Quarter
from bot.flow.home import home as home_flow
from bot.flow.home.home import Home
from bot.flow.schedule.campaign import resume_sending, stop_sending
from bot.slack.accounts import entry_of_user
from bot.slack.blocks import Block, metadata_of
from bot.slack.card import item_of
from bot.slack.desk import Desk, Payload, Visit
from bot.slack.home import home
from bot.slack.home.pager import TURNING, turned
from bot.slack.ids import Action
from bot.slack.listeners import portfolio
from bot.slack.listeners.home_views import HomeViewListeners
from bot.slack.listeners.manager import review_opening
from bot.slack.listeners.nudges import hours_view
from bot.store import people as people_store

Deed = Callable[[Visit], None]


class HomeEventListeners:
    """The events that the manifest asks for."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._drawing = Drawing(desk)

    def register(self, app: App) -> None:
        """Tie them to their names."""
        app.event("app_home_opened")(self._on_home)
        app.event("user_change")(self._on_user_change)

    def _on_home(self, body: Payload, event: Payload) -> None:
        """Opened anew, every list begins at its first page."""
        if event.get("tab", "home") != "home":
            return
        asking = {**body, "user": {"id": event["user"], "team_id": body.get("team_id")}}
        try:
            with self._desk.reading(asking) as visit:
                shown = self._drawing.shown(visit, {})
                is_settled = shown is None or not shown.is_known or home_flow.opened_before(visit.session, visit.person)
            view = self._drawing.drawn(shown)
        except NoPortfolio:
            view, is_settled = home.first_run(event["user"], self._desk.words), True
        if not is_settled:
            with self._desk.noting(asking) as visit:
                home_flow.keep_pages(visit.session, visit.person, {})
        self._desk.messenger.publish_home(event["user"], view)

    def _on_user_change(self, event: Payload) -> None:
        entry = entry_of_user(event.get("user"), self._desk.team)
        if entry:
            with self._desk.database.writing() as session:
                people_store.save_entry(session, entry)


class HomeListeners:
    """The buttons of the Home."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._drawing = Drawing(desk)
        self._views = HomeViewListeners(desk)

    def register(self, app: App) -> None:
        """Tie them to their ids."""
        app.action(Action.STOP_SENDING)(self._on_stop)
        app.action(Action.RESUME_SENDING)(self._on_resume)
        app.action(Action.HIDE_GREETING)(self._on_greeted)
        app.action(Action.CHANGE_HOURS)(self._on_change_hours)
        app.action(Action.COMPILE)(self._on_compile)
        app.action(Action.COMPILE_ALL)(self._on_compile_all)
        for action in TURNING:
            app.action(action)(self._on_turn)
        self._views.register(app)

    def _on_stop(self, body: Payload, ack: Ack) -> None:
        self._do(body, lambda visit: stop_sending(visit.session, visit.company, visit.person, visit.moment))
        ack()

    def _on_resume(self, body: Payload, ack: Ack) -> None:
        self._do(body, lambda visit: resume_sending(visit.session, visit.company, visit.person, visit.moment))
        ack()

    def _on_greeted(self, body: Payload, ack: Ack) -> None:
        self._do(body, lambda visit: home_flow.put_greeting_away(visit.session, visit.person, visit.moment))
        ack()

    def _on_turn(self, body: Payload, ack: Ack) -> None:
        """Another page of one list, in a Home or in a view that it opened."""
        name, number = turned(body["actions"][0])
        if body["view"]["type"] == "home":
            self._turn(body, {**_pages(body), name: number})
        else:
            self._views.turn(body, name, number)
        ack()

    def _turn(self, body: Payload, pages: dict[str, int]) -> None:
        with self._desk.noting(body) as visit:
            home_flow.keep_pages(visit.session, visit.person, pages)
        self._publish(body, pages)

    def _on_change_hours(self, body: Payload, ack: Ack) -> None:
        self._desk.messenger.open_view(body["trigger_id"], hours_view(self._desk, body))
        ack()

    def _on_compile(self, body: Payload, ack: Ack) -> None:
        ref = item_of(body["actions"][0]["value"])
        self._desk.open(
            body, lambda visit: review_opening(visit, visit.company.project(ref.project), ref.quarter, self._desk.words)
        )
        ack()

    def _on_compile_all(self, body: Payload, ack: Ack) -> None:
        quarter = Quarter.parse(body["actions"][0]["value"])
        self._desk.open(body, lambda visit: portfolio.review_opening(visit, quarter, self._desk.words))
        ack()

    def _do(self, body: Payload, deed: Deed) -> None:
        """Carry out what was pressed in a Home, and draw it as it stands then, at the same pages: here, and by no worker too."""
        pages = _pages(body)
        with self._desk.noting(body) as visit:
            deed(visit)
        self._desk.wake()
        self._publish(body, pages)

    def _publish(self, body: Payload, pages: dict[str, int]) -> None:
        """Draw over the view that was pressed; where another drawing came between, look at the facts once more."""
        try:
            self._draw(body, pages, body["view"]["hash"])
        except DeliveryFailed as failure:
            if str(failure) != "hash_conflict":
                raise
            self._draw(body, pages)

    def _draw(self, body: Payload, pages: dict[str, int], view_hash: str | None = None) -> None:
        with self._desk.reading(body) as visit:  # after what was pressed: nobody else waits while a Home is drawn
            shown = self._drawing.shown(visit, pages)
        self._desk.messenger.publish_home(body["user"]["id"], self._drawing.drawn(shown), view_hash)


class Drawing:
    """Somebody's Home as it stands now, and as it is shown."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def shown(self, visit: Visit, pages: dict[str, int]) -> Home | None:
        """Somebody's Home as it stands now; None for an account that is none of a colleague."""
        if home_flow.is_outsider(visit.session, visit.person):
            return None
        return home_flow.home_of(
            visit.session, visit.company, visit.person, visit.moment, pages, beaten_at=self._desk.beaten_at()
        )

    def drawn(self, shown: Home | None) -> Block:
        """It as a view."""
        return self._desk.messenger.home_view(shown) if shown else home.outside(self._desk.words)


def _pages(body: Payload) -> dict[str, int]:
    """Where the lists of the Home stand that a button was pressed in."""
    pages: dict[str, int] = metadata_of(body["view"]).get("pages", {})
    return pages
