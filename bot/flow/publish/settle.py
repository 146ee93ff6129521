"""Settle: a person's word on a channel message whose outcome Slack did not confirm."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.domain.errors import BotError, NotFound
from bot.domain.portfolio_report import ALL
from bot.domain.project import Person
from bot.domain.quarter import Quarter
from bot.flow.company import Company
from bot.flow.keep.trail import note
from bot.flow.moment import Moment
from bot.flow.people import require_admin, require_manager
from bot.flow.publish.portfolio import TO_REPORT
from bot.store import answers as answer_store
from bot.store import outbox, reports
from bot.store.audit import Deed


def settle_post(
    session: Session,
    company: Company,
    person: Person,
    key: str,
    place: tuple[str, str] | None,
    *,
    said: str,
    moment: Moment,
) -> None:
    """The message is there, at this channel and timestamp; or, without a place, it is to be posted again.

    `said` is the business key of the word itself, which may be delivered twice.
    Raises NotAllowed for anybody but the project's manager and admins (for the portfolio, admins only), BotError where
    nothing waits for a word.
    """
    subject = outbox.subject_of(session, key)
    project = subject.get("project")
    if project is None:
        raise NotFound("This message is no longer waiting for a word.")
    if project == ALL:
        require_admin(session, company, person, to_do=TO_REPORT)
    else:
        require_manager(company, person, company.project(project))
    if not answer_store.is_first_time(session, said, moment.now):
        return
    channel, ts = place or (None, None)
    if not outbox.settle(session, key, is_there=place is not None, channel=channel, ts=ts, now=moment.real):
        raise BotError("This has been settled already.")
    note(session, person, Deed.POST_FOUND if place else Deed.POST_REPEATED, project, moment, quarter=subject["quarter"])


def channel_of(session: Session, key: str) -> str | None:
    """The channel (name or id) into which a message was to be posted; None where nothing is known of it."""
    subject = outbox.subject_of(session, key)
    if not subject:
        return None
    return reports.channel_of(session, subject["project"], Quarter.parse(subject["quarter"]), subject["revision"])
