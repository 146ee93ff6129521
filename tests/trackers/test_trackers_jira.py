"""Jira Cloud as its documentation shows it: an epic by the issues below it, page after page."""

from base64 import b64encode
from copy import deepcopy
from datetime import date
from decimal import Decimal

import pytest
from tracker_server import NOW, TrackerServer, shape, tracked

from bot.domain.errors import TrackerFailed
from bot.domain.project import RagStatus
from bot.domain.tracker import TrackerFigure
from bot.trackers.jira import Jira

ISSUE, SEARCH = "/rest/api/3/issue/PORTAL-7", "/rest/api/3/search/jql"
NOTHING = {"issues": [], "isLast": True}


def read(server: TrackerServer) -> TrackerFigure:
    return Jira(server.url, "pm@example.com", "secret").read(tracked("jira", "PORTAL-7"), NOW)


def done_issue() -> dict[str, object]:
    found = deepcopy(shape("jira-issue"))
    found["fields"]["status"]["statusCategory"]["key"] = "done"
    return found


def test_an_epic_is_done_as_far_as_the_issues_below_it_are(server: TrackerServer) -> None:
    server.put(ISSUE, shape("jira-issue"))
    server.put(SEARCH, shape("jira-children"))
    server.put(SEARCH, shape("jira-last-children"))
    figure = read(server)
    assert (figure.percent, figure.done, figure.total) == (Decimal("66.7"), 2, 3)
    assert (figure.forecast, figure.status) == (date(2025, 11, 14), None)
    assert (figure.name, figure.link) == ("Jira", f"{server.url}browse/PORTAL-7")


def test_every_page_is_asked_for_with_the_token_of_the_one_before(server: TrackerServer) -> None:
    server.put(ISSUE, shape("jira-issue"))
    server.put(SEARCH, shape("jira-children"))
    server.put(SEARCH, shape("jira-last-children"))
    read(server)
    first, second = (asked.query for asked in server.asked if asked.path == SEARCH)
    assert first == {"jql": "parent = PORTAL-7", "fields": "status", "maxResults": "100"}
    assert second == first | {"nextPageToken": "CAEaAggD"}


def test_pages_without_end_are_not_read_for_ever(server: TrackerServer) -> None:
    server.put(ISSUE, shape("jira-issue"))
    server.put(SEARCH, shape("jira-children"))
    with pytest.raises(TrackerFailed, match="PORTAL-7 has more than 5,000 issues below it"):
        read(server)
    assert len(server.asked) == 51


def test_an_issue_without_any_below_is_complete_or_tells_nothing(server: TrackerServer) -> None:
    server.put(ISSUE, done_issue())
    server.put(ISSUE, shape("jira-issue"))
    server.put(SEARCH, NOTHING)
    assert read(server).percent == 100
    with pytest.raises(TrackerFailed, match="PORTAL-7 is under way and has no issues to count"):
        read(server)


def test_a_done_epic_with_open_issues_below_keeps_its_count(server: TrackerServer) -> None:
    server.put(ISSUE, done_issue())
    server.put(SEARCH, shape("jira-children"))
    server.put(SEARCH, shape("jira-last-children"))
    figure = read(server)
    assert (figure.percent, figure.status) == (Decimal("66.7"), RagStatus.COMPLETE)


def test_email_and_token_go_along_as_basic_credentials(server: TrackerServer) -> None:
    server.put(ISSUE, done_issue())
    server.put(SEARCH, NOTHING)
    read(server)
    expected = b64encode(b"pm@example.com:secret").decode()
    assert {asked.headers["authorization"] for asked in server.asked} == {f"Basic {expected}"}


@pytest.mark.parametrize("issue", [{}, {"fields": {}}, {"fields": {"status": {"name": "Done"}}}, {"fields": []}])
def test_an_issue_in_another_shape_is_a_failure_and_not_a_guess(server: TrackerServer, issue: object) -> None:
    server.put(ISSUE, issue)
    server.put(SEARCH, NOTHING)
    with pytest.raises(TrackerFailed, match="Jira answered in a form that is not known here"):
        read(server)
