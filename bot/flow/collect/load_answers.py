"""Load: what a file says of a quarter, into the store; what follows from an answer follows as after a dialog."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.domain.project import Person, RagStatus
from bot.domain.quarter import Quarter
from bot.domain.reporting import build_report
from bot.domain.update import (
    Answer,
    Decision,
    Given,
    MilestoneUpdate,
    Objective,
    ProjectSummary,
    QuarterAnswers,
    Resources,
    Return,
    Risk,
)
from bot.flow.ask.digest import refresh_digests
from bot.flow.collect.answered import note_answer
from bot.flow.company import Company
from bot.flow.keep.trail import Said, note_said
from bot.flow.messages import ItemRef
from bot.flow.moment import Moment
from bot.store import answers as answer_store
from bot.store import people as people_store
from bot.store.answers import Recorded
from bot.store.audit import Via

_KIND_NAMES: dict[type[Answer], str] = {
    MilestoneUpdate: "milestone",
    Risk: "risk",
    Objective: "objective",
    Decision: "decision",
    Resources: "resources",
    ProjectSummary: "project summary",
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """An answer that was new or different in a file, and the ref of who gave it.

    `key` is empty for resources and the project's summary. `is_same` says that only who gave it, or when, was different.
    """

    project: str
    quarter: Quarter
    kind: type[Answer]
    key: str
    by: str
    is_same: bool = False

    def __str__(self) -> str:
        item = f"{self.project} {self.quarter}: {_KIND_NAMES[self.kind]} {self.key}".rstrip()
        return f"{item}, only who answered or when" if self.is_same else item


def receive_answers(
    session: Session, company: Company, quarter: Quarter, projects: Mapping[str, QuarterAnswers], moment: Moment
) -> list[Loaded]:
    """Store answers like `save_answers`; from each that is another one follows what follows from a dialog's."""
    returned = {key: _returns(session, company, key, quarter, moment) for key in projects}
    recorded = save_answers(session, quarter, projects)
    changed = [answer for answer in recorded if not answer.is_same]
    accounts = {person.slack_id: person for person in company.people.values() if person.slack_id}
    speakers = accounts | people_store.people_by_ref(session)
    for answer in changed:
        milestone = answer.key if answer.kind is MilestoneUpdate else ""
        said = Said(answer.project, quarter, _KIND_NAMES[answer.kind], milestone)
        note_said(session, speakers.get(answer.by), said, moment, via=Via.COMMAND)
        if answer.kind in (MilestoneUpdate, Resources):
            given = returned[answer.project].get(answer.key)
            ref = ItemRef(answer.project, quarter, answer.key)
            person = speakers.get(answer.by) or _first_asked(company, ref)
            note_answer(session, company, person, ref, moment, returned=given.value if given else None)
    refresh_digests(session, [company.projects[answer.project] for answer in changed], quarter, moment.real)
    return recorded


def unexplained(
    session: Session, company: Company, quarter: Quarter, projects: Iterable[str], now: datetime
) -> dict[str, RagStatus]:
    """The status by rule of each project for which the manager claims another one and gives no reason."""
    facts = (company.facts(session, company.projects[key], quarter, now) for key in projects)
    reports = {each.project.key: build_report(each).status for each in facts}
    return {key: status.by_rule for key, status in reports.items() if status.differs and not status.why}


def _returns(
    session: Session, company: Company, project: str, quarter: Quarter, moment: Moment
) -> Mapping[str, Given[Return]]:
    """What waits for a second look in a project."""
    return company.standing(session, company.projects[project], quarter, moment.now).answers.returns


def _first_asked(company: Company, ref: ItemRef) -> Person:
    """The owner of an item: for them speaks whom a file names and nothing else knows."""
    project = company.projects[ref.project]
    return company.answerers(project, project.milestone(ref.milestone), ref.quarter)[0]


def save_answers(session: Session, quarter: Quarter, projects: Mapping[str, QuarterAnswers]) -> list[Loaded]:
    """Store answers as new versions; returns the items that changed. Loading the same file twice adds nothing."""
    return [
        Loaded(project, quarter, type(given.value), key, given.provenance.by, is_same=recorded is Recorded.PROVENANCE)
        for project, answers in projects.items()
        for key, given in items(answers)
        if (recorded := answer_store.record(session, project, quarter, key, given.value, given.provenance))
        is not Recorded.NOTHING
    ]


def items(answers: QuarterAnswers) -> Iterator[tuple[str, Given[Answer]]]:
    """Every answer of a quarter with its key; resources and the summary have none."""
    for group in (answers.milestones, answers.risks, answers.objectives, answers.decisions):
        yield from group.items()
    if answers.resources:
        yield "", answers.resources
    if answers.summary:
        yield "", answers.summary
