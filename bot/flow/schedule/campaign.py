"""Campaign: how far the messages to owners have come, and an admin's word that stops and resumes them."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.domain.portfolio_report import ALL
from bot.domain.project import Person
from bot.domain.quarter import Quarter
from bot.flow.collect.collect import ref_of
from bot.flow.company import Company
from bot.flow.forms import Sending
from bot.flow.keep.trail import note
from bot.flow.moment import Moment
from bot.flow.people import require_admin
from bot.store import controls, ledger
from bot.store import people as people_store
from bot.store.audit import Deed
from bot.store.controls import Stop
from bot.store.session import Database

logger = logging.getLogger(__name__)

_TO_DO = "stop or resume the messages"
_LOG_EVERY = timedelta(minutes=1)


def sending(session: Session, company: Company, moment: Moment, locale: str | None = None) -> Sending:
    """How the messages to owners stand for the whole company: the largest step under way, and a stop that holds.

    Figures are said in the reader's `locale`, else in the company's.
    """
    steps = ledger.under_way(session, moment.real)
    stop = controls.nudges_stopped(session)
    names = people_store.names_by_ref(session) if stop else {}
    return Sending(
        sent=steps[0].sent if steps else 0,
        waiting=steps[0].waiting if steps else 0,
        stopped_by=names.get(stop.by, stop.by) if stop else None,
        stopped_at=stop.at if stop else None,
        zone=company.portfolio.timezone,
        locale=locale or company.portfolio.locale,
    )


def stop_sending(session: Session, company: Company, person: Person, moment: Moment) -> None:
    """Send no nudge from now on; answers, reports and whatever else people ask for still go out.

    Stopping twice changes nothing. Raises NotAllowed for anybody but admins.
    """
    require_admin(session, company, person, to_do=_TO_DO)
    if controls.stop_nudges(session, Stop(ref_of(person), moment.now)):
        _record(session, person, Deed.STOPPED, moment)


def resume_sending(session: Session, company: Company, person: Person, moment: Moment) -> None:
    """Go on where sending was stopped. What a later step has replaced meanwhile is dropped as its turn comes.

    Raises NotAllowed for anybody but admins.
    """
    require_admin(session, company, person, to_do=_TO_DO)
    if controls.resume_nudges(session):
        _record(session, person, Deed.RESUMED, moment)


def _record(session: Session, person: Person, deed: Deed, moment: Moment) -> None:
    note(session, person, deed, ALL, moment)
    logger.info("sending %s by=%s", deed, person.slack_id)


class ProgressLog:
    """Writes one line a minute for each step that is under way."""

    def __init__(self) -> None:
        self._due_at: datetime | None = None
        self._sent: dict[tuple[Quarter, str], tuple[int, datetime]] = {}

    def write(self, database: Database, real_now: datetime) -> None:
        """Write what is due; `rate` is messages a minute since the step's last line, 0 in its first."""
        if self._due_at and real_now < self._due_at:
            return
        self._due_at = real_now + _LOG_EVERY
        with database.reading() as session:
            steps = ledger.under_way(session, real_now)
        known, self._sent = self._sent, {}
        for step in steps:
            sent, since = known.get((step.quarter, step.step), (step.sent, real_now - _LOG_EVERY))
            rate = (step.sent - sent) / ((real_now - since) / timedelta(minutes=1))
            self._sent[step.quarter, step.step] = step.sent, real_now
            logger.info(
                "campaign quarter=%s step=%s sent=%d waiting=%d rate=%.0f",
                step.quarter, step.step, step.sent, step.waiting, rate,
            )  # fmt: skip
