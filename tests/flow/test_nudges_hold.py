"""Whatever happens in a quarter, nobody is written to at a bad moment, twice, or for nothing; and nobody is forgotten.

Random companies live through a quarter with the real bot, its outbox and its composers. Slack is a recorder, and time
stands still between one look of the bot and the next, which may be ten minutes or a week away.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import holidays
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.app import Bot
from bot.domain.directory import DirectoryEntry
from bot.domain.errors import BotError, DeliveryFailed
from bot.domain.ladder import AWAY, NO_GOOD_MOMENT
from bot.domain.presence import Presence
from bot.domain.project import Milestone, Person, Portfolio, Project
from bot.domain.quarter import ReportingRules
from bot.domain.update import Provenance
from bot.flow.ask import stand_ins
from bot.flow.ask.ask import ASKED, ask_again
from bot.flow.collect.answered import note_answer
from bot.flow.messages import ItemRef, Message, Notice, OverdueDigest, OwnerCard
from bot.flow.moment import Moment
from bot.flow.ports import Place
from bot.flow.schedule.owed import owed_items
from bot.flow.schedule.planner import Planner
from bot.flow.schedule.snooze import SNOOZED, snooze
from bot.flow.schedule.whereabouts import Whereabouts
from bot.flow.setup import manage
from bot.settings import Settings
from bot.store import answers, ledger, people
from bot.store import stand_ins as stored_stand_ins
from bot.store.ledger import NudgeState
from bot.store.portfolio import save_portfolio, save_project
from bot.store.stand_ins import StandInKind
from bot.store.tables import OutboxRow
from tests.bench.slack import SimulatedClock
from tests.builders import Q1, Q2, Q3, an_update
from tests.carrying import deliver_all

ZONES = ("America/New_York", "Asia/Kolkata", "Australia/Adelaide", "Europe/Berlin", "Pacific/Auckland", "Asia/Tokyo")
COUNTRIES = (None, "US", "DE", "JP", "IN")
HOURS = ((time(9, 30), time(16, 30)), (time(6), time(8)), (time(13), time(22)), (time(11), time(11, 45)))
GAPS = (10, 10, 30, 60, 60, 180, 180, 300, 720, 1440, 7 * 1440)  # minutes in which the bot does not look
START = datetime(2025, 9, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Event:
    """Something that happens before the bot looks again. Numbers are taken modulo what is there."""

    what: str
    which: int
    size: int


@dataclass(frozen=True)
class World:
    """A company and what befalls it."""

    portfolio: Portfolio
    projects: tuple[Project, ...]
    people: tuple[Person, ...]
    strangers: frozenset[str]  # Slack ids that Slack does not know
    slack_zones: dict[str, str]
    quiet: dict[str, tuple[int, int]]  # do-not-disturb of every day: first hour (UTC) and length
    hours: dict[str, tuple[time, time]]
    deputies: dict[str, str]  # who names whom; circles too, as files and people can make them together
    before: tuple[tuple[bool, bool], ...]  # which milestones were answered in the two quarters before
    looks: tuple[tuple[int, tuple[Event, ...]], ...]


RULES = st.builds(
    ReportingRules,
    due=st.integers(1, 6),
    opens=st.integers(1, 12),
    grace=st.integers(1, 4),
    reminders=st.sampled_from([(5, 2), (1,), (9, 4, 3, 1), ()]),
    due_time=st.sampled_from([time(17), time(9), time(0), time(23, 30)]),
    hours=st.sampled_from(HOURS[:2]),
)
EVENTS = st.builds(
    Event,
    st.sampled_from(
        [
            "answer",
            "answer",
            "snooze",
            "nudge all",
            "excuse",
            "more time",
            "away",
            "leave",
            "back",
            "slack full",
            "lend",
            "lend",
            "cannot",
        ]
    ),
    st.integers(0, 11),
    st.integers(1, 9),
)


@st.composite
def milestones(draw: st.DrawFn, number: int, staff: Sequence[Person]) -> Milestone:
    """A milestone of one or more of some people."""
    owner, *others = draw(st.lists(st.sampled_from(staff), min_size=1, max_size=3, unique=True))
    return Milestone(f"m{number}", f"Milestone {number}", owner, co_owners=tuple(others))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A company of a few people in some zones and countries, and forty days."""
    number = draw(st.integers(2, 5))
    staff = tuple(
        Person(
            f"U{n}",
            f"Person {n}",
            slack_id=f"U{n}",
            timezone=draw(st.sampled_from([None, *ZONES])),
            country=draw(st.sampled_from(COUNTRIES)),
        )
        for n in range(number)
    )
    somebody = st.sampled_from(staff)
    projects = tuple(
        Project(
            key=f"p{n}",
            name=f"Project {n}",
            manager=draw(somebody),
            sponsor=draw(st.none() | somebody),
            budget_at_completion=draw(st.sampled_from([None, Decimal(100)])),
            reporting=draw(st.none() | RULES),
            milestones=tuple(draw(milestones(m, staff)) for m in range(draw(st.integers(1, 3)))),
        )
        for n in range(draw(st.integers(1, 3)))
    )
    refs = [person.ref for person in staff]
    return World(
        portfolio=Portfolio(
            company="Random",
            timezone=draw(st.sampled_from(ZONES)),
            country=draw(st.sampled_from(COUNTRIES)),
            closing_days=draw(st.frozensets(st.dates(date(2025, 9, 15), date(2025, 10, 10)), max_size=4)),
            reporting=draw(RULES),
            admins=("U0",),
        ),
        projects=projects,
        people=staff,
        strangers=draw(st.frozensets(st.sampled_from(refs), max_size=1)),
        slack_zones=draw(st.dictionaries(st.sampled_from(refs), st.sampled_from(ZONES))),
        quiet=draw(st.dictionaries(st.sampled_from(refs), st.tuples(st.integers(0, 23), st.integers(1, 12)))),
        hours=draw(st.dictionaries(st.sampled_from(refs), st.sampled_from(HOURS), max_size=2)),
        deputies=draw(st.dictionaries(st.sampled_from(refs), st.sampled_from(refs))),
        before=tuple(draw(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=9, max_size=9))),
        looks=tuple(
            draw(
                st.lists(
                    st.tuples(st.sampled_from(GAPS), st.lists(EVENTS, max_size=2).map(tuple)), min_size=5, max_size=25
                )
            )
        ),
    )


class Recorder:
    """Slack as the bot sees it, and the truth about its people."""

    def __init__(self, world: World, clock: SimulatedClock) -> None:
        self._world = world
        self._clock = clock
        self._numbers = count(1)
        self.entries = {
            p.ref: DirectoryEntry(p.ref, p.ref.lower(), p.name, timezone=world.slack_zones.get(p.ref))
            for p in world.people
            if p.ref not in world.strangers
        }
        self.posts: list[tuple[datetime, str, Message]] = []
        self.is_full = False

    def post(self, to: str, message: Message, thread: Place | None = None, *, is_broadcast: bool = False) -> Place:
        if to not in self.entries:
            raise DeliveryFailed("channel_not_found", outcome="final")
        self.posts.append((self._clock.now(), to, message))
        return Place(f"D{to}", f"{next(self._numbers)}.0")

    def edit(self, place: Place, message: Message) -> None:
        pass

    def with_room(self, kinds: Collection[str]) -> Collection[str]:
        return () if self.is_full else kinds

    def directory(self) -> Sequence[DirectoryEntry]:
        return list(self.entries.values())

    def read_channels(self) -> None:
        pass

    def do_not_disturb(self, asked: Sequence[str]) -> dict[str, tuple[datetime, datetime] | None]:
        return {slack_id: self.quiet_time(slack_id) for slack_id in asked}

    def quiet_time(self, slack_id: str) -> tuple[datetime, datetime] | None:
        """The present or the next do-not-disturb."""
        if slack_id not in self._world.quiet:
            return None
        hour, length = self._world.quiet[slack_id]
        now = self._clock.now()
        today = datetime.combine(now.date(), time(hour), tzinfo=UTC)
        windows = ((today + timedelta(days=d), today + timedelta(days=d, hours=length)) for d in (-1, 0, 1))
        return next((start, end) for start, end in windows if now < end)

    def presence(self, slack_id: str) -> Presence:
        """The truth."""
        entry, quiet = self.entries.get(slack_id), self.quiet_time(slack_id)
        away = (entry.is_away, entry.away_until) if entry else (False, None)
        return Presence(*away, *(quiet or (None, None)))


@dataclass
class Quarter:
    """A world lived through, look by look."""

    world: World
    bot: Bot
    clock: SimulatedClock
    slack: Recorder
    keys: Iterator[int] = field(default_factory=count)
    shown: set[tuple[str, ItemRef]] = field(default_factory=set)  # what each account was asked for

    def __post_init__(self) -> None:
        self.courier = self.bot._courier(0)
        with self.bot.database.writing() as session:
            save_portfolio(session, self.world.portfolio)
            for project in self.world.projects:
                save_project(session, project, today=date(2025, 1, 1))
            for ref, hours in self.world.hours.items():
                if found := people.people_by_ref(session).get(ref):
                    people.set_hours(session, found.id, hours)
            known = people.people_by_ref(session)
            for ref, deputy in self.world.deputies.items():
                if ref != deputy and ref in known and deputy in known:
                    people.set_deputy(session, known[ref].id, known[deputy].id)
            was_answered = zip(self._milestones(), self.world.before, strict=False)
            for ref, flags in was_answered:
                for quarter, flag in zip((Q1, Q2), flags, strict=True):
                    if flag:
                        said = Provenance("U0", START)
                        answers.record(session, ref.project, quarter, ref.milestone, an_update(), said)

    def _milestones(self) -> list[ItemRef]:
        return [ItemRef(p.key, Q3, m.key) for p in self.world.projects for m in p.milestones]

    def live(self) -> None:
        """From before the opening until nothing is asked any more; the last looks are regular."""
        for minutes, events in self.world.looks:
            self.look(minutes, events)
        self.slack.is_full = False
        while self.clock.now() < self._end():
            self.look(610, ())

    def _end(self) -> datetime:
        """A day after the last grace of all, the manager's extensions included."""
        with self.bot.database.reading() as session:
            company = self.bot._company(session)
            refs = self._milestones()
            windows = [company.window_of(Q3, company.project(ref.project), ref.milestone) for ref in refs]
            return max(window.grace_until for window in windows) + timedelta(days=1)

    def look(self, minutes: int, events: Sequence[Event]) -> None:
        """Time passes, things happen, and the bot looks; then everything that must hold is held against what it did."""
        self.clock.sleep(minutes * 60)
        for event in events:
            self._happen(event)
        seen = len(self.slack.posts)
        self.bot.beat()
        deliver_all(self.courier)
        self._check_messages(self.slack.posts[seen:])
        if not self.slack.is_full:
            self._check_nobody_is_forgotten()

    def _happen(self, event: Event) -> None:
        now = self.clock.now()
        moment = Moment(now, now)
        refs = self._milestones()
        ref = refs[event.which % len(refs)]
        person_ref = self.world.people[event.which % len(self.world.people)].ref
        entry = self.slack.entries.get(person_ref)
        if event.what == "slack full":
            self.slack.is_full = not self.slack.is_full
        elif event.what in ("away", "leave", "back"):
            if entry is None:
                return
            until = now + timedelta(hours=event.size * 11) if event.what == "away" else None
            self.slack.entries[person_ref] = replace(entry, is_away=event.what != "back", away_until=until)
            with self.bot.database.writing() as session:
                people.save_entry(session, self.slack.entries[person_ref])
        else:
            self._act(event, ref, person_ref, moment)

    def _act(self, event: Event, ref: ItemRef, person_ref: str, moment: Moment) -> None:
        with self.bot.database.writing() as session:
            company = self.bot._company(session)
            project = company.project(ref.project)
            milestone = project.milestone(ref.milestone)
            owner = milestone.owners[event.size % len(milestone.owners)]
            if company.latest_opened(moment.now, project) != Q3:
                return
            if event.what == "answer":
                asked = company.answerers(project, milestone, Q3)
                person = asked[event.size % len(asked)]
                answers.record(session, ref.project, Q3, ref.milestone, an_update(), Provenance(person.ref, moment.now))
                note_answer(session, company, person, ref, moment)
            elif event.what == "excuse":
                key = f"excuse {next(self.keys)}"
                manage.excuse(session, company, project.manager, ref, "not now", key=key, moment=moment)
            elif event.what == "more time":
                first, last = manage.days_to_give(company, project, Q3, moment)
                until = min(first + timedelta(days=event.size), last)
                key = f"more time {next(self.keys)}"
                manage.give_more_time(session, company, project.manager, ref, until, key=key, moment=moment)
            elif event.what == "nudge all":
                ask_again(session, company, [owner for m in project.milestones for owner in m.owners], Q3, moment)
            elif event.what in ("lend", "cannot"):
                self._lend(session, event, ref, owner, person_ref, moment)
            elif event.what == "snooze":
                person = people.people_by_ref(session).get(person_ref)
                name = ("two-hours", "tomorrow", "monday")[event.size % 3]
                if person and any(to == person_ref for _, to, _ in self.slack.posts):
                    with contextlib.suppress(BotError):
                        snooze(session, company, person, Q3, name, moment)

    def _lend(
        self, session: Session, event: Event, ref: ItemRef, owner: Person, colleague: str, moment: Moment
    ) -> None:
        """An owner who was asked lets somebody answer, or whoever was asked so cannot."""
        company = self.bot._company(session)
        if event.what == "lend":
            if (owner.ref, ref) in self.shown and ref in self._missing(owner.ref):
                key = f"lend {next(self.keys)}"
                stand_ins.lend(session, company, owner, ref, colleague, "", key=key, moment=moment)
            return
        for request in company.asked_for(ref.project, ref.milestone, Q3):
            if request.kind is StandInKind.COLLEAGUE and request.is_waiting:
                stand_ins.decline(session, company, company.people[request.person], request.id, moment)

    def _check_messages(self, new: Sequence[tuple[datetime, str, Message]]) -> None:
        cards = [(to, message) for _, to, message in new if isinstance(message, OwnerCard)]
        assert max(Counter(to for to, _ in cards).values(), default=0) <= 1, "two nudges at once"
        for to, card in cards:
            self._check_moment(to)
            self.shown |= {(to, item.ref) for item in card.items}
            assert card.open_items
            self._check_nobody_is_nagged(card)
            assert {item.ref for item in card.open_items} == self._missing(to)
        for _, to, message in new:
            if isinstance(message, Notice) and message.name == "deputy-asked":
                self.shown |= {(to, ref) for ref in self._asked_as_deputy(to)}
            if isinstance(message, OverdueDigest):
                self._check_moment(to)
                self._check_digest(message)
        keys = Counter(message.key for _, _, message in self.slack.posts)
        assert max(keys.values(), default=0) <= 1, "one message twice"
        digests = Counter(to for _, to, message in new if isinstance(message, OverdueDigest))
        assert max(digests.values(), default=0) <= 1, "two digests at once"

    def _check_nobody_is_nagged(self, card: OwnerCard) -> None:
        """A reminder by the ladder asks for something that no colleague was asked for."""
        _, _, _, step, _ = card.key.split(":")
        if step == "opening" or (step.startswith("reminder") and step not in (ASKED, SNOOZED)):
            assert any(not item.waits_for for item in card.open_items)

    def _asked_as_deputy(self, slack_id: str) -> set[ItemRef]:
        with self.bot.database.reading() as session:
            person = people.person_by_slack_id(session, slack_id)
            asked = stored_stand_ins.standing(session)
        deputised = (r for r in asked if r.kind is StandInKind.DEPUTY and person and r.person == person.id)
        return {ItemRef(request.project, request.quarter, request.milestone) for request in deputised}

    def _check_digest(self, digest: OverdueDigest) -> None:
        """A digest speaks of deadlines that have passed."""
        assert digest.silent
        with self.bot.database.reading() as session:
            company = self.bot._company(session)
            for item in digest.items:
                due_at = company.due_at(Q3, company.project(item.ref.project), item.ref.milestone)
                assert (item.until is None) == (due_at <= self.clock.now())
        if digest.is_for_sponsor:
            assert all(item.silent_quarters >= 2 and not item.until for item in digest.items)

    def _check_moment(self, slack_id: str) -> None:
        """A good moment, by its own reckoning."""
        world, now = self.world, self.clock.now()
        person = next(p for p in world.people if p.ref == slack_id)
        zone = ZoneInfo(person.timezone or world.slack_zones.get(slack_id) or world.portfolio.timezone)
        local = now.astimezone(zone)
        country = person.country or world.portfolio.country
        assert local.weekday() < 5
        assert local.date() not in world.portfolio.closing_days
        assert country is None or local.date() not in holidays.country_holidays(country, years=local.year)
        rules = [world.portfolio.reporting, *(p.reporting for p in world.projects if p.reporting)]
        possible = [world.hours[slack_id]] if slack_id in world.hours else [r.hours for r in rules]
        assert any(opens <= local.time() < closes for opens, closes in possible), local
        assert self.slack.presence(slack_id).next_present(now) == now, "away, or not to be disturbed"

    def _missing(self, slack_id: str) -> set[ItemRef]:
        with self.bot.database.reading() as session:
            company = self.bot._company(session)
            person = people.person_by_slack_id(session, slack_id)
            items = owed_items(session, company, person, Q3, self.clock.now()) if person else ()
        return {item.ref for item in items if not item.is_done}

    def _check_nobody_is_forgotten(self) -> None:
        """Who owes something has heard of it, or will in time, or the manager knows that they could not be asked."""
        now = self.clock.now()
        with self.bot.database.reading() as session:
            company = self.bot._company(session)
            planner = Planner(session, company, Q3, now)
            for person in people.all_people(session).values():
                if person.ref in self.world.strangers:
                    continue
                to_come = self._to_come(session, planner, person)
                for item in owed_items(session, company, person, Q3, now):
                    project = company.project(item.ref.project)
                    due_at = company.due_at(Q3, project, item.ref.milestone)
                    has_heard = item.is_done or (person.ref, item.ref) in self.shown
                    if now < due_at and not has_heard and not any(at < due_at for at in to_come):
                        is_known = self._is_told(session, person, project.manager)
                        assert is_known or self._is_in_other_hands(session, planner, person, item.ref), (
                            person.ref,
                            item.ref,
                        )

    def _is_in_other_hands(self, session: Session, planner: Planner, person: Person, ref: ItemRef) -> bool:
        """Whether the ledger says that somebody could not be asked and others are, and one of those has heard or will."""
        company = self.bot._company(session)
        project = company.project(ref.project)
        reasons = [nudge.reason or "" for nudge in ledger.nudges(session, Q3, person.id)]
        if not any(reason.startswith((f"{AWAY}; ", f"{NO_GOOD_MOMENT}; ")) for reason in reasons):
            return False
        milestone = project.milestone(ref.milestone) if ref.milestone else None
        others = [p for p in company.answerers(project, milestone, Q3) if p.id != person.id]
        due_at = company.due_at(Q3, project, ref.milestone)
        return any(
            (p.ref, ref) in self.shown
            or any(at < due_at for at in self._to_come(session, planner, p))
            or self._is_told(session, p, project.manager)
            or self._is_held(session, p)
            for p in others
        )

    def _is_held(self, session: Session, person: Person) -> bool:
        """Whether a deputy's message waits for a good moment of theirs."""
        rows = session.scalars(select(OutboxRow).where(OutboxRow.kind == "notice", OutboxRow.done_at.is_(None)))
        return any(row.subject["name"] == "deputy-asked" and row.subject["to"] == person.slack_id for row in rows)

    def _to_come(self, session: Session, planner: Planner, person: Person) -> set[datetime]:
        """When somebody may hear: at steps still to come, and at the next good moment where one waits for it."""
        now = self.clock.now()
        steps = [rung.at for rung in planner.unsettled_before(person, self._end())]
        assert sum(at <= now for at in steps) <= 1, "only the latest step may wait, the others are in the ledger"
        nudges = ledger.nudges(session, Q3, person.id)
        steps += [n.planned_at for n in nudges if n.state in (NudgeState.QUEUED, NudgeState.PLANNED)]
        moments = {at if at > now else planner.good_moment(person) for at in steps}
        return {at for at in moments if at and at > now}

    def _is_told(self, session: Session, person: Person, manager: Person) -> bool:
        """Whether a manager knows that somebody could not be asked; one who is that person needs no message."""
        nudges = ledger.nudges(session, Q3, person.id)
        if manager.id == person.id:
            return any((nudge.reason or "").startswith((AWAY, NO_GOOD_MOMENT)) for nudge in nudges)
        key = f"cannot-ask:{person.id}:{Q3}:{manager.id}"
        return session.scalar(select(OutboxRow.key).where(OutboxRow.key == key)) is not None

    def check_ledger(self) -> None:
        """Each row that was not sent says why; nothing that has come due is left hanging."""
        with self.bot.database.reading() as session:
            for nudge in ledger.nudges(session, Q3):
                if nudge.planned_at <= self.clock.now():
                    assert nudge.state not in (NudgeState.PLANNED, NudgeState.QUEUED), nudge
                    assert nudge.state is NudgeState.SENT or nudge.reason, nudge


# The same lives every run. To shrink one takes longer than a test may.
@given(world=worlds())
@settings(
    max_examples=18,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
def test_nobody_is_asked_at_a_bad_moment_or_twice_or_for_nothing_and_nobody_is_forgotten(
    empty_database: Path, world: World
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = shutil.copy(empty_database, f"{folder}/quarterdeck.db")
        clock = SimulatedClock(START)
        bot = Bot(Settings(bot_token="xoxb-test", database_url=f"sqlite:///{path}"), clock)
        slack: Any = Recorder(world, clock)
        bot.messenger = slack
        bot._whereabouts = Whereabouts(bot.database, slack)
        try:
            quarter = Quarter(world, bot, clock, slack)
            quarter.live()
            quarter.check_ledger()
        finally:
            bot.database.close()
