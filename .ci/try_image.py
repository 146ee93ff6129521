"""Carries out deploy/Dockerfile where no image can be built: its steps in a plain folder, and then the bot as the image runs it.

The user is the image's own, the code cannot be written to, and only the data folder can. The bot loads a portfolio, runs against
the stand-in for Slack, passes the image's health check, and ends when it is asked to. Needs root, and a Python that every
user may run: the system's own.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
DOCKERFILE = re.sub(r"\\\n\s*", "", (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8"))
_, BUILD, IMAGE = DOCKERFILE.split("\nFROM ")
PYTHON = "/usr/bin/python3"
PATIENCE = 60  # seconds for the bot to be well
PORTFOLIO = """\
company: Example
timezone: UTC
projects:
  - {key: p, name: P, manager: pm@example.com, milestones: [{key: m, name: M, owner: o@example.com}]}
"""


def build(folder: Path) -> None:
    """The first stage: COPY and RUN, with the image's paths below a folder."""
    source = folder / "src"
    source.mkdir()
    for line in BUILD.splitlines():
        word, _, rest = line.partition(" ")
        if word == "COPY":
            copy(rest.split(), source)
        elif word == "RUN":
            command = rest.replace("/opt/", f"{folder}/opt/").replace("python -m venv", f"{PYTHON} -m venv")
            quietly = {**os.environ, "PIP_QUIET": "2"}
            subprocess.run(command, shell=True, cwd=source, env=quietly, check=True)  # noqa: S602 - our own Dockerfile


def copy(names: list[str], source: Path) -> None:
    """COPY: a folder's content, or files into a folder."""
    *these, where = names
    for name in these:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / where, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            (source / where).mkdir(exist_ok=True)
            shutil.copy(ROOT / name, source / where)


def environment(folder: Path) -> dict[str, str]:
    """The image's ENV, with its paths below a folder."""
    [line] = re.findall(r"^ENV (.*)$", IMAGE, re.MULTILINE)
    given = dict(word.split("=", 1) for word in line.split())
    given["PATH"] = f"{folder}/opt/quarterdeck/bin:/usr/bin:/bin"
    given["HOME"] = str(folder / "data")
    given["DATABASE_URL"] = f"sqlite:///{folder}/data/quarterdeck.db"
    return given | {"HOST": "127.0.0.1", "PORT": "31337", "TMPDIR": str(folder / "data")}


def run(folder: Path) -> None:
    """The second stage: the ENTRYPOINT as the USER, in the data folder, beside a stand-in for Slack."""
    user = int(re.findall(r"^USER (\d+)", IMAGE, re.MULTILINE)[0])
    data = folder / "data"
    data.mkdir()
    (data / "portfolio.yaml").write_text(PORTFOLIO, encoding="utf-8")
    for path in (data, data / "portfolio.yaml"):
        os.chown(path, user, user)
    as_user = {"cwd": data, "user": user, "group": user, "extra_groups": ()}
    program = f"{folder}/opt/quarterdeck/bin/quarterdeck"
    given = environment(folder)
    with started(
        [program, "sandbox", "portfolio.yaml"], env=given, stdout=subprocess.PIPE, text=True, **as_user
    ) as sandbox:
        _, *settings = (sandbox.stdout.readline().strip() for _ in range(4))  # the first says where its page is
        given |= dict(setting.split("=", 1) for setting in settings)
        subprocess.run([program, "load", "portfolio.yaml"], env=given, check=True, **as_user)  # noqa: S603 - built here
        with started([program, "run"], env=given, **as_user):
            wait_until_well(given)


@contextmanager
def started(command: list[str], **options: Any) -> Iterator[Any]:
    """A process that runs for a while, and has to end well when it is asked to."""
    process = subprocess.Popen(command, **options)  # noqa: S603 - what was built here
    try:
        yield process
    finally:
        process.terminate()
        status = process.wait(PATIENCE)
    require(status == 0, f"{command[1]} ended with {status}")


def wait_until_well(given: dict[str, str]) -> None:
    """Ask the HEALTHCHECK until it passes."""
    [line] = re.findall(r"^HEALTHCHECK .*?CMD (\[.*\])$", IMAGE, re.MULTILINE)
    deadline = time.monotonic() + PATIENCE
    while subprocess.run(json.loads(line), env=given, capture_output=True, check=False).returncode:  # noqa: S603 - ours
        require(time.monotonic() < deadline, "the health check never passed")
        time.sleep(0.2)


def require(is_so: bool, otherwise: str) -> None:  # noqa: FBT001 - as assert
    """End with a sentence where something is not so."""
    if not is_so:
        sys.exit(otherwise)


def main() -> None:
    """Build and run in a folder that goes with it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        build(folder)
        built = sorted((folder / "opt").rglob("*"))
        run(folder)
        require(sorted((folder / "opt").rglob("*")) == built, "the code's folder was written to")


if __name__ == "__main__":
    main()
