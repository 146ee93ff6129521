"""What an operator may ask of a running bot over HTTP: whether it lives, whether it is ready, and its figures."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Protocol

from anyio import CapacityLimiter, to_thread
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.domain.errors import BotError
from bot.flow.deliver import Workers
from bot.operate.metrics import Metrics
from bot.operate.web import WebServer
from bot.scheduler import Heartbeat
from bot.store.session import Database
from bot.store.upgrade import HEAD, present_revision

logger = logging.getLogger(__name__)

HEALTH_PATH, READY_PATH, METRICS_PATH = "/healthz", "/readyz", "/metrics"
_NO_METRICS = 'Metrics need prometheus-client. Install it with: pip install "quarterdeck[metrics]"\n'
_TEXT_FORMAT = "text/plain; version=0.0.4"  # Prometheus' exposition formats
_LOOKS = 2  # at a time: a database that hangs must not take the threads that answer Slack


class Connection(Protocol):
    """The way to Slack, as far as its being up goes."""

    @property
    def is_up(self) -> bool:
        """Whether payloads can arrive."""


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that was looked at: whether it is well, and how it stands in a few words."""

    is_well: bool
    says: str


class Watch:
    """Looks at the parts of a bot. `connection` is set once there is one; `is_ending` while the bot finishes its work."""

    def __init__(self, database: Database, heartbeat: Heartbeat, workers: Workers, metrics: Metrics) -> None:
        self._database = database
        self._heartbeat = heartbeat
        self._workers = workers
        self._metrics = metrics
        self._server: WebServer | None = None
        self.connection: Connection | None = None
        self.is_ending = False

    def alive(self) -> dict[str, Sign]:
        """Whether this process still does its work; one that does not is to be ended and started again."""
        idle, total = self._heartbeat.idle_seconds(), len(self._workers)
        return {
            "heartbeat": Sign(self._heartbeat.is_alive(), f"{idle:.0f} s since the last beat"),
            "workers": Sign(self._workers.alive == total, f"{self._workers.alive} of {total}"),
        }

    def ready(self) -> dict[str, Sign]:
        """Whether it can take work now: the database answers, at this version's schema, and Slack can reach the bot."""
        is_up = self.connection is not None and self.connection.is_up
        return {
            "process": Sign(not self.is_ending, "ending" if self.is_ending else "running"),
            "database": self._schema(),
            "slack": Sign(is_up, "connected" if is_up else "not connected"),
        }

    def routes(self) -> list[Route]:
        """The three addresses to ask at."""
        limiter = CapacityLimiter(_LOOKS)

        async def health(_: Request) -> Response:
            return _answer(self.alive())

        async def readiness(_: Request) -> Response:
            return _answer(await to_thread.run_sync(self.ready, limiter=limiter))

        async def metrics(_: Request) -> Response:
            text = await to_thread.run_sync(self._metrics.exposition, limiter=limiter)
            if text is None:
                return PlainTextResponse(_NO_METRICS, status_code=404)
            return Response(text, media_type=_TEXT_FORMAT)

        return [Route(HEALTH_PATH, health), Route(READY_PATH, readiness), Route(METRICS_PATH, metrics)]

    def serve(self, host: str, port: int) -> None:
        """Answer on an address of its own, for a bot that needs none for Slack; where it is taken, the bot goes on without."""
        server = WebServer(self.routes(), host, port)
        try:
            server.start()
        except BotError as error:
            logger.warning("health and metrics are not served: %s", error)
            return
        self._server = server

    def stop(self) -> None:
        """Answer no more."""
        if self._server is not None:
            self._server.stop()

    def _schema(self) -> Sign:
        try:
            revision = present_revision(self._database)
        except SQLAlchemyError as error:
            return Sign(is_well=False, says=type(error).__name__)
        return Sign(revision == HEAD, f"schema {revision or 'none'}")


def _answer(signs: dict[str, Sign]) -> Response:
    """200 where all is well, else 503; each sign with its words."""
    is_well = all(sign.is_well for sign in signs.values())
    told = {name: {"ok": sign.is_well, "says": sign.says} for name, sign in signs.items()}
    return JSONResponse({"ok": is_well, **told}, status_code=200 if is_well else 503)
