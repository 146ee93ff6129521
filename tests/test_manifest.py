"""What the app asks Slack for is what the bot answers to: every event, command, button and dialog has a listener."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.cli import main
from bot.slack.ids import Action, View
from bot.slack.listeners import register
from bot.slack.manifest import COMMAND, EVENTS, EVENTS_PATH, manifest

ROOT = Path(__file__).parent.parent
NOTHING_TO_SUBMIT = {
    View.RISKS, View.LOADING, View.FULL_REPORT, View.MESSAGE, View.HOME, View.MANAGE, View.MILESTONES,
    View.PAST_ANSWERS, View.AUDIT_TRAIL, View.READ_UPDATES,
}  # fmt: skip


class Switchboard:
    """Takes the place of Bolt's App: notes what is listened to."""

    def __init__(self) -> None:
        self.heard: dict[str, list[str]] = {}

    def __getattr__(self, kind: str) -> Callable[..., Any]:
        def listen(to: Any) -> Callable[[Any], Any]:
            if isinstance(to, str):
                self.heard.setdefault(kind, []).append(to)
            return lambda listener: listener

        return listen

    def error(self, listener: Any) -> Any:
        """The error handler listens to nothing by name."""
        return listener


class Desk:
    """The parts of the bot that listeners hold on to; registering uses none of them."""

    def __getattr__(self, part: str) -> None:
        return None


@pytest.fixture(scope="module")
def heard() -> dict[str, list[str]]:
    """What the bot listens to by name, by kind; the catch-alls are left out."""
    switchboard = Switchboard()
    register(switchboard, Desk())  # type: ignore[arg-type]  # stand-ins that note and do nothing
    return switchboard.heard


def asked(text: str) -> dict[str, Any]:
    """A manifest as Slack reads it."""
    document = yaml.safe_load(text)
    assert isinstance(document, dict)
    return document


@pytest.mark.parametrize("action", Action)
def test_every_button_and_select_has_one_listener(heard: dict[str, list[str]], action: Action) -> None:
    assert heard["action"].count(action) == 1


@pytest.mark.parametrize("view", sorted(set(View) - NOTHING_TO_SUBMIT))
def test_every_dialog_has_one_listener(heard: dict[str, list[str]], view: View) -> None:
    assert heard["view"].count(view) == 1


def test_nothing_is_listened_to_that_is_never_shown(heard: dict[str, list[str]]) -> None:
    assert set(heard["action"]) == set(Action)
    assert set(heard["view"]) == set(View) - NOTHING_TO_SUBMIT


def test_every_event_command_and_shortcut_of_the_manifest_has_a_listener_and_no_other(
    heard: dict[str, list[str]],
) -> None:
    document = asked(manifest())
    assert set(document["settings"]["event_subscriptions"]["bot_events"]) == set(EVENTS) == set(heard["event"])
    commands = [command["command"] for command in document["features"]["slash_commands"]]
    assert commands == [COMMAND] == heard["command"]
    assert document["settings"]["interactivity"]["is_enabled"]
    shortcuts = {shortcut["type"]: shortcut["callback_id"] for shortcut in document["features"]["shortcuts"]}
    assert [shortcuts["global"]] == heard["global_shortcut"]
    assert [shortcuts["message"]] == heard["message_shortcut"]


def test_the_manifest_that_ships_is_the_one_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["manifest"]) == 0
    assert capsys.readouterr().out == (ROOT / "deploy" / "manifest.yaml").read_text(encoding="utf-8")


def test_http_mode_names_the_request_url_everywhere(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["manifest", "--mode", "http", "--url", "https://bot.example.com/"]) == 0
    document = asked(capsys.readouterr().out)
    url = f"https://bot.example.com{EVENTS_PATH}"
    settings = document["settings"]
    places = [
        settings["event_subscriptions"]["request_url"],
        settings["interactivity"]["request_url"],
        *(command["url"] for command in document["features"]["slash_commands"]),
    ]
    assert places == [url] * 3
    assert not settings["socket_mode_enabled"]


def test_the_manifest_keeps_slacks_limits() -> None:
    """Lengths as in Slack's manifest schema."""
    document = asked(manifest())
    shown = document["display_information"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    for shortcut in document["features"]["shortcuts"]:
        assert len(shortcut["name"]) <= 24
        assert len(shortcut["description"]) <= 150
    assert document["features"]["app_home"]["messages_tab_enabled"]
    assert document["settings"]["socket_mode_enabled"]
    assert not document["settings"]["token_rotation_enabled"], "it cannot be switched off again"
