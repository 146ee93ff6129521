"""Every kind of outbox row is known to whoever has to know it: how it goes out, and what composes it."""

from __future__ import annotations

from pathlib import Path

from bot.app import Bot
from bot.flow.kinds import IN_CHANNEL, KINDS, OF_PORTFOLIO, OF_PROJECT
from bot.settings import Settings


def test_what_composes_a_kind_is_there_for_every_kind_that_is_told_how_it_goes_out(tmp_path: Path) -> None:
    bot = Bot(Settings(database_url=f"sqlite:///{tmp_path}/kinds.db"))
    try:
        assert set(bot._composers()) == set(KINDS)
    finally:
        bot.database.close()


def test_what_is_never_posted_twice_is_all_that_stands_in_a_channel() -> None:
    assert IN_CHANNEL <= OF_PROJECT | OF_PORTFOLIO
    elsewhere = {"post-edit", "files", "portfolio-post-edit", "portfolio-files"}
    assert elsewhere == (OF_PROJECT | OF_PORTFOLIO) - IN_CHANNEL
