"""Digest: what a manager, and for the second silence in a row a sponsor, hears once after the deadline."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from bot.domain.build import build_report
from bot.domain.project import Person, Project
from bot.domain.quarter import Quarter
from bot.domain.report import LineState, QuarterlyReport
from bot.flow.ask import bad_moment
from bot.flow.company import Company
from bot.flow.deliver import Drop, Post, Work
from bot.flow.messages import DigestItem, DigestProject, ItemRef, OverdueDigest
from bot.flow.owed import zone_of
from bot.flow.planner import SILENT_TWICE
from bot.store import ledger
from bot.store import people as people_store
from bot.store.ledger import Nudge, NudgeState
from bot.store.outbox import Parcel


def compose_digest(session: Session, company: Company, parcel: Parcel, now: datetime) -> Work:
    """The manager's one message about everybody who has not answered."""
    return _compose(session, company, parcel, now, for_sponsor=False)


def compose_sponsor(session: Session, company: Company, parcel: Parcel, now: datetime) -> Work:
    """The sponsor's one message about milestones that were silent for two quarters or more."""
    return _compose(session, company, parcel, now, for_sponsor=True)


def _compose(session: Session, company: Company, parcel: Parcel, now: datetime, *, for_sponsor: bool) -> Work:
    nudge = ledger.by_message(session, parcel.key)
    person = people_store.person(session, nudge.person_id) if nudge else None
    if nudge is None or person is None or person.slack_id is None:
        return Drop("nobody to send it to")
    digest = overdue_digest(session, company, person, nudge.quarter, key=parcel.key, now=now, for_sponsor=for_sponsor)
    if not digest.items and not parcel.may_have_been_sent:
        return Drop("nothing missing any more")
    is_new = bool(digest.items) and not parcel.may_have_been_sent
    if is_new and (not_now := bad_moment(session, company, nudge.quarter, person, now)):
        return not_now
    return Post(person.slack_id, digest, is_private=True, is_wanted=bool(digest.items))


def overdue_digest(
    session: Session, company: Company, person: Person, quarter: Quarter, *, key: str, now: datetime, for_sponsor: bool
) -> OverdueDigest:
    """Who has not answered in the projects that somebody manages or sponsors, and what is known of each."""
    projects = [p for p in company.projects.values() if _concerns(p, person, for_sponsor=for_sponsor)]
    reports = [
        (project, build_report(facts))
        for project in projects
        if not (facts := company.standing(session, project, quarter, now)).is_paused
    ]
    asked = _asked(session, quarter)
    least = SILENT_TWICE if for_sponsor else 1
    items = [item for project, report in reports for item in _items(project, report, asked, quarter, session, least)]
    concerned = {item.ref.project for item in items}
    return OverdueDigest(
        key=key,
        person=person,
        quarter=quarter,
        quarter_label=company.label(quarter),
        locale=company.portfolio.locale,
        zone=str(zone_of(session, company, person)),
        projects=tuple(_project(project, report) for project, report in reports if project.key in concerned),
        items=tuple(items),
        is_for_sponsor=for_sponsor,
    )


def _concerns(project: Project, person: Person, *, for_sponsor: bool) -> bool:
    if for_sponsor:
        return project.sponsor is not None and project.sponsor.id == person.id
    return project.manager.id == person.id


def _project(project: Project, report: QuarterlyReport) -> DigestProject:
    coverage = report.coverage
    return DigestProject(ItemRef(project.key, report.quarter), project.name, coverage.received, coverage.due)


def _asked(session: Session, quarter: Quarter) -> dict[int, list[Nudge]]:
    """What was sent to each person in a quarter, or failed to be."""
    found: dict[int, list[Nudge]] = {}
    for nudge in ledger.nudges(session, quarter):
        found.setdefault(nudge.person_id, []).append(nudge)
    return found


def _items(
    project: Project,
    report: QuarterlyReport,
    asked: dict[int, list[Nudge]],
    quarter: Quarter,
    session: Session,
    least_silent: int,
) -> Iterator[DigestItem]:
    presences = people_store.presences(session)
    for line in report.milestones:
        milestone = project.milestone(line.key)
        if line.state is not LineState.MISSING or line.unanswered_quarters < least_silent or milestone is None:
            continue
        owner = milestone.owner
        nudges = asked.get(owner.id, [])
        presence = presences.get(owner.slack_id or "")
        yield DigestItem(
            ref=ItemRef(project.key, quarter, line.key),
            project_name=project.name,
            title=line.name,
            owner=owner.name,
            known=line.known,
            asked=sum(nudge.state is NudgeState.SENT for nudge in nudges),
            is_unconfirmed=any(nudge.state is NudgeState.FAILED for nudge in nudges),
            has_account=owner.slack_id is not None,
            is_away=presence is not None and presence.is_away,
            away_until=presence.away_until if presence and presence.is_away else None,
            silent_quarters=line.unanswered_quarters,
            sponsor=project.sponsor.name if project.sponsor else None,
        )
