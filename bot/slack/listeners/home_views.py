"""The views that Home opens and that only show something: past answers, and the audit trail."""

from __future__ import annotations

from slack_bolt import Ack, App

from bot.flow.home.past import PastChoice, past_answers
from bot.flow.home.trail import trail_page
from bot.slack.blocks import Block, metadata_of
from bot.slack.desk import Desk, Payload
from bot.slack.home import past as home_past
from bot.slack.home import trail as home_trail
from bot.slack.ids import Action


class HomeViewListeners:
    """Opening them, and turning their pages."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def register(self, app: App) -> None:
        """Tie them to their ids."""
        app.action(Action.PAST_ANSWERS)(self._on_past)
        app.action(Action.CHOOSE_PAST)(self._on_choose_past)
        app.action(Action.AUDIT_TRAIL)(self._on_trail)

    def _on_past(self, body: Payload, ack: Ack) -> None:
        self._desk.messenger.open_view(body["trigger_id"], self._past(body, PastChoice(), 0))
        ack()

    def _on_choose_past(self, body: Payload, ack: Ack) -> None:
        choice = home_past.choice_of(body["actions"][0]["selected_option"]["value"])
        self._redraw(body, self._past(body, choice, 0))
        ack()

    def turn(self, body: Payload, name: str, number: int) -> None:
        """Show another page of one of the views."""
        metadata = metadata_of(body["view"])
        if name == home_past.LIST:
            self._redraw(body, self._past(body, home_past.choice_of(metadata["choice"]), number))
        else:
            self._redraw(body, self._trail(body, metadata["until"], number))

    def _on_trail(self, body: Payload, ack: Ack) -> None:
        self._desk.messenger.open_view(body["trigger_id"], self._trail(body, None, 0))
        ack()

    def _past(self, body: Payload, choice: PastChoice, page: int) -> Block:
        with self._desk.reading(body) as visit:
            past = past_answers(visit.session, visit.company, visit.person, choice, page, visit.moment.now)
        return home_past.build(past, self._desk.questions, self._desk.words)

    def _trail(self, body: Payload, until: int | None, page: int) -> Block:
        with self._desk.reading(body) as visit:
            trail = trail_page(visit.session, visit.company, visit.person, until=until, page=page)
        return home_trail.build(trail, self._desk.words)

    def _redraw(self, body: Payload, view: Block) -> None:
        self._desk.messenger.update_view(body["view"]["id"], body["view"]["hash"], view)
