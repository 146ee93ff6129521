"""files.*: the three-step upload and files.info (docs.slack.dev/messaging/working-with-files)."""

import re
from typing import Any

from bot.sandbox import payloads
from bot.sandbox.api.calls import Answer, ApiError, Args, Context, decoded, method, refuse
from bot.sandbox.api.chat import known_file, message_of_app, thread_of, writable
from bot.sandbox.files import SlackFile
from bot.sandbox.rules import Problem, check_message
from bot.sandbox.workspace import Conversation, Message

MOST_ALT_TEXT = 1000
MOST_SNIPPET_BYTES = 1_000_000
MOST_CHANNELS = 100
CONVERSATION_ID = "^[CGDZ][A-Z0-9]+$"


@method(
    "files.getUploadURLExternal",
    scopes=["files:write"],
    required=["filename", "length"],
    optional=["alt_txt", "snippet_type"],
)
def get_upload_url(context: Context, args: Args) -> Answer:
    """Announce a file of `length` bytes; the URL in the answer takes them, once."""
    size = _size(args["length"])
    if size == 0:
        raise ApiError("missing_argument")
    if len(str(args.get("alt_txt") or "")) > MOST_ALT_TEXT:
        raise ApiError("alt_txt_too_large")
    if args.get("snippet_type") and size > MOST_SNIPPET_BYTES:
        raise ApiError("snippet_too_large")
    workspace = context.workspace
    file = workspace.files.add(
        SlackFile(
            id=workspace.new_id("F"),
            name=str(args["filename"]),
            size=size,
            user=workspace.app.bot_user,
            created=workspace.now(),
            alt_txt=str(args.get("alt_txt") or ""),
        )
    )
    return {"upload_url": f"{context.base_url}/upload/{file.upload_key}", "file_id": file.id}


@method(
    "files.completeUploadExternal",
    scopes=["files:write"],
    required=["files"],
    optional=["channel_id", "channels", "thread_ts", "initial_comment", "blocks"],
)
def complete_upload(context: Context, args: Args) -> Answer:
    """Finish uploads and share them, together, in the named channels; without any they stay private.

    Either all of it is done or none. `blocks` may hold rich text only, and give way to `initial_comment`.
    """
    args = decoded(args, "files", "blocks")
    comment = args.get("initial_comment")
    content = {"text": comment} if comment else {"blocks": args.get("blocks")}
    refuse(_problems(content))
    items = _uploads(context, args["files"])
    places = [_place(context, channel, args.get("thread_ts")) for channel in _channels(args)]
    for file, title in items:
        file.completed = True
        file.title = title
    files = [file for file, _ in items]
    for conversation, thread_ts in places:
        _share(context, files, message_of_app(context, conversation, content, thread_ts=thread_ts))
    return {"files": [{"id": file.id, "title": file.title} for file in files]}


@method("files.info", scopes=["files:read"], required=["file"], optional=["limit", "cursor"])
def info(context: Context, args: Args) -> Answer:
    """One finished file, with where it was shared."""
    return {"file": payloads.file(context.workspace, known_file(context, args["file"]), context.base_url)}


def _size(length: Any) -> int:
    try:
        size = int(length)
    except (TypeError, ValueError) as fault:
        raise ApiError("invalid_arguments") from fault
    if size < 0:
        raise ApiError("invalid_arguments")
    return size


def _problems(content: Args) -> list[Problem]:
    """What is wrong with the words that go with the files; they may be left out."""
    if not any(content.values()):
        return []
    problems = check_message(content)
    if not problems and any(block["type"] != "rich_text" for block in content.get("blocks", ())):
        problems = [Problem("invalid_blocks", "/blocks", "must be rich text")]
    return problems


def _uploads(context: Context, items: Any) -> list[tuple[SlackFile, str]]:
    """The files to finish, each with its title; each can be finished once, after its bytes have arrived."""
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
        raise ApiError("invalid_arguments")
    ids = [str(item.get("id")) for item in items]
    files = [context.workspace.files.get(file_id) for file_id in ids]
    uploads = [
        (file, str(item.get("title") or file.name))
        for file, item in zip(files, items, strict=True)
        if file is not None and file.content is not None and not file.completed
    ]
    if len(uploads) < len(items) or len(set(ids)) < len(ids):
        raise ApiError("file_not_found")
    return uploads


def _channels(args: Args) -> list[str]:
    """The conversations named. Unlike chat.postMessage this takes no ids of people (slackapi/bolt-js issue 2115)."""
    name = "channel_id" if args.get("channel_id") else "channels"
    channels = [channel for channel in str(args.get(name) or "").split(",") if channel]
    if len(channels) > MOST_CHANNELS:
        raise ApiError("invalid_arguments")
    if not all(re.fullmatch(CONVERSATION_ID, channel) for channel in channels):
        refuse([Problem("invalid_arguments", f"/{name}", f"input must match regex pattern: {CONVERSATION_ID}")])
    return channels


def _place(context: Context, channel: str, thread_ts: Any) -> tuple[Conversation, str | None]:
    """Where the files go: a conversation that the app is in, and the thread in it."""
    conversation = writable(context, channel)
    if not context.is_member(conversation):
        raise ApiError("not_in_channel")
    return conversation, thread_of(conversation, thread_ts)


def _share(context: Context, files: list[SlackFile], message: Message) -> None:
    message.files = files
    context.workspace.add(message)
    for file in files:
        file.shares[message.channel] = message.ts
