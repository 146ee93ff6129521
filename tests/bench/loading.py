"""How long the company takes to read: what the first click waits for after any change of it.

python -m tests.bench.loading [PROJECTS ...]
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from bot.flow.company import Company
from bot.store.upgrade import open_ready
from tests.bench.company import build_company

SIZES = (10, 100, 1_000)
_TIMES = 5


def measure(projects: int) -> float:
    """The median of the processor seconds of a few readings of a company."""
    with tempfile.TemporaryDirectory() as folder:
        database = open_ready(f"sqlite:///{Path(folder) / 'company.db'}")
        with database.writing() as session:
            build_company(session, range(projects), with_answers=False)
        times = []
        for _ in range(_TIMES):
            begins = time.process_time()
            with database.reading() as session:
                Company.load(session)
            times.append(time.process_time() - begins)
        database.close()
    return statistics.median(times)


def main(sizes: list[int]) -> None:
    """Print a line for each size."""
    for projects in sizes:
        print(f"{projects:>6} projects {measure(projects) * 1000:>8.1f} ms", flush=True)


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or list(SIZES))
