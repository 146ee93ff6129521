"""The dialogs of what a person owes, opened from a message, from "Update all", or by a manager who answers for an owner.

Each opens where its person left it; who else has the same one open is said at its top.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from bot.domain.errors import NotAllowed, NotFound
from bot.domain.quarter import Quarter
from bot.flow.collect import collect, drafts
from bot.flow.collect.collect import ItemForm
from bot.flow.collect.drafts import Opened
from bot.flow.collect.risks import risk_form
from bot.flow.forms import MilestoneForm, ResourcesForm, Walk
from bot.flow.messages import ItemRef
from bot.flow.schedule.owed import locale_of, zone_of
from bot.locales import Locale
from bot.slack.blocks import Block, actions, button, context
from bot.slack.desk import Desk, Payload, Visit
from bot.slack.forms import milestone, resources, risks
from bot.slack.forms.context import Context, context_of
from bot.slack.forms.drafts import Typed, dialog_of, has_draft, quarter_of, refilled, reset, typed_in
from bot.slack.forms.fields import VIEW_BLOCKS, focused
from bot.slack.forms.milestone import as_drawn
from bot.slack.ids import Action, View
from bot.slack.quoting import Addition

Way = Callable[[ItemRef, Walk], tuple[ItemRef, Walk] | None]  # a step through "Update all"


class ItemDialogs:
    """Builds the dialog of an item from the present facts."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def view(self, visit: Visit, ref: ItemRef, walk: Walk | None = None) -> dict[str, Any]:
        """The dialog for an item, as its person left it."""
        return self._opened(visit, self._item(visit, Context(ref, walk, seen_version=0)))

    def with_addition(self, visit: Visit, ref: ItemRef, addition: Addition, order: str) -> dict[str, Any]:
        """A milestone's dialog as its person left it, with an addition that is kept as if it had been typed.

        `order` is Slack's stamp of the click that added it. Raises BotError where the note has no room for it.
        """
        view = self._item(visit, Context(ref, walk=None, seen_version=0))
        dialog, quarter = dialog_of(view), quarter_of(view)
        found = drafts.open_dialog(visit.session, visit.person, dialog, quarter, visit.moment)
        left = dict(found.draft.typed) if found.draft else {}
        typed = left | milestone.added(self._resumed(view, left), addition, self._desk.words)
        drafts.keep(visit.session, visit.person, dialog, quarter, typed, order=order, moment=visit.moment)
        return self._noted(visit, self._resumed(view, typed), found)

    def again(self, visit: Visit, about: Context, said: str) -> dict[str, Any]:
        """A milestone's open dialog as it reads by now, with all that was typed into it kept; the cursor goes nowhere.

        `said` is what was just done, for its top.
        """
        form = self._as_shown(visit, self.milestone_form(visit, about))
        view = milestone.build(form, self._desk.words, self._desk.questions)
        found = drafts.open_dialog(visit.session, visit.person, dialog_of(view), quarter_of(view), visit.moment)
        shown = self._resumed(view, found.draft.typed if found.draft else {})
        head, *rest = focused(shown["blocks"], "")
        note = [context(said)] if len(rest) + 1 < VIEW_BLOCKS else []
        return {**shown, "blocks": [head, *note, *rest]}

    def risk_over(
        self, visit: Visit, body: Payload, project: str, key: str | None, *, milestone: str | None = None
    ) -> dict[str, Any]:
        """The dialog for a risk, empty for a new one, as its person left it; to be laid over the view that was clicked in.

        What stands in that view is kept.
        """
        view = body["view"]
        if has_draft(view):
            self.keep_in(visit, body, as_drawn(view, self._desk.words))
        place = (project, quarter_of(view), key, milestone)
        return self._opened(visit, self._risk(visit, *place, under=risks.over(view)))

    def keep(self, body: Payload) -> None:
        """Keep what stands in an open dialog; dialogs that are not about an item are passed over."""
        if has_draft(body["view"]):
            with self._desk.noting(body) as visit:
                self.keep_in(visit, body)

    def keep_in(self, visit: Visit, body: Payload, more: Typed | None = None) -> None:
        """The same inside a transaction, with `more` in fields that a button has filled."""
        view = body["view"]
        drafts.keep(
            visit.session,
            visit.person,
            dialog_of(view),
            quarter_of(view),
            {**typed_in(view, self._desk.words), **(more or {})},
            order=body["actions"][0]["action_ts"],
            moment=visit.moment,
        )

    def neighbour(self, visit: Visit, about: Context, way: Way) -> dict[str, Any] | None:
        """The dialog one step further in "Update all"; items that are no longer this person's are passed over."""
        step = way(about.ref, about.walk) if about.walk else None
        while step:
            with suppress(NotFound, NotAllowed):
                return self.view(visit, *step)
            step = way(*step)
        return None

    def afresh(self, visit: Visit, view: dict[str, Any], mark: str) -> dict[str, Any]:
        """An open dialog as if nothing had been typed; `mark` is new for each time."""
        drafts.discard(visit.session, visit.person, dialog_of(view))
        if view["callback_id"] == View.RISK:
            built = self._risk(visit, *risks.place_of(view), under=risks.under(view))
        else:
            built = self._item(visit, context_of(view))
        return {**built, "blocks": reset(built["blocks"], mark)}

    def _item(self, visit: Visit, context: Context) -> dict[str, Any]:
        if context.ref.is_resources:
            form = self._as_shown(visit, self.resources_form(visit, context, is_new=True))
            return resources.build(form, self._desk.words, self._desk.questions)
        found = self._as_shown(visit, self.milestone_form(visit, context, is_new=True))
        return milestone.build(found, self._desk.words, self._desk.questions)

    def _as_shown(self, visit: Visit, form: ItemForm) -> ItemForm:
        """A form with what is told about it while nobody has sent it."""
        decided_by = collect.decided_by(visit.session, visit.company, form.ref)
        return self.with_warning(visit, replace(form, decided_by=decided_by), is_late=False)

    def _risk(
        self,
        visit: Visit,
        project: str,
        quarter: Quarter,
        key: str | None,
        milestone: str | None,
        under: risks.Under | None,
    ) -> dict[str, Any]:
        form = risk_form(visit.session, visit.company, visit.person, project, quarter, key, visit.moment.now)
        return risks.build(replace(form, milestone=milestone), self._desk.words, self._desk.questions, under)

    def _opened(self, visit: Visit, view: dict[str, Any]) -> dict[str, Any]:
        found = drafts.open_dialog(visit.session, visit.person, dialog_of(view), quarter_of(view), visit.moment)
        return self._noted(visit, self._resumed(view, found.draft.typed) if found.draft else view, found)

    def _noted(self, visit: Visit, view: dict[str, Any], found: Opened) -> dict[str, Any]:
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
            locale = Locale(locale_of(visit.session, visit.company, visit.person))
            zone = zone_of(visit.session, visit.company, visit.person)
            day, time = locale.weekday_date(found.draft.at.astimezone(zone).date()), locale.time(found.draft.at, zone)
            notes.append(context(words.say("dialogs/draft.j2", day=day, time=time)))
            notes.append(actions(button(words.label("start-over"), Action.START_OVER)))
        return notes

    def milestone_form(self, visit: Visit, context: Context, *, is_new: bool = False) -> MilestoneForm:
        """The form as it would be built now; one that is open already keeps the version it was opened on, and its locale."""
        form = _milestone_form(visit, context)
        return form if is_new else _as_opened(form, context)

    def sent_form(self, visit: Visit, context: Context) -> MilestoneForm:
        """The form by which a dialog that comes back is read: without what is only shown."""
        return _as_opened(_milestone_form(visit, context, sent_in=context.locale), context)

    def resources_form(self, visit: Visit, context: Context, *, is_new: bool = False) -> ResourcesForm:
        """The same for resources and budget."""
        form = collect.resources_form(
            visit.session,
            visit.company,
            visit.person,
            context.ref,
            visit.moment.now,
            walk=context.walk,
        )
        return form if is_new else _as_opened(form, context)

    def with_warning(self, visit: Visit, form: ItemForm, *, is_late: bool) -> ItemForm:
        """The form with a sentence about somebody else's answer, where there is one."""
        if form.others is None:
            return form
        words = self._desk.words.say_plain(
            "dialogs/others-answer.j2",
            who=form.others.by,
            time=Locale(form.locale).time(form.others.at, zone_of(visit.session, visit.company, visit.person)),
            percent=form.others.percent_complete,
            status=form.others.status,
            locale=Locale(form.locale),
            is_late=is_late,
        )
        return replace(form, warning=words)


def _as_opened(form: ItemForm, context: Context) -> ItemForm:
    """A form as its open dialog was built: figures are read the way they were shown."""
    return replace(form, seen_version=context.seen_version, locale=context.locale or form.locale)


def _milestone_form(visit: Visit, context: Context, *, sent_in: str | None = None) -> MilestoneForm:
    return collect.milestone_form(
        visit.session,
        visit.company,
        visit.person,
        context.ref,
        visit.moment.now,
        walk=context.walk,
        sent_in=sent_in,
    )
