"""Weekly: one message a week that tells each admin how the bot's work stands."""

from __future__ import annotations

import logging
from datetime import date, timedelta
from itertools import islice

from sqlalchemy.orm import Session

from bot.flow.ask.notices import good_moment
from bot.flow.company import Company
from bot.flow.deliver import Drop, Post, Work
from bot.flow.keep.figures import standing
from bot.flow.messages import Notice
from bot.flow.moment import Moment
from bot.store import controls, outbox
from bot.store import figures as figure_store
from bot.store import people as people_store
from bot.store.outbox import Parcel

logger = logging.getLogger(__name__)

_WEEK = timedelta(days=7)
_MOST_REASONS = 5


class WeeklyDigest:
    """Queues the digest on the first working day of each week, once for each admin.

    A week in which the bot was down on that day goes without. Keys say the ISO week, so that no restart repeats one.
    """

    def __init__(self) -> None:
        self._told: date | None = None  # the day on which all were found queued: looking for admins reads everybody

    def queue(self, session: Session, company: Company, moment: Moment) -> None:
        """Queue what is due at a moment; each admin reads it in their own hours.

        What is put in now may still be rolled back: the day is done with once a later beat finds everybody's there.
        """
        today = company.today(moment.now)
        if today == self._told or today != _first_working_day(company, today):
            return
        admins = [p for p in people_store.all_people(session).values() if company.is_admin(p) and p.slack_id]
        keys = {f"weekly:{_week(today)}:{person.id}": person for person in admins}
        untold = {key: person for key, person in keys.items() if outbox.state_of(session, key) is None}
        for key, person in untold.items():
            at = good_moment(session, company, person, moment.now)
            subject = {"to": person.slack_id, "week": _week(today)}
            outbox.hold(session, key=key, kind="weekly", subject=subject, until=at, now=moment.real)
        if untold:
            logger.info("weekly week=%s admins=%d", _week(today), len(untold))
        elif admins:  # none has an account before Slack's directory was read
            self._told = today


def compose_weekly(session: Session, company: Company, parcel: Parcel, moment: Moment) -> Work:
    """The figures as they stand when it is sent, with what was sent in the seven days before."""
    if parcel.subject["week"] != _week(company.today(moment.now)):
        return Drop("its week is over")
    now, since = standing(session, company, moment), moment.real - _WEEK
    failed = figure_store.failed_since(session, since)
    values = {
        "quarter": company.label(now.quarter),
        "received": now.received,
        "due": now.due,
        "sent": figure_store.sent_since(session, since),
        "failed": sum(failed.values()),
        "reasons": list(map(list, islice(failed.items(), _MOST_REASONS))),
        "waiting": sum(now.outbox.get(state, 0) for state in ("waiting", "sending", "unknown")),
        "unconfirmed": now.outbox.get("unconfirmed", 0),
        "is_stopped": controls.nudges_stopped(session) is not None,
    }
    return Post(parcel.subject["to"], Notice(parcel.key, "weekly", values), is_private=True)


def _first_working_day(company: Company, today: date) -> date:
    """The first working day on or after the Monday of a day's week."""
    return company.calendar.shift(today - timedelta(days=today.weekday() + 1), 1)


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"
