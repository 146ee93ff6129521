"""GitHub: a milestone by its issues, an issue by its sub-issues or else its task list (REST API, version 2022-11-28)."""

from __future__ import annotations

import re
from datetime import datetime

from bot.domain.errors import TrackerFailed
from bot.domain.tracker import Counted, Tracked, TrackerFigure, page_link
from bot.trackers.counting import Count, figure
from bot.trackers.web import PATIENCE, Answer, JsonApi

_MILESTONE = "/milestone/"
_TASK = re.compile(r"^[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+\[([ xX])\][ \t]", re.MULTILINE)


class GitHub:
    """Reads a milestone or an issue with one request, below the address of an API.

    Without a token it shows public repositories only, and answers sixty requests an hour.
    """

    def __init__(self, address: str, token: str | None, *, patience: float = PATIENCE) -> None:
        headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self._api = JsonApi("GitHub", address, headers=headers, credentials="GITHUB_TOKEN", patience=patience)

    def read(self, tracked: Tracked, at: datetime) -> TrackerFigure:
        """What is told at a place. Raises TrackerFailed."""
        place = tracked.ref.place
        if _MILESTONE in place:
            repository, _, number = place.partition(_MILESTONE)
            return self._milestone(tracked, self._api.get(f"repos/{repository}/milestones/{number}", place), at)
        repository, _, number = place.partition("#")
        return self._issue(tracked, self._api.get(f"repos/{repository}/issues/{number}", place), at)

    def _milestone(self, tracked: Tracked, found: Answer, at: datetime) -> TrackerFigure:
        done = found.count("closed_issues")
        return figure(
            tracked,
            at,
            Count(done, done + found.count("open_issues"), Counted.ISSUES),
            is_complete=_is_closed(found),
            link=page_link(found.text("html_url")),
            forecast=found.day("due_on"),
        )

    def _issue(self, tracked: Tracked, found: Answer, at: datetime) -> TrackerFigure:
        if found.text("state_reason") == "not_planned":
            raise TrackerFailed(f"{tracked.ref.place} was closed as not planned, so it tells no percentage.")
        count = Count(0, 0, Counted.TASKS) if _is_closed(found) else _tasks(found)  # what was left unticked is done too
        return figure(tracked, at, count, is_complete=_is_closed(found), link=page_link(found.text("html_url")))


def _tasks(found: Answer) -> Count:
    """An open issue's sub-issues where it has any, else the boxes of its task list."""
    below = found.part("sub_issues_summary")
    if below and below.count("total"):
        return Count(below.count("completed"), below.count("total"), Counted.ISSUES)
    marks = _TASK.findall(found.text("body"))
    return Count(len(marks) - marks.count(" "), len(marks), Counted.TASKS)


def _is_closed(found: Answer) -> bool:
    return found.text("state") == "closed"
