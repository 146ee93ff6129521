"""Letting a colleague answer once: the owner's dialog, and the colleague who cannot."""

from __future__ import annotations

from slack_bolt import Ack, App

from bot.domain.errors import NotFound
from bot.domain.quarter import Quarter
from bot.domain.rules import Problem
from bot.flow.ask import stand_ins
from bot.flow.items import title_of
from bot.slack.desk import Desk, Payload, submission_key
from bot.slack.forms import lend as dialog
from bot.slack.forms.filled import problem_sentences
from bot.slack.ids import Action, View
from bot.slack.review import review


class LendListeners:
    """Let a colleague answer, its dialog with Take back, and the colleague's "I cannot"."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def register(self, app: App) -> None:
        """Tie them to their ids."""
        app.action(Action.LEND)(self._on_lend)
        app.view(View.LEND)(self._on_asked)
        app.action(Action.TAKE_BACK_LENT)(self._on_take_back)
        app.action(Action.DECLINE_LENT)(self._on_decline)

    def _on_lend(self, body: Payload, ack: Ack) -> None:
        quarter = Quarter.parse(body["actions"][0]["value"])
        with self._desk.reading(body) as visit:
            form = stand_ins.lend_form(visit.session, visit.company, visit.person, quarter, visit.moment.now)
        self._desk.messenger.open_view(body["trigger_id"], dialog.build(form, self._desk.words))
        ack()

    def _on_asked(self, body: Payload, ack: Ack) -> None:
        view = body["view"]
        with self._desk.writing(body) as visit:
            form = stand_ins.lend_form(
                visit.session, visit.company, visit.person, dialog.quarter_of(view), visit.moment.now
            )
            asked = dialog.read(view, form, self._desk.words)
            outcome = stand_ins.lend(
                visit.session,
                visit.company,
                visit.person,
                asked.ref,
                asked.person,
                asked.comment,
                key=submission_key(body, asked.ref.milestone),
                moment=visit.moment,
            )
            title = title_of(visit.company, asked.ref)
        if isinstance(outcome, Problem):
            sentences = problem_sentences([outcome], view, form.locale, self._desk.words)
            ack(response_action="errors", errors=sentences)
            return
        text = self._desk.words.say("lend/asked.j2", person=outcome.name, item=title)
        shown = review.message(self._desk.words.label("lend-title"), text, self._desk.words)
        ack(response_action="update", view=shown)

    def _on_take_back(self, body: Payload, ack: Ack) -> None:
        number, view = int(body["actions"][0]["value"]), body["view"]
        with self._desk.writing(body) as visit:
            title = stand_ins.take_back(visit.session, visit.company, visit.person, number, visit.moment)
            company = self._desk.company(visit.session)  # as it is without the request
            try:
                form = stand_ins.lend_form(
                    visit.session, company, visit.person, dialog.quarter_of(view), visit.moment.now
                )
                shown = dialog.build(form, self._desk.words, taken_back=title)
            except NotFound:
                text = self._desk.words.say("lend/taken-back.j2", item=title)
                shown = review.message(self._desk.words.label("lend-title"), text, self._desk.words)
        self._desk.messenger.update_view(view["id"], view["hash"], shown)
        ack()

    def _on_decline(self, body: Payload, ack: Ack) -> None:
        number = int(body["actions"][0]["value"])
        with self._desk.writing(body) as visit:
            stand_ins.decline(visit.session, visit.company, visit.person, number, visit.moment)
        ack()
