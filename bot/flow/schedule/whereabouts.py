"""Whereabouts: what Slack says of people, asked now and then: who there is, and who is in do-not-disturb."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.domain.directory import DirectoryEntry
from bot.domain.errors import DeliveryFailed
from bot.flow.company import Company
from bot.flow.moment import Moment
from bot.flow.people import find_accounts, tell_managers
from bot.flow.ports import Roster
from bot.flow.schedule.schedule import due_soon
from bot.store import people as people_store
from bot.store.session import Database

logger = logging.getLogger(__name__)

_DIRECTORY_EVERY = timedelta(days=1)
_DIRECTORY_AGAIN = timedelta(minutes=5)
_NO_PAUSE = timedelta(0)
_DND_EVERY = timedelta(hours=1)


class _Question:
    """Something that Slack is asked now and then: every so often, after a refusal `again`. Its times are real time."""

    def __init__(self, what: str, *, every: timedelta, again: timedelta) -> None:
        self._what, self._every, self._again = what, every, again
        self._due_at: datetime | None = None
        self._refused: str | None = None

    def is_due(self, now: datetime) -> bool:
        """Whether it is time to ask."""
        return self._due_at is None or now >= self._due_at

    def ask(self, ask: Callable[[], object], now: datetime) -> None:
        """Ask, and keep the answer; of a refusal the log hears once, until there is another reason."""
        try:
            ask()
        except DeliveryFailed as failure:
            if str(failure) != self._refused:
                logger.warning("%s could not be read reason=%s", self._what, failure)
            self._due_at, self._refused = now + self._again, str(failure)
        else:
            self._due_at, self._refused = now + self._every, None


class Whereabouts:
    """Asks Slack when it is time to; what Slack refuses keeps nothing else from being asked, and the bot goes on with what
    it knows.
    """

    def __init__(self, database: Database, roster: Roster) -> None:
        self._database = database
        self._roster = roster
        self._channels = _Question("channels", every=_DIRECTORY_EVERY, again=_DIRECTORY_AGAIN)
        self._people = _Question("directory", every=_DIRECTORY_EVERY, again=_DIRECTORY_AGAIN)
        self._dnd = _Question("do-not-disturb", every=_NO_PAUSE, again=_DND_EVERY)

    def read_channels(self, real_now: datetime) -> None:
        """The channels that the bot may see, once a day."""
        if self._channels.is_due(real_now):
            self._channels.ask(self._roster.read_channels, real_now)

    def read_people(self, company: Callable[[Session], Company | None], moment: Moment) -> None:
        """Slack's people, once a day; managers hear of people for whom no account was found."""
        if self._people.is_due(moment.real):
            self._people.ask(lambda: self._keep(self._roster.directory(), company, moment), moment.real)

    def _keep(
        self, entries: Sequence[DirectoryEntry], company: Callable[[Session], Company | None], moment: Moment
    ) -> None:
        with self._database.writing() as session:
            lost = find_accounts(session, entries)
            if present := company(session):
                tell_managers(session, present, lost, moment)

    def read_do_not_disturb(self, company: Callable[[Session], Company], moment: Moment) -> None:
        """Those who are about to be written to; of whom Slack does not tell, they count as present."""
        with self._database.reading() as session:
            soon = due_soon(session, company(session), moment.now)
            asked = people_store.without_fresh_dnd(session, soon, moment.real - _DND_EVERY)
        if not asked or not self._dnd.is_due(moment.real):
            return
        self._dnd.ask(lambda: self._keep_dnd(self._roster.do_not_disturb(asked), moment), moment.real)

    def _keep_dnd(self, windows: Mapping[str, tuple[datetime, datetime] | None], moment: Moment) -> None:
        with self._database.writing() as session:
            people_store.save_dnd(session, windows, moment.real)
