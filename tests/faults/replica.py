"""Runs the bot in a process of its own, to be killed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta

from bot.app import Bot
from bot.flow import deliver
from bot.settings import read_settings
from bot.slack import limits
from bot.store import outbox

LEASE = timedelta(seconds=8)  # a test must not wait as long for a dead replica's work as people can


def run(environment: Mapping[str, str]) -> None:
    """Run until killed. Nobody waits for a slot here: how Slack's limits are kept is tested where they are."""
    os.environ.update(environment)
    outbox.LEASE = LEASE
    deliver._FIRST_PAUSE = timedelta(milliseconds=50)
    limits.PER_MINUTE = dict.fromkeys(limits.PER_MINUTE, 100_000)
    limits.CHANNEL_CALLS = 1000
    Bot(read_settings(needs_slack=True)).run()
