"""Jira: an epic or any other issue by the issues below it, else by its own status (Jira Cloud, REST API version 3)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime

from bot.domain.errors import TrackerFailed
from bot.domain.tracker import Counted, Tracked, TrackerFigure, page_link
from bot.trackers.counting import Count, figure
from bot.trackers.web import PATIENCE, Answer, JsonApi

_A_PAGE = 100  # issues; Jira may send fewer
_MOST_PAGES = 50


class Jira:
    """Reads an issue with one request, and one more for each page of the issues below it.

    Where something moves while its pages are read, the figure is of some moment in between; it is read again the next day.
    """

    def __init__(self, address: str, email: str, token: str, *, patience: float = PATIENCE) -> None:
        self._site = address.rstrip("/")
        secret = b64encode(f"{email}:{token}".encode()).decode()
        headers = {"Accept": "application/json", "Authorization": f"Basic {secret}"}
        credentials = "JIRA_EMAIL with JIRA_TOKEN"
        self._api = JsonApi("Jira", address, headers=headers, credentials=credentials, patience=patience)

    def read(self, tracked: Tracked, at: datetime) -> TrackerFigure:
        """What is told of an issue. Raises TrackerFailed."""
        key = tracked.ref.place
        fields = self._api.get(f"rest/api/3/issue/{key}", key, fields="status,duedate").needed("fields")
        done = [_is_done(child.needed("fields")) for child in self._children(key)]
        return figure(
            tracked,
            at,
            Count(sum(done), len(done), Counted.ISSUES),
            is_complete=_is_done(fields),
            link=page_link(f"{self._site}/browse/{key}"),
            forecast=fields.day("duedate"),
        )

    def _children(self, key: str) -> Iterator[Answer]:
        """The issues below one, page after page."""
        query = {"jql": f"parent = {key}", "fields": "status", "maxResults": str(_A_PAGE)}
        for _ in range(_MOST_PAGES):
            page = self._api.get("rest/api/3/search/jql", f"issues below {key}", **query)
            yield from page.parts("issues")
            following = page.text("nextPageToken")
            if not following:
                return
            query["nextPageToken"] = following
        raise TrackerFailed(f"{key} has more than {_A_PAGE * _MOST_PAGES:,} issues below it, which were not counted.")


def _is_done(fields: Answer) -> bool:
    """By the category of its status: statuses have names of each company's own, categories do not."""
    return fields.needed("status").needed("statusCategory").text("key") == "done"
