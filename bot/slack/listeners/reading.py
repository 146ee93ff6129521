"""Reading before publishing: the updates as they will be printed, put into other words or returned to their owners."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from slack_bolt import Ack, App

from bot.domain.quarter import Quarter
from bot.flow.compile import send_back, wording
from bot.flow.messages import ItemRef
from bot.slack.blocks import Block, metadata_of
from bot.slack.card import item_of
from bot.slack.desk import Desk, Payload, Visit, click_key, submission_key
from bot.slack.forms import reading
from bot.slack.forms.reading import Choice, Origin
from bot.slack.ids import Action, View
from bot.slack.review.reviewing import Reviews
from bot.slack.voice import listed

_MOST_NAMED = 5


class ReadingListeners:
    """The updates behind "Read and edit", the dialogs on them, and "Return to owner"."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._words = desk.words
        self._reviews = Reviews(desk)

    def register(self, app: App) -> None:
        """Tie them to their ids."""
        app.action(Action.READ_UPDATES)(self._on_read)
        app.action(Action.SHOW_UPDATES)(self._on_read_behind)
        app.action(Action.READ_ITEM)(self._on_item)
        app.view_closed(View.READ_UPDATES)(self._on_closed)
        app.view(View.EDIT_WORDING)(self._on_reworded)
        app.action(Action.RETURN_TO_OWNER)(self._on_return)
        app.view(View.RETURN_TO_OWNER)(self._on_returned)

    def _on_read(self, body: Payload, ack: Ack) -> None:
        self._open(body, item_of(body["actions"][0]["value"]))
        ack()

    def _on_read_behind(self, body: Payload, ack: Ack) -> None:
        """Those alone that a check is about."""
        metadata = metadata_of(body["view"])
        ref = ItemRef(metadata["project"], Quarter.parse(metadata["quarter"]))
        self._open(body, ref, check=body["actions"][0]["value"])
        ack()

    def _open(self, body: Payload, ref: ItemRef, *, check: str = "") -> None:
        with self._desk.reading(body) as visit:
            view = self._read_view(visit, ref, review=body["view"]["id"], check=check)
        self._desk.messenger.push_view(body["trigger_id"], view)

    def _on_closed(self, body: Payload, ack: Ack) -> None:
        """Back to the review, which is drawn again, keeping what was typed there."""
        ack()
        if body.get("is_cleared"):
            return
        ref, under = reading.place_of(body["view"]), reading.review_under(body["view"])
        with self._desk.reading(body) as visit:
            view = self._reviews.view(visit, visit.company.project(ref.project), ref.quarter)
        self._desk.messenger.update_view(under, None, view)

    def _on_item(self, body: Payload, ack: Ack) -> None:
        place = reading.place_of(body["view"])
        choice, key = reading.choice_of(body["actions"][0]["selected_option"]["value"])
        ref = ItemRef(place.project, place.quarter, key)
        if choice in (Choice.RESTORE, Choice.TAKE_BACK):
            self._do(body, choice, ref)
        else:
            self._desk.messenger.push_view(body["trigger_id"], self._dialog(body, choice, ref))
        ack()

    def _do(self, body: Payload, choice: Choice, ref: ItemRef) -> None:
        """What needs no dialog; the updates are drawn again."""
        shown, key = body["view"], click_key(body)
        with self._desk.writing(body) as visit:
            if choice is Choice.RESTORE:
                wording.restore_wording(visit.session, visit.company, visit.person, ref, key=key, moment=visit.moment)
            else:
                send_back.take_back(visit.session, visit.company, visit.person, ref, key=key, moment=visit.moment)
            saved = self._done("restored" if choice is Choice.RESTORE else "taken-back", _names(visit, [ref]))
            review, check = reading.review_under(shown), reading.check_of(shown)
            view = self._read_view(visit, ref, review=review, check=check, saved=saved)
        self._desk.messenger.update_view(shown["id"], shown["hash"], view)

    def _dialog(self, body: Payload, choice: Choice, ref: ItemRef) -> Block:
        shown = body["view"]
        origin = Origin(shown["id"], reading.review_under(shown), reading.check_of(shown))
        with self._desk.reading(body) as visit:
            if choice is Choice.REWORD:
                form = wording.wording_form(visit.session, visit.company, visit.person, ref, visit.moment)
                return reading.build_wording(form, origin, self._words)
            review = self._reviews.form(visit, visit.company.project(ref.project), ref.quarter)
            return reading.build_return(review, origin, self._words, chosen=[ref.milestone])

    def _on_reworded(self, body: Payload, ack: Ack) -> None:
        ref, origin = reading.place_of(body["view"]), reading.origin_of(body["view"])
        with self._desk.writing(body) as visit:
            form = wording.wording_form(visit.session, visit.company, visit.person, ref, visit.moment)
            overtaken = wording.edit_wording(
                visit.session,
                visit.company,
                visit.person,
                ref,
                reading.read_wording(body["view"], form, self._words),
                seen=reading.fingerprint_of(body["view"]),
                key=submission_key(body, ref.milestone),
                moment=visit.moment,
            )
            saved = self._done("reworded", _names(visit, [ref]))
            view = self._read_view(visit, ref, review=origin.review, check=origin.check, saved=saved)
        if overtaken:
            ack(response_action="update", view=reading.build_wording(overtaken, origin, self._words))
            return
        ack()
        self._desk.messenger.update_view(origin.under, None, view)

    def _on_return(self, body: Payload, ack: Ack) -> None:
        """From the review itself, which keeps what was typed into it."""
        ref, shown = item_of(body["actions"][0]["value"]), body["view"]
        with self._desk.writing(body) as visit:
            project = visit.company.project(ref.project)
            self._reviews.save(visit, shown, project, ref.quarter, key=click_key(body))
            form = self._reviews.form(visit, project, ref.quarter)
            view = reading.build_return(form, Origin(shown["id"], shown["id"]), self._words)
        self._desk.messenger.push_view(body["trigger_id"], view)
        ack()

    def _on_returned(self, body: Payload, ack: Ack) -> None:
        place, origin = reading.place_of(body["view"]), reading.origin_of(body["view"])
        returned = reading.read_return(body["view"], self._words)
        refs = [ItemRef(place.project, place.quarter, key) for key in returned.milestones]
        with self._desk.writing(body) as visit:
            names = send_back.return_updates(
                visit.session,
                visit.company,
                visit.person,
                refs,
                returned.comment,
                key=submission_key(body, "return"),
                moment=visit.moment,
            )
            saved = self._done("returned", names)
            if origin.is_review:
                view = self._reviews.view(visit, visit.company.project(place.project), place.quarter, sent=saved)
            else:
                view = self._read_view(visit, place, review=origin.review, check=origin.check, saved=saved)
        ack()
        self._desk.messenger.update_view(origin.under, None, view)

    def _read_view(self, visit: Visit, ref: ItemRef, *, review: str, check: str, saved: str = "") -> dict[str, Any]:
        project, documents = visit.company.project(ref.project), self._desk.documents
        form = wording.read_form(
            visit.session, visit.company, visit.person, project, ref.quarter, documents, visit.moment, check=check
        )
        return reading.build(form, self._words, review=review, saved=saved)

    def _done(self, deed: str, names: Sequence[str]) -> str:
        return self._words.say_plain("review/read-done.j2", deed=deed, names=listed(names, _MOST_NAMED))


def _names(visit: Visit, refs: Sequence[ItemRef]) -> list[str]:
    found = (visit.company.project(ref.project).milestone(ref.milestone) for ref in refs)
    return [milestone.name for milestone in found if milestone]
