"""Answers after publication: taken into the next revision or left out of it, inside the review."""

from __future__ import annotations

from collections.abc import Sequence

from slack_bolt import Ack, App

from bot.domain.project import Project
from bot.domain.quarter import Quarter
from bot.flow.compile.late import choose
from bot.flow.forms import LateRef
from bot.slack.blocks import Block
from bot.slack.desk import Desk, Payload, Visit, click_key
from bot.slack.ids import Action
from bot.slack.review.late import ref_of
from bot.slack.review.reviewing import Reviews, place_of


class LateListeners:
    """Take, Leave and Take all."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._reviews = Reviews(desk)

    def register(self, app: App) -> None:
        """Tie them to their ids."""
        app.action(Action.LATE_TAKE)(self._on_take)
        app.action(Action.LATE_LEAVE)(self._on_leave)
        app.action(Action.LATE_TAKE_ALL)(self._on_take_all)

    def _on_take(self, body: Payload, ack: Ack) -> None:
        self._choose(body, is_left=False)
        ack()

    def _on_leave(self, body: Payload, ack: Ack) -> None:
        self._choose(body, is_left=True)
        ack()

    def _on_take_all(self, body: Payload, ack: Ack) -> None:
        """All that nobody has decided about, those too for which the view has no room."""
        with self._desk.writing(body) as visit:
            project, quarter = place_of(visit, body["view"])
            late = self._reviews.form(visit, project, quarter).late
            refs = [change.ref for change in late if change.is_left is None]
            view = self._decided(visit, body, project, quarter, refs, is_left=False)
        self._desk.messenger.update_view(body["view"]["id"], body["view"]["hash"], view)
        ack()

    def _choose(self, body: Payload, *, is_left: bool) -> None:
        with self._desk.writing(body) as visit:
            project, quarter = place_of(visit, body["view"])
            refs = [ref_of(body["actions"][0]["value"])]
            view = self._decided(visit, body, project, quarter, refs, is_left=is_left)
        self._desk.messenger.update_view(body["view"]["id"], body["view"]["hash"], view)

    def _decided(
        self,
        visit: Visit,
        body: Payload,
        project: Project,
        quarter: Quarter,
        refs: Sequence[LateRef],
        *,
        is_left: bool,
    ) -> Block:
        """The review after a decision, with what was typed into it kept."""
        key = click_key(body)
        self._reviews.save(visit, body["view"], project, quarter, key=f"words:{key}"[:255])
        count = choose(
            visit.session,
            visit.company,
            visit.person,
            project,
            quarter,
            refs,
            is_left=is_left,
            key=key,
            moment=visit.moment,
        )
        line = self._desk.words.say_plain("review/late-decided.j2", count=count, is_left=is_left)
        return self._reviews.view(visit, project, quarter, saved=line)
