""" "People and dates": what a manager decides about milestones and the project, from the review or from a message."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App

from bot.flow.collect.collect import Refused
from bot.flow.messages import ItemRef
from bot.flow.schedule.owed import locale_of
from bot.flow.setup import manage
from bot.locales import Locale
from bot.slack.card import item_of
from bot.slack.desk import Desk, Payload, Visit, click_key, submission_key
from bot.slack.dialogs import ItemDialogs
from bot.slack.forms import manage as dialog
from bot.slack.forms.filled import problem_sentences
from bot.slack.forms.manage import Choice, Origin
from bot.slack.ids import Action, View
from bot.slack.review import review


class ManageListeners:
    """The manager's view of people and dates, and the small dialogs on it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._words = desk.words

    def register(self, app: App) -> None:
        """Tie them to their ids."""
        app.action(Action.MANAGE)(self._on_manage)
        app.action(Action.MANAGE_ITEM)(self._on_item)
        app.action(Action.REASSIGN)(self._on_reassign)
        app.action(Action.EXCUSE)(self._on_excuse)
        app.action(Action.PAUSE)(self._on_pause)
        app.action(Action.RESUME)(self._on_resume)
        app.view(View.EXCUSE)(self._on_excused)
        app.view(View.MORE_TIME)(self._on_more_time)
        app.view(View.REASSIGN)(self._on_reassigned)
        app.view(View.PAUSE)(self._on_paused)

    def _on_manage(self, body: Payload, ack: Ack) -> None:
        action = body["actions"][0]
        ref = item_of(action.get("value") or action["selected_option"]["value"])
        is_review = (body.get("view") or {}).get("callback_id") == View.REVIEW
        view = self._view(body, ref, review_id=body["view"]["id"] if is_review else "")
        show = self._desk.messenger.push_view if is_review else self._desk.messenger.open_view
        show(body["trigger_id"], view)
        ack()

    def _on_item(self, body: Payload, ack: Ack) -> None:
        place = dialog.place_of(body["view"])
        choice, key = dialog.choice_of(body["actions"][0]["selected_option"]["value"])
        ref = ItemRef(place.project, place.quarter, key)
        if choice in (Choice.NUDGE, Choice.TAKE_BACK):
            self._redraw(body, ref, self._do(body, choice, ref))
        elif choice is Choice.ANSWER:
            with self._desk.noting(body) as visit:
                view = ItemDialogs(self._desk).view(visit, ref)
            self._desk.messenger.push_view(body["trigger_id"], view)
        else:
            self._desk.messenger.push_view(body["trigger_id"], self._dialog(body, choice, ref, _origin(body)))
        ack()

    def _on_reassign(self, body: Payload, ack: Ack) -> None:
        self._open(body, Choice.REASSIGN)
        ack()

    def _on_excuse(self, body: Payload, ack: Ack) -> None:
        self._open(body, Choice.EXCUSE)
        ack()

    def _open(self, body: Payload, choice: Choice) -> None:
        """The dialog of a message's button: it stands by itself, with no "People and dates" under it."""
        ref = item_of(body["actions"][0]["value"])
        self._desk.messenger.open_view(body["trigger_id"], self._dialog(body, choice, ref, Origin()))

    def _on_pause(self, body: Payload, ack: Ack) -> None:
        ref = item_of(body["actions"][0]["value"])
        with self._desk.reading(body) as visit:
            project = visit.company.project(ref.project)
            manage.require(visit.company, visit.person, project)
            names = {"project": project.name, "quarter": visit.company.label(ref.quarter)}
        view = dialog.build_pause(ref, names, _origin(body), self._words)
        self._desk.messenger.push_view(body["trigger_id"], view)
        ack()

    def _on_resume(self, body: Payload, ack: Ack) -> None:
        ref = item_of(body["actions"][0]["value"])
        with self._desk.writing(body) as visit:
            project = visit.company.project(ref.project)
            manage.resume(
                visit.session,
                visit.company,
                visit.person,
                project,
                ref.quarter,
                key=click_key(body),
                moment=visit.moment,
            )
        self._redraw(body, ref, self._saved("resumed"))
        ack()

    def _on_excused(self, body: Payload, ack: Ack) -> None:
        ref, reason = dialog.place_of(body["view"]), dialog.read_reason(body["view"], self._words)
        with self._desk.writing(body) as visit:
            key = submission_key(body, ref.milestone)
            manage.excuse(visit.session, visit.company, visit.person, ref, reason, key=key, moment=visit.moment)
            name = _name(visit, ref)
        self._close(body, ack, ref, self._saved("excused", milestone=name))

    def _on_more_time(self, body: Payload, ack: Ack) -> None:
        ref, until = dialog.place_of(body["view"]), dialog.read_until(body["view"], self._words)
        with self._desk.writing(body) as visit:
            key = submission_key(body, ref.milestone)
            outcome = manage.give_more_time(
                visit.session, visit.company, visit.person, ref, until, key=key, moment=visit.moment
            )
            name, locale = _name(visit, ref), _locale(visit)
        if outcome is not None:
            self._refuse(body, ack, outcome, locale)
            return
        self._close(body, ack, ref, self._saved("more_time", milestone=name, day=Locale(locale).date_long(until)))

    def _on_reassigned(self, body: Payload, ack: Ack) -> None:
        ref, chosen = dialog.place_of(body["view"]), dialog.read_person(body["view"], self._words)
        with self._desk.writing(body) as visit:
            key = submission_key(body, ref.milestone)
            outcome = manage.reassign(
                visit.session, visit.company, visit.person, ref, chosen, key=key, moment=visit.moment
            )
            name, locale = _name(visit, ref), _locale(visit)
        if isinstance(outcome, Refused):
            self._refuse(body, ack, outcome, locale)
            return
        self._close(body, ack, ref, self._saved("reassigned", milestone=name, person=outcome.name))

    def _on_paused(self, body: Payload, ack: Ack) -> None:
        ref, reason = dialog.place_of(body["view"]), dialog.read_reason(body["view"], self._words)
        with self._desk.writing(body) as visit:
            project = visit.company.project(ref.project)
            manage.pause(
                visit.session,
                visit.company,
                visit.person,
                project,
                ref.quarter,
                reason,
                key=submission_key(body, "pause"),
                moment=visit.moment,
            )
        self._close(body, ack, ref, self._saved("paused"))

    def _do(self, body: Payload, choice: Choice, ref: ItemRef) -> str:
        """Carry out what needs no dialog; returns the line that says so."""
        if choice is Choice.NUDGE:
            return self._nudge(body, ref)
        with self._desk.writing(body) as visit:
            manage.take_back_excuse(
                visit.session, visit.company, visit.person, ref, key=click_key(body), moment=visit.moment
            )
            return self._saved("take_back", milestone=_name(visit, ref))

    def _nudge(self, body: Payload, ref: ItemRef) -> str:
        with self._desk.writing(body) as visit:
            owner, is_asked = manage.nudge(
                visit.session, visit.company, visit.person, ref, key=click_key(body), moment=visit.moment
            )
        has_account = owner.slack_id is not None
        return self._words.say_plain("manage/nudged.j2", person=owner.name, is_asked=is_asked, has_account=has_account)

    def _dialog(self, body: Payload, choice: Choice, ref: ItemRef, origin: Origin) -> dict[str, Any]:
        """The small dialog for what was chosen, once it is clear that this person may choose it."""
        with self._desk.reading(body) as visit:
            names = _names(visit, ref)
            project, locale = visit.company.project(ref.project), _locale(visit)
            days = manage.days_to_give(visit.company, project, ref.quarter, visit.moment)
        if choice is Choice.EXCUSE:
            return dialog.build_excuse(ref, names, origin, self._words)
        if choice is Choice.MORE_TIME:
            return dialog.build_more_time(ref, names, days, locale, origin, self._words)
        return dialog.build_reassign(ref, names, origin, self._words)

    def _view(self, body: Payload, ref: ItemRef, *, review_id: str, saved: str = "") -> dict[str, Any]:
        with self._desk.reading(body) as visit:
            project = visit.company.project(ref.project)
            form = manage.manage_form(visit.session, visit.company, visit.person, project, ref.quarter, visit.moment)
        return dialog.build(form, self._words, review=review_id, saved=saved)

    def _redraw(self, body: Payload, ref: ItemRef, saved: str) -> None:
        """Show the view that was clicked in as it stands now."""
        shown = body["view"]
        view = self._view(body, ref, review_id=dialog.review_under(shown), saved=saved)
        self._desk.messenger.update_view(shown["id"], shown["hash"], view)

    def _close(self, body: Payload, ack: Ack, ref: ItemRef, saved: str) -> None:
        """Close a small dialog and draw the view under it again; where there is none, say what was done."""
        origin = dialog.origin_of(body["view"])
        if not origin.under:
            title = body["view"]["title"]["text"]
            ack(
                response_action="update",
                view=review.message(title, self._words.say("review/saved.j2", line=saved), self._words),
            )
            return
        view = self._view(body, ref, review_id=origin.review, saved=saved)
        ack()
        self._desk.messenger.update_view(origin.under, None, view)

    def _refuse(self, body: Payload, ack: Ack, refused: Refused, locale: str) -> None:
        sentences = problem_sentences(refused.problems, body["view"], locale, self._words)
        ack(response_action="errors", errors=sentences)

    def _saved(self, deed: str, *, milestone: str = "", person: str = "", day: str = "") -> str:
        return self._words.say_plain("manage/saved.j2", deed=deed, milestone=milestone, person=person, day=day)


def _origin(body: Payload) -> Origin:
    return Origin(body["view"]["id"], dialog.review_under(body["view"]))


def _locale(visit: Visit) -> str:
    return locale_of(visit.session, visit.company, visit.person)


def _name(visit: Visit, ref: ItemRef) -> str:
    return _names(visit, ref)["milestone"]


def _names(visit: Visit, ref: ItemRef) -> dict[str, str]:
    project, milestone = manage.managed_milestone(visit.company, visit.person, ref)
    return {
        "milestone": milestone.name,
        "owner": milestone.owner.name,
        "project": project.name,
        "quarter": visit.company.label(ref.quarter),
    }
