"""Publish: a reviewed report becomes a frozen revision, a post in the leadership channel, and a thread with its sections."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy.orm import Session

from bot.domain.errors import BotError
from bot.domain.project import Person, Project
from bot.domain.quarter import Quarter
from bot.domain.report import QuarterlyReport
from bot.flow.channel import PostKeys, Thread, is_in_channel, preview_files, queue_files
from bot.flow.collect import ref_of
from bot.flow.company import Company
from bot.flow.compile import without_manager_checks
from bot.flow.deliver import Drop, FillReview, Post, Work
from bot.flow.messages import ConfirmForm, ReportPost, SectionReply
from bot.flow.moment import Moment
from bot.flow.ports import Documents
from bot.flow.review import changes_since, confirm_form, require_manager, review_form
from bot.flow.trail import note_published
from bot.store import outbox, reports
from bot.store import people as people_store
from bot.store.outbox import Parcel
from bot.store.reports import Published

Renderer = Callable[[QuarterlyReport], str]


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
    note_published(session, person, report, moment)
    _queue(session, documents, report, shown, moment)
    return None


def renderings(documents: Documents) -> dict[str, Renderer]:
    """How each text of a revision is made, by the name of its format."""
    return {"md": documents.markdown, "json": documents.json, "slack": documents.slack}


def request_preview(
    session: Session, company: Company, person: Person, project: Project, quarter: Quarter, *, key: str, moment: Moment
) -> None:
    """Send the manager the post as leadership would see it, and under it the files of its thread."""
    require_manager(company, person, project)
    subject = {"person": person.id, "project": project.key, "quarter": str(quarter)}
    post, files = f"preview:{key}"[:255], f"preview-files:{key}"[:255]
    outbox.put(session, key=post, kind="preview", subject=subject, now=moment.real)
    beneath = {**subject, "under": post}
    outbox.put(session, key=files, kind="preview-files", subject=beneath, lane=post, now=moment.real)


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


def compose_preview_files(
    session: Session, company: Company, documents: Documents, parcel: Parcel, moment: Moment
) -> Work:
    """What leadership's thread would show beside its text, under the preview."""
    subject = parcel.subject
    project = company.project(subject["project"])
    form = review_form(session, company, project, Quarter.parse(subject["quarter"]), documents, moment)
    return preview_files(session, parcel, without_manager_checks(form.report), documents)


def _queue(
    session: Session, documents: Documents, report: QuarterlyReport, last: Published | None, moment: Moment
) -> None:
    keys = PostKeys(report.project_key, report.quarter, report.revision or 1)
    subject = {"project": keys.project, "quarter": str(keys.quarter), "revision": keys.revision}
    if last is None:
        outbox.put(session, key=keys.of("post"), kind="post", subject=subject, lane=keys.lane, now=moment.real)
        queue_files(session, keys, documents.chart_names, moment)
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
        queue_files(session, keys, documents.chart_names, moment)


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


THREAD: Thread[QuarterlyReport] = Thread(_published, ReportPost, SectionReply)
