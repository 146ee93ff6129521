"""Setting up from Home: projects, and the list of a project's milestones with the dialogs on it."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App

from bot.flow.people import require_admin
from bot.flow.schedule.owed import locale_of
from bot.flow.setup.setup import TO_CREATE, SetUp, plan_of
from bot.slack.desk import Desk, Payload, Visit, submission_key
from bot.slack.forms import setup
from bot.slack.forms.setup import Choice, PlanPlace
from bot.slack.ids import Action, View


class SetupListeners:
    """The dialogs in which admins and managers change the plan."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._words = desk.words

    def register(self, app: App) -> None:
        """Tie them to their ids."""
        app.action(Action.NEW_PROJECT)(self._on_new_project)
        app.action(Action.EDIT_PROJECT)(self._on_edit_project)
        app.action(Action.MILESTONES)(self._on_milestones)
        app.action(Action.ADD_MILESTONE)(self._on_add_milestone)
        app.action(Action.PLAN_ITEM)(self._on_plan_item)
        app.view(View.PROJECT_PLAN)(self._on_project)
        app.view(View.MILESTONE_PLAN)(self._on_milestone)
        app.view(View.DROP_MILESTONE)(self._on_drop)

    def _on_new_project(self, body: Payload, ack: Ack) -> None:
        with self._desk.reading(body) as visit:
            require_admin(visit.session, visit.company, visit.person, to_do=TO_CREATE)
        view = setup.build_new_project(body["user"]["id"], self._words, layouts=self._desk.documents.layouts())
        self._desk.messenger.open_view(body["trigger_id"], view)
        ack()

    def _on_edit_project(self, body: Payload, ack: Ack) -> None:
        with self._desk.reading(body) as visit:
            project = plan_of(visit.company, visit.person, body["actions"][0]["value"]).project
        name = project.leadership_channel
        known = self._desk.messenger.channel(name) if name else None
        layouts = self._desk.documents.layouts()
        view = setup.build_project(project, self._words, layouts=layouts, channel=known.id if known else name)
        self._desk.messenger.open_view(body["trigger_id"], view)
        ack()

    def _on_milestones(self, body: Payload, ack: Ack) -> None:
        action = body["actions"][0]
        key = action.get("value") or action["selected_option"]["value"]
        with self._desk.reading(body) as visit:
            view = self._list(visit, key)
        self._desk.messenger.open_view(body["trigger_id"], view)
        ack()

    def _on_add_milestone(self, body: Payload, ack: Ack) -> None:
        place = setup.place_of(body["view"])
        with self._desk.reading(body) as visit:
            project = plan_of(visit.company, visit.person, place.project).project
        view = setup.build_milestone(project, None, body["view"]["id"], self._words)
        self._desk.messenger.push_view(body["trigger_id"], view)
        ack()

    def _on_plan_item(self, body: Payload, ack: Ack) -> None:
        choice, key = setup.choice_of(body["actions"][0]["selected_option"]["value"])
        with self._desk.reading(body) as visit:
            plan = plan_of(visit.company, visit.person, setup.place_of(body["view"]).project)
        build = setup.build_drop if choice is Choice.DROP else setup.build_milestone
        view = build(plan.project, plan.milestone(key), body["view"]["id"], self._words)
        self._desk.messenger.push_view(body["trigger_id"], view)
        ack()

    def _on_project(self, body: Payload, ack: Ack) -> None:
        place, given = setup.place_of(body["view"]), setup.read(body["view"], self._words)
        with setup.beside_fields(body["view"]), self._desk.writing(body) as visit:
            change = self._set_up(visit, body)
            if place.project:
                change.edit_project(place.project, given)
            else:
                change.create_project(given)
        ack()

    def _on_milestone(self, body: Payload, ack: Ack) -> None:
        place, given = setup.place_of(body["view"]), setup.read(body["view"], self._words)
        with setup.beside_fields(body["view"]), self._desk.writing(body) as visit:
            change = self._set_up(visit, body)
            if place.milestone:
                deed, milestone = "edited", change.edit_milestone(place.project, place.milestone, given)
            else:
                deed, milestone = "added", change.add_milestone(place.project, given)
        self._close(body, ack, place, deed, milestone.name)

    def _on_drop(self, body: Payload, ack: Ack) -> None:
        place = setup.place_of(body["view"])
        with self._desk.writing(body) as visit:
            gone = visit.company.project(place.project).milestone(place.milestone)
            self._set_up(visit, body).drop_milestone(place.project, place.milestone)
        self._close(body, ack, place, "dropped", gone.name if gone else place.milestone)

    def _set_up(self, visit: Visit, body: Payload) -> SetUp:
        key = submission_key(body, "plan")
        return SetUp(visit.session, visit.company, visit.person, self._desk.plans, key, visit.moment)

    def _close(self, body: Payload, ack: Ack, place: PlanPlace, deed: str, milestone: str) -> None:
        """Close a dialog, and draw the list under it as it stands now."""
        saved = self._words.say_plain("setup/saved.j2", deed=deed, milestone=milestone)
        with self._desk.reading(body) as visit:
            view = self._list(visit, place.project, saved=saved)
        ack()
        self._desk.messenger.update_view(place.under, None, view)

    def _list(self, visit: Visit, project: str, *, saved: str = "") -> dict[str, Any]:
        plan = plan_of(visit.company, visit.person, project)
        locale = locale_of(visit.session, visit.company, visit.person)
        return setup.build_list(plan, locale, self._words, saved=saved)
