"""Decisions: what a published report asks leaders to decide, their word on it, and who hears of that.

Who decides first decides: a second leader is told what was said. That leader alone may take the word back, until a report
has printed it. After "need more" a decision waits on.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from bot.domain.errors import BotError, NotAllowed, NotFound
from bot.domain.permissions import Action
from bot.domain.project import Person, Project
from bot.domain.quarter import Quarter
from bot.domain.report import DecisionLine
from bot.domain.update import Decision, DecisionState, Provenance, Ruling, Verdict
from bot.flow.ask.notices import tell
from bot.flow.collect.collect import ref_of
from bot.flow.company import Company
from bot.flow.compile.compile import fingerprint
from bot.flow.forms import RulingForm, Said
from bot.flow.keep.trail import note
from bot.flow.messages import DecisionRef, ItemRef, Notice
from bot.flow.moment import Moment
from bot.flow.people import admin_names
from bot.flow.publish.live import refresh_decision
from bot.flow.publish.rulings import decider_of, deciders, is_printed, printed, standing
from bot.store import answers as answer_store
from bot.store import people as people_store
from bot.store import reports
from bot.store.audit import Deed, item_subject
from bot.store.reports import Published


def ruling_form(session: Session, company: Company, person: Person, ref: DecisionRef, verdict: Verdict) -> RulingForm:
    """The dialog for a leader's word on a decision.

    Raises NotAllowed for somebody who cannot take it, BotError where it was taken, NotFound where it is not asked for.
    """
    published, line, *_ = _to_decide(session, company, person, ref)
    return RulingForm(ref, verdict, published.report, line)


def rule(
    session: Session,
    company: Company,
    person: Person,
    ref: DecisionRef,
    said: Said,
    *,
    key: str,
    moment: Moment,
) -> None:
    """Keep a leader's word on a decision, show it in the thread, and tell owner and manager. Raises as `ruling_form` does."""
    if not answer_store.is_first_time(session, key, moment.now):
        return
    _, _, said_in, asked = _to_decide(session, company, person, ref)
    ruling = Ruling(said.verdict, ref_of(person), moment.now, said.comment, said.option)
    # In the words that the leader read: what an owner changed since was in no report.
    decided = replace(asked, state=ruling.state, ruling=ruling)
    _record(session, person, ref, said_in, decided, moment)
    _note(session, person, Deed.RULED, ref, decided, moment, verdict=ruling.verdict.value)
    _tell(session, company, person, ref, decided, key, moment)


def take_back(
    session: Session, company: Company, person: Person, ref: DecisionRef, *, key: str, moment: Moment
) -> None:
    """Let a decision wait again, on the word of the leader who took it.

    Raises NotAllowed for anybody else, BotError where it waits anyway or a report has printed what was decided.
    """
    if not answer_store.is_first_time(session, key, moment.now):
        return
    said_in, present = standing(session, ref)
    ruling = present.ruling
    if ruling is None or present.state is DecisionState.OPEN:
        raise BotError("This decision waits already.")
    if ruling.by != ref_of(person):
        raise NotAllowed(f"Only {_name(session, ruling)}, who decided this, can take it back.")
    if is_printed(session, ref.project, ruling):
        raise BotError("A report has printed this since. Ask the project manager to put the decision up again.")
    waiting = replace(present, state=DecisionState.OPEN, ruling=None)
    _record(session, person, ref, said_in, waiting, moment)
    _note(session, person, Deed.RULING_TAKEN_BACK, ref, waiting, moment)
    _tell(session, company, person, ref, waiting, key, moment)


def _to_decide(
    session: Session, company: Company, person: Person, ref: DecisionRef
) -> tuple[Published, DecisionLine, Quarter, Decision]:
    """The report that asks for a decision, the line that leaders read, the quarter in which anything was said to it last,
    and the decision as it was printed: who may take it and what it is about are of the version that was reviewed.
    """
    published = reports.latest(session, ref.project, ref.quarter)
    line = next((d for d in published.report.decisions if d.key == ref.key), None) if published else None
    asked = printed(session, published, ref.key) if published else None
    if published is None or line is None or asked is None:
        raise NotFound("The published report does not ask for this decision.")
    said_in, present = standing(session, ref)
    project = company.project(ref.project)
    if not company.may(person, Action.DECIDE, project, decider=decider_of(session, asked.who)):
        raise NotAllowed(_who_can(session, company, project, asked))
    if present.state is DecisionState.DECIDED:
        raise BotError(_what_was_said(session, present))
    if present.state is DecisionState.WITHDRAWN:
        raise BotError("This decision is no longer asked for; the next report will say so.")
    return published, line, said_in, asked


def _who_can(session: Session, company: Company, project: Project, decision: Decision) -> str:
    admins = ", ".join(admin_names(session, company))
    an_admin = f"an admin ({admins})" if admins else "an admin"
    return f"Only {' or '.join([*deciders(session, project, decision), an_admin])} can decide this."


def _what_was_said(session: Session, decision: Decision) -> str:
    if decision.ruling is None:
        return "This has been decided; the next report will say how."
    return f"{_name(session, decision.ruling)} {decision.ruling.verdict} this before you. The report's thread has it."


def _name(session: Session, ruling: Ruling) -> str:
    return people_store.names_of(session, [ruling.by]).get(ruling.by, ruling.by)


def _record(
    session: Session, person: Person, ref: DecisionRef, said_in: Quarter, decision: Decision, moment: Moment
) -> None:
    """A new version, in the latest quarter that knows of the decision: in an earlier one it would not be the last word."""
    newest = reports.newest_of(session, ref.project)
    quarter = max(said_in, newest.quarter) if newest else said_in
    said = Provenance(by=ref_of(person), at=moment.now)
    answer_store.record(session, ref.project, quarter, decision.key, decision, said)
    refresh_decision(session, ref.project, decision.key, moment)


def _note(
    session: Session, person: Person, deed: Deed, ref: DecisionRef, decision: Decision, moment: Moment, **detail: str
) -> None:
    """A line of the trail. A decision's key is made of people's words, which the trail does not hold."""
    subject = item_subject(ref.project, decision.milestone)
    note(session, person, deed, subject, moment, decision=fingerprint(decision.key)[:12], **detail)


def _tell(
    session: Session, company: Company, person: Person, ref: DecisionRef, decision: Decision, key: str, moment: Moment
) -> None:
    """The manager, and the owners of the milestone that it is about, hear of it; who is asked for more can answer at once."""
    project = company.project(ref.project)
    milestone = project.milestone(decision.milestone) if decision.milestone else None
    values = _values(person, project, decision) | {
        "quarter": company.label(ref.quarter),
        "milestone": milestone.name if milestone else "",
    }
    owners = milestone.owners if milestone else ()
    is_asked_more = milestone and milestone.dropped_on is None and values["verdict"] == Verdict.NEED_MORE
    quarter = company.latest_opened(moment.now, project)
    about = ItemRef(project.key, quarter, milestone.key) if milestone and is_asked_more else None
    for somebody in {p.id: p for p in (project.manager, *owners) if p.id != person.id}.values():
        item = about if somebody in owners else None
        notice = Notice(f"ruling:{somebody.id}:{key}"[:255], "ruling", values, item=item)
        tell(session, company, somebody, notice, moment)


def _values(person: Person, project: Project, decision: Decision) -> dict[str, object]:
    ruling = decision.ruling
    return {
        "project": project.name,
        "who": person.name,
        "verdict": ruling.verdict.value if ruling else "",
        "option": (ruling.option if ruling else None) or "",
        "comment": (ruling.comment if ruling else None) or "",
        "what": decision.what,
    }
