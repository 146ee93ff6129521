"""The audit trail: who did what to which thing, when and from where. The database itself refuses to change or remove a line.

It holds keys and row ids, never names and never people's words, so that it can stay when somebody is forgotten.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, insert, or_, select
from sqlalchemy.orm import Session

from bot.store.plain import execute, table
from bot.store.tables import AuditRow

_ADD = insert(table(AuditRow))


class Deed(StrEnum):
    """What can be done to a project, a milestone, a person or all of them."""

    SAID = "said"  # somebody answered for an item, or an answer was loaded from a file
    NOTED = "noted"  # a manager put a note under a check
    NOTE_TAKEN_AWAY = "note-taken-away"
    EXCUSED = "excused"
    EXCUSE_TAKEN_BACK = "excuse-taken-back"
    EXTENDED = "extended"
    PAUSED = "paused"
    STOPPED = "stopped"  # an admin stopped all nudges
    RESUMED = "resumed"
    REASSIGNED = "reassigned"
    NUDGED = "nudged"  # a manager asked once more
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    DISOWNED = "disowned"  # its owner said "not mine"
    DEPUTY_NAMED = "deputy-named"  # or taken back, where nobody is named
    STAND_IN_ASKED = "stand-in-asked"  # a deputy, or a colleague whom the owner chose
    STAND_IN_ENDED = "stand-in-ended"
    PLAN_CHANGED = "plan-changed"  # a project and its milestones, or the company's settings: in Slack or by a file
    NUDGE = "nudge"  # a row of the ledger came to be, or came to another state
    RETURNED = "returned"  # a manager sent an update back to its owner
    RETURN_TAKEN_BACK = "return-taken-back"
    REWORDED = "reworded"  # a manager put other words to an owner's update
    WORDING_RESTORED = "wording-restored"
    TAKEN = "taken"  # an answer after publication goes into the next revision
    LEFT = "left"  # and this one does not
    PUBLISHED = "published"
    POST_FOUND = "post-found"  # somebody said where a message is that Slack did not confirm
    POST_REPEATED = "post-repeated"  # and of this one, that it is to be posted again
    ACKNOWLEDGED = "acknowledged"  # a reader has read a revision
    ASKED = "asked"  # a reader asked about a report
    ANSWERED = "answered"  # a reader's question was answered
    RULED = "ruled"  # a leader approved, declined or asked for more
    RULING_TAKEN_BACK = "ruling-taken-back"
    FORGOTTEN = "forgotten"
    REDACTED = "redacted"  # a published revision lost the name of somebody who was forgotten
    PRUNED = "pruned"  # what is not kept of old quarters was removed


class Via(StrEnum):
    """From where something was done."""

    SLACK = "slack"
    COMMAND = "command"
    BOT = "bot"  # by the bot itself, since it was due


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the trail.

    `person` is our row, None for the bot and for whoever uses the command line; `subject` is a project or
    milestone as `item_subject` writes it, all, or a person as `person_subject` does.
    """

    at: datetime
    person: int | None
    what: Deed
    subject: str
    detail: Mapping[str, str]
    via: Via = Via.SLACK


def item_subject(project: str, milestone: str | None) -> str:
    """A project as the subject of a line, or a milestone in it; both are keys."""
    return f"{project}/{milestone}" if milestone else project


def person_subject(person: int) -> str:
    """A person (our row) as the subject of a line."""
    return f"person:{person}"


def record(session: Session, *entries: Entry) -> None:
    """Add lines."""
    rows = [
        {
            "at": entry.at,
            "person_id": entry.person,
            "what": entry.what,
            "subject": entry.subject,
            "detail": dict(entry.detail),
            "via": entry.via,
        }
        for entry in entries
    ]
    if rows:
        execute(session, _ADD, rows)


def trail(session: Session, subject: str | None = None, since: datetime | None = None) -> Iterator[Entry]:
    """What was done, oldest first: to one thing and its parts where one is given, from an instant on where one is."""
    query = select(AuditRow).order_by(AuditRow.id)
    if subject is not None:
        parts = AuditRow.subject.startswith(f"{subject}/", autoescape=True)
        query = query.where(or_(AuditRow.subject == subject, parts))
    if since is not None:
        query = query.where(AuditRow.at >= since)
    with session.scalars(query.execution_options(yield_per=1000)) as rows:
        yield from map(_entry, rows)


def newest(session: Session) -> int:
    """The number of the newest line; 0 where there is none."""
    return session.scalar(select(func.max(AuditRow.id))) or 0


def count(session: Session, until: int, but: Collection[Deed] = ()) -> int:
    """How many lines there are up to a number, some deeds left out."""
    return session.scalar(select(func.count()).where(AuditRow.id <= until, AuditRow.what.not_in(but))) or 0


def latest(session: Session, until: int, *, skip: int, most: int, but: Collection[Deed] = ()) -> list[Entry]:
    """Lines up to a number, the newest first and so many of them skipped, some deeds left out."""
    query = select(AuditRow).where(AuditRow.id <= until, AuditRow.what.not_in(but)).order_by(AuditRow.id.desc())
    return list(map(_entry, session.scalars(query.offset(skip).limit(most))))


NudgeKey = tuple[int, str, str, int]  # person (our row), quarter, step, n
RevisionKey = tuple[str, str, int]  # project or all, quarter, revision


@dataclass(frozen=True, slots=True)
class Replay:
    """What must stand in the ledger and among the reports, by what was ever done: each nudge's state, each revision."""

    nudges: Mapping[NudgeKey, str]
    revisions: frozenset[RevisionKey]


def replay(entries: Iterable[Entry]) -> Replay:
    """Play a whole trail from its beginning."""
    nudges: dict[NudgeKey, str] = {}
    revisions: set[RevisionKey] = set()
    for entry in entries:
        detail = entry.detail
        match entry.what:
            case Deed.NUDGE:
                key = (_person(entry.subject), detail["quarter"], detail["step"], int(detail["n"]))
                nudges[key] = detail["state"]
            case Deed.PRUNED:
                nudges = {key: state for key, state in nudges.items() if key[1] >= detail["before"]}
            case Deed.PUBLISHED:
                revisions.add((entry.subject, detail["quarter"], int(detail["revision"])))
    return Replay(nudges, frozenset(revisions))


def _person(subject: str) -> int:
    return int(subject.removeprefix("person:"))


def _entry(row: AuditRow) -> Entry:
    return Entry(row.at, row.person_id, Deed(row.what), row.subject, row.detail, Via(row.via))
