"""The project manager: `/compile-report`, the review, and publication."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from slack_bolt import Ack, App

from bot.domain.errors import NotFound
from bot.domain.project import Project
from bot.domain.quarter import Quarter
from bot.flow.compile import review as review_flow
from bot.flow.compile.command_words import read_command_words
from bot.flow.forms import CommandHelp, ConfirmForm, ProjectChoice
from bot.flow.people import require_manager
from bot.flow.publish.publish import publish_report, request_preview
from bot.flow.schedule.campaign import resume_sending, sending, stop_sending
from bot.flow.schedule.owed import locale_of
from bot.flow.setup.manage import nudge_all
from bot.slack import campaign
from bot.slack.blocks import metadata_of
from bot.slack.desk import Desk, Opening, Payload, Visit, click_key, new_view_id, submission_key
from bot.slack.forms import manage, notes
from bot.slack.ids import Action, View
from bot.slack.listeners import portfolio
from bot.slack.listeners.nudges import hours_view
from bot.slack.manifest import COMMAND
from bot.slack.review import review
from bot.slack.review.reviewing import Reviews, place_in, place_of
from bot.slack.words import Words

_CONTROLS = {"stop": stop_sending, "resume": resume_sending}


class ManagerListeners:
    """The manager's command, buttons and dialogs."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._reviews = Reviews(desk)

    def register(self, app: App) -> None:
        """Tie them to their ids."""
        app.command(COMMAND)(self._on_compile_report)
        app.view(View.CHOOSE_PROJECT)(self._on_project_chosen)
        app.action(Action.NUDGE_ALL)(self._on_nudge_all)
        app.action(Action.CHECK_NOTE)(self._on_note)
        app.view(View.CHECK_NOTE)(self._on_note_given)
        app.action(Action.PREVIEW)(self._on_preview)
        app.view(View.REVIEW)(self._on_publish)
        app.view(View.CONFIRM)(self._on_confirm)
        app.view_closed(View.MANAGE)(self._on_people_closed)

    def _on_compile_report(self, body: Payload, ack: Ack) -> None:
        text = body.get("text") or ""
        words = text.casefold().split()
        if words == ["help"]:
            ack(blocks=review.help_blocks(CommandHelp(), self._desk.words), text=self._desk.words.say("help/help.j2"))
            return
        if words == ["hours"]:
            self._desk.messenger.open_view(body["trigger_id"], hours_view(self._desk, body))
            ack()
            return
        if len(words) == 1 and words[0] in _CONTROLS:
            with self._desk.writing(body) as visit:
                _CONTROLS[words[0]](visit.session, visit.company, visit.person, visit.moment)
                locale = locale_of(visit.session, visit.company, visit.person)
                stands = sending(visit.session, visit.company, visit.moment, locale)
            ack(campaign.answer(stands, self._desk.words))
            return
        self._desk.open(body, lambda visit: self._asked_for(visit, text))
        ack()

    def _on_project_chosen(self, body: Payload, ack: Ack) -> None:
        chosen = notes.read_choice(body["view"], self._desk.words)
        with self._desk.writing(body) as visit:
            project = visit.company.project(chosen.project)
            opening = review_opening(visit, project, chosen.quarter, self._desk.words)
            if opening.request:
                opening.request(visit)
        ack(response_action="update", view=opening.view)

    def _on_nudge_all(self, body: Payload, ack: Ack) -> None:
        with self._desk.writing(body) as visit:
            project, quarter = place_in(visit, body["actions"][0]["value"])
            asked, missing = nudge_all(visit.session, visit.company, visit.person, project, quarter, visit.moment)
            self._reviews.save(visit, body["view"], project, quarter, key=click_key(body))
        line = self._desk.words.say_plain("review/nudged.j2", asked=asked, owners=missing)
        with self._desk.reading(body) as visit:
            view = self._reviews.view(visit, project, quarter, saved=line)
        self._desk.messenger.update_view(body["view"]["id"], body["view"]["hash"], view)
        ack()

    def _on_note(self, body: Payload, ack: Ack) -> None:
        with self._desk.writing(body) as visit:
            project, quarter = place_of(visit, body["view"])
            self._reviews.save(visit, body["view"], project, quarter, key=click_key(body))
        with self._desk.reading(body) as visit:
            form = self._reviews.form(visit, project, quarter)
        check = next((c for c in form.report.checks if c.id == body["actions"][0]["value"]), None)
        if check is None:
            raise NotFound("This check no longer fires.")
        view = notes.build_note(form, check, body["view"]["id"], self._desk.words)
        self._desk.messenger.push_view(body["trigger_id"], view)
        ack()

    def _on_note_given(self, body: Payload, ack: Ack) -> None:
        note = notes.read_note(body["view"], self._desk.words)
        with self._desk.writing(body) as visit:
            project, quarter = place_of(visit, body["view"])
            if not note.is_kept:
                review_flow.note_check(
                    visit.session,
                    visit.company,
                    visit.person,
                    project,
                    quarter,
                    note.check,
                    note.text,
                    key=submission_key(body, note.check),
                    moment=visit.moment,
                )
        with self._desk.reading(body) as visit:
            view = self._reviews.view(visit, project, quarter)
        # The note's view closes; the review under it is drawn again, keeping what was typed there.
        ack()
        self._desk.messenger.update_view(note.under, None, view)

    def _on_people_closed(self, body: Payload, ack: Ack) -> None:
        """Back from "People and dates": the review is drawn again, keeping what was typed there."""
        place, under = manage.place_of(body["view"]), manage.review_under(body["view"])
        ack()
        if under and not body.get("is_cleared"):
            with self._desk.reading(body) as visit:
                view = self._reviews.view(visit, visit.company.project(place.project), place.quarter)
            self._desk.messenger.update_view(under, None, view)

    def _on_preview(self, body: Payload, ack: Ack) -> None:
        key = click_key(body)
        with self._desk.writing(body) as visit:
            project, quarter = place_in(visit, body["actions"][0]["value"])
            self._reviews.save(visit, body["view"], project, quarter, key=key)
            request_preview(visit.session, visit.company, visit.person, project, quarter, key=key, moment=visit.moment)
        sent = self._desk.words.say_plain("review/preview-sent.j2")
        with self._desk.reading(body) as visit:
            view = self._reviews.view(visit, project, quarter, sent=sent)
        self._desk.messenger.update_view(body["view"]["id"], body["view"]["hash"], view)
        ack()

    def _on_publish(self, body: Payload, ack: Ack) -> None:
        # A long report takes a while to compile: others write meanwhile, so only what is kept is a writing transaction.
        with self._desk.reading(body) as visit:
            project, quarter = place_of(visit, body["view"])
            changes = self._changes(visit, body["view"], project, quarter)
        with self._desk.writing(body) as visit:
            key = submission_key(body, "summary")
            problems = self._reviews.save(visit, body["view"], project, quarter, key=key, is_final=True)
        if problems:
            ack(response_action="errors", errors=problems)
            return
        with self._desk.reading(body) as visit:
            form = review_flow.confirm_form(
                visit.session, visit.company, project, quarter, self._desk.documents, visit.moment
            )
        ack(response_action="push", view=self._confirming(replace(form, changes=changes)))

    def _on_confirm(self, body: Payload, ack: Ack) -> None:
        with self._desk.writing(body) as visit:
            project, quarter = place_of(visit, body["view"])
            outcome = publish_report(
                visit.session,
                visit.company,
                visit.person,
                project,
                quarter,
                self._desk.documents,
                confirmed=review.confirmed_in(body["view"]),
                moment=visit.moment,
            )
        if outcome:
            ack(response_action="update", view=self._confirming(outcome))
        else:
            ack(response_action="clear")

    def _confirming(self, form: ConfirmForm) -> dict[str, Any]:
        is_shared = self._desk.messenger.is_shared(form.channel)
        return review.confirm(replace(form, is_shared_channel=is_shared), self._desk.words)

    def _asked_for(self, visit: Visit, text: str) -> Opening:
        """The view for a command: the review that is being filled, or the choice of a project."""
        asked = read_command_words(visit.company, text, visit.moment.now)
        if asked.is_all:
            return portfolio.review_opening(visit, asked.quarter, self._desk.words)
        if asked.project:
            return review_opening(visit, asked.project, asked.quarter, self._desk.words)
        projects = review_flow.choose_projects(visit.company, visit.person)
        if len(projects) == 1:
            return review_opening(visit, projects[0], asked.quarter, self._desk.words)
        return Opening(notes.build_choice(ProjectChoice(asked.quarter, tuple(projects)), self._desk.words))

    def _changes(self, visit: Visit, view: Payload, project: Project, quarter: Quarter) -> tuple[str, ...]:
        """What has changed under a review since it was compiled."""
        return review_flow.changes_since(
            visit.session,
            visit.company,
            visit.person,
            project,
            quarter,
            self._desk.documents,
            seen=metadata_of(view)["seen"],
            moment=visit.moment,
        )


def review_opening(visit: Visit, project: Project, quarter: Quarter | None, words: Words) -> Opening:
    """A view that waits for its report; a worker fills it."""
    require_manager(visit.company, visit.person, project)
    chosen, view = quarter or visit.company.latest_opened(visit.moment.now, project), new_view_id("review")

    def request(visit: Visit) -> None:
        review_flow.request_review(visit.session, project, chosen, view=view, person=visit.person, moment=visit.moment)

    return Opening(review.loading(words) | {"external_id": view}, request)
