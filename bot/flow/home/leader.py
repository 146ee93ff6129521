"""What a leader finds at Home: reports of the projects they follow, decisions that name them, and what they asked."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from bot.domain.project import Person, RagStatus
from bot.domain.update import Decision, DecisionState, ReaderQuestion
from bot.flow.company import Company
from bot.flow.messages import ItemRef
from bot.flow.ports import Place
from bot.flow.publish.channel import PostKeys
from bot.flow.schedule.owed import calendar_of
from bot.store import outbox, reports, waiting
from bot.store import people as people_store
from bot.store import questions as question_store
from bot.store.reports import Headline
from bot.store.waiting import SaidOfDecision

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

    `ref` is its project with the quarter of the latest report. `days_left` are working days of the person until `by`,
    -1 at most when that has passed; None without a date.
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


def followed_projects(session: Session, company: Company, person: Person, also: Iterable[str]) -> list[str]:
    """The keys of the projects that somebody sponsors or has acknowledged a report of, and some more, in their order."""
    followed = {project.key for project in company.projects.values() if _is_sponsor(project.sponsor, person)}
    if person.slack_id:
        followed |= reports.acknowledged_by(session, person.slack_id)
    followed.update(also)
    return [key for key in company.projects if key in followed]


def _is_sponsor(sponsor: Person | None, person: Person) -> bool:
    return sponsor is not None and person.id != 0 and sponsor.id == person.id


def waiting_decisions(session: Session, company: Company, person: Person, now: datetime) -> list[WaitingDecision]:
    """The decisions that wait for somebody, as leadership read them last, the soonest first.

    One that no published report holds is not shown: it was not reviewed.
    """
    versions: dict[tuple[str, str], list[SaidOfDecision]] = {}
    for said in waiting.decisions_naming(session, _known_as(person)):
        versions.setdefault((said.project, said.value.key), []).append(said)
    published = reports.headlines(session, {project for project, _ in versions})
    found = (
        _waiting(company, person, of_one, published[project], now)
        for (project, _), of_one in versions.items()
        if project in published and project in company.projects
    )
    return sorted(filter(None, found), key=lambda decision: (decision.by or date.max, decision.project_name))


def _waiting(
    company: Company, person: Person, versions: list[SaidOfDecision], published: Headline, now: datetime
) -> WaitingDecision | None:
    read = [said.value for said in versions if said.at <= published.published_at and said.quarter <= published.quarter]
    if not read or not _waits_for(person, read[-1]) or not _waits_for(person, versions[-1].value):
        return None
    decision = read[-1]
    today = company.today(now)
    return WaitingDecision(
        key=decision.key,
        ref=ItemRef(published.project, published.quarter),
        project_name=company.projects[published.project].name,
        what=decision.what,
        by=decision.by,
        days_left=_days_left(company, person, today, decision.by) if decision.by else None,
    )


def _waits_for(person: Person, decision: Decision) -> bool:
    return decision.state is DecisionState.OPEN and decision.who in _known_as(person)


def _days_left(company: Company, person: Person, today: date, by: date) -> int:
    calendar = calendar_of(company, person)
    return calendar.between(today, by) if today <= by else -max(1, calendar.between(by, today))


def _known_as(person: Person) -> set[str]:
    """What may stand for somebody where words or a ref name who decides."""
    handle = f"@{person.handle.removeprefix('@')}" if person.handle else None
    return {name for name in (person.ref, person.slack_id, person.email, handle, person.name) if name}


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
