"""The present, on both clocks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Moment:
    """One instant: business time, which trials may move, and real time for leases and retries. Both aware, in UTC."""

    now: datetime
    real: datetime
