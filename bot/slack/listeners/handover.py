"""Handing a milestone over: the owner's dialog, and the answer of whoever is asked to take it."""

from __future__ import annotations

from slack_bolt import Ack, App

from bot.domain.quarter import Quarter
from bot.flow.ask import handover
from bot.flow.collect.collect import Refused
from bot.flow.items import milestone_of
from bot.slack.desk import Desk, Payload, Visit, submission_key
from bot.slack.forms import handover as dialog
from bot.slack.forms.filled import problem_sentences
from bot.slack.forms.handover import HandedOver
from bot.slack.ids import Action, View
from bot.slack.review import review


class HandoverListeners:
    """The Hand over button, its dialog, Accept and Decline."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def register(self, app: App) -> None:
        """Tie them to their ids."""
        app.action(Action.HAND_OVER)(self._on_hand_over)
        app.view(View.HAND_OVER)(self._on_handed_over)
        app.action(Action.ACCEPT_HANDOVER)(self._on_accept)
        app.action(Action.DECLINE_HANDOVER)(self._on_decline)

    def _on_hand_over(self, body: Payload, ack: Ack) -> None:
        quarter = Quarter.parse(body["actions"][0]["value"])
        with self._desk.reading(body) as visit:
            form = handover.handover_form(visit.session, visit.company, visit.person, quarter, visit.moment.now)
        self._desk.messenger.open_view(body["trigger_id"], dialog.build(form, self._desk.words))
        ack()

    def _on_handed_over(self, body: Payload, ack: Ack) -> None:
        view = body["view"]
        with self._desk.writing(body) as visit:
            form = handover.handover_form(
                visit.session, visit.company, visit.person, dialog.quarter_of(view), visit.moment.now
            )
            said = dialog.read(view, form, self._desk.words)
            outcome = self._carry_out(visit, said, submission_key(body, said.ref.milestone))
        if isinstance(outcome, Refused):
            sentences = problem_sentences(outcome.problems, view, form.locale, self._desk.words)
            ack(response_action="errors", errors=sentences)
            return
        ack(
            response_action="update",
            view=review.message(self._desk.words.label("hand-over"), outcome, self._desk.words),
        )

    def _on_accept(self, body: Payload, ack: Ack) -> None:
        self._answer(body, accepts=True)
        ack()

    def _on_decline(self, body: Payload, ack: Ack) -> None:
        self._answer(body, accepts=False)
        ack()

    def _carry_out(self, visit: Visit, said: HandedOver, key: str) -> Refused | str:
        """Offer the milestone, or tell its manager that it is not this person's; returns the sentence that says so."""
        project, milestone = milestone_of(visit.company, said.ref)
        where = (visit.session, visit.company, visit.person, said.ref)
        if said.person is None:
            handover.not_mine(*where, said.comment, key=key, moment=visit.moment)
            values = {"manager": project.manager.name, "milestone": milestone.name}
            return self._desk.words.say("handover/not-mine.j2", **values)
        outcome = handover.hand_over(*where, said.person, said.comment, key=key, moment=visit.moment)
        if isinstance(outcome, Refused):
            return outcome
        return self._desk.words.say("handover/offered.j2", person=outcome.name, milestone=milestone.name)

    def _answer(self, body: Payload, *, accepts: bool) -> None:
        number = int(body["actions"][0]["value"])
        with self._desk.writing(body) as visit:
            handover.answer(visit.session, visit.company, visit.person, number, accepts=accepts, moment=visit.moment)
