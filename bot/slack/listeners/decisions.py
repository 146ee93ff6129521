"""Leaders' words on the decisions that a report asks for."""

from __future__ import annotations

from slack_bolt import Ack, App

from bot.flow.publish import decisions
from bot.slack.desk import Desk, Payload, click_key, submission_key
from bot.slack.forms import readers
from bot.slack.ids import Action, View
from bot.slack.post.decisions import VERDICT_OF, decision_of


class DecisionListeners:
    """The buttons under a decision, and the dialog behind them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def register(self, app: App) -> None:
        """Tie them to their ids."""
        for action in VERDICT_OF:
            app.action(action)(self._on_verdict)
        app.view(View.RULING)(self._on_ruled)
        app.action(Action.TAKE_BACK)(self._on_take_back)

    def _on_verdict(self, body: Payload, ack: Ack) -> None:
        action = body["actions"][0]
        ref, verdict = decision_of(action["value"]), VERDICT_OF[Action(action["action_id"])]
        with self._desk.reading(body) as visit:
            form = decisions.ruling_form(visit.session, visit.company, visit.person, ref, verdict)
        self._desk.messenger.open_view(body["trigger_id"], readers.build_ruling(form, self._desk.words))
        ack()

    def _on_ruled(self, body: Payload, ack: Ack) -> None:
        ref, said = readers.read_ruling(body["view"], self._desk.words)
        key = submission_key(body, "ruling")
        with self._desk.writing(body) as visit:
            decisions.rule(visit.session, visit.company, visit.person, ref, said, key=key, moment=visit.moment)
        ack()

    def _on_take_back(self, body: Payload, ack: Ack) -> None:
        ref = decision_of(body["actions"][0]["value"])
        with self._desk.writing(body) as visit:
            decisions.take_back(
                visit.session, visit.company, visit.person, ref, key=click_key(body), moment=visit.moment
            )
        ack()
