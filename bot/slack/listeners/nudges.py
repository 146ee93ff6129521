"""Nudges: when people are written to, remind me later, and what a manager does from the digest."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App

from bot.domain.project import Deputy
from bot.domain.quarter import Quarter
from bot.flow.ask.ask import refresh_cards
from bot.flow.compile import review as review_flow
from bot.flow.schedule.deputies import keep_deputy, name_deputy
from bot.flow.schedule.explain import ledger_lines
from bot.flow.schedule.owed import locale_of, zone_of
from bot.flow.schedule.snooze import snooze
from bot.flow.setup import manage
from bot.slack.card import item_of
from bot.slack.desk import Desk, Payload, Visit, click_key
from bot.slack.forms import hours
from bot.slack.ids import Action, View
from bot.slack.review import review
from bot.store import answers as answer_store
from bot.store import people as people_store

_MOST_LINES = 25


class NudgeListeners:
    """A person's own hours and reminders; the digest's buttons."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def register(self, app: App) -> None:
        """Tie them to their ids."""
        app.action(Action.SNOOZE)(self._on_snooze)
        app.action(Action.NUDGE_ONE)(self._on_nudge_one)
        app.action(Action.SHOW_LEDGER)(self._on_show_ledger)
        app.view(View.HOURS)(self._on_hours)

    def _on_snooze(self, body: Payload, ack: Ack) -> None:
        quarter, _, name = body["actions"][0]["selected_option"]["value"].partition(" ")
        with self._desk.writing(body) as visit:
            if answer_store.is_first_time(visit.session, click_key(body), visit.moment.now):
                asked = Quarter.parse(quarter)
                snooze(visit.session, visit.company, visit.person, asked, name, visit.moment)
                refresh_cards(visit.session, [visit.person], asked, visit.moment.real)
        ack()

    def _on_nudge_one(self, body: Payload, ack: Ack) -> None:
        ref = item_of(body["actions"][0]["value"])
        with self._desk.writing(body) as visit:
            owner, asked = manage.nudge(
                visit.session, visit.company, visit.person, ref, key=click_key(body), moment=visit.moment
            )
        text = self._desk.words.say("digest/nudged.j2", asked=asked, owner=owner.name)
        self._say(body, self._desk.words.label("nudge"), text)
        ack()

    def _on_show_ledger(self, body: Payload, ack: Ack) -> None:
        quarter = Quarter.parse(body["actions"][0]["value"])
        with self._desk.reading(body) as visit:
            projects = review_flow.choose_projects(visit.company, visit.person)
            lines = ledger_lines(visit.session, visit.company, projects, quarter)
        shown = lines[-_MOST_LINES:]
        text = self._desk.words.say("digest/ledger.j2", rows=shown, unlisted=len(lines) - len(shown))
        self._say(body, self._desk.words.label("ledger"), text)
        ack()

    def _on_hours(self, body: Payload, ack: Ack) -> None:
        with self._desk.writing(body) as visit:
            own = _own(visit)
            chosen = hours.read(body["view"], own, self._desk.words)
            person_id = visit.person.id or people_store.save_person(visit.session, visit.person)
            people_store.set_hours(visit.session, person_id, chosen.hours)
            if (chosen.deputy, chosen.days) != (own.deputy, own.days):
                self._name_deputy(visit, own, chosen)
        ack()

    def _name_deputy(self, visit: Visit, own: hours.Own, chosen: hours.Own) -> None:
        named = visit.person.deputy
        if named and chosen.deputy == own.deputy:
            kept = Deputy(named.ref, named.id, *chosen.days)
            problem = keep_deputy(visit.session, visit.person, kept, visit.moment)
        else:
            problem = name_deputy(visit.session, visit.person, chosen.deputy, chosen.days, visit.moment)
        if problem:
            said = self._desk.words.say_plain(f"dialogs/problems/{problem.rule}.j2", **problem.values)
            raise hours.beside_deputy(said)

    def _say(self, body: Payload, title: str, text: str) -> None:
        self._desk.messenger.open_view(body["trigger_id"], review.message(title, text, self._desk.words))


def hours_view(desk: Desk, body: Payload) -> dict[str, Any]:
    """The dialog for the hours of whoever asks."""
    with desk.reading(body) as visit:
        zone = zone_of(visit.session, visit.company, visit.person)
        locale = locale_of(visit.session, visit.company, visit.person)
        return hours.build(_own(visit), visit.company.rules().hours, str(zone), locale, desk.words)


def _own(visit: Visit) -> hours.Own:
    """What somebody has said for themselves, or a file for them."""
    named = visit.person.deputy
    deputy = people_store.person(visit.session, named.id) if named else None
    if named is None or deputy is None:
        return hours.Own(visit.person.hours)
    return hours.Own(visit.person.hours, deputy.slack_id or deputy.name, (named.from_on, named.until_on))
