"""The metrics that this installation can keep."""

from __future__ import annotations

from collections.abc import Callable

from bot.flow.keep.figures import Standing
from bot.operate.metrics import Metrics


def new_metrics(standing: Callable[[], Standing | None], beaten_at: Callable[[], float]) -> Metrics:
    """Metrics of this process: Prometheus' where its client is installed, else some that count nothing.

    `standing` reads how the work stands (None before a portfolio is loaded), `beaten_at` when a heartbeat last ended well
    (UNIX seconds).
    """
    try:
        from bot.operate.prometheus import PrometheusMetrics
    except ModuleNotFoundError:
        return Metrics()
    return PrometheusMetrics(standing, beaten_at)
