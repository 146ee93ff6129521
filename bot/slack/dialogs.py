"""The dialogs of what a person owes, opened from a message, from "Update all", or by a manager who answers for an owner.

Each opens where its person left it; who else has the same one open is said at its top.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.domain.quarter import Quarter
from bot.flow import collect, drafts
from bot.flow.drafts import Opened
from bot.flow.messages import ItemRef, MilestoneForm
from bot.flow.owed import zone_of
from bot.locales import Locale
from bot.slack.blocks import Block, actions, button, context
from bot.slack.desk import Desk, Payload, Visit
from bot.slack.forms import milestone, resources, risks
from bot.slack.forms.context import Context, context_of
from bot.slack.forms.drafts import Typed, dialog_of, has_draft, quarter_of, refilled, reset, typed_in
from bot.slack.forms.fields import VIEW_BLOCKS
from bot.slack.ids import Action, View


class ItemDialogs:
    """Builds the dialog of an item from the present facts."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def view(
        self, visit: Visit, ref: ItemRef, *, position: tuple[int, int] | None = None, queue: tuple[ItemRef, ...] = ()
    ) -> dict[str, Any]:
        """The dialog for an item, as its person left it."""
        return self._opened(visit, self._item(visit, Context(ref, position, queue, seen_version=0)))

    def risk_view(
        self, visit: Visit, project: str, quarter: Quarter, key: str | None, *, milestone: str | None = None
    ) -> dict[str, Any]:
        """The dialog for a risk, empty for a new one, as its person left it."""
        return self._opened(visit, self._risk(visit, project, quarter, key, milestone))

    def keep(self, body: Payload) -> None:
        """Keep what stands in an open dialog; dialogs that are not about an item are passed over."""
        view = body["view"]
        if not has_draft(view):
            return
        typed, stamp = typed_in(view, self._desk.words), body["actions"][0]["action_ts"]
        with self._desk.noting(body) as visit:
            drafts.keep(
                visit.session,
                visit.person,
                dialog_of(view),
                quarter_of(view),
                typed,
                order=stamp,
                moment=visit.moment,
            )

    def afresh(self, visit: Visit, view: dict[str, Any], mark: str) -> dict[str, Any]:
        """An open dialog as if nothing had been typed; `mark` is new for each time."""
        drafts.discard(visit.session, visit.person, dialog_of(view))
        if view["callback_id"] == View.RISK:
            built = self._risk(visit, *risks.place_of(view))
        else:
            built = self._item(visit, context_of(view))
        return {**built, "blocks": reset(built["blocks"], mark)}

    def _item(self, visit: Visit, context: Context) -> dict[str, Any]:
        if context.ref.is_resources:
            form = collect.resources_form(
                visit.session,
                visit.company,
                visit.person,
                context.ref,
                visit.moment.now,
                position=context.position,
                queue=context.queue,
            )
            return resources.build(form, self._desk.words, self._desk.questions)
        found = self.milestone_form(visit, context, is_new=True)
        return milestone.build(self.with_warning(visit, found, is_late=False), self._desk.words, self._desk.questions)

    def _risk(
        self, visit: Visit, project: str, quarter: Quarter, key: str | None, milestone: str | None
    ) -> dict[str, Any]:
        form = collect.risk_form(visit.session, visit.company, visit.person, project, quarter, key, visit.moment.now)
        return risks.build(replace(form, milestone=milestone), self._desk.words, self._desk.questions)

    def _opened(self, visit: Visit, view: dict[str, Any]) -> dict[str, Any]:
        found = drafts.open_dialog(visit.session, visit.person, dialog_of(view), quarter_of(view), visit.moment)
        if found.draft:
            view = self._resumed(view, found.draft.typed)
        head, *rest = view["blocks"]
        notes = self._notes(visit, found)
        return {**view, "blocks": [head, *notes[: VIEW_BLOCKS - 1 - len(rest)], *rest]}

    def _resumed(self, view: dict[str, Any], typed: Typed) -> dict[str, Any]:
        if view["callback_id"] == View.MILESTONE:
            return milestone.resumed(view, typed, self._desk.words, self._desk.questions)
        return {**view, "blocks": refilled(view["blocks"], typed)}

    def _notes(self, visit: Visit, found: Opened) -> list[Block]:
        """What is said above the fields: who else is here, and that this is a draft, which can be begun anew."""
        words, notes = self._desk.words, []
        if found.other:
            minutes = round((visit.moment.now - found.other.at).total_seconds() / 60)
            notes.append(context(words.say("dialogs/others-open.j2", who=found.other.name, minutes=minutes)))
        if found.draft:
            locale = Locale(visit.company.portfolio.locale)
            zone = zone_of(visit.session, visit.company, visit.person)
            day, time = locale.weekday_date(found.draft.at.astimezone(zone).date()), locale.time(found.draft.at, zone)
            notes.append(context(words.say("dialogs/draft.j2", day=day, time=time)))
            notes.append(actions(button(words.label("start-over"), Action.START_OVER)))
        return notes

    def milestone_form(self, visit: Visit, context: Context, *, is_new: bool = False) -> MilestoneForm:
        """The form as it would be built now; one that is open already keeps the version it was opened on."""
        form = collect.milestone_form(
            visit.session,
            visit.company,
            visit.person,
            context.ref,
            visit.moment.now,
            position=context.position,
            queue=context.queue,
        )
        return form if is_new else replace(form, seen_version=context.seen_version)

    def with_warning(self, visit: Visit, form: MilestoneForm, *, is_late: bool) -> MilestoneForm:
        """The form with a sentence about somebody else's answer, where there is one."""
        if form.others is None:
            return form
        words = self._desk.words.say_plain(
            "dialogs/others-answer.j2",
            who=form.others.by,
            time=Locale(form.locale).time(form.others.at, visit.company.zone),
            percent=form.others.percent_complete,
            status=form.others.status,
            locale=Locale(form.locale),
            is_late=is_late,
        )
        return replace(form, warning=words)
