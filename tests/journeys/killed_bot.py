"""Runs the bot in a process of its own, to be killed."""

from __future__ import annotations

import os

from bot.app import Bot
from bot.settings import read_settings
from bot.slack import limits


def run(environment: dict[str, str]) -> None:
    """Run until killed. Nobody waits for a slot here: how Slack's limits are kept is tested where they are."""
    os.environ.update(environment)
    limits.PER_MINUTE = dict.fromkeys(limits.PER_MINUTE, 100_000)
    limits.CHANNEL_CALLS = 1000
    Bot(read_settings(needs_slack=True)).run()
