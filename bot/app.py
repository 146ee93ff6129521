"""The one place that knows everybody: builds the bot from its settings and connects its parts. Starts nothing."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.documents.changes import change_lines
from bot.documents.json_report import to_json
from bot.documents.layouts import layout_names
from bot.documents.markdown import render_markdown
from bot.documents.narrative import draft
from bot.documents.portfolio import portfolio_changes, portfolio_news, render_portfolio
from bot.documents.portfolio_json import portfolio_json
from bot.domain.errors import BotError, DeliveryFailed
from bot.domain.portfolio_report import ALL, PortfolioReport
from bot.domain.report import Narrative, QuarterlyReport
from bot.flow import ask, channel, digest, notices, portfolio, publish, read
from bot.flow.company import Company, CurrentCompany
from bot.flow.deliver import Composer, Courier, Workers
from bot.flow.handover import lapse_due
from bot.flow.messages import Message, PortfolioPost, ReportPost
from bot.flow.moment import Moment
from bot.flow.people import find_accounts, tell_managers
from bot.flow.schedule import due_soon, tick
from bot.scheduler import Heartbeat
from bot.settings import Settings
from bot.slack import messages, sections
from bot.slack.desk import Desk
from bot.slack.forms.questions import read_questions
from bot.slack.http import HttpConnection
from bot.slack.limits import Limiter
from bot.slack.listeners import register
from bot.slack.messenger import SlackMessenger
from bot.slack.socket_mode import SocketConnection
from bot.slack.words import Words
from bot.store import ledger, outbox
from bot.store import people as people_store
from bot.store.ledger import NudgeState
from bot.store.outbox import Parcel, SendState
from bot.store.session import Database
from bot.store.upgrade import make_ready
from bot.texts import shipped

logger = logging.getLogger(__name__)

COURIERS = 3  # so that one slow call to Slack does not hold up everybody's messages


def prompt_folders(settings: Settings) -> tuple[Path, ...]:
    """Where words for owners and managers are read from: the company's own folder before the shipped one."""
    own = (settings.prompts_dir,) if settings.prompts_dir else ()
    return (*own, shipped("prompts"))


def template_folders(settings: Settings) -> tuple[Path, ...]:
    """Where the words that leaders read are read from: the company's own folder before the shipped one."""
    own = (settings.templates_dir,) if settings.templates_dir else ()
    return (*own, shipped("templates"))


def open_database(settings: Settings) -> Database:
    """The database, at the present schema. Raises BotError where it is not and cannot be brought there by itself."""
    database = Database(settings.database_url)
    make_ready(database)
    return database


class ReportDocuments:
    """Fulfils `flow.ports.Documents` with the documents and Slack rooms."""

    def __init__(self, settings: Settings) -> None:
        self._templates = template_folders(settings)
        self.words = Words(prompt_folders(settings), self._templates)
        self.portfolio = PortfolioDocuments(self._templates, self.words)

    def draft(self, report: QuarterlyReport) -> Narrative:
        """The executive summary and the conclusion, drafted from the facts."""
        return draft(report, self._templates)

    def check_lines(
        self, check: str, evidence: Sequence[dict[str, object]], locale: str
    ) -> tuple[str, tuple[str, ...]]:
        """A check's sentence, and a line for each piece of evidence: the first and the further lines of its prompt."""
        text = self.words.say_plain(f"checks/{check}.j2", evidence=evidence, locale=locale)
        sentence, *lines = [line.strip() for line in text.splitlines() if line.strip()]
        return sentence, tuple(lines)

    def markdown(self, report: QuarterlyReport) -> str:
        """The report in its layout."""
        return render_markdown(report, self._templates)

    def json(self, report: QuarterlyReport) -> str:
        """The report as data."""
        return to_json(report)

    def slack(self, report: QuarterlyReport) -> str:
        """The post as Slack takes it: text and blocks, in JSON."""
        return _as_json(ReportPost(f"post:{report.project_key}:{report.quarter}", report), self.words)

    def changes(self, before: QuarterlyReport | None, after: QuarterlyReport) -> tuple[str, ...]:
        """What changed from one report to another, a line each."""
        return change_lines(before, after, self._templates)

    def section_count(self, report: QuarterlyReport) -> int:
        """How many replies the report's sections take in the thread."""
        return sections.section_count(report, self.words)

    def layouts(self) -> tuple[str, ...]:
        """The names of the layouts that can be chosen."""
        return layout_names(self._templates)


class PortfolioDocuments:
    """Fulfils `flow.ports.PortfolioDocuments` likewise."""

    def __init__(self, templates: Sequence[Path], words: Words) -> None:
        self._templates = templates
        self._words = words

    def markdown(self, report: PortfolioReport) -> str:
        """The report as a document."""
        return render_portfolio(report, self._templates)

    def json(self, report: PortfolioReport) -> str:
        """The report as data."""
        return portfolio_json(report)

    def slack(self, report: PortfolioReport) -> str:
        """The post as Slack takes it: text and blocks, in JSON."""
        return _as_json(PortfolioPost(f"post:{ALL}:{report.quarter}", report), self._words)

    def changes(self, before: PortfolioReport | None, after: PortfolioReport) -> tuple[str, ...]:
        """What changed from one report to another, a line each."""
        return portfolio_changes(before, after, self._templates)

    def news(self, report: PortfolioReport, since: datetime) -> tuple[str, ...]:
        """What was published since an instant, a line each."""
        return portfolio_news(report, since, self._templates)


def _as_json(message: Message, words: Words) -> str:
    rendered = messages.render(message, words)
    return json.dumps({"text": rendered.text, "blocks": rendered.blocks}, ensure_ascii=False, indent=2) + "\n"


class Bot:
    """The bot as `run` and the demo start it. Building it reads words and opens the database; `start` connects it."""

    def __init__(self, settings: Settings, clock: Clock | None = None, limiter: Limiter | None = None) -> None:
        self.settings = settings
        self.clock = clock or Clock(settings.moved_to)
        self.documents = ReportDocuments(settings)
        self._questions = read_questions(*self.documents.words.source("questions.yaml"))
        self.database = open_database(settings)
        self.messenger = SlackMessenger(
            settings.bot_token or "", settings.api_url, self.documents.words, self._questions, limiter
        )
        self._workers = Workers([self._courier(number) for number in range(COURIERS)])
        self._heartbeat = Heartbeat(self.beat)
        self._present_company = CurrentCompany(settings.leadership_channel)
        self._people_due_at: datetime | None = None
        self._dnd_due_at = self.clock.real()
        self._beating = threading.Lock()

    def start(self) -> None:
        """Connect to Slack, and begin to send and to listen.

        Raises BotError where Slack does not accept the tokens or cannot be reached, or no portfolio is loaded.
        """
        with self.database.reading() as session:
            self._company(session)
        self._connection = self._connect(self._bolt_app())
        self._connection.start()
        self._workers.start()
        self._heartbeat.start()
        logger.info("running mode=%s", "socket" if self.settings.is_socket_mode else "http")

    def stop(self) -> None:
        """Finish what is under way, take nothing more, and let go of everything."""
        self._heartbeat.stop()
        self._connection.stop()
        self._workers.stop()
        self.database.close()

    def run(self) -> None:
        """Run until the process is asked to end."""
        ended = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: ended.set())
        self.start()
        ended.wait()
        self.stop()

    def beat(self) -> None:
        """One heartbeat: Slack's people once a day, then whatever has come due."""
        with self._beating:
            self._read_people()
            self._read_do_not_disturb()
            tick(self.database, self._company, self.clock.now(), self.clock.real())
            self._let_go()
        self._workers.wake()

    def _let_go(self) -> None:
        """What was held for this instant may go out, and offers that nobody answered lapse."""
        moment = self._moment()
        with self.database.writing() as session:
            lapse_due(session, self._company(session), moment)
            outbox.release(session, moment.now, moment.real)

    def settle(self, patience: float) -> None:
        """Wait until the outbox is empty, at most so many seconds; for trials that move the clock."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            with self.database.reading() as session:
                if not outbox.unfinished(session):
                    return
            time.sleep(0.02)

    def _read_people(self) -> None:
        """Slack's people and channels, once a day; where Slack refuses, the bot goes on with what the portfolio gives."""
        real = self.clock.real()
        if self._people_due_at and real < self._people_due_at:
            return
        try:
            self.messenger.read_channels()
            entries = self.messenger.directory()
        except DeliveryFailed as failure:
            logger.warning("directory could not be read reason=%s", failure)
            self._people_due_at = real + _PEOPLE_AGAIN
            return
        with self.database.writing() as session:
            lost = find_accounts(session, entries)
            tell_managers(session, self._company(session), lost, Moment(self.clock.now(), real))
        self._people_due_at = real + _PEOPLE_EVERY

    def _read_do_not_disturb(self) -> None:
        """Ask Slack about those who are about to be written to; where it does not tell, they count as present."""
        real = self.clock.real()
        with self.database.reading() as session:
            soon = due_soon(session, self._company(session), self.clock.now())
            asked = people_store.without_fresh_dnd(session, soon, real - _DND_EVERY)
        if not asked or real < self._dnd_due_at:
            return
        try:
            windows = self.messenger.do_not_disturb(asked)
        except DeliveryFailed as failure:
            logger.warning("do-not-disturb could not be read reason=%s", failure)
            self._dnd_due_at = real + _DND_EVERY
            return
        with self.database.writing() as session:
            people_store.save_dnd(session, windows, real)

    def _company(self, session: Session) -> Company:
        return self._present_company(session)

    def _moment(self) -> Moment:
        return Moment(self.clock.now(), self.clock.real())

    def _bolt_app(self) -> App:
        identity = self._identity()
        app = App(
            client=WebClient(base_url=self.settings.api_url),  # its token comes with the authorisation
            signing_secret=self.settings.signing_secret,
            authorize=lambda **_: identity,
            process_before_response=True,  # measured: without it Bolt polls for every ack
        )
        register(app, self._desk(identity.team_id or ""))
        return app

    def _identity(self) -> AuthorizeResult:
        """Who we are, asked once: Bolt then needs no call of its own before an ack."""
        try:
            known = self.messenger.identity()
        except DeliveryFailed as failure:
            raise BotError(f"Slack did not accept SLACK_BOT_TOKEN, or could not be reached: {failure}") from failure
        return AuthorizeResult(
            enterprise_id=known.get("enterprise_id"),
            team_id=known["team_id"],
            bot_user_id=known.get("user_id"),
            bot_id=known.get("bot_id"),
            bot_token=self.settings.bot_token,
        )

    def _connect(self, app: App) -> SocketConnection | HttpConnection:
        if self.settings.app_token:
            return SocketConnection(app, self.settings.app_token, self.settings.api_url)
        return HttpConnection(app, self.settings.host, self.settings.port)

    def _desk(self, team: str) -> Desk:
        return Desk(
            database=self.database,
            messenger=self.messenger,
            words=self.documents.words,
            questions=self._questions,
            documents=self.documents,
            now=self.clock.now,
            real_now=self.clock.real,
            wake=self._workers.wake,
            team=team,
            default_channel=self.settings.leadership_channel,
        )

    def _courier(self, number: int) -> Courier:
        name = f"{socket.gethostname()}:{os.getpid()}:{number}"
        return Courier(
            self.database, self.messenger, self._composers(), self._after_delivery, name=name, now=self.clock.real
        )

    def _composers(self) -> Mapping[str, Composer]:
        """What makes each kind of outbox row into a message."""
        documents = self.documents
        return {
            "nudge": lambda s, p: ask.compose_nudge(s, self._company(s), p, self.clock.now()),
            "card": lambda s, p: ask.compose_card(s, self._company(s), p, self.clock.now()),
            "digest": lambda s, p: digest.compose_digest(s, self._company(s), p, self.clock.now()),
            "sponsor": lambda s, p: digest.compose_sponsor(s, self._company(s), p, self.clock.now()),
            "review": lambda s, p: publish.compose_review(s, self._company(s), documents, p, self._moment()),
            "preview": lambda s, p: publish.compose_preview(s, self._company(s), documents, p, self._moment()),
            "post": publish.THREAD.post,
            "post-edit": publish.THREAD.edit,
            "section": publish.THREAD.reply,
            "revision": publish.THREAD.revision,
            "file": publish.THREAD.file,
            "portfolio-review": lambda s, p: portfolio.compose_review(s, self._company(s), p, self._moment()),
            "portfolio-preview": lambda s, p: portfolio.compose_preview(s, self._company(s), p, self._moment()),
            "portfolio-post": portfolio.THREAD.post,
            "portfolio-post-edit": portfolio.THREAD.edit,
            "portfolio-project": portfolio.THREAD.reply,
            "portfolio-revision": portfolio.THREAD.revision,
            "portfolio-file": portfolio.THREAD.file,
            "notice": notices.compose_notice,
            "notice-edit": notices.compose_notice_edit,
            "reply": read.compose_reply,
        }

    def _after_delivery(self, session: Session, parcel: Parcel, state: SendState, error: str | None) -> None:
        """What follows from the outcome of a message, in the transaction that records it."""
        if parcel.kind in ("nudge", *ask.MANAGER_STEPS) and state in _NUDGE_STATES:
            ledger.mark(session, parcel.key, _NUDGE_STATES[state], error)
            if parcel.kind == "nudge":
                ask.retire_older_card(session, parcel.key, self.clock.real())
        elif parcel.kind in channel.PROJECT_KINDS:
            publish.THREAD.after_delivery(session, parcel, state, self._moment())
        elif parcel.kind in channel.PORTFOLIO_KINDS:
            portfolio.THREAD.after_delivery(session, parcel, state, self._moment())


_PEOPLE_EVERY = timedelta(days=1)
_PEOPLE_AGAIN = timedelta(minutes=5)
_DND_EVERY = timedelta(hours=1)
_NUDGE_STATES = {
    SendState.SENT: NudgeState.SENT,
    SendState.FAILED: NudgeState.FAILED,
    SendState.DROPPED: NudgeState.DROPPED,
}
