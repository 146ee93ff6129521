"""What the trackers that the portfolio names say: whether they answer, take the token, and have each milestone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import groupby
from pathlib import Path

from bot.doctor.finding import Finding
from bot.domain.tracker_ref import TrackerRef, TrackerSource
from bot.flow.collect.trackers import Round, read_all, tracked_in
from bot.flow.company import Company
from bot.settings import TrackerSettings
from bot.trackers.connect import connect

_CLOSED = {  # how to mend that nothing of a tracker can be read
    TrackerSource.GITHUB: "check GITHUB_API_URL, and that GITHUB_TOKEN may read issues",
    TrackerSource.JIRA: "check JIRA_URL, JIRA_EMAIL and JIRA_TOKEN",
    TrackerSource.FILE: "check the folder in which the bot runs",
}
_MISSING = "correct its tracker in the portfolio, or let the token's account read it"


def look_at_trackers(company: Company, settings: TrackerSettings, now: datetime) -> Iterator[Finding]:
    """Read every milestone that is in a tracker, as the daily round does; nothing of it is kept."""
    asked = [tracked for project in company.projects.values() for tracked in tracked_in(project)]
    found = read_all(asked, connect(settings, company.portfolio.locale, Path.cwd()), now)
    for source, reason in found.closed.items():
        yield Finding(f"tracker {source.label}", f"{_clause(reason)}; {_CLOSED[source]}")
    for source, pause in found.resting.items():
        yield Finding(
            f"tracker {source.label}", f"asks to be left alone for {pause:.0f} s; {_patience(source, settings)}"
        )
    refs = {(tracked.project, tracked.milestone): tracked.ref for tracked in asked}
    for attempt in found.failed:
        if attempt.source not in found.closed:
            ref = refs[attempt.project, attempt.milestone]
            yield Finding(
                f"tracker of {attempt.project}/{attempt.milestone}, {ref}", f"{_clause(attempt.outcome)}; {_MISSING}"
            )
    yield from _read(found, refs)


def _read(found: Round, refs: Mapping[tuple[str, str], TrackerRef]) -> Iterator[Finding]:
    """A line a project: where its milestones were found."""
    places = Counter(
        (attempt.project, f"{attempt.source.label} {refs[attempt.project, attempt.milestone].whole}")
        for attempt in found.attempts
        if not isinstance(attempt.outcome, str)
    )
    for project, of_project in groupby(sorted(places.items()), key=lambda item: item[0][0]):
        told = ", ".join(f"{place} (milestones: {count})" for (_, place), count in of_project)
        yield Finding(f"trackers of {project}: {told}")


def _clause(sentence: object) -> str:
    """A sentence as the first part of another."""
    return str(sentence).rstrip(".")


def _patience(source: TrackerSource, settings: TrackerSettings) -> str:
    if source is TrackerSource.GITHUB and settings.github_token is None:
        return "set GITHUB_TOKEN: without one sixty requests an hour are answered"
    return "look again then"
