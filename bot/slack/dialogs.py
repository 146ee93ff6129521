"""The dialogs of what a person owes, opened from a message, from "Update all", or by a manager who answers for an owner."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.flow import collect
from bot.flow.messages import ItemRef, MilestoneForm
from bot.locales import Locale
from bot.slack.desk import Desk, Visit
from bot.slack.forms import milestone, resources
from bot.slack.forms.context import Context


class ItemDialogs:
    """Builds the dialog of an item from the present facts."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def view(
        self, visit: Visit, ref: ItemRef, *, position: tuple[int, int] | None = None, queue: tuple[ItemRef, ...] = ()
    ) -> dict[str, Any]:
        """The dialog for an item."""
        if ref.is_resources:
            form = collect.resources_form(
                visit.session, visit.company, visit.person, ref, visit.moment.now, position=position, queue=queue
            )
            return resources.build(form, self._desk.words, self._desk.questions)
        context = Context(ref, position, queue, seen_version=0)
        found = self.milestone_form(visit, context, is_new=True)
        return milestone.build(self.with_warning(visit, found, is_late=False), self._desk.words, self._desk.questions)

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
