"""Shortcuts: an update begun from anywhere in Slack, and a message that is added to one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from slack_bolt import Ack, App

from bot.flow.collect.collect import walk_of
from bot.flow.messages import OwedItem
from bot.flow.people import acting_person
from bot.flow.schedule.owed import owed_now
from bot.slack.desk import Desk, Payload, Visit
from bot.slack.dialogs import ItemDialogs
from bot.slack.forms import pick
from bot.slack.ids import Shortcut, View
from bot.slack.quoting import Addition, addition_of
from bot.slack.review import review

_MANAGERS = 3  # named to somebody who answers for nothing


class ShortcutListeners:
    """The shortcuts of the manifest, and the choice that they may ask for."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._dialogs = ItemDialogs(desk)

    def register(self, app: App) -> None:
        """Tie them to their ids."""
        app.global_shortcut(Shortcut.UPDATE)(self._on_update)
        app.message_shortcut(Shortcut.ADD_MESSAGE)(self._on_message)
        app.view(View.PICK_ITEM)(self._on_picked)

    def _on_update(self, body: Payload, ack: Ack) -> None:
        with self._desk.writing(body) as visit:
            items = owed_now(visit.session, visit.company, visit.person, visit.moment.now)
            view = self._begun(visit, items, body["action_ts"]) if items else self._nothing_owed(visit)
        self._desk.messenger.open_view(body["trigger_id"], view)
        ack()

    def _on_message(self, body: Payload, ack: Ack) -> None:
        with self._desk.writing(body) as visit:
            owed = owed_now(visit.session, visit.company, visit.person, visit.moment.now)
            items = [item for item in owed if not item.ref.is_resources]
            view = self._added(visit, items, self._addition(visit, body), body["action_ts"])
        self._desk.messenger.open_view(body["trigger_id"], view)
        ack()

    def _on_picked(self, body: Payload, ack: Ack) -> None:
        picked = pick.read(body["view"], self._desk.words)
        with self._desk.writing(body) as visit:
            if picked.addition:
                view = self._dialogs.with_addition(visit, picked.ref, picked.addition, picked.stamp)
            else:
                view = self._dialogs.view(visit, picked.ref)
        ack(response_action="update", view=view)

    def _begun(self, visit: Visit, items: Sequence[OwedItem], stamp: str) -> dict[str, Any]:
        """ "Update all" at what is not answered yet; where everything is, the choice of what to change."""
        step = walk_of(items)
        if step and not all(item.is_done for item in items):
            return self._dialogs.view(visit, *step)
        head = self._desk.words.say("shortcuts/all-done.j2", total=len(items))
        return pick.build(items, head, self._desk.words, stamp=stamp)

    def _added(self, visit: Visit, items: Sequence[OwedItem], addition: Addition, stamp: str) -> dict[str, Any]:
        """The only milestone's dialog with the message in it, else the choice of a milestone."""
        if not items:
            return self._nothing_owed(visit)
        if len(items) == 1:
            return self._dialogs.with_addition(visit, items[0].ref, addition, stamp)
        head = self._desk.words.say("shortcuts/add-to.j2")
        return pick.build(items, head, self._desk.words, stamp=stamp, addition=addition)

    def _addition(self, visit: Visit, body: Payload) -> Addition:
        message = body["message"]
        by = message.get("user")
        return addition_of(
            message,
            body["channel"]["id"],
            self._desk.messenger.site,
            self._desk.words,
            author=None if by == body["user"]["id"] else _author(visit, message),
            name_of=lambda account: acting_person(visit.session, account).name,
        )

    def _nothing_owed(self, visit: Visit) -> dict[str, Any]:
        managers = {project.manager.name for project in visit.company.projects.values()}
        sentence = self._desk.words.say(
            "shortcuts/nothing-owed.j2",
            managers=sorted(managers)[:_MANAGERS] if len(managers) <= _MANAGERS else [],
            quarter=visit.company.label(visit.company.latest_opened(visit.moment.now)),
        )
        return review.message(self._desk.words.label("problem"), sentence, self._desk.words)


def _author(visit: Visit, message: Payload) -> str:
    """Who wrote a message, by name; apps give their own."""
    account = message.get("user") or ""
    known = acting_person(visit.session, account).name
    if known != account:
        return known
    return str((message.get("bot_profile") or {}).get("name") or message.get("username") or account)
