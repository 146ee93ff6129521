"""Digest: what a manager, and for the second silence in a row a sponsor, hears once after the deadline."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from bot.domain.facts import ReportFacts, latest_resources
from bot.domain.ladder import plain_step
from bot.domain.milestone_line import LineState, MilestoneLine
from bot.domain.presence import Presence
from bot.domain.project import Milestone, Person, Project
from bot.domain.quarter import Quarter
from bot.domain.reporting.milestones import coverage_of, milestone_lines
from bot.flow.ask.ask import bad_moment, may_wait, tells_only
from bot.flow.company import Company
from bot.flow.compile.returns import returned_updates
from bot.flow.deliver import Drop, Edit, Post, Work
from bot.flow.items import RESOURCES
from bot.flow.messages import DigestItem, DigestProject, ItemRef, OverdueDigest
from bot.flow.ports import Place
from bot.flow.schedule.owed import locale_of, zone_of
from bot.flow.schedule.planner import SILENT_TWICE, is_sponsor_only, missing_for_manager
from bot.store import ledger, outbox, reports
from bot.store import people as people_store
from bot.store.ledger import Nudge, NudgeState
from bot.store.outbox import Parcel


@dataclass(frozen=True, slots=True)
class _Known:
    """What was sent to each person (our row), where each account is, and which take no messages."""

    asked: Mapping[int, list[Nudge]]
    presences: Mapping[str, Presence]
    closed: Collection[str]

    def has_account(self, person: Person) -> bool:
        """Whether somebody can be written to."""
        return person.slack_id is not None and person.slack_id not in self.closed


def compose_digest(session: Session, company: Company, parcel: Parcel, now: datetime) -> Work:
    """The manager's one message about everybody who has not answered."""
    return _compose(session, company, parcel, now, for_sponsor=False)


def compose_sponsor(session: Session, company: Company, parcel: Parcel, now: datetime) -> Work:
    """The sponsor's one message about milestones that were silent for two quarters or more."""
    return _compose(session, company, parcel, now, for_sponsor=True)


def refresh_digests(session: Session, projects: Iterable[Project], quarter: Quarter, real_now: datetime) -> None:
    """Have what the managers and sponsors of some projects were told brought up to date, since answers have come."""
    told = {person.id for project in projects for person in (project.manager, project.sponsor) if person}
    for person_id in told:
        for nudge in ledger.nudges(session, quarter, person_id):
            if nudge.message_key and nudge.state is NudgeState.SENT and tells_only(nudge.step):
                subject = {"of": nudge.message_key}
                outbox.put_edit(session, kind="digest-edit", subject=subject, lane=nudge.message_key, now=real_now)


def compose_digest_edit(session: Session, company: Company, parcel: Parcel, now: datetime) -> Work:
    """A digest that was sent, to its manager or sponsor, as it should read now."""
    of = parcel.subject["of"]
    nudge = ledger.by_message(session, of)
    person = company.people.get(nudge.person_id) if nudge else None
    place = outbox.place_of(session, of)
    if nudge is None or person is None or place is None:
        return Drop("the message was never sent")
    for_sponsor = plain_step(nudge.step) == "sponsor"
    digest = overdue_digest(session, company, person, nudge.quarter, key=of, now=now, for_sponsor=for_sponsor)
    return Edit(Place(*place), digest) if digest.projects else Drop("none of it concerns them any more")


def _compose(session: Session, company: Company, parcel: Parcel, now: datetime, *, for_sponsor: bool) -> Work:
    nudge = ledger.by_message(session, parcel.key)
    person = company.people.get(nudge.person_id) if nudge else None
    if nudge is None or person is None or person.slack_id is None:
        return Drop("nobody to send it to")
    digest = overdue_digest(session, company, person, nudge.quarter, key=parcel.key, now=now, for_sponsor=for_sponsor)
    if not digest.silent and not parcel.may_have_been_sent:
        return Drop("nothing missing any more")
    may_be_left = bool(digest.silent) and may_wait(parcel)
    if may_be_left and (not_now := bad_moment(session, company, nudge.quarter, person, now)):
        return not_now
    return Post(person.slack_id, digest, is_private=True, is_wanted=bool(digest.silent))


def overdue_digest(
    session: Session, company: Company, person: Person, quarter: Quarter, *, key: str, now: datetime, for_sponsor: bool
) -> OverdueDigest:
    """Who let a deadline pass in the projects that somebody manages or sponsors, and what is known of each.

    A manager reads of milestones that were given more time too, behind the silent ones. Where nothing is missing, all
    their projects whose deadline has passed are listed.
    """
    projects = [p for p in company.projects.values() if _concerns(p, person, for_sponsor=for_sponsor)]
    open_facts = [
        facts
        for project in projects
        if company.window(quarter, project).due_at <= now
        and not (facts := company.standing(session, project, quarter, now)).is_paused
    ]
    rows = [(facts, milestone_lines(facts)) for facts in open_facts]
    returned = () if for_sponsor else tuple(back for facts in open_facts for back in returned_updates(facts))
    known = _Known(_asked(session, quarter), people_store.presences(session), people_store.closed_accounts(session))
    found = [item for facts, lines in rows for item in _items(company, facts, lines, known, now)]
    items = _silent_twice(found) if for_sponsor else sorted(found, key=lambda item: item.until is not None)
    concerned = {item.ref.project for item in items}
    listed = [(f.project, lines) for f, lines in rows if f.project.key in concerned or not concerned]
    published = reports.seen_in(session, quarter, [p.key for p, _ in listed])
    return OverdueDigest(
        key=key,
        person=person,
        quarter=quarter,
        quarter_label=company.label(quarter),
        locale=locale_of(session, company, person),
        zone=str(zone_of(session, company, person)),
        projects=tuple(_project(p, quarter, lines, is_published=p.key in published) for p, lines in listed),
        items=tuple(items),
        returned=returned,
        is_for_sponsor=for_sponsor,
    )


def _silent_twice(found: Iterable[DigestItem]) -> list[DigestItem]:
    """What a sponsor is told of; that they are is said to the manager."""
    silent = (item for item in found if item.silent_quarters >= SILENT_TWICE and not item.until)
    return [replace(item, sponsor=None) for item in silent]


def _concerns(project: Project, person: Person, *, for_sponsor: bool) -> bool:
    return is_sponsor_only(person, project) if for_sponsor else project.manager.id == person.id


def _project(
    project: Project, quarter: Quarter, lines: Sequence[MilestoneLine], *, is_published: bool
) -> DigestProject:
    coverage = coverage_of(lines)
    ref = ItemRef(project.key, quarter)
    return DigestProject(ref, project.name, coverage.received, coverage.due, is_published=is_published)


def _asked(session: Session, quarter: Quarter) -> dict[int, list[Nudge]]:
    """What was sent to each person in a quarter, or failed to be."""
    found: dict[int, list[Nudge]] = {}
    for nudge in ledger.nudges(session, quarter):
        found.setdefault(nudge.person_id, []).append(nudge)
    return found


def _items(
    company: Company, facts: ReportFacts, lines: Sequence[MilestoneLine], known: _Known, now: datetime
) -> Iterator[DigestItem]:
    for line in lines:
        milestone = facts.project.milestone(line.key)
        if line.state is LineState.MISSING and milestone is not None:
            item = _item(company, facts, milestone, known, now)
            yield replace(item, title=line.name, known=line.known, silent_quarters=line.unanswered_quarters)
    if "" in missing_for_manager(facts):
        item = _item(company, facts, None, known, now)
        yield replace(item, last_resources=latest_resources(facts), currency=facts.project.currency)


def _item(
    company: Company, facts: ReportFacts, milestone: Milestone | None, known: _Known, now: datetime
) -> DigestItem:
    """A milestone, else the budget, with who is asked for it; what was last known of it is still to be said."""
    project, quarter = facts.project, facts.quarter
    owner = project.owners_of(milestone)[0]
    key = milestone.key if milestone else ""
    nudges = known.asked.get(owner.id, [])
    presence = known.presences.get(owner.slack_id or "")
    window = company.window_of(quarter, project, key)
    return DigestItem(
        ref=ItemRef(project.key, quarter, key),
        project_name=project.name,
        title=RESOURCES,
        owner=owner.name,
        known=None,
        asked=sum(nudge.state is NudgeState.SENT for nudge in nudges),
        is_unconfirmed=any(nudge.state is NudgeState.FAILED for nudge in nudges),
        has_account=known.has_account(owner),
        is_away=presence is not None and presence.is_away,
        away_until=presence.away_until if presence and presence.is_away else None,
        silent_quarters=1,
        sponsor=_told_sponsor(project, known),
        until=window.due_on if now < window.due_at else None,
        also_asked=tuple(p.name for p in company.answerers(project, milestone, quarter) if p.id != owner.id),
    )


def _told_sponsor(project: Project, known: _Known) -> str | None:
    """The name of the sponsor who hears of a second silence; None where there is none beside the manager to be told."""
    sponsor = project.sponsor
    is_told = sponsor is not None and is_sponsor_only(sponsor, project) and known.has_account(sponsor)
    return sponsor.name if sponsor and is_told else None
