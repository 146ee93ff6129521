"""The rehearsal: one quarter played on the local stand-in for Slack with a moved clock, and what each person gets."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.domain.directory import DirectoryEntry
from bot.domain.errors import BotError, NotFound
from bot.domain.project import Person, Project
from bot.domain.quarter import Quarter
from bot.flow.company import Company
from bot.flow.schedule.owed import zone_of
from bot.flow.schedule.schedule import next_instants
from bot.sandbox.api.calls import Call
from bot.sandbox.people import SlackPerson
from bot.sandbox.server import Sandbox
from bot.settings import Settings
from bot.slack.voice import counted
from bot.stage import accounts_of, let_work, new_bot, roles_of, slack_app
from bot.store import ledger, outbox
from bot.store import people as people_store
from bot.store.copies import copied, forget_quarter
from bot.store.ledger import Nudge, NudgeState
from bot.tables import aligned

_ASKS = ("opening", "reminder", "last-call", "overdue")  # the steps of those who are asked; the others only tell
_NOT_SENT = (NudgeState.SKIPPED, NudgeState.DROPPED, NudgeState.FAILED)
_CLOCK = "%a %d %b %H:%M"
_AWAY = ":palm_tree:"  # any status that the bot reads as away


@dataclass(frozen=True, slots=True)
class Event:
    """One step of one person at an instant (UTC): the first line of the message, or why there is none."""

    person: int
    at: datetime
    step: str
    words: str
    is_sent: bool

    @property
    def asks(self) -> bool:
        """Whether the person is to answer something, and not only told."""
        return self.step.startswith(_ASKS)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What came of it: the lines to print, how many calls Slack would have refused, and how many messages never went out.

    `has_accounts` is False where Slack's directory was never read, and everybody was taken to have an account.
    """

    lines: tuple[str, ...]
    refused: int
    failed: int
    has_accounts: bool


def rehearse(
    settings: Settings, now: datetime, quarter: Quarter | None = None, project: str | None = None
) -> Rehearsal:
    """Play a quarter in which nobody answers, on a copy of the database: for everybody, or for one project's people.

    Without a quarter it is the one that is open at `now`, else the next one. Raises NotFound where no portfolio is loaded,
    it has no projects, or none has that key.
    """
    with tempfile.TemporaryDirectory(prefix="quarterdeck-rehearsal-") as folder:
        file = Path(folder) / "rehearsal.db"
        database = copied(settings.database_url, file)
        with database.writing() as session:
            company = _company(session)
            projects = [company.project(project)] if project else list(company.projects.values())
            played = quarter or _nearest(company, now)
            forget_quarter(session, played)
            has_accounts = people_store.has_directory(session)
            accounts = _accounts(session, company)
        play = _Play(settings, file, accounts, company.window(played).opens_at)
        play.until(max(company.window(played, project).grace_until for project in projects))
        with database.reading() as session:
            story = _Story(session, {project.key for project in projects}, played)
            lines = tuple(story.lines(play.calls, len(play.refused)))
            failed = outbox.struggling(session)
        database.close()
    return Rehearsal(lines, len(play.refused), failed, has_accounts)


def _company(session: Session) -> Company:
    try:
        company = Company.load(session)
    except BotError as error:
        raise NotFound(str(error)) from error
    if not company.projects:
        raise NotFound(
            "The portfolio has no projects, so nobody is asked. Load one with: quarterdeck load portfolio.yaml"
        )
    return company


def _nearest(company: Company, now: datetime) -> Quarter:
    latest = company.latest_opened(now)
    return latest if now < company.window(latest).grace_until else latest.next


def _accounts(session: Session, company: Company) -> list[SlackPerson]:
    """Slack's people as last read; before that, an account for everybody whom the portfolio names."""
    zone = company.portfolio.timezone
    if entries := people_store.directory(session):
        return [_account(entry, zone) for entry in entries]
    return accounts_of(people_store.all_people(session).values(), company.projects.values(), zone)


def _account(entry: DirectoryEntry, zone: str) -> SlackPerson:
    return SlackPerson(
        id=entry.slack_id,
        name=entry.name,
        real_name=entry.display_name,
        display_name=entry.display_name,
        email=entry.email or "",
        tz=entry.timezone or zone,
        deleted=not entry.is_reachable,
        status_emoji=_AWAY if entry.is_away else "",
        status_expiration=int(entry.away_until.timestamp()) if entry.away_until else 0,
    )


class _Play:
    """The bot and the stand-in. While the bot works, the stand-in's clock stands still at the instant it works for."""

    def __init__(self, settings: Settings, file: Path, accounts: Sequence[SlackPerson], starts_at: datetime) -> None:
        self._at = starts_at
        self._clock = Clock(starts_at)
        self._sandbox = Sandbox(accounts, (), app=slack_app(), now=lambda: self._at)
        self._bot = new_bot(settings, self._sandbox, file, self._clock)

    @property
    def calls(self) -> Sequence[Call]:
        """Every call of the Web API, in order."""
        return self._sandbox.calls

    @property
    def refused(self) -> Sequence[Call]:
        """The calls that Slack would have refused."""
        return self._sandbox.refused

    def until(self, end: datetime) -> None:
        """Walk through every instant at which something comes due, up to and including the last one."""
        with self._sandbox, self._running():
            let_work(self._bot)
            while moment := self._next(end):
                self._at = moment
                self._clock.move_to(moment)
                let_work(self._bot)

    @contextmanager
    def _running(self) -> Iterator[None]:
        self._bot.start()
        try:
            yield
        finally:
            self._bot.stop()

    def _next(self, end: datetime) -> datetime | None:
        with self._bot.database.reading() as session:
            instants = next_instants(session, Company.load(session), self._at, end)
        return instants[0] if instants else None


class _Story:
    """What came of the play, person by person, on each person's own clock."""

    def __init__(self, session: Session, keys: set[str], quarter: Quarter) -> None:
        self._session = session
        self._company = Company.load(session)
        self._quarter = quarter
        self._projects = [self._company.projects[key] for key in self._company.projects if key in keys]
        self._people = {person.id: person for person in _concerned(self._projects)}
        deputies = [self._company.people[p.deputy.id] for p in self._people.values() if p.deputy]
        self._people |= {deputy.id: deputy for deputy in deputies}

    def lines(self, calls: Iterable[Call], refused: int) -> Iterator[str]:
        """The lines to print: who is asked and who is told, each with what they get and when, and the counts."""
        events = [*self._messages(calls), *self._not_sent()]
        yield self._head()
        yield from self._chapter("Who is asked", [event for event in events if event.asks])
        yield from self._chapter("Who is told", [event for event in events if not event.asks])
        yield ""
        yield closing_line(events, refused)

    def _messages(self, calls: Iterable[Call]) -> Iterator[Event]:
        by_account = {person.slack_id: person.id for person in self._people.values()}
        for call in calls:
            if call.method == "chat.postMessage" and call.ok and call.args["channel"] in by_account:
                first_line = str(call.args["text"]).partition("\n")[0]
                yield Event(by_account[call.args["channel"]], call.at, _step_of(call), first_line, is_sent=True)

    def _not_sent(self) -> Iterator[Event]:
        for nudge in ledger.nudges(self._session, self._quarter):
            if nudge.state in _NOT_SENT and nudge.person_id in self._people:
                yield Event(nudge.person_id, nudge.planned_at, nudge.step, _why(nudge), is_sent=False)

    def _head(self) -> str:
        window = self._company.window(self._quarter)
        zone = self._company.zone
        due, end = (f"{moment.astimezone(zone):{_CLOCK}}" for moment in (window.due_at, window.grace_until))
        label = self._company.label(self._quarter)
        opens = f"{window.opens_on:%a %d %b %Y}"
        return f"{label}, if nobody answers: opens {opens}, due {due}, asked for until {end} ({zone.key})"

    def _chapter(self, title: str, events: Sequence[Event]) -> Iterator[str]:
        """A block for each person; the columns stand in one line over all of them."""
        if not events:
            return
        yield from ("", title)
        ordered = sorted(events, key=lambda event: (self._people[event.person].name.lower(), event.person, event.at))
        zones = {event.person: self._zone(event.person) for event in ordered}
        rows = aligned(*((f"{e.at.astimezone(zones[e.person]):{_CLOCK}}", e.step, e.words) for e in ordered))
        last = None
        for event, row in zip(ordered, rows, strict=True):
            if event.person != last:
                yield from ("", self._name(event.person, zones[event.person]))
            yield f"  {row}"
            last = event.person

    def _zone(self, person: int) -> ZoneInfo:
        return zone_of(self._session, self._company, self._people[person])

    def _name(self, number: int, zone: ZoneInfo) -> str:
        person = self._people[number]
        named = person.name if person.name == person.ref else f"{person.name} ({person.ref})"
        return " · ".join((named, *roles_of(person, self._projects), zone.key))


def _concerned(projects: Iterable[Project]) -> Iterator[Person]:
    """Everybody whom the projects write to."""
    for project in projects:
        yield from (owner for m in project.milestones if m.dropped_on is None for owner in m.owners)
        yield from (project.manager, project.answers_for_budget, *filter(None, [project.sponsor]))


def _step_of(call: Call) -> str:
    """The step of the ladder that a message belongs to, else what it is about, by its business key."""
    metadata = call.args["metadata"]
    key: str = (json.loads(metadata) if isinstance(metadata, str) else metadata)["event_payload"]["key"]
    kind, *parts = key.split(":")
    return parts[2] if kind == "nudge" else kind


def _why(nudge: Nudge) -> str:
    return f"{nudge.state}: {nudge.reason}" if nudge.reason else str(nudge.state)


def closing_line(events: Sequence[Event], refused: int) -> str:
    """``3 people, 11 messages, 0 not sent, refused calls = 0``; `refused` counts what the stand-in did not accept."""
    sent = [event for event in events if event.is_sent]
    reasons = Counter(event.words for event in events if not event.is_sent)
    told = "; ".join(f"{count} {reason}" for reason, count in reasons.most_common())
    people = counted(len({event.person for event in sent}), "person", "people")
    return (
        f"{people}, {counted(len(sent), 'message')}, {reasons.total()} not sent"
        f"{f' ({told})' if told else ''}, refused calls = {refused}"
    )
