"""Metrics for Prometheus: what this process counts, and how the work stands in the database when it is asked."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from bot.flow.keep.figures import Standing
from bot.operate.metrics import Metrics
from bot.store import trouble

logger = logging.getLogger(__name__)

# Seconds, up to the three after which Slack gives an ack up.
_ACK_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0)
_ANSWERED = {True: "yes", False: "no"}
_FRESH = 30.0  # seconds for which what was read of the database is told again: coverage of 1,000 projects is work


class PrometheusMetrics(Metrics):
    """Figures with a registry of their own, so that two bots in one process do not meet."""

    def __init__(self, standing: Callable[[], Standing | None], beaten_at: Callable[[], float]) -> None:
        self._registry = CollectorRegistry()
        self._acks = Histogram(
            "quarterdeck_ack_seconds",
            "Seconds from a payload of Slack's to its acknowledgement",
            ["answered"],
            buckets=_ACK_BUCKETS,
            registry=self._registry,
        )
        for answered in _ANSWERED.values():  # told from the start: Prometheus sees no increase in what appears at five
            self._acks.labels(answered)
        self._calls = Counter(
            "quarterdeck_slack_calls", "Calls of Slack's Web API", ["method", "result"], registry=self._registry
        )
        heartbeat = Gauge(
            "quarterdeck_last_heartbeat_timestamp_seconds", "When a heartbeat last ended well", registry=self._registry
        )
        heartbeat.set_function(beaten_at)
        self._registry.register(_StandingCollector(standing))
        ProcessCollector(registry=self._registry)

    def acked(self, seconds: float, *, is_answered: bool) -> None:
        """Count one acknowledgement into the histogram."""
        self._acks.labels(_ANSWERED[is_answered]).observe(seconds)

    def called(self, method: str, result: str) -> None:
        """Count one call."""
        self._calls.labels(method, result).inc()

    def exposition(self) -> bytes:
        """All figures in Prometheus' text format."""
        return generate_latest(self._registry)


class _StandingCollector(Collector):
    """Reads how the work stands when Prometheus asks; with several replicas each tells the same."""

    def __init__(self, read: Callable[[], Standing | None]) -> None:
        self._read = read
        self._known: tuple[float, Standing | None] | None = None

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            standing = self._standing()
        except SQLAlchemyError as error:  # what this process counts is told all the same
            logger.warning("figures could not be read reason=%s", trouble.said(error))
            yield GaugeMetricFamily("quarterdeck_database_up", "Whether the database could be read", value=0)
            return
        yield GaugeMetricFamily("quarterdeck_database_up", "Whether the database could be read", value=1)
        if standing is not None:
            yield from _families(standing)

    def _standing(self) -> Standing | None:
        now = time.monotonic()
        if self._known is None or now - self._known[0] > _FRESH:
            self._known = now, self._read()
        return self._known[1]


def _families(standing: Standing) -> Iterator[GaugeMetricFamily]:
    outbox = GaugeMetricFamily("quarterdeck_outbox_messages", "Messages not sent yet, by state", labels=["state"])
    for state, count in standing.outbox.items():
        outbox.add_metric([state], count)
    yield outbox
    yield GaugeMetricFamily(
        "quarterdeck_outbox_oldest_seconds",
        "For how long the message that waits longest could have gone out",
        value=standing.oldest_wait.total_seconds(),
    )
    quarter = str(standing.quarter)
    nudges = GaugeMetricFamily(
        "quarterdeck_nudges", "Messages that ask owners, by step and outcome", labels=["quarter", "step", "outcome"]
    )
    for (step, outcome), count in standing.nudges.items():
        nudges.add_metric([quarter, step, outcome], count)
    yield nudges
    for name, value in (("due", standing.due), ("received", standing.received)):
        updates = GaugeMetricFamily(f"quarterdeck_updates_{name}", f"Milestone updates {name}", labels=["quarter"])
        updates.add_metric([quarter], value)
        yield updates
