"""GitHub as its documentation shows it: milestones by their issues, issues by sub-issues or their task list."""

from datetime import date
from decimal import Decimal

import pytest
from tracker_server import NOW, TrackerServer, shape, tracked

from bot.domain.errors import TrackerFailed
from bot.domain.project import RagStatus
from bot.domain.tracker import Counted, TrackerFigure
from bot.trackers.github import GitHub

MILESTONE, ISSUE = "/repos/octo-org/portal/milestones/3", "/repos/octo-org/portal/issues/12"


def read(server: TrackerServer, place: str, token: str | None = None) -> TrackerFigure:
    return GitHub(server.url, token).read(tracked("github", place), NOW)


def issue(server: TrackerServer, **changes: object) -> TrackerFigure:
    server.put(ISSUE, shape("github-issue") | changes)
    return read(server, "octo-org/portal#12")


def test_a_milestone_is_done_as_far_as_its_issues_are_closed(server: TrackerServer) -> None:
    server.put(MILESTONE, shape("github-milestone"))
    figure = read(server, "octo-org/portal/milestone/3")
    assert (figure.percent, figure.done, figure.total, figure.counted) == (Decimal(72), 18, 25, Counted.ISSUES)
    assert (figure.forecast, figure.status) == (date(2025, 10, 31), None)
    assert (figure.name, figure.link) == ("GitHub", "https://github.com/octo-org/portal/milestone/3")
    assert figure.read_at == NOW


def test_a_milestone_that_was_closed_without_any_issue_is_complete(server: TrackerServer) -> None:
    empty = {"open_issues": 0, "closed_issues": 0, "due_on": None, "state": "closed"}
    server.put(MILESTONE, shape("github-milestone") | empty)
    figure = read(server, "octo-org/portal/milestone/3")
    assert (figure.percent, figure.status, figure.total) == (Decimal(100), RagStatus.COMPLETE, None)


def test_an_open_issue_is_done_as_far_as_its_task_list_is_ticked(server: TrackerServer) -> None:
    figure = issue(server)
    assert (figure.percent, figure.done, figure.total, figure.counted) == (Decimal(60), 3, 5, Counted.TASKS)


def test_sub_issues_count_before_the_task_list(server: TrackerServer) -> None:
    figure = issue(server, sub_issues_summary={"total": 3, "completed": 1, "percent_completed": 33})
    assert (figure.percent, figure.counted) == (Decimal("33.3"), Counted.ISSUES)


def test_a_closed_issue_is_complete_whatever_was_left_unticked(server: TrackerServer) -> None:
    figure = issue(server, state="closed", state_reason="completed")
    assert (figure.percent, figure.status, figure.counted) == (Decimal(100), RagStatus.COMPLETE, None)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"sub_issues_summary": {"total": 2, "completed": 3}},
            "octo-org/portal#12 counts 3 done of 2, which cannot be.",
        ),
        ({"body": None}, "octo-org/portal#12 is under way and has no tasks to count, so it tells no percentage."),
        ({"state": "closed", "state_reason": "not_planned"}, "octo-org/portal#12 was closed as not planned"),
    ],
)
def test_no_percentage_is_invented(server: TrackerServer, changes: dict[str, object], reason: str) -> None:
    with pytest.raises(TrackerFailed) as failed:
        issue(server, **changes)
    assert str(failed.value).startswith(reason)
    assert not failed.value.concerns_all


def test_the_token_goes_along_where_there_is_one(server: TrackerServer) -> None:
    server.put(MILESTONE, shape("github-milestone"))
    read(server, "octo-org/portal/milestone/3")
    read(server, "octo-org/portal/milestone/3", token="ghp_secret")
    without, with_token = (asked.headers for asked in server.asked)
    assert "authorization" not in without
    assert with_token["authorization"] == "Bearer ghp_secret"
    assert with_token["x-github-api-version"] == "2022-11-28"
    assert with_token["user-agent"] == "quarterdeck", "GitHub refuses requests without one"


def test_an_api_below_a_path_is_asked_there(server: TrackerServer) -> None:
    server.put(f"/api/v3{MILESTONE}", shape("github-milestone"))
    assert GitHub(f"{server.url}api/v3", None).read(tracked("github", "octo-org/portal/milestone/3"), NOW).done == 18


def test_a_link_that_could_not_be_printed_is_left_out(server: TrackerServer) -> None:
    assert issue(server, html_url="javascript:alert(1)").link is None
