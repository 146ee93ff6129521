"""Trail: lines of the audit trail as the steps write them, people named by their row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from bot.domain.portfolio_report import ALL, PortfolioReport
from bot.domain.project import Person
from bot.domain.quarter import Quarter
from bot.domain.report import QuarterlyReport
from bot.domain.update import Provenance
from bot.flow.moment import Moment
from bot.store import audit, ledger, reports
from bot.store import people as people_store
from bot.store.audit import Deed, Entry, Via


@dataclass(frozen=True, slots=True)
class Said:
    """What was answered for: an item of a project's quarter, its kind, and the milestone that it is about, if any.

    `detail` is what else the trail says of it, such as that a risk was closed.
    """

    project: str
    quarter: Quarter
    kind: str
    milestone: str = ""
    detail: Mapping[str, str] = field(default_factory=dict)

    @property
    def subject(self) -> str:
        """The project, or the milestone in it."""
        return audit.item_subject(self.project, self.milestone)


def note(session: Session, person: Person | None, deed: Deed, subject: str, moment: Moment, **detail: str) -> None:
    """A line of what somebody did in Slack; of what the bot did by itself where there is nobody."""
    who = None if person is None else row_of(session, person)
    via = Via.BOT if person is None else Via.SLACK
    audit.record(session, Entry(moment.now, who, deed, subject, detail, via))


def note_said(
    session: Session,
    person: Person | None,
    said: Said,
    moment: Moment,
    *,
    by: Provenance | None = None,
    via: Via = Via.SLACK,
) -> None:
    """A line of an answer, without its words: `person` gave it, `by` says in whose place and how.

    Of one that came by a file the line names nobody as its doer, and in its detail who is said to have given it.
    """
    detail = {"quarter": str(said.quarter), "kind": said.kind, **said.detail}
    if by and by.confirmed:
        detail["confirmed"] = "yes"
    if by and by.for_whom and (owner := people_store.named(session, {by.for_whom}).get(by.for_whom)):
        detail["for"] = str(owner.id)
    who = None if person is None else row_of(session, person)
    if via is Via.COMMAND:
        detail["by"], who = str(who or ""), None
    audit.record(session, Entry(moment.now, who, Deed.SAID, said.subject, detail, via))


def note_plan(session: Session, person: Person | None, subjects: Iterable[str], moment: Moment) -> None:
    """A line for each project (ALL for the company's settings) that somebody changed in Slack, or nobody did by a command."""
    who, via = (row_of(session, person), Via.SLACK) if person else (None, Via.COMMAND)
    audit.record(session, *(Entry(moment.now, who, Deed.PLAN_CHANGED, subject, {}, via) for subject in subjects))


def note_published(session: Session, person: Person, report: QuarterlyReport | PortfolioReport, moment: Moment) -> None:
    """A line of a revision that somebody published."""
    subject = report.project_key if isinstance(report, QuarterlyReport) else ALL
    revision = {"quarter": str(report.quarter), "revision": str(report.revision)}
    note(session, person, Deed.PUBLISHED, subject, moment, **revision)


def row_of(session: Session, person: Person) -> int:
    """A person's row, made now for somebody who acts without being named anywhere else."""
    return person.id or people_store.save_person(session, person)


def disagreements(session: Session) -> tuple[int, int, list[str]]:
    """How many nudges and published revisions are stored, and where the whole trail, replayed, says otherwise."""
    said = audit.replay(audit.trail(session))
    nudges, revisions = ledger.states(session), reports.numbers(session)
    known = people_store.all_people(session)
    expected = {key: state for key, state in said.nudges.items() if key[0] in known}
    differing = {key for key in expected.keys() | nudges.keys() if expected.get(key) != nudges.get(key)}
    return (
        len(nudges),
        len(revisions),
        [
            *(f"nudge {key}: stored {nudges.get(key)}, in the trail {expected.get(key)}" for key in sorted(differing)),
            *(f"revision {key}: only stored" for key in sorted(revisions - said.revisions)),
            *(f"revision {key}: only in the trail" for key in sorted(said.revisions - revisions)),
        ],
    )
