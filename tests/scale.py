"""How far the tests of faults go: a short form with every change, the long one for the night (`make faults`); and their seed."""

from __future__ import annotations

import os
from typing import TypeVar

T = TypeVar("T")

IS_LONG = os.environ.get("FAULTS") == "long"
SEED = int(os.environ.get("SEED") or 20250919)  # decides every chance that is taken; the same one replays them


def scaled(short: T, long: T) -> T:
    """One of two sizes."""
    return long if IS_LONG else short


def fuzzed(examples: int) -> int:
    """How many examples a property is tried with: so many, or many times more in `make fuzz`."""
    return examples * int(os.environ.get("FUZZ") or 1)
