"""Plan files: a portfolio or a table of milestones that somebody drops to the bot is shown as what it would change first.

The bytes are fetched by a worker and kept with the message that answers them. Nothing is changed before its person says so,
and then only what that message showed: the button carries the fingerprint of the changes.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from bot.domain.changes import DROPPED, Change
from bot.domain.directory import Directory
from bot.domain.errors import BotError, DeliveryFailed, FileProblems, NotAllowed, NotFound
from bot.domain.plan import PlanFile
from bot.domain.project import Person, Portfolio
from bot.flow.ask.notices import replace_notice
from bot.flow.company import Company
from bot.flow.deliver import Post, Prepare
from bot.flow.messages import Notice
from bot.flow.moment import Moment
from bot.flow.people import acting_person, require_admin, require_manager
from bot.flow.ports import PlanReader, SharedFiles
from bot.flow.setup.load_plan import plan_changes, portfolio_after, save_plan
from bot.flow.setup.setup import TO_CHANGE, TO_CREATE
from bot.store import answers as answer_store
from bot.store import outbox
from bot.store import people as people_store
from bot.store.outbox import PLAN_FILE, TEXT, Parcel
from bot.store.session import Database

logger = logging.getLogger(__name__)

LARGEST = 1_000_000  # bytes
_MOST_TRIES = 4  # to fetch a file, before its person is asked to drop it again
_MOST_LINES = 40  # of a message; the rest is counted
_GONE = "This file is no longer here; drop it again."
_TO_LOAD = "load a portfolio file"


def take(session: Session, file_id: str, slack_id: str, now: datetime) -> None:
    """Have a file fetched that somebody dropped; the same file twice is one. `now` is real time."""
    subject = {"file": file_id, "to": slack_id}
    outbox.put(session, key=f"dropped-file:{file_id}", kind="dropped-file", subject=subject, now=now)


def fetch(parcel: Parcel, database: Database, files: SharedFiles, reader: PlanReader, now: datetime) -> Prepare:
    """Fetch a dropped file and queue the answer to it. `now` is real time."""
    return Prepare(partial(_fetch, parcel, database, files, reader, now))


def _fetch(parcel: Parcel, database: Database, files: SharedFiles, reader: PlanReader, now: datetime) -> None:
    file_id = parcel.subject["file"]
    try:
        found = _content(file_id, files, reader)
    except DeliveryFailed as failure:
        if failure.outcome != "final" and parcel.attempts < _MOST_TRIES:
            raise
        logger.warning("dropped file could not be fetched file=%s reason=%s", file_id, failure)
        found = {"unread": "fetch"}
    subject = {"to": parcel.subject["to"], **found}
    with database.writing() as session:
        outbox.put(session, key=f"{PLAN_FILE}:{file_id}", kind=PLAN_FILE, subject=subject, now=now)


def _content(file_id: str, files: SharedFiles, reader: PlanReader) -> dict[str, str]:
    """A file's name, and its text or why it is not read: ``type``, ``size`` or ``text``."""
    file = files.shared_file(file_id)
    if not reader.reads(file.name):
        return {"name": file.name, "unread": "type"}
    if file.size > LARGEST:
        return {"name": file.name, "unread": "size"}
    content = files.content(file, most=LARGEST)
    try:
        return {"name": file.name, TEXT: reader.text(content, file.name)}
    except BotError:
        return {"name": file.name, "unread": "text"}


def compose(session: Session, company: Company | None, reader: PlanReader, parcel: Parcel) -> Post:
    """The answer to a dropped file: what it would change, or why it cannot be loaded."""
    return Post(parcel.subject["to"], _answer(session, company, reader, parcel.key, parcel.subject), is_private=True)


def accept(session: Session, person: Person, button: str, moment: Moment) -> None:
    """Have a dropped file loaded as it was shown. The first click on the message counts, others do nothing."""
    fingerprint, key = _button_of(button)
    subject = _subject(session, key, person)
    if answer_store.is_first_time(session, _click(button), moment.now):
        load = {"to": subject["to"], "file": key, "shown": fingerprint}
        outbox.put(session, key=f"plan-load:{button}", kind="plan-load", subject=load, now=moment.real)


def decline(session: Session, person: Person, button: str, moment: Moment) -> None:
    """Leave a dropped file alone. The first click on the message counts, others do nothing."""
    _, key = _button_of(button)
    subject = _subject(session, key, person)
    if answer_store.is_first_time(session, _click(button), moment.now):
        _replace(session, _settled(key, subject["name"], "cancelled"), moment)


def load(
    parcel: Parcel,
    database: Database,
    company: Callable[[Session], Company | None],
    reader: PlanReader,
    moment: Moment,
) -> Prepare:
    """Load a dropped file, if it would still change what its message says; the message is brought up to date in any case.

    By a worker: storing a thousand milestones takes seconds.
    """

    def act() -> None:
        with database.writing() as session:
            if answer_store.is_first_time(session, parcel.key, moment.now):
                outcome = _loaded(session, company(session), reader, parcel.subject, moment)
                _replace(session, outcome, moment)

    return Prepare(act)


def _loaded(
    session: Session, company: Company | None, reader: PlanReader, asked: dict[str, Any], moment: Moment
) -> Notice:
    """Load a file; returns what its message says from now on."""
    key, person = asked["file"], acting_person(session, asked["to"])
    subject = outbox.subject_of(session, key)
    try:
        plan = _read(session, company, reader, person, subject)
    except BotError as problem:
        return _refused(key, subject.get("name", ""), problem)
    changes = plan_changes(session, plan)
    if _fingerprint(changes) != asked["shown"]:
        return _proposal(key, subject["name"], changes, is_renewed=True)
    save_plan(session, plan, changes, moment, person=person)
    logger.info("plan file loaded changes=%d by=%s", len(changes), person.slack_id)
    return _settled(key, subject["name"], "loaded", len(changes))


def _replace(session: Session, notice: Notice, moment: Moment) -> None:
    """Let a message about a file read otherwise from now on; without buttons the file has no use any more, and goes."""
    replace_notice(session, notice, moment)
    if not notice.buttons:
        outbox.shed(session, [notice.key], TEXT)


def _answer(session: Session, company: Company | None, reader: PlanReader, key: str, subject: dict[str, Any]) -> Notice:
    name = subject.get("name", "")
    if "unread" in subject:
        values = {"file": name, "reason": subject["unread"], "largest": LARGEST // 1_000_000}
        return Notice(key, "plan-file-unread", values)
    try:
        plan = _read(session, company, reader, acting_person(session, subject["to"]), subject)
    except BotError as problem:
        return _refused(key, name, problem)
    return _proposal(key, name, plan_changes(session, plan))


def _read(
    session: Session, company: Company | None, reader: PlanReader, person: Person, subject: dict[str, Any]
) -> PlanFile:
    """What a dropped file says. Raises BotError with all that is wrong with it, and for those who may not load it."""
    if TEXT not in subject:
        raise NotFound(_GONE)
    _require_may_load_some(session, company, person)
    plan = reader.file(subject[TEXT], subject["name"], _settings(company))
    _require_may_load(session, company, person, plan)
    return plan


def _proposal(key: str, name: str, changes: Sequence[Change], *, is_renewed: bool = False) -> Notice:
    """What a file would change, with the buttons that load it or leave it."""
    if not changes:
        return _settled(key, name, "same")
    values = {
        "file": name,
        "count": len(changes),
        "dropped": sum(change.what == DROPPED for change in changes),
        "is_renewed": is_renewed,
        **_shortened(list(map(str, changes)), len(changes)),
    }
    button = f"{_fingerprint(changes)}:{key}"
    return Notice(key, "plan-file", values, (("load_file", "load-changes", button), ("cancel_file", "cancel", button)))


def _refused(key: str, name: str, problem: BotError) -> Notice:
    """Why a file cannot be loaded, a line each."""
    count = problem.count if isinstance(problem, FileProblems) else 1
    return Notice(key, "plan-file-refused", {"file": name, **_shortened(str(problem).splitlines(), count)})


def _settled(key: str, name: str, outcome: str, count: int = 0) -> Notice:
    """What became of a file: ``loaded``, ``cancelled``, or ``same`` where it changes nothing."""
    return Notice(key, "plan-file-settled", {"file": name, "outcome": outcome, "count": count})


def _shortened(lines: Sequence[str], count: int) -> dict[str, Any]:
    """As many lines as a message has room for, and how many of all there are it has none for."""
    return {"lines": list(lines[:_MOST_LINES]), "unlisted": max(0, count - _MOST_LINES)}


def _fingerprint(changes: Sequence[Change]) -> str:
    """Tells two lists of changes apart; each names what stands now, so another present state makes another one."""
    return hashlib.sha256("\n".join(map(str, changes)).encode()).hexdigest()[:16]


def _button_of(value: str) -> tuple[str, str]:
    fingerprint, _, key = value.partition(":")
    return fingerprint, key


def _click(button: str) -> str:
    """The business key of a decision on a message as it was shown."""
    return f"plan-file:{button}"[:255]


def _subject(session: Session, key: str, person: Person) -> dict[str, Any]:
    """A dropped file, for the one who dropped it."""
    subject = outbox.subject_of(session, key)
    if not subject:
        raise NotFound(_GONE)
    if subject["to"] != person.slack_id:
        raise NotAllowed("Only the person who dropped this file can load it.")
    return subject


def _require_may_load_some(session: Session, company: Company | None, person: Person) -> None:
    """Anybody can drop a file, and reading one can take long: of those who may load none it is not read."""
    if company is not None and not company.managed_by(person):
        require_admin(session, company, person, to_do=_TO_LOAD)


def _require_may_load(session: Session, company: Company | None, person: Person, plan: PlanFile) -> None:
    """Portfolio files are for admins, since they describe people and settings; a table of milestones is for the managers
    of all its projects as well.

    The first portfolio of all is for somebody whom it names as an admin: there is nothing yet to be taken over or seen,
    its loading is on record, and from then on the rule above holds.
    """
    if company is None:
        _require_named_admin(session, person, portfolio_after(session, plan), plan.people)
    elif plan.portfolio is not None:
        require_admin(session, company, person, to_do=_TO_LOAD)
    else:
        for project in plan.projects:
            if project.key not in company.projects:
                require_admin(session, company, person, to_do=TO_CREATE)
            else:
                require_manager(company, person, company.projects[project.key], to_do=TO_CHANGE)


def _require_named_admin(session: Session, person: Person, portfolio: Portfolio, people: Sequence[Person]) -> None:
    directory = Directory(people_store.directory(session))
    admins = (directory.match(named) for named in people if named.ref in portfolio.admins)
    if not any(match.entry and not match.problem and match.entry.slack_id == person.slack_id for match in admins):
        raise NotAllowed(
            "The first portfolio is loaded by one of the admins that it names."
            f" To be one, write: admins: [{person.slack_id}]"
        )


def _settings(company: Company | None) -> Portfolio | None:
    return company.portfolio if company else None
