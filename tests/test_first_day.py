"""A new administrator's first day, with the processes that they would start: from an empty folder to owners who are asked.

The stand-in for Slack is a process too, and is spoken to as its page does: over HTTP.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from dotenv import dotenv_values

from bot.cli import main
from tests.running import PATIENCE, a_portfolio, free_port, get

OPENING = "2025-09-22T15:00:00Z"
COMMAND = [sys.executable, "-m", "bot"]


def surroundings(**more: str) -> dict[str, str]:
    """The environment of somebody who has set nothing."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[1]), **more}


@contextmanager
def started(folder: Path, *words: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A command that runs until it is asked to end, which it has to do well."""
    process = subprocess.Popen(
        [*COMMAND, *words], cwd=folder, env=surroundings(**environment), stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)
    assert process.returncode == 0


def typed(folder: Path, *words: str, answers: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """A command that ends by itself."""
    return subprocess.run(
        [*COMMAND, *words],
        cwd=folder,
        env=surroundings(**environment),
        input=answers,
        capture_output=True,
        text=True,
        check=False,
    )


def act(page: str, person: str, **wish: str) -> None:
    """Do something as somebody, as the page does."""
    body = json.dumps({"as": person, **wish}).encode()
    request = urllib.request.Request(f"{page}/ui/act", body, {"Content-Type": "application/json"})  # noqa: S310 - ours
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - ours
        assert json.load(answer)["ok"] is True


def seen(page: str, path: str) -> Any:
    """What the page is told."""
    with urllib.request.urlopen(f"{page}/ui/{path}") as answer:  # noqa: S310 - ours
        return json.load(answer)


def wait_for_words(page: str, person: str, words: str) -> None:
    """Wait until somebody reads these words; of what happens in another process nobody is told."""
    deadline = time.monotonic() + PATIENCE
    while words not in str(seen(page, f"state?as={person}")["conversations"]):
        assert time.monotonic() < deadline, f"{person} never read {words!r}"
        time.sleep(0.05)


@pytest.mark.parametrize("mode", ["socket", "http"])
def test_from_an_empty_folder_over_init_and_doctor_to_owners_who_are_asked(tmp_path: Path, mode: str) -> None:
    (tmp_path / "portfolio.yaml").write_text(a_portfolio(1))
    port = free_port()
    address = ("--url", f"http://127.0.0.1:{port}") if mode == "http" else ()
    with started(tmp_path, "sandbox", "portfolio.yaml", *address) as sandbox:
        assert sandbox.stdout is not None
        page = sandbox.stdout.readline().split()[1].rstrip("/")
        api, *tokens = (sandbox.stdout.readline().strip().partition("=")[2] for _ in range(3))
        said = typed(tmp_path, "init", answers="\n".join([mode, *tokens, "leadership", "", ""]), SLACK_API_URL=api)
        assert said.returncode == 0, said.stderr
        assert dotenv_values(tmp_path / ".env")["SLACK_API_URL"] == api
        assert "in #leadership: /invite @Quarterdeck" in said.stdout
        here = {"HOST": "127.0.0.1", "PORT": str(port)}
        assert typed(tmp_path, "load", "portfolio.yaml").returncode == 0
        if mode == "socket":
            unwell = typed(tmp_path, "doctor", **here)
            assert (unwell.returncode, unwell.stderr.splitlines()[-1]) == (1, "1 to mend.")
            assert "amiss channel #leadership: invite the bot: /invite @Quarterdeck" in unwell.stdout
        people = {person["name"]: person["id"] for person in seen(page, "bootstrap")["people"]}
        [channel] = [
            c["id"] for c in seen(page, f"state?as={people['Ada']}")["conversations"] if c["kind"] == "channel"
        ]
        act(page, people["Ada"], do="command", conversation=channel, text="/invite @Quarterdeck")
        well = typed(tmp_path, "doctor", **here)
        assert well.returncode == 0, well.stdout
        with started(tmp_path, "run", QUARTERDECK_NOW=OPENING, **here):
            wait_for_words(page, people["Owner0"], "Part 0")
            assert get(port, "/readyz").status == 200
            act(page, people["Ada"], do="command", conversation=channel, text="/compile-report help")
            wait_for_words(page, people["Ada"], "/compile-report hours")


def test_a_portfolio_that_cannot_be_read_is_named_and_nothing_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("portfolio.yaml").write_text("company Example\n")
    assert main(["sandbox", "portfolio.yaml"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "portfolio.yaml:1" in said.err
