"""Review: what the manager sees between `/compile-report` and Publish, and the words the manager puts to the report."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from bot.domain.build import build_report
from bot.domain.errors import BotError, NotAllowed, NotFound
from bot.domain.facts import ReportFacts
from bot.domain.project import Person, Project
from bot.domain.quarter import Quarter
from bot.domain.report import LineState, QuarterlyReport
from bot.domain.update import ProjectSummary, Provenance
from bot.flow.campaign import sending
from bot.flow.collect import ref_of
from bot.flow.company import Company
from bot.flow.compile import compile_report, facts_hash
from bot.flow.messages import ConfirmForm, ItemRef, Notice, ReviewForm
from bot.flow.moment import Moment
from bot.flow.notices import tell
from bot.flow.ports import Documents
from bot.store import answers as answer_store
from bot.store import outbox, reports

_DRAFTED = ("executive_summary", "conclusion")


def require_manager(company: Company, person: Person, project: Project, *, to_do: str = "compile its report") -> None:
    """A project is for its manager and for admins; raises NotAllowed for others, in a sentence that says who can."""
    if not company.can_manage(person, project):
        raise NotAllowed(f"Only {project.manager.name}, who manages {project.name}, and admins can {to_do}.")


def choose_projects(company: Company, person: Person) -> list[Project]:
    """The projects that somebody can compile; raises NotAllowed where there are none."""
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
    return ReviewForm(
        project=project,
        quarter=quarter,
        report=next_revision(session, report),
        summary=facts.summary,
        layouts=documents.layouts(),
        channel=channel_of(company, project),
        facts=facts_hash(report),
        stale_edits=_stale_edits(facts, documents),
        seen=answer_store.newest(session),
        sending=sending(session, company, moment),
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
    """Store the manager's words from the review as a new version. What the view does not show stays as it was."""
    require_manager(company, person, project)
    if not answer_store.is_first_time(session, key, moment.now):
        return
    facts = company.facts(session, project, quarter, moment.now)
    before = facts.summary
    kept = replace(
        summary,
        report_date=before.report_date,
        promised=before.promised,
        check_notes=before.check_notes,
        drafted=_drafts_under(summary, facts, documents),
    )
    _record(session, person, project, quarter, kept, moment)


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


def missing_owners(
    session: Session, company: Company, project: Project, quarter: Quarter, moment: Moment
) -> list[Person]:
    """The owners whose updates are missing in a project, each once."""
    report = build_report(company.facts(session, project, quarter, moment.now))
    silent = {line.key for line in report.milestones if line.state is LineState.MISSING}
    owners = {m.owner.id: m.owner for m in project.milestones if m.key in silent}
    return list(owners.values())


def return_to_owner(
    session: Session,
    company: Company,
    person: Person,
    project: Project,
    quarter: Quarter,
    milestone_key: str,
    comment: str,
    *,
    key: str,
    moment: Moment,
) -> Person:
    """Send a milestone's update back to its owner with a comment; returns the owner."""
    require_manager(company, person, project)
    milestone = project.milestone(milestone_key)
    if milestone is None:
        raise NotFound(f"{project.name} has no such milestone.")
    if milestone.owner.slack_id is None:
        raise BotError(f"No Slack account was found for {milestone.owner.name}, so nothing can be sent there.")
    if answer_store.is_first_time(session, key, moment.now):
        values = {
            "project": project.name,
            "milestone": milestone.name,
            "quarter": company.label(quarter),
            "manager": person.name,
            "comment": comment,
        }
        item = ItemRef(project.key, quarter, milestone.key)
        tell(session, company, milestone.owner, Notice(f"returned:{key}"[:255], "returned", values, item=item), moment)
    return milestone.owner


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
        seen=review.seen,
    )


def changes_since(
    session: Session,
    company: Company,
    project: Project,
    quarter: Quarter,
    documents: Documents,
    *,
    seen: int,
    moment: Moment,
) -> tuple[str, ...]:
    """What answers have changed in a report since `seen` was the newest of them, a line each.

    The manager's own words are left out: whoever reviews is writing them.
    """
    after = company.facts(session, project, quarter, moment.now)
    before = company.facts(session, project, quarter, moment.now, seen=seen)
    then = replace(before.answers, summary=after.answers.summary)
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
