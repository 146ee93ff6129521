"""The demo: a local stand-in for Slack, real programme data, the bot as `run` starts it, and a clock that can be moved."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import threading
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from bot.clock import Clock
from bot.domain.plan import PlanFile
from bot.domain.quarter import Quarter
from bot.domain.update import QuarterAnswers
from bot.flow.collect import load_answers
from bot.flow.company import Company
from bot.flow.moment import Moment
from bot.flow.schedule.schedule import next_instants
from bot.flow.setup import load_plan
from bot.intake.answers import Against, read_answers
from bot.intake.portfolio import PortfolioFile, read_portfolio
from bot.intake.problems import read_text
from bot.locales import Locale
from bot.sandbox.people import SlackChannel, SlackPerson, Stop, Tour
from bot.sandbox.server import Sandbox
from bot.settings import Settings
from bot.stage import accounts_of, asked_to_end, let_work, new_bot, slack_app
from bot.store import answers as answer_store

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

logger = logging.getLogger(__name__)

_EXAMPLES = Path(__file__).parent / "examples"
_RUST, _SAMPLE = _EXAMPLES / "rust-goals", _EXAMPLES / "sample-programme"
_BEFORE = (_SAMPLE / "answers-2025-Q1.yaml", _SAMPLE / "answers-2025-Q2.yaml")
_AS_PUBLISHED = {Quarter(2025, 3): _RUST / "answers-2025-Q3.yaml", Quarter(2025, 4): _RUST / "answers-2025-Q4.yaml"}
_STARTS_AT = datetime(2025, 9, 18, 8, tzinfo=UTC)
_LEADER = SlackPerson(
    id="U0LEADER", name="lena", real_name="Lena Brandt", email="lena@example.com", tz="Europe/Berlin",
    title="Leader, reads the reports",
)  # fmt: skip
_CHANNEL = "C0LEADERSHIP"
_INTRO = (
    "A whole quarter on one machine, and you can be anybody in it: an owner who is asked, the project manager who compiles"
    " the report, a leader who reads it. The Rust goals and their updates are real and public; the billing programme is a"
    " sample. The buttons at the top move the clock; the bot does the rest."
)


def play(*, port: int, opens_browser: bool, settings: Settings) -> None:
    """Run the demo until it is asked to end. Prints the page's address, alone on a line, once page and bot are ready."""
    ended = asked_to_end()
    with tempfile.TemporaryDirectory(prefix="quarterdeck-demo-") as folder, stage(Path(folder), port, settings) as demo:
        print(f"{demo.sandbox.url}/", flush=True)  # noqa: T201 - the result of the command
        if opens_browser and _has_screen():
            webbrowser.open(demo.sandbox.url)
        ended.wait()


@contextmanager
def stage(folder: Path, port: int, settings: Settings) -> Iterator[Demo]:
    """The demo with its bot running, its database in a folder; ended on the way out."""
    demo = Demo(folder, port, settings)
    demo.start()
    try:
        yield demo
    finally:
        demo.stop()


class Demo:
    """Owns the movable clock, and ties the stand-in to the bot: otherwise they meet over HTTP and WebSocket only."""

    def __init__(self, folder: Path, port: int, settings: Settings) -> None:
        self.clock = Clock(_STARTS_AT)
        self._portfolio = _portfolio()
        self.sandbox = Sandbox(
            _people(self._portfolio),
            _channels(self._portfolio),
            app=slack_app(),
            now=self.clock.now,
            port=port,
            tour=Tour(_INTRO, _guide(self._portfolio), self.stops, self.move_to),
            workspace_name="Quarterdeck demo",
        )
        own = replace(settings, leadership_channel=None)
        self.bot = new_bot(own, self.sandbox, folder / "demo.db", self.clock)
        self._moving = threading.Lock()

    def start(self) -> None:
        """Load the data, start the stand-in and the bot."""
        with self.bot.database.writing() as session:
            self._load(session)
        self.sandbox.start()
        self.bot.start()
        let_work(self.bot)

    def stop(self) -> None:
        """End the bot, then the stand-in."""
        self.bot.stop()
        self.sandbox.stop()

    def move_to(self, instant: datetime) -> None:
        """Move business time, stopping at each instant on the way at which something is due."""
        with self._moving:
            for moment in self._due_until(instant):
                self._arrive(moment)
            self._arrive(instant)

    def _due_until(self, instant: datetime) -> list[datetime]:
        now = self.clock.now()
        with self.bot.database.reading() as session:
            company = Company.load(session)
            nudges = next_instants(session, company, now, instant) if instant > now else []
            arrivals = [_answers_arrive_at(company, quarter) for quarter in _AS_PUBLISHED]
        return sorted({*nudges, *(at for at in arrivals if now < at < instant)})

    def _arrive(self, moment: datetime) -> None:
        self.clock.move_to(moment)
        with self.bot.database.writing() as session:
            _let_answers_arrive(session, Company.load(session), self._moment())
        let_work(self.bot)

    def _load(self, session: Session) -> None:
        loaded = self._portfolio
        plan = PlanFile(loaded.portfolio, loaded.people, loaded.projects)
        load_plan.save_plan(session, plan, load_plan.plan_changes(session, plan), self._moment())
        company = Company.load(session)
        for path in _BEFORE:
            quarter, projects = _answers(path, company)
            load_answers.save_answers(session, quarter, projects)

    def _moment(self) -> Moment:
        return Moment(self.clock.now(), self.clock.real())

    def stops(self) -> list[Stop]:
        """The named instants to which the page offers to move the clock."""
        with self.bot.database.reading() as session:
            company = Company.load(session)
        return [stop for quarter in _AS_PUBLISHED for stop in _stops_of(company, quarter)]


def _stops_of(company: Company, quarter: Quarter) -> list[Stop]:
    """The named stops of a quarter, at noon in the company's zone: every zone's morning has been or is about to be."""
    window = company.window(quarter)
    days = (
        ("opening", "opening day", window.opens_on),
        ("two-days", "two days before due", company.calendar.shift(window.due_on, -2)),
        ("due", "due day", window.due_on),
        ("after", "the day after", company.calendar.shift(window.due_on, 1)),
    )
    label = company.label(quarter)
    return [Stop(f"{quarter}-{key}", f"{label}: {name}", _noon(company, day)) for key, name, day in days]


def _noon(company: Company, day: date) -> datetime:
    return datetime.combine(day, time(15), tzinfo=company.zone).astimezone(UTC)


def _answers_arrive_at(company: Company, quarter: Quarter) -> datetime:
    """When the real owners' answers come in: on the third working day before due."""
    return _noon(company, company.calendar.shift(company.window(quarter).due_on, -3))


def _let_answers_arrive(session: Session, company: Company, moment: Moment) -> None:
    """The real owners answer, with the words and figures that they published; what somebody played stays."""
    for quarter, path in _AS_PUBLISHED.items():
        if moment.now < _answers_arrive_at(company, quarter):
            continue
        loaded_quarter, projects = _answers(path, company)
        played = {key: answer_store.history(session, key).get(quarter, QuarterAnswers()) for key in projects}
        fresh = {key: _without(answers, played[key]) for key, answers in projects.items()}
        if load_answers.receive_answers(session, company, loaded_quarter, fresh, moment):
            logger.info("published answers arrived quarter=%s", quarter)


def _without(published: QuarterAnswers, played: QuarterAnswers) -> QuarterAnswers:
    kept = {key: given for key, given in published.milestones.items() if key not in played.milestones}
    return replace(published, milestones=kept)


def _answers(path: Path, company: Company) -> tuple[Quarter, dict[str, QuarterAnswers]]:
    against = Against(
        projects=company.projects,
        locale=Locale(company.portfolio.locale),
        default_at=lambda quarter, project: company.window(quarter, project).due_at,
    )
    found = read_answers(read_text(path), path.name, against)
    return found.quarter, found.projects


def _portfolio() -> PortfolioFile:
    """Both example portfolios as those of one company."""
    rust, sample = (read_portfolio(read_text(f / "portfolio.yaml"), "portfolio.yaml") for f in (_RUST, _SAMPLE))
    portfolio = replace(rust.portfolio, company="Quarterdeck demo")
    people = {person.ref: person for person in (*rust.people, *sample.people)}
    return PortfolioFile(portfolio, tuple(people.values()), (*sample.projects, *rust.projects))


def _guide(portfolio: PortfolioFile) -> list[dict[str, str]]:
    """What to do next, in order."""
    ids = {account.name: account.id for account in _people(portfolio)}
    steps = (
        ("maya", "Press “Q3 2025: opening day” at the top. Maya owns two milestones: read her message, press Update beside"
         " Rating Engine and answer it, then press Nothing changed for the other."),
        ("ines", "Ines answers for the budget. Press Budget and type an amount as you would, such as 1.4M. Try 1.200, too."),
        ("demo-pm", "Press “Q3 2025: two days before due”. As the project manager, type /compile-report billing-renewal in the"
         " bot’s messages."),
        ("demo-pm", "Read the checks and put a note under one. Press Preview to see the post as leadership will; then Publish,"
         " and Publish now."),
        (_LEADER.name, "Lena leads. Read the post in #leadership, open Full report, download the document in the thread,"
         " acknowledge, ask a question."),
        ("demo-pm", "Answer Lena’s question from your messages with the bot. Then be Maya, change an answer, and publish once"
         " more: that is revision 2."),
        ("demo-pm", "Compile rust-2025h2 as well: its real owners have answered meanwhile, in the words they published. Go on"
         " to “Q4 2025: two days before due” and compile it again: the post says what moved since Q3."),
    )  # fmt: skip
    return [{"person": ids[name], "text": text} for name, text in steps]


def _people(portfolio: PortfolioFile) -> list[SlackPerson]:
    return [*accounts_of(portfolio.people, portfolio.projects, portfolio.portfolio.timezone), _LEADER]


def _channels(portfolio: PortfolioFile) -> list[SlackChannel]:
    accounts = {account.name: account.id for account in _people(portfolio)}
    members = [_LEADER.id, accounts["demo-pm"], accounts["henrik"], accounts["ines"]]
    leadership = SlackChannel(_CHANNEL, "leadership", "The quarterly reports", members=members)
    general = SlackChannel("C0GENERAL", "general", "Everybody", members=list(accounts.values()), bot_is_member=False)
    return [leadership, general]


def _has_screen() -> bool:
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
