"""The Web API as slack_sdk meets it: tokens, scopes, membership, paging, messages, files."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from kit import APP, NewSandbox, actions, button, fetch, section
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.sandbox.people import SlackPerson
from bot.sandbox.server import Sandbox

SENT = {"event_type": "sent", "event_payload": {"key": "k1"}}


def refusal(call: Callable[..., Any], **args: Any) -> str:
    """The error code with which a call is refused."""
    with pytest.raises(SlackApiError) as caught:
        call(**args)
    return str(caught.value.response["error"])


def client_of(sandbox: Sandbox, token: str = APP.bot_token) -> WebClient:
    return WebClient(token=token, base_url=sandbox.api_url, retry_handlers=[])


def test_tokens_are_told_apart(sandbox: Sandbox, client: WebClient) -> None:
    assert client.auth_test()["user_id"] == "UBOT"
    assert refusal(client_of(sandbox, "xoxb-other").auth_test) == "invalid_auth"
    assert refusal(client_of(sandbox, "").auth_test) == "not_authed"
    assert refusal(client.apps_connections_open, app_token=APP.bot_token) == "not_allowed_token_type"
    assert client.apps_connections_open(app_token=APP.app_token)["url"].startswith("ws://127.0.0.1")
    assert refusal(client.api_call, api_method="chat.shout") == "unknown_method"


def test_a_missing_scope_is_named(new_sandbox: NewSandbox) -> None:
    client = client_of(new_sandbox(app=replace(APP, scopes=["commands", "channels:history"])))
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel="CGENERAL", text="t")
    answer = caught.value.response
    assert (answer["error"], answer["needed"], answer["provided"]) == (
        "missing_scope",
        "chat:write",
        "commands,channels:history",
    )


def test_history_of_direct_messages_needs_its_own_scope(new_sandbox: NewSandbox) -> None:
    client = client_of(new_sandbox(app=replace(APP, scopes=["chat:write", "channels:history"])))
    direct = client.chat_postMessage(channel="UALICE", text="t")["channel"]
    assert refusal(client.conversations_history, channel=direct) == "missing_scope"


def test_a_post_to_a_person_lands_in_their_direct_messages(sandbox: Sandbox, client: WebClient) -> None:
    posted = client.chat_postMessage(channel="UALICE", text="Hello", blocks=[section()])
    assert posted["channel"].startswith("D")
    assert client.conversations_open(users="UALICE")["channel"]["id"] == posted["channel"]
    seen = sandbox.person("UALICE").last_dm()
    assert seen is not None
    assert (seen.ts, seen.text, seen.user) == (posted["ts"], "Hello", "UBOT")
    assert sandbox.person("UBOB").messages() == []


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        ("CNOWHERE", "channel_not_found"),
        ("UNOBODY", "channel_not_found"),
        ("CSECRET", "channel_not_found"),
        ("COPEN", "not_in_channel"),
        ("COLD", "is_archived"),
        ("UGONE", "channel_not_found"),
        ("UFAR", "channel_not_found"),
        ("UBOT", "cannot_dm_bot"),
    ],
)
def test_where_the_app_may_not_post(client: WebClient, sandbox: Sandbox, channel: str, error: str) -> None:
    assert refusal(client.chat_postMessage, channel=channel, text="t") == error
    assert [(call.method, call.error) for call in sandbox.refused] == [("chat.postMessage", error)]


def test_an_outsider_can_be_written_to_where_a_channel_is_shared(client: WebClient) -> None:
    assert client.chat_postMessage(channel="UOUT", text="t")["ok"]


def test_the_public_scope_opens_public_channels_only(new_sandbox: NewSandbox) -> None:
    client = client_of(new_sandbox(app=replace(APP, scopes=["chat:write", "chat:write.public"])))
    assert client.chat_postMessage(channel="COPEN", text="t")["ok"]
    assert refusal(client.chat_postMessage, channel="CSECRET", text="t") == "channel_not_found"


def test_a_channel_can_change_under_the_app(sandbox: Sandbox, client: WebClient) -> None:
    assert client.chat_postMessage(channel="CGENERAL", text="t")["ok"]
    sandbox.change_channel("CGENERAL", members=["UALICE"])
    assert refusal(client.chat_postMessage, channel="CGENERAL", text="t") == "not_in_channel"
    sandbox.change_channel("CGENERAL", members=["UBOT"], is_archived=True)
    assert refusal(client.chat_postMessage, channel="CGENERAL", text="t") == "is_archived"
    with pytest.raises(TypeError):
        sandbox.change_channel("CGENERAL", name="renamed")


def test_invalid_blocks_come_back_with_pointers(client: WebClient) -> None:
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel="CGENERAL", text="t", blocks=[actions(button("b" * 76))])
    answer = caught.value.response
    assert answer["error"] == "invalid_blocks"
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]"
    ]


def test_unknown_arguments_are_refused(client: WebClient) -> None:
    assert refusal(client.chat_postMessage, channel="CGENERAL", text="t", colour="red") == "invalid_arguments"
    update = client.chat_update
    assert refusal(update, channel="CGENERAL", ts="1.1", text="t", unfurl_links=False) == "invalid_arguments"


def test_an_update_replaces_text_and_blocks(sandbox: Sandbox, client: WebClient) -> None:
    posted = client.chat_postMessage(channel="UALICE", text="old", blocks=[section("old")])
    place = {"channel": posted["channel"], "ts": posted["ts"]}
    client.chat_update(**place, text="new", blocks=[section("new")])
    alice = sandbox.person("UALICE")
    (seen,) = alice.messages()
    assert (seen.text, seen.words, seen.edited) == ("new", "new", False)
    client.chat_update(**place, text="only text")
    (seen,) = alice.messages()
    assert (seen.text, seen.blocks, seen.edited) == ("only text", [], True)


def test_only_own_messages_can_be_changed(sandbox: Sandbox, client: WebClient) -> None:
    alice = sandbox.person("UALICE")
    alice.say("mine", "CGENERAL")
    place = {"channel": "CGENERAL", "ts": alice.messages("CGENERAL")[0].ts}
    assert refusal(client.chat_update, **place, text="t") == "cant_update_message"
    assert refusal(client.chat_delete, **place) == "cant_delete_message"
    assert refusal(client.chat_update, channel="CGENERAL", ts="1.000001", text="t") == "message_not_found"
    own = client.chat_postMessage(channel="UALICE", text="t")
    assert refusal(client.chat_update, channel="UALICE", ts=own["ts"], text="t") == "channel_not_found"
    assert refusal(client.chat_update, channel=own["channel"], ts=own["ts"], text="t" * 4001) == "msg_too_long"
    client.chat_delete(channel=own["channel"], ts=own["ts"])
    assert alice.last_dm() is None


def test_an_ephemeral_message_is_seen_by_one_and_found_by_nobody(sandbox: Sandbox, client: WebClient) -> None:
    sent = client.chat_postEphemeral(channel="CGENERAL", user="UALICE", text="psst")
    assert [m.text for m in sandbox.person("UALICE").messages("CGENERAL")] == ["psst"]
    assert sandbox.person("UBOB").messages("CGENERAL") == []
    assert client.conversations_history(channel="CGENERAL")["messages"] == []
    ts = sent["message_ts"]
    assert refusal(client.chat_update, channel="CGENERAL", ts=ts, text="t") == "message_not_found"
    assert refusal(client.chat_postEphemeral, channel="CGENERAL", user="UOUT", text="t") == "user_not_in_channel"


def test_threads(sandbox: Sandbox, client: WebClient) -> None:
    parent = client.chat_postMessage(channel="CGENERAL", text="parent")["ts"]
    reply = client.chat_postMessage(channel="CGENERAL", text="reply", thread_ts=parent)["ts"]
    client.chat_postMessage(channel="CGENERAL", text="nested", thread_ts=reply)
    client.chat_postMessage(channel="CGENERAL", text="aloud", thread_ts=parent, reply_broadcast=True)
    replies = client.conversations_replies(channel="CGENERAL", ts=parent)["messages"]
    assert [(m["text"], m.get("thread_ts")) for m in replies] == [
        (text, parent) for text in ("parent", "reply", "nested", "aloud")
    ]
    top_level = client.conversations_history(channel="CGENERAL")["messages"]
    assert [m["text"] for m in top_level] == ["aloud", "parent"]
    assert top_level[1]["reply_count"] == 3
    missing = {"channel": "CGENERAL", "text": "t", "thread_ts": "1.000001"}
    assert refusal(client.chat_postMessage, **missing) == "thread_not_found"
    link = client.chat_getPermalink(channel="CGENERAL", message_ts=reply)["permalink"]
    assert link.startswith(f"{sandbox.url}/archives/CGENERAL/p{reply.replace('.', '')}?thread_ts={parent}")


def test_metadata_comes_back_when_asked_for(client: WebClient) -> None:
    posted = client.chat_postMessage(channel="UALICE", text="t", metadata=SENT)
    read = client.conversations_history
    assert read(channel=posted["channel"], include_all_metadata=True)["messages"][0]["metadata"] == SENT
    assert "metadata" not in read(channel=posted["channel"])["messages"][0]


def test_message_times_follow_business_time_and_never_repeat(new_sandbox: NewSandbox) -> None:
    business = [datetime(2025, 9, 15, 14, tzinfo=UTC)]
    sandbox = new_sandbox(now=lambda: business[0])
    client = client_of(sandbox)
    times = [client.chat_postMessage(channel="CGENERAL", text="t")["ts"] for _ in range(3)]
    assert times == ["1757944800.000000", "1757944800.000001", "1757944800.000002"]
    business[0] += timedelta(days=1)
    assert client.chat_postMessage(channel="CGENERAL", text="t")["ts"] == "1758031200.000000"
    page = client.conversations_history(channel="CGENERAL", oldest=times[0], latest=times[2])["messages"]
    assert [m["ts"] for m in page] == [times[1]]
    whole = client.conversations_history(channel="CGENERAL", oldest=times[0], latest=times[2], inclusive=True)
    assert [m["ts"] for m in whole["messages"]] == times[::-1]


def test_people_are_listed_by_pages(client: WebClient) -> None:
    pages = [page.data for page in client.users_list(limit=4)]
    assert [len(page["members"]) for page in pages] == [4, 2]
    everybody = {member["id"]: member for page in pages for member in page["members"]}
    assert everybody["UGONE"]["deleted"]
    assert everybody["UBOT"]["is_bot"]
    assert everybody["UALICE"]["tz"] == "Europe/Paris"
    assert "tz" not in everybody["UOUT"]
    assert (everybody["UOUT"]["is_stranger"], everybody["UFAR"]["is_stranger"]) == (False, True)
    assert refusal(client.users_list, limit=5000) == "invalid_limit"


def test_a_person_is_found_by_email_but_not_after_leaving(sandbox: Sandbox, client: WebClient) -> None:
    assert client.users_lookupByEmail(email="ALICE@example.org")["user"]["id"] == "UALICE"
    assert refusal(client.users_lookupByEmail, email="gone@example.org") == "users_not_found"
    assert refusal(client.users_info, user="UNOBODY") == "user_not_found"
    assert refusal(client.users_profile_get, user="UALICE") == "missing_scope"
    sandbox.change_person("UBOB", status_emoji=":palm_tree:", status_expiration=1757944800)
    profile = client.users_info(user="UBOB", include_locale=True)["user"]["profile"]
    assert (profile["status_emoji"], profile["status_expiration"]) == (":palm_tree:", 1757944800)


def test_an_email_is_shown_only_with_its_scope(new_sandbox: NewSandbox) -> None:
    client = client_of(new_sandbox(app=replace(APP, scopes=["users:read"])))
    assert "email" not in client.users_info(user="UALICE")["user"]["profile"]
    assert refusal(client.users_lookupByEmail, email="alice@example.org") == "missing_scope"


def test_do_not_disturb(new_sandbox: NewSandbox) -> None:
    start = datetime(2025, 9, 15, 20, tzinfo=UTC)
    resting = SlackPerson("UREST", "rest", dnd=(start, start + timedelta(hours=10)))
    client = client_of(new_sandbox(people=[resting, SlackPerson("UBUSY", "busy")]))
    assert client.dnd_info(user="UREST")["next_dnd_start_ts"] == int(start.timestamp())
    team = client.dnd_teamInfo(users="UREST,UBUSY,UNOBODY")["users"]
    assert (team["UREST"]["dnd_enabled"], team["UBUSY"]["next_dnd_start_ts"]) == (True, 1)
    assert set(team) == {"UREST", "UBUSY"}


def test_conversations(client: WebClient) -> None:
    listed = client.conversations_list(exclude_archived=True)["channels"]
    assert [channel["name"] for channel in listed] == ["general", "shared", "open"]
    assert client.conversations_info(channel="CSHARED")["channel"]["is_ext_shared"]
    assert not client.conversations_info(channel="COPEN")["channel"]["is_member"]
    assert client.conversations_members(channel="CGENERAL")["members"] == ["UALICE", "UBOB", "UBOT"]
    assert refusal(client.conversations_info, channel="CSECRET") == "channel_not_found"
    assert refusal(client.conversations_list, types="private_channel") == "missing_scope"
    assert refusal(client.conversations_history, channel="COPEN") == "not_in_channel"
    assert refusal(client.conversations_open, users="UGONE") == "user_disabled"
    assert refusal(client.conversations_open, users="UNOBODY") == "user_not_found"


def test_a_reaction_is_given_once(client: WebClient) -> None:
    ts = client.chat_postMessage(channel="CGENERAL", text="t")["ts"]
    args = {"channel": "CGENERAL", "timestamp": ts, "name": "eyes"}
    client.reactions_add(**args)
    assert refusal(client.reactions_add, **args) == "already_reacted"
    assert client.conversations_history(channel="CGENERAL")["messages"][0]["reactions"][0]["count"] == 1


def test_an_uploaded_file_is_shared_and_downloads(sandbox: Sandbox, client: WebClient) -> None:
    parent = client.chat_postMessage(channel="CGENERAL", text="report")["ts"]
    done = client.files_upload_v2(
        channel="CGENERAL",
        thread_ts=parent,
        initial_comment="The files",
        file_uploads=[
            {"content": "one", "filename": "one.txt", "title": "One"},
            {"content": b"\x89PNG", "filename": "two.png", "title": "Two", "alt_txt": "A chart"},
        ],
    )
    assert [file["title"] for file in done["files"]] == ["One", "Two"]
    seen = sandbox.person("UBOB").messages("CGENERAL")[-1]
    assert (seen.text, seen.thread_ts, [f["name"] for f in seen.files]) == (
        "The files",
        parent,
        ["one.txt", "two.png"],
    )
    answer = fetch(sandbox.url + seen.files[1]["url"])
    assert (answer.body, answer.headers["content-type"]) == (b"\x89PNG", "image/png")
    info = client.files_info(file=done["files"][1]["id"])["file"]
    assert (info["alt_txt"], info["shares"]["public"]["CGENERAL"]) == ("A chart", [{"ts": seen.ts}])


def test_an_upload_is_good_once_and_only_when_whole(sandbox: Sandbox, client: WebClient) -> None:
    assert refusal(client.files_getUploadURLExternal, filename="a", length=0) == "missing_argument"
    announced = client.files_getUploadURLExternal(filename="a.txt", length=3)
    file = [{"id": announced["file_id"], "title": "A"}]
    assert refusal(client.files_completeUploadExternal, files=file) == "file_not_found"
    assert fetch(announced["upload_url"], b"four").status == 400
    assert fetch(announced["upload_url"], b"abc").status == 200
    assert fetch(announced["upload_url"], b"abc").status == 400
    assert refusal(client.files_info, file=announced["file_id"]) == "file_not_found"
    completing = {"files": file, "channel_id": "COPEN"}
    assert refusal(client.files_completeUploadExternal, **completing) == "not_in_channel"
    client.files_completeUploadExternal(files=file)
    assert refusal(client.files_completeUploadExternal, files=file) == "file_not_found"


def announced(sandbox: Sandbox, client: WebClient, name: str = "a.txt") -> dict[str, str]:
    """A file whose bytes have arrived, ready to be completed."""
    upload = client.files_getUploadURLExternal(filename=name, length=3)
    fetch(upload["upload_url"], b"abc")
    return {"id": upload["file_id"]}


def test_an_upload_that_cannot_be_shared_is_not_completed(sandbox: Sandbox, client: WebClient) -> None:
    file = announced(sandbox, client)
    for wrong, error in (
        ({"files": []}, "invalid_arguments"),
        ({"files": [file, {"id": "F0NOWHERE"}]}, "file_not_found"),
        ({"files": [file, file]}, "file_not_found"),
        ({"channel_id": "UALICE"}, "invalid_arguments"),
        ({"channel_id": "CGENERAL", "thread_ts": "1.1"}, "thread_not_found"),
        ({"channels": ["CGENERAL", "COPEN"]}, "not_in_channel"),
        ({"channel_id": "CGENERAL", "initial_comment": "a" * 40_001}, "msg_too_long"),
        ({"channel_id": "CGENERAL", "blocks": json.dumps([section()])}, "invalid_blocks"),
    ):
        assert refusal(client.files_completeUploadExternal, **{"files": [file], **wrong}) == error
    client.files_completeUploadExternal(files=[file], channel_id="CGENERAL", initial_comment="At last")
    assert [message.text for message in sandbox.person("UALICE").messages("CGENERAL")] == ["At last"]


def test_the_right_to_post_anywhere_is_none_to_share_files_anywhere(new_sandbox: NewSandbox) -> None:
    sandbox = new_sandbox(app=replace(APP, scopes=["chat:write", "chat:write.public", "files:write"]))
    client = client_of(sandbox)
    assert client.chat_postMessage(channel="COPEN", text="t")["ok"]
    file = announced(sandbox, client)
    assert refusal(client.files_completeUploadExternal, files=[file], channel_id="COPEN") == "not_in_channel"


def test_uploading_needs_its_scope(new_sandbox: NewSandbox) -> None:
    client = client_of(new_sandbox(app=replace(APP, scopes=["chat:write"])))
    assert refusal(client.files_getUploadURLExternal, filename="a", length=1) == "missing_scope"
    assert refusal(client.files_completeUploadExternal, files=[{"id": "F1"}]) == "missing_scope"


@pytest.mark.parametrize(
    ("name", "mimetype"),
    [
        ("chart.png", "image/png"),
        ("report.pdf", "application/pdf"),
        ("report.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("plan.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("unknown.quarter", "application/octet-stream"),
    ],
)
def test_a_file_has_the_media_type_of_its_name(client: WebClient, name: str, mimetype: str) -> None:
    file = client.files_upload_v2(content=b"abc", filename=name)["files"][0]["id"]
    assert client.files_info(file=file)["file"]["mimetype"] == mimetype


def test_an_image_block_takes_only_pictures_by_id_or_url(client: WebClient) -> None:
    def post(**named: str) -> bool:
        image = {"type": "image", "alt_text": "A chart", "slack_file": named}
        return bool(client.chat_postMessage(channel="CGENERAL", text="t", blocks=[image])["ok"])

    ids = {name: client.files_upload_v2(content=b"abc", filename=name)["files"][0]["id"] for name in ("a.png", "a.svg")}
    url = client.files_info(file=ids["a.png"])["file"]["url_private"]
    assert post(id=ids["a.png"])
    assert post(url=url)
    for wrong in ({"id": ids["a.svg"]}, {"url": f"{url}0"}, {"id": ids["a.png"], "url": url}):
        assert refusal(post, **wrong) == "invalid_blocks"


def test_an_image_block_needs_a_finished_image(client: WebClient) -> None:
    image = {"type": "image", "alt_text": "A chart", "slack_file": {"id": "F123456789"}}
    post = {"channel": "CGENERAL", "text": "t"}
    assert refusal(client.chat_postMessage, **post, blocks=[image]) == "invalid_blocks"
    done = client.files_upload_v2(content=b"\x89PNG", filename="chart.png", title="Chart")
    home = {"type": "home", "blocks": [image]}
    assert refusal(client.views_publish, user_id="UALICE", view=home) == "invalid_arguments"
    image["slack_file"]["id"] = done["files"][0]["id"]
    assert client.chat_postMessage(**post, blocks=[image])["ok"]


def test_arguments_may_come_as_a_form(sandbox: Sandbox) -> None:
    def post(**args: str) -> dict[str, Any]:
        form = urlencode({"token": APP.bot_token, "channel": "CGENERAL", **args}).encode()
        answer: dict[str, Any] = json.loads(fetch(f"{sandbox.api_url}chat.postMessage", form).body)
        return answer

    assert post(text="t", blocks="[{]")["error"] == "invalid_blocks_format"
    posted = post(blocks=json.dumps([section("from a form")]))
    assert posted["message"]["blocks"][0]["text"]["text"] == "from a form"


@pytest.mark.parametrize(
    ("method", "args", "error"),
    [
        ("chat.postMessage", {"text": "t"}, "invalid_arguments"),
        ("chat.getPermalink", {"channel": "CGENERAL", "message_ts": "1.1"}, "message_not_found"),
        ("reactions.add", {"channel": "CGENERAL", "timestamp": "1.1", "name": "eyes"}, "message_not_found"),
        ("conversations.open", {}, "users_list_not_supplied"),
        ("conversations.open", {"users": "UALICE,UBOB"}, "method_not_supported_for_channel_type"),
        ("conversations.open", {"users": "UBOT"}, "cannot_dm_bot"),
        ("conversations.open", {"users": "UFAR"}, "user_not_visible"),
        ("conversations.list", {"types": "everything"}, "invalid_types"),
        ("conversations.replies", {"channel": "CGENERAL", "ts": "1.1"}, "thread_not_found"),
        ("users.list", {"cursor": "elsewhere"}, "invalid_cursor"),
        ("dnd.teamInfo", {}, "no_users_provided"),
        ("views.open", {"trigger_id": "1.1.1", "view": "{"}, "invalid_arguments"),
        ("views.open", {"trigger_id": "1.1.1", "view": {"type": "home", "blocks": []}}, "invalid_arguments"),
        ("views.update", {"view_id": "V1", "view": {"type": "home", "blocks": []}}, "not_found"),
        ("views.publish", {"user_id": "UNOBODY", "view": {"type": "home", "blocks": []}}, "user_not_found"),
        ("files.getUploadURLExternal", {"filename": "a", "length": "many"}, "invalid_arguments"),
        ("files.getUploadURLExternal", {"filename": "a", "length": -1}, "invalid_arguments"),
        (
            "files.getUploadURLExternal",
            {"filename": "a", "length": 1, "alt_txt": "a" * 1001},
            "alt_txt_too_large",
        ),
        ("bots.info", {"bot": "B0OTHER"}, "bot_not_found"),
        ("team.info", {}, "missing_scope"),
        ("api.test", {"error": "my_error"}, "my_error"),
    ],
)
def test_slacks_own_words_for_a_wrong_call(client: WebClient, method: str, args: dict[str, Any], error: str) -> None:
    assert refusal(client.api_call, api_method=method, json=args) == error


@pytest.mark.parametrize(("body", "error"), [(b"{", "invalid_json"), (b"[]", "json_not_object")])
def test_a_body_that_is_no_object(sandbox: Sandbox, body: bytes, error: str) -> None:
    answer = fetch(f"{sandbox.api_url}auth.test", body, "application/json; charset=utf-8")
    assert json.loads(answer.body)["error"] == error


def test_the_direct_messages_are_listed_with_their_people(client: WebClient) -> None:
    direct = client.conversations_open(users="UALICE", return_im=True)["channel"]
    assert (direct["user"], direct["is_im"]) == ("UALICE", True)
    assert client.conversations_open(channel=direct["id"])["channel"]["id"] == direct["id"]
    assert [c["id"] for c in client.conversations_list(types="im")["channels"]] == [direct["id"]]
    assert client.conversations_info(channel="CGENERAL", include_num_members=True)["channel"]["num_members"] == 3


def test_a_file_can_be_put_into_a_message_and_taken_out(sandbox: Sandbox, client: WebClient) -> None:
    file = client.files_upload_v2(content="plan", filename="plan.txt")["files"][0]["id"]
    posted = client.chat_postMessage(channel="UALICE", text="t")
    place = {"channel": posted["channel"], "ts": posted["ts"]}
    client.chat_update(**place, text="t", file_ids=[file])
    (message,) = sandbox.person("UALICE").messages()
    assert ([f["name"] for f in message.files], message.text) == (["plan.txt"], "t")
    client.chat_update(**place, text="t", file_ids=[])
    assert sandbox.person("UALICE").messages()[0].files == []
    assert refusal(client.chat_update, **place, text="t", file_ids=["F0NOWHERE"]) == "file_not_found"
