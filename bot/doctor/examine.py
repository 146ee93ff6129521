"""The doctor's round: from this machine over Slack to the portfolio and its trackers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing

from bot.clock import Clock
from bot.doctor.finding import Finding
from bot.doctor.machine import look_at_address, look_at_room, look_at_words
from bot.doctor.portfolio import (
    look_at_channels,
    look_at_deputies,
    look_at_layouts,
    look_at_managers,
    look_at_people,
)
from bot.doctor.slack import look_at_slack
from bot.doctor.trackers import look_at_trackers
from bot.domain.errors import BotError
from bot.flow.company import Company
from bot.settings import Settings
from bot.slack.messenger import SlackMessenger
from bot.store.session import Database
from bot.store.upgrade import HEAD, open_ready
from bot.surfaces import ReportDocuments


def examine(settings: Settings, problems: Sequence[str]) -> Iterator[Finding]:
    """Look at everything, one finding after another; what depends on something amiss is not looked at.

    `problems` are of the settings themselves, a sentence each that begins with the setting's name.
    """
    yield from (Finding("settings", problem) for problem in problems)
    if not _is_amiss("PORT", problems):
        yield from look_at_address(settings)
    try:
        documents = ReportDocuments(settings)
    except BotError as problem:
        yield Finding("prompts and templates", str(problem))
        return
    yield from look_at_words(documents)
    messenger = SlackMessenger(settings.bot_token or "", settings.api_url, documents.words, documents.questions)
    is_connected = False if _is_amiss("SLACK_", problems) else (yield from look_at_slack(settings, messenger))
    try:
        database = open_ready(settings.database_url)
    except BotError as problem:
        yield Finding("database", str(problem))
        return
    yield Finding(f"database, {'SQLite' if database.is_sqlite else 'PostgreSQL'} at schema {HEAD}")
    with closing(database):
        yield from look_at_room(database)
        yield from _stored(settings, documents, database, messenger if is_connected else None)


def _is_amiss(name: str, problems: Sequence[str]) -> bool:
    return any(problem.startswith(name) for problem in problems)


def _stored(
    settings: Settings, documents: ReportDocuments, database: Database, messenger: SlackMessenger | None
) -> Iterator[Finding]:
    """What the database holds, beside Slack where that can be asked."""
    now = Clock(settings.moved_to).now()
    with database.reading() as session:
        try:
            company = Company.load(session, settings.leadership_channel)
        except BotError as problem:
            yield Finding("portfolio", str(problem))
            return
    yield Finding(f"portfolio of {company.portfolio.company}, projects: {len(company.projects)}")
    yield from look_at_managers(company)
    yield from look_at_deputies(company)
    yield from look_at_layouts(company, documents, database, now)
    if messenger:
        yield from look_at_channels(company, messenger)
        yield from look_at_people(company, messenger, database)
    yield from look_at_trackers(company, settings.trackers, now)
