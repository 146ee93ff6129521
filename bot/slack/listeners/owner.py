"""The milestone owner: the message's buttons, the milestone and budget dialogs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from slack_bolt import Ack, App

from bot.domain.errors import BotError, NotFound
from bot.domain.quarter import Quarter
from bot.flow.collect import collect, drafts
from bot.flow.collect.collect import Overtaken, Refused
from bot.flow.messages import ItemRef
from bot.flow.schedule.owed import owed_items
from bot.slack.card import item_of
from bot.slack.desk import Desk, Payload, Visit, submission_key
from bot.slack.dialogs import ItemDialogs, Way
from bot.slack.forms import milestone, resources
from bot.slack.forms.context import Context, context_of
from bot.slack.forms.drafts import dialog_of
from bot.slack.forms.filled import problem_sentences
from bot.slack.ids import Action, View


class OwnerListeners:
    """The owner's buttons and dialogs."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._dialogs = ItemDialogs(desk)

    def register(self, app: App) -> None:
        """Tie them to their ids."""
        app.view(View.MILESTONE)(self._on_milestone)
        app.view(View.RESOURCES)(self._on_resources)
        app.action(Action.UPDATE_ITEM)(self._on_update_item)
        app.action(Action.BUDGET)(self._on_update_item)
        app.action(Action.CHOOSE_ITEM)(self._on_choose_item)
        app.action(Action.UPDATE_ALL)(self._on_update_all)
        app.action(Action.NOTHING_CHANGED)(self._on_nothing_changed)
        app.action(Action.SKIP)(self._on_skip)
        app.action(Action.STEP_BACK)(self._on_step_back)
        app.action(Action.STATUS)(self._on_status)
        app.action(Action.ADD_OBJECTIVE)(self._on_add_objective)
        app.action(Action.ADD_DECISION)(self._on_add_decision)
        app.action(Action.ADD_EVIDENCE)(self._on_add_evidence)
        app.action(Action.LAST_WORDS)(self._on_last_words)
        app.action(Action.USE_TRACKER)(self._on_use_tracker)
        app.action(Action.ADD_RISK)(self._on_add_risk)

    def _on_update_item(self, body: Payload, ack: Ack) -> None:
        self._open_item(body, item_of(body["actions"][0]["value"]))
        ack()

    def _on_choose_item(self, body: Payload, ack: Ack) -> None:
        self._open_item(body, item_of(body["actions"][0]["selected_option"]["value"]))
        ack()

    def _on_update_all(self, body: Payload, ack: Ack) -> None:
        quarter = Quarter.parse(body["actions"][0]["value"])
        with self._desk.writing(body) as visit:
            items = owed_items(visit.session, visit.company, visit.person, quarter, visit.moment.now)
            step = collect.walk_of(items)
            if step is None:
                raise BotError("There is nothing to update for you this quarter.")
            view = self._dialogs.view(visit, *step)
        self._desk.messenger.open_view(body["trigger_id"], view)
        ack()

    def _on_nothing_changed(self, body: Payload, ack: Ack) -> None:
        quarter = Quarter.parse(body["actions"][0]["value"])
        with self._desk.writing(body) as visit:
            collect.confirm_unchanged(visit.session, visit.company, visit.person, quarter, visit.moment)
        ack()

    def _on_skip(self, body: Payload, ack: Ack) -> None:
        self._step(body, collect.next_step)
        ack()

    def _on_step_back(self, body: Payload, ack: Ack) -> None:
        self._step(body, collect.step_back)
        ack()

    def _on_status(self, body: Payload, ack: Ack) -> None:
        self._dialogs.keep(body)
        self._redraw(body, milestone.with_status(body["view"], self._desk.words, self._desk.questions))
        ack()

    def _on_add_objective(self, body: Payload, ack: Ack) -> None:
        self._dialogs.keep(body)
        self._redraw(body, milestone.with_objective(body["view"], self._desk.words, self._desk.questions))
        ack()

    def _on_add_decision(self, body: Payload, ack: Ack) -> None:
        self._dialogs.keep(body)
        self._redraw(body, milestone.with_decision(body["view"], self._desk.words, self._desk.questions))
        ack()

    def _on_add_evidence(self, body: Payload, ack: Ack) -> None:
        self._dialogs.keep(body)
        self._redraw(body, milestone.with_evidence(body["view"], self._desk.words, self._desk.questions))
        ack()

    def _on_last_words(self, body: Payload, ack: Ack) -> None:
        view = body["view"]
        with self._desk.noting(body) as visit:
            form = self._dialogs.milestone_form(visit, context_of(view))
            said = milestone.last_words(view, form, self._desk.words)
            self._dialogs.keep_in(visit, body, said)
        self._redraw(body, milestone.with_last_words(view, said, body["actions"][0]["action_ts"]))
        ack()

    def _on_use_tracker(self, body: Payload, ack: Ack) -> None:
        view = body["view"]
        with self._desk.noting(body) as visit:
            said = milestone.tracker_percent(self._dialogs.milestone_form(visit, context_of(view)))
            self._dialogs.keep_in(visit, body, said)
        self._redraw(body, milestone.with_tracker(view, said, body["actions"][0]["action_ts"]))
        ack()

    def _on_add_risk(self, body: Payload, ack: Ack) -> None:
        ref = context_of(body["view"]).ref
        with self._desk.writing(body) as visit:
            view = self._dialogs.risk_over(visit, body, ref.project, None, milestone=ref.milestone)
        self._desk.messenger.push_view(body["trigger_id"], view)
        ack()

    def _on_milestone(self, body: Payload, ack: Ack) -> None:
        view = body["view"]
        context = context_of(view)
        with self._desk.writing(body) as visit:
            form = self._dialogs.sent_form(visit, context)
            submission = milestone.read(view, form, self._desk.words, self._desk.questions)
            outcome = collect.record_milestone(
                visit.session,
                visit.company,
                visit.person,
                form,
                submission,
                key=submission_key(body, context.ref.milestone),
                moment=visit.moment,
            )
            if isinstance(outcome, Refused):
                reply = self._refusal(outcome, view, form.locale)
            elif isinstance(outcome, Overtaken):
                typed = replace(outcome.form, objectives=submission.objectives, decisions=submission.decisions)
                warned = self._dialogs.with_warning(visit, typed, is_late=True)
                reply = _instead(milestone.build(warned, self._desk.words, self._desk.questions))
            else:
                reply = self._next(visit, view, context)
        ack(**reply)

    def _on_resources(self, body: Payload, ack: Ack) -> None:
        view = body["view"]
        context = context_of(view)
        with self._desk.writing(body) as visit:
            form = self._dialogs.resources_form(visit, context)
            outcome = collect.record_resources(
                visit.session,
                visit.company,
                visit.person,
                form,
                resources.read(view, form, self._desk.words, self._desk.questions),
                key=submission_key(body, "resources"),
                moment=visit.moment,
            )
            if isinstance(outcome, Refused):
                reply = self._refusal(outcome, view, form.locale)
            elif isinstance(outcome, Overtaken):
                warned = self._dialogs.with_warning(visit, outcome.form, is_late=True)
                reply = _instead(resources.build(warned, self._desk.words, self._desk.questions))
            else:
                reply = self._next(visit, view, context)
        ack(**reply)

    def _refusal(self, outcome: Refused, view: Payload, locale: str) -> dict[str, Any]:
        """The reply that says what is wrong, field by field."""
        sentences = problem_sentences(outcome.problems, view, locale, self._desk.words)
        return {"response_action": "errors", "errors": sentences}

    def _next(self, visit: Visit, view: dict[str, Any], context: Context) -> dict[str, Any]:
        """The reply to what was recorded: the next dialog of "Update all", or none, which closes this one."""
        drafts.discard(visit.session, visit.person, dialog_of(view))
        following = self._dialogs.neighbour(visit, context, collect.next_step)
        return _instead(following) if following else {}

    def _open_item(self, body: Payload, ref: ItemRef) -> None:
        with self._desk.writing(body) as visit:
            view = self._dialogs.view(visit, ref)
        self._desk.messenger.open_view(body["trigger_id"], view)

    def _step(self, body: Payload, way: Way) -> None:
        """Show a neighbour in "Update all" in place of this dialog; what was typed is kept, nothing is sent."""
        with self._desk.writing(body) as visit:
            self._dialogs.keep_in(visit, body)
            view = self._dialogs.neighbour(visit, context_of(body["view"]), way)
        if view is None:
            raise NotFound("The rest of this list is no longer yours to answer.")
        self._redraw(body, view)

    def _redraw(self, body: Payload, view: dict[str, Any]) -> None:
        self._desk.messenger.update_view(body["view"]["id"], body["view"]["hash"], view)


def _instead(view: dict[str, Any]) -> dict[str, Any]:
    """The reply that shows another dialog in place of this one."""
    return {"response_action": "update", "view": view}
