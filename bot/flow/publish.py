"""Publish: a reviewed report becomes a frozen revision, a post in the leadership channel, and a thread with its sections."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from bot.domain.errors import BotError
from bot.domain.project import Person, Project
from bot.domain.quarter import Quarter
from bot.domain.report import QuarterlyReport
from bot.flow.collect import ref_of
from bot.flow.company import Company
from bot.flow.compile import without_manager_checks
from bot.flow.deliver import Drop, Edit, FillReview, Post, Upload, Work
from bot.flow.messages import ConfirmForm, Document, ReportPost, RevisionReply, SectionReply
from bot.flow.moment import Moment
from bot.flow.ports import Documents, Place
from bot.flow.review import changes_since, confirm_form, require_manager, review_form
from bot.store import outbox, reports
from bot.store import people as people_store
from bot.store.outbox import Parcel, SendState
from bot.store.reports import Published, Revision

CHANNEL_MESSAGES = frozenset({"post", "post-edit", "section", "revision", "file", "reply"})

Renderer = Callable[[QuarterlyReport], str]


@dataclass(frozen=True, slots=True)
class PostKeys:
    """The business keys of one revision's messages. The lane keeps them in order: the post, then its thread.

    `project` is a project's key, or ALL for the portfolio.
    """

    project: str
    quarter: Quarter
    revision: int

    @property
    def lane(self) -> str:
        """The lane of everything that is said in the channel about this quarter."""
        return f"report:{self.project}:{self.quarter}"

    def of(self, kind: str) -> str:
        """The key of one kind of message of this revision."""
        return f"{kind}:{self.project}:{self.quarter}:{self.revision}"


def publish_report(
    session: Session,
    company: Company,
    person: Person,
    project: Project,
    quarter: Quarter,
    documents: Documents,
    *,
    facts: str,
    seen: int,
    moment: Moment,
) -> ConfirmForm | None:
    """Freeze what was reviewed and queue its messages; None when that was done.

    `facts` and `seen` come from the form that was confirmed. Where the facts are others by now, nothing is published and
    the form to confirm again comes back.
    Publishing the same facts a second time does nothing: a double click is one publication. Where Slack refused the post,
    publishing again posts it anew.
    """
    require_manager(company, person, project)
    form = confirm_form(session, company, project, quarter, documents, moment)
    last = reports.latest(session, project.key, quarter)
    shown = last if last and is_in_channel(session, last) else None
    if shown is not None and shown.facts == facts == form.facts:
        return None
    if form.facts != facts:
        changes = changes_since(session, company, project, quarter, documents, seen=seen, moment=moment)
        return replace(form, is_changed=True, changes=changes)
    report = without_manager_checks(form.report)
    texts = {name: render(report) for name, render in renderings(documents).items()}
    reports.freeze(session, report, texts, facts=facts, channel=form.channel, by=ref_of(person), at=moment.now)
    _queue(session, documents, report, shown, moment)
    return None


def renderings(documents: Documents) -> dict[str, Renderer]:
    """How each text of a revision is made, by the name of its format."""
    return {"md": documents.markdown, "json": documents.json, "slack": documents.slack}


def request_preview(
    session: Session, company: Company, person: Person, project: Project, quarter: Quarter, *, key: str, moment: Moment
) -> None:
    """Send the manager the post as leadership would see it."""
    require_manager(company, person, project)
    subject = {"person": person.id, "project": project.key, "quarter": str(quarter)}
    outbox.put(session, key=f"preview:{key}"[:255], kind="preview", subject=subject, now=moment.real)


def compose_review(session: Session, company: Company, documents: Documents, parcel: Parcel, moment: Moment) -> Work:
    """The report for a review view that waits; a sentence where there can be none."""
    subject = parcel.subject
    try:
        project = company.project(subject["project"])
        form = review_form(session, company, project, Quarter.parse(subject["quarter"]), documents, moment)
    except BotError as problem:
        return FillReview(subject["view"], None, str(problem))
    return FillReview(subject["view"], form)


def compose_preview(session: Session, company: Company, documents: Documents, parcel: Parcel, moment: Moment) -> Work:
    """The post as leadership would see it, for the manager alone."""
    subject = parcel.subject
    person = people_store.all_people(session)[subject["person"]]
    project = company.project(subject["project"])
    form = review_form(session, company, project, Quarter.parse(subject["quarter"]), documents, moment)
    if person.slack_id is None:
        return Drop("no Slack account was found")
    report = without_manager_checks(form.report)
    return Post(person.slack_id, ReportPost(parcel.key, report, is_preview=True), is_private=True)


def compose_post(session: Session, parcel: Parcel) -> Work:
    """The post in the leadership channel."""
    published = _published(session, parcel)
    return Post(published.channel, ReportPost(parcel.key, published.report))


def compose_post_edit(session: Session, parcel: Parcel) -> Work:
    """The post brought to a later revision, in its place."""
    published = _published(session, parcel)
    found = post_place(session, published)
    if found is None:
        return Drop("there is no post to edit")
    anew = Post(published.channel, ReportPost(parcel.key, published.report))
    return Edit(found[1], ReportPost(found[0], published.report), otherwise=anew)


def compose_section(session: Session, parcel: Parcel) -> Work:
    """One section of the report, in the post's thread."""
    published = _published(session, parcel)
    found = post_place(session, published)
    if found is None:
        return Drop("there is no post to reply to")
    reply = SectionReply(parcel.key, published.report, parcel.subject["index"])
    return Post(found[1].channel, reply, thread=found[1])


def compose_revision(session: Session, parcel: Parcel) -> Work:
    """What changed since the revision before, in the post's thread."""
    published = _published(session, parcel)
    found = post_place(session, published)
    if found is None:
        return Drop("there is no post to reply to")
    is_broadcast = parcel.subject["broadcast"]
    reply = RevisionReply(parcel.key, published.report, tuple(parcel.subject["changes"]), is_broadcast)
    return Post(found[1].channel, reply, thread=found[1], is_broadcast=is_broadcast)


def compose_file(session: Session, parcel: Parcel) -> Work:
    """The document of a revision, in the post's thread."""
    published = _published(session, parcel)
    found = post_place(session, published)
    if found is None:
        return Drop("there is no post to put it under")
    name = f"{published.subject}-{published.quarter}-r{published.revision}.md"
    title = f"{published.report.project_name} · {published.report.quarter_label}"
    return Upload(found[1], Document(name, title, published.texts["md"].encode()))


def after_delivery(session: Session, parcel: Parcel, state: SendState, moment: Moment) -> None:
    """What follows from the outcome of a channel message: its publisher hears of what Slack refused or did not confirm."""
    if state in (SendState.FAILED, SendState.UNCONFIRMED):
        tell_publisher(session, _published(session, parcel), parcel, state, moment)


def _queue(
    session: Session, documents: Documents, report: QuarterlyReport, last: Published | None, moment: Moment
) -> None:
    keys = PostKeys(report.project_key, report.quarter, report.revision or 1)
    subject = {"project": keys.project, "quarter": str(keys.quarter), "revision": keys.revision}
    if last is None:
        outbox.put(session, key=keys.of("post"), kind="post", subject=subject, lane=keys.lane, now=moment.real)
        for index in range(documents.section_count(report)):
            key = f"{keys.of('section')}:{index}"
            outbox.put(
                session, key=key, kind="section", subject={**subject, "index": index}, lane=keys.lane, now=moment.real
            )
    else:
        changes = documents.changes(last.report, report)
        note = {**subject, "changes": changes, "broadcast": is_news(last.report, report)}
        outbox.put(session, key=keys.of("edit"), kind="post-edit", subject=subject, lane=keys.lane, now=moment.real)
        outbox.put(session, key=keys.of("revision"), kind="revision", subject=note, lane=keys.lane, now=moment.real)
    outbox.put(session, key=keys.of("file"), kind="file", subject=subject, lane=keys.lane, now=moment.real)


def is_news(before: QuarterlyReport, after: QuarterlyReport) -> bool:
    """Whether a revision changes what leaders act on: a status, a date or a decision."""

    def essence(report: QuarterlyReport) -> tuple[object, ...]:
        lines = tuple((line.key, line.status, line.forecast) for line in report.milestones)
        return report.status.shown, lines, report.decisions, report.scheduled_completion

    return essence(before) != essence(after)


def _published(session: Session, parcel: Parcel) -> Published:
    subject = parcel.subject
    found = reports.revision(session, subject["project"], Quarter.parse(subject["quarter"]), subject["revision"])
    if found is None:
        raise BotError(f"There is no revision {subject['revision']} of {subject['project']} {subject['quarter']}.")
    return found


def post_place(session: Session, published: Revision[Any]) -> tuple[str, Place] | None:
    """The key and place of the post of a quarter: the newest one, since a refused edit leads to a new post."""
    for revision in range(published.revision, 0, -1):
        keys = PostKeys(published.subject, published.quarter, revision)
        for key in (keys.of("edit"), keys.of("post")):
            if place := outbox.place_of(session, key):
                return key, Place(*place)
    return None


def is_in_channel(session: Session, published: Revision[Any]) -> bool:
    """Whether the channel has a post of this quarter, or may still get one: not where Slack refused it for good."""
    if post_place(session, published):
        return True
    revisions = [PostKeys(published.subject, published.quarter, n + 1) for n in range(published.revision)]
    keys = [revision.of(kind) for revision in revisions for kind in ("post", "edit")]
    return any(outbox.state_of(session, key) in _ON_THE_WAY for key in keys)


_ON_THE_WAY = (SendState.WAITING, SendState.SENDING, SendState.UNKNOWN, SendState.UNCONFIRMED)


def tell_publisher(
    session: Session, published: Revision[Any], parcel: Parcel, state: SendState, moment: Moment
) -> None:
    """Whoever published hears that a message was refused, or that Slack did not confirm it and a person must decide."""
    publisher = people_store.people_by_ref(session).get(published.published_by)
    to = publisher.slack_id if publisher else published.published_by
    if not to:
        return
    is_lost = state is SendState.UNCONFIRMED
    buttons = [["post_is_there", "post-is-there", parcel.key], ["post_again", "post-again", parcel.key]]
    subject = {
        "to": to,
        "name": "post-unconfirmed" if is_lost else "post-refused",
        "values": {
            "channel": published.channel,
            "project": published.report.title,
            "quarter": published.report.quarter_label,
            "what": parcel.kind.removeprefix("portfolio-"),
        },
        "buttons": buttons if is_lost else [],
    }
    key = f"{state}:{parcel.attempts}:{parcel.key}"[:255]
    outbox.put(session, key=key, kind="notice", subject=subject, now=moment.real)
