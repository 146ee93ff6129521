"""Whereabouts: what Slack says of people, asked now and then: who there is, and who is in do-not-disturb."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.domain.errors import DeliveryFailed
from bot.flow.company import Company
from bot.flow.moment import Moment
from bot.flow.people import find_accounts, tell_managers
from bot.flow.ports import Roster
from bot.flow.schedule.schedule import due_soon
from bot.store import people as people_store
from bot.store.session import Database

logger = logging.getLogger(__name__)

_PEOPLE_EVERY = timedelta(days=1)
_PEOPLE_AGAIN = timedelta(minutes=5)
_DND_EVERY = timedelta(hours=1)


class Whereabouts:
    """Asks Slack when it is time to; where Slack refuses, the bot goes on with what it knows. Its times are real time."""

    def __init__(self, database: Database, roster: Roster) -> None:
        self._database = database
        self._roster = roster
        self._people_due_at: datetime | None = None
        self._dnd_due_at: datetime | None = None

    def read_people(self, company: Callable[[Session], Company | None], moment: Moment) -> None:
        """Slack's people and channels, once a day; managers hear of people for whom no account was found."""
        if self._people_due_at and moment.real < self._people_due_at:
            return
        try:
            self._roster.read_channels()
            entries = self._roster.directory()
        except DeliveryFailed as failure:
            logger.warning("directory could not be read reason=%s", failure)
            self._people_due_at = moment.real + _PEOPLE_AGAIN
            return
        with self._database.writing() as session:
            lost = find_accounts(session, entries)
            if present := company(session):
                tell_managers(session, present, lost, moment)
        self._people_due_at = moment.real + _PEOPLE_EVERY

    def read_do_not_disturb(self, company: Callable[[Session], Company], moment: Moment) -> None:
        """Those who are about to be written to; of whom Slack does not tell, they count as present."""
        with self._database.reading() as session:
            soon = due_soon(session, company(session), moment.now)
            asked = people_store.without_fresh_dnd(session, soon, moment.real - _DND_EVERY)
        if not asked or (self._dnd_due_at and moment.real < self._dnd_due_at):
            return
        try:
            windows = self._roster.do_not_disturb(asked)
        except DeliveryFailed as failure:
            logger.warning("do-not-disturb could not be read reason=%s", failure)
            self._dnd_due_at = moment.real + _DND_EVERY
            return
        with self._database.writing() as session:
            people_store.save_dnd(session, windows, moment.real)
