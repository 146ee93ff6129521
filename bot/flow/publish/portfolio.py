"""The portfolio: what all projects published for a quarter, compiled, reviewed and published by an admin."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace

from sqlalchemy.orm import Session

from bot.domain.errors import BotError
from bot.domain.facts import live_milestones
from bot.domain.portfolio_report import (
    ALL,
    LastShown,
    PortfolioReport,
    ProjectLine,
    build_portfolio,
    published_line,
    unpublished_line,
)
from bot.domain.project import Person
from bot.domain.quarter import Quarter
from bot.domain.reporting.milestones import coverage
from bot.flow.collect.collect import ref_of
from bot.flow.company import Company
from bot.flow.compile.compile import fingerprint
from bot.flow.deliver import FillReview, Post, Work
from bot.flow.forms import PortfolioForm, Reviewed
from bot.flow.keep.trail import note_published
from bot.flow.messages import PortfolioPost, ProjectReply
from bot.flow.moment import Moment
from bot.flow.people import require_admin
from bot.flow.ports import PortfolioDocuments
from bot.flow.publish.channel import PostKeys, Thread, is_in_channel, preview_files, queue_files
from bot.flow.publish.rulings import Rulings
from bot.store import answers as answer_store
from bot.store import outbox, reports
from bot.store import portfolio as portfolio_store
from bot.store.outbox import Parcel
from bot.store.reports import PublishedPortfolio

TO_REPORT = "report on all projects"  # what only admins can do here


def compile_portfolio(session: Session, company: Company, quarter: Quarter, moment: Moment) -> PortfolioReport:
    """The portfolio as it stands: the newest published report of each project, and coverage of the others."""
    published = {line.key: line for line in _published_lines(session, company, quarter)}
    unpublished = _unpublished_lines(session, company, quarter, moment, but=published)
    today = company.today(moment.now)
    return build_portfolio(company.portfolio, [*published.values(), *unpublished], quarter, today=today)


def reported_portfolio(session: Session, company: Company, quarter: Quarter, moment: Moment) -> PortfolioReport:
    """The same for readers; raises BotError where no project belongs to the quarter."""
    report = compile_portfolio(session, company, quarter, moment)
    if not report.projects:
        raise BotError(f"No project has anything to report for {report.quarter_label}.")
    return report


def portfolio_hash(report: PortfolioReport) -> str:
    """A fingerprint of what a reader would see; the date, revision and draft mark change by themselves."""
    return fingerprint((report.company, report.locale, report.quarter_label, report.projects))


def mark_draft(report: PortfolioReport, published: PublishedPortfolio | None) -> PortfolioReport:
    """Today's facts as they compare with what was published: the same revision, or a draft of what would follow it."""
    if published is None:
        return report
    return replace(report, revision=published.revision, is_draft=published.facts != portfolio_hash(report))


def request_review(session: Session, quarter: Quarter, *, view: str, moment: Moment) -> None:
    """Have a waiting review view (its external id) filled with the portfolio's report."""
    subject = {"view": view, "quarter": str(quarter)}
    outbox.put(session, key=f"portfolio-review:{view}", kind="portfolio-review", subject=subject, now=moment.real)


def request_preview(
    session: Session, company: Company, person: Person, quarter: Quarter, *, key: str, moment: Moment
) -> None:
    """Send the admin the post as leadership would see it, and under it the files of its thread."""
    require_admin(session, company, person, to_do=TO_REPORT)
    subject = {"person": person.slack_id, "quarter": str(quarter)}
    post, files = f"portfolio-preview:{key}"[:255], f"portfolio-preview-files:{key}"[:255]
    outbox.put(session, key=post, kind="portfolio-preview", subject=subject, now=moment.real)
    beneath = {**subject, "under": post}
    outbox.put(session, key=files, kind="portfolio-preview-files", subject=beneath, lane=post, now=moment.real)


def portfolio_form(session: Session, company: Company, quarter: Quarter, moment: Moment) -> PortfolioForm:
    """The review as it stands now; raises BotError where no channel is set or no project belongs to the quarter."""
    channel = company.common_channel
    if not channel:
        raise BotError("No channel is set. Set leadership_channel in the portfolio, or LEADERSHIP_CHANNEL.")
    report = reported_portfolio(session, company, quarter, moment)
    last = reports.latest_portfolio(session, quarter)
    numbered = replace(report, revision=(last.revision if last else 0) + 1)
    return PortfolioForm(
        report=numbered,
        channel=channel,
        reviewed=Reviewed(portfolio_hash(report), moment.now),
        has_post=last is not None and is_in_channel(session, last),
    )


def confirm_form(
    session: Session,
    company: Company,
    quarter: Quarter,
    documents: PortfolioDocuments,
    *,
    reviewed: Reviewed,
    moment: Moment,
) -> PortfolioForm:
    """The view between Publish and the channel; it says what changed where the facts are no longer those reviewed."""
    form = portfolio_form(session, company, quarter, moment)
    if form.reviewed.facts == reviewed.facts:
        return form
    return replace(form, changes=documents.news(form.report, reviewed.at))


def publish_portfolio(
    session: Session,
    company: Company,
    person: Person,
    quarter: Quarter,
    documents: PortfolioDocuments,
    *,
    reviewed: Reviewed,
    moment: Moment,
) -> PortfolioForm | None:
    """Freeze what was reviewed and queue its messages; None when that was done.

    Where the facts are no longer those that were reviewed, nothing is published and the form to confirm again comes back.
    Publishing the same facts a second time does nothing: a double click is one publication. Where Slack refused the post,
    publishing again posts it anew.
    """
    require_admin(session, company, person, to_do=TO_REPORT)
    form = confirm_form(session, company, quarter, documents, reviewed=reviewed, moment=moment)
    if form.changes:
        return form
    facts, last = form.reviewed.facts, reports.latest_portfolio(session, quarter)
    shown = last if last and is_in_channel(session, last) else None
    if shown is not None and shown.facts == facts:
        return None
    texts = {name: render(form.report) for name, render in renderings(documents).items()}
    reports.freeze(session, form.report, texts, facts=facts, channel=form.channel, by=ref_of(person), at=moment.now)
    note_published(session, person, form.report, moment)
    _queue(session, documents, form.report, shown, moment)
    return None


def renderings(documents: PortfolioDocuments) -> dict[str, Callable[[PortfolioReport], str]]:
    """How each text of a revision is made, by the name of its format."""
    return {"md": documents.markdown, "json": documents.json, "slack": documents.slack}


def is_news(before: PortfolioReport, after: PortfolioReport) -> bool:
    """Whether a revision changes what leaders act on: a project's status, its publication, or a decision."""

    def essence(report: PortfolioReport) -> set[tuple[object, ...]]:
        return {(line.key, line.status and line.status.shown, line.decisions) for line in report.projects}

    return essence(before) != essence(after)


def compose_review(session: Session, company: Company, parcel: Parcel, moment: Moment) -> Work:
    """The report for a review view that waits; a sentence where there can be none."""
    view, quarter = parcel.subject["view"], Quarter.parse(parcel.subject["quarter"])
    try:
        return FillReview(view, portfolio_form(session, company, quarter, moment))
    except BotError as problem:
        return FillReview(view, None, str(problem))


def compose_preview(session: Session, company: Company, parcel: Parcel, moment: Moment) -> Work:
    """The post as leadership would see it, for the admin alone."""
    form = portfolio_form(session, company, Quarter.parse(parcel.subject["quarter"]), moment)
    return Post(parcel.subject["person"], PortfolioPost(parcel.key, form.report), is_private=True)


def compose_preview_files(
    session: Session, company: Company, documents: PortfolioDocuments, parcel: Parcel, moment: Moment
) -> Work:
    """What leadership's thread would show beside its text, under the preview."""
    form = portfolio_form(session, company, Quarter.parse(parcel.subject["quarter"]), moment)
    return preview_files(session, parcel, form.report, documents)


def _published_lines(session: Session, company: Company, quarter: Quarter) -> Iterator[ProjectLine]:
    """The rows of the projects whose report is published, with what leaders said to its decisions since.

    When that was is told on the company's clock.
    """
    rulings = Rulings.load(session)
    for report, published_at in reports.latest_of_all(session, quarter):
        yield published_line(
            company.projects[report.project_key], rulings.on(report), published_at.astimezone(company.zone)
        )


def _unpublished_lines(
    session: Session, company: Company, quarter: Quarter, moment: Moment, *, but: Collection[str]
) -> Iterator[ProjectLine]:
    """The rows of the other projects; those of which nothing is live in the quarter, nor answered for it, have none."""
    trails = portfolio_store.trails(session)
    others = [key for key in company.projects if key not in but]
    last = {
        key: LastShown(h.status, h.quarter) for key, h in reports.headlines(session, others, before=quarter).items()
    }
    for key, history in answer_store.histories(session, quarter, others):
        project = company.projects[key]
        trail = trails.get(key, ())
        facts = company.facts_from(project, quarter, moment.now, history=history, names={}, trail=trail)
        if live_milestones(facts) or quarter in history:
            yield unpublished_line(project, coverage(facts), last.get(key))


def _queue(
    session: Session,
    documents: PortfolioDocuments,
    report: PortfolioReport,
    last: PublishedPortfolio | None,
    moment: Moment,
) -> None:
    """The post or its edit; the files before the replies, of which there may be many."""
    keys = PostKeys(ALL, report.quarter, report.revision or 1)
    subject = {"project": ALL, "quarter": str(keys.quarter), "revision": keys.revision}

    def put(name: str, kind: str, **more: object) -> None:
        row = {**subject, **more}
        outbox.put(session, key=keys.of(name), kind=kind, subject=row, lane=keys.lane, now=moment.real)

    if last is None:
        put("post", "portfolio-post")
        queue_files(session, keys, documents.chart_names, moment)
        for index in range(len(report.projects)):
            put(f"project-{index}", "portfolio-project", index=index)
    else:
        put("edit", "portfolio-post-edit")
        changes = documents.changes(last.report, report)
        put("revision", "portfolio-revision", changes=changes, broadcast=is_news(last.report, report))
        queue_files(session, keys, documents.chart_names, moment)


def _published(session: Session, parcel: Parcel) -> PublishedPortfolio:
    quarter, number = Quarter.parse(parcel.subject["quarter"]), parcel.subject["revision"]
    found = reports.portfolio_revision(session, quarter, number)
    if found is None:
        raise BotError(f"There is no revision {number} of the portfolio's {quarter}.")
    return found


THREAD: Thread[PortfolioReport] = Thread(_published, PortfolioPost, ProjectReply)
