"""The trackers that the settings let us read, by their kind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from bot.domain.errors import TrackerFailed
from bot.domain.tracker import Tracked, TrackerFigure
from bot.domain.tracker_ref import TrackerSource
from bot.settings import TrackerSettings
from bot.trackers.files import FileTracker
from bot.trackers.github import GitHub
from bot.trackers.jira import Jira


class NotConnected:
    """A tracker that the settings do not let us read; every milestone in it says so."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def read(self, tracked: Tracked, at: datetime) -> TrackerFigure:  # noqa: ARG002 - as every tracker
        """Raises TrackerFailed."""
        raise TrackerFailed(self._reason, concerns_all=True)


def connect(
    settings: TrackerSettings, locale: str, folder: Path
) -> Mapping[TrackerSource, GitHub | Jira | FileTracker | NotConnected]:
    """Trackers for one round of reading. Tables are below the `folder`, their figures as the `locale` writes them."""
    return {
        TrackerSource.GITHUB: GitHub(settings.github_api_url, settings.github_token),
        TrackerSource.JIRA: _jira(settings),
        TrackerSource.FILE: FileTracker(folder, locale),
    }


def _jira(settings: TrackerSettings) -> Jira | NotConnected:
    given = settings.jira_url, settings.jira_email, settings.jira_token
    if all(given):
        url, email, token = map(str, given)
        return Jira(url, email, token)
    return NotConnected("Jira can be read once JIRA_URL, JIRA_EMAIL and JIRA_TOKEN are set.")
