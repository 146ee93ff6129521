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
from functools import partial
from pathlib import Path

from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.documents.changes import change_lines
from bot.documents.checks import check_lines
from bot.documents.files import CHARTS, PORTFOLIO_CHARTS, chart_picture, charts, csv_file, docx_file, pdf_file
from bot.documents.json_report import to_json
from bot.documents.layouts import layout_names
from bot.documents.markdown import render_markdown
from bot.documents.narrative import draft
from bot.documents.portfolio import portfolio_changes, portfolio_news, render_portfolio
from bot.documents.portfolio_json import portfolio_json
from bot.domain.errors import BotError, DeliveryFailed, NoPortfolio
from bot.domain.ladder import AWAY
from bot.domain.portfolio_report import ALL, PortfolioReport
from bot.domain.report import Narrative, QuarterlyReport
from bot.flow import ask, channel, digest, drafts, notices, plan_file, portfolio, publish, read
from bot.flow.campaign import ProgressLog
from bot.flow.company import Company, CurrentCompany
from bot.flow.deliver import Composer, Courier, Workers
from bot.flow.figures import Standing, standing
from bot.flow.handover import lapse_due
from bot.flow.messages import Message, PortfolioPost, ReportFile, ReportPost
from bot.flow.moment import Moment
from bot.flow.people import find_accounts, tell_managers
from bot.flow.schedule import due_soon, tell_managers_of, tick
from bot.flow.weekly import WeeklyDigest, compose_weekly
from bot.intake.plan import PlanReader
from bot.operate.metrics import new_metrics
from bot.operate.watch import Watch
from bot.operate.web import WebServer
from bot.scheduler import Heartbeat
from bot.settings import Settings
from bot.slack import messages, sections
from bot.slack.desk import Desk
from bot.slack.forms.questions import read_questions
from bot.slack.http import slack_route
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
        self._prompts = prompt_folders(settings)
        self._templates = template_folders(settings)
        self.words = Words(self._prompts, self._templates)
        self.portfolio = PortfolioDocuments(self._templates, self.words)

    def draft(self, report: QuarterlyReport) -> Narrative:
        """The executive summary and the conclusion, drafted from the facts."""
        return draft(report, self._templates)

    def check_lines(
        self, check: str, evidence: Sequence[dict[str, object]], report: QuarterlyReport
    ) -> tuple[str, tuple[str, ...]]:
        """A check's sentence and the lines of its evidence."""
        return check_lines(check, evidence, report, self._prompts)

    def markdown(self, report: QuarterlyReport) -> str:
        """The report in its layout."""
        return render_markdown(report, self._templates)

    def json(self, report: QuarterlyReport) -> str:
        """The report as data."""
        return to_json(report)

    def pdf(self, report: QuarterlyReport) -> bytes:
        """The report as PDF."""
        return pdf_file(report, self._templates)

    def docx(self, report: QuarterlyReport) -> bytes:
        """The report as a Word document."""
        return docx_file(report, self._templates)

    def csv(self, report: QuarterlyReport) -> bytes:
        """The report's milestones and risks as rows."""
        return csv_file(report)

    @property
    def chart_names(self) -> tuple[str, ...]:
        """The names of all charts that a report may have."""
        return tuple(map(_picture_name, CHARTS))

    def charts(self, report: QuarterlyReport) -> tuple[ReportFile, ...]:
        """The charts that the report has, as pictures."""
        return _chart_files(report, self._templates)

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

    def pdf(self, report: PortfolioReport) -> bytes:
        """The report as PDF."""
        return pdf_file(report, self._templates)

    def docx(self, report: PortfolioReport) -> bytes:
        """The report as a Word document."""
        return docx_file(report, self._templates)

    def csv(self, report: PortfolioReport) -> bytes:
        """The report's projects and risks as rows."""
        return csv_file(report)

    @property
    def chart_names(self) -> tuple[str, ...]:
        """The names of all charts that a report may have."""
        return tuple(map(_picture_name, PORTFOLIO_CHARTS))

    def charts(self, report: PortfolioReport) -> tuple[ReportFile, ...]:
        """The charts that the report has, as pictures."""
        return _chart_files(report, self._templates)

    def slack(self, report: PortfolioReport) -> str:
        """The post as Slack takes it: text and blocks, in JSON."""
        return _as_json(PortfolioPost(f"post:{ALL}:{report.quarter}", report), self._words)

    def changes(self, before: PortfolioReport | None, after: PortfolioReport) -> tuple[str, ...]:
        """What changed from one report to another, a line each."""
        return portfolio_changes(before, after, self._templates)

    def news(self, report: PortfolioReport, since: datetime) -> tuple[str, ...]:
        """What was published since an instant, a line each."""
        return portfolio_news(report, since, self._templates)


def _chart_files(report: QuarterlyReport | PortfolioReport, templates: Sequence[Path]) -> tuple[ReportFile, ...]:
    return tuple(
        ReportFile(_picture_name(chart.name), chart.title, partial(chart_picture, chart, templates), chart.alt)
        for chart in charts(report, templates)
    )


def _picture_name(chart: str) -> str:
    return f"{chart}.png"


def _as_json(message: Message, words: Words) -> str:
    rendered = messages.render(message, words)
    return json.dumps({"text": rendered.text, "blocks": rendered.blocks}, ensure_ascii=False, indent=2) + "\n"


class Bot:
    """The bot as `run` and the demo start it. Building it reads words and opens the database; `start` connects it."""

    def __init__(self, settings: Settings, clock: Clock | None = None, limiter: Limiter | None = None) -> None:
        self.settings = settings
        self.clock = clock or Clock(settings.moved_to)
        self.documents = ReportDocuments(settings)
        self._plans = PlanReader()
        self._questions = read_questions(*self.documents.words.source("questions.yaml"))
        self.database = open_database(settings)
        self._heartbeat = Heartbeat(self.beat)
        self._metrics = new_metrics(self._standing, lambda: self._heartbeat.ended_at)
        self.messenger = SlackMessenger(
            settings.bot_token or "",
            settings.api_url,
            self.documents.words,
            self._questions,
            limiter,
            self._metrics.called,
        )
        self._in_hand: set[int] = set()
        self._workers = Workers([self._courier(number) for number in range(COURIERS)])
        self._watch = Watch(self.database, self._heartbeat, self._workers, self._metrics)
        self._ended = threading.Event()
        self._is_lost = False
        self._present_company = CurrentCompany(settings.leadership_channel)
        self._progress = ProgressLog()
        self._weekly: WeeklyDigest | None = None  # of `run` only: a trial has nobody who keeps it running
        self._people_due_at: datetime | None = None
        self._dnd_due_at = self.clock.real()
        self._beating = threading.Lock()

    def start(self) -> None:
        """Connect to Slack, and begin to send and to listen.

        Raises BotError where Slack does not accept the tokens or cannot be reached. Without a portfolio the bot waits for
        one: Home says how to load it.
        """
        if not self._has_company():
            logger.warning("no portfolio is loaded yet; drop one into the bot's messages, or: quarterdeck load FILE")
        self._connection = self._watch.connection = self._connect(self._bolt_app())
        self._connection.start()
        self._workers.start()
        self._heartbeat.start()
        logger.info("running mode=%s", "socket" if self.settings.is_socket_mode else "http")

    def stop(self) -> None:
        """Finish what is under way, take nothing more, and let go of everything."""
        self._watch.is_ending = True
        self._workers.stop()
        self._heartbeat.stop()
        self._connection.stop()  # last: who presses a button meanwhile is answered, and a later start sends what follows
        self._watch.stop()
        self.database.close()

    def run(self) -> None:
        """Run until the process is asked to end. Raises BotError where Slack is out of reach for minutes."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self._ended.set())
        self._weekly = WeeklyDigest()
        self.start()
        if self.settings.is_socket_mode:  # over HTTP the server for Slack tells it too
            self._watch.serve(self.settings.host, self.settings.port)
        self._ended.wait()
        self.stop()
        if self._is_lost:
            raise BotError("Slack was silent for minutes and connecting anew did not help. Start again.")

    def _lose(self) -> None:
        logger.error("slack is lost, ending")
        self._is_lost = True
        self._ended.set()

    def beat(self) -> None:
        """One heartbeat: Slack's people once a day, then whatever has come due."""
        with self._beating:
            self._read_people()
            if self._has_company():
                self._do_what_is_due()
        self._workers.wake()

    def _do_what_is_due(self) -> None:
        self._read_do_not_disturb()
        tick(self.database, self._company, self.clock.now(), self.clock.real())
        self._let_go()
        self._progress.write(self.database, self.clock.real())

    def _let_go(self) -> None:
        """What was held for this instant may go out, offers that nobody answered lapse, and old drafts are closed."""
        moment = self._moment()
        with self.database.writing() as session:
            company = self._company(session)
            lapse_due(session, company, moment)
            drafts.close_old(session, company, moment)
            if self._weekly:
                self._weekly.queue(session, company, moment)
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
            if company := self._company_if_any(session):
                tell_managers(session, company, lost, Moment(self.clock.now(), real))
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

    def _company_if_any(self, session: Session) -> Company | None:
        try:
            return self._company(session)
        except NoPortfolio:
            return None

    def _has_company(self) -> bool:
        with self.database.reading() as session:
            return self._company_if_any(session) is not None

    def _moment(self) -> Moment:
        return Moment(self.clock.now(), self.clock.real())

    def _bolt_app(self) -> App:
        identity = self._identity()
        app = App(
            client=WebClient(base_url=self.settings.api_url),  # its token comes with the authorisation
            signing_secret=self.settings.signing_secret,
            logger=logging.getLogger("slack_bolt"),  # else Bolt logs at the root's level, and at INFO what people wrote
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

    def _connect(self, app: App) -> SocketConnection | WebServer:
        if self.settings.app_token:
            return SocketConnection(
                app,
                self.settings.app_token,
                self.settings.api_url,
                on_ack=self._metrics.acked,
                on_lost=self._lose,
            )
        routes = [slack_route(app, self._metrics.acked), *self._watch.routes()]
        return WebServer(routes, self.settings.host, self.settings.port)

    def _standing(self) -> Standing | None:
        """How the work stands; None before a portfolio is loaded."""
        with self.database.reading() as session:
            company = self._company_if_any(session)
            return standing(session, company, self._moment()) if company else None

    def _desk(self, team: str) -> Desk:
        return Desk(
            database=self.database,
            messenger=self.messenger,
            words=self.documents.words,
            questions=self._questions,
            documents=self.documents,
            plans=self._plans,
            now=self.clock.now,
            real_now=self.clock.real,
            wake=self._workers.wake,
            company=self._company,
            team=team,
        )

    def _courier(self, number: int) -> Courier:
        name = f"{socket.gethostname()}:{os.getpid()}:{number}"
        return Courier(
            self.database,
            self.messenger,
            self._composers(),
            self._after_delivery,
            name=name,
            now=self.clock.real,
            in_hand=self._in_hand,
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
            "preview-files": lambda s, p: publish.compose_preview_files(
                s, self._company(s), documents, p, self._moment()
            ),
            "post": publish.THREAD.post,
            "post-edit": publish.THREAD.edit,
            "section": publish.THREAD.reply,
            "revision": publish.THREAD.revision,
            "files": lambda s, p: publish.THREAD.make_files(s, p, self.database, documents),
            "file": lambda s, p: publish.THREAD.file(s, p, documents),
            "portfolio-review": lambda s, p: portfolio.compose_review(s, self._company(s), p, self._moment()),
            "portfolio-preview": lambda s, p: portfolio.compose_preview(s, self._company(s), p, self._moment()),
            "portfolio-preview-files": lambda s, p: portfolio.compose_preview_files(
                s, self._company(s), documents.portfolio, p, self._moment()
            ),
            "portfolio-post": portfolio.THREAD.post,
            "portfolio-post-edit": portfolio.THREAD.edit,
            "portfolio-project": portfolio.THREAD.reply,
            "portfolio-revision": portfolio.THREAD.revision,
            "portfolio-files": lambda s, p: portfolio.THREAD.make_files(s, p, self.database, documents.portfolio),
            "portfolio-file": lambda s, p: portfolio.THREAD.file(s, p, documents.portfolio),
            "weekly": lambda s, p: compose_weekly(s, self._company(s), p, self._moment()),
            "notice": notices.compose_notice,
            "notice-edit": notices.compose_notice_edit,
            "reply": read.compose_reply,
            "dropped-file": lambda _, p: plan_file.fetch(
                p, self.database, self.messenger, self._plans, self.clock.real()
            ),
            "plan-load": lambda _, p: plan_file.load(
                p, self.database, self._company_if_any, self._plans, self._moment()
            ),
            "plan-file": lambda s, p: plan_file.compose(s, self._company_if_any(s), self._plans, p),
        }

    def _after_delivery(self, session: Session, parcel: Parcel, state: SendState, error: str | None) -> None:
        """What follows from the outcome of a message, in the transaction that records it."""
        if parcel.kind in ("nudge", *ask.MANAGER_STEPS) and state in _NUDGE_STATES:
            nudge = ledger.mark(session, parcel.key, _NUDGE_STATES[state], error, at=self.clock.now())
            if nudge and error == AWAY:
                tell_managers_of(session, self._company(session), nudge, self._moment())
            if nudge and parcel.kind == "nudge" and state is SendState.SENT:
                ask.retire_older_card(session, nudge, self.clock.real())
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
