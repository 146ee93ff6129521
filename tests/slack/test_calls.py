"""What Slack's answers mean: what may be sent again in which form, what is left open, and what the log may say of it."""

from __future__ import annotations

import errno
import http.client
import json
import logging
import socket
import ssl
from collections.abc import Iterator

import pytest
from builders import a_report, the_words
from scripted import OK, ScriptedSlack, scripted_slack

from bot.domain.errors import DeliveryFailed, NotPermitted
from bot.flow.messages import Document, Message, Notice, ReportPost
from bot.flow.ports import Place
from bot.slack import messages
from bot.slack.forms.questions import read_questions
from bot.slack.limits import Limiter
from bot.slack.messenger import SlackMessenger
from tests.running import free_port

WORDS = the_words()
QUESTIONS = read_questions(*WORDS.source("questions.yaml"))
POST = ReportPost("post:portal:2025-Q3:1", a_report())
NOTICE = Notice("trial", "post-refused", {"project": "P", "quarter": "Q3 2025", "channel": "#x", "what": "post"})
CONTENT_ERRORS = ("invalid_blocks", "invalid_attachments", "msg_blocks_too_long", "msg_too_long")
SECRET = "words-of-an-owner"


@pytest.fixture
def slack() -> Iterator[ScriptedSlack]:
    with scripted_slack() as slack:
        yield slack


def messenger_of(slack: ScriptedSlack, heard: list[tuple[str, str]] | None = None) -> SlackMessenger:
    told = [] if heard is None else heard
    return SlackMessenger(
        "xoxb-1", slack.url, WORDS, QUESTIONS, on_call=lambda method, result: told.append((method, result))
    )


def refusal(code: str) -> dict[str, object]:
    pointer = f"[ERROR] {SECRET} is too long [json-pointer:/blocks/3/rows/1]"
    return {"ok": False, "error": code, "response_metadata": {"messages": [pointer]}}


def kinds(call: dict[str, object]) -> set[str]:
    blocks = call.get("blocks") or []
    assert isinstance(blocks, list)
    return {block["type"] for block in blocks}


@pytest.mark.parametrize("code", CONTENT_ERRORS)
def test_a_post_whose_table_is_refused_goes_without_it(
    slack: ScriptedSlack, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    slack.answers("chat.postMessage", refusal(code), OK)
    assert messenger_of(slack).post("C1", POST) == Place("C1", "100.1")
    refused, sent = slack.calls("chat.postMessage")
    assert "table" in kinds(refused)
    assert kinds(sent) == kinds(refused) - {"table"}
    assert sent["blocks"][0]["block_id"] == POST.key, "it can be found again"
    assert "/blocks/3/rows/1" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize("message", [POST, NOTICE])
def test_a_message_that_slack_does_not_draw_at_all_goes_as_words(slack: ScriptedSlack, message: Message) -> None:
    slack.answers("chat.postMessage", *[refusal("invalid_blocks")] * (2 if message is POST else 1), OK)
    messenger_of(slack).post("C1", message)
    sent = slack.calls("chat.postMessage")[-1]
    assert kinds(sent) == set()
    assert sent["text"].startswith(messages.render(message, WORDS).text)
    assert "Home" in sent["text"]
    assert sent["metadata"]["event_payload"]["key"] == message.key


def test_an_edit_that_slack_does_not_draw_leaves_no_old_blocks_behind(slack: ScriptedSlack) -> None:
    slack.answers("chat.update", refusal("invalid_blocks"), refusal("invalid_blocks"), OK)
    messenger_of(slack).edit(Place("C1", "100.1"), POST)
    sent = slack.calls("chat.update")[-1]
    assert sent["blocks"] == []
    assert len(sent["text"]) < 4000, "Slack refuses edits with more"


def test_whom_to_trust_is_read_once_and_not_for_every_call(monkeypatch: pytest.MonkeyPatch) -> None:
    messenger = SlackMessenger("xoxb-1", f"https://127.0.0.1:{free_port()}/api/", WORDS, QUESTIONS)
    monkeypatch.setattr(ssl.SSLContext, "load_default_certs", lambda *_: pytest.fail("read again"))
    for send in (lambda: messenger.post("C1", NOTICE), lambda: messenger.open_view("1.2.3", {})):
        with pytest.raises(DeliveryFailed, match="URLError"):
            send()


def test_what_is_refused_in_every_form_is_refused_once_and_for_all(slack: ScriptedSlack) -> None:
    slack.answers("chat.postMessage", refusal("invalid_blocks"))
    with pytest.raises(DeliveryFailed) as caught:
        messenger_of(slack).post("C1", POST)
    assert (caught.value.outcome, len(slack.calls("chat.postMessage"))) == ("final", 3)


def test_a_plainer_form_whose_reply_is_lost_is_not_followed_by_another(slack: ScriptedSlack) -> None:
    slack.answers("chat.postMessage", refusal("invalid_blocks"), "<html>Bad gateway</html>", OK)
    with pytest.raises(DeliveryFailed) as caught:
        messenger_of(slack).post("C1", POST)
    assert (caught.value.outcome, len(slack.calls("chat.postMessage"))) == ("unknown", 2)


@pytest.mark.parametrize(
    "body",
    ["<html>hi</html>", "", "null", "[1]", '"ok"', "{}", '{"ok": true}', '{"ok": true, "ts": null}', '{"ok": false}'],
)
def test_an_answer_that_is_not_slack_s_leaves_open_whether_the_post_is_there(
    slack: ScriptedSlack, body: str, caplog: pytest.LogCaptureFixture
) -> None:
    slack.answers("chat.postMessage", body)
    with pytest.raises(DeliveryFailed) as caught:
        messenger_of(slack).post("C1", POST)
    assert (caught.value.outcome, len(slack.calls("chat.postMessage"))) == ("unknown", 1)
    assert any(record.name.startswith("bot.slack") for record in caplog.records)


def test_the_figures_name_no_error_after_a_page(slack: ScriptedSlack) -> None:
    """Else each page would make a label of its own."""
    heard: list[tuple[str, str]] = []
    slack.answers("chat.postMessage", "<html>hi</html>")
    with pytest.raises(DeliveryFailed):
        messenger_of(slack, heard).post("C1", NOTICE)
    assert heard == [("chat.postMessage", "http 200")]


@pytest.mark.parametrize("told", [{}, {"needed": "files:write"}, {"needed": None}, {"needed": ["x"]}])
def test_a_missing_permission_is_final_named_and_logged_once(
    slack: ScriptedSlack, told: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    slack.answers("files.getUploadURLExternal", {"ok": False, "error": "missing_scope", **told})
    messenger = messenger_of(slack)
    for _ in range(2):
        with pytest.raises(NotPermitted) as caught:
            messenger.upload(Place("C1", "100.1"), [Document("a.md", "A", b"a")])
        assert (caught.value.scope, caught.value.outcome) == ("files:write", "final")
    (said,) = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert "files:write" in said
    assert "shut" not in said


def test_without_the_permission_to_write_at_all_a_message_waits_for_an_operator(slack: ScriptedSlack) -> None:
    slack.answers("chat.postMessage", {"ok": False, "error": "missing_scope"})
    with pytest.raises(DeliveryFailed) as caught:
        messenger_of(slack).post("C1", NOTICE)
    assert (caught.value.outcome, caught.value.retry_after) == ("retry", 300)


def test_a_channel_s_name_goes_out_as_it_is_where_slack_tells_no_channels(slack: ScriptedSlack) -> None:
    slack.answers("conversations.list", {"ok": False, "error": "missing_scope"})
    messenger_of(slack).post("#leadership", NOTICE)
    assert slack.calls("chat.postMessage")[0]["channel"] == "#leadership"


@pytest.mark.parametrize("wait", ["soon", "-1", "nan", "9" * 400, ""])
def test_a_pause_that_slack_does_not_name_in_seconds_is_a_usual_one(slack: ScriptedSlack, wait: str) -> None:
    slack.answers("chat.postMessage", {"ok": False, "error": "ratelimited"})
    slack.headers["Retry-After"] = wait
    with pytest.raises(DeliveryFailed) as caught:
        messenger_of(slack).post("C1", NOTICE)
    assert caught.value.retry_after == 30


def test_lists_that_slack_leaves_out_or_fills_with_something_else_are_read_as_far_as_they_go(
    slack: ScriptedSlack,
) -> None:
    alice = {"id": "U1", "name": "alice", "tz": "US/Pacific-New", "profile": None}
    slack.answers("auth.test", {"ok": True, "team_id": "T1", "url": None})
    slack.answers("users.list", {"ok": True, "members": [None, 3, {}, {"id": None}, alice]})
    slack.answers("conversations.list", {"ok": True, "channels": [None, {"id": "C1"}, {"id": "C2", "name": "two"}]})
    slack.answers("dnd.teamInfo", {"ok": True, "users": {"U1": 5}})
    messenger = messenger_of(slack)
    (entry,) = messenger.directory()
    assert (entry.slack_id, entry.timezone) == ("U1", None)
    messenger.read_channels()
    found = messenger.channel("#two"), messenger.channel("C1")
    assert [channel and channel.id for channel in found] == ["C2", "C1"]
    assert messenger.do_not_disturb(["U1"]) == {"U1": None}
    assert json.dumps(messenger.site)


NEVER_HEARD = (
    socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"),
    OSError(errno.ENETUNREACH, "Network is unreachable"),
    OSError(errno.EHOSTUNREACH, "No route to host"),
    ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"),
    ssl.SSLCertVerificationError("certificate verify failed"),
)


@pytest.mark.parametrize("trouble", NEVER_HEARD, ids=str)
def test_what_never_reached_slack_was_not_done(
    slack: ScriptedSlack, monkeypatch: pytest.MonkeyPatch, trouble: OSError
) -> None:
    """Else somebody would be asked whether a post is there whenever the network is down."""

    def fail(*_: object, **__: object) -> None:
        raise trouble

    monkeypatch.setattr(socket, "create_connection", fail)
    with pytest.raises(DeliveryFailed) as failed:
        messenger_of(slack).post("C1", POST)
    assert failed.value.outcome == "retry"


@pytest.mark.parametrize("trouble", [*NEVER_HEARD[1:3], TimeoutError(), ConnectionResetError()], ids=repr)
def test_what_broke_while_slack_answered_may_have_been_done(
    slack: ScriptedSlack, monkeypatch: pytest.MonkeyPatch, trouble: OSError
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise trouble

    slack.answers("chat.postMessage", OK)
    monkeypatch.setattr(http.client.HTTPConnection, "getresponse", fail)
    with pytest.raises(DeliveryFailed) as failed:
        messenger_of(slack).post("C1", POST)
    assert failed.value.outcome == "unknown"


@pytest.mark.parametrize(
    ("method", "waiting"),
    [
        (
            "chat.update",
            {"card", "notice-edit", "digest-edit", "post-edit", "post-refresh", "decision-edit", "portfolio-post-edit"},
        ),
        ("views.update", {"review", "portfolio-review"}),
        ("views.publish", {"home"}),
        ("files.upload", {"file", "preview-files", "portfolio-file", "portfolio-preview-files"}),
    ],
)
def test_what_waits_for_a_call_s_limit_is_all_that_makes_it_and_nothing_else(method: str, waiting: set[str]) -> None:
    limiter = Limiter()
    limiter.hold(method, 60)
    messenger = SlackMessenger("xoxb-1", "http://127.0.0.1:1/api/", WORDS, QUESTIONS, limiter)
    assert set(messenger.with_room([*waiting, "nudge", "post", "notice"])) == {"nudge", "post", "notice"}
