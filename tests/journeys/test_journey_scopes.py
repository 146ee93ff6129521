"""The manifest asks for the least: with its scopes nothing is refused, and without any one of them something is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from world import LEADERSHIP, World, accounts, channels, slack_app

from bot.domain.errors import DeliveryFailed
from bot.flow.messages import Document, Notice
from bot.sandbox.server import Sandbox
from bot.slack.manifest import SCOPES
from bot.slack.messenger import SlackMessenger

# Without "commands" there is nothing to type, without "users:read.email" accounts come without an address.
NOT_BY_A_METHOD = {"commands", "users:read.email"}
OMAR = "U0OMAR"


@contextmanager
def messenger_with(scopes: set[str], database: Path) -> Iterator[tuple[SlackMessenger, World]]:
    """The bot's messenger in a workspace where the app was granted these scopes."""
    with Sandbox(accounts(), channels(), app=slack_app(sorted(scopes))) as sandbox:
        world = World(f"sqlite:///{database}", database.parent, sandbox=sandbox)
        yield world.bot.messenger, world
        world.database.close()


def calls_of(messenger: SlackMessenger, world: World) -> list[Callable[[], object]]:
    """Every kind of call that asks for a scope."""
    values = {"project": "P", "quarter": "Q3 2025", "channel": "#leadership", "what": "post"}
    notice = Notice("trial", "post-refused", values)

    def post_with_a_file() -> None:
        messenger.upload(messenger.post(LEADERSHIP, notice), [Document("a.md", "A", b"a")])

    def read_a_dropped_file() -> None:
        omar = world.person("omar")
        omar.upload("plan.csv", b"a")
        dropped = omar.messages()[-1].files[0]["id"]
        assert messenger.content(messenger.shared_file(dropped), most=1) == b"a"

    return [
        messenger.read_channels,
        messenger.directory,
        lambda: messenger.find_own_message(OMAR, "trial"),
        lambda: messenger.do_not_disturb([OMAR]),
        post_with_a_file,
        read_a_dropped_file,
        lambda: messenger.joined(LEADERSHIP),
    ]


def test_with_the_manifests_scopes_nothing_is_refused(template: Path) -> None:
    with messenger_with(set(SCOPES), template) as (messenger, world):
        for call in calls_of(messenger, world):
            call()
        assert world.refused() == []


@pytest.mark.parametrize("scope", sorted(SCOPES.keys() - NOT_BY_A_METHOD))
def test_without_a_scope_something_is_refused(template: Path, scope: str) -> None:
    with messenger_with(SCOPES.keys() - {scope}, template) as (messenger, world):
        for call in calls_of(messenger, world):
            with suppress(DeliveryFailed):
                call()
        assert "missing_scope" in {error for _, error in world.refused()}


def test_without_the_scope_for_addresses_nobody_has_one(template: Path) -> None:
    for scopes, has_addresses in ((set(SCOPES), True), (SCOPES.keys() - {"users:read.email"}, False)):
        with messenger_with(scopes, template) as (messenger, _):
            assert any(entry.email for entry in messenger.directory()) is has_addresses
