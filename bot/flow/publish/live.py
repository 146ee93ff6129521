"""Live: what a published post and its thread show beside the frozen revision: who has read it, and what was decided."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot.domain.quarter import Quarter
from bot.domain.report import QuarterlyReport
from bot.domain.update import DecisionState
from bot.flow.company import Company
from bot.flow.deliver import Drop, Edit, Later, Post, Work
from bot.flow.messages import DecisionRef, DecisionReply, ReportPost
from bot.flow.moment import Moment
from bot.flow.ports import Place
from bot.flow.publish.channel import PostKeys, post_place
from bot.flow.publish.rulings import Rulings, deciders, is_printed, printed, standing
from bot.store import outbox, reports
from bot.store.outbox import Parcel, SendState
from bot.store.reports import Published

# Many readers press within a minute of a post: one edit is for all who did meanwhile.
REFRESH_PAUSE = timedelta(seconds=5)
_GONE = (None, SendState.DROPPED, SendState.FAILED)


def refresh_post(session: Session, project: str, quarter: Quarter, moment: Moment) -> None:
    """Have the post of a report show what readers did since, a few seconds from now and once for all of them."""
    subject = {"project": project, "quarter": str(quarter)}
    lane = PostKeys(project, quarter, 1).lane  # behind whatever else is said about the report, or an old one would win
    due_at = moment.real + REFRESH_PAUSE
    outbox.put_edit(session, kind="post-refresh", subject=subject, lane=lane, now=moment.real, due_at=due_at)


def compose_refresh(session: Session, parcel: Parcel) -> Work:
    """The post of the newest revision, with how many have read it and what was decided since."""
    published = reports.latest(session, parcel.subject["project"], Quarter.parse(parcel.subject["quarter"]))
    found = post_place(session, published) if published else None
    if published is None or found is None:
        return Drop("there is no post to refresh")
    key, place = found
    report = Rulings.load(session, published.subject).on(published.report)
    asked = frozenset(line.key for line in published.report.open_decisions)
    return Edit(place, ReportPost(key, report, readers=reports.reader_count(session, published.id), asked=asked))


def queue_decisions(session: Session, report: QuarterlyReport, before: QuarterlyReport | None, moment: Moment) -> None:
    """Queue a message for each decision that a revision asks for; those that are in the thread are brought up to date."""
    keys = PostKeys(report.project_key, report.quarter, report.revision or 1)
    waiting = [line.key for line in report.decisions if line.state is DecisionState.OPEN]
    earlier = [line.key for line in before.decisions] if before else []
    there = _messages(session, keys.project)
    for decision in dict.fromkeys((*waiting, *earlier)):
        ref = DecisionRef(keys.project, keys.quarter, decision)
        if ref in there.values():
            _refresh(session, there, decision, moment)
        elif decision in waiting:
            subject = _subject(ref) | {"revision": keys.revision}
            key = f"{keys.of('decision')}:{decision}"
            outbox.put(session, key=key, kind="decision", subject=subject, lane=keys.lane, now=moment.real)


def refresh_decision(session: Session, project: str, decision: str, moment: Moment) -> None:
    """Have every message of a decision brought up to date, those of earlier reports too, and the posts that list it."""
    _refresh(session, _messages(session, project), decision, moment)


def _refresh(session: Session, messages: Mapping[str, DecisionRef], decision: str, moment: Moment) -> None:
    own = {message: ref for message, ref in messages.items() if ref.key == decision}
    for message, ref in own.items():
        outbox.put_edit(session, kind="decision-edit", subject=_subject(ref), lane=message, now=moment.real)
    for project, quarter in {(ref.project, ref.quarter) for ref in own.values()}:
        refresh_post(session, project, quarter, moment)


def compose_decision(session: Session, company: Company, parcel: Parcel) -> Work:
    """A decision in the thread of its report, as it stands now."""
    published, ref = _asked_in(session, parcel)
    found = post_place(session, published) if published else None
    reply = _reply(session, company, parcel.key, published, ref) if published else None
    if reply is None or found is None:
        return Drop("there is no post to put it under, or it is no longer asked for")
    return Post(found[1].channel, reply, thread=found[1])


def compose_decision_edit(session: Session, company: Company, parcel: Parcel) -> Work:
    """A decision's message as it should read now."""
    message = parcel.lane
    place = outbox.place_of(session, message)
    if place is None:
        is_gone = outbox.state_of(session, message) in _GONE
        return Drop("the message was never sent") if is_gone else Later("its message is on the way")
    published, ref = _asked_in(session, parcel)
    reply = _reply(session, company, message, published, ref) if published else None
    return Edit(Place(*place), reply) if reply else Drop("it is no longer asked for")


def _asked_in(session: Session, parcel: Parcel) -> tuple[Published | None, DecisionRef]:
    subject: Mapping[str, Any] = parcel.subject
    ref = DecisionRef(subject["project"], Quarter.parse(subject["quarter"]), subject["decision"])
    return reports.latest(session, ref.project, ref.quarter), ref


def _reply(
    session: Session, company: Company, key: str, published: Published, ref: DecisionRef
) -> DecisionReply | None:
    report = Rulings.load(session, published.subject).on(published.report)
    line = next((line for line in report.decisions if line.key == ref.key), None)
    asked = printed(session, published, ref.key)
    if line is None or asked is None:
        return None
    _, present = standing(session, ref)
    can_be_taken_back = present.ruling is not None and not is_printed(session, ref.project, present.ruling)
    names = deciders(session, company.project(ref.project), asked)
    return DecisionReply(key, report, line, names, can_be_taken_back)


def _messages(session: Session, project: str) -> dict[str, DecisionRef]:
    """The messages of a project's decisions that are there, or on their way, by key; two statements.

    Of one in a quarter that was forgotten, nothing tells any more what it is about: it stays as it reads.
    """
    quarters = {quarter for quarter, _ in reports.publications(session, project)}
    lanes = [PostKeys(project, quarter, 1).lane for quarter in quarters]
    found = outbox.subjects_in(session, lanes, "decision", without=(SendState.DROPPED, SendState.FAILED))
    return {
        key: DecisionRef(project, Quarter.parse(subject["quarter"]), subject["decision"])
        for key, subject in found.items()
        if subject
    }


def _subject(ref: DecisionRef) -> dict[str, Any]:
    return {"project": ref.project, "quarter": str(ref.quarter), "decision": ref.key}
