"""Trail: lines of the audit trail as the steps write them, people named by their row."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.domain.portfolio_report import ALL, PortfolioReport
from bot.domain.project import Person
from bot.domain.report import QuarterlyReport
from bot.flow.moment import Moment
from bot.store import audit, ledger, reports
from bot.store import people as people_store
from bot.store.audit import Deed, Entry, Via


def note(session: Session, person: Person | None, deed: Deed, subject: str, moment: Moment, **detail: str) -> None:
    """A line of what somebody did in Slack; of what the bot did by itself where there is nobody."""
    who = None if person is None else row_of(session, person)
    via = Via.BOT if person is None else Via.SLACK
    audit.record(session, Entry(moment.now, who, deed, subject, detail, via))


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
