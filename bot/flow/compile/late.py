"""Late: answers after publication are changes that the manager takes into the next revision or leaves out of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields

from sqlalchemy.orm import Session

from bot.domain.project import Person, Project
from bot.domain.quarter import Quarter
from bot.domain.update import Answer, LateChoice, Provenance
from bot.flow.ask.ask import refresh_project
from bot.flow.collect.collect import ref_of
from bot.flow.company import Company
from bot.flow.forms import LateChange, LateRef
from bot.flow.items import RESOURCES
from bot.flow.keep.trail import note
from bot.flow.moment import Moment
from bot.flow.people import require_manager
from bot.store import answers as answer_store
from bot.store import late, reports
from bot.store import people as people_store
from bot.store.audit import Deed, item_subject
from bot.store.late import LateAnswer

_NOT_COMPARED = ("key", "ruling")  # made by the bot, or said by a leader: neither is a change of who answers
_PEOPLE = ("who", "owner")  # fields that hold somebody's ref
_ASKED_FOR = ("milestone", "resources")  # kinds of answers that have a line in the message of whoever gives them


def late_changes(session: Session, project: Project, quarter: Quarter) -> tuple[LateChange, ...]:
    """What was answered otherwise since the newest revision, those that nobody has decided about first."""
    found = _late(session, project, quarter)
    names = people_store.names_of(session, {ref for answer in found for ref in _refs(answer)})
    changes = (_change(project, answer, names) for answer in found)
    return tuple(sorted(changes, key=lambda change: change.is_left is not None))


def choose(
    session: Session,
    company: Company,
    person: Person,
    project: Project,
    quarter: Quarter,
    refs: Iterable[LateRef],
    *,
    is_left: bool,
    key: str,
    moment: Moment,
) -> int:
    """Take late answers into the next revision, or leave them out; returns how many were decided so just now.

    One that has been answered anew since it was shown is not decided: nobody has seen it yet.
    """
    require_manager(company, person, project)
    answer_store.hold(session, project.key)
    if not answer_store.is_first_time(session, key, moment.now):
        return 0
    wanted = set(refs)
    found = [answer for answer in _late(session, project, quarter) if _ref(answer) in wanted]
    changed = [answer for answer in found if answer.is_left is not is_left]
    for answer in changed:
        _choose(session, person, project, quarter, answer, is_left=is_left, moment=moment)
    show_late(session, company, project, quarter, map(_ref, changed), moment)
    return len(changed)


def show_late(
    session: Session, company: Company, project: Project, quarter: Quarter, refs: Iterable[LateRef], moment: Moment
) -> None:
    """Have those who are asked for what was answered late see in their messages what becomes of it."""
    items = {ref.key for ref in refs if ref.kind in _ASKED_FOR}
    refresh_project(session, company, project, quarter, moment.real, items=items)


def take_undecided(session: Session, person: Person, project: Project, quarter: Quarter, moment: Moment) -> None:
    """Record as taken what nobody decided about, since publishing prints it: the confirming view says so."""
    for answer in _late(session, project, quarter):
        if answer.is_left is None:
            _choose(session, person, project, quarter, answer, is_left=False, moment=moment, by="publishing")


def _late(session: Session, project: Project, quarter: Quarter) -> list[LateAnswer]:
    published = reports.latest(session, project.key, quarter)
    return late.late_answers(session, project.key, quarter, published.seen) if published else []


def _choose(
    session: Session,
    person: Person,
    project: Project,
    quarter: Quarter,
    answer: LateAnswer,
    *,
    is_left: bool,
    moment: Moment,
    **detail: str,
) -> None:
    choice = LateChoice(is_left, answer.printed.version if answer.printed else 0)
    by = Provenance(ref_of(person), moment.now)
    answer_store.choose(session, project.key, quarter, answer.kind, answer.key, choice, by)
    deed = Deed.LEFT if is_left else Deed.TAKEN
    about = {"quarter": str(quarter), "kind": answer.kind, "version": str(answer.newest.version)}
    # A risk's or a decision's key is made of people's words, which the trail does not hold.
    milestone = answer.key if answer.kind == "milestone" else getattr(answer.newest.value, "milestone", None)
    note(session, person, deed, item_subject(project.key, milestone), moment, **about, **detail)


def _refs(answer: LateAnswer) -> Iterator[str]:
    """Whom a late answer names: who gave it, and the people in its fields, before and now."""
    yield answer.newest.provenance.by
    for given in filter(None, (answer.printed, answer.newest)):
        yield from filter(None, (getattr(given.value, name, None) for name in _PEOPLE))


def _ref(answer: LateAnswer) -> LateRef:
    return LateRef(answer.kind, answer.key, answer.newest.version)


def _change(project: Project, answer: LateAnswer, names: dict[str, str]) -> LateChange:
    said = answer.newest.provenance
    return LateChange(
        ref=_ref(answer),
        title=_title(project, answer),
        by=names.get(said.by, said.by),
        at=said.at,
        is_confirmed=said.confirmed,
        is_new=answer.printed is None,
        changes=_differences(answer.printed.value if answer.printed else None, answer.newest.value, names),
        is_left=answer.is_left,
    )


def _title(project: Project, answer: LateAnswer) -> str:
    if answer.kind == "resources":
        return RESOURCES
    milestone = project.milestone(answer.key) if answer.kind == "milestone" else None
    value = answer.newest.value
    return milestone.name if milestone else str(getattr(value, "title", "") or getattr(value, "what", "") or answer.key)


def _differences(
    before: Answer | None, after: Answer, names: Mapping[str, str]
) -> tuple[tuple[str, object, object], ...]:
    """The fields that differ, each with what was printed and what was said since, people by name."""
    fields_of = ((f.name, getattr(before, f.name, None), getattr(after, f.name)) for f in fields(after))
    pairs = (
        (name, _named(was, names), _named(now, names)) if name in _PEOPLE else (name, was, now)
        for name, was, now in fields_of
        if name not in _NOT_COMPARED
    )
    return tuple((name, was, now) for name, was, now in pairs if (was or now) and was != now)


def _named(ref: str | None, names: Mapping[str, str]) -> str | None:
    return None if ref is None else names.get(ref, ref)
