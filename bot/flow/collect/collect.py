"""Collect: what dialogs are filled with, and what comes back from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar

from sqlalchemy.orm import Session

from bot.domain.confirm import confirmed_update, why_not_confirmed
from bot.domain.errors import NotAllowed, NotFound
from bot.domain.facts import (
    ReportFacts,
    due_objectives,
    has_budget,
    in_place_of,
    latest_decisions,
    latest_resources,
    live_milestones,
    made_in,
    open_decisions,
    promise_results,
    standing_risks,
    state_of,
)
from bot.domain.milestone_line import Known, LineState
from bot.domain.permissions import Action
from bot.domain.project import Milestone, Person, Project
from bot.domain.quarter import Quarter
from bot.domain.rewording import standing_edit
from bot.domain.rules import Problem, check_resources, check_update
from bot.domain.update import Decision, DecisionState, Given, MilestoneUpdate, Provenance, Resources
from bot.flow.ask.ask import refresh_cards
from bot.flow.collect.answered import note_answer
from bot.flow.company import Company
from bot.flow.compile.returns import returned_update
from bot.flow.forms import (
    DueObjective,
    MilestoneForm,
    MilestoneSubmission,
    OthersAnswer,
    ResourcesForm,
    TrackerSays,
    Walk,
)
from bot.flow.items import milestone_of
from bot.flow.keep.trail import Said, note_said
from bot.flow.messages import ItemRef, OwedItem
from bot.flow.moment import Moment
from bot.flow.schedule.owed import is_by, locale_of, nothing_changed_key, projects_of, zone_of
from bot.store import answers as answer_store
from bot.store import people as people_store
from bot.store import reports
from bot.store import trackings as tracking_store

ItemAnswer = TypeVar("ItemAnswer", MilestoneUpdate, Resources)
ItemForm = TypeVar("ItemForm", MilestoneForm, ResourcesForm)
Outcome = TypeVar("Outcome")


@dataclass(frozen=True, slots=True)
class Refused:
    """A submission that cannot be accepted as it is: what is wrong, field by field. Nothing was recorded."""

    problems: Sequence[Problem]


@dataclass(frozen=True, slots=True)
class Overtaken(Generic[ItemForm]):
    """Somebody else answered while this dialog was open: the form with the submitted values and a word about theirs."""

    form: ItemForm


def walk_of(items: Sequence[OwedItem]) -> tuple[ItemRef, Walk] | None:
    """Where "Update all" begins: at the first item that is not answered yet, with those that are behind it.

    Where everything is answered it begins anew at the first; None for somebody who owes nothing.
    """
    done = tuple(item.ref for item in items if item.is_done and item.returned is None)
    missing = tuple(item.ref for item in items if item.ref not in done)
    before, ahead = (done, missing) if missing else ((), done)
    if not ahead:
        return None
    return ahead[0], Walk(len(before) + 1, len(items), before, ahead[1:])


def next_step(ref: ItemRef, walk: Walk) -> tuple[ItemRef, Walk] | None:
    """The item after this one, and how far the walk is there; None where this is the last."""
    if not walk.after:
        return None
    return walk.after[0], Walk(walk.position + 1, walk.total, (*walk.before, ref), walk.after[1:])


def step_back(ref: ItemRef, walk: Walk) -> tuple[ItemRef, Walk] | None:
    """The item before this one, and how far the walk is there; None where this is the first."""
    if not walk.before:
        return None
    return walk.before[-1], Walk(walk.position - 1, walk.total, walk.before[:-1], (ref, *walk.after))


def milestone_form(
    session: Session,
    company: Company,
    person: Person,
    ref: ItemRef,
    now: datetime,
    *,
    walk: Walk | None = None,
    sent_in: str | None = None,
) -> MilestoneForm:
    """The milestone dialog, filled with this quarter's answer, else the last known one.

    `sent_in` is the locale of one that comes back to be read: what is only shown in it, such as a tracker's figure, is left
    out then. Raises NotFound for a milestone that is gone, NotAllowed for somebody who does not answer for it.
    """
    project, milestone = milestone_of(company, ref)
    require_answerer(company, person, project, milestone, ref.quarter)
    facts = _as_said(session, company, person, project, ref, now)
    given = facts.answers.milestones.get(milestone.key)
    last = facts.last_known(milestone.key)
    edit = standing_edit(facts.answers, milestone.key)
    decisions = _open_decisions(facts, milestone)
    return MilestoneForm(
        ref=ref,
        project=project,
        milestone=milestone,
        quarter_label=company.label(ref.quarter),
        locale=sent_in or locale_of(session, company, person),
        update=_prefill(given, last[1].value if last else None),
        known=_known(last),
        objectives=tuple(o for o in made_in(facts.answers) if o.milestone == milestone.key),
        decisions=decisions,
        people=people_store.named(session, {decision.who for decision in decisions if decision.who}),
        decided=frozenset(
            key for key, (_, said) in latest_decisions(facts.history).items() if said.state is DecisionState.DECIDED
        ),
        due_objectives=_due_objectives(company, facts, milestone),
        last=_value(last),
        walk=walk,
        seen_version=given.version if given else 0,
        others=_others_answer(facts.names, given, person),
        returned=returned_update(facts, milestone),
        edited_by=facts.name_of(edit.provenance.by) if edit else None,
        tracker=None if sent_in else _tracker_says(session, company, person, project, ref, now),
        risks=tuple(risk for risk in standing_risks(facts) if risk.milestone == milestone.key),
    )


def _open_decisions(facts: ReportFacts, milestone: Milestone) -> tuple[Decision, ...]:
    """What waits for leadership at a milestone, said by its owners in this quarter or an earlier one."""
    found = (given.value for _, given in open_decisions(facts))
    return tuple(said for said in found if said.milestone == milestone.key and said.state is DecisionState.OPEN)


def _due_objectives(company: Company, facts: ReportFacts, milestone: Milestone) -> tuple[DueObjective, ...]:
    """What was promised at a milestone and has come due; before its answer only what nobody told the outcome of."""
    is_given, told = milestone.key in facts.answers.milestones, promise_results(facts)
    return tuple(
        DueObjective(objective.key, objective.title, company.label(promised_in))
        for promised_in, objective in due_objectives(facts)
        if objective.milestone == milestone.key and (is_given or objective.key not in told)
    )


def _as_said(
    session: Session, company: Company, person: Person, project: Project, ref: ItemRef, now: datetime
) -> ReportFacts:
    """What people said, with the names of those who said something about one item: a company's directory is long."""
    facts = company.standing(session, project, ref.quarter, now)
    said = facts.answers
    given = (*(of.get(ref.milestone) for of in (said.milestones, said.returns, said.wordings)), said.resources)
    own = {ref_of(person): person.name}
    speakers = {item.provenance.by for item in given if item} - own.keys()
    return replace(facts, names=own | people_store.names_of(session, speakers))


def _tracker_says(
    session: Session, company: Company, person: Person, project: Project, ref: ItemRef, now: datetime
) -> TrackerSays | None:
    told = tracking_store.trackings(session, ref.quarter, [project]).get(project.key)
    figure = told.figures.get(ref.milestone) if told else None
    if figure is None:
        return None
    zone = zone_of(session, company, person)
    is_of_today = figure.read_at.astimezone(zone).date() == now.astimezone(zone).date()
    return TrackerSays(figure, str(zone), is_of_today)


def record_milestone(
    session: Session,
    company: Company,
    person: Person,
    form: MilestoneForm,
    submission: MilestoneSubmission,
    *,
    key: str,
    moment: Moment,
) -> Refused | Overtaken[MilestoneForm] | None:
    """Store a submission as a new version, with its objectives and decisions; None when it was recorded.

    `form` is what the dialog was built from now, with `seen_version` as the dialog saw it; `key` is the submission's
    business key: a repeated delivery records nothing and is as good as the first.
    """
    ref, milestone = form.ref, form.milestone
    current = company.standing(session, form.project, ref.quarter, moment.now)
    problems = check_update(
        submission.update,
        baseline=milestone.baseline,
        previous=_value(current.last_known(milestone.key)),
        calendar=company.calendar,
    )
    if problems:
        return _unless_handled(session, key, Refused(problems))
    if latest := _not_seen(form, current.answers.milestones.get(milestone.key), person):
        told = _tracker_says(session, company, person, form.project, ref, moment.now)
        now = replace(form, update=submission.update, tracker=told)
        return _unless_handled(session, key, _overtaken(session, now, latest, person))
    if not answer_store.is_first_time(session, key, moment.now):
        return None
    by = _provenance(company, person, ref, moment)
    answer_store.record(session, ref.project, ref.quarter, milestone.key, submission.update, by)
    for objective in submission.objectives:
        answer_store.record(session, ref.project, ref.quarter, objective.key, objective, by)
    for decision in submission.decisions:
        answer_store.record(session, ref.project, ref.quarter, decision.key, decision, by)
    note_said(session, person, Said(ref.project, ref.quarter, "milestone", milestone.key), moment, by=by)
    given = current.answers.returns.get(milestone.key)
    note_answer(session, company, person, ref, moment, returned=given.value if given else None)
    return None


def _not_seen(form: ItemForm, latest: Given[ItemAnswer] | None, person: Person) -> Given[ItemAnswer] | None:
    """The latest answer, where somebody else gave it after the dialog was opened."""
    if latest is None or latest.version == form.seen_version or is_by(latest, person):
        return None
    return latest


def _overtaken(
    session: Session, form: ItemForm, latest: Given[MilestoneUpdate] | Given[Resources], person: Person
) -> Overtaken[ItemForm]:
    """The form as it was sent in, now that what somebody else answered stands above it."""
    others = _others_answer(people_store.names_of(session, {latest.provenance.by}), latest, person)
    return Overtaken(replace(form, seen_version=latest.version, others=others))


def _unless_handled(session: Session, key: str, outcome: Outcome) -> Outcome | None:
    """What is wrong with a submission; nothing is with one that was recorded before, whatever was said since."""
    return None if answer_store.was_handled(session, key) else outcome


def confirm_unchanged(
    session: Session, company: Company, person: Person, quarter: Quarter, moment: Moment
) -> tuple[int, int]:
    """Confirm every milestone of a person that can be; returns how many were, and how many need a word."""
    answer_store.is_first_time(session, nothing_changed_key(person, quarter), moment.now)
    confirmed = needing = 0
    for project in projects_of(company, person):
        facts = company.standing(session, project, quarter, moment.now)
        for milestone in live_milestones(facts):
            is_asked = milestone.is_owned_by(person.id) or in_place_of(facts, milestone.key, person.id)
            if not is_asked or state_of(facts, milestone) is not LineState.MISSING:
                continue
            last = facts.last_known(milestone.key)
            if last is None or why_not_confirmed(facts, milestone):
                needing += 1
                continue
            ref = ItemRef(project.key, quarter, milestone.key)
            by = replace(_provenance(company, person, ref, moment), confirmed=True)
            answer_store.record(session, project.key, quarter, milestone.key, confirmed_update(last[1].value), by)
            note_said(session, person, Said(project.key, quarter, "milestone", milestone.key), moment, by=by)
            note_answer(session, company, person, ref, moment)
            confirmed += 1
    if not confirmed:  # the card says by now what each needs a word about; an answer brings it up to date by itself
        refresh_cards(session, [person], quarter, moment.real)
    return confirmed, needing


def resources_form(
    session: Session,
    company: Company,
    person: Person,
    ref: ItemRef,
    now: datetime,
    *,
    walk: Walk | None = None,
) -> ResourcesForm:
    """The resources and budget dialog, filled with this quarter's answer, else the last one."""
    project = company.project(ref.project)
    require_answerer(company, person, project, None, ref.quarter)
    facts = _as_said(session, company, person, project, ref, now)
    if not has_budget(facts):
        raise NotFound(f"{project.name} has no budget to report on.")
    given = facts.answers.resources
    last = latest_resources(facts)
    carried = replace(last[1], budget_note=None, staffing_note=None) if last else None
    return ResourcesForm(
        ref=ref,
        project=project,
        quarter_label=company.label(ref.quarter),
        locale=locale_of(session, company, person),
        resources=given.value if given else carried,
        thresholds=facts.thresholds,
        walk=walk,
        seen_version=given.version if given else 0,
        others=_others_answer(facts.names, given, person),
    )


def record_resources(
    session: Session,
    company: Company,
    person: Person,
    form: ResourcesForm,
    resources: Resources,
    *,
    key: str,
    moment: Moment,
) -> Refused | Overtaken[ResourcesForm] | None:
    """Store resources and budget as a new version; None when they were recorded. `form` and `key` as for a milestone."""
    problems = check_resources(resources, form.thresholds, budget=form.project.budget_at_completion)
    if problems:
        return _unless_handled(session, key, Refused(problems))
    current = company.standing(session, form.project, form.ref.quarter, moment.now)
    if latest := _not_seen(form, current.answers.resources, person):
        now = replace(form, resources=resources)
        return _unless_handled(session, key, _overtaken(session, now, latest, person))
    if not answer_store.is_first_time(session, key, moment.now):
        return None
    by = _provenance(company, person, form.ref, moment)
    answer_store.record(session, form.ref.project, form.ref.quarter, "", resources, by)
    note_said(session, person, Said(form.ref.project, form.ref.quarter, "resources"), moment, by=by)
    note_answer(session, company, person, form.ref, moment)
    return None


def decided_by(session: Session, company: Company, ref: ItemRef) -> str | None:
    """Who decides about what is said of an item by now: the manager, by name, once the report is published."""
    is_published = reports.seen_in(session, ref.quarter, [ref.project])
    return company.project(ref.project).manager.name if is_published else None


def require_answerer(
    company: Company, person: Person, project: Project, milestone: Milestone | None, quarter: Quarter
) -> None:
    """Answers for a milestone, or else for the budget, come from who answers for it, or for them from manager or admin;
    for one quarter, from whoever was asked in their place.

    Raises NotAllowed for others.
    """
    owner = milestone.owner if milestone else project.answers_for_budget
    action = Action.ANSWER_MILESTONE if milestone else Action.ANSWER_BUDGET
    if not company.may(person, action, project, milestone, quarter=quarter):
        raise NotAllowed(f"{owner.name} answers for this; {project.manager.name} can answer instead.")


def ref_of(person: Person) -> str:
    """How an answer names who gave it: the Slack id where there is one, which stays when names and addresses change."""
    return person.slack_id or person.ref


def _provenance(company: Company, person: Person, ref: ItemRef, moment: Moment) -> Provenance:
    """Who answers an item now, and in whose place where that is somebody else's."""
    project = company.project(ref.project)
    spoken_for = company.speaks_for(person, project, project.milestone(ref.milestone), ref.quarter)
    return Provenance(by=ref_of(person), at=moment.now, for_whom=ref_of(spoken_for) if spoken_for else None)


def _prefill(given: Given[MilestoneUpdate] | None, last: MilestoneUpdate | None) -> MilestoneUpdate | None:
    """This quarter's answer as it stands; else last quarter's figures, without what was said about it alone."""
    if given is not None:
        return given.value
    return replace(last, deliverables=(), note=None, promised={}, evidence=()) if last else None


def _known(last: tuple[Quarter, Given[MilestoneUpdate]] | None) -> Known | None:
    if last is None:
        return None
    said = last[1].value
    return Known(last[0], said.percent_complete, said.status, said.forecast)


def _value(last: tuple[Quarter, Given[MilestoneUpdate]] | None) -> MilestoneUpdate | None:
    return last[1].value if last else None


def _others_answer(
    names: Mapping[str, str], given: Given[MilestoneUpdate] | Given[Resources] | None, person: Person
) -> OthersAnswer | None:
    """What somebody else has answered for this item, for the top of the dialog; amounts of money are left to the fields."""
    if given is None or is_by(given, person):
        return None
    said, value = given.provenance, given.value
    update = value if isinstance(value, MilestoneUpdate) else MilestoneUpdate()
    return OthersAnswer(names.get(said.by, said.by), said.at, update.percent_complete, update.status)
