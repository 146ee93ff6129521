"""What a leader finds at Home: reports of the projects they follow, decisions that name them, and what they asked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from bot.domain.project import Person, RagStatus
from bot.domain.report import DecisionLine
from bot.domain.update import Decision, DecisionState, ReaderQuestion
from bot.flow.company import Company
from bot.flow.messages import ItemRef
from bot.flow.ports import Place
from bot.flow.publish.channel import PostKeys
from bot.flow.publish.rulings import decider_of, ways_to_name
from bot.flow.schedule.owed import calendar_of
from bot.store import decisions as decision_store
from bot.store import outbox, reports
from bot.store import people as people_store
from bot.store import questions as question_store
from bot.store.decisions import as_last_said, as_printed
from bot.store.reports import Asked, Headline

_POSTS = ("post", "post-edit")


@dataclass(frozen=True, slots=True)
class LatestReport:
    """The newest published revision of a project; `place` is its post, None where there is none. `published_at` is UTC."""

    ref: ItemRef
    quarter_label: str
    revision: int
    status: RagStatus
    previous: RagStatus | None
    published_at: datetime
    place: Place | None


@dataclass(frozen=True, slots=True)
class FollowedProject:
    """A project whose reports somebody reads; `report` is None before the first."""

    name: str
    report: LatestReport | None


@dataclass(frozen=True, slots=True)
class WaitingDecision:
    """A decision that was published and names somebody who has not decided yet.

    `ref` is its project with the quarter of the latest report. `days_left` are working days of the person until `by`:
    0 on that very day, 1 at least before it, -1 at most when it has passed; None without a date.
    """

    key: str
    ref: ItemRef
    project_name: str
    what: str
    by: date | None
    days_left: int | None


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A reader's question; people by name. `answer` is None while it waits."""

    number: int
    project_name: str
    quarter_label: str
    text: str
    asked_by: str
    asked_at: datetime
    answer: str | None
    answered_by: str


def latest_reports(session: Session, company: Company, projects: Collection[str]) -> dict[str, LatestReport]:
    """The newest report of each of some projects that has published one; two statements for any number."""
    found = reports.headlines(session, projects)
    if not found:
        return {}
    lanes = {key: PostKeys(key, headline.quarter, headline.revision).lane for key, headline in found.items()}
    places = outbox.places_in(session, lanes.values(), _POSTS)
    return {key: _latest(company, headline, places.get(lanes[key])) for key, headline in found.items()}


def _latest(company: Company, headline: Headline, place: tuple[str, str] | None) -> LatestReport:
    return LatestReport(
        ref=ItemRef(headline.project, headline.quarter),
        quarter_label=company.label(headline.quarter),
        revision=headline.revision,
        status=headline.status,
        previous=headline.previous,
        published_at=headline.published_at,
        place=Place(*place) if place else None,
    )


def followed_projects(
    session: Session, company: Company, person: Person, deciding: Iterable[str], asked: Iterable[ReaderQuestion]
) -> list[str]:
    """The keys of the projects whose latest reports somebody is shown, in their order.

    They sponsor them, or are to decide in them (`deciding`), or have acknowledged or asked about the latest report or the one
    of the quarter before it. An older one does not do: who has left the report's channel is not to read on here for ever.
    """
    followed = {project.key for project in company.projects.values() if _is_sponsor(project.sponsor, person)}
    followed.update(deciding)
    read = {(question.project, question.quarter) for question in asked}
    if person.slack_id:
        read |= reports.acknowledged_by(session, person.slack_id)
    published = reports.quarters_of(session, {project for project, _ in read})
    followed |= {project for project, quarter in read if quarter in published.get(project, [])[-2:]}
    return [key for key in company.projects if key in followed]


def _is_sponsor(sponsor: Person | None, person: Person) -> bool:
    return sponsor is not None and person.id != 0 and sponsor.id == person.id


def waiting_decisions(session: Session, company: Company, person: Person, now: datetime) -> list[WaitingDecision]:
    """The decisions that wait for somebody, as leadership read them last, the soonest first.

    One that no published report holds is not shown: it was not reviewed.
    """
    ways = ways_to_name(session, person)
    said = decision_store.naming(session, ways)
    asked = [a for a in reports.asked(session, said.keys()) if a.project in company.projects]
    printed = {a.project: as_printed(said[a.project], a.quarter, a.seen) for a in asked}
    words = {decision.who for of_project in printed.values() for decision in of_project.values() if decision.who}
    # Asked of as few as there are ways to name somebody, however many decisions there are.
    own = {who for who in words if who.lower() in ways and _is_account(decider_of(session, who), person)}
    found = [
        _waiting(company, person, of_project, line, now)
        for of_project in asked
        for line in _open_lines(of_project, as_last_said(said[of_project.project]))
        if line.key in printed[of_project.project] and printed[of_project.project][line.key].who in own
    ]
    return sorted(found, key=lambda decision: (decision.by or date.max, decision.project_name))


def _open_lines(asked: Asked, present: Mapping[str, Decision]) -> Iterator[DecisionLine]:
    """The lines of decisions that nobody has taken or withdrawn since they were printed."""
    for line in asked.lines:
        if line.state is DecisionState.OPEN and line.key in present and present[line.key].state is DecisionState.OPEN:
            yield line


def _is_account(somebody: Person | None, person: Person) -> bool:
    return somebody is not None and somebody.slack_id is not None and somebody.slack_id == person.slack_id


def _waiting(company: Company, person: Person, asked: Asked, decision: DecisionLine, now: datetime) -> WaitingDecision:
    today = company.today(now)
    return WaitingDecision(
        key=decision.key,
        ref=ItemRef(asked.project, asked.quarter),
        project_name=company.projects[asked.project].name,
        what=decision.what,
        by=decision.by,
        days_left=_days_left(company, person, today, decision.by) if decision.by else None,
    )


def _days_left(company: Company, person: Person, today: date, by: date) -> int:
    calendar = calendar_of(company, person)
    if today == by:
        return 0
    return max(1, calendar.between(today, by)) if today < by else -max(1, calendar.between(by, today))


def asked_questions(
    session: Session, company: Company, questions: Collection[ReaderQuestion]
) -> tuple[AskedQuestion, ...]:
    """Questions as a person reads them; two statements for any number."""
    refs = {ref for question in questions for ref in (question.asked_by, question.answered_by) if ref}
    names = people_store.names_of(session, refs)
    return tuple(_asked(company, question, names) for question in questions)


def _asked(company: Company, question: ReaderQuestion, names: dict[str, str]) -> AskedQuestion:
    answered_by = question.answered_by or ""
    return AskedQuestion(
        number=question.number,
        project_name=company.projects[question.project].name,
        quarter_label=company.label(question.quarter),
        text=question.text,
        asked_by=names.get(question.asked_by, question.asked_by),
        asked_at=question.asked_at,
        answer=question.answer,
        answered_by=names.get(answered_by, answered_by),
    )


def own_questions(session: Session, person: Person) -> list[ReaderQuestion]:
    """What somebody has asked: what waits for its answer first, then the newest."""
    asked = question_store.asked_by(session, person.slack_id or person.ref)
    return sorted(asked, key=lambda question: (question.answer is not None, -question.number))
