"""Publish: a reviewed report becomes a frozen revision, a post in the leadership channel, and a thread with its sections."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy.orm import Session

from bot.domain.errors import BotError
from bot.domain.life import LifeState, ReportLife
from bot.domain.project import Person, Project
from bot.domain.quarter import Quarter
from bot.domain.report import QuarterlyReport
from bot.flow.ask.ask import refresh_project
from bot.flow.ask.digest import refresh_digests
from bot.flow.collect.collect import ref_of
from bot.flow.company import Company
from bot.flow.compile.compile import without_manager_checks
from bot.flow.compile.late import show_late, take_undecided
from bot.flow.compile.review import changes_since, confirm_form, in_channel, published_as, review_form
from bot.flow.deliver import Drop, FillReview, Post, Work
from bot.flow.forms import Confirmed, ConfirmForm
from bot.flow.keep.trail import note_published
from bot.flow.messages import ReportPost, SectionReply
from bot.flow.moment import Moment
from bot.flow.people import require_manager
from bot.flow.ports import Documents
from bot.flow.publish.channel import PostKeys, Thread, preview_files, queue_files
from bot.flow.publish.live import queue_decisions
from bot.store import answers as answer_store
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
    confirmed: Confirmed,
    moment: Moment,
) -> ConfirmForm | None:
    """Freeze what was confirmed and queue its messages; None when that was done.

    Where the facts are others by now, or somebody else has published a revision, nothing is published and the form to
    confirm again comes back.
    Publishing the same facts a second time does nothing: a double click is one publication. Where Slack refused the post,
    publishing again posts it anew.
    """
    require_manager(company, person, project)
    answer_store.hold(session, project.key)  # of two managers one is second
    form = confirm_form(session, company, project, quarter, documents, moment)
    shown = in_channel(session, project, quarter)
    life = ReportLife(form.facts, reviewed=confirmed.facts, published=shown.facts if shown else None)
    is_overtaken = confirmed.revision != form.report.revision
    if shown is not None and life.state is LifeState.PUBLISHED:
        is_repeated = shown.facts == confirmed.facts and shown.published_by == ref_of(person)
        return None if is_repeated else form
    if life.state is not LifeState.IN_REVIEW or is_overtaken:
        of = (session, company, person, project, quarter, documents)
        changes = changes_since(*of, seen=confirmed.seen, moment=moment)
        other = published_as(session, shown) if shown and is_overtaken else None
        return replace(form, is_changed=True, changes=changes, overtaken_by=other)
    report = _freeze(session, person, documents, life.publish(), form, moment)
    _queue(session, documents, report, shown, moment)
    _show_owners(session, company, form, moment)
    return None


def _freeze(
    session: Session, person: Person, documents: Documents, life: ReportLife, form: ConfirmForm, moment: Moment
) -> QuarterlyReport:
    """Keep a revision as it was confirmed, with what that decided about late answers; returns what leaders read of it."""
    take_undecided(session, person, form.project, form.quarter, moment)
    report = without_manager_checks(form.report)
    texts = {name: render(report) for name, render in renderings(documents).items()}
    reports.freeze(
        session,
        report,
        texts,
        facts=life.facts,
        channel=form.channel,
        by=ref_of(person),
        at=moment.now,
        seen=answer_store.newest(session),
    )
    note_published(session, person, report, moment)
    return report


def _show_owners(session: Session, company: Company, form: ConfirmForm, moment: Moment) -> None:
    """Everybody who was asked sees that the report is out; after a revision, whoever it took a late answer from."""
    if form.report.revision == 1:
        refresh_project(session, company, form.project, form.quarter, moment.real)
        refresh_digests(session, [form.project], form.quarter, moment.real)
    else:
        show_late(session, company, form.project, form.quarter, (change.ref for change in form.late), moment)


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


def compose_section(session: Session, documents: Documents, parcel: Parcel) -> Work:
    """A section in the post's thread; one that the words, changed since the publication, have no more is left out."""
    if parcel.subject["index"] >= documents.section_count(_published(session, parcel).report):
        return Drop("the words have no such section any more")
    return THREAD.reply(session, parcel)


def _queue(
    session: Session, documents: Documents, report: QuarterlyReport, last: Published | None, moment: Moment
) -> None:
    """The post or its edit, then its thread, in the order in which it is read."""
    keys = PostKeys(report.project_key, report.quarter, report.revision or 1)
    subject = {"project": keys.project, "quarter": str(keys.quarter), "revision": keys.revision}

    def put(key: str, kind: str, **more: object) -> None:
        outbox.put(session, key=key, kind=kind, subject={**subject, **more}, lane=keys.lane, now=moment.real)

    if last is None:
        put(keys.of("post"), "post")
        queue_decisions(session, report, None, moment)
        queue_files(session, keys, documents.chart_names, moment)
        for index in range(documents.section_count(report)):
            put(f"{keys.of('section')}:{index}", "section", index=index)
    else:
        changes = documents.changes(last.report, report)
        put(keys.of("edit"), "post-edit")
        put(keys.of("revision"), "revision", changes=changes, broadcast=is_news(last.report, report))
        queue_decisions(session, report, last.report, moment)
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
