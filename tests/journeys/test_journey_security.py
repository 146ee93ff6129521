"""What must not get out: a bot's tokens and people's words stay out of its log at any level, and tokens out of its database."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from slack_bolt import BoltRequest
from world import (
    LEADERSHIP,
    OLGA,
    OPENING,
    PARTNERS,
    PATIENCE,
    World,
    accounts,
    channels,
    copied,
    filled_review,
    opened,
    slack_app,
)

from bot.clock import Clock
from bot.sandbox.server import Sandbox
from bot.slack.ids import Action, View
from bot.slack.manifest import COMMAND
from bot.store.exports import export
from bot.store.session import Database

WORDS = ("canary-note", "canary-question", "canary-command", "canary-summary")
ITEM = '["billing","2025-Q3","invoice-portal"]'
FORGED = "2025-09-19T14:00:00+0000 ERROR bot.forged all is lost"


@dataclass
class Process:
    """The bot as `quarterdeck run` starts it, with everything that it writes to its log."""

    sandbox: Sandbox
    database_url: str
    log: Path
    running: subprocess.Popen[bytes]

    def stop(self) -> str:
        self.running.terminate()
        self.running.wait(timeout=30)
        return self.log.read_text(encoding="utf-8")


@pytest.fixture
def process(template: Path, tmp_path: Path) -> Iterator[Process]:
    """The bot in a process of its own, at the most talkative level, on the day the quarter opens."""
    clock = Clock(OPENING)
    sandbox = Sandbox([*accounts(), OLGA], channels(), app=slack_app(), now=clock.now)
    sandbox.start()
    database_url = copied(template, tmp_path)
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": database_url,
        "SLACK_API_URL": sandbox.api_url,
        "SLACK_BOT_TOKEN": sandbox.workspace.app.bot_token,
        "SLACK_APP_TOKEN": sandbox.workspace.app.app_token,
        "SLACK_SIGNING_SECRET": sandbox.workspace.app.signing_secret,
        "QUARTERDECK_NOW": OPENING.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "LOG_LEVEL": "DEBUG",
    }
    log = tmp_path / "bot.log"
    with log.open("wb") as written:
        running = subprocess.Popen([sys.executable, "-m", "bot", "run"], env=environment, stderr=written)
        yield Process(sandbox, database_url, log, running)
        running.kill()
        running.wait()
    sandbox.stop()


def test_neither_log_nor_database_holds_a_token_nor_the_log_a_word(process: Process, tmp_path: Path) -> None:
    omar, petra, lena = (process.sandbox.person(f"U0{name}") for name in ("OMAR", "PETRA", "LENA"))
    card = omar.wait_for(omar.last_dm, PATIENCE)
    omar.click(card, "Update")
    note = f"canary-note\n{FORGED}\r\n{FORGED}"
    assert omar.submit(opened(omar), {"Percent complete": "25", "Note": note}) is None
    omar.command(f"{COMMAND} canary-command\n{FORGED}")
    omar.command(f"{COMMAND} network 2025-Q3 canary-command")
    omar.open_home()
    omar.wait_for(omar.home, PATIENCE)
    petra.command(f"{COMMAND} network")
    confirming = petra.submit(filled_review(petra), {"Conclusion": "canary-summary"})
    assert confirming is not None
    assert petra.submit(confirming) is None
    post = lena.wait_for(lambda: next(iter(lena.messages(LEADERSHIP)), None), PATIENCE)
    lena.click(post, "Ask a question")
    assert lena.submit(opened(lena), {"Your question": "canary-question"}) is None
    petra.wait_for(lambda: next((m for m in petra.messages() if "canary-question" in m.words), None), PATIENCE)
    log = process.stop()
    app = process.sandbox.workspace.app
    secrets = (app.bot_token, app.app_token, app.signing_secret)
    assert "DEBUG" in log and "delivery key=" in log, "else nothing was looked at"
    assert [secret for secret in secrets if secret in log] == []
    assert [word for word in WORDS if word in log] == []
    assert "bot.forged" not in log
    assert [line for line in log.splitlines() if line and not re.match(r"\d{4}-\d\d-\d\dT", line)] == []
    database = Database(process.database_url)
    export(database, tmp_path / "export")
    database.close()
    stored = "".join(file.read_text() for file in (tmp_path / "export").glob("*.jsonl"))
    assert all(word in stored for word in WORDS if word != "canary-command")
    assert [secret for secret in secrets if secret in stored] == []


def payloads(user: dict[str, str], value: str) -> Iterator[dict[str, Any]]:
    """Every kind of thing that Slack can send on behalf of a person: the command, each button, each dialog."""
    common = {"user": user, "team": {"id": user["team_id"]}, "trigger_id": "1.2.3", "api_app_id": "A1"}
    view = {
        "id": "V1", "hash": "h", "type": "modal", "callback_id": "", "private_metadata": "{}", "blocks": [],
        "state": {"values": {}}, "title": {"type": "plain_text", "text": "x"},
    }  # fmt: skip
    yield {
        "command": COMMAND, "text": "billing", "user_id": user["id"], "team_id": user["team_id"],
        "channel_id": PARTNERS, "trigger_id": "1.2.3",
    }  # fmt: skip
    for action in Action:
        selected = {"value": value, "text": {"type": "plain_text", "text": "x"}}
        pressed = {
            "type": "button", "action_id": action.value, "block_id": "b", "value": value, "action_ts": "1.0",
            "selected_option": selected,
        }  # fmt: skip
        channel = {"id": PARTNERS, "name": "partners"}
        yield {**common, "type": "block_actions", "actions": [pressed], "channel": channel, "container": {}}
        yield {**common, "type": "block_actions", "actions": [pressed], "view": view, "container": {}}
    for callback in View:
        for kind in ("view_submission", "view_closed"):
            yield {**common, "type": kind, "view": {**view, "callback_id": callback.value}}


def test_people_of_another_company_change_nothing_by_any_door(world: World, tmp_path: Path) -> None:
    """A channel may be shared with them, and so may its posts and their buttons."""
    world.publish()
    app, outsider = world.bot._bolt_app(), {"id": OLGA.id, "team_id": OLGA.team_id}
    before = stored(world, tmp_path / "before")
    doors = 0
    for value in (ITEM, '["billing","2025-Q3"]', "1", ""):
        for payload in payloads(outsider, value):
            answer = app.dispatch(BoltRequest(body=payload, mode="socket_mode"))
            assert answer.status in (200, 404), payload
            doors += 1
    assert doors == 4 * (1 + 2 * len(Action) + 2 * len(View))
    world.settle()
    assert stored(world, tmp_path / "after") == before
    world.expected |= {(call.method, call.error) for call in world.sandbox.refused}  # a trigger that is none


def stored(world: World, folder: Path) -> dict[str, bytes]:
    """Everything in the database."""
    export(world.database, folder)
    return {file.name: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
