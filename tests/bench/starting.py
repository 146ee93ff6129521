"""How long the program takes to start: a command, and the bot until it is ready.

python -m tests.bench.starting [TIMES]
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.running import RunningBot, a_portfolio

TIMES = 5
OWNERS = 20


def seconds(work: Callable[[], object]) -> float:
    """How long something takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def run_until_ready(bot: RunningBot) -> float:
    """How long the bot takes from its start until `/readyz` says so; it is ended then."""
    taken = seconds(lambda: bot.start().wait_until_ready())
    bot.end()
    return taken


def main(times: int) -> None:
    """Print the median of each."""
    with tempfile.TemporaryDirectory() as folder, RunningBot(Path(folder), owners=OWNERS, is_http=True) as bot:
        bot.load(a_portfolio(OWNERS))
        starts: dict[str, Callable[[], float]] = {
            "quarterdeck --help": lambda: seconds(lambda: bot.command("--help")),
            "quarterdeck tick --dry-run": lambda: seconds(lambda: bot.command("tick", "--dry-run")),
            "quarterdeck run, until ready": lambda: run_until_ready(bot),
        }
        for name, start in starts.items():
            print(f"{name:32} {statistics.median(start() for _ in range(times)):6.2f} s", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else TIMES)
