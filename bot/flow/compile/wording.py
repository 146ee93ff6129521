"""Wording: a manager puts other words to an owner's update for the report. Figures stay, and the owner's words are kept."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from bot.domain.errors import NotFound
from bot.domain.facts import ReportFacts
from bot.domain.project import Milestone, Person, Project
from bot.domain.quarter import Quarter
from bot.domain.rewording import standing_edit, wording_of
from bot.domain.said import updates_behind, updates_given
from bot.domain.update import Provenance, Wording, WordingEdit
from bot.flow.ask.ask import refresh_cards
from bot.flow.collect.collect import ref_of
from bot.flow.company import Company
from bot.flow.compile.compile import compile_report, fingerprint
from bot.flow.forms import ReadForm, WordingForm
from bot.flow.items import milestone_of
from bot.flow.keep.trail import note
from bot.flow.messages import ItemRef
from bot.flow.moment import Moment
from bot.flow.people import require_manager
from bot.flow.ports import Documents
from bot.store import answers as answer_store
from bot.store.audit import Deed, item_subject


def wording_form(session: Session, company: Company, person: Person, ref: ItemRef, moment: Moment) -> WordingForm:
    """The words of an update as its owner wrote them, and as the report prints them. Raises NotFound where there are none."""
    project, milestone = milestone_of(company, ref)
    require_manager(company, person, project)
    return _form(company, company.facts(session, project, ref.quarter, moment.now), milestone)


def read_form(
    session: Session,
    company: Company,
    person: Person,
    project: Project,
    quarter: Quarter,
    documents: Documents,
    moment: Moment,
    *,
    check: str = "",
) -> ReadForm:
    """The updates of a quarter as the report prints them: all, or those that a check (by id) is about while it fires.

    Raises NotAllowed for all but its manager and admins.
    """
    require_manager(company, person, project)
    facts = company.facts(session, project, quarter, moment.now)
    report = compile_report(facts, documents)
    fires = next((c for c in report.checks if c.id == check), None)
    return ReadForm(
        ref=ItemRef(project.key, quarter),
        report=report,
        updates=updates_behind(fires, facts) if fires else updates_given(facts),
        returned=frozenset(facts.answers.returns),
        zone=str(company.zone),
        check_id=check,
        check=fires,
    )


def edit_wording(
    session: Session,
    company: Company,
    person: Person,
    ref: ItemRef,
    edited: Wording,
    *,
    seen: str,
    key: str,
    moment: Moment,
) -> WordingForm | None:
    """Print other words for an update; None when that was done.

    `seen` is the fingerprint of the owner's words that the dialog showed: where the owner has chosen others since, nothing
    is recorded, and the form with both comes back.
    """
    form = wording_form(session, company, person, ref, moment)
    if form.fingerprint != seen and not answer_store.was_handled(session, key):
        return replace(form, printed=edited, is_overtaken=True)
    _record(session, company, person, ref, WordingEdit(form.original, edited), key=key, moment=moment)
    return None


def restore_wording(
    session: Session, company: Company, person: Person, ref: ItemRef, *, key: str, moment: Moment
) -> None:
    """Print an update in its owner's words again."""
    form = wording_form(session, company, person, ref, moment)
    _record(session, company, person, ref, WordingEdit(form.original, form.original), key=key, moment=moment)


def _record(
    session: Session, company: Company, person: Person, ref: ItemRef, edit: WordingEdit, *, key: str, moment: Moment
) -> None:
    if not answer_store.is_first_time(session, key, moment.now):
        return
    by = Provenance(ref_of(person), moment.now)
    answer_store.record(session, ref.project, ref.quarter, ref.milestone, edit, by)
    deed = Deed.WORDING_RESTORED if edit.edited == edit.original else Deed.REWORDED
    note(session, person, deed, item_subject(ref.project, ref.milestone), moment, quarter=str(ref.quarter))
    _, milestone = milestone_of(company, ref)
    refresh_cards(session, milestone.owners, ref.quarter, moment.real)


def _form(company: Company, facts: ReportFacts, milestone: Milestone) -> WordingForm:
    given = facts.answers.milestones.get(milestone.key)
    if given is None:
        raise NotFound(f"{milestone.owner.name} has not answered for {milestone.name} yet.")
    original, edit = wording_of(given.value), standing_edit(facts.answers, milestone.key)
    return WordingForm(
        ref=ItemRef(facts.project.key, facts.quarter, milestone.key),
        milestone=milestone.name,
        owner=facts.name_of(given.provenance.by) or milestone.owner.name,
        quarter_label=company.label(facts.quarter),
        original=original,
        printed=edit.value.edited if edit else original,
        fingerprint=fingerprint(original),
    )
