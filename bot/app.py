"""The one place that knows everybody: builds the bot from its settings and connects its parts. Starts nothing."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.domain.errors import BotError, DeliveryFailed, NoPortfolio
from bot.domain.ladder import AWAY
from bot.flow.apart import one_by_one
from bot.flow.ask import ask, digest, notices, stand_ins
from bot.flow.ask.handover import lapse_due
from bot.flow.collect import drafts, trackers
from bot.flow.collect.trackers import TrackerRounds
from bot.flow.company import Company, CurrentCompany
from bot.flow.deliver import Composer, Courier, Workers
from bot.flow.home import home
from bot.flow.keep.figures import Standing, standing
from bot.flow.keep.weekly import WeeklyDigest, compose_weekly
from bot.flow.kinds import OF_PORTFOLIO, OF_PROJECT
from bot.flow.moment import Moment
from bot.flow.publish import live, portfolio, publish, read
from bot.flow.schedule import deputies
from bot.flow.schedule.campaign import ProgressLog
from bot.flow.schedule.schedule import ask_others, tick
from bot.flow.schedule.whereabouts import Whereabouts
from bot.flow.setup import plan_file
from bot.intake.plan import PlanReader
from bot.operate.available import new_metrics
from bot.operate.watch import Watch
from bot.operate.web import WebServer
from bot.scheduler import Heartbeat
from bot.settings import Settings
from bot.slack.desk import Desk
from bot.slack.http import slack_route
from bot.slack.limits import Limiter
from bot.slack.listeners import register
from bot.slack.messenger import SlackMessenger
from bot.slack.socket_mode import SocketConnection
from bot.store import ledger, outbox
from bot.store.ledger import NudgeState
from bot.store.outbox import Parcel, SendState
from bot.store.upgrade import open_ready
from bot.surfaces import ReportDocuments
from bot.trackers.connect import connect

logger = logging.getLogger(__name__)

# Seconds after which a computing thread lets others go on. Python's 5 ms make a listener that comes back from the database wait
# behind each of them: at 150 updates a second on two busy cores the median ack took 52 ms and more, so 6 ms.
_TURN = 0.0005
Ending = Callable[[Session, Company, Moment], object]
COURIERS = 3  # so that one slow call to Slack does not hold up everybody's messages
_FINISHING = 8.0  # seconds for workers and the heartbeat; acks and the connection have their own after that: 15 in all
_NUDGE_STATES = {
    SendState.SENT: NudgeState.SENT,
    SendState.FAILED: NudgeState.FAILED,
    SendState.DROPPED: NudgeState.DROPPED,
}


class Bot:
    """The bot as `run` and the demo start it. Building it reads words and opens the database; `start` connects it."""

    def __init__(self, settings: Settings, clock: Clock | None = None, limiter: Limiter | None = None) -> None:
        self.settings = settings
        self.clock = clock or Clock(settings.moved_to)
        self.documents = ReportDocuments(settings)
        self._plans = PlanReader(self.documents.layouts)
        self.database = open_ready(settings.database_url)
        self._heartbeat = Heartbeat(self.beat)
        self._metrics = new_metrics(self._standing, lambda: self._heartbeat.beaten_at)
        self.messenger = SlackMessenger(
            settings.bot_token or "",
            settings.api_url,
            self.documents.words,
            self.documents.questions,
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
        self._tracker_rounds: TrackerRounds | None = None  # the same: a trial asks nobody outside
        self._whereabouts = Whereabouts(self.database, self.messenger)
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
        """Finish what is under way, take nothing more, and let go of everything; what takes longer is left as it is.

        Nothing is lost by that: a message in hand is looked for at the next start, a beat is taken again.
        """
        self._watch.is_ending = True
        deadline = time.monotonic() + _FINISHING
        self._workers.stop(deadline)
        self._heartbeat.stop(deadline)
        self._connection.stop()  # last: who presses a button meanwhile is answered, and a later start sends what follows
        self._watch.stop()
        self.database.close()

    def run(self) -> None:
        """Run until the process is asked to end. Raises BotError where Slack is out of reach for minutes."""
        sys.setswitchinterval(_TURN)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self._ended.set())
        self._weekly, self._tracker_rounds = WeeklyDigest(), TrackerRounds()
        self.start()
        if self.settings.is_socket_mode:  # over HTTP the server for Slack tells it too
            self._watch.serve(self.settings.host, self.settings.port)
        self._ended.wait()
        logger.info("ending")
        self.stop()
        logger.info("ended")
        if self._is_lost:
            raise BotError("Slack was silent for minutes and connecting anew did not help. Start again.")

    def _lose(self) -> None:
        logger.error("slack is lost")
        self._is_lost = True
        self._ended.set()

    def beat(self) -> bool:
        """One heartbeat: Slack's channels and people once a day, then whatever has come due. Whether no step of it broke."""
        with self._beating:
            is_well = self._take({"channels": self._read_channels, "people": self._read_people})
            if self._has_company():
                is_well &= self._take({
                    "do-not-disturb": self._read_do_not_disturb,
                    "tick": self._tick,
                    **{name: partial(self._let_go, what) for name, what in self._what_ends().items()},
                    "progress": self._write_progress,
                })  # fmt: skip
        self._workers.wake()
        return is_well

    def _take(self, steps: Mapping[str, Callable[[], object]]) -> bool:
        """Take the steps of a beat; one that breaks keeps no other from being taken. Whether none did."""
        taken = one_by_one(steps.items(), lambda step: step(), doing="heartbeat")
        return sum(1 for _ in taken) == len(steps)

    def _read_channels(self) -> None:
        self._whereabouts.read_channels(self.clock.real())

    def _read_people(self) -> None:
        self._whereabouts.read_people(self._company_if_any, self._moment())

    def _read_do_not_disturb(self) -> None:
        self._whereabouts.read_do_not_disturb(self._company, self._moment())

    def _tick(self) -> None:
        tick(self.database, self._company, self.clock.now(), self.clock.real())

    def _write_progress(self) -> None:
        self._progress.write(self.database, self.clock.real())

    def _what_ends(self) -> Mapping[str, Ending]:
        """What comes to an end with time: offers that nobody answered, old drafts, and that something is held back."""
        queues = {"weekly": self._weekly, "trackers": self._tracker_rounds}
        return {
            "handovers": lapse_due,
            "stand-ins": stand_ins.end_due,
            "deputies": deputies.end_over,
            "drafts": drafts.close_old,
            **{name: found.queue for name, found in queues.items() if found},
            "held": lambda session, _, moment: outbox.release(session, moment.now, moment.real),
        }

    def _let_go(self, end: Ending) -> None:
        with self.database.writing() as session:
            end(session, self._company(session), self._moment())

    def settle(self, patience: float) -> None:
        """Wait until the outbox is empty, at most so many seconds; for trials that move the clock."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            with self.database.reading() as session:
                if not outbox.unfinished(session):
                    return
            time.sleep(0.02)

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

    def _beaten_at(self) -> datetime:
        return datetime.fromtimestamp(self._heartbeat.beaten_at, UTC)

    def _moment(self) -> Moment:
        return Moment(self.clock.now(), self.clock.real())

    def _bolt_app(self) -> App:
        identity = self._identity()
        with _hidden_from_bolt():
            app = App(
                name="quarterdeck",  # else Bolt reads the source files of the whole stack for one (35 ms)
                client=WebClient(base_url=self.settings.api_url),  # its token comes with the authorisation
                signing_secret=self.settings.signing_secret,
                request_verification_enabled=False,  # `slack_route` has looked before Bolt reads anything
                logger=logging.getLogger("slack_bolt"),  # else Bolt logs at the root's level: at INFO people's words
                authorize=lambda **_: identity,
                process_before_response=True,  # measured: without it Bolt polls for every ack
                raise_error_for_unhandled_request=True,  # else Bolt leaves it without an ack
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
        routes = [slack_route(app, self.settings.signing_secret or "", self._metrics.acked), *self._watch.routes()]
        return WebServer(routes, self.settings.host, self.settings.port)

    def _standing(self) -> Standing | None:
        """How the work stands; None before a portfolio is loaded."""
        with self.database.reading() as session:
            company = self._company_if_any(session)
            return standing(session, company, self._moment()) if company else None

    def _connect_trackers(self, locale: str) -> trackers.Trackers:
        return connect(self.settings.trackers, locale, Path.cwd())

    def _desk(self, team: str) -> Desk:
        return Desk(
            database=self.database,
            messenger=self.messenger,
            words=self.documents.words,
            questions=self.documents.questions,
            documents=self.documents,
            plans=self._plans,
            now=self.clock.now,
            real_now=self.clock.real,
            beaten_at=self._beaten_at,
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
        return {
            **self._composers_for_owners(),
            **self._composers_of_reports(),
            **self._composers_of_portfolio(),
            **self._composers_of_plan_files(),
            "weekly": lambda s, p: compose_weekly(s, self._company(s), p, self._moment()),
            "home": lambda s, p: home.compose_home(
                s, self._company(s), p, self._moment(), self.messenger.show_home, beaten_at=self._beaten_at()
            ),
            "notice": lambda s, p: notices.compose_notice(s, self._company_if_any(s), p, self.clock.now()),
            "notice-edit": notices.compose_notice_edit,
            "reply": read.compose_reply,
            trackers.KIND: lambda s, p: trackers.compose_round(
                s, self._company(s), self.database, self._connect_trackers, p, self._moment()
            ),
        }

    def _composers_for_owners(self) -> Mapping[str, Composer]:
        """What asks owners, and tells managers and sponsors who has not answered."""
        return {
            "nudge": lambda s, p: ask.compose_nudge(s, self._company(s), p, self.clock.now()),
            "card": lambda s, p: ask.compose_card(s, self._company(s), p, self.clock.now()),
            "digest": lambda s, p: digest.compose_digest(s, self._company(s), p, self.clock.now()),
            "digest-edit": lambda s, p: digest.compose_digest_edit(s, self._company(s), p, self.clock.now()),
            "sponsor": lambda s, p: digest.compose_sponsor(s, self._company(s), p, self.clock.now()),
        }

    def _composers_of_reports(self) -> Mapping[str, Composer]:
        documents = self.documents
        return {
            "review": lambda s, p: publish.compose_review(s, self._company(s), documents, p, self._moment()),
            "preview": lambda s, p: publish.compose_preview(s, self._company(s), documents, p, self._moment()),
            "preview-files": lambda s, p: publish.compose_preview_files(
                s, self._company(s), documents, p, self._moment()
            ),
            "post": publish.THREAD.post,
            "post-edit": publish.THREAD.edit,
            "post-refresh": live.compose_refresh,
            "decision": lambda s, p: live.compose_decision(s, self._company(s), p),
            "decision-edit": lambda s, p: live.compose_decision_edit(s, self._company(s), p),
            "section": lambda s, p: publish.compose_section(s, documents, p),
            "revision": publish.THREAD.revision,
            "files": lambda s, p: publish.THREAD.make_files(s, p, self.database, documents),
            "file": lambda s, p: publish.THREAD.file(s, p, documents),
        }

    def _composers_of_portfolio(self) -> Mapping[str, Composer]:
        documents = self.documents.portfolio
        return {
            "portfolio-review": lambda s, p: portfolio.compose_review(s, self._company(s), p, self._moment()),
            "portfolio-preview": lambda s, p: portfolio.compose_preview(s, self._company(s), p, self._moment()),
            "portfolio-preview-files": lambda s, p: portfolio.compose_preview_files(
                s, self._company(s), documents, p, self._moment()
            ),
            "portfolio-post": portfolio.THREAD.post,
            "portfolio-post-edit": portfolio.THREAD.edit,
            "portfolio-project": portfolio.THREAD.reply,
            "portfolio-revision": portfolio.THREAD.revision,
            "portfolio-files": lambda s, p: portfolio.THREAD.make_files(s, p, self.database, documents),
            "portfolio-file": lambda s, p: portfolio.THREAD.file(s, p, documents),
        }

    def _composers_of_plan_files(self) -> Mapping[str, Composer]:
        return {
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
                ask_others(session, self._company(session), nudge, self._moment())
            if nudge and parcel.kind == "nudge" and state is SendState.SENT:
                ask.retire_older_card(session, nudge, self.clock.real())
        elif parcel.kind in OF_PROJECT:
            publish.THREAD.after_delivery(session, parcel, state, error, self._moment())
        elif parcel.kind in OF_PORTFOLIO:
            portfolio.THREAD.after_delivery(session, parcel, state, error, self._moment())


@contextmanager
def _hidden_from_bolt() -> Iterator[None]:
    """Keep the environment's words on Slack from Bolt, which would take them beside what it is given, and warn of that."""
    hidden = {name: os.environ.pop(name) for name in [*os.environ] if name.startswith("SLACK_")}
    try:
        yield
    finally:
        os.environ.update(hidden)
