"""Risks and blockers: the list with its one-click buttons, and the dialog for one of them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

from slack_bolt import Ack, App

from bot.domain.errors import NotAllowed, NotFound
from bot.domain.quarter import Quarter
from bot.flow.collect import drafts
from bot.flow.collect import risks as risk_flow
from bot.slack.desk import Desk, Payload, Visit, click_key, submission_key
from bot.slack.dialogs import ItemDialogs
from bot.slack.forms import risks
from bot.slack.forms.context import context_in
from bot.slack.forms.drafts import dialog_of
from bot.slack.ids import Action, View
from bot.slack.voice import one_line


class RiskListeners:
    """The Risks button and everything behind it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._dialogs = ItemDialogs(desk)

    def register(self, app: App) -> None:
        """Tie them to their ids."""
        app.action(Action.RISKS)(self._on_risks)
        app.action(Action.RISK_KEEP)(self._on_keep)
        app.action(Action.RISK_CLOSE)(self._on_close)
        app.action(Action.RISK_CHANGE)(self._on_change)
        app.action(Action.RISK_NEW)(self._on_new)
        app.view(View.RISK)(self._on_risk)

    def _on_risks(self, body: Payload, ack: Ack) -> None:
        with self._desk.reading(body) as visit:
            view = self._list_view(visit, Quarter.parse(body["actions"][0]["value"]), {})
        self._desk.messenger.open_view(body["trigger_id"], view)
        ack()

    def _on_keep(self, body: Payload, ack: Ack) -> None:
        self._settle(body, is_open=True)
        ack()

    def _on_close(self, body: Payload, ack: Ack) -> None:
        self._settle(body, is_open=False)
        ack()

    def _on_change(self, body: Payload, ack: Ack) -> None:
        project, key = risks.risk_of(body["actions"][0]["value"])
        self._push(body, project, key)
        ack()

    def _on_new(self, body: Payload, ack: Ack) -> None:
        self._push(body, body["actions"][0]["value"], None)
        ack()

    def _on_risk(self, body: Payload, ack: Ack) -> None:
        project, quarter, key, _ = risks.place_of(body["view"])
        with self._desk.writing(body) as visit:
            form = risk_flow.risk_form(
                visit.session, visit.company, visit.person, project, quarter, key, visit.moment.now
            )
            taken = risk_flow.risk_keys(visit.session, visit.company, project, quarter, visit.moment.now)
            risk = risks.read(body["view"], form, taken, self._desk.words, self._desk.questions)
            risk_flow.record_risk(
                visit.session,
                visit.company,
                visit.person,
                project,
                quarter,
                risk,
                key=submission_key(body, key or "new"),
                moment=visit.moment,
            )
            drafts.discard(visit.session, visit.person, dialog_of(body["view"]))
            under = risks.under(body["view"])
            said = self._desk.words.say("dialogs/risk-saved.j2", title=one_line(risk.title), is_new=key is None)
            below = self._below(visit, under, said) if under else None
        ack()
        if under and below:
            self._desk.messenger.update_view(under.view, None, below)

    def _settle(self, body: Payload, *, is_open: bool) -> None:
        """Keep or close a risk, and draw the list again with what was clicked."""
        project, key = risks.risk_of(body["actions"][0]["value"])
        clicked = {risks.risk_value(project, key): "kept" if is_open else "closed"}
        handled = risks.handled_in(body["view"]) | clicked
        quarter = risks.quarter_of(body["view"])
        with self._desk.writing(body) as visit:
            shown = risk_flow.risks_form(visit.session, visit.company, visit.person, quarter, visit.moment.now)
            risk_flow.settle_risk(
                visit.session,
                visit.company,
                visit.person,
                project,
                quarter,
                key,
                is_open=is_open,
                click=click_key(body),
                moment=visit.moment,
            )
        # Drawn as it was before the click: a closed risk stays in sight with its mark until the list is opened again.
        view = risks.build_list(replace(shown, handled=handled), self._desk.words)
        self._desk.messenger.update_view(body["view"]["id"], body["view"]["hash"], view)

    def _below(self, visit: Visit, under: risks.Under, said: str) -> dict[str, Any] | None:
        """What lies under a risk that was sent, as it reads from now on: a milestone's dialog, or the list.

        `said` is what was done, for its top.
        """
        if under.kind == View.MILESTONE:
            with suppress(NotFound, NotAllowed):  # it has changed hands meanwhile; the risk is told all the same
                return self._dialogs.again(visit, context_in(under.metadata), said)
        if under.kind == View.RISKS:
            quarter, handled = Quarter.parse(under.metadata["quarter"]), under.metadata["handled"]
            return self._list_view(visit, quarter, handled, said)
        return None

    def _push(self, body: Payload, project: str, key: str | None) -> None:
        with self._desk.writing(body) as visit:
            view = self._dialogs.risk_over(visit, body, project, key)
        self._desk.messenger.push_view(body["trigger_id"], view)

    def _list_view(self, visit: Visit, quarter: Quarter, handled: dict[str, str], said: str = "") -> dict[str, Any]:
        form = risk_flow.risks_form(visit.session, visit.company, visit.person, quarter, visit.moment.now)
        return risks.build_list(replace(form, handled=handled), self._desk.words, said)
