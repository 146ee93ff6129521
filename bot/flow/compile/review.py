"""Review: what the manager sees between `/compile-report` and Publish, and the words the manager puts to the report."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from bot.domain.errors import BotError, NotAllowed, NotFound
from bot.domain.facts import ReportFacts, due_objectives, is_budget_missing, live_milestones, promise_results, state_of
from bot.domain.life import LifeState, ReportLife
from bot.domain.project import Person, Project
from bot.domain.quarter import Quarter
from bot.domain.report import QuarterlyReport
from bot.domain.reporting import build_report
from bot.domain.rewording import is_overtaken
from bot.domain.update import ProjectSummary, Provenance
from bot.flow.collect.collect import ref_of
from bot.flow.company import Company
from bot.flow.compile.compile import compile_report, facts_hash
from bot.flow.compile.late import late_changes
from bot.flow.compile.returns import returned_updates
from bot.flow.forms import ConfirmForm, DueObjective, PublishedAs, ReviewForm
from bot.flow.keep import trail
from bot.flow.keep.trail import Said, note_said
from bot.flow.moment import Moment
from bot.flow.people import require_manager
from bot.flow.ports import Documents
from bot.flow.publish.channel import is_in_channel
from bot.flow.schedule.campaign import sending
from bot.flow.schedule.owed import OWED
from bot.store import answers as answer_store
from bot.store import outbox, reports
from bot.store import people as people_store
from bot.store.audit import Deed
from bot.store.reports import Published

_DRAFTED = ("executive_summary", "conclusion")


def choose_projects(company: Company, person: Person) -> list[Project]:
    """The projects that somebody can compile; raises NotFound where nothing is set up, NotAllowed where others do that."""
    if not company.projects:
        raise NotFound(
            "There are no projects yet. An admin makes them with New project in Home, or loads a portfolio with some."
        )
    projects = company.managed_by(person)
    if not projects:
        managers = sorted({project.manager.name for project in company.projects.values()})
        raise NotAllowed(f"Project managers compile reports here: {', '.join(managers[:10])}.")
    return projects


def request_review(
    session: Session, project: Project, quarter: Quarter, *, view: str, person: Person, moment: Moment
) -> None:
    """Have a waiting review view (its external id) filled with the report."""
    subject = {"view": view, "project": project.key, "quarter": str(quarter), "person": person.id}
    outbox.put(session, key=f"review:{view}", kind="review", subject=subject, now=moment.real)


def review_form(
    session: Session, company: Company, project: Project, quarter: Quarter, documents: Documents, moment: Moment
) -> ReviewForm:
    """The review as it stands now."""
    facts = company.facts(session, project, quarter, moment.now)
    report = compile_report(facts, documents)
    fingerprint = facts_hash(report)
    shown = in_channel(session, project, quarter)
    return ReviewForm(
        project=project,
        quarter=quarter,
        report=next_revision(session, report),
        summary=facts.summary,
        layouts=documents.layouts(),
        channel=channel_of(company, project),
        facts=fingerprint,
        stale_edits=_stale_edits(facts, documents),
        seen=answer_store.newest(session),
        sending=sending(session, company, moment),
        life=ReportLife(fingerprint, published=shown.facts if shown else None).state,
        published=published_as(session, shown) if shown else None,
        returned=returned_updates(facts),
        overtaken=tuple(line.name for line in report.milestones if is_overtaken(facts.answers, line.key)),
        late=late_changes(session, project, quarter),
        zone=str(company.zone),
        due_objectives=_due_objectives(company, facts),
        silent_budget=project.answers_for_budget.name if is_budget_missing(facts) else "",
    )


def _due_objectives(company: Company, facts: ReportFacts) -> tuple[DueObjective, ...]:
    """What was promised and has come due without a milestone whose owner is asked for it, and no owner has told of."""
    asked = {milestone.key for milestone in live_milestones(facts) if state_of(facts, milestone) in OWED}
    told_by_owners = promise_results(facts).keys() - facts.summary.promised.keys()
    return tuple(
        DueObjective(objective.key, objective.title, company.label(promised_in))
        for promised_in, objective in due_objectives(facts)
        if objective.milestone not in asked and objective.key not in told_by_owners
    )


def in_channel(session: Session, project: Project, quarter: Quarter) -> Published | None:
    """The newest revision, unless Slack refused its post."""
    last = reports.latest(session, project.key, quarter)
    return last if last and is_in_channel(session, last) else None


def published_as(session: Session, published: Published) -> PublishedAs:
    """Who published a revision, when, and who has read it."""
    by, readers = published.published_by, reports.readers(session, published.id)
    names = people_store.names_of(session, {by, *readers})
    return PublishedAs(
        revision=published.revision,
        by=names.get(by, by),
        at=published.published_at,
        readers=tuple(names.get(reader, reader) for reader in readers),
    )


def channel_of(company: Company, project: Project) -> str:
    """Where the report goes; raises BotError where no channel is set."""
    channel = company.channel(project)
    if not channel:
        raise BotError(
            f"No channel is set for {project.name}. Set leadership_channel in the portfolio, or LEADERSHIP_CHANNEL."
        )
    return channel


def next_revision(session: Session, report: QuarterlyReport) -> QuarterlyReport:
    """The report numbered as it would be published next."""
    last = reports.latest(session, report.project_key, report.quarter)
    return replace(report, revision=(last.revision if last else 0) + 1)


def save_summary(
    session: Session,
    company: Company,
    person: Person,
    project: Project,
    quarter: Quarter,
    summary: ProjectSummary,
    documents: Documents,
    *,
    key: str,
    moment: Moment,
) -> None:
    """Store the manager's words from the review as a new version, where they are others than before.

    What the view does not show stays as it was.
    """
    require_manager(company, person, project)
    if not answer_store.is_first_time(session, key, moment.now):
        return
    facts = company.facts(session, project, quarter, moment.now)
    before = facts.summary
    kept = replace(
        summary,
        report_date=before.report_date,
        check_notes=before.check_notes,
        drafted=_drafts_under(summary, facts, documents),
    )
    if kept != before:
        _record(session, person, project, quarter, kept, moment)
        note_said(session, person, Said(project.key, quarter, "project summary"), moment)


def note_check(
    session: Session,
    company: Company,
    person: Person,
    project: Project,
    quarter: Quarter,
    check: str,
    note: str | None,
    *,
    key: str,
    moment: Moment,
) -> None:
    """Print the manager's note under a check, or take it away (None)."""
    require_manager(company, person, project)
    if not answer_store.is_first_time(session, key, moment.now):
        return
    before = company.facts(session, project, quarter, moment.now).summary
    notes = {k: v for k, v in before.check_notes.items() if k != check} | ({check: note} if note else {})
    _record(session, person, project, quarter, replace(before, check_notes=notes), moment)
    deed = Deed.NOTED if note else Deed.NOTE_TAKEN_AWAY
    trail.note(session, person, deed, project.key, moment, quarter=str(quarter), check=check)


def confirm_form(
    session: Session, company: Company, project: Project, quarter: Quarter, documents: Documents, moment: Moment
) -> ConfirmForm:
    """The view between Publish and the channel."""
    review = review_form(session, company, project, quarter, documents, moment)
    return ConfirmForm(
        project=project,
        quarter=quarter,
        report=review.report,
        channel=review.channel,
        facts=review.facts,
        has_post=review.published is not None,
        seen=review.seen,
        returned=review.returned,
        late=review.late,
        already=review.published if review.life is LifeState.PUBLISHED else None,
        zone=review.zone,
    )


def changes_since(
    session: Session,
    company: Company,
    person: Person,
    project: Project,
    quarter: Quarter,
    documents: Documents,
    *,
    seen: int,
    moment: Moment,
) -> tuple[str, ...]:
    """What has changed in a report since `seen` was the newest answer in it, a line each.

    The reviewer's own words are left out, those that another manager wrote meanwhile are not.
    """
    if answer_store.newest(session) == seen:
        return ()  # nothing was answered anywhere: no need to compile twice to learn it
    after = company.facts(session, project, quarter, moment.now)
    before = company.facts(session, project, quarter, moment.now, seen=seen)
    written = after.answers.summary
    if written and written.provenance.by == ref_of(person):
        then = replace(before.answers, summary=written)
        before = replace(before, history={**before.history, quarter: then})
    return documents.changes(compile_report(before, documents), compile_report(after, documents))


def _record(
    session: Session, person: Person, project: Project, quarter: Quarter, summary: ProjectSummary, moment: Moment
) -> None:
    said = Provenance(by=ref_of(person), at=moment.now)
    answer_store.record(session, project.key, quarter, "", summary, said)


def _drafts_under(summary: ProjectSummary, facts: ReportFacts, documents: Documents) -> dict[str, str]:
    """The drafts that the manager's edits replaced. An edit made before keeps the draft it was made on."""
    present = _drafts(facts, documents)
    before = facts.summary
    return {
        name: before.drafted.get(name, present[name])
        if getattr(before, name) == getattr(summary, name)
        else present[name]
        for name in _DRAFTED
        if getattr(summary, name)
    }


def _stale_edits(facts: ReportFacts, documents: Documents) -> tuple[str, ...]:
    """Texts that were edited on a draft which would read differently today."""
    summary = facts.summary
    if not summary.drafted:
        return ()
    present = _drafts(facts, documents)
    return tuple(n for n in _DRAFTED if getattr(summary, n) and summary.drafted.get(n, present[n]) != present[n])


def _drafts(facts: ReportFacts, documents: Documents) -> dict[str, str]:
    narrative = documents.draft(build_report(facts))
    return {"executive_summary": narrative.executive_summary, "conclusion": narrative.conclusion}
