"""The bot at a workplace in this process, as `run` starts it; its clocks can be moved."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from bot.app import Bot
from bot.clock import Clock
from bot.settings import Settings
from tests.faults.workplace import Workplace


@contextmanager
def one_bot(place: Workplace, clock: Clock, at: datetime) -> Iterator[Bot]:
    """The bot, which runs from an instant of business time on until the block ends."""
    app = place.sandbox.workspace.app
    settings = Settings(
        bot_token=app.bot_token,
        app_token=app.app_token,
        api_url=place.sandbox.api_url,
        database_url=place.environment["DATABASE_URL"],
    )
    clock.move_to(at)
    bot = Bot(settings, clock)
    bot.start()
    try:
        yield bot
    finally:
        bot.stop()
