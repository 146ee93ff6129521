"""Past answers: what was said for somebody's items, read again by quarter or by item; nothing can be changed there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.orm import Session

from bot.domain.project import Person
from bot.domain.quarter import Quarter
from bot.domain.update import Decision, DecisionState, MilestoneUpdate, Objective, Resources, Risk
from bot.flow.company import Company
from bot.flow.home.pages import Page, page_of
from bot.flow.items import RESOURCES
from bot.flow.messages import ItemRef
from bot.flow.schedule.owed import locale_of, zone_of
from bot.store import past
from bot.store import people as people_store
from bot.store.past import SaidAnswer, SaidBeside

PAGE = 5  # answers that are read at a time; each may have some thousand words


@dataclass(frozen=True, slots=True)
class PastChoice:
    """What to read: everything said in a quarter, or in every quarter for one item; the latest quarter where neither is given."""

    quarter: Quarter | None = None
    item: tuple[str, str] | None = None  # a project's key, and a milestone's (empty for resources)


@dataclass(frozen=True, slots=True)
class PastAnswer:
    """One answer. `said_by` is a name, `is_own` says that it is the reader's; `at` is UTC.

    `beside` is what was said of its milestone in that quarter too, deciders by name, what was taken back left out;
    `promises` are the words of all that was promised in its project until then, by key.
    """

    quarter: Quarter
    quarter_label: str
    project_name: str
    title: str
    said_by: str
    is_own: bool
    at: datetime
    is_confirmed: bool
    value: MilestoneUpdate | Resources
    currency: str | None
    beside: tuple[Objective | Decision | Risk, ...] = ()
    promises: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PastAnswers:
    """A page of answers, and what else can be chosen: quarters with their labels, items with their names."""

    choice: PastChoice
    quarters: tuple[tuple[Quarter, str], ...]
    items: tuple[tuple[ItemRef, str, str], ...]  # an item of any quarter, its title and its project's name
    page: Page[PastAnswer]
    zone: str
    locale: str


def past_answers(
    session: Session, company: Company, person: Person, choice: PastChoice, page: int, now: datetime
) -> PastAnswers:
    """What was said for somebody's items, by them or by others in their place."""
    items = list(_items(company, person, now))
    said = past.answers_for(session, [(ref.project, ref.milestone) for ref, _, _ in items])
    quarters = sorted({answer.quarter for answer in said}, reverse=True)
    if choice.item is None and choice.quarter is None and quarters:
        choice = PastChoice(quarter=quarters[0])
    shown = page_of([answer for answer in said if _is_chosen(answer, choice)], page, PAGE)
    answered = {(answer.project, answer.milestone) for answer in said}
    return PastAnswers(
        choice=choice,
        quarters=tuple((quarter, company.label(quarter)) for quarter in quarters),
        items=tuple(item for item in items if (item[0].project, item[0].milestone) in answered),
        page=shown.holding(_answers(session, company, person, shown.items)),
        zone=str(zone_of(session, company, person)),
        locale=locale_of(session, company, person),
    )


def _items(company: Company, person: Person, now: datetime) -> Iterator[tuple[ItemRef, str, str]]:
    """Everything that somebody answers for or answered for until it was dropped."""
    quarter = company.latest_opened(now)
    for project in company.projects_by_person.get(person.id, ()):
        for milestone in project.milestones:
            if milestone.is_owned_by(person.id):
                yield ItemRef(project.key, quarter, milestone.key), milestone.name, project.name
        if project.answers_for_budget.id == person.id:
            yield ItemRef(project.key, quarter), RESOURCES, project.name


def _is_chosen(answer: SaidAnswer, choice: PastChoice) -> bool:
    if choice.item is not None:
        return (answer.project, answer.milestone) == choice.item
    return answer.quarter == choice.quarter


def _answers(session: Session, company: Company, person: Person, said: tuple[SaidAnswer, ...]) -> Iterator[PastAnswer]:
    last = max((answer.quarter for answer in said), default=None)
    beside = past.said_beside(session, {answer.project for answer in said}, last) if last else []
    deciders = {also.value.who for also in beside if isinstance(also.value, Decision) and also.value.who}
    names = people_store.names_of(session, {answer.provenance.by for answer in said} | deciders)
    own = {person.ref, person.slack_id, person.email}
    for answer in said:
        project, by = company.projects[answer.project], answer.provenance.by
        milestone = project.milestone(answer.milestone)
        yield PastAnswer(
            quarter=answer.quarter,
            quarter_label=company.label(answer.quarter),
            project_name=project.name,
            title=milestone.name if milestone else RESOURCES,
            said_by=names.get(by, by),
            is_own=by in own,
            at=answer.provenance.at,
            is_confirmed=answer.provenance.confirmed,
            value=answer.value,
            currency=project.currency,
            beside=tuple(_told(also.value, names) for also in beside if _belongs(also, answer)),
            promises=_promises(answer.project, beside),
        )


def _belongs(also: SaidBeside, answer: SaidAnswer) -> bool:
    """Whether something was said of the milestone of an answer, in its quarter, and not taken back there."""
    if (also.project, also.quarter, also.value.milestone) != (answer.project, answer.quarter, answer.milestone):
        return False
    if isinstance(also.value, Objective):
        return not also.value.is_withdrawn
    return not isinstance(also.value, Decision) or also.value.state is not DecisionState.WITHDRAWN


def _told(value: Objective | Decision | Risk, names: Mapping[str, str]) -> Objective | Decision | Risk:
    if isinstance(value, Decision) and value.who:
        return replace(value, who=names.get(value.who, value.who))
    return value


def _promises(project: str, beside: list[SaidBeside]) -> dict[str, str]:
    made = (also.value for also in beside if also.project == project)
    return {objective.key: objective.title for objective in made if isinstance(objective, Objective)}
