"""Notices: plain messages to one person, sent in that person's own hours, and brought up to date once they are settled."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.domain.ladder import Hours
from bot.domain.presence import first_good
from bot.domain.project import Person
from bot.flow.company import Company
from bot.flow.deliver import Drop, Edit, Later, Post, Work, was_held_up
from bot.flow.messages import ItemRef, Notice
from bot.flow.moment import Moment
from bot.flow.ports import Place
from bot.flow.schedule.owed import calendar_of, zone_of
from bot.store import codec, outbox
from bot.store import people as people_store
from bot.store.outbox import Parcel

logger = logging.getLogger(__name__)


def good_moment(session: Session, company: Company, person: Person, now: datetime) -> datetime:
    """When somebody may be written to next: in their hours and, as far as Slack tells, while they are present."""
    opens, closes = person.hours or company.rules().hours
    hours = Hours(zone_of(session, company, person), calendar_of(company, person), opens, closes)
    presence = people_store.presence_of(session, person.slack_id or "")
    return first_good(now, presence, hours.next_moment) or hours.next_moment(now)


def tell(session: Session, company: Company, person: Person, notice: Notice, moment: Moment) -> None:
    """Send a notice once, at the person's next good moment. Somebody without an account is told nothing, and that is logged."""
    if person.slack_id is None:
        logger.info("notice has no account name=%s person=%d", notice.name, person.id)
        return
    subject = {"to": person.slack_id, **_subject(notice)}
    at = good_moment(session, company, person, moment.now)
    if at > moment.now:
        outbox.hold(session, key=notice.key, kind="notice", subject=subject, until=at, now=moment.real)
    else:
        outbox.put(session, key=notice.key, kind="notice", subject=subject, now=moment.real)


def replace_notice(session: Session, notice: Notice, moment: Moment) -> None:
    """Let a notice that was sent read otherwise from now on; its key tells which."""
    outbox.put_edit(session, kind="notice-edit", subject=_subject(notice), lane=notice.key, now=moment.real)


def compose_notice(session: Session, company: Company | None, parcel: Parcel, now: datetime) -> Work:
    """A plain message to one person; one that was held up waits for their hours. There may be no company to tell these yet."""
    person = people_store.person_by_slack_id(session, parcel.subject["to"])
    if company and person and was_held_up(parcel) and good_moment(session, company, person, now) > now:
        return Later("outside the person's hours")
    return Post(parcel.subject["to"], _notice(parcel.key, parcel.subject), is_private=True)


def compose_notice_edit(session: Session, parcel: Parcel) -> Work:
    """A notice as it should read now."""
    place = outbox.place_of(session, parcel.lane)
    if place is None:
        return Drop("the notice was never sent")
    return Edit(Place(*place), _notice(parcel.lane, parcel.subject))


def _notice(key: str, subject: dict[str, Any]) -> Notice:
    buttons = tuple((action, label, value) for action, label, value in subject.get("buttons", ()))
    item = codec.load(ItemRef, subject["item"]) if "item" in subject else None
    return Notice(key, subject["name"], subject["values"], buttons, item, subject.get("asks_for_owner", False))


def _subject(notice: Notice) -> dict[str, Any]:
    item = {"item": codec.dump(notice.item)} if notice.item else {}
    return {
        "name": notice.name,
        "values": dict(notice.values),
        "buttons": list(map(list, notice.buttons)),
        "asks_for_owner": notice.asks_for_owner,
        **item,
    }
