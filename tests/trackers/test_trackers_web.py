"""What can go wrong between us and a tracker: each a sentence, none a traceback, and nothing without an end."""

import socket
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tracker_server import NOW, PATIENCE, TrackerServer, shape, tracked

from bot.domain.errors import TrackerFailed
from bot.trackers.github import GitHub
from bot.trackers.web import Answer

PATH = "/repos/octo-org/portal/milestones/3"
PLACE = "octo-org/portal/milestone/3"


def failure(server: TrackerServer) -> TrackerFailed:
    with pytest.raises(TrackerFailed) as failed:
        GitHub(server.url, "ghp_secret", patience=PATIENCE).read(tracked("github", PLACE), NOW)
    assert "ghp_secret" not in str(failed.value)
    assert failed.value.__cause__ is None, "a traceback would show the request"
    return failed.value


def test_what_is_not_there_concerns_one_milestone_alone(server: TrackerServer) -> None:
    server.put(PATH, shape("github-not-found"), 404)
    failed = failure(server)
    assert str(failed) == f"GitHub has no {PLACE}, or GITHUB_TOKEN may not see it."
    assert not failed.concerns_all


def test_a_refused_token_concerns_them_all(server: TrackerServer) -> None:
    server.put(PATH, {"message": "Bad credentials"}, 401)
    failed = failure(server)
    assert (str(failed), failed.concerns_all) == ("GitHub did not accept GITHUB_TOKEN.", True)


@pytest.mark.parametrize(
    ("status", "headers", "pause"),
    [
        (429, {"Retry_After": "7"}, 7),
        (403, {"Retry_After": "120"}, 120),
        (403, {"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": "1758546600"}, 600),
        (429, {"X_RateLimit_Remaining": "0"}, 60),
        (429, {"Retry_After": "Wed, 21 Oct 2026 07:28:00 GMT"}, 60),
        (429, {"Retry_After": "99999999"}, 3600),
        (403, {"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": "1758540000"}, 1),
    ],
)
def test_a_limit_says_how_long_to_rest(
    server: TrackerServer, status: int, headers: dict[str, str], pause: float
) -> None:
    server.put(PATH, shape("github-rate-limited"), status, Date="Mon, 22 Sep 2025 13:00:00 GMT", **headers)
    failed = failure(server)
    assert (failed.retry_after, failed.concerns_all) == (pause, True)


def test_a_refusal_with_requests_to_spare_is_about_rights(server: TrackerServer) -> None:
    server.put(PATH, {"message": "Resource not accessible"}, 403, X_RateLimit_Remaining="4711")
    assert failure(server).retry_after is None


def test_a_server_in_trouble_is_not_asked_for_the_others(server: TrackerServer) -> None:
    server.put(PATH, b"<html>Bad Gateway</html>", 502)
    failed = failure(server)
    assert (str(failed), failed.concerns_all) == ("GitHub answered 502.", True)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b"[" * 100_000,
        b'{"state": "open"}',
        b'{"open_issues": "7", "closed_issues": 18}',
        b'{"open_issues": true, "closed_issues": 18}',
        b'{"open_issues": -7, "closed_issues": 18, "state": "open"}',
        b'{"open_issues": 7, "closed_issues": 18, "state": 1}',
        b'{"open_issues": 7, "closed_issues": 18, "state": "open", "due_on": "soon"}',
    ],
)
def test_an_answer_in_another_shape_is_a_failure_and_not_a_guess(server: TrackerServer, body: bytes) -> None:
    server.put(PATH, body)
    assert str(failure(server)) == "GitHub answered in a form that is not known here."


def test_an_answer_without_end_is_not_read_to_the_end(server: TrackerServer) -> None:
    server.put(PATH, b" " * 2_000_001)
    assert str(failure(server)) == "GitHub sent more than 2 MB, which was not read."


def test_an_answer_that_breaks_off_is_a_failure(server: TrackerServer) -> None:
    server.put(PATH, b'{"open_issues":', Content_Length="5000")
    assert failure(server) is not None


def test_a_server_that_sends_a_byte_now_and_then_is_not_waited_for(server: TrackerServer) -> None:
    server.put(PATH, b" " * 1000, pause=PATIENCE / 10)
    began = time.monotonic()
    assert str(failure(server)) == "GitHub could not be reached: it did not answer in time."
    assert time.monotonic() - began < PATIENCE * 10


def test_a_server_that_says_nothing_is_not_waited_for(server: TrackerServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        api = GitHub(f"http://127.0.0.1:{silent.getsockname()[1]}", None, patience=PATIENCE)
        with pytest.raises(TrackerFailed, match="it did not answer in time") as failed:
            api.read(tracked("github", PLACE), NOW)
    assert failed.value.concerns_all


def test_a_server_that_is_not_there_concerns_them_all() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(TrackerFailed, match="GitHub could not be reached") as failed:
        GitHub(f"http://127.0.0.1:{port}", None).read(tracked("github", PLACE), NOW)
    assert failed.value.concerns_all


def test_a_renamed_repository_is_followed_within_the_site(server: TrackerServer) -> None:
    server.put(PATH, b"", 301, Location=f"{server.url}repositories/1/milestones/3")
    server.put("/repositories/1/milestones/3", shape("github-milestone"))
    figure = GitHub(server.url, "ghp_secret").read(tracked("github", PLACE), NOW)
    assert figure.done == 18


def test_no_other_site_is_told_the_token(server: TrackerServer, make_server: Callable[[], TrackerServer]) -> None:
    other = make_server()
    server.put(PATH, b"", 302, Location=f"{other.url}repos")
    other.put("/repos", shape("github-milestone"))
    assert str(failure(server)) == "GitHub answered 302."
    assert other.asked == []


def test_a_token_that_cannot_be_sent_is_not_repeated(server: TrackerServer) -> None:
    with pytest.raises(TrackerFailed) as failed:
        GitHub(server.url, "ghp_secret\nX-Other: 1").read(tracked("github", PLACE), NOW)
    assert str(failed.value) == "GITHUB_TOKEN cannot be sent to GitHub."
    assert failed.value.__cause__ is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=10,
)


@given(JSON, st.sampled_from(("text", "count", "day", "part", "needed")))
def test_no_json_at_all_breaks_the_reading(body: object, question: str) -> None:
    try:
        getattr(Answer("GitHub", body), question)("a")
        list(Answer("GitHub", body).parts("a"))
    except TrackerFailed as failed:
        assert "GitHub" in str(failed)
